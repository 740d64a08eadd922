/** The account: name, language, home shop, signing out. */

import { h } from "../../shared/dom.js";
import { field, form, showErrors } from "../../shared/fields.js";
import { locale, speak, t } from "../../shared/language.js";
import { busy, button, empty, languageSwitch, linkButton, loadInto, lookSwitch, skeleton, toast } from "../../shared/parts.js";
import { explained } from "../../shared/problems.js";
import { forget } from "../basket.js";
import { chooseShop, mine, session, shop, shops, shortName, write } from "../house.js";

/** @type {import("../../shared/router.js").View} */
export function accountView({ signal }) {
  const title = t("account.title");
  const heading = h("h1", {}, title);
  if (!session.isOpen) return { title, content: [heading, visitor(), devicePanels()] };
  const host = h("div");
  loadInto(
    host,
    signal,
    () => Promise.all([mine("/v1/me", { signal }), shops()]),
    ([profile, all]) => profileForm(profile, all),
    skeleton(4, "row"),
  );
  return { title, content: [heading, host, devicePanels(), leavePanel()] };
}

function visitor() {
  return empty(
    "person",
    t("sign.needed"),
    t("sign.needed.account"),
    h(
      "div.pair",
      {},
      linkButton("#/sign-in?next=%23%2Faccount", t("sign_in"), { kind: "primary" }),
      linkButton("#/sign-up?next=%23%2Faccount", t("sign_up")),
    ),
  );
}

function devicePanels() {
  return [
    h("section.panel", {}, h("h2", {}, t("language")), languageSwitch()),
    h("section.panel", {}, h("h2", {}, t("look")), lookSwitch()),
  ];
}

function profileForm(profile, all) {
  const fields = nameFields(profile);
  const homes = homeChoice(profile, all);
  const save = button(t("save"), { kind: "primary", type: "submit" });
  const sent = () => {
    const given_name = fields.given_name.input.value.trim();
    const wrong = given_name ? [] : [["given_name", t("given_name.missing")]];
    if (showErrors(fields, new Map(wrong))) return;
    const family_name = fields.family_name.input.value.trim();
    const change = {
      given_name,
      family_name,
      locale: locale(),
      home_location_id: homes.value,
      revision: profile.revision,
    };
    busy(save, () => saved(profile, change, all));
  };
  const home = h("div.field", {}, h("label", { for: "home-shop" }, t("account.shop")), homes);
  return h(
    "section.panel",
    {},
    h("p.account-mail", {}, profile.email),
    form("form.form", sent, Object.values(fields), home, save),
  );
}

function nameFields({ given_name, family_name }) {
  const given = { value: given_name, autocomplete: "given-name", maxlength: 100, required: true };
  const family = { value: family_name, autocomplete: "family-name", maxlength: 100 };
  return {
    given_name: field({ name: "given_name", label: t("given_name"), input: given }),
    family_name: field({ name: "family_name", label: t("family_name"), input: family }),
  };
}

function homeChoice({ home_location_id: home }, all) {
  const options = all.map((one) =>
    h("option", { value: one.location_id, selected: one.location_id === home }, shortName(one)),
  );
  return h(
    "select.input",
    { id: "home-shop", name: "home_location_id" },
    h("option", { value: "" }, t("account.no_shop")),
    options,
  );
}

async function saved(profile, change, all) {
  const after = await write("PUT", "/v1/me", change);
  Object.assign(profile, after);
  speak(after.locale);
  const home = all.find((one) => one.location_id === after.home_location_id);
  if (home && !shop()) chooseShop(home);
  toast(t("saved"));
}

function leavePanel() {
  const leave = (everywhere) => (event) =>
    busy(
      event.currentTarget,
      async () => {
        await session.close(everywhere);
        forget();
        toast(t("signed_out"));
        window.dispatchEvent(new HashChangeEvent("hashchange"));
      },
      (error) => toast(explained(error), "alert"),
    );
  return h(
    "section.panel.leave",
    {},
    button(t("sign_out"), { sign: "leave", onclick: leave(false) }),
    button(t("sign_out.everywhere"), { kind: "quiet", onclick: leave(true) }),
  );
}
