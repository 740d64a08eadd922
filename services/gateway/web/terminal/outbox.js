/** Picks that could not be sent: kept with their ids, and sent when the line is back. */

import { newDatedKey } from "../shared/api.js";
import { keepHere, recallHere } from "../shared/memory.js";
import { read } from "./house.js";

// By order and line, until the server has them: then the order itself says what was found.
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
  const unsent = picks[`${orderId}/${line.line_number}`];
  if (unsent) return { quantity: unsent.quantity, sent: false };
  return line.found_quantity === null ? null : { quantity: line.found_quantity, sent: true };
}

/**
 * @param {any} line
 * @returns {number} How many to look for: those that are held, or all where none is any more. What
 *   another shop sends is not among them.
 */
export function toFind(line) {
  return fromHere(line) - line.broken_quantity || fromHere(line);
}

/**
 * @param {any} line
 * @returns {number} How many of it this shop is to have.
 */
export function fromHere(line) {
  return line.quantity - line.brought_quantity;
}

/** @returns {number} Picks that the server does not know yet. */
export function unsentCount() {
  return Object.keys(picks).length;
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
  picks[name] = { quantity, key: newDatedKey() };
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
  for (const name of Object.keys(picks)) {
    // Whoever picked it may have had its answer while the one before was sent.
    const order = name in picks ? await sendOne(name).catch(() => null) : null;
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
    settle(name, key);
    return order;
  } catch (error) {
    if (error.passes || error.reason === "TOO_SLOW") return null;
    // Refused for good: it never happened.
    settle(name, key);
    throw error;
  } finally {
    changed();
  }
}

// Unless the line was picked anew meanwhile.
function settle(name, key) {
  if (picks[name]?.key === key) delete picks[name];
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
