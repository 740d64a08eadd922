/** How much of a product, what that costs, and into the basket with it. */

import { fill, h } from "../../shared/dom.js";
import { stepper } from "../../shared/fields.js";
import { cost, quantity } from "../../shared/format.js";
import { t } from "../../shared/language.js";
import { amountParts, busy, linkButton, toast } from "../../shared/parts.js";
import { put, quantityOf } from "../basket.js";

const QUANTITY_MAX = 1_000_000;

/**
 * @param {any} one A product.
 * @returns {HTMLElement} Empty where it has no price: then it is not sold.
 */
export function buyBar(one) {
  if (!one.price) return h("div.buy");
  const unit = one.stock_unit;
  const total = h("span");
  const words = h("span", {}, t(quantityOf(one.sku) ? "basket.update" : "basket.add"));
  const showTotal = (wanted) => fill(total, amountParts(cost(one.price.amount, wanted, unit)));
  const value = quantityOf(one.sku) || Math.max(unit.step, 10 ** unit.decimals);
  const count = stepper({ value, unit, max: most(one), label: t("quantity"), onchange: showTotal });
  const putIn = async () => {
    await put(one.sku, count.value);
    words.textContent = t("basket.update");
    const text = t("basket.added", { quantity: quantity(count.value, unit) });
    toast(text, "check", linkButton("#/basket", t("basket.see"), { kind: "quiet" }));
  };
  const add = { type: "button", onclick: (event) => busy(event.currentTarget, putIn) };
  showTotal(value);
  return h("div.buy", {}, count, h("button.button.primary", add, words, total));
}

// Where it is not at this shop, another one may have more of it.
function most({ availability, stock_unit: unit }) {
  const left = availability?.available_quantity ?? 0;
  return left >= unit.step ? left : QUANTITY_MAX;
}
