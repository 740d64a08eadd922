/** What one has ordered, and what one has bought in any shop. */

import { fill, h, icon } from "../../shared/dom.js";
import { clock, date, day, money } from "../../shared/format.js";
import { goingOn } from "../../shared/focus.js";
import { t } from "../../shared/language.js";
import { button, empty, failure, linkButton, skeleton } from "../../shared/parts.js";
import { titleOf } from "../../shared/products.js";
import { location, mine, products, session, shortName } from "../house.js";
import { LIVE, stateWords } from "../progress.js";

/** @type {import("../../shared/router.js").View} */
export function ordersView({ signal }) {
  const title = t("orders.title");
  const nothing = empty(
    "bag",
    t("orders.none"),
    t("orders.none.next"),
    linkButton("#/", t("basket.browse"), { kind: "primary" }),
  );
  const list = pages({ path: "/v1/orders", name: "orders", row: orderRow, nothing, signal });
  return { title, content: [h("h1", {}, title), tabs("orders"), session.isOpen ? list : visitor("#/orders")] };
}

/** @type {import("../../shared/router.js").View} */
export function purchasesView({ signal }) {
  const title = t("purchases.title");
  const nothing = empty("bag", t("purchases.none"), t("purchases.none.next"));
  const list = pages({ path: "/v1/me/purchases", name: "purchases", row: purchaseRow, nothing, signal });
  return { title, content: [h("h1", {}, title), tabs("purchases"), session.isOpen ? list : visitor("#/purchases")] };
}

function tabs(here) {
  const link = (name) =>
    h("a.choice", { href: `#/${name}`, "aria-current": here === name ? "page" : null }, t(`${name}.title`));
  return h("nav.choices", { "aria-label": t("orders.tabs") }, link("orders"), link("purchases"));
}

function visitor(next) {
  return empty(
    "person",
    t("sign.needed"),
    t("sign.needed.orders"),
    linkButton(`#/sign-in?next=${encodeURIComponent(next)}`, t("sign_in"), { kind: "primary" }),
  );
}

function pages({ path, name, row, nothing, signal }) {
  const list = h("ul.rows");
  const foot = h("div");
  const load = async (page_token) => {
    const goOn = goingOn(list, foot);
    fill(foot, skeleton(page_token ? 1 : 3, "row"));
    try {
      const page = await mine(path, { query: { page_size: 20, page_token }, signal });
      list.append(...(await Promise.all(page[name].map((one) => row(one, signal)))));
      const more = page.next_page_token && button(t("search.more"), { onclick: () => load(page.next_page_token) });
      fill(foot, more || (!list.children.length && nothing));
      goOn();
    } catch (error) {
      if (!signal.aborted)
        fill(
          foot,
          failure(error, () => load(page_token)),
        );
    }
  };
  if (session.isOpen) load("");
  return h("div", {}, list, foot);
}

async function orderRow(order) {
  const place = await location(order.location_id).catch(() => null);
  const isLive = LIVE.includes(order.state);
  const when =
    isLive && order.slot
      ? `${day(order.slot.start_time, place?.time_zone)}, ${clock(order.slot.start_time, place?.time_zone)}`
      : date(order.create_time);
  return h(
    "li",
    {},
    h(
      "a.row",
      { href: `#/orders/${order.order_id}` },
      h(
        "span.row-text",
        {},
        h(`span.badge.is-${order.state}`, {}, stateWords(order)),
        h("strong", {}, place ? shortName(place) : order.location_id),
        h("span.muted", {}, `${when} · ${t("order.articles", { count: order.lines.length })}`),
      ),
      h("span.row-side", {}, order.total && money(order.total), icon("forward", "small")),
    ),
  );
}

async function purchaseRow(purchase, signal) {
  const skus = purchase.lines.map((line) => line.sku);
  const [place, found] = await Promise.all([
    location(purchase.location_id).catch(() => null),
    products(skus, signal).catch(() => new Map()),
  ]);
  const where = `${place ? shortName(place) : purchase.location_id} · ${t(`channel.${purchase.channel}`)}`;
  return h(
    "li.purchase",
    {},
    h(
      "div.row",
      {},
      h("span.row-text", {}, h("strong", {}, date(purchase.purchase_time)), h("span.muted", {}, where)),
      h("span.row-side", {}, purchase.total && money(purchase.total)),
    ),
    h(
      "ul.purchase-lines",
      {},
      skus.map((sku) => h("li", {}, articleLink(sku, found.get(sku)))),
    ),
  );
}

function articleLink(sku, product) {
  return product ? h("a", { href: `#/p/${encodeURIComponent(sku)}` }, titleOf(product)) : sku;
}
