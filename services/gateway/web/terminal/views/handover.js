/** Handing over at the counter: what is due first, then the code. */

import { Problem } from "../../shared/api.js";
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
 * @param {{order: any, found: Map<string, any>, code: string, page: {atCounter: AtCounter}, take: (order: any) => void, signal: AbortSignal}} context
 *   `code` is what was scanned on the way here; empty if nothing was.
 * @typedef {{isPaid: boolean, code: string}} AtCounter What was said here so far. Kept by the
 *   page: it is drawn anew whenever the order changes, also under somebody's hands.
 * @returns {HTMLElement[]}
 */
export function handOver({ order, found, code, page, take, signal }) {
  const isDue = order.payment.state === "due";
  const state = page.atCounter;
  const problem = h("p.field-error", { role: "alert" });
  // A scanned text is longer than what anybody types, and is not shown.
  const isScanned = Boolean(code) || state.code.length > DIGITS;
  const box = codeBox(isScanned ? "" : state.code);
  const isComplete = () => (state.isPaid || !isDue) && state.code.length >= DIGITS;
  const give = button(t("hand_over.do"), { kind: "primary", sign: "hand", onclick: () => send() });
  const ready = () => give.setAttribute("aria-disabled", String(!isComplete()));
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
    if (isComplete()) send();
    else if (text.length >= DIGITS) fill(problem, icon("alert"), explained(new Problem({ reason: "PAYMENT_DUE" })));
  };
  onDigits(box, got);
  ready();
  if (code) queueMicrotask(() => got(code));
  const paid = () => {
    fill(problem);
    ready();
  };
  const due = isDue && duePanel(order, state, paid);
  return [
    counter({ order, found, due, isScanned, box, problem, scan: scanButton(got, signal) }),
    h("div.job-actions", {}, give),
  ];
}

function onDigits(box, got) {
  box.addEventListener("input", () => {
    box.value = box.value.replace(/\D/g, "");
    got(box.value);
  });
}

function codeBox(typed) {
  const typing = { type: "text", inputmode: "none", autocomplete: "off", maxlength: DIGITS };
  const words = { "aria-label": t("code"), placeholder: "– – – –  – – – –" };
  return h("input.input.code-input", { name: "code", value: typed, ...typing, ...words });
}

function counter({ order, found, due, isScanned, box, problem, scan }) {
  const scanned = isScanned && h("p.scanned", {}, icon("check", "small"), t("scan.done"));
  const title = h("h2", { "data-lands": true }, t("hand_over.title", { place: order.place_label }));
  return h(
    "section.job-body.counter",
    {},
    h("div.counter-what", {}, title, lineRows(order, found), due),
    h("div.counter-code", {}, h("h2", {}, t("hand_over.code")), scanned, box, problem, keypad(box), scan),
  );
}

function duePanel(order, state, changed) {
  const toggle = h(
    "button.due-toggle",
    {
      type: "button",
      "aria-pressed": String(state.isPaid),
      onclick: () => {
        state.isPaid = !state.isPaid;
        toggle.setAttribute("aria-pressed", String(state.isPaid));
        changed();
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
