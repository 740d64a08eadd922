/** The work on one order: what its state asks for, and nothing else. */

import { announce, fill, h, icon } from "../../shared/dom.js";
import { clock, day, money } from "../../shared/format.js";
import { t } from "../../shared/language.js";
import { amountParts, ask, busy, button, failure, linkButton, loadInto, skeleton, toast } from "../../shared/parts.js";
import { act, products, read } from "../house.js";
import { isLocker, zone } from "../list.js";
import { nextButton } from "../next.js";
import { fromHere } from "../outbox.js";
import { ENDED, urgency } from "../queue.js";
import { handOver } from "./handover.js";
import { lineRows } from "./lines.js";
import { picking } from "./picking.js";

const CAUSES = ["CUSTOMER_WISH", "NOT_FOUND", "DAMAGED", "MISTAKE"];
const CAUSE_CHARS_MAX = 200;

/**
 * @param {import("../../shared/router.js").Visit} visit
 * @param {import("../queue.js").Queue} queue
 */
export function orderView({ params, query, signal }, queue) {
  const host = h("article.job");
  const page = {
    found: new Map(),
    code: query.get("code") ?? "",
    drawn: "",
    customer: "",
    line: undefined,
    bin: "",
    isOpened: false,
    atCounter: { isPaid: false, code: "" },
  };
  loadInto(
    host,
    signal,
    () => known(params.order, queue, page),
    (order) => job(order, queue, page, signal),
    skeleton(3, "card"),
  );
  queue.addEventListener(
    "change",
    () => {
      const order = queue.find(params.order);
      // Drawn anew only when the order itself has changed: whoever types is not interrupted.
      if (!order || !page.drawn || page.drawn === stamp(order)) return;
      fill(host, job(order, queue, page, signal));
    },
    { signal },
  );
  return { title: t("order"), content: host };
}

async function known(id, queue, page) {
  const order = queue.find(id) ?? (await read(`/v1/terminal/orders/${encodeURIComponent(id)}`));
  page.found = await products(order.lines.map((line) => line.sku));
  return queue.find(id) ?? order;
}

function stamp(order) {
  return `${order.revision} ${order.state}`;
}

function job(order, queue, page, signal) {
  page.drawn = stamp(order);
  document.title = `${order.label} · Comptoir`;
  const context = { order, found: page.found, code: page.code, page, signal, take: (next) => queue.take(next) };
  page.code = "";
  return [head(order, page), work(context, queue), !ENDED.includes(order.state) && tools(context)];
}

function work(context, queue) {
  const { order } = context;
  if (isWaiting(order)) return settled(context, "awaiting", queue);
  if (order.state === "confirmed" || order.state === "picking") return picking(context);
  if (order.state === "staged") return isLocker(order) ? loading(context) : settled(context, "staged", queue);
  if (order.state === "ready") return isLocker(order) ? settled(context, "ready_locker", queue) : handOver(context);
  if (order.state === "cancel_pending") return takingBack(context);
  return settled(context, order.state, queue);
}

// For a parcel, and for nothing that anybody could do here before it has come.
function isWaiting(order) {
  if (!order.ready_time) return false;
  const isOpen = order.state === "confirmed" || order.state === "picking";
  return order.state === "staged" || (isOpen && order.lines.every((line) => fromHere(line) === 0));
}

function head(order, page) {
  const pressing = urgency(order);
  const when = order.slot && `${day(order.slot.start_time, zone())}, ${clock(order.slot.start_time, zone())}`;
  return h(
    `header.job-head.is-${pressing}`,
    {},
    h("a.job-back", { href: "#/", "aria-label": t("queue") }, icon("back")),
    h("h1", { tabindex: "-1" }, order.label),
    h("span.job-state", {}, h(`span.badge.is-${order.state}`, {}, t(isWaiting(order) ? "work.awaiting" : `work.${order.state}`)), customer(order, page)),
    h(
      "span.job-facts",
      {},
      icon(isLocker(order) ? "locker" : "shop", "small"),
      t(isLocker(order) ? "at.locker" : "at.counter"),
      when && ` · ${when}`,
      order.place_label && [" · ", h("span.place", {}, order.place_label)],
    ),
    h("span.job-total", {}, order.total && amountParts(order.total), h("span.muted", {}, payWords(order))),
  );
}

function payWords({ payment }) {
  return t(["due", "voided"].includes(payment.state) ? `pay.${payment.state}` : `pay.${payment.method}.staff`);
}

function tools({ order, take }) {
  return h(
    "footer.job-tools",
    {},
    order.state !== "cancel_pending" &&
      button(t("cancel"), { kind: "quiet", onclick: (event) => cancel(order, event.currentTarget, take) }),
  );
}

// Asked for by hand, and remembered while the order is looked at: each look is logged.
function customer(order, page) {
  const who = h("span.who");
  const show = () => fill(who, h("strong", {}, page.customer), h("span.muted.small", {}, t("customer.logged")));
  if (page.customer) show();
  else if (order.customer_id)
    fill(
      who,
      button(t("customer.who"), {
        kind: "quiet",
        sign: "person",
        onclick: (event) =>
          busy(event.currentTarget, async () => {
            const profile = await read(`/v1/terminal/customers/${encodeURIComponent(order.customer_id)}`);
            page.customer = `${profile.given_name} ${profile.family_name}`.trim();
            show();
            announce(page.customer);
          }),
      }),
    );
  return who;
}

async function cancel(order, pressed, take) {
  const cause = await ask({
    title: t("cancel.title", { label: order.label }),
    body: [],
    actions: (close) => {
      const other = h("input.input", {
        type: "text",
        maxlength: CAUSE_CHARS_MAX,
        "aria-label": t("cause.other"),
        placeholder: t("cause.other"),
      });
      return h(
        "div.causes",
        {},
        CAUSES.map((name) => button(t(`cause.staff.${name}`), { onclick: () => close(name) })),
        h(
          "div.cause-other",
          {},
          other,
          button(t("cancel.do"), {
            kind: "danger",
            onclick: () => (other.value.trim() ? close(other.value.trim()) : other.focus()),
          }),
        ),
        button(t("cancel.keep"), { kind: "quiet", onclick: () => close(null) }),
      );
    },
  });
  if (cause) await busy(pressed, async () => take(await act(order.order_id, "cancel", { cause })));
}

function loading({ order, found, take, page }) {
  const waits = h("div", {}, page.isOpened && openDoor());
  const opened = async () => {
    const after = await act(order.order_id, "load");
    page.isOpened = true;
    fill(waits, openDoor());
    take(after);
  };
  const failed = (error) => fill(waits, failure(error));
  const open = button(t("load.do"), {
    kind: "primary",
    sign: "door",
    onclick: (event) => busy(event.currentTarget, opened, failed),
  });
  const words = [h("h2", { "data-lands": true }, t("load.title")), h("p.lead", {}, t("load.text", { bin: order.place_label }))];
  return [h("section.job-body", {}, words, waits, lineRows(order, found)), h("div.job-actions", {}, open)];
}

function openDoor() {
  const words = h("div", {}, h("strong", {}, t("load.wait")), h("p", {}, t("load.wait.text")));
  return h("div.waits", { role: "status" }, h("span.pulse", {}, icon("door")), words);
}

function takingBack({ order, found, take }) {
  const open = button(t("take_back.do"), {
    kind: "primary",
    sign: "door",
    onclick: (event) =>
      busy(event.currentTarget, async () => {
        take(await act(order.order_id, "take-back"));
        toast(t("take_back.opened"));
      }),
  });
  return [
    h(
      "section.job-body",
      {},
      h("h2", { "data-lands": true }, t("take_back.title")),
      h("p.lead", {}, t("take_back.text", { place: order.place_label })),
      lineRows(order, found),
    ),
    h("div.job-actions", {}, open),
  ];
}

function settled({ order, found }, name, queue) {
  const signs = { collected: "check", ready_locker: "locker", staged: "clock", awaiting: "clock" };
  const values = {
    place: order.place_label,
    total: order.total ? money(order.total) : "",
    ready: order.ready_time && `${day(order.ready_time, zone())}, ${clock(order.ready_time, zone())}`,
  };
  const next = nextButton(queue, order.order_id);
  return [
    h(
      "section.job-body",
      {},
      h(
        `div.settled.is-${name}`,
        {},
        icon(signs[name] ?? "cross"),
        h(
          "div",
          {},
          h("h2", { "data-lands": true }, t(`settled.${name}`, values)),
          h("p", {}, t(`settled.${name}.text`, values)),
        ),
      ),
      lineRows(order, found),
    ),
    (next || name === "awaiting") &&
      h("div.job-actions", {}, name === "awaiting" && linkButton("#/parcels", t("parcels"), { sign: "box" }), next),
  ];
}
