/** By day or by night: as the device has it, or as somebody chose here. Loaded before anything is drawn. */

import { keep, recall } from "./memory.js";

/** `auto` follows the device. */
export const LOOKS = ["auto", "light", "dark"];

/** @returns {"auto" | "light" | "dark"} What was chosen on this device. */
export function look() {
  const kept = recall("look");
  return LOOKS.includes(kept) ? kept : "auto";
}

/** @param {"auto" | "light" | "dark"} next */
export function wear(next) {
  keep("look", next === "auto" ? null : next);
  put();
}

function put() {
  const chosen = look();
  document.documentElement.dataset.look = chosen;
  const tints = [...document.querySelectorAll("meta[name=theme-color][media]")];
  for (const tint of tints) tint.dataset.own ??= tint.content;
  // The browser's own bar goes by the device alone: both of its colours become the chosen one.
  const worn = tints.find(({ media }) => media.includes(chosen));
  for (const tint of tints) tint.content = (worn ?? tint).dataset.own;
}

put();
// Another tab, or the other page, has chosen.
window.addEventListener("storage", put);
