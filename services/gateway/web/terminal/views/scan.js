/** Finding an order by the code a customer shows. */

import { h } from "../../shared/dom.js";
import { t } from "../../shared/language.js";
import { button, empty, toast } from "../../shared/parts.js";
import { go } from "../../shared/router.js";
import { canScan, scanCode } from "../scanner.js";

// "comptoir-order <order> <window> <signature>"
const ORDER_CODE = /^comptoir-order ([0-9a-f-]{36}) /;

/** @type {import("../../shared/router.js").View} */
export function scanView({ signal }) {
  const title = t("scan");
  const scan = async () => {
    const text = await scanCode(signal);
    if (!text) return;
    const [, order] = ORDER_CODE.exec(text) ?? [];
    if (order) go(`#/orders/${order}?code=${encodeURIComponent(text)}`, { replace: true });
    else toast(t("scan.other"), "alert");
  };
  const body = canScan()
    ? empty(
        "camera",
        t("scan.title"),
        t("scan.text"),
        button(t("scan.start"), { kind: "primary", sign: "camera", onclick: scan }),
      )
    : empty("camera", t("scan.cannot"), t("scan.cannot.text"));
  return { title, content: [h("h1.unseen", { tabindex: "-1" }, title), body] };
}
