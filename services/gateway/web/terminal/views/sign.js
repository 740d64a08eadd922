/** Signing in: badge, then PIN on the keypad, proved by the device's own key. */

import { fill, h, icon } from "../../shared/dom.js";
import { newKey, send } from "../../shared/api.js";
import { field, form } from "../../shared/fields.js";
import { t } from "../../shared/language.js";
import { busy, button, languageSwitch } from "../../shared/parts.js";
import { explained } from "../../shared/problems.js";
import { signed } from "../device.js";
import { colleagues, here, rememberColleague, session } from "../house.js";
import { keypad } from "../keypad.js";
import { mark } from "./enrol.js";

const PIN_DIGITS_MIN = 6;
const PIN_DIGITS_MAX = 12;

/**
 * @param {{terminal: any, privateKey: CryptoKey}} device
 * @param {() => void} onSignedIn
 * @param {string} [notice] Why one is here again.
 * @returns {HTMLElement}
 */
export function signView(device, onSignedIn, notice = "") {
  const problem = h("p.field-error.gate-problem", { role: "alert" }, notice);
  const typing = { autocomplete: "username", autocapitalize: "characters", spellcheck: "false", maxlength: 32 };
  const badge = field({ name: "badge", label: t("badge"), input: typing });
  const secret = { type: "password", inputmode: "numeric", autocomplete: "off", maxlength: PIN_DIGITS_MAX };
  const pin = h("input.input.input-pin", { name: "pin", "aria-label": t("pin"), ...secret });
  const enter = button(t("sign_in"), { kind: "primary", type: "submit" });
  const failed = (words) => {
    pin.value = "";
    fill(problem, icon("alert"), words);
    pin.focus();
  };
  const sent = () => {
    fill(problem);
    const typed = badge.input.value.trim();
    badge.fail(typed ? "" : t("badge.missing"));
    if (!typed) return badge.input.focus();
    if (pin.value.length < PIN_DIGITS_MIN) return failed(t("pin.short"));
    busy(
      enter,
      () => signIn(device, typed, pin.value).then(onSignedIn),
      (error) => failed(explained(error)),
    );
  };
  const title = [h("h1", { tabindex: "-1" }, t("sign.staff")), h("p.muted", {}, device.terminal.label)];
  const who = h("div.sign-who", {}, mark(), title, badge, recent(badge.input, pin), languageSwitch());
  const label = h("p.field-label", { "aria-hidden": "true" }, t("pin"));
  const proof = h("div.sign-pin", {}, label, pin, keypad(pin), problem, enter);
  return h("main.gate", {}, form("form.sign-grid", sent, who, proof));
}

function recent(badge, pin) {
  const known = colleagues();
  if (!known.length) return null;
  return h(
    "div.recent",
    { role: "group", "aria-label": t("sign.recent") },
    known.map((one) =>
      h(
        "button.chip",
        {
          type: "button",
          onclick: () => {
            badge.value = one.badge;
            pin.focus();
          },
        },
        one.name,
      ),
    ),
  );
}

async function signIn({ terminal, privateKey }, badge, pin) {
  const { challenge } = await send(`/v1/terminals/${encodeURIComponent(terminal.terminal_id)}/challenges`, {
    method: "POST",
    body: {},
    key: newKey(),
  });
  const signature = await signed(privateKey, challenge);
  const body = { terminal_id: terminal.terminal_id, challenge, signature, badge, pin };
  const opened = await send("/v1/staff/sessions", { method: "POST", body, key: newKey() });
  here.member = opened.member;
  here.terminal = opened.terminal;
  rememberColleague(opened.member);
  session.open(opened.tokens);
}
