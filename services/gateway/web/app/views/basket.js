/** The basket: what one means to order, and what it comes to. */

import { fill, h, icon, picture } from "../../shared/dom.js";
import { cost, quantity, sum, tied } from "../../shared/format.js";
import { stepper } from "../../shared/fields.js";
import { t } from "../../shared/language.js";
import { amountParts, empty, linkButton, loadInto, skeleton, toast } from "../../shared/parts.js";
import { explained } from "../../shared/problems.js";
import { lines, put, reload } from "../basket.js";
import { products, shop } from "../house.js";
import { stockOf } from "../shelf.js";

/** @type {import("../../shared/router.js").View} */
export function basketView({ signal }) {
  const title = t("basket.title");
  const host = h("div.basket");
  loadInto(
    host,
    signal,
    () => known(signal),
    (found) => show(host, found),
    skeleton(Math.max(lines().length, 2), "card"),
  );
  return { title, content: [h("h1", {}, title), host] };
}

async function known(signal) {
  await reload();
  return products(
    lines().map((line) => line.sku),
    signal,
  );
}

function show(host, found) {
  if (!lines().length)
    return empty(
      "basket",
      t("basket.empty"),
      t("basket.empty.next"),
      linkButton("#/", t("basket.browse"), { kind: "primary" }),
    );
  const foot = h("div.sum-bar");
  const refresh = () => {
    if (lines().length) fill(foot, totalBar(found));
    else fill(host, show(host, found));
  };
  refresh();
  return [
    h(
      "ul.lines",
      {},
      lines().map((line) => lineRow(line, found.get(line.sku), refresh)),
    ),
    foot,
  ];
}

function lineRow(line, product, refresh) {
  if (!product) return lostRow(line, refresh);
  const price = h("span.line-total", { "aria-live": "polite" });
  const warning = h("span.line-warning");
  const showLine = (wanted) => {
    if (product.price) fill(price, amountParts(cost(product.price.amount, wanted, product.stock_unit)));
    fill(warning, shortWords(product, wanted));
  };
  const count = lineCount(line, product, showLine, refresh);
  showLine(line.quantity);
  const href = `#/p/${encodeURIComponent(line.sku)}`;
  const remove = removeButton(line.sku, product.title, () => row.remove(), refresh);
  const row = h(
    "li.line",
    {},
    h("a.line-picture", { href, tabindex: "-1", "aria-hidden": "true" }, picture(product.picture_urls[0])),
    h("div.line-text", {}, h("a.line-title", { href }, tied(product.title)), warning),
    h("div.line-tools", {}, count, remove, price),
  );
  return row;
}

function lineCount(line, product, showLine, refresh) {
  const before = line.quantity;
  const changed = (wanted) => {
    showLine(wanted);
    refresh();
    put(line.sku, wanted)
      .catch((error) => {
        count.set(before);
        showLine(before);
        toast(explained(error), "alert");
      })
      .finally(refresh);
  };
  const label = t("quantity.of", { title: product.title });
  const count = stepper({ value: before, unit: product.stock_unit, label, onchange: changed });
  return count;
}

function removeButton(sku, title, drop, refresh) {
  const remove = async () => {
    const before = lines().find((line) => line.sku === sku)?.quantity ?? 0;
    try {
      await put(sku, 0);
      drop();
      const back = h(
        "button.button.quiet",
        {
          type: "button",
          onclick: () => put(sku, before).then(() => window.dispatchEvent(new HashChangeEvent("hashchange"))),
        },
        t("undo"),
      );
      toast(t("basket.removed", { title }), "check", back);
    } catch (error) {
      toast(explained(error), "alert");
    }
    refresh();
  };
  return h(
    "button.icon-button",
    { type: "button", "aria-label": t("basket.remove", { title }), onclick: remove },
    icon("trash"),
  );
}

function lostRow(line, refresh) {
  const row = h(
    "li.line.line-lost",
    {},
    h("div.line-text", {}, h("span.line-title", {}, line.sku), h("span.line-warning", {}, t("basket.gone"))),
    h(
      "div.line-tools",
      {},
      removeButton(line.sku, line.sku, () => row.remove(), refresh),
    ),
  );
  return row;
}

function shortWords(product, wanted) {
  if (!shop() || !product.availability) return null;
  const left = product.availability.available_quantity;
  if (left >= wanted) return h("span.stock.stock-some", {}, t("basket.there"));
  const words =
    left < product.stock_unit.step
      ? stockOf(product).words
      : t("basket.short", { quantity: quantity(left, product.stock_unit) });
  return h("span.stock.stock-none", {}, words);
}

function totalBar(found) {
  const costs = lines()
    .map((line) => costOf(line, found.get(line.sku)))
    .filter(Boolean);
  return [
    h("p.sum", {}, h("span", {}, t("total")), costs.length ? amountParts(sum(costs)) : t("price.unknown")),
    h("p.muted.small", {}, t("basket.note")),
    linkButton("#/pickup", t("basket.next"), { kind: "primary" }),
  ];
}

function costOf(line, product) {
  return product?.price ? cost(product.price.amount, line.quantity, product.stock_unit) : null;
}
