/** One order, followed live: how far it is, the code that opens, what is in it. */

import { announce, fill, h, icon } from "../../shared/dom.js";
import { clock, date, day, quantity, slotWords, span } from "../../shared/format.js";
import { t } from "../../shared/language.js";
import { amountParts, ask, busy, button, failure, skeleton } from "../../shared/parts.js";
import { titleOf, unitOf } from "../../shared/products.js";
import { go } from "../../shared/router.js";
import { follow } from "../../shared/stream.js";
import { codePanel } from "../code.js";
import { location, products, session, write } from "../house.js";
import { ENDED, stateWords, steps } from "../progress.js";

/** @type {import("../../shared/router.js").View} */
export function orderView({ params, signal }) {
  const title = t("order");
  const host = h("div.order", {}, skeleton(1, "page"));
  const line = h("p.line-state", { hidden: true, role: "status" }, icon("cloud", "small"), t("order.line_down"));
  if (session.isOpen) followOrder({ id: params.order, host, line, signal });
  else go(`#/sign-in?next=${encodeURIComponent(`#/orders/${params.order}`)}`, { replace: true });
  return { title, content: [h("a.back", { href: "#/orders" }, icon("back", "small"), t("orders.title")), line, host] };
}

async function followOrder({ id, host, line, signal }) {
  const page = { order: null, place: null, senders: new Map(), found: new Map(), code: null };
  const show = async (order) => {
    const before = page.order;
    page.order = order;
    if (before?.state !== order.state && before) announce(t("order.now", { label: order.label, state: stateWords(order) }));
    await complete(page, order, signal);
    if (!signal.aborted && page.order === order) render(host, page, signal, show);
  };
  try {
    await follow(`/v1/orders/${encodeURIComponent(id)}/events`, {
      token: () => session.token(),
      signal,
      onEvent: ({ data }) => show(data),
      onLine: (isLive) => (line.hidden = isLive || !page.order),
      isOver: () => ENDED.includes(page.order?.state),
    });
  } catch (error) {
    if (error.status === 401)
      return go(`#/sign-in?next=${encodeURIComponent(window.location.hash)}`, { replace: true });
    fill(
      host,
      h("h1", {}, t("order")),
      failure(error, () => followOrder({ id, host, line, signal })),
    );
  }
}

// An order names its shop and articles by their ids; without their names it is still shown.
async function complete(page, order, signal) {
  page.place ??= await location(order.location_id).catch(() => null);
  for (const { brought_from_location_id: id, state } of order.lines) {
    if (state !== "on_its_way" || page.senders.has(id)) continue;
    const sender = await location(id).catch(() => null);
    if (sender) page.senders.set(id, sender.name);
  }
  const skus = order.lines.map((one) => one.sku);
  if (!page.found.size) page.found = await products(skus, signal).catch(() => new Map());
}

function render(host, page, signal, show) {
  const { order, place, found } = page;
  // Kept over redraws: a code that flickers cannot be read out.
  if (order.state === "ready") page.code ??= codePanel(order, signal);
  fill(
    host,
    h("p.order-label", {}, t("order.label"), " ", h("strong", {}, order.label)),
    h("h1", {}, stateWords(order)),
    h("p.lead", {}, order.ready_time ? comingText(order, page) : stateText(order, place)),
    order.state === "ready" && page.code,
    !ENDED.includes(order.state) && progress(order, place),
    place && collectPanel(order, place),
    linesPanel(order, found),
    footer(order, show),
  );
  document.title = `${stateWords(order)} · Fargue`;
}

function stateText(order, place) {
  const zone = place?.time_zone;
  const slot = order.slot && {
    day: day(order.slot.start_time, zone),
    time: span(order.slot.start_time, order.slot.end_time, zone),
  };
  const until = order.collect_by_time && {
    until: `${day(order.collect_by_time, zone)}, ${clock(order.collect_by_time, zone)}`,
  };
  if (order.state === "refused" || order.state === "cancelled") return causeText(order);
  const key = order.state === "ready" && isLocker(order) ? "state.ready.locker" : `state.${order.state}.text`;
  return t(key, { ...slot, ...until, place: order.place_label });
}

function comingText({ ready_time: time }, { place, senders }) {
  const ready = `${day(time, place?.time_zone)}, ${clock(time, place?.time_zone)}`;
  const shop = [...senders.values()].join(", ");
  return t(shop ? "order.coming" : "order.coming.unnamed", { shop, ready });
}

function isLocker({ kind }) {
  return kind === "locker";
}

function causeText(order) {
  const words = t(`cause.${order.cause}`);
  const why = words.startsWith("cause.") ? order.cause : words;
  const money = t(`payment.${order.payment.state}`);
  return [why, why && " ", money.startsWith("payment.") ? "" : money];
}

function progress(order, place) {
  return h(
    "ol.steps",
    { "aria-label": t("order.progress") },
    steps(order).map((step) =>
      h(
        `li.step.is-${step.status}`,
        { "aria-current": step.status === "now" ? "step" : null },
        h("span.step-dot", {}, step.status === "done" && icon("check")),
        h("span.step-words", {}, step.words),
        h("span.step-time", {}, step.time && step.status !== "later" ? clock(step.time, place?.time_zone) : ""),
      ),
    ),
  );
}

function collectPanel(order, place) {
  const { street, postcode, city } = place.address;
  return h(
    "section.panel",
    { "aria-labelledby": "where-title" },
    h("h2", { id: "where-title" }, t("review.where")),
    h(
      "div.collect",
      {},
      icon(isLocker(order) ? "locker" : "shop"),
      h(
        "p",
        {},
        h("strong", {}, place.name),
        h("br"),
        t(isLocker(order) ? "order.locker" : "point.counter"),
        h("br"),
        h("span.muted", {}, `${street}, ${postcode} ${city}`),
        order.slot && [h("br"), slotWords(order.slot, place.time_zone)],
      ),
    ),
  );
}

function linesPanel(order, found) {
  const rows = order.lines.map((line) => {
    const product = found.get(line.sku);
    const unit = unitOf(product);
    return h(
      "li",
      {},
      h(
        "span",
        {},
        h("span.muted", {}, `${quantity(line.quantity, unit)} × `),
        titleOf(product, line.sku),
        order.state === "picking" ? soFar(line, unit) : atLast(order, line, unit),
        onItsWay(line, unit),
      ),
      line.total && amountParts(line.total),
    );
  });
  const money = t(`payment.${order.payment.state}`);
  return h(
    "section.panel",
    { "aria-labelledby": "what-title" },
    h("h2", { id: "what-title" }, t("review.lines")),
    h("ul.sum-lines", {}, rows),
    order.total && h("p.sum", {}, h("span", {}, t("total.vat")), amountParts(order.total)),
    !money.startsWith("payment.") && h("p.muted.small", {}, money),
  );
}

// While somebody looks, nothing is final: what is not there yet may still be found.
function soFar(line, unit) {
  const found = line.found_quantity;
  const wanted = fromHere(line);
  if (!wanted) return null;
  if (found === null) return fewer(line, unit) ?? h("span.line-note", {}, t("line.waiting"));
  if (found >= wanted) return h("span.line-note.is-found", {}, icon("check", "small"), t("line.so_far.all"));
  const words = found ? t("line.so_far.part", { quantity: quantity(found, unit) }) : t("line.so_far.none");
  return h("span.line-warning", {}, words);
}

function atLast(order, line, unit) {
  const { found_quantity: found, brought_quantity: brought } = line;
  if (found === null && !ENDED.includes(order.state)) return fewer(line, unit);
  if (found === null || found >= fromHere(line)) return null;
  const stands = found + brought;
  const words = stands ? t("line.part", { quantity: quantity(stands, unit) }) : t("line.gone");
  return h("span.line-warning", {}, words);
}

// What the shop itself is to have of it: another one sends the rest.
function fromHere({ quantity: wanted, brought_quantity: brought }) {
  return wanted - brought;
}

function onItsWay({ state, brought_quantity: brought }, unit) {
  if (state !== "on_its_way") return null;
  return h("span.line-note", {}, t("line.on_its_way", { quantity: quantity(brought, unit) }));
}

// What the shop has sold to somebody else: nobody goes looking for it.
function fewer({ quantity: wanted, broken_quantity: broken }, unit) {
  if (!broken) return null;
  return h("span.line-warning", {}, t("line.left", { quantity: quantity(wanted - broken, unit) }));
}

function footer(order, show) {
  const placed = h(
    "p.muted.small",
    {},
    t("order.placed", { date: date(order.create_time), time: clock(order.create_time) }),
  );
  if (ENDED.includes(order.state) || order.state === "cancel_pending") return placed;
  return h(
    "div.order-foot",
    {},
    button(t("order.cancel"), { kind: "danger", onclick: (event) => cancel(order, event.currentTarget, show) }),
    placed,
  );
}

async function cancel(order, pressed, show) {
  const sure = await ask({
    title: t("order.cancel.title"),
    body: h("p", {}, t("order.cancel.text")),
    actions: (close) => [
      button(t("order.cancel.no"), { onclick: () => close(false) }),
      button(t("order.cancel.yes"), { kind: "danger", onclick: () => close(true) }),
    ],
  });
  if (!sure) return;
  await busy(pressed, async () => show(await write("POST", `/v1/orders/${order.order_id}/cancel`, {})));
}
