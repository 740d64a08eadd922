/** Picking: one line at a time in the hand, the others in sight, then the bin. */

import { announce, fill, h, icon, picture } from "../../shared/dom.js";
import { focusOn } from "../../shared/focus.js";
import { quantity } from "../../shared/format.js";
import { stepper } from "../../shared/fields.js";
import { t } from "../../shared/language.js";
import { ask, button, toast } from "../../shared/parts.js";
import { explained } from "../../shared/problems.js";
import { titleOf, unitOf } from "../../shared/products.js";
import { shelfNames } from "../house.js";
import { fromHere, pick, pickOf, toFind } from "../outbox.js";
import { stageForm } from "./staging.js";

/**
 * @param {{order: any, found: Map<string, any>, take: (order: any) => void, page: any}} context
 *   `page` remembers over redraws which line is in the hand.
 * @returns {HTMLElement[]}
 */
export function picking(context) {
  const { page } = context;
  const body = h("section.job-body.picking");
  const actions = h("div.job-actions");
  if (page.line === undefined) page.line = nextLine(context.order, 0);
  const draw = () => {
    const { order } = context;
    const line = order.lines.find((one) => one.line_number === page.line);
    const rows = order.lines.map((one) => lineRow(one, line, context, goTo));
    fill(body, h("p.pick-progress", {}, progress(order)), h("ul.picks", {}, rows));
    fill(actions, line ? pickButtons(line, context, picked) : stageForm(context));
  };
  const choose = (number) => {
    page.line = number;
    draw();
    const card = body.querySelector(".pick-card");
    card?.scrollIntoView({ block: "nearest" });
    return card;
  };
  const goTo = (number) => focusOn(choose(number).querySelector("h2"));
  const picked = async (line, count) => {
    const sending = pick(context.order.order_id, line.line_number, count);
    // The keyboard stays on its button: the next line is found with it too.
    choose(nextLine(context.order, line.line_number));
    announce(soFar(context, page.line));
    await recorded(sending, context).catch((error) => {
      choose(line.line_number);
      toast(explained(error), "alert");
    });
  };
  draw();
  return [body, actions];
}

async function recorded(sending, context) {
  const after = await sending;
  if (!after) return toast(t("pick.kept"), "alert");
  context.order = after;
  context.take(after);
}

function progress(order) {
  const done = order.lines.filter((line) => pickOf(order.order_id, line)).length;
  return t("pick.progress", { count: done, total: order.lines.length });
}

function soFar({ order, found }, next) {
  const line = order.lines.find((one) => one.line_number === next);
  if (!line) return progress(order);
  const product = found.get(line.sku);
  const count = quantity(toFind(line), unitOf(product));
  return `${progress(order)} ${t("pick.next", { quantity: count, title: product?.title ?? line.sku })}`;
}

function lineRow(one, current, context, choose) {
  return one === current ? currentLine(one, context) : restLine(one, context, () => choose(one.line_number));
}

// The next one nobody has looked for, going round; null when all have been.
function nextLine(order, after) {
  const open = order.lines.filter((line) => !pickOf(order.order_id, line)).map((line) => line.line_number);
  return open.find((number) => number > after) ?? open[0] ?? null;
}

function currentLine(line, { order, found }) {
  const product = found.get(line.sku);
  const unit = unitOf(product);
  const before = pickOf(order.order_id, line);
  const stock = product?.availability;
  const there = stock && ` · ${t("stock.on_hand", { quantity: quantity(stock.on_hand_quantity, unit) })}`;
  return h(
    "li.pick-card",
    { "aria-current": "true" },
    h("div.pick-picture", {}, picture(product?.picture_urls[0])),
    h(
      "div.pick-text",
      {},
      h("p.brand", {}, product?.brand ?? ""),
      h("h2", { tabindex: "-1" }, titleOf(product, line.sku)),
      product && shelf(product),
      h("p.muted", {}, line.sku, there),
      before && h("p.missing", {}, t("line.found", { quantity: quantity(before.quantity, unit) })),
      !before && line.broken_quantity > 0 && h("p.missing", {}, fewer(line, unit)),
      line.brought_quantity > 0 && h("p.muted", {}, brought(line, unit)),
    ),
    h("p.pick-count", {}, h("span.unseen", {}, t("quantity")), quantity(toFind(line), unit)),
  );
}

function fewer(line, unit) {
  return t("line.fewer", { quantity: quantity(toFind(line), unit), ordered: quantity(fromHere(line), unit) });
}

function brought(line, unit) {
  return t("line.brought", { quantity: quantity(line.brought_quantity, unit) });
}

// Where to walk to: the catalogue knows shelves by name, not by aisle.
function shelf(product) {
  const words = h("span", {}, "\u00a0");
  shelfNames().then((names) => {
    words.textContent = product.category_path.map((id) => names.get(id) ?? id).join(" › ");
  });
  return h("p.pick-where", {}, icon("pin", "small"), words);
}

function restLine(line, { order, found }, choose) {
  const product = found.get(line.sku);
  const unit = unitOf(product);
  const before = pickOf(order.order_id, line);
  const status = before && (before.quantity >= fromHere(line) ? "all" : before.quantity ? "part" : "none");
  return h(
    "li",
    {},
    h(
      `button.pick-row${status ? `.is-${status}` : ""}`,
      { type: "button", onclick: choose },
      h("span.pick-sign", {}, status && icon(status === "none" ? "cross" : "check")),
      h("span.pick-title", {}, titleOf(product, line.sku)),
      before && !before.sent && h("span.missing", {}, icon("cloud", "small"), t("pick.unsent")),
      status === "part" && h("span.missing", {}, t("line.found", { quantity: quantity(before.quantity, unit) })),
      status === "none" && h("span.missing", {}, t("line.not_found")),
      !before && line.broken_quantity > 0 && h("span.missing", {}, fewer(line, unit)),
      line.brought_quantity > 0 && h("span.muted.small", {}, brought(line, unit)),
      h("strong", {}, quantity(toFind(line), unit)),
    ),
  );
}

function pickButtons(line, { found }, picked) {
  const unit = unitOf(found.get(line.sku));
  return [
    button(t("pick.none"), { sign: "cross", "data-key": "none", onclick: () => picked(line, 0) }),
    fromHere(line) > unit.step &&
      button(t("pick.other"), {
        "data-key": "other",
        onclick: async () => {
          const count = await askCount(line, unit);
          if (count !== null) picked(line, count);
        },
      }),
    button(t("pick.all", { quantity: quantity(toFind(line), unit) }), {
      kind: "primary",
      sign: "check",
      "data-key": "all",
      onclick: () => picked(line, toFind(line)),
    }),
  ];
}

function askCount(line, unit) {
  const count = stepper({
    value: toFind(line) - unit.step,
    unit,
    min: 0,
    max: fromHere(line),
    label: t("pick.how_many"),
    onchange: () => {},
  });
  return ask({
    title: t("pick.how_many"),
    body: count,
    actions: (close) => [
      button(t("back"), { kind: "quiet", onclick: () => close(null) }),
      button(t("pick.take"), { kind: "primary", onclick: () => close(count.value) }),
    ],
  });
}
