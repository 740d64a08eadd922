/** Choosing one's shop: the nearest first where one lets the phone say where it is. */

import { announce, fill, h, icon } from "../../shared/dom.js";
import { distance } from "../../shared/format.js";
import { t } from "../../shared/language.js";
import { openWords } from "../../shared/hours.js";
import { keep, recall } from "../../shared/memory.js";
import { button, loadInto, skeleton, toast } from "../../shared/parts.js";
import { chooseShop, shop, shops, shortName } from "../house.js";

const POSITION_MS_MAX = 10_000;

/** @type {import("../../shared/router.js").View} */
export function shopView({ signal }) {
  const title = t("shop.title");
  const list = h("div");
  const show = (near) => loadInto(list, signal, () => shops(near), shopList, skeleton(6, "row"));
  const ask = button(t("shop.near"), { sign: "pin", onclick: () => locate(show) });
  show(recall("near") ?? "");
  nearIfGranted(show);
  return { title, content: [h("h1", {}, title), h("p.lead", {}, t("shop.lead")), ask, list] };
}

// Asked for by itself only where it was allowed before: a question out of nowhere is refused.
async function nearIfGranted(show) {
  const state = await navigator.permissions?.query({ name: "geolocation" }).catch(() => null);
  if (state?.state === "granted" && !recall("near")) locate(show, true);
}

function locate(show, isQuiet = false) {
  const options = { timeout: POSITION_MS_MAX, maximumAge: 300_000 };
  if (!navigator.geolocation) return toast(t("shop.nowhere"), "alert");
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      // Some hundred metres are enough to find a shop, and more is nobody's business.
      const near = `${coords.latitude.toFixed(2)},${coords.longitude.toFixed(2)}`;
      keep("near", near);
      show(near);
      announce(t("shop.sorted"));
    },
    () => !isQuiet && toast(t("shop.nowhere"), "alert"),
    options,
  );
}

function shopList(found) {
  const list = h("ul.options");
  const render = () =>
    fill(
      list,
      found.map((one) => shopRow(one, render)),
    );
  render();
  return list;
}

function shopRow(location, render) {
  const isMine = shop()?.location_id === location.location_id;
  const { street, postcode, city } = location.address;
  const take = () => {
    chooseShop(location);
    render();
    toast(t("shop.chosen", { name: shortName(location) }));
    if (history.length > 1) history.back();
  };
  return h(
    "li",
    {},
    h(
      "button.option",
      { type: "button", "aria-pressed": String(isMine), onclick: take },
      icon("shop"),
      h(
        "span.option-text",
        {},
        h("strong", {}, shortName(location)),
        h("span.muted", {}, `${street}, ${postcode} ${city}`),
        h("span.muted", {}, openWords(location)),
      ),
      location.distance_m !== null &&
        location.distance_m !== undefined &&
        h("span.option-side", {}, distance(location.distance_m)),
      isMine && icon("check", "option-check"),
    ),
  );
}
