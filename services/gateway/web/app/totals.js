/** What a basket comes to at the chosen shop, asked again after each change. Nothing is added up here. */

import { fill } from "../shared/dom.js";
import { quote, shop } from "./house.js";

/** @typedef {{quote: any, error: any}} Known The newest quote; null where there is none, and why. */

export class Totals {
  #signal;
  #asked = "";
  #asking = new AbortController();
  #followed = new Map();

  /** @param {AbortSignal} signal Ends it. */
  constructor(signal) {
    this.#signal = signal;
  }

  /**
   * @param {HTMLElement} element Filled with what `words` makes of each quote; stale until it comes.
   * @param {(known: Known) => any} words
   */
  follow(element, words) {
    fill(element, "…");
    this.#followed.set(element, words);
  }

  /**
   * Asks for these lines, and no longer for those before. The same again asks nothing.
   * @param {{sku: string, quantity: number}[]} lines
   */
  async ask(lines) {
    const asked = JSON.stringify(lines);
    if (asked === this.#asked) return;
    this.#asked = asked;
    this.#asking.abort();
    const asking = (this.#asking = new AbortController());
    const signal = AbortSignal.any([asking.signal, this.#signal]);
    this.#stale(true);
    const known = await quoted(lines, signal);
    if (signal.aborted) return;
    // What was not answered is asked again with the next change, be it back to the same.
    if (known.error) this.#asked = "";
    for (const [element, words] of this.#followed) fill(element, words(known));
    this.#stale(false);
  }

  #stale(isStale) {
    for (const element of this.#followed.keys()) element.classList.toggle("is-stale", isStale);
  }
}

async function quoted(lines, signal) {
  if (!lines.length) return { quote: null, error: null };
  const location_id = shop()?.location_id ?? "";
  return quote({ lines, location_id }, signal).then(
    (answer) => ({ quote: answer, error: null }),
    (error) => ({ quote: null, error }),
  );
}
