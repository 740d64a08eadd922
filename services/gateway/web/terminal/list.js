/** The queue as a list: due first, coloured by urgency, filtered by what is to be done. */

import { fill, h, icon } from "../shared/dom.js";
import { clock, shortDay } from "../shared/format.js";
import { t } from "../shared/language.js";
import { empty, failure, skeleton } from "../shared/parts.js";
import { here } from "./house.js";
import { ENDED, dueMs, urgency } from "./queue.js";

const FILTERS = {
  todo: (order) => ["confirmed", "picking", "staged", "cancel_pending"].includes(order.state),
  ready: (order) => order.state === "ready",
  all: (order) => !ENDED.includes(order.state),
};
const DAY_MIN = 1440;

/**
 * @param {import("./queue.js").Queue} queue
 * @returns {{element: HTMLElement, draw: (hash: string) => void}}
 */
export function queueList(queue) {
  const chosen = { filter: "todo", label: "" };
  const filters = h("div.filters", { role: "group", "aria-label": t("filter") });
  const find = h("input.input.find", {
    type: "search",
    autocomplete: "off",
    autocapitalize: "characters",
    spellcheck: "false",
    maxlength: 6,
  });
  const rows = h("ul.queue");
  const element = h("section.side", { "aria-label": t("queue") }, h("div.side-head", {}, filters, find), rows);
  let at = "";

  function draw(hash = at) {
    // Found: the letters would only hide what else is to be done.
    if (hash !== at && hash.startsWith("#/orders/")) find.value = chosen.label = "";
    at = hash;
    find.placeholder = t("find");
    find.setAttribute("aria-label", t("find"));
    fill(
      filters,
      Object.keys(FILTERS).map((name) => filterButton(name, queue, chosen, () => draw())),
    );
    fill(rows, rowsOf(queue, chosen, at));
  }
  find.addEventListener("input", () => {
    chosen.label = find.value.trim().toUpperCase();
    draw();
  });
  return { element, draw };
}

function filterButton(name, queue, chosen, redraw) {
  const count = queue.orders.filter(FILTERS[name]).length;
  return h(
    "button.choice",
    {
      type: "button",
      "data-key": name,
      "aria-pressed": String(chosen.filter === name),
      onclick: () => {
        chosen.filter = name;
        redraw();
      },
    },
    h("span", {}, t(`filter.${name}`), " ", h("span.choice-count", {}, count)),
  );
}

function rowsOf(queue, { filter, label }, at) {
  if (queue.problem) return h("li", {}, failure(queue.problem));
  if (!queue.asOf && !queue.orders.length) return h("li", {}, skeleton(5, "row"));
  // Who reads a label to us is there: the order is wanted whatever its state.
  const fits = label ? (order) => order.label.startsWith(label) : FILTERS[filter];
  const found = queue.orders.filter((order) => fits(order) || at === `#/orders/${order.order_id}`);
  if (found.length) return found.map((order) => row(order, at));
  return h(
    "li",
    {},
    label
      ? empty("search", t("find.none", { label }), t("find.none.next"))
      : empty("check", t(`filter.${filter}.none`), t("filter.none.next")),
  );
}

function row(order, at) {
  const pressing = urgency(order);
  const href = `#/orders/${order.order_id}`;
  const due = h(
    "span.ticket-due",
    {},
    h("strong", {}, order.slot ? clock(order.slot.start_time, zone()) : "–"),
    h("span", {}, dueWords(order, pressing)),
  );
  const text = h("span.ticket-text", {}, h("span.ticket-label", {}, order.label), facts(order));
  const state = { href, "aria-current": at === href ? "true" : null };
  return h("li", {}, h(`a.ticket.is-${pressing}`, state, due, text, sideSigns(order)));
}

function facts(order) {
  const where = order.place_label && h("span.place", {}, order.place_label);
  const waits = order.state === "staged" && order.ready_time;
  const badge = h(`span.badge.is-${order.state}`, {}, t(waits ? "work.awaiting" : `work.${order.state}`));
  return h("span.ticket-facts", {}, badge, where || h("span", {}, t("order.articles", { count: order.lines.length })));
}

function sideSigns(order) {
  const locker = isLocker(order);
  return h(
    "span.ticket-side",
    {},
    h("span.unseen", {}, t(locker ? "at.locker" : "at.counter")),
    icon(locker ? "locker" : "shop"),
    order.payment.state === "due" && [icon("coins"), h("span.unseen", {}, t("pay.due"))],
  );
}

/**
 * @param {any} order
 * @returns {boolean} Whether it is collected from a cabinet.
 */
export function isLocker({ kind }) {
  return kind === "locker";
}

/** @returns {string | undefined} The shop's own time zone. */
export function zone() {
  return here.shop?.time_zone;
}

function dueWords(order, pressing) {
  if (!order.slot || pressing === "waiting" || pressing === "over")
    return order.slot ? shortDay(order.slot.start_time, zone()) : "";
  const minutes = Math.round((dueMs(order) - Date.now()) / 60_000);
  if (minutes < 0) return t("due.late", { time: lasting(-minutes) });
  return minutes < DAY_MIN / 2 ? t("due.in", { time: lasting(minutes) }) : shortDay(order.slot.start_time, zone());
}

function lasting(minutes) {
  const hours = Math.floor(minutes / 60);
  return hours ? `${hours}\u00a0h\u00a0${String(minutes % 60).padStart(2, "0")}` : `${minutes}\u00a0min`;
}
