/** What is shown where there is nothing. */

import { h } from "../../shared/dom.js";
import { t } from "../../shared/language.js";
import { empty, linkButton } from "../../shared/parts.js";

/** @type {import("../../shared/router.js").View} */
export function missingView() {
  const title = t("missing.title");
  return {
    title,
    content: [
      h("h1", {}, title),
      empty("search", t("missing.what"), t("missing.next"), linkButton("#/", t("home.link"), { kind: "primary" })),
    ],
  };
}
