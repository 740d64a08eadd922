/** The shop's lockers: whether they are there, what room they have, what is to be taken out. */

import { fill, h, icon } from "../../shared/dom.js";
import { clock } from "../../shared/format.js";
import { t } from "../../shared/language.js";
import { busy, button, empty, loadInto, toast } from "../../shared/parts.js";
import { act, here, read } from "../house.js";
import { zone } from "../list.js";

/**
 * @param {import("../../shared/router.js").Visit} visit
 * @param {import("../queue.js").Queue} queue
 */
export function cabinetsView({ signal }, queue) {
  const title = t("cabinets");
  const host = h("div.cabinets");
  const query = { location_id: here.terminal.location_id };
  const load = () => read("/v1/terminal/cabinets", { query, signal });
  loadInto(host, signal, load, panels);
  // What a cabinet tells of its doors changes an order. Shown without a skeleton, and what
  // cannot be had now stays as it was.
  const follow = () => load().then((now) => fill(host, panels(now)), () => {});
  queue.addEventListener("change", follow, { signal });
  return { title, content: [h("h1", { tabindex: "-1" }, title), host] };
}

function panels({ cabinets }) {
  return cabinets.length
    ? cabinets.map(cabinetPanel)
    : empty("locker", t("cabinets.none"), t("cabinets.none.next"));
}

function cabinetPanel(cabinet) {
  const seen = cabinet.seen_time ? t("cabinet.seen", { time: clock(cabinet.seen_time, zone()) }) : t("cabinet.never");
  const taken = cabinet.total_count - cabinet.free_count;
  const doors = h(
    "div.doors",
    { "aria-hidden": "true" },
    Array.from({ length: cabinet.total_count }, (_, index) => h(`span.door${index < taken ? ".is-taken" : ""}`)),
  );
  return h(
    "section.panel",
    {},
    h(
      "h2",
      {},
      icon("locker"),
      cabinet.cabinet_id,
      h(
        `span.badge.is-${cabinet.online ? "ready" : "late"}`,
        {},
        cabinet.online ? t("cabinet.online") : t("cabinet.offline"),
      ),
    ),
    !cabinet.online && h("p.missing", {}, seen),
    doors,
    h("p", {}, t("cabinet.room", { free: cabinet.free_count, total: cabinet.total_count })),
    cabinet.to_empty.length > 0 && h("h3", {}, t("cabinet.to_empty")),
    h("ul.to-empty", {}, cabinet.to_empty.map(emptyRow)),
  );
}

function emptyRow({ compartment_id: place, order_id: order }) {
  const open = button(t("take_back.do"), {
    sign: "door",
    // Each door its own: drawn anew, the keyboard must not come to stand on another one's.
    "data-key": order,
    "aria-describedby": `place-${order}`,
    onclick: (event) =>
      busy(event.currentTarget, async () => {
        await act(order, "take-back");
        toast(t("take_back.opened"));
      }),
  });
  return h("li.empty-row", {}, h("span.place", { id: `place-${order}` }, place), h("a", { href: `#/orders/${order}` }, t("order")), open);
}
