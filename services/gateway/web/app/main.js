/** Starts the customer's app: its frame, its views, and what they follow. */

import { Router, go } from "../shared/router.js";
import { onLanguage, t } from "../shared/language.js";
import { button, toast } from "../shared/parts.js";
import { onBasket, reload } from "./basket.js";
import { frame } from "./frame.js";
import { onShop, session } from "./house.js";
import { accountView } from "./views/account.js";
import { basketView } from "./views/basket.js";
import { homeView } from "./views/home.js";
import { categoryView, searchView } from "./views/list.js";
import { missingView } from "./views/missing.js";
import { orderView } from "./views/order.js";
import { ordersView, purchasesView } from "./views/orders.js";
import { pickUpView } from "./views/pickup.js";
import { productView } from "./views/product.js";
import { reviewView } from "./views/review.js";
import { shopView } from "./views/shop.js";
import { signInView, signUpView } from "./views/sign.js";

// Elsewhere nothing grows old unnoticed, or something is being typed that would be lost.
const RENEWED = /^#\/($|search|c\/|p\/|basket|shop|purchases)/;

const shown = frame(() => RENEWED.test(location.hash || "#/") && router.show({ sameView: true, isStale: true }));
const router = new Router({
  main: document.getElementById("main"),
  brand: "Fargue",
  onVisit: shown.visit,
  routes: [
    ["/", homeView],
    ["/search", searchView],
    ["/c/:category", categoryView],
    ["/p/:sku", productView],
    ["/shop", shopView],
    ["/basket", basketView],
    ["/pickup", pickUpView],
    ["/review", reviewView],
    ["/sign-in", signInView],
    ["/sign-up", signUpView],
    ["/orders", ordersView],
    ["/orders/:order", orderView],
    ["/purchases", purchasesView],
    ["/account", accountView],
    ["*", missingView],
  ],
});

onLanguage(shown.render);
onShop(shown.render);
onBasket(shown.render);
session.addEventListener("change", shown.render);
session.addEventListener("elsewhere", () => router.show({ sameView: true }));
session.addEventListener("expired", () => {
  const again = button(t("sign_in"), {
    kind: "quiet",
    onclick: () => go(`#/sign-in?next=${encodeURIComponent(location.hash)}`),
  });
  toast(t("session_expired"), "alert", again);
});
document.getElementById("skip").addEventListener("click", (event) => {
  // The hash names views here: following the link would leave the one that is shown.
  event.preventDefault();
  document.getElementById("main").focus();
});
router.start();
// What another device put into the basket shows when it is known; until then what was here does.
reload().catch(() => {});
