/** One product: what it is, what it costs, whether it is there, what buyers say. */

import { fill, h, icon, picture } from "../../shared/dom.js";
import { send } from "../../shared/api.js";
import { clock, date, day, distance, minutesUntil, number, quantity, tied } from "../../shared/format.js";
import { goingOn } from "../../shared/focus.js";
import { t } from "../../shared/language.js";
import { button, failure, linkButton, loadInto, priceTag, skeleton, stars } from "../../shared/parts.js";
import { location, nearOf, pickUpOptions, product, shop, shortName } from "../house.js";
import { stockOf } from "../shelf.js";
import { buyBar } from "./buy.js";
import { variants } from "./variants.js";

const OTHER_SHOPS_MAX = 3;
const SOON_MIN = 90;

/** @type {import("../../shared/router.js").View} */
export function productView({ params, signal }) {
  const host = h("article.product");
  loadInto(
    host,
    signal,
    () => product(params.sku, signal),
    (one) => {
      document.title = `${one.title} · Fargue`;
      return productPage(one, signal);
    },
    skeleton(1, "page"),
  );
  return { title: t("product"), content: host };
}

function productPage(one, signal) {
  const reviews = h("section.reviews", { "aria-labelledby": "reviews-title", id: "reviews" });
  showReviews(reviews, one, signal);
  return [
    h("div.product-picture", {}, picture(one.picture_urls[0])),
    h(
      "div.product-head",
      {},
      h("p.brand", {}, one.brand),
      h("h1", { lang: one.locale }, tied(one.title)),
      one.rating?.review_count > 0 && h("p", {}, stars(one.rating)),
      h("p.product-price", {}, priceTag(one.price, one.stock_unit)),
      stockPanel(one, signal),
      variants(one, signal),
    ),
    buyBar(one),
    h(
      "section.product-text",
      { "aria-labelledby": "about-title" },
      h("h2", { id: "about-title" }, t("product.about")),
      h("p.prose", { lang: one.locale }, tied(one.description)),
    ),
    factTable(one),
    reviews,
  ];
}

function stockPanel(one, signal) {
  const panel = h("div.stock-panel", { role: "status" });
  const mine = shop();
  if (!mine) {
    fill(
      panel,
      h("p.stock.stock-unknown", {}, t("stock.no_shop")),
      linkButton("#/shop", t("shop.choose"), { sign: "pin" }),
    );
    return panel;
  }
  const { level, words } = stockOf(one);
  const more = h("p.stock-more", {}, "\u00a0");
  fill(panel, h(`p.stock.stock-${level}`, {}, t("stock.at", { words, shop: shortName(mine) })), more);
  if (level === "none" || level === "unknown") elsewhere(one, mine, more, signal);
  else readyWords(one, mine, more, signal);
  return panel;
}

async function readyWords(one, mine, host, signal) {
  const question = { lines: [{ sku: one.sku, quantity: one.stock_unit.step }], location_ids: [mine.location_id] };
  const options = await pickUpOptions(question, signal).catch(() => []);
  const ready = options
    .filter((option) => option.available && option.ready_time)
    .map((option) => option.ready_time)
    .sort()[0];
  if (ready) host.textContent = readyText(ready, mine.time_zone);
}

function readyText(ready, zone) {
  const minutes = Math.max(minutesUntil(ready), 1);
  if (minutes <= SOON_MIN) return t("ready.in", { count: minutes });
  return t("ready.at", { day: day(ready, zone), time: clock(ready, zone) });
}

async function elsewhere(one, mine, host, signal) {
  const question = { lines: [{ sku: one.sku, quantity: one.stock_unit.step }], near: nearOf(mine) };
  const options = await pickUpOptions(question, signal).catch(() => []);
  const there = options.filter((option) => option.available && option.kind === "counter").slice(0, OTHER_SHOPS_MAX);
  const places = await Promise.all(
    there.map(async (option) => ({ option, place: await location(option.location_id) })),
  ).catch(() => []);
  if (signal.aborted || !places.length) return;
  const words = places.map(
    ({ option, place }) => shortName(place) + (option.distance_m ? `\u00a0(${distance(option.distance_m)})` : ""),
  );
  fill(host, t("stock.elsewhere"), " ", words.join(", "));
}

function factTable(one) {
  if (!one.facts.length)
    return h("section.facts", {}, h("h2", {}, t("product.facts")), h("p.muted", {}, t("product.facts.none")));
  const rows = one.facts.map((fact) =>
    h("div.fact", {}, h("dt", {}, fact.name || fact.key), h("dd", {}, factValue(fact))),
  );
  const code = h("div.fact", {}, h("dt", {}, t("product.sku")), h("dd", {}, one.sku));
  return h(
    "section.facts",
    { "aria-labelledby": "facts-title" },
    h("h2", { id: "facts-title" }, t("product.facts")),
    h("dl", {}, rows, code),
  );
}

function factValue({ value, unit }) {
  if (value === null || value === undefined || value === "") return h("span.muted", {}, t("unknown"));
  if (typeof value === "boolean") return t(value ? "yes" : "no");
  if (typeof value !== "number") return value;
  if (!unit) return number(value);
  // "7.9/10" is written together, "18 V" is not.
  return unit.startsWith("/") ? `${number(value)}${unit}` : `${number(value)}\u00a0${unit}`;
}

function showReviews(section, one, signal) {
  const list = h("ul.review-list");
  const foot = h("div");
  fill(
    section,
    h("h2", { id: "reviews-title" }, t("reviews.title")),
    one.rating?.review_count > 0 && h("p", {}, stars(one.rating), " ", h("span.muted", {}, t("reviews.verified_note"))),
    list,
    foot,
  );
  const load = async (page_token) => {
    const goOn = goingOn(list, foot);
    fill(foot, skeleton(2, "row"));
    try {
      const page = await send(`/v1/products/${encodeURIComponent(one.sku)}/reviews`, {
        query: { page_size: 5, page_token },
        signal,
      });
      list.append(...page.reviews.map(reviewItem));
      const more = page.next_page_token && button(t("reviews.more"), { onclick: () => load(page.next_page_token) });
      fill(foot, more || (!list.children.length && h("p.muted", {}, t("reviews.none"))));
      goOn();
    } catch (error) {
      if (!signal.aborted)
        fill(
          foot,
          failure(error, () => load(page_token)),
        );
    }
  };
  load("");
}

function reviewItem(review) {
  const filled = Array.from({ length: 5 }, (_, index) => icon("star", index < review.stars ? "filled" : "hollow"));
  return h(
    "li.review",
    {},
    h(
      "p.review-head",
      {},
      h("span.rating", {}, h("span.unseen", {}, t("reviews.stars", { count: review.stars })), filled),
      h("span.muted", {}, date(review.publish_time)),
    ),
    h("p.prose", { lang: review.locale }, tied(review.text)),
    review.verified && h("p.muted.small", {}, icon("check", "small"), t("reviews.verified")),
  );
}
