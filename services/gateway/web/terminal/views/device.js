/** Who works here, on which device; signing out; a code for another terminal. */

import { fill, h } from "../../shared/dom.js";
import { newKey } from "../../shared/api.js";
import { field, form } from "../../shared/fields.js";
import { clock } from "../../shared/format.js";
import { t } from "../../shared/language.js";
import { busy, button, languageSwitch, lookSwitch } from "../../shared/parts.js";
import { here, read, session } from "../house.js";

/** @type {import("../../shared/router.js").View} */
export function deviceView() {
  const { member, terminal, shop } = here;
  const roles = member.roles.map((role) => t(`role.${role}`)).join(", ");
  const leads = member.roles.some((role) => role === "manager" || role === "operator");
  const out = button(t("sign_out"), {
    kind: "primary",
    sign: "leave",
    onclick: (event) => busy(event.currentTarget, () => session.close()),
  });
  return {
    title: member.display_name,
    content: h(
      "div.device",
      {},
      h(
        "section.panel",
        {},
        h("h1", { tabindex: "-1" }, member.display_name),
        h("p.muted", {}, `${roles} · ${member.badge}`),
        h("p", {}, `${shop?.name ?? terminal.location_id} · ${terminal.label}`),
        out,
      ),
      h("section.panel", {}, h("h2", {}, t("language")), languageSwitch()),
      h("section.panel", {}, h("h2", {}, t("look")), lookSwitch()),
      leads && codePanel(),
    ),
  };
}

function codePanel() {
  const label = field({ name: "label", label: t("enrol.label"), input: { maxlength: 100 } });
  const shown = h("div", { role: "status" });
  const make = button(t("enrol.make"), { type: "submit" });
  const sent = () => {
    const wanted = label.input.value.trim();
    label.fail(wanted ? "" : t("enrol.label.missing"));
    if (wanted) busy(make, () => showCode(shown, wanted));
    else label.input.focus();
  };
  return h("section.panel", {}, h("h2", {}, t("enrol.other")), form("form.form", sent, label, make), shown);
}

async function showCode(shown, label) {
  const body = { location_id: here.terminal.location_id, label };
  const made = await read("/v1/terminal/enrolment-codes", { method: "POST", body, key: newKey() });
  const until = t("enrol.until", { time: clock(made.expire_time) });
  fill(shown, h("p.new-code", {}, made.code), h("p.muted", {}, until));
}
