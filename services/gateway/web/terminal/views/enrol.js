/** Enrolling this device, once, with a code from a manager. */

import { h } from "../../shared/dom.js";
import { newKey, send } from "../../shared/api.js";
import { field, form } from "../../shared/fields.js";
import { t } from "../../shared/language.js";
import { busy, button, languageSwitch } from "../../shared/parts.js";
import { explained } from "../../shared/problems.js";
import { keepEnrolment, newDeviceKey } from "../device.js";

const CODE_CHARS_MAX = 16;

/**
 * @param {() => void} onEnrolled
 * @returns {HTMLElement}
 */
export function enrolView(onEnrolled) {
  const code = codeField();
  const send_ = button(t("enrol.do"), { kind: "primary", type: "submit" });
  // Made once: a lost answer is asked for again with the same key and the same id.
  let intent = null;
  const failed = (error) => {
    if (!error.passes) intent = null;
    code.fail(explained(error));
    code.input.focus();
  };
  const made = async (typed) => {
    if (intent?.code !== typed) intent = { code: typed, id: newKey(), ...(await newDeviceKey()) };
    await enrol(intent);
    onEnrolled();
  };
  const sent = () => {
    const typed = code.input.value.toUpperCase().replace(/[\s-]/g, "");
    code.fail(typed ? "" : t("enrol.missing"));
    if (typed) busy(send_, () => made(typed), failed);
    else code.input.focus();
  };
  const words = [h("h1", { tabindex: "-1" }, t("enrol.title")), h("p.lead", {}, t("enrol.text"))];
  const fields = form("form.form", sent, code, send_);
  return h("main.gate", {}, h("div.gate-card", {}, mark(), words, fields, languageSwitch()));
}

function codeField() {
  const typing = { autocomplete: "off", autocapitalize: "characters", spellcheck: "false", maxlength: CODE_CHARS_MAX };
  const input = { ...typing, class: "input input-code" };
  return field({ name: "code", label: t("enrol.code"), hint: t("enrol.hint"), input });
}

async function enrol({ code, publicKey, privateKey, id }) {
  const terminal = await send("/v1/terminals", { method: "POST", body: { code, public_key: publicKey }, key: id });
  await keepEnrolment(terminal, privateKey);
}

/** @returns {HTMLElement} */
export function mark() {
  return h(
    "p.gate-mark",
    {},
    h("img", { src: "/pictures/logo.svg", alt: "", width: 44, height: 44 }),
    h("span", {}, "Fargue"),
  );
}
