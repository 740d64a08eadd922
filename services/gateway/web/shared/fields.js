/** Fields of forms: a label, an input, its hint and its error, tied together. */

import { fill, h, icon } from "./dom.js";
import { number, typedNumber, unitName } from "./format.js";
import { t } from "./language.js";

let made = 0;

/**
 * @param {{name: string, label: string, hint?: string, input?: Record<string, any>}} options
 * @returns {HTMLElement & {input: HTMLInputElement, fail: (text: string) => void}}
 */
export function field({ name, label, hint, input = {} }) {
  const id = `field-${name}-${(made += 1)}`;
  const error = h("p.field-error", { id: `${id}-error`, role: "alert" });
  const box = h("input.input", { id, name, type: "text", "aria-describedby": `${id}-hint ${id}-error`, ...input });
  const whole = h(
    "div.field",
    {},
    h("label", { for: id }, label),
    box,
    hint && h("p.hint", { id: `${id}-hint` }, hint),
    error,
  );
  whole.input = box;
  whole.fail = (text) => {
    fill(error, text && [icon("alert"), text]);
    box.setAttribute("aria-invalid", String(Boolean(text)));
  };
  return whole;
}

/**
 * A form that stays on its page: what to do when it is sent is ours alone.
 * @param {string} selector `form` and classes.
 * @param {() => any} onsubmit
 * @param {...any} children
 * @returns {HTMLElement}
 */
export function form(selector, onsubmit, ...children) {
  const sent = (event) => {
    event.preventDefault();
    onsubmit();
  };
  return h(selector, { novalidate: true, onsubmit: sent }, children);
}

/**
 * Says beside each field what is wrong with it and goes to the first.
 * @param {Record<string, ReturnType<typeof field>>} fields By name.
 * @param {Map<string, string>} errors By name.
 * @returns {boolean} Whether any of them has a field here.
 */
export function showErrors(fields, errors) {
  let first = null;
  for (const [name, one] of Object.entries(fields)) {
    one.fail(errors.get(name) ?? "");
    if (errors.has(name)) first ??= one;
  }
  first?.input.focus();
  return first !== null;
}

/**
 * A quantity in stock units: buttons by the step, or typed as people write it.
 * @param {{value: number, unit: {unit: string, step: number, decimals: number}, min?: number,
 *   max?: number, label: string, onchange: (quantity: number) => void}} options Smallest units.
 * @returns {HTMLElement & {value: number, set: (quantity: number) => void}}
 */
export function stepper({ value, unit, min = unit.step, max = 1_000_000, label, onchange }) {
  const scale = 10 ** unit.decimals;
  // A decimetre of cable at a time is a long way to twelve metres: buttons go by the shown unit.
  const stride = Math.max(unit.step, scale);
  const { whole, box, less, more } = stepperParts(label, unitName(unit));
  const change = (wanted) => {
    const stepped = Math.round(wanted / unit.step) * unit.step;
    whole.set(Math.min(Math.max(stepped, min), Math.max(max, min)));
    onchange(whole.value);
  };
  whole.set = (quantity) => {
    whole.value = quantity;
    box.value = number(quantity / scale, unit.decimals);
    less.disabled = quantity <= min;
    more.disabled = quantity >= max;
  };
  less.addEventListener("click", () => change(whole.value - stride));
  more.addEventListener("click", () => change(whole.value + stride));
  listenToTyping(box, {
    typed: (shown) => (Number.isFinite(shown) ? change(Math.round(shown * scale)) : whole.set(whole.value)),
    stepped: (direction) => change(whole.value + direction * stride),
  });
  whole.set(value);
  return whole;
}

function stepperParts(label, unit) {
  const box = h("input.stepper-input", {
    type: "text",
    inputmode: "decimal",
    autocomplete: "off",
    "aria-label": label,
  });
  const less = h("button.stepper-button", { type: "button", "aria-label": t("less") }, icon("minus"));
  const more = h("button.stepper-button", { type: "button", "aria-label": t("more") }, icon("plus"));
  const shown = h("span.stepper-box", {}, box, unit && h("span.stepper-unit", { "aria-hidden": "true" }, unit));
  const whole = h("div.stepper", { role: "group", "aria-label": label }, less, shown, more);
  return { whole, box, less, more };
}

function listenToTyping(box, { typed, stepped }) {
  box.addEventListener("focus", () => box.select());
  box.addEventListener("change", () => typed(typedNumber(box.value)));
  box.addEventListener("keydown", (event) => {
    const direction = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!direction) return;
    event.preventDefault();
    stepped(direction);
  });
}
