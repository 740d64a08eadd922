/** Which language the page speaks, and its words. */

import { EN } from "./words/en.js";
import { FR } from "./words/fr.js";
import { keep, recall } from "./memory.js";

const WORDS = { fr: FR, en: EN };
const changes = new EventTarget();
let current = begin();

function begin() {
  const wanted = [recall("locale"), ...navigator.languages.map((tag) => tag.slice(0, 2))];
  return wanted.find((tag) => tag in WORDS) ?? "fr";
}

/** @returns {"fr" | "en"} */
export function locale() {
  return current;
}

/** The locale for numbers and dates: a British reader writes 24-hour times and day before month. */
export function region() {
  return current === "fr" ? "fr-FR" : "en-GB";
}

/**
 * @param {string} next `fr` or `en`; another one changes nothing.
 */
export function speak(next) {
  if (!(next in WORDS) || next === current) return;
  current = next;
  keep("locale", next);
  document.documentElement.lang = next;
  changes.dispatchEvent(new Event("change"));
}

/**
 * @param {() => void} listener Called after each change of language.
 * @param {AbortSignal} [signal] Ends it.
 */
export function onLanguage(listener, signal) {
  changes.addEventListener("change", listener, { signal });
}

/**
 * The words under `key`, with `{names}` put in. Words with `one` and `other` choose by `count`.
 *
 * @param {string} key
 * @param {Record<string, any>} [values]
 * @returns {string}
 */
export function t(key, values = {}) {
  const found = WORDS[current][key] ?? key;
  const words = typeof found === "string" ? found : found[plural(values.count)];
  return words.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/**
 * @param {string} key
 * @returns {boolean} Whether there are words of their own for it.
 */
export function says(key) {
  return key in WORDS[current];
}

function plural(count) {
  return new Intl.PluralRules(region()).select(count) === "one" ? "one" : "other";
}

document.documentElement.lang = current;
