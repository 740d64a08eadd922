/** Handing over at the counter: what is due first, then the code. */

import { fill, h, icon } from "../../shared/dom.js";
import { money } from "../../shared/format.js";
import { t } from "../../shared/language.js";
import { busy, button } from "../../shared/parts.js";
import { explained } from "../../shared/problems.js";
import { act } from "../house.js";
import { canScan, scanCode } from "../scanner.js";
import { keypad } from "../keypad.js";
import { lineRows } from "./lines.js";

const DIGITS = 8;

/**
 * @param {{order: any, found: Map<string, any>, code: string, take: (order: any) => void, signal: AbortSignal}} context
 *   `code` is what was scanned on the way here; empty if nothing was.
 * @returns {HTMLElement[]}
 */
export function handOver({ order, found, code, take, signal }) {
  const isDue = order.payment.state === "due";
  const state = { paid: !isDue, code };
  const problem = h("p.field-error", { role: "alert" });
  const box = codeBox();
  const give = button(t("hand_over.do"), { kind: "primary", sign: "hand", onclick: () => send() });
  const ready = () => give.setAttribute("aria-disabled", String(!state.paid || state.code.length < DIGITS));
  const failed = (error) => {
    box.value = state.code = "";
    fill(problem, icon("alert"), explained(error));
    box.focus();
  };
  const done = async () => take(await act(order.order_id, "hand-over", { code: state.code, paid_at_counter: isDue }));
  const send = () => busy(give, done, failed).finally(ready);
  const got = (text) => {
    state.code = text;
    fill(problem);
    ready();
    if (state.paid && text.length >= DIGITS) send();
  };
  onDigits(box, got);
  ready();
  if (code) queueMicrotask(() => got(code));
  const due = isDue && duePanel(order, state, ready);
  return [
    counter({ order, found, due, code, box, problem, scan: scanButton(got, signal) }),
    h("div.job-actions", {}, give),
  ];
}

function onDigits(box, got) {
  box.addEventListener("input", () => {
    box.value = box.value.replace(/\D/g, "");
    got(box.value);
  });
}

function codeBox() {
  const typing = { type: "text", inputmode: "none", autocomplete: "off", maxlength: DIGITS };
  const words = { "aria-label": t("code"), placeholder: "– – – –  – – – –" };
  return h("input.input.code-input", { name: "code", ...typing, ...words });
}

function counter({ order, found, due, code, box, problem, scan }) {
  const scanned = code && h("p.scanned", {}, icon("check", "small"), t("scan.done"));
  const title = h("h2", {}, t("hand_over.title", { place: order.place_label }));
  return h(
    "section.job-body.counter",
    {},
    h("div.counter-what", {}, title, lineRows(order, found), due),
    h("div.counter-code", {}, h("h2", {}, t("hand_over.code")), scanned, box, problem, keypad(box), scan),
  );
}

function duePanel(order, state, ready) {
  const toggle = h(
    "button.due-toggle",
    {
      type: "button",
      "aria-pressed": "false",
      onclick: () => {
        state.paid = !state.paid;
        toggle.setAttribute("aria-pressed", String(state.paid));
        ready();
      },
    },
    h("span.due-box", {}, icon("check")),
    t("due.paid"),
  );
  return h("div.due", {}, h("p", {}, t("due.take"), h("strong.due-sum", {}, money(order.total))), toggle);
}

function scanButton(scanned, signal) {
  if (!canScan()) return null;
  return button(t("scan"), {
    sign: "camera",
    onclick: async () => {
      const text = await scanCode(signal);
      if (text) scanned(text);
    },
  });
}
