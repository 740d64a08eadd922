/** A big keypad for one thumb, beside the keyboard of the device, which works too. */

import { h, icon } from "../shared/dom.js";
import { t } from "../shared/language.js";

/**
 * @param {HTMLInputElement} input What it types into; its `input` event fires as if by hand.
 * @returns {HTMLElement}
 */
export function keypad(input) {
  const type = (change) => {
    input.value = change(input.value).slice(0, input.maxLength > 0 ? input.maxLength : undefined);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const key = (digit) => h("button.key", { type: "button", onclick: () => type((value) => value + digit) }, digit);
  return h(
    "div.keypad",
    { role: "group", "aria-label": t("keypad") },
    "123456789".split("").map(key),
    h(
      "button.key.key-quiet",
      { type: "button", "aria-label": t("keypad.clear"), onclick: () => type(() => "") },
      icon("cross"),
    ),
    key("0"),
    h(
      "button.key.key-quiet",
      { type: "button", "aria-label": t("keypad.erase"), onclick: () => type((value) => value.slice(0, -1)) },
      icon("erase"),
    ),
  );
}
