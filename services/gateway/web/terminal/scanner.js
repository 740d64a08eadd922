/** Reading QR codes with the camera, where the browser can. */

import { h } from "../shared/dom.js";
import { t } from "../shared/language.js";
import { ask, button, toast } from "../shared/parts.js";

const LOOK_MS = 150;

/** @returns {boolean} */
export function canScan() {
  return "BarcodeDetector" in window && Boolean(navigator.mediaDevices?.getUserMedia);
}

/**
 * Shows the camera until a QR code is seen or somebody closes it.
 * @param {AbortSignal} signal
 * @returns {Promise<string | null>} What it says.
 */
export async function scanCode(signal) {
  const video = h("video.camera", { autoplay: true, muted: true, playsinline: true, "aria-label": t("scan.camera") });
  let stream = null;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch {
    toast(t("scan.refused"), "alert");
    return null;
  }
  video.srcObject = stream;
  const stop = () => stream.getTracks().forEach((track) => track.stop());
  signal.addEventListener("abort", stop);
  const closed = new AbortController();
  try {
    return await ask({
      title: t("scan.hold"),
      body: video,
      actions: (close) => {
        look(video, closed.signal).then((text) => text && close(text));
        return button(t("back"), { onclick: () => close(null) });
      },
    });
  } finally {
    closed.abort();
    stop();
  }
}

async function look(video, signal) {
  const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
  while (!signal.aborted) {
    const [seen] = await detector.detect(video).catch(() => []);
    if (seen) return seen.rawValue;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return null;
}
