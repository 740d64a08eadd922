/** One product, as staff look at it: stock with its terms, facts, and where else it is. */

import { newKey, send } from "../../shared/api.js";
import { fill, h, icon } from "../../shared/dom.js";
import { distance, money, number, quantity } from "../../shared/format.js";
import { t } from "../../shared/language.js";
import { ask, button, failure, skeleton } from "../../shared/parts.js";
import { titleOf } from "../../shared/products.js";
import { here } from "../house.js";

const OPTIONS_MAX = 20;
const OTHERS_MAX = 6;
const TERMS = ["on_hand", "held", "safety", "available"];

/**
 * Shows it in a dialog.
 * @param {any} one
 * @param {AbortSignal} signal
 * @returns {Promise<null>} When it is closed.
 */
export function details(one, signal) {
  const others = h("div.others", {}, skeleton(2, "row"));
  showOthers(others, one, signal);
  const price = one.price ? money(one.price.amount) : t("price.unknown");
  return ask({
    title: titleOf(one),
    body: [
      h("p.muted", {}, `${one.brand} · ${one.sku} · ${price}`),
      one.availability && terms(one),
      facts(one),
      others,
    ],
    actions: (close) => button(t("back"), { kind: "primary", onclick: () => close(null) }),
  });
}

function terms({ availability, stock_unit: unit }) {
  const rows = TERMS.map((name) => {
    const count = availability[`${name}_quantity`];
    return h("div", {}, h("dt", {}, t(`stock.${name}.term`)), h("dd", {}, quantity(count, unit)));
  });
  return h("dl.terms", {}, rows);
}

function facts(one) {
  const rows = one.facts.map((fact) => h("div", {}, h("dt", {}, fact.name), h("dd", {}, factText(fact))));
  return h("details.more-facts", {}, h("summary", {}, t("product.facts")), h("dl", {}, rows));
}

function factText({ value, unit }) {
  if (typeof value === "boolean") return t(value ? "yes" : "no");
  if (typeof value !== "number") return value || t("unknown");
  return unit.startsWith("/") ? `${number(value)}${unit}` : `${number(value)}\u00a0${unit}`;
}

async function showOthers(host, one, signal) {
  try {
    const there = await elsewhere(one, signal);
    const list = there.length ? h("ul", {}, there.map(otherShop)) : h("p.muted", {}, t("stock.nowhere"));
    fill(host, h("h3", {}, t("stock.elsewhere")), list);
  } catch (error) {
    if (!signal.aborted) fill(host, failure(error));
  }
}

async function elsewhere(one, signal) {
  const where = here.shop?.coordinates;
  const near = where ? `${where.latitude},${where.longitude}` : "";
  const body = { lines: [{ sku: one.sku, quantity: one.stock_unit.step }], near, page_size: OPTIONS_MAX };
  const { options } = await send("/v1/pickup-options", { method: "POST", body, key: newKey(), signal });
  const isOther = (option) =>
    option.available && option.kind === "counter" && option.location_id !== here.terminal.location_id;
  const there = options.filter(isOther).slice(0, OTHERS_MAX);
  return Promise.all(
    there.map(async (option) => {
      const place = await send(`/v1/locations/${encodeURIComponent(option.location_id)}`, { signal });
      return { name: place.name, distance_m: option.distance_m };
    }),
  );
}

function otherShop({ name, distance_m: metres }) {
  return h("li.other", {}, icon("shop", "small"), name, metres > 0 && h("span.muted", {}, distance(metres)));
}
