/** Lists of products: found by words, or on a shelf. Page after page as one goes down. */

import { announce, fill, h, icon } from "../../shared/dom.js";
import { send } from "../../shared/api.js";
import { goingOn } from "../../shared/focus.js";
import { locale, t } from "../../shared/language.js";
import { button, empty, failure, linkButton, skeleton } from "../../shared/parts.js";
import { atShop, categories, shop } from "../house.js";
import { productCard } from "../shelf.js";

const PAGE_SIZE = 24;
const LISTS_KEPT_MAX = 8;
// What was loaded, by question: whoever comes back from a product finds the list as it was.
const kept = new Map();

/** @type {import("../../shared/router.js").View} */
export function searchView(visit) {
  const words = visit.query.get("q") ?? "";
  const title = words ? t("search.title", { words }) : t("search.all");
  const nothing = empty(
    "search",
    t("search.none", { words }),
    t("search.none.next"),
    linkButton("#/", t("search.shelves")),
  );
  return { title, content: [h("h1.list-title", {}, title), list({ q: words }, visit, nothing)] };
}

/** @type {import("../../shared/router.js").View} */
export function categoryView(visit) {
  const id = visit.params.category;
  const heading = h("h1.list-title", {}, "\u00a0");
  const trail = h("nav.trail", { "aria-label": t("trail") }, "\u00a0");
  const below = h("ul.chips");
  nameShelf(id, { heading, trail, below }, visit.signal);
  const nothing = empty("box", t("category.none"), t("category.none.next"), linkButton("#/", t("search.shelves")));
  return { title: t("category"), content: [trail, heading, below, list({ category: id }, visit, nothing)] };
}

async function nameShelf(id, { heading, trail, below }, signal) {
  const all = await categories().catch(() => []);
  const here = all.find((one) => one.category_id === id);
  if (signal.aborted) return;
  // Without a line nobody knows its name, and a heading that says nothing leads nowhere.
  if (!all.length) return fill(heading, t("category"));
  fill(heading, here?.name ?? t("missing.title"));
  if (!here) return;
  document.title = `${here.name} · Fargue`;
  const above = here.path
    .slice(0, -1)
    .map((up) => all.find((one) => one.category_id === up))
    .filter(Boolean);
  fill(
    trail,
    h("a", { href: "#/" }, t("tab.home")),
    above.map((one) => [icon("forward", "small"), h("a", { href: `#/c/${one.category_id}` }, one.name)]),
  );
  const children = all.filter((one) => one.path.length === here.path.length + 1 && one.path.includes(id));
  fill(
    below,
    children.map((one) => h("li", {}, h("a.chip", { href: `#/c/${one.category_id}` }, one.name))),
  );
}

function list(question, { signal, isReturn }, nothing) {
  const query = { ...question, location_id: shop()?.location_id, locale: locale(), page_size: PAGE_SIZE };
  const name = JSON.stringify(query);
  if (!isReturn) kept.delete(name);
  const state = kept.get(name) ?? { products: [], next: "", total: null };
  remember(name, state);
  const parts = { rows: h("ul.cards"), count: h("p.count", {}, "\u00a0"), foot: h("div.list-foot") };
  const more = () => loadMore({ query, state, parts, nothing, signal, more });
  fill(parts.rows, state.products.map(productCard));
  if (state.total === null) more();
  else afterPage(state, parts, nothing, more, signal);
  return h("div.list", {}, parts.count, parts.rows, parts.foot);
}

function remember(name, state) {
  kept.delete(name);
  kept.set(name, state);
  if (kept.size > LISTS_KEPT_MAX) kept.delete(kept.keys().next().value);
}

async function loadMore({ query, state, parts, nothing, signal, more }) {
  const goOn = goingOn(parts.rows, parts.foot);
  fill(parts.foot, skeleton(state.total === null ? 6 : 2, "card"));
  try {
    const page = await atShop((location_id) =>
      send("/v1/products", { query: { ...query, location_id, page_token: state.next }, signal }),
    );
    state.products.push(...page.products);
    state.next = page.next_page_token;
    state.total = Number(page.total_count);
    parts.rows.append(...page.products.map(productCard));
    afterPage(state, parts, nothing, more, signal);
    goOn();
    announce(t("search.count", { count: state.total }));
  } catch (error) {
    if (!signal.aborted) fill(parts.foot, failure(error, more));
  }
}

function afterPage(state, { rows, count, foot }, nothing, more, signal) {
  count.textContent = state.total ? t("search.count", { count: state.total }) : "";
  if (!state.total) return fill(foot, nothing);
  if (!state.next) return fill(foot);
  // The button is for whoever comes by keyboard; for all others it is pressed on sight.
  const button_ = button(t("search.more"), { onclick: more });
  fill(foot, button_);
  const sight = new IntersectionObserver(
    ([entry]) => {
      // Else a list that always grows would never let the keyboard through to what is below it.
      if (!entry.isIntersecting || rows.querySelector(":focus-visible")) return;
      sight.disconnect();
      more();
    },
    { rootMargin: "600px" },
  );
  sight.observe(button_);
  signal.addEventListener("abort", () => sight.disconnect());
}
