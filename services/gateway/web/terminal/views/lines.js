/** The lines of an order as a plain list. */

import { h, picture } from "../../shared/dom.js";
import { quantity } from "../../shared/format.js";
import { t } from "../../shared/language.js";
import { titleOf, unitOf } from "../../shared/products.js";
import { fromHere } from "../outbox.js";

/**
 * @param {any} order
 * @param {Map<string, any>} found Products by sku.
 * @returns {HTMLElement}
 */
export function lineRows(order, found) {
  return h(
    "ul.plain-lines",
    {},
    order.lines.map((line) => {
      const product = found.get(line.sku);
      const unit = unitOf(product);
      const isLookedFor = line.found_quantity !== null;
      const missing = isLookedFor && line.found_quantity < fromHere(line);
      const stands = isLookedFor ? line.found_quantity + line.brought_quantity : line.quantity;
      return h(
        "li.plain-line",
        {},
        picture(product?.picture_urls[0]),
        h("span.plain-title", {}, titleOf(product, line.sku), h("span.muted.small", {}, line.sku)),
        !isLookedFor && h("span.muted.small", {}, t("line.not_looked_for")),
        missing &&
          h(
            "span.missing",
            {},
            line.found_quantity
              ? t("line.found", { quantity: quantity(line.found_quantity, unit) })
              : t("line.not_found"),
          ),
        line.brought_quantity > 0 &&
          h("span.muted.small", {}, t("line.brought", { quantity: quantity(line.brought_quantity, unit) })),
        h("strong.plain-count", {}, quantity(stands, unit)),
      );
    }),
  );
}
