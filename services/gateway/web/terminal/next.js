/** The way from one order to the next, without looking for it. */

import { t } from "../shared/language.js";
import { linkButton } from "../shared/parts.js";

const TO_DO = ["confirmed", "picking", "staged", "cancel_pending"];

/**
 * @param {import("./queue.js").Queue} queue
 * @param {string} [but] The order one comes from.
 * @returns {HTMLElement | null} Null when nothing is left to do.
 */
export function nextButton(queue, but = "") {
  const next = queue.orders.find((order) => TO_DO.includes(order.state) && order.order_id !== but);
  return next
    ? linkButton(`#/orders/${next.order_id}`, t(but ? "next" : "next.first", { label: next.label }), {
        kind: "primary",
        sign: "forward",
      })
    : null;
}
