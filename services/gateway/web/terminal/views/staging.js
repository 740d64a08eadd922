/** Into which bin a picked order goes. */

import { Problem } from "../../shared/api.js";
import { h } from "../../shared/dom.js";
import { form } from "../../shared/fields.js";
import { t } from "../../shared/language.js";
import { keep, recall } from "../../shared/memory.js";
import { busy, button, toast } from "../../shared/parts.js";
import { explained } from "../../shared/problems.js";
import { act } from "../house.js";
import { forgetPicks } from "../outbox.js";

const BIN_CHARS_MAX = 32;
const BINS_KEPT_MAX = 6;

/**
 * @param {{order: any, take: (order: any) => void, page: any}} context `page` keeps what was typed
 *   when the order changes meanwhile.
 * @returns {HTMLElement}
 */
export function stageForm({ order, take, page }) {
  const bins = recall("bins") ?? [];
  // What another shop had sent lies there already: in another bin it would be left behind.
  page.bin ||= order.place_label;
  const box = binBox(page);
  const done = button(t("stage.do"), { kind: "primary", sign: "bin", type: "submit" });
  const staged = async (label) => {
    const after = await act(order.order_id, "stage", { bin_label: label });
    keep("bins", [label, ...bins.filter((one) => one !== label)].slice(0, BINS_KEPT_MAX));
    forgetPicks(order.order_id);
    take(after);
  };
  const sent = () => {
    const label = box.value.trim();
    if (label) return busy(done, () => staged(label));
    toast(explained(new Problem({ reason: "INVALID_BIN" })), "alert");
    box.focus();
  };
  const chip = (label) => {
    const choose = () => {
      box.value = page.bin = label;
      done.focus();
    };
    return h("button.chip", { type: "button", onclick: choose }, label);
  };
  const title = h("h2.stage-title", { "data-lands": true }, t("stage.title"));
  return form("form.stage", sent, title, h("div.bins", {}, box, bins.map(chip)), done);
}

function binBox(page) {
  const typing = { type: "text", autocomplete: "off", autocapitalize: "characters", maxlength: BIN_CHARS_MAX };
  const box = h("input.input.bin-input", {
    name: "bin",
    "aria-label": t("bin"),
    placeholder: t("bin"),
    value: page.bin,
    ...typing,
  });
  box.addEventListener("input", () => (page.bin = box.value));
  return box;
}
