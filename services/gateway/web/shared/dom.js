/** Builds and changes DOM. Nothing here parses HTML: text is text, always. */

import { ICONS } from "../icons/icons.js";
import { keepingFocus } from "./focus.js";

const SVG = "http://www.w3.org/2000/svg";

/**
 * Makes an element: `h("button.primary", { type: "button", onclick }, "Save")`.
 *
 * Properties that begin with `on` are listeners; `null`, `undefined` and `false` leave an
 * attribute out. Children that are null or false are left out too.
 *
 * @param {string} selector Tag name, then classes behind dots.
 * @param {Record<string, any>} [properties]
 * @param {...any} children Nodes, texts, numbers or arrays of them.
 * @returns {HTMLElement}
 */
export function h(selector, properties = {}, ...children) {
  const [tag, ...classes] = selector.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  for (const [name, value] of Object.entries(properties)) give(element, name, value);
  element.append(...nodes(children));
  return element;
}

function give(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (name === "value") element.value = value;
  else element.setAttribute(name, value === true ? "" : String(value));
}

function nodes(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

/**
 * Replaces what is in `parent`; the focus stays at what has taken the place of its element.
 * @param {Element} parent
 * @param {...any} children
 */
export function fill(parent, ...children) {
  keepingFocus(parent, () => parent.replaceChildren(...nodes(children)));
}

/**
 * A line icon of the house, decoration only: its button or text says what it means.
 * @param {keyof typeof ICONS} name
 * @param {string} [extra] A further class.
 * @returns {SVGElement}
 */
export function icon(name, extra = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon ${extra}`.trim());
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/**
 * A square picture that keeps its room before it has come.
 * @param {string} url
 * @param {string} [alt] Empty where the text beside it says the same.
 * @returns {HTMLElement}
 */
export function picture(url, alt = "") {
  if (!url) return h("span.picture.picture-none", { "aria-hidden": "true" }, icon("box"));
  return h("img.picture", { src: url, alt, width: 400, height: 400, loading: "lazy", decoding: "async" });
}

/**
 * Says something to those who do not see the page, without moving the focus.
 * @param {string} text
 */
export function announce(text) {
  const region = document.getElementById("announcer");
  if (!region) return;
  // Emptied first: the same sentence twice would not be read the second time.
  region.textContent = "";
  requestAnimationFrame(() => (region.textContent = text));
}
