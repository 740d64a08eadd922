/** Where and when to collect: points with their slots, and why not where it is not possible. */

import { fill, h, icon } from "../../shared/dom.js";
import { clock, day, dayKey, distance, minutesUntil, slotWords, span } from "../../shared/format.js";
import { t } from "../../shared/language.js";
import { recall } from "../../shared/memory.js";
import { button, empty, linkButton, loadInto, skeleton } from "../../shared/parts.js";
import { titleOf } from "../../shared/products.js";
import { go } from "../../shared/router.js";
import { lines, reload } from "../basket.js";
import { choiceGroup, choiceRow, fillChoice } from "../choice.js";
import { choice, choose } from "../checkout.js";
import { location, nearOf, pickUpOptions, products, shop, shortName } from "../house.js";

const OPTIONS_MAX = 12;
const SOON_MIN = 90;

/** @type {import("../../shared/router.js").View} */
export function pickUpView({ signal }) {
  const title = t("pickup.title");
  const host = h("div.pickup");
  loadInto(host, signal, () => offers(signal), show, skeleton(4, "card"));
  return { title, content: [backLink(), h("h1", {}, title), host] };
}

function backLink() {
  return h("a.back", { href: "#/basket" }, icon("back", "small"), t("basket.title"));
}

async function offers(signal) {
  await reload();
  const wanted = lines();
  if (!wanted.length) return { offered: [] };
  const near = nearOf(shop()) || (recall("near") ?? "");
  const options = await pickUpOptions({ lines: wanted, near, page_size: OPTIONS_MAX }, signal);
  const places = await Promise.all(options.map((option) => location(option.location_id)));
  const short = [...new Set(options.flatMap((option) => option.short_skus))];
  const titles = await products(short, signal).catch(() => new Map());
  return { offered: options.map((option, index) => ({ option, place: places[index] })), titles };
}

function show({ offered, titles }) {
  if (!offered.length)
    return empty(
      "basket",
      t("basket.empty"),
      t("basket.empty.next"),
      linkButton("#/", t("basket.browse"), { kind: "primary" }),
    );
  const possible = offered.filter(({ option }) => option.available);
  const picked = { value: stillOffered(choice(), possible) };
  const next = button(t("pickup.next"), { kind: "primary", onclick: () => proceed(picked.value) });
  const list = choiceGroup({ "aria-label": t("pickup.title") });
  const chosen = h("p.sum.small", { "aria-live": "polite" });
  const render = () => {
    fillChoice(
      list,
      inOrder(offered).map((one) => pointCard(one, titles, picked, render)),
    );
    next.setAttribute("aria-disabled", String(!picked.value?.slot));
    fill(chosen, picked.value?.slot ? chosenWords(picked.value, offered) : t("pickup.pick_slot"));
  };
  render();
  return [
    !possible.length && h("p.warning", { role: "alert" }, t("pickup.nowhere")),
    list,
    h("div.sum-bar", {}, chosen, next),
  ];
}

// One's own shop first, were it only to say why not; then those that can, the nearest first.
function inOrder(offered) {
  const rank = ({ option }) => (option.location_id === shop()?.location_id ? 0 : option.available ? 1 : 2);
  return offered.toSorted((one, other) => rank(one) - rank(other));
}

// What was chosen before may be full by now.
function stillOffered(before, possible) {
  const found = possible.find(({ option }) => option.point_id === before?.point.point_id) ?? possible[0];
  if (!found) return null;
  const { option } = found;
  const slot = option.slots.find((one) => one.slot_id === before?.slot?.slot_id) ?? null;
  return { point: option, slot };
}

function proceed(picked) {
  if (!picked?.slot) return document.querySelector(".slot")?.focus();
  const { point_id, location_id, kind } = picked.point;
  choose({ point: { point_id, location_id, kind }, slot: picked.slot });
  go("#/review");
}

function chosenWords({ point, slot }, offered) {
  const { place } = offered.find(({ option }) => option.point_id === point.point_id);
  return h("span", {}, h("strong", {}, slotWords(slot, place.time_zone)), ` · ${shortName(place)}`);
}

function pointCard({ option, place }, titles, picked, render) {
  const isPicked = picked.value?.point.point_id === option.point_id;
  const take = () => {
    picked.value = { point: option, slot: isPicked ? picked.value.slot : null };
    render();
  };
  const row = {
    id: `point-${option.point_id}`,
    sign: option.kind === "locker" ? "locker" : "shop",
    isPicked,
    possible: option.available,
    take,
    side: option.distance_m > 0 && h("span.option-side", {}, distance(option.distance_m)),
  };
  const head = choiceRow(
    row,
    h("strong", {}, shortName(place)),
    h("span.muted", {}, t(`point.${option.kind}`)),
    option.available ? h("span.ready", {}, readyWords(option, place)) : h("span.why", {}, whyNot(option, titles)),
  );
  return h("div.point", { "data-point": option.point_id }, head, isPicked && slotGroups(option, place, picked, render));
}

function readyWords({ ready_time: ready }, { time_zone: zone }) {
  if (!ready) return "";
  const minutes = Math.max(minutesUntil(ready), 1);
  if (minutes <= SOON_MIN) return t("ready.in", { count: minutes });
  return t("ready.at", { day: day(ready, zone), time: clock(ready, zone) });
}

function whyNot({ reason, short_skus: short }, titles) {
  const words = t(`pickup.${reason}`);
  const names = short.map((sku, index) => [index > 0 && " · ", titleOf(titles.get(sku), sku)]);
  return names.length ? [words, " ", h("span.muted", {}, names)] : words;
}

function slotGroups(option, { time_zone: zone }, picked, render) {
  const days = Map.groupBy(option.slots, (slot) => dayKey(slot.start_time, zone));
  return [...days.values()].map((slots) => {
    const name = day(slots[0].start_time, zone);
    return h(
      "div.slot-day",
      { role: "group", "aria-label": name },
      h("h2.small-title", {}, name),
      h(
        "div.slots",
        {},
        slots.map((slot) => slotChip(slot, zone, picked, render)),
      ),
    );
  });
}

function slotChip(slot, zone, picked, render) {
  const isPicked = picked.value.slot?.slot_id === slot.slot_id;
  const take = () => {
    picked.value = { ...picked.value, slot };
    render();
    document.querySelector('.slot[aria-pressed="true"]')?.focus();
  };
  return h(
    "button.slot",
    { type: "button", "aria-pressed": String(isPicked), onclick: take },
    span(slot.start_time, slot.end_time, zone),
    slot.left_count === 1 && h("span.slot-last", {}, t("slot.last")),
  );
}
