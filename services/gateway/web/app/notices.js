/** What is to be known about the whole page: that there is no line and since when, that a release is new. */

import { send } from "../shared/api.js";
import { fill, h, icon } from "../shared/dom.js";
import { day, clock } from "../shared/format.js";
import { onLanguage, t } from "../shared/language.js";
import { downSince, onLine } from "../shared/line.js";
import { keepShell } from "../shared/shell.js";

const ASK_AGAIN_MS = 10_000;

/**
 * @param {() => void} renew Called when the line is back, for what is shown is of before.
 * @returns {HTMLElement}
 */
export function notices(renew) {
  const line = h("div", { role: "status" });
  const release = h("div", { role: "status" });
  const draw = () => fill(line, lineWords(downSince()));
  onLanguage(draw);
  onLine((isBack) => {
    draw();
    if (isBack) renew();
    else askAgain();
  });
  window.addEventListener("online", ask);
  keepShell("/app", release);
  return h("div.notices", {}, line, release);
}

function lineWords(since) {
  if (!since) return null;
  const values = { day: day(since), time: clock(since) };
  return h("p.note.is-down", {}, icon("cloud", "small"), h("span", {}, t("line.down", values)));
}

// What says so is any answer: this one costs the least.
const ask = () => send("/v1/locations", { query: { page_size: 1 } }).catch(() => {});

async function askAgain() {
  while (downSince()) {
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    if (downSince()) await ask();
  }
}
