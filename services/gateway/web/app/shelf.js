/** How products look in lists, and what is said of their stock. */

import { h, picture } from "../shared/dom.js";
import { quantity, tied } from "../shared/format.js";
import { t } from "../shared/language.js";
import { priceTag, stars } from "../shared/parts.js";
import { shop } from "./house.js";

const FEW_SHOWN_UNITS = 3;

/**
 * @param {any} product
 * @returns {HTMLElement} A row of a list: a link to its page.
 */
export function productCard(product) {
  return h(
    "li",
    {},
    h(
      "a.card",
      { href: `#/p/${encodeURIComponent(product.sku)}` },
      picture(product.picture_urls[0]),
      h(
        "span.card-text",
        {},
        h("span.brand", {}, product.brand),
        h("span.card-title", { lang: product.locale }, tied(product.title)),
        h("span.card-facts", {}, stars(product.rating), stockLine(product)),
        priceTag(product.price, product.stock_unit),
      ),
    ),
  );
}

/**
 * @param {any} product
 * @returns {HTMLElement | null} Null before a shop is chosen: then nothing is known.
 */
export function stockLine(product) {
  if (!shop()) return null;
  const { level, words } = stockOf(product);
  return h(`span.stock.stock-${level}`, {}, words);
}

/**
 * @param {any} product
 * @returns {{level: "some" | "few" | "none" | "unknown", words: string}}
 */
export function stockOf({ availability, stock_unit: unit }) {
  if (!availability) return { level: "unknown", words: t("stock.unknown") };
  const left = availability.available_quantity;
  if (left < unit.step) return { level: "none", words: t("stock.none") };
  const few = left <= FEW_SHOWN_UNITS * 10 ** unit.decimals;
  const words = t(few ? "stock.few" : "stock.some", { quantity: quantity(left, unit) });
  return { level: few ? "few" : "some", words };
}
