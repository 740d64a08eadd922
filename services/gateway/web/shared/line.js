/** Whether the house is heard, and since when it is not: what stands on a page is as old as that. */

import { keep, recall } from "./memory.js";

const KEPT_EVERY_MS = 60_000;
const changes = new EventTarget();
let lastHeard = recall("heard") ?? 0;
let lastKept = lastHeard;
let isDown = false;

/** @returns {Date | null} When it was heard last; null while it is heard. */
export function downSince() {
  return isDown ? new Date(lastHeard || Date.now()) : null;
}

/** @param {(isBack: boolean) => void} listener Called when the line goes and when it is back. */
export function onLine(listener) {
  changes.addEventListener("change", () => listener(!isDown));
}

/** An answer came, whatever it said. */
export function heard() {
  lastHeard = Date.now();
  // Kept, so that a page that is opened without a line can say it too.
  if (lastHeard - lastKept > KEPT_EVERY_MS) keep("heard", (lastKept = lastHeard));
  set(false);
}

/** None came. */
export function unheard() {
  if (lastHeard) keep("heard", (lastKept = lastHeard));
  set(true);
}

function set(next) {
  if (next === isDown) return;
  isDown = next;
  changes.dispatchEvent(new Event("change"));
}

// The device knows at once that it has no network.
window.addEventListener("offline", unheard);
