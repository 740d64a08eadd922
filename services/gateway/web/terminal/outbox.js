/** Picks that could not be sent: kept with their ids, and sent when the line is back. */

import { newKey } from "../shared/api.js";
import { keepHere, recallHere } from "../shared/memory.js";
import { read } from "./house.js";

// What was picked, by order and line. "Not yet looked for" and "not found" are both zero on the
// wire, so what was done here is remembered here.
let picks = recallHere("picks") ?? {};
const changes = new EventTarget();
let sending = null;

/**
 * @param {() => void} listener
 * @param {AbortSignal} signal Ends it.
 */
export function onOutbox(listener, signal) {
  changes.addEventListener("change", listener, { signal });
}

/**
 * @param {string} orderId
 * @param {any} line
 * @returns {{quantity: number, sent: boolean} | null} Null for one nobody has looked for.
 */
export function pickOf(orderId, line) {
  const pick = picks[`${orderId}/${line.line_number}`];
  if (pick) return pick;
  const isPicked = line.found_quantity > 0 || ["staged", "cancelled"].includes(line.state);
  return isPicked ? { quantity: line.found_quantity, sent: true } : null;
}

/** @returns {number} Picks that the server does not know yet. */
export function unsentCount() {
  return Object.values(picks).filter((pick) => !pick.sent).length;
}

/**
 * Records a pick here and sends it.
 * @param {string} orderId
 * @param {number} lineNumber
 * @param {number} quantity
 * @returns {Promise<any>} The order after it; null where it could not be sent yet.
 */
export async function pick(orderId, lineNumber, quantity) {
  const name = `${orderId}/${lineNumber}`;
  picks[name] = { quantity, sent: false, key: newKey() };
  changed();
  return sendOne(name);
}

/**
 * Sends what is still here, one after the other.
 * @returns {Promise<any[]>} The orders after it.
 */
export function flush() {
  sending ??= flushed().finally(() => (sending = null));
  return sending;
}

async function flushed() {
  const orders = [];
  for (const name of Object.keys(picks).filter((one) => !picks[one].sent)) {
    const order = await sendOne(name).catch(() => null);
    if (order) orders.push(order);
  }
  return orders;
}

async function sendOne(name) {
  const { quantity, key } = picks[name];
  const [orderId, lineNumber] = name.split("/");
  const body = { line_number: Number(lineNumber), found_quantity: quantity };
  try {
    const order = await read(`/v1/terminal/orders/${encodeURIComponent(orderId)}/picks`, { method: "POST", body, key });
    if (picks[name]?.key === key) picks[name].sent = true;
    return order;
  } catch (error) {
    if (error.passes || error.reason === "TOO_SLOW") return null;
    // Refused for good: it never happened.
    if (picks[name]?.key === key) delete picks[name];
    throw error;
  } finally {
    changed();
  }
}

/** @param {string} orderId Forgets what was done here to one that is staged. */
export function forgetPicks(orderId) {
  picks = Object.fromEntries(Object.entries(picks).filter(([name]) => !name.startsWith(`${orderId}/`)));
  changed();
}

function changed() {
  keepHere("picks", picks);
  changes.dispatchEvent(new Event("change"));
}
