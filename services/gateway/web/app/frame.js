/** What stands around every view: the shop, the search field, the tabs. */

import { fill, h, icon } from "../shared/dom.js";
import { form } from "../shared/fields.js";
import { t } from "../shared/language.js";
import { go } from "../shared/router.js";
import { lines } from "./basket.js";
import { shop, shortName } from "./house.js";
import { notices } from "./notices.js";

const TYPING_MS = 350;
// In these a field that leads elsewhere would only be in the way.
const QUIET = ["#/pickup", "#/review", "#/sign-in", "#/sign-up"];

/**
 * Builds the frame.
 * @param {() => void} renew Shows the view anew, when the line is back.
 * @returns {{render: () => void, visit: (hash: string) => void}} `visit` follows the router.
 */
export function frame(renew) {
  const top = document.getElementById("top");
  const tabs = document.getElementById("tabs");
  let hash = "#/";
  const search = searchField();
  const notes = notices(renew);

  function render() {
    document.getElementById("skip").textContent = t("skip");
    top.setAttribute("aria-label", t("site"));
    search.label();
    fill(top, h("div.top-row", {}, wordmark(), shopLink()), search.form, notes);
    tabs.setAttribute("aria-label", t("tabs"));
    fill(tabs, tabLinks(hash));
  }

  function visit(next) {
    hash = next;
    top.classList.toggle(
      "is-quiet",
      QUIET.some((start) => hash.startsWith(start)),
    );
    if (hash.startsWith("#/search?")) search.show(new URLSearchParams(hash.split("?")[1]).get("q") ?? "");
    else search.show("");
    fill(tabs, tabLinks(hash));
  }

  render();
  return { render, visit };
}

function wordmark() {
  return h(
    "a.wordmark",
    { href: "#/", "aria-label": t("home.link") },
    h("img", { src: "/pictures/logo.svg", alt: "", width: 32, height: 32 }),
    h("span", {}, "Fargue"),
  );
}

function shopLink() {
  const chosen = shop();
  return h(
    "a.shop-link",
    { href: "#/shop" },
    icon("pin"),
    h("span.shop-name", {}, h("span.unseen", {}, t("shop.mine")), chosen ? shortName(chosen) : t("shop.choose")),
    icon("down", "small"),
  );
}

function searchField() {
  const input = h("input.search-input", {
    type: "search",
    name: "q",
    enterkeyhint: "search",
    autocomplete: "off",
    maxlength: 200,
  });
  let waiting = 0;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    if (isSearching()) waiting = setTimeout(() => look(input), TYPING_MS);
  });
  const sent = () => {
    clearTimeout(waiting);
    look(input);
    input.blur();
  };
  const label = () => {
    input.placeholder = t("search.placeholder");
    input.setAttribute("aria-label", t("search.label"));
  };
  const show = (words) => {
    if (document.activeElement !== input) input.value = words;
  };
  const whole = form("form.search", sent, icon("search"), input);
  whole.setAttribute("role", "search");
  return { form: whole, label, show };
}

function look(input) {
  const words = input.value.trim();
  if (!words && !isSearching()) return;
  // While somebody types there, each word would else be a page to go back through.
  go(`#/search?q=${encodeURIComponent(words)}`, { replace: isSearching() });
}

function isSearching() {
  return location.hash.startsWith("#/search");
}

function tabLinks(hash) {
  const count = lines().length;
  return [
    tab("#/", "home", t("tab.home"), hash === "#/"),
    tab("#/basket", "basket", t("tab.basket"), /^#\/(basket|pickup|review)/.test(hash), count),
    tab("#/orders", "bag", t("tab.orders"), /^#\/(orders|purchases)/.test(hash)),
    tab("#/account", "person", t("tab.account"), /^#\/(account|sign)/.test(hash)),
  ];
}

function tab(href, sign, label, isHere, count = 0) {
  return h(
    "a.tab",
    { href, "aria-current": isHere ? "page" : null },
    h("span.tab-sign", {}, icon(sign), count > 0 && h("span.tab-count", { "aria-hidden": "true" }, count)),
    h("span", {}, label),
    count > 0 && h("span.unseen", {}, t("basket.count", { count })),
  );
}
