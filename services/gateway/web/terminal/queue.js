/** The shop's live orders, as the server tells them and as of when. */

import { follow } from "../shared/stream.js";
import { session } from "./house.js";

export const ENDED = ["collected", "refused", "cancelled", "expired"];
const SOON_MS = 30 * 60_000;

/** Orders of one shop that follow the server; dispatches `change`, and `arrival` with new ones. */
export class Queue extends EventTarget {
  #orders = new Map();
  #announced = false;
  #isWhole = false;

  /** Whether the server is heard right now. */
  isLive = false;
  /** When it was heard last; null before the first time. */
  asOf = null;
  /** Why it is not followed any more; null while it is. */
  problem = null;

  /**
   * @param {string} locationId
   * @param {AbortSignal} signal
   */
  async start(locationId, signal) {
    this.problem = null;
    try {
      await follow(`/v1/terminal/queue/events?location_id=${encodeURIComponent(locationId)}`, {
        token: () => session.token(),
        signal,
        onEvent: (event) => this.#hear(event),
        onLine: (isLive) => this.#line(isLive),
      });
    } catch (error) {
      this.problem = error;
      this.#line(false);
    }
  }

  /** @returns {any[]} Due first. */
  get orders() {
    return [...this.#orders.values()].sort((one, other) => dueMs(one) - dueMs(other));
  }

  /**
   * @param {string} orderId
   * @returns {any} Undefined if it is not in the queue.
   */
  find(orderId) {
    return this.#orders.get(orderId);
  }

  /**
   * Takes an order as an answer gave it, unless a later one is known already.
   * @param {any} order
   */
  take(order) {
    const known = this.#orders.get(order.order_id);
    if (known && Number(known.revision) > Number(order.revision)) return;
    // One that has ended stays until it is left, so that whoever works on it sees how it ended.
    this.#orders.set(order.order_id, order);
    this.#changed();
  }

  /** Leaves out what has ended, but for the one that is looked at. */
  sweep(orderId) {
    for (const [id, order] of this.#orders) {
      if (ENDED.includes(order.state) && id !== orderId) this.#orders.delete(id);
    }
    this.#changed();
  }

  #hear({ event, data, id }) {
    if (event === "snapshot") {
      this.#orders.clear();
      this.#isWhole = false;
    }
    if (this.#isWhole) this.#tell(data.orders);
    // The parts of a snapshot have no id but the last.
    this.#isWhole ||= Boolean(id);
    this.asOf = new Date();
    for (const order of data.orders) this.take(order);
    this.#changed();
  }

  // Those that somebody now has to work on, and had not before.
  #tell(orders) {
    const before = ({ order_id: id }) => this.#orders.get(id)?.state ?? "placing";
    const fresh = orders.filter((order) => order.state === "confirmed" && before(order) === "placing");
    if (fresh.length) this.dispatchEvent(new CustomEvent("arrival", { detail: fresh }));
  }

  #line(isLive) {
    if (this.isLive && !isLive) this.asOf = new Date();
    this.isLive = isLive;
    this.#changed();
  }

  // Many changes in one go are one redraw.
  #changed() {
    if (this.#announced) return;
    this.#announced = true;
    queueMicrotask(() => {
      this.#announced = false;
      this.dispatchEvent(new Event("change"));
    });
  }
}

/**
 * @param {any} order
 * @returns {number} When its customer comes, in ms; far away where that is not known.
 */
export function dueMs(order) {
  return order.slot ? new Date(order.slot.start_time).getTime() : Number.MAX_SAFE_INTEGER;
}

/**
 * @param {any} order
 * @returns {"late" | "soon" | "later" | "waiting" | "over"} How pressing the work on it is.
 */
export function urgency(order) {
  if (ENDED.includes(order.state)) return "over";
  if (order.state === "ready") return "waiting";
  const left = dueMs(order) - Date.now();
  if (left < 0) return "late";
  return left < SOON_MS ? "soon" : "later";
}
