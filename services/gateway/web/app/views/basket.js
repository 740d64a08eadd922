/** The basket: what one means to order, and what it comes to. */

import { fill, h, icon, picture } from "../../shared/dom.js";
import { keepingFocus } from "../../shared/focus.js";
import { quantity } from "../../shared/format.js";
import { stepper } from "../../shared/fields.js";
import { t } from "../../shared/language.js";
import { amountParts, button, empty, linkButton, loadInto, skeleton, toast } from "../../shared/parts.js";
import { explained } from "../../shared/problems.js";
import { titleOf } from "../../shared/products.js";
import { lines, put, reload } from "../basket.js";
import { products, shop } from "../house.js";
import { stockOf } from "../shelf.js";
import { Totals } from "../totals.js";

/** @type {import("../../shared/router.js").View} */
export function basketView({ signal }) {
  const title = t("basket.title");
  const host = h("div.basket");
  loadInto(
    host,
    signal,
    () => known(signal),
    (found) => show(host, found, signal),
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

function show(host, found, signal) {
  if (!lines().length)
    return empty(
      "basket",
      t("basket.empty"),
      t("basket.empty.next"),
      linkButton("#/", t("basket.browse"), { kind: "primary" }),
    );
  const totals = new Totals(signal);
  const refresh = () => {
    if (!lines().length) return fill(host, show(host, found, signal));
    // What is not sold any more stays in the basket until it is taken out, and costs nothing.
    totals.ask(lines().filter((line) => found.get(line.sku)?.price));
  };
  const rows = lines().map((line) => lineRow(line, found.get(line.sku), totals, refresh));
  const foot = totalBar(totals, refresh);
  refresh();
  return [h("ul.lines", {}, rows), foot];
}

function lineRow(line, product, totals, refresh) {
  if (!product) return lostRow(line, refresh);
  const price = h("span.line-total", { "aria-live": "polite" });
  totals.follow(price, ({ quote }) => {
    const total = quote?.lines.find((one) => one.sku === line.sku)?.total;
    return total && amountParts(total);
  });
  const warning = h("span.line-warning");
  const showLine = (wanted) => fill(warning, shortWords(product, wanted));
  const count = lineCount(line, product, showLine, refresh);
  showLine(line.quantity);
  const href = `#/p/${encodeURIComponent(line.sku)}`;
  const remove = removeButton(line.sku, product.title, () => taken(row), refresh);
  const row = h(
    "li.line",
    {},
    h("a.line-picture", { href, tabindex: "-1", "aria-hidden": "true" }, picture(product.picture_urls[0])),
    h("div.line-text", {}, h("a.line-title", { href }, titleOf(product)), warning),
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

function taken(row) {
  keepingFocus(row.parentElement, () => row.remove());
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
      removeButton(line.sku, line.sku, () => taken(row), refresh),
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

function totalBar(totals, refresh) {
  const sum = h("span", { "aria-live": "polite" });
  const note = h("div.sum-note.muted.small");
  totals.follow(sum, ({ quote }) => (quote ? amountParts(quote.total) : t("price.unknown")));
  totals.follow(note, ({ error }) =>
    error ? [h("p", {}, explained(error)), button(t("retry"), { onclick: refresh })] : t("basket.note"),
  );
  return h(
    "div.sum-bar",
    {},
    h("p.sum", {}, h("span", {}, t("total")), sum),
    note,
    linkButton("#/pickup", t("basket.next"), { kind: "primary" }),
  );
}
