/** Keeps the page on the device, so that it opens without a line, and says when a new release is there. */

import { fill, h, icon } from "./dom.js";
import { t } from "./language.js";
import { button } from "./parts.js";

const ASK_AGAIN_MS = 3_600_000;

/**
 * @param {string} page `/app` or `/terminal`.
 * @param {HTMLElement} host A live region. A new release is offered there, never put on by itself:
 *   somebody may be in the midst of something.
 */
export async function keepShell(page, host) {
  // Not there without HTTPS: the page then needs its line, and works as it always did.
  if (!navigator.serviceWorker) return;
  try {
    const kept = await navigator.serviceWorker.register(`${page}/worker.js`, { scope: page, updateViaCache: "none" });
    if (kept.waiting) offer(kept, host);
    kept.addEventListener("updatefound", () => offerWhenKept(kept, host));
    // A terminal stays open for weeks, and a browser asks by itself only when a page is opened.
    setInterval(() => kept.update().catch(() => {}), ASK_AGAIN_MS);
  } catch {
    // Refused, or one release mixed with another: the page goes on from the network.
  }
}

function offerWhenKept(kept, host) {
  const coming = kept.installing;
  coming?.addEventListener("statechange", () => {
    // The first one of all takes its place by itself.
    if (coming.state === "installed" && navigator.serviceWorker.controller) offer(kept, host);
  });
}

function offer(kept, host) {
  const put = () => {
    // Another tab has put it on already.
    if (!kept.waiting) return location.reload();
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
    kept.waiting.postMessage("begin");
  };
  const words = h("span", {}, t("release.new"));
  fill(host, h("p.note", {}, icon("renew", "small"), words, button(t("release.put"), { kind: "quiet", onclick: put })));
}
