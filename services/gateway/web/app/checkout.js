/** What was chosen on the way to an order, and the one intent to place it. */

import { newKey } from "../shared/api.js";
import { keepHere, recallHere } from "../shared/memory.js";
import { write } from "./house.js";

/**
 * @typedef {object} Choice
 * @property {{point_id: string, location_id: string, kind: string}} point
 * @property {{slot_id: string, start_time: string, end_time: string}} slot
 */

/** @returns {Choice | null} */
export function choice() {
  return recallHere("choice");
}

/** @param {Choice | null} chosen */
export function choose(chosen) {
  keepHere("choice", chosen);
}

/**
 * Places the order. Asked twice for the same (a double tap, a lost answer, a reloaded page) it is
 * one intent with one key, and gives the same order.
 *
 * @param {any} order As POST /v1/orders takes it.
 * @param {"at_counter" | "card"} payment
 * @returns {Promise<any>} The order.
 */
export async function place(order, payment) {
  const intent = intentOf(JSON.stringify([order, payment]));
  const method =
    payment === "card" ? { method: "reference", reference: `sim_card_${intent.card}` } : { method: "at_counter" };
  try {
    const placed = await write("POST", "/v1/orders", { ...order, payment: method }, intent.key);
    keepHere("intent", null);
    return placed;
  } catch (error) {
    // Refused for good: trying again is a new intent. Not answered: it stays the same one.
    if (!error.passes && error.reason !== "TOO_SLOW") keepHere("intent", null);
    throw error;
  }
}

function intentOf(content) {
  const kept = recallHere("intent");
  if (kept?.content === content) return kept;
  const made = { content, key: newKey(), card: crypto.randomUUID() };
  keepHere("intent", made);
  return made;
}
