/** Parts that both pages are made of: buttons, states, dialogs, prices. */

import { announce, fill, h, icon } from "./dom.js";
import { focusOnView } from "./focus.js";
import { moneyParts, unitName } from "./format.js";
import { locale, speak, t } from "./language.js";
import { LOOKS, look, wear } from "./look.js";
import { explain, explained } from "./problems.js";

const TOAST_MS = 6_000;
// Long enough to come to its button by keyboard.
const OFFER_MS = 20_000;

/**
 * @param {string} label
 * @param {{kind?: string, sign?: string, onclick?: (event: Event) => any, type?: string,
 *   disabled?: boolean, label?: string}} [options] `kind`: `primary`, `quiet`, `danger` or plain.
 * @returns {HTMLElement}
 */
export function button(label, { kind = "plain", sign, onclick, type = "button", ...rest } = {}) {
  return h(`button.button.${kind}`, { type, onclick, ...rest }, sign && icon(sign), h("span", {}, label));
}

/**
 * @param {string} href
 * @param {string} label
 * @param {{kind?: string, sign?: string}} [options]
 * @returns {HTMLElement}
 */
export function linkButton(href, label, { kind = "plain", sign } = {}) {
  return h(`a.button.${kind}`, { href }, sign && icon(sign), h("span", {}, label));
}

/**
 * Runs `work` while its button cannot be pressed again; a failure is said in a toast unless
 * `onError` takes it.
 * @param {HTMLElement} pressed
 * @param {() => Promise<any>} work
 * @param {(error: unknown) => void} [onError]
 */
export async function busy(pressed, work, onError = (error) => toast(explained(error), "alert")) {
  if (pressed.getAttribute("aria-disabled") === "true") return;
  // Not `disabled`: that would drop the focus of whoever uses a keyboard.
  pressed.setAttribute("aria-disabled", "true");
  pressed.classList.add("is-busy");
  try {
    await work();
  } catch (error) {
    if (error.name !== "AbortError") onError(error);
  } finally {
    pressed.removeAttribute("aria-disabled");
    pressed.classList.remove("is-busy");
  }
}

/**
 * Loads into a host: a skeleton first, then what came, or why it did not and another try.
 * @template T
 * @param {HTMLElement} host
 * @param {AbortSignal} signal
 * @param {() => Promise<T>} load
 * @param {(value: T) => any} show
 * @param {any} [waiting]
 */
export async function loadInto(host, signal, load, show, waiting = skeleton(3)) {
  host.setAttribute("aria-busy", "true");
  fill(host, waiting);
  try {
    const value = await load();
    if (!signal.aborted) fill(host, show(value));
  } catch (error) {
    if (signal.aborted) return;
    fill(
      host,
      failure(error, () => loadInto(host, signal, load, show, waiting)),
    );
  } finally {
    host.removeAttribute("aria-busy");
  }
}

/**
 * @param {unknown} error
 * @param {() => void} [retry]
 * @returns {HTMLElement}
 */
export function failure(error, retry) {
  const { title, advice } = explain(error);
  const sign = error?.reason === "OFFLINE" ? "cloud" : "alert";
  return h(
    "div.state.failure",
    { role: "alert" },
    icon(sign),
    h("p.state-title", {}, title),
    advice && h("p", {}, advice),
    retry && button(t("retry"), { onclick: retry }),
  );
}

/**
 * @param {string} sign
 * @param {string} title
 * @param {string} text What to do next.
 * @param {any} [action]
 * @returns {HTMLElement}
 */
export function empty(sign, title, text, action) {
  return h("div.state", {}, icon(sign), h("p.state-title", {}, title), h("p", {}, text), action);
}

/**
 * @param {number} rows
 * @param {string} [kind]
 * @returns {HTMLElement[]}
 */
export function skeleton(rows, kind = "row") {
  const bones = Array.from({ length: rows }, () => h(`div.bone.bone-${kind}`, { "aria-hidden": "true" }));
  return [h("p.unseen", {}, t("loading")), h(`div.bones.bones-${kind}`, {}, bones)];
}

/**
 * @param {{amount: {minor: number | string, currency: string}, kind: string} | null} price
 * @param {{unit: string, step: number, decimals: number}} unit
 * @returns {HTMLElement}
 */
export function priceTag(price, unit) {
  if (!price) return h("span.price.price-none", {}, t("price.unknown"));
  const of = unitName(unit);
  const reduced = price.kind === "reduced";
  return h(
    `span.price${reduced ? ".price-reduced" : ""}`,
    {},
    amountParts(price.amount),
    of && h("span.price-unit", {}, ` / ${of}`),
    reduced && h("span.flag", {}, t("price.reduced")),
  );
}

/**
 * @param {{minor: number | string, currency: string}} amount
 * @returns {HTMLElement} With cents set smaller.
 */
export function amountParts(amount) {
  const parts = moneyParts(amount).map(({ type, value }) => h(`span.money-${type}`, {}, value));
  return h("span.money", {}, parts);
}

/**
 * @param {{average_stars: number, review_count: number} | null} rating
 * @returns {HTMLElement | null}
 */
export function stars(rating) {
  if (!rating?.review_count) return null;
  const average = new Intl.NumberFormat(locale(), { maximumFractionDigits: 1, minimumFractionDigits: 1 }).format(
    rating.average_stars,
  );
  return h(
    "span.rating",
    {},
    icon("star", "filled"),
    h("span.unseen", {}, t("rating.stars")),
    average,
    h("span.muted", {}, ` (${rating.review_count})`),
    h("span.unseen", {}, t("rating.reviews")),
  );
}

/**
 * @param {string} text
 * @param {"check" | "alert"} [sign]
 * @param {HTMLElement} [action] Pressing it closes the toast.
 */
export function toast(text, sign = "check", action) {
  const place = document.getElementById("toasts");
  const shown = h(`div.toast.toast-${sign}`, {}, icon(sign), h("span", {}, text), action);
  action?.addEventListener("click", () => shown.remove());
  fill(place, shown);
  announce(text);
  leaveLater(shown, action ? OFFER_MS : TOAST_MS);
}

// Not from under somebody's hand.
function leaveLater(shown, ms) {
  const leave = () => (shown.matches(":hover, :focus-within") ? leaveLater(shown, ms) : shown.remove());
  setTimeout(leave, ms);
}

document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape" || document.querySelector("dialog[open]")) return;
  fill(document.getElementById("toasts"));
});

/**
 * Asks in a dialog. The focus goes back to where it was.
 * @param {{title: string, body: any, actions: (close: (answer: any) => void) => any}} options
 * @returns {Promise<any>} What was closed with; null for Escape.
 */
export function ask({ title, body, actions }) {
  return new Promise((resolve) => {
    const box = h("dialog.dialog", { "aria-labelledby": "dialog-title" });
    const close = (answer) => {
      resolve(answer);
      box.close();
    };
    box.append(
      h("h2", { id: "dialog-title" }, title),
      h("div.dialog-body", {}, body),
      h("div.dialog-actions", {}, actions(close)),
    );
    box.addEventListener("close", () => {
      resolve(null);
      box.remove();
      // What the browser would give the focus back to may have been drawn anew meanwhile.
      if (document.activeElement === document.body) focusOnView(document.querySelector("main"));
    });
    document.body.append(box);
    box.showModal();
  });
}

/** @returns {HTMLElement} Both languages in their own words, the spoken one marked. */
export function languageSwitch() {
  const names = { fr: "Français", en: "English" };
  return choices(t("language"), locale(), speak, names, (tag) => ({ lang: tag }));
}

/** @returns {HTMLElement} By day, by night, or as the device has it. */
export function lookSwitch() {
  return choices(t("look"), look(), wear, Object.fromEntries(LOOKS.map((one) => [one, t(`look.${one}`)])));
}

function choices(label, chosen, take, names, extra = () => ({})) {
  const row = h("div.choices", { role: "group", "aria-label": label });
  const mark = (value) => {
    for (const one of row.children) one.setAttribute("aria-pressed", String(one.value === value));
  };
  const choice = ([value, name]) => {
    const onclick = () => {
      take(value);
      mark(value);
    };
    return h("button.choice", { type: "button", value, onclick, ...extra(value) }, name);
  };
  row.append(...Object.entries(names).map(choice));
  mark(chosen);
  return row;
}
