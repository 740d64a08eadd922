/** What all views of the app stand on: the session, the chosen shop, and the reads they share. */

import { newKey, send } from "../shared/api.js";
import { locale } from "../shared/language.js";
import { keep, recall } from "../shared/memory.js";
import { toast } from "../shared/parts.js";
import { explained } from "../shared/problems.js";
import { readProducts } from "../shared/products.js";
import { Session, sendAs } from "../shared/session.js";

const SHOPS_PER_PAGE = 200;
const SHOP_PAGES_MAX = 10;

export const session = new Session({ name: "customer", path: "/v1/sessions" });
const shopChanges = new EventTarget();
const kept = new Map();

/** @returns {any} The chosen shop as /v1/locations gives it; null before one is chosen. */
export function shop() {
  return recall("shop");
}

/** @param {any} chosen */
export function chooseShop(chosen) {
  keep("shop", chosen);
  shopChanges.dispatchEvent(new Event("change"));
}

/** @param {() => void} listener */
export function onShop(listener) {
  shopChanges.addEventListener("change", listener);
}

/**
 * Reads with prices and stock of the chosen shop. One that has gone is forgotten and said to be,
 * and what was asked for is shown without: else nothing could be shown until another is chosen.
 * @template T
 * @param {(locationId: string) => Promise<T>} read Empty for no shop.
 * @returns {Promise<T>}
 */
export async function atShop(read) {
  const chosen = shop()?.location_id ?? "";
  try {
    return await read(chosen);
  } catch (error) {
    if (error.reason !== "UNKNOWN_LOCATION" || !chosen) throw error;
    // Of several reads at once the first says so; meanwhile another may have been chosen.
    if (shop()?.location_id === chosen) {
      chooseShop(null);
      toast(explained(error), "alert");
    }
    return read(shop()?.location_id ?? "");
  }
}

/**
 * A shop's name without the chain's, which everybody knows here.
 * @param {{name: string}} location
 * @returns {string}
 */
export function shortName({ name }) {
  return name.replace(/^Fargue\s+/, "");
}

/**
 * Reads once in a visit: what changes seldom.
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} read
 * @returns {Promise<T>}
 */
function once(name, read) {
  if (!kept.has(name)) {
    const reading = read();
    kept.set(name, reading);
    reading.catch(() => kept.delete(name));
  }
  return kept.get(name);
}

/** @returns {Promise<any[]>} Every category, by path. */
export function categories() {
  const query = { locale: locale(), page_size: 1000 };
  return once(`categories ${locale()}`, async () => (await send("/v1/categories", { query })).categories);
}

/**
 * @param {string} [near] `48.85,2.37`: the nearest first, with distances.
 * @returns {Promise<any[]>} Every shop.
 */
export function shops(near = "") {
  return once(`shops ${near}`, async () => {
    const found = [];
    let page_token = "";
    for (let page = 0; page < SHOP_PAGES_MAX; page += 1) {
      const query = { kind: "shop", near, page_size: SHOPS_PER_PAGE, page_token };
      const answer = await send("/v1/locations", { query });
      found.push(...answer.locations);
      page_token = answer.next_page_token;
      if (!page_token) break;
    }
    return found;
  });
}

/**
 * @param {string} locationId
 * @returns {Promise<any>} A shop, with its name, address and hours.
 */
export function location(locationId) {
  return once(`location ${locationId}`, () => send(`/v1/locations/${encodeURIComponent(locationId)}`));
}

/**
 * @param {string} sku
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>} As /v1/products/{sku} gives it, with stock at the chosen shop.
 */
export function product(sku, signal) {
  const path = `/v1/products/${encodeURIComponent(sku)}`;
  return atShop((location_id) => send(path, { query: { location_id, locale: locale() }, signal }));
}

/**
 * @param {string[]} skus
 * @param {AbortSignal} [signal]
 * @returns {Promise<Map<string, any>>} By sku; what is not sold any more is left out.
 */
export function products(skus, signal) {
  return atShop((location_id) => readProducts(skus, { location_id, signal }));
}

/**
 * What an order would cost: the only total that is shown, and that is sent with the order.
 * @param {{lines: {sku: string, quantity: number}[], point_id?: string, location_id?: string}} question
 * @param {AbortSignal} [signal]
 * @returns {Promise<{lines: any[], total: any, valid_until_time: string | null}>}
 */
export function quote(question, signal) {
  return send("/v1/orders/quote", { method: "POST", body: question, signal });
}

/**
 * @param {string} path
 * @param {Parameters<typeof send>[1]} [options]
 * @returns {Promise<any>} In the name of whoever is signed in.
 */
export function mine(path, options) {
  return sendAs(session, path, options);
}

/**
 * A write in the name of whoever is signed in.
 * @param {string} method
 * @param {string} path
 * @param {any} body
 * @param {string} [key] Of an intent that may be sent again.
 * @returns {Promise<any>}
 */
export function write(method, path, body, key = newKey()) {
  return mine(path, { method, body, key });
}

/**
 * Where a basket can be collected.
 * @param {{lines: {sku: string, quantity: number}[], near?: string, location_ids?: string[]}} question
 * @param {AbortSignal} [signal]
 * @returns {Promise<any[]>}
 */
export async function pickUpOptions(question, signal) {
  return (await send("/v1/pickup-options", { method: "POST", body: question, signal, key: newKey() })).options;
}

/**
 * @param {any} place A location.
 * @returns {string} Its coordinates as `near` takes them; empty where they are not known.
 */
export function nearOf(place) {
  const where = place?.coordinates;
  return where ? `${where.latitude},${where.longitude}` : "";
}
