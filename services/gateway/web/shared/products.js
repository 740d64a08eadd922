/** What both pages read of products: several in one request, and the unit each is counted in. */

import { send } from "./api.js";
import { h } from "./dom.js";
import { tied } from "./format.js";
import { locale } from "./language.js";

// What one request takes.
const BATCH_MAX = 50;
const PIECE = { unit: "piece", step: 1, decimals: 0 };

/**
 * @param {string[]} skus
 * @param {{location_id?: string, signal?: AbortSignal}} [options] Whose prices and stock.
 * @returns {Promise<Map<string, any>>} By sku; what is not sold is left out.
 */
export async function readProducts(skus, { location_id = "", signal } = {}) {
  const wanted = [...new Set(skus)];
  const batches = [];
  for (let start = 0; start < wanted.length; start += BATCH_MAX) batches.push(wanted.slice(start, start + BATCH_MAX));
  const answers = await Promise.all(
    batches.map((batch) =>
      send("/v1/products/batch", { method: "POST", body: { skus: batch, location_id, locale: locale() }, signal }),
    ),
  );
  return new Map(answers.flatMap(({ products }) => products.map((one) => [one.sku, one])));
}

/**
 * @param {any} product Undefined where it could not be read.
 * @param {string} [sku] What it is called then.
 * @returns {HTMLElement} Its title, in the language that the retailer wrote it in.
 */
export function titleOf(product, sku = "") {
  return h("span", { lang: product?.locale }, product ? tied(product.title) : sku);
}

/**
 * @param {any} product Undefined where it could not be read.
 * @returns {{unit: string, step: number, decimals: number}}
 */
export function unitOf(product) {
  return product?.stock_unit ?? PIECE;
}
