/** Signing in and up, and back to where one was. */

import { fill, h, icon } from "../../shared/dom.js";
import { newKey, send } from "../../shared/api.js";
import { field, form, showErrors } from "../../shared/fields.js";
import { locale, speak, t } from "../../shared/language.js";
import { busy, button, toast } from "../../shared/parts.js";
import { explained, fieldErrors } from "../../shared/problems.js";
import { go } from "../../shared/router.js";
import { merge } from "../basket.js";
import { chooseShop, location, session, shop } from "../house.js";

const PASSWORD_CHARS_MIN = 10;

/** @type {import("../../shared/router.js").View} */
export function signInView({ query }) {
  const fields = {
    email: emailField(),
    password: field({
      name: "password",
      label: t("password"),
      input: { type: "password", autocomplete: "current-password", required: true, maxlength: 256 },
    }),
  };
  const content = signForm({
    fields,
    query,
    title: t("sign_in"),
    path: "/v1/sessions",
    other: ["#/sign-up", t("sign.no_account"), t("sign_up")],
  });
  return { title: t("sign_in"), content };
}

/** @type {import("../../shared/router.js").View} */
export function signUpView({ query }) {
  const password = { type: "password", autocomplete: "new-password", required: true, maxlength: 256 };
  const given = { autocomplete: "given-name", required: true, maxlength: 100 };
  const family = { autocomplete: "family-name", maxlength: 100 };
  const fields = {
    given_name: field({ name: "given_name", label: t("given_name"), input: given }),
    family_name: field({ name: "family_name", label: t("family_name"), hint: t("optional"), input: family }),
    email: emailField(),
    password: field({ name: "password", label: t("password"), hint: t("password.hint"), input: password }),
  };
  const content = signForm({
    fields,
    query,
    title: t("sign_up"),
    path: "/v1/customers",
    extra: { locale: locale() },
    other: ["#/sign-in", t("sign.have_account"), t("sign_in")],
  });
  return { title: t("sign_up"), content };
}

function emailField() {
  return field({
    name: "email",
    label: t("email"),
    input: { type: "email", inputmode: "email", autocomplete: "username", required: true, maxlength: 254 },
  });
}

function signForm({ fields, query, title, path, extra = {}, other }) {
  const next = query.get("next") ?? "#/account";
  const send_ = button(title, { kind: "primary", type: "submit" });
  const problem = h("p.field-error", { role: "alert" });
  // One key while the same is sent again: a lost answer must not open two accounts.
  let intent = { content: "", key: "" };
  const failed = (error) => {
    if (!error.passes) intent = { content: "", key: "" };
    if (!showErrors(fields, fieldErrors(error))) fill(problem, icon("alert"), explained(error));
  };
  const sent = () => {
    const given = Object.fromEntries(Object.entries(fields).map(([name, one]) => [name, typed(name, one.input)]));
    fill(problem);
    if (showErrors(fields, missing(given, "given_name" in fields))) return;
    const content = JSON.stringify(given);
    if (intent.content !== content) intent = { content, key: newKey() };
    busy(send_, () => enter(path, { ...given, ...extra }, intent.key, next), failed);
  };
  const why = query.has("next") && h("p.lead", {}, t("sign.why"));
  const whole = form("form.form", sent, Object.values(fields), problem, send_);
  return h("div.sign", {}, h("h1", {}, title), why, whole, otherWay(other, query));
}

function otherWay([href, question, label], query) {
  const next = query.has("next") ? `?next=${encodeURIComponent(query.get("next"))}` : "";
  return h("p.sign-other", {}, question, " ", h("a", { href: `${href}${next}` }, label));
}

async function enter(path, body, key, next) {
  const { profile, tokens } = await send(path, { method: "POST", body, key });
  session.open(tokens);
  speak(profile.locale);
  if (!shop() && profile.home_location_id) {
    // Somebody whose shop has gone is signed in all the same.
    const home = await location(profile.home_location_id).catch(() => null);
    if (home) chooseShop(home);
  }
  await merge().catch((error) => toast(explained(error), "alert"));
  go(next.startsWith("#/") ? next : "#/account", { replace: true });
}

// A password is taken as it is typed, here as in every other program that signs in.
function typed(name, { value }) {
  return name === "password" ? value : value.trim();
}

function missing(given, isNew) {
  const found = new Map();
  if (!given.email.includes("@")) found.set("email", t("email.wrong"));
  if (!given.password) found.set("password", t("password.missing"));
  else if (isNew && given.password.length < PASSWORD_CHARS_MIN) found.set("password", t("password.hint"));
  if (isNew && !given.given_name) found.set("given_name", t("given_name.missing"));
  return found;
}
