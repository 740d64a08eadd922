/** The code that opens: 8 digits to read out, and the QR picture of it. */

import { announce, fill, h } from "../shared/dom.js";
import { minutesUntil } from "../shared/format.js";
import { t } from "../shared/language.js";
import { failure, skeleton } from "../shared/parts.js";
import { mine } from "./house.js";

const AFTER_MS = 1_500;
const WAIT_MS_MAX = 2 ** 31 - 1;

/**
 * @param {any} order
 * @param {AbortSignal} signal
 * @returns {HTMLElement} Renews itself whenever the code changes.
 */
export function codePanel(order, signal) {
  const panel = h("section.code", { "aria-label": t("code.title") }, skeleton(1, "code"));
  const show = async () => {
    try {
      const [code, svg] = await Promise.all([
        mine(`/v1/orders/${order.order_id}/code`, { signal }),
        mine(`/v1/orders/${order.order_id}/code.svg`, { signal }),
      ]);
      fill(panel, digits(code.code), qr(svg), h("p.small", {}, renewal(code.valid_until_time)));
      const wait = new Date(code.valid_until_time).getTime() - Date.now() + AFTER_MS;
      const timer = setTimeout(
        () => show().then(() => announce(t("code.renewed"))),
        Math.min(Math.max(wait, AFTER_MS), WAIT_MS_MAX),
      );
      signal.addEventListener("abort", () => clearTimeout(timer));
    } catch (error) {
      if (!signal.aborted) fill(panel, failure(error, show));
    }
  };
  show();
  return panel;
}

function digits(code) {
  // Spelled one by one: "12 345 678" read as a number helps nobody at a counter.
  return h(
    "p.digits",
    { role: "img", "aria-label": t("code.spelled", { code: [...code].join(" ") }) },
    h("span", { "aria-hidden": "true" }, code.slice(0, 4)),
    h("span", { "aria-hidden": "true" }, code.slice(4)),
  );
}

function renewal(until) {
  const minutes = minutesUntil(until);
  return minutes > 60 ? t("code.show") : t("code.changes", { count: Math.max(minutes, 1) });
}

// The picture needs the bearer token, so an <img> cannot fetch it; parsed, it is drawn as a path
// of our own: whatever else a document might hold stays out.
function qr(text) {
  const source = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", source.getAttribute("viewBox"));
  svg.setAttribute("class", "qr");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", t("code.qr"));
  for (const drawn of source.querySelectorAll("path")) svg.append(cleanPath(drawn));
  return svg;
}

function cleanPath(drawn) {
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  for (const name of ["d", "fill", "stroke"]) {
    if (drawn.hasAttribute(name)) path.setAttribute(name, drawn.getAttribute(name));
  }
  return path;
}
