/** Views by the hash of the address: one at a time, each with a signal that ends with it. */

import { h, fill } from "./dom.js";
import { focusOnView } from "./focus.js";
import { onLanguage } from "./language.js";

const RESTORE_MS = 3_000;

/**
 * @typedef {object} Visit What a view gets.
 * @property {Record<string, string>} params Of the pattern, decoded.
 * @property {URLSearchParams} query Behind the question mark of the hash.
 * @property {AbortSignal} signal Aborts when the view is left.
 * @property {string} hash As it stands in the address.
 * @property {boolean} isReturn Whether one comes back here.
 */
/** @typedef {(visit: Visit) => {title: string, content: any}} View */

export class Router {
  #routes;
  #leave = new AbortController();
  #places = new Map();
  #key = "";

  /**
   * @param {{main: HTMLElement, routes: [string, View][], brand: string,
   *   onVisit?: (hash: string) => void}} options Of two patterns that fit the first wins; the last
   *   one is taken where none does.
   */
  constructor({ main, routes, brand, onVisit = () => {} }) {
    this.main = main;
    this.brand = brand;
    this.onVisit = onVisit;
    this.#routes = routes.map(([pattern, view]) => [matcher(pattern), view]);
  }

  /** @param {AbortSignal} [signal] Ends it. */
  start(signal) {
    history.scrollRestoration = "manual";
    window.addEventListener("hashchange", () => this.show(), { signal });
    window.addEventListener("scroll", () => this.#places.set(this.#key, window.scrollY), { passive: true, signal });
    signal?.addEventListener("abort", () => this.#leave.abort());
    onLanguage(() => this.show({ sameView: true }), signal);
    this.show({ isFirst: true });
  }

  /**
   * Shows what the address says.
   * @param {{isFirst?: boolean, sameView?: boolean, isStale?: boolean}} [how] `sameView`: the focus
   *   stays where the view did. `isStale`: nothing that was loaded before may be shown again.
   */
  show({ isFirst = false, sameView = false, isStale = false } = {}) {
    this.#leave.abort();
    this.#leave = new AbortController();
    if (!sameView) dropToast();
    const hash = location.hash || "#/";
    const { isReturn, top } = this.#arrive(sameView);
    const { view, params, query } = this.#find(hash);
    const visit = { params, query, hash, isReturn: isReturn && !isStale, signal: this.#leave.signal };
    const { title, content } = view(visit);
    document.title = title ? `${title} · ${this.brand}` : this.brand;
    fill(this.main, h("div.view", {}, content));
    this.onVisit(hash);
    // Who types outside of the view, in the search field, has brought it here and types on.
    const isTyping = document.activeElement?.matches("input") && !this.main.contains(document.activeElement);
    if (!isFirst && !sameView && !isTyping) focusOnView(this.main);
    this.#scroll(top, visit.signal);
  }

  // An entry of the history that we have numbered before is one that somebody returns to.
  #arrive(sameView) {
    if (sameView) return { isReturn: true, top: window.scrollY };
    const known = history.state?.key;
    this.#key = known ?? crypto.randomUUID();
    if (!known) history.replaceState({ key: this.#key }, "");
    return { isReturn: Boolean(known), top: this.#places.get(this.#key) ?? 0 };
  }

  #find(hash) {
    const [path, search = ""] = hash.slice(1).split("?");
    for (const [match, view] of this.#routes) {
      const params = match(path);
      if (params) return { view, params, query: new URLSearchParams(search) };
    }
    throw new Error("the last pattern must fit everything");
  }

  #scroll(top, signal) {
    window.scrollTo(0, top);
    if (!top) return;
    // What is loaded again makes the page grow: follow it down until it is as long as it was.
    const growth = new ResizeObserver(() => {
      window.scrollTo(0, top);
      if (window.scrollY >= top - 1) growth.disconnect();
    });
    growth.observe(this.main);
    for (const name of ["wheel", "touchstart", "keydown"]) {
      window.addEventListener(name, () => growth.disconnect(), { once: true, signal, passive: true });
    }
    setTimeout(() => growth.disconnect(), RESTORE_MS);
  }
}

/**
 * @param {string} hash
 * @param {{replace?: boolean}} [how] Replaced, the present page is not returned to.
 */
export function go(hash, { replace = false } = {}) {
  if (replace) location.replace(hash);
  else location.hash = hash;
}

// What went wrong on one page, or can be undone there, is no news on the next.
function dropToast() {
  document.querySelector("#toasts .toast-alert, #toasts .toast:has(.button)")?.remove();
}

function matcher(pattern) {
  const wanted = pattern.split("/");
  return (path) => {
    if (pattern === "*") return {};
    const given = path.split("/");
    if (given.length !== wanted.length) return null;
    const params = {};
    for (const [index, part] of wanted.entries()) {
      if (part.startsWith(":")) params[part.slice(1)] = decoded(given[index]);
      else if (part !== given[index]) return null;
    }
    return Object.values(params).includes(null) ? null : params;
  };
}

// Null for what no page of ours has written: an address may be typed, or cut off in a message.
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}
