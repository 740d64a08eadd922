/** Starts the terminal: enrolled or not, signed in or not, then the shop's floor. */

import { fill, focusOn } from "../shared/dom.js";
import { onLanguage, t } from "../shared/language.js";
import { failure } from "../shared/parts.js";
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
  } catch (error) {
    show(failure(error, () => begin()));
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
  document.title = "Fargue · Comptoir";
  fill(floor, view);
  focusOn(floor.querySelector("h1"));
}

session.addEventListener("expired", () => begin(t("session_expired")));
session.addEventListener("change", () => {
  if (session.isOpen) return;
  here.member = null;
  begin();
});
onLanguage(() => !session.isOpen && begin());
begin();
