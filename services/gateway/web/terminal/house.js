/** What all views of the terminal stand on: the session, the device, reads and acts. */

import { newKey, send } from "../shared/api.js";
import { locale } from "../shared/language.js";
import { keep, recall } from "../shared/memory.js";
import { readProducts } from "../shared/products.js";
import { Session, sendAs } from "../shared/session.js";

const COLLEAGUES_MAX = 6;
const READ_AHEAD_MAX = 40;

export const session = new Session({ name: "staff", path: "/v1/staff/sessions" });
/** Who works here now, and where. */
export const here = { terminal: null, member: null, shop: null };
const intents = new Map();
const kept = new Map();

/** Reads the shop this terminal stands in. What cannot be had now is tried again at the next sign-in. */
export async function readShop() {
  const path = `/v1/locations/${encodeURIComponent(here.terminal.location_id)}`;
  here.shop = await send(path).catch(() => here.shop);
}

/** @returns {{badge: string, name: string}[]} Who signed in on this device lately. */
export function colleagues() {
  return recall("colleagues") ?? [];
}

/** @param {{badge: string, display_name: string}} member */
export function rememberColleague({ badge, display_name: name }) {
  const others = colleagues().filter((one) => one.badge !== badge);
  keep("colleagues", [{ badge, name }, ...others].slice(0, COLLEAGUES_MAX));
}

/**
 * @param {string} path
 * @param {Parameters<typeof send>[1]} [options]
 * @returns {Promise<any>}
 */
export function read(path, options) {
  return sendAs(session, path, options);
}

/**
 * Does something to an order. The same again, after an answer that was lost, is the same intent
 * with the same key: a door does not open twice, nothing is handed over twice.
 *
 * @param {string} orderId
 * @param {string} name The last part of the path, e.g. `stage`.
 * @param {any} [body]
 * @returns {Promise<any>} The order after it.
 */
export function act(orderId, name, body = {}) {
  return actAt(`/v1/terminal/orders/${encodeURIComponent(orderId)}/${name}`, body);
}

/**
 * As `act`, to a parcel.
 * @param {string} parcelId
 * @param {string} name
 * @param {any} [body]
 * @returns {Promise<any>} The parcel after it.
 */
export function handle(parcelId, name, body = {}) {
  return actAt(`/v1/terminal/parcels/${encodeURIComponent(parcelId)}/${name}`, body);
}

async function actAt(path, body) {
  const intent = JSON.stringify([path, body]);
  const key = intents.get(intent) ?? newKey();
  intents.set(intent, key);
  try {
    const after = await sendAs(session, path, { method: "POST", body, key });
    intents.delete(intent);
    return after;
  } catch (error) {
    if (!error.passes && error.reason !== "TOO_SLOW") intents.delete(intent);
    throw error;
  }
}

/**
 * Reads what the work of the next hours is about, so that it can go on when the line is down.
 * @param {any[]} orders Due first.
 */
export async function readAhead(orders) {
  const skus = new Set(orders.flatMap((order) => order.lines.map((line) => line.sku)));
  const missing = [...skus].filter((sku) => !kept.has(`${sku} ${locale()}`));
  await products(missing.slice(0, READ_AHEAD_MAX));
}

/**
 * @param {string[]} skus
 * @returns {Promise<Map<string, any>>} By sku, with stock in this shop; without a line, as last read
 *   here. What could not be had is left out.
 */
export async function products(skus) {
  const name = (sku) => `${sku} ${locale()}`;
  const found = await readProducts(skus, { location_id: here.terminal.location_id }).catch(() => new Map());
  for (const [sku, one] of found) kept.set(name(sku), one);
  return new Map(skus.filter((sku) => kept.has(name(sku))).map((sku) => [sku, kept.get(name(sku))]));
}

/**
 * @param {string} locationId
 * @returns {Promise<string>} What a shop is called; its id where that cannot be had.
 */
export async function shopName(locationId) {
  const name = `shop ${locationId}`;
  if (!kept.has(name)) kept.set(name, send(`/v1/locations/${encodeURIComponent(locationId)}`));
  const shop = await kept.get(name).catch(() => kept.delete(name));
  return shop?.name?.replace(/^Fargue\s+/, "") ?? locationId;
}

/** @returns {Promise<Map<string, string>>} Names of the shelves, by category. */
export async function shelfNames() {
  const name = `shelves ${locale()}`;
  if (!kept.has(name)) kept.set(name, send("/v1/categories", { query: { locale: locale(), page_size: 1000 } }));
  const { categories } = await kept.get(name).catch(() => {
    kept.delete(name);
    return { categories: [] };
  });
  return new Map(categories.map((one) => [one.category_id, one.name]));
}
