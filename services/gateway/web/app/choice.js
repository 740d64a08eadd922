/** One of several that exclude each other, as large rows to touch; arrows lead from row to row. */

import { fill, h, icon } from "../shared/dom.js";

const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

/**
 * @param {Record<string, string>} words `aria-label` or `aria-labelledby`.
 * @returns {HTMLElement} Filled by `fillChoice`.
 */
export function choiceGroup(words) {
  const group = h("div.points", { role: "radiogroup", ...words });
  group.addEventListener("keydown", (event) => lead(event, group));
  return group;
}

/**
 * @param {HTMLElement} group
 * @param {HTMLElement[]} rows With a choice row in each.
 */
export function fillChoice(group, rows) {
  fill(group, rows);
  const all = radios(group);
  const entry = all.find((one) => one.ariaChecked === "true") ?? all.find(isPossible) ?? all[0];
  for (const one of all) one.tabIndex = one === entry ? 0 : -1;
}

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

// As in every group of radio buttons (WAI-ARIA practices): the one that is reached is chosen. One
// that cannot be chosen is reached too, for it says why.
function lead(event, group) {
  const step = STEPS[event.key];
  const all = radios(group);
  const from = all.indexOf(event.target);
  if (!step || from < 0) return;
  event.preventDefault();
  const next = all[(from + step + all.length) % all.length];
  next.focus();
  if (isPossible(next)) next.click();
}

function radios(group) {
  return [...group.querySelectorAll("[role=radio]")];
}

function isPossible(radio) {
  return radio.ariaDisabled !== "true";
}
