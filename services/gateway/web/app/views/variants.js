/** The other versions of a product. */

import { send } from "../../shared/api.js";
import { fill, h } from "../../shared/dom.js";
import { money } from "../../shared/format.js";
import { locale, t } from "../../shared/language.js";
import { titleOf } from "../../shared/products.js";

const FAMILY_MAX = 20;

/**
 * @param {any} one A product.
 * @param {AbortSignal} signal
 * @returns {HTMLElement} Empty until others are found, and where there are none.
 */
export function variants(one, signal) {
  const host = h("nav.variants", { "aria-label": t("product.variants") });
  if (one.family) showFamily(host, one, signal);
  return host;
}

async function showFamily(host, one, signal) {
  try {
    // Skus of one family begin alike, and search finds skus by their beginning.
    const query = { q: one.family, locale: locale(), page_size: FAMILY_MAX };
    const { products } = await send("/v1/products", { query, signal });
    const family = products.filter((other) => other.family === one.family || other.sku === one.family);
    const title = h("h2.small-title", {}, t("product.variants"));
    if (family.length > 1)
      fill(
        host,
        title,
        h(
          "ul.variant-list",
          {},
          family.map((other) => variant(other, one)),
        ),
      );
  } catch {
    // Without the others the product is still itself.
  }
}

function variant(other, one) {
  const state = { "aria-current": other.sku === one.sku ? "page" : null };
  const price = other.price && h("span.variant-price", {}, money(other.price.amount));
  return h(
    "li",
    {},
    h("a.variant", { href: `#/p/${encodeURIComponent(other.sku)}`, ...state }, titleOf(other), price),
  );
}
