/** The first page: the order that is under way, and the shelves. */

import { fill, h, icon, picture } from "../../shared/dom.js";
import { clock, day } from "../../shared/format.js";
import { t } from "../../shared/language.js";
import { loadInto, skeleton } from "../../shared/parts.js";
import { categories, location, mine, session, shop, shortName } from "../house.js";
import { LIVE, stateWords } from "../progress.js";

/** @type {import("../../shared/router.js").View} */
export function homeView({ signal }) {
  const live = h("div.live-orders");
  const shelves = h("div.shelves");
  showLive(live, signal);
  loadInto(shelves, signal, categories, shelfSections, skeleton(8, "tile"));
  const content = [h("h1.hero", {}, t("home.title")), live, !shop() && chooseShopCard(), shelves];
  return { title: "", content };
}

function chooseShopCard() {
  return h(
    "a.notice",
    { href: "#/shop" },
    icon("pin"),
    h("span", {}, h("strong", {}, t("home.shop.title")), h("span", {}, t("home.shop.text"))),
    icon("forward"),
  );
}

async function showLive(host, signal) {
  if (!session.isOpen) return;
  try {
    const { orders } = await mine("/v1/orders", { query: { page_size: 10 }, signal });
    const cards = await Promise.all(
      orders
        .filter((order) => LIVE.includes(order.state))
        .slice(0, 2)
        .map(liveCard),
    );
    if (!signal.aborted) fill(host, cards);
  } catch {
    // An extra of this page: the orders have one of their own, which says what is wrong.
  }
}

async function liveCard(order) {
  const place = await location(order.location_id).catch(() => null);
  const zone = place?.time_zone;
  const when = order.slot && `${day(order.slot.start_time, zone)}, ${clock(order.slot.start_time, zone)}`;
  return h(
    `a.live-card.is-${order.state}`,
    { href: `#/orders/${order.order_id}` },
    h("span.live-state", {}, order.state === "ready" ? t("home.ready") : stateWords(order)),
    h("span", {}, `${order.label} · ${place ? shortName(place) : ""}`, when && ` · ${when}`),
    icon("forward"),
  );
}

// One section for each top shelf, with the shelves below it that hold products themselves.
function shelfSections(all) {
  const isLeaf = (one) =>
    !all.some((other) => other.path.length > one.path.length && other.path[one.path.length - 1] === one.category_id);
  return all
    .filter((one) => one.path.length === 1)
    .map((root) => {
      const leaves = all.filter((one) => one.path[0] === root.category_id && isLeaf(one));
      return h(
        "section.shelf",
        { "aria-labelledby": `shelf-${root.category_id}` },
        h(
          "h2",
          { id: `shelf-${root.category_id}` },
          h("a", { href: `#/c/${root.category_id}` }, root.name, icon("forward", "small")),
        ),
        h("ul.tiles", {}, leaves.map(tile)),
      );
    });
}

function tile(category) {
  return h(
    "li",
    {},
    h(
      "a.tile",
      { href: `#/c/${category.category_id}` },
      picture(category.picture_url),
      h("span.tile-name", {}, category.name),
    ),
  );
}
