/** The basket: kept on the phone for visitors, in the account for whoever is signed in. */

import { keep, recall } from "../shared/memory.js";
import { mine, session, write } from "./house.js";

const changes = new EventTarget();

/** @typedef {{sku: string, quantity: number}} Line Quantity in the smallest stock unit. */

/** @returns {Line[]} As last known here, so that nothing waits for the network to show it. */
export function lines() {
  return recall("basket") ?? [];
}

/** @param {() => void} listener */
export function onBasket(listener) {
  changes.addEventListener("change", listener);
}

/** @param {Line[]} next */
function remember(next) {
  keep("basket", next);
  changes.dispatchEvent(new Event("change"));
}

/**
 * @param {string} sku
 * @returns {number} How much of it lies in the basket.
 */
export function quantityOf(sku) {
  return lines().find((line) => line.sku === sku)?.quantity ?? 0;
}

/**
 * Sets how much of an article lies in the basket; zero takes it out.
 *
 * It shows at once; where the account refuses it, the basket is as before and the Problem thrown.
 * @param {string} sku
 * @param {number} quantity
 */
export async function put(sku, quantity) {
  const before = lines();
  remember(withLine(before, sku, quantity));
  if (!session.isOpen) return;
  try {
    remember((await putLine(sku, quantity)).lines);
  } catch (error) {
    remember(before);
    throw error;
  }
}

/** Reads the account's basket again. */
export async function reload() {
  if (session.isOpen) remember((await mine("/v1/basket")).lines);
}

/** Puts what the phone kept into the account, once, after sign-in. */
export async function merge() {
  const kept = lines();
  let account = (await mine("/v1/basket")).lines;
  for (const { sku, quantity } of kept) {
    const there = account.find((line) => line.sku === sku)?.quantity ?? 0;
    // The larger of the two, never the sum: merging twice must not buy twice.
    if (quantity > there) account = (await putLine(sku, quantity)).lines;
  }
  remember(account);
}

/** Forgets what this device knows of it: after sign-out, and once it is ordered. */
export function forget() {
  remember([]);
}

function putLine(sku, quantity) {
  return write("PUT", `/v1/basket/lines/${encodeURIComponent(sku)}`, { quantity });
}

function withLine(before, sku, quantity) {
  const line = { sku, quantity };
  const found = before.some((one) => one.sku === sku);
  const next = found ? before.map((one) => (one.sku === sku ? line : one)) : [...before, line];
  return next.filter((one) => one.quantity > 0);
}
