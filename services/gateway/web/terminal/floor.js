/** The shop's floor: who and where above, the queue on the left, the work on the right. */

import { announce, fill, h, icon } from "../shared/dom.js";
import { clock } from "../shared/format.js";
import { focusOnView } from "../shared/focus.js";
import { onLanguage, t } from "../shared/language.js";
import { Router } from "../shared/router.js";
import { here, readAhead } from "./house.js";
import { flush, onOutbox, unsentCount } from "./outbox.js";
import { Queue } from "./queue.js";
import { queueList } from "./list.js";
import { nextButton } from "./next.js";
import { cabinetsView } from "./views/cabinets.js";
import { deviceView } from "./views/device.js";
import { lookUpView } from "./views/lookup.js";
import { orderView } from "./views/order.js";
import { parcelsView } from "./views/parcels.js";
import { scanView } from "./views/scan.js";

const TICK_MS = 20_000;

/**
 * @param {HTMLElement} host
 * @param {AbortSignal} signal Aborts when whoever works here signs out.
 */
export function openFloor(host, signal) {
  const queue = new Queue();
  const list = queueList(queue);
  const bar = h("header.bar");
  const line = h("div.line-bar", { role: "status" });
  const panel = h("main.work", { id: "work", tabindex: "-1" });
  // The hash names views here: followed as a link it would leave the one that is shown.
  const skip = h("button.skip", { type: "button", onclick: () => focusOnView(panel) });
  fill(host, skip, bar, line, h("div.split", {}, list.element, panel));

  let hash = "";
  const draw = () => {
    fill(skip, t("skip"));
    fill(bar, barContent(hash));
    fill(line, lineWords(queue));
    list.draw(hash);
  };
  const visit = (next) => {
    hash = next;
    host.dataset.at = next === "#/" ? "queue" : "work";
    queue.sweep(next.split("/")[2]);
    draw();
  };
  redrawOn(queue, draw, signal);
  sendWhenLive(queue);
  readAheadOf(queue);
  queue.addEventListener("arrival", ({ detail }) => announce(arrivalWords(detail)));
  new Router({ main: panel, brand: "Comptoir", routes: routesOf(queue), onVisit: visit }).start(signal);
  queue.start(here.terminal.location_id, signal);
}

// Also as time goes by: what is due in five minutes is late in six.
function redrawOn(queue, draw, signal) {
  queue.addEventListener("change", draw);
  onOutbox(draw, signal);
  onLanguage(draw, signal);
  const tick = setInterval(draw, TICK_MS);
  signal.addEventListener("abort", () => clearInterval(tick));
}

function readAheadOf(queue) {
  let reading = null;
  queue.addEventListener("change", () => {
    if (queue.isLive) reading ??= readAhead(queue.orders).finally(() => (reading = null));
  });
}

function sendWhenLive(queue) {
  queue.addEventListener("change", async () => {
    if (!queue.isLive || !unsentCount()) return;
    for (const order of await flush()) queue.take(order);
  });
}

function arrivalWords(orders) {
  return t("queue.new", { count: orders.length, labels: orders.map(({ label }) => label).join(", ") });
}

function routesOf(queue) {
  return [
    ["/orders/:order", (visit) => orderView(visit, queue)],
    ["/scan", scanView],
    ["/products", lookUpView],
    ["/parcels", (visit) => parcelsView(visit, queue)],
    ["/cabinets", (visit) => cabinetsView(visit, queue)],
    ["/device", deviceView],
    ["*", (visit) => ({ title: t("queue"), content: restPanel(queue, visit.signal) })],
  ];
}

function restPanel(queue, signal) {
  const action = h("div");
  const draw = () => fill(action, nextButton(queue));
  queue.addEventListener("change", draw, { signal });
  draw();
  return h(
    "div.rest",
    {},
    icon("list"),
    h("h1", { tabindex: "-1" }, t("rest.title")),
    h("p.muted", {}, t("rest.text")),
    action,
  );
}

function barContent(hash) {
  const place = here.shop?.name.replace(/^Fargue\s+/, "") ?? here.terminal.location_id;
  const isQueue = hash === "#/" || hash.startsWith("#/orders");
  return [
    h(
      "p.bar-place",
      {},
      h("img", { src: "/pictures/logo.svg", alt: "", width: 30, height: 30 }),
      h("span", {}, h("strong", {}, place), h("span.bar-label", {}, here.terminal.label)),
    ),
    h(
      "nav.bar-links",
      { "aria-label": t("tabs") },
      barLink("#/", "list", t("queue"), isQueue),
      barLink("#/scan", "camera", t("scan"), hash.startsWith("#/scan")),
      barLink("#/products", "search", t("lookup"), hash.startsWith("#/products")),
      barLink("#/parcels", "box", t("parcels"), hash.startsWith("#/parcels")),
      barLink("#/cabinets", "locker", t("cabinets"), hash.startsWith("#/cabinets")),
    ),
    barLink("#/device", "person", here.member.display_name, hash.startsWith("#/device"), "a.bar-who"),
  ];
}

function barLink(href, sign, label, isHere, selector = "a.bar-link") {
  return h(selector, { href, "aria-current": isHere ? "page" : null }, icon(sign), h("span", {}, label));
}

function lineWords(queue) {
  const unsent = unsentCount();
  if (queue.isLive && !unsent) return null;
  const since = queue.asOf ? t("line.as_of", { time: clock(queue.asOf) }) : t("line.never");
  return h(
    "p.line-words",
    {},
    icon("cloud", "small"),
    h("span", {}, queue.isLive ? "" : since, unsent > 0 && ` ${t("line.unsent", { count: unsent })}`),
  );
}
