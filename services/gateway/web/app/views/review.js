/** The last look before ordering: what, where, when, how it is paid, what it comes to. */

import { fill, h, icon } from "../../shared/dom.js";
import { money, quantity, slotWords } from "../../shared/format.js";
import { t } from "../../shared/language.js";
import { amountParts, busy, button, loadInto, skeleton } from "../../shared/parts.js";
import { explain } from "../../shared/problems.js";
import { titleOf, unitOf } from "../../shared/products.js";
import { go } from "../../shared/router.js";
import { lines, reload } from "../basket.js";
import { choiceGroup, choiceRow, fillChoice } from "../choice.js";
import { choice, choose, place } from "../checkout.js";
import { location, products, quote, session } from "../house.js";

// After these the way leads back to where something else can be chosen.
const BACK_TO = {
  INSUFFICIENT_STOCK: ["#/pickup", "pickup.title"],
  SLOT_FULL: ["#/pickup", "pickup.pick_slot"],
  SLOT_PAST: ["#/pickup", "pickup.pick_slot"],
  INVALID_SLOT: ["#/pickup", "pickup.pick_slot"],
  NO_COMPARTMENT: ["#/pickup", "pickup.title"],
  UNKNOWN_POINT: ["#/pickup", "pickup.title"],
  UNKNOWN_SKU: ["#/basket", "basket.title"],
  BUYER_LIMIT_REACHED: ["#/basket", "basket.title"],
  INVALID_LINES: ["#/basket", "basket.title"],
};

/** @type {import("../../shared/router.js").View} */
export function reviewView({ signal }) {
  const title = t("review.title");
  const chosen = choice();
  const host = h("div.review");
  if (!chosen) go("#/pickup", { replace: true });
  else if (!session.isOpen) go(`#/sign-in?next=${encodeURIComponent("#/review")}`, { replace: true });
  else loadReview(host, chosen, signal);
  return {
    title,
    content: [h("a.back", { href: "#/pickup" }, icon("back", "small"), t("pickup.title")), h("h1", {}, title), host],
  };
}

function loadReview(host, chosen, signal, notice = null) {
  loadInto(
    host,
    signal,
    () => known(chosen, signal),
    (offer) => {
      if (!offer) return go("#/basket", { replace: true });
      if (offer.refused) return refusal(offer.refused);
      return [notice, page({ chosen, ...offer, again: (words) => loadReview(host, chosen, signal, words) })];
    },
    skeleton(3, "card"),
  );
}

async function known(chosen, signal) {
  await reload();
  const wanted = lines();
  if (!wanted.length) return null;
  const skus = wanted.map((line) => line.sku);
  try {
    const [place_, found, offer] = await Promise.all([
      location(chosen.point.location_id),
      products(skus, signal),
      quote({ lines: wanted, point_id: chosen.point.point_id }, signal),
    ]);
    return { place_, found, wanted, quoted: offer };
  } catch (error) {
    if (error.reason in BACK_TO) return { refused: error };
    throw error;
  }
}

function page({ chosen, place_, found, wanted, quoted, again }) {
  const { total } = quoted;
  const isLocker = chosen.point.kind === "locker";
  const payment = { value: isLocker ? "card" : "at_counter" };
  const problem = h("div.problem-place");
  const failed = (error) => refused(error, problem, again);
  const send = button(t("review.place", { total: money(total) }), {
    kind: "primary",
    onclick: (event) => busy(event.currentTarget, () => confirm(orderOf(chosen, wanted, total), payment.value), failed),
  });
  return [
    panel("collect", t("review.where"), collectWords(chosen, place_)),
    panel(
      "lines",
      t("review.lines"),
      h(
        "ul.sum-lines",
        {},
        quoted.lines.map((line) => sumLine(line, found.get(line.sku))),
      ),
      h("p.sum", {}, h("span", {}, t("total.vat")), amountParts(total)),
    ),
    paymentChoice(payment, isLocker),
    problem,
    h("div.sum-bar", {}, send, h("p.muted.small", {}, t("review.note"))),
  ];
}

function panel(name, title, ...content) {
  return h("section.panel", { "aria-labelledby": `${name}-title` }, h("h2", { id: `${name}-title` }, title), content);
}

function orderOf({ point, slot }, wanted, total) {
  return { lines: wanted, point_id: point.point_id, slot_id: slot.slot_id, expected_total: total, from_basket: true };
}

function collectWords({ point, slot }, place_) {
  const { street, postcode, city } = place_.address;
  return h(
    "div.collect",
    {},
    icon(point.kind === "locker" ? "locker" : "shop"),
    h(
      "p",
      {},
      h("strong", {}, place_.name),
      h("br"),
      t(`point.${point.kind}`),
      h("br"),
      h("span.muted", {}, `${street}, ${postcode} ${city}`),
      h("br"),
      h("strong", {}, slotWords(slot, place_.time_zone)),
    ),
  );
}

function sumLine({ sku, quantity: wanted, total }, product) {
  return h(
    "li",
    {},
    h("span", {}, h("span.muted", {}, `${quantity(wanted, unitOf(product))} × `), titleOf(product, sku)),
    amountParts(total),
  );
}

function paymentChoice(payment, isLocker) {
  const list = choiceGroup({ "aria-labelledby": "pay-title" });
  const render = () => fillChoice(list, [way("card", "card", true), way("at_counter", "coins", !isLocker)]);
  const way = (name, sign, possible) => {
    const take = () => {
      payment.value = name;
      render();
    };
    const row = { id: `pay-${name}`, sign, isPicked: payment.value === name, possible, take };
    const words = t(possible ? `pay.${name}.text` : "pay.not_locker");
    return choiceRow(row, h("strong", {}, t(`pay.${name}`)), h("span.muted", {}, words));
  };
  render();
  return h("section.panel", {}, h("h2", { id: "pay-title" }, t("review.pay")), list);
}

async function confirm(order, payment) {
  const placed = await place(order, payment);
  choose(null);
  // The account has taken the articles out itself; the phone only needs to know.
  await reload().catch(() => {});
  go(`#/orders/${placed.order_id}`, { replace: true });
}

function refusal(error) {
  const { title, advice } = explain(error);
  return h(
    "div.warning",
    { role: "alert" },
    icon("alert"),
    h("div", {}, h("strong", {}, title), h("p", {}, advice), backLink(error.reason)),
  );
}

function refused(error, host, again) {
  const notice = refusal(error);
  if (error.reason === "PRICE_CHANGED") again(notice);
  else fill(host, notice);
  notice.scrollIntoView({ block: "center" });
}

function backLink(reason) {
  if (!(reason in BACK_TO)) return null;
  const [href, key] = BACK_TO[reason];
  return h("a.button.plain", { href }, t(key));
}
