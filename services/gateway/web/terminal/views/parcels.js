/** What this shop sends to others for their orders, and what it waits for from them. */

import { fill, h, icon, picture } from "../../shared/dom.js";
import { clock, day, quantity } from "../../shared/format.js";
import { form, stepper } from "../../shared/fields.js";
import { t } from "../../shared/language.js";
import { busy, button, empty, loadInto, toast } from "../../shared/parts.js";
import { titleOf, unitOf } from "../../shared/products.js";
import { handle, here, products, read, shopName } from "../house.js";
import { zone } from "../list.js";

const BIN_CHARS_MAX = 32;
const PER_PAGE = 200;
const PAGES_MAX = 10;

/**
 * @param {import("../../shared/router.js").Visit} visit
 * @param {import("../queue.js").Queue} queue
 */
export function parcelsView({ signal }, queue) {
  const title = t("parcels");
  const host = h("div.cabinets.parcels");
  const load = () => listed(signal);
  const show = (known) => panels(known, queue, again);
  const again = () => load().then((now) => fill(host, show(now)), () => {});
  loadInto(host, signal, load, show);
  // What is typed is not taken away; an order that changes may have a parcel that does.
  const follow = () => host.contains(document.activeElement) || again();
  queue.addEventListener("change", follow, { signal });
  return { title, content: [h("h1", { tabindex: "-1" }, title), host] };
}

async function listed(signal) {
  const [outgoing, incoming] = await Promise.all([all("outgoing", signal), all("incoming", signal)]);
  const parcels = [...outgoing, ...incoming];
  const ids = [...new Set(parcels.flatMap((one) => [one.source_location_id, one.target_location_id]))];
  const names = new Map(await Promise.all(ids.map(async (id) => [id, await shopName(id)])));
  const found = await products(parcels.flatMap((one) => one.lines.map((line) => line.sku)));
  return { outgoing, incoming, names, found };
}

// By id: one that has come may be on any page behind those that are still awaited.
async function all(way, signal) {
  const parcels = [];
  let page_token = "";
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const query = { location_id: here.terminal.location_id, page_size: PER_PAGE, page_token };
    const answer = await read(`/v1/terminal/parcels/${way}`, { query, signal });
    parcels.push(...answer.parcels);
    page_token = answer.next_page_token;
    if (!page_token) break;
  }
  return parcels;
}

function panels({ outgoing, incoming, names, found }, queue, again) {
  if (!outgoing.length && !incoming.length) return empty("box", t("parcels.none"), t("parcels.none.next"));
  const context = { names, found, queue, again };
  const pack = outgoing.filter((one) => one.state === "held");
  const send = outgoing.filter((one) => one.state === "packed");
  const receive = incoming.filter((one) => one.state === "sent");
  const later = incoming.filter((one) => one.state !== "sent");
  return [
    group("parcels.pack", pack, (one) => countForm(one, "pack", context)),
    group("parcels.send", send, (one) => sendPanel(one, context)),
    group("parcels.receive", receive, (one) => countForm(one, "receive", context)),
    group("parcels.later", later, (one) => panel(one, context, [plainLines(one, context)])),
  ];
}

function group(name, parcels, draw) {
  return parcels.length > 0 && h("section.parcel-group", {}, h("h2", {}, t(name)), parcels.map(draw));
}

function panel(parcel, { names }, parts) {
  const isOurs = parcel.source_location_id === here.terminal.location_id;
  const other = names.get(isOurs ? parcel.target_location_id : parcel.source_location_id);
  const time = isOurs ? parcel.leave_time : parcel.ready_time;
  const values = { shop: other, time: `${day(time, zone())}, ${clock(time, zone())}` };
  return h(
    "div.panel.parcel",
    { "data-key": parcel.parcel_id },
    h("h3", {}, icon("box"), h("span.ticket-label", {}, parcel.label), parcel.bin_label && isOurs && h("span.place", {}, parcel.bin_label)),
    h("p", {}, t(isOurs ? "parcel.to" : "parcel.from", values)),
    !isOurs && parcel.called_off && h("p.missing", {}, t("parcel.called_off")),
    !isOurs && parcel.order_id && h("a", { href: `#/orders/${parcel.order_id}` }, t("order")),
    parts,
  );
}

function plainLines(parcel, { found }) {
  return h("ul.plain-lines", {}, parcel.lines.map((line) => lineOf(line, found, quantityOf(line, found))));
}

function quantityOf(line, found) {
  return h("strong.plain-count", {}, quantity(mostOf(line), unitOf(found.get(line.sku))));
}

function mostOf(line) {
  return line.packed_quantity ?? line.quantity;
}

function lineOf(line, found, count) {
  const product = found.get(line.sku);
  return h(
    "li.plain-line",
    {},
    picture(product?.picture_urls[0]),
    h("span.plain-title", {}, titleOf(product, line.sku), h("span.muted.small", {}, line.sku)),
    count,
  );
}

// Packing and receiving alike: how many there are of each, and the bin that they go into.
function countForm(parcel, name, context) {
  const { found, queue, again } = context;
  const counts = new Map(parcel.lines.map((line) => [line.sku, mostOf(line)]));
  const lines = parcel.lines.map((line) => lineOf(line, found, counter(line, found, counts)));
  const toShelf = name === "receive" && parcel.called_off;
  const box = !toShelf && binBox(name === "receive" ? queue.find(parcel.order_id)?.place_label : "");
  const done = button(t(`parcel.${name}.do`), { kind: "primary", sign: "check", type: "submit" });
  const sent = () =>
    busy(done, async () => {
      const body = { lines: [...counts].map(([sku, quantity]) => ({ sku, quantity })), bin_label: box ? box.value.trim() : "" };
      await handle(parcel.parcel_id, name, body);
      toast(t(`parcel.${name}.done`, { label: parcel.label }));
      await again();
    });
  return panel(parcel, context, [form("form.form", sent, h("ul.plain-lines", {}, lines), box, done)]);
}

function counter(line, found, counts) {
  const product = found.get(line.sku);
  return stepper({
    value: mostOf(line),
    unit: unitOf(product),
    min: 0,
    max: mostOf(line),
    label: `${t("quantity")}: ${product?.title ?? line.sku}`,
    onchange: (count) => counts.set(line.sku, count),
  });
}

function binBox(label = "") {
  const typing = { type: "text", autocomplete: "off", autocapitalize: "characters", maxlength: BIN_CHARS_MAX };
  return h("input.input.bin-input", { name: "bin", "aria-label": t("bin"), placeholder: t("bin"), value: label, ...typing });
}

function sendPanel(parcel, context) {
  const send = button(t("parcel.send.do"), {
    kind: "primary",
    sign: "forward",
    onclick: (event) =>
      busy(event.currentTarget, async () => {
        await handle(parcel.parcel_id, "send");
        toast(t("parcel.send.done", { label: parcel.label }));
        await context.again();
      }),
  });
  return panel(parcel, context, [plainLines(parcel, context), send]);
}
