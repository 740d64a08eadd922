/** Starts the terminal: enrolled or not, signed in or not, then the shop's floor. */

import { fill, h } from "../shared/dom.js";
import { focusOnView } from "../shared/focus.js";
import { onLanguage, t } from "../shared/language.js";
import { failure } from "../shared/parts.js";
import { keepShell } from "../shared/shell.js";
import { enrolled } from "./device.js";
import { openFloor } from "./floor.js";
import { here, read, readShop, session } from "./house.js";
import { enrolView } from "./views/enrol.js";
import { signView } from "./views/sign.js";

const floor = document.getElementById("floor");
let leave = new AbortController();

/** Shows what this device may show now. */
async function begin(notice = "") {
  leave.abort();
  leave = new AbortController();
  try {
    const device = await enrolled();
    if (!device) return show(enrolView(begin));
    here.terminal = device.terminal;
    if (!(await isSignedIn())) return show(signView(device, begin, notice));
    await readShop();
    openFloor(floor, leave.signal);
    arrive();
  } catch (error) {
    show(h("main.gate", {}, failure(error, () => begin())));
  }
}

async function isSignedIn() {
  if (!session.isOpen) return false;
  try {
    here.member ??= await read("/v1/staff/me");
    return true;
  } catch (error) {
    if (error.status === 401) return false;
    throw error;
  }
}

function show(view) {
  fill(floor, view);
  document.title = [floor.querySelector("h1")?.textContent, "Comptoir"].filter(Boolean).join(" · ");
  arrive();
}

// Unless the keyboard has found its place again, as after a change of language.
function arrive() {
  if (!floor.contains(document.activeElement)) focusOnView(floor.querySelector("main"));
}

session.addEventListener("expired", () => begin(t("session_expired")));
session.addEventListener("change", () => {
  if (session.isOpen) return;
  here.member = null;
  begin();
});
onLanguage(() => !session.isOpen && begin());
keepShell("/terminal", document.getElementById("notices"));
begin();
