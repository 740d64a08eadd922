/** What the states of an order mean to its customer. */

import { t } from "../shared/language.js";

export const LIVE = ["placing", "confirmed", "picking", "staged", "ready", "cancel_pending"];
export const ENDED = ["collected", "refused", "cancelled", "expired"];

const STEPS = ["confirmed", "picking", "ready", "collected"];
// A parcel that is on its way into its locker is still being prepared for whoever waits for it.
const STEP_OF = { staged: "picking", cancel_pending: "ready" };

/**
 * @param {any} order
 * @returns {string} A few words.
 */
export function stateWords({ state }) {
  return t(`state.${state}`);
}

/**
 * @param {any} order
 * @returns {{name: string, words: string, status: "done" | "now" | "later", time: string | null}[]}
 */
export function steps(order) {
  const here = STEPS.indexOf(STEP_OF[order.state] ?? order.state);
  return STEPS.map((name, index) => {
    const isDone = index < here || (index === here && order.state === "collected");
    const status = isDone ? "done" : index === here ? "now" : "later";
    const change = order.changes.find((one) => one.state === name);
    return { name, words: t(`step.${name}`), status, time: change?.occur_time ?? null };
  });
}
