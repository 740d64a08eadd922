/** One of several that exclude each other, as a large row to touch. */

import { h, icon } from "../shared/dom.js";

/**
 * @param {{id: string, sign: string, isPicked: boolean, possible: boolean, take: () => void, side?: any}} options
 *   `take` is called when it is chosen, and draws the choice anew.
 * @param {...any} texts
 * @returns {HTMLElement}
 */
export function choiceRow({ id, sign, isPicked, possible, take, side }, ...texts) {
  const chosen = () => {
    take();
    document.getElementById(id)?.focus();
  };
  const state = { "aria-checked": String(isPicked), "aria-disabled": String(!possible) };
  return h(
    "button.option",
    { type: "button", role: "radio", id, ...state, onclick: possible ? chosen : null },
    icon(sign),
    h("span.option-text", {}, texts),
    side,
    isPicked && icon("check", "option-check"),
  );
}
