/** Looking a product up: price, stock here, and where else. */

import { fill, h, picture } from "../../shared/dom.js";
import { send } from "../../shared/api.js";
import { quantity } from "../../shared/format.js";
import { locale, t } from "../../shared/language.js";
import { empty, failure, priceTag, skeleton } from "../../shared/parts.js";
import { titleOf } from "../../shared/products.js";
import { here } from "../house.js";
import { details } from "./details.js";

const TYPING_MS = 300;
const FOUND_MAX = 30;

/** @type {import("../../shared/router.js").View} */
export function lookUpView({ signal }) {
  const title = t("lookup");
  const rows = h("div.lookup-rows", {}, empty("search", t("lookup.title"), t("lookup.text")));
  const box = h("input.input", {
    type: "search",
    autocomplete: "off",
    enterkeyhint: "search",
    maxlength: 200,
    "aria-label": t("search.label"),
    placeholder: t("lookup.placeholder"),
  });
  let timer = 0;
  let before = new AbortController();
  box.addEventListener("input", () => {
    clearTimeout(timer);
    // Else a slow answer to fewer letters would take the place of the one to all of them.
    before.abort();
    before = new AbortController();
    const current = AbortSignal.any([signal, before.signal]);
    timer = setTimeout(() => look(rows, box.value.trim(), current), TYPING_MS);
  });
  return { title, content: h("div.lookup", {}, h("h1", { tabindex: "-1" }, title), box, rows) };
}

async function look(rows, words, signal) {
  if (!words) return fill(rows, empty("search", t("lookup.title"), t("lookup.text")));
  fill(rows, skeleton(4, "row"));
  try {
    const query = { q: words, location_id: here.terminal.location_id, locale: locale(), page_size: FOUND_MAX };
    const { products } = await send("/v1/products", { query, signal });
    fill(
      rows,
      products.length
        ? h(
            "ul.found",
            {},
            products.map((one) => foundRow(one, signal)),
          )
        : empty("search", t("search.none", { words }), t("search.none.next")),
    );
  } catch (error) {
    if (!signal.aborted)
      fill(
        rows,
        failure(error, () => look(rows, words, signal)),
      );
  }
}

function foundRow(one, signal) {
  return h(
    "li",
    {},
    h(
      "button.found-row",
      { type: "button", onclick: () => details(one, signal) },
      picture(one.picture_urls[0]),
      h("span.plain-title", {}, titleOf(one), h("span.muted.small", {}, `${one.brand} · ${one.sku}`)),
      stockWords(one),
      priceTag(one.price, one.stock_unit),
    ),
  );
}

function stockWords({ availability, stock_unit: unit }) {
  if (!availability) return h("span.stock.stock-unknown", {}, t("stock.unknown"));
  const left = availability.available_quantity;
  if (left < unit.step) return h("span.stock.stock-none", {}, t("stock.none"));
  return h("span.stock.stock-some", {}, t("stock.some", { quantity: quantity(left, unit) }));
}
