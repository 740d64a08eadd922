// Made by `make pages` of app/main.js: a9a0ffd590a593f3d2e83cec1968e28d79c23297ed9fb4ffaf455e0b96a04c75

// services/gateway/web/icons/icons.js
var ICONS = {
  search: "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13ZM15.5 15.5 20 20",
  home: "M4 11.5 12 5l8 6.5M6 10v9h12v-9M10 19v-5h4v5",
  basket: "M3.5 10h17l-1.7 9H5.2L3.5 10ZM8 10l3-6M16 10l-3-6M9 13.5v2.5M12 13.5v2.5M15 13.5v2.5",
  bag: "M5.5 8h13l1 12h-15l1-12ZM9 8V7a3 3 0 0 1 6 0v1",
  person: "M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8ZM4.5 20c.7-3.6 3.6-5.5 7.5-5.5s6.8 1.9 7.5 5.5",
  pin: "M12 21s-6.5-6-6.5-11a6.5 6.5 0 0 1 13 0c0 5-6.5 11-6.5 11ZM12 7.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5Z",
  shop: "M4 9.5 5.5 4h13L20 9.5M4 9.5a2.7 2.7 0 0 0 5.3 0 2.7 2.7 0 0 0 5.4 0 2.7 2.7 0 0 0 5.3 0M5.5 12.5V20h13v-7.5M10 20v-4.5h4V20",
  locker: "M5 3.5h14v17H5v-17ZM12 3.5v17M5 9h14M5 14.5h14M9.5 6.2h.01M9.5 11.7h.01M9.5 17.2h.01M16.5 6.2h.01M16.5 11.7h.01M16.5 17.2h.01",
  clock: "M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17ZM12 7.5V12l3 2",
  check: "m5 12.5 4.5 4.5L19 7.5",
  cross: "M6 6l12 12M18 6 6 18",
  minus: "M5.5 12h13",
  plus: "M5.5 12h13M12 5.5v13",
  renew: "M19.5 12a7.5 7.5 0 1 1-2.2-5.3M17.5 2.8v4.2h-4.2",
  back: "M14.5 5.5 8 12l6.5 6.5",
  forward: "M9.5 5.5 16 12l-6.5 6.5",
  down: "M5.5 9.5 12 16l6.5-6.5",
  star: "m12 3.8 2.5 5.3 5.7.7-4.2 4 1.1 5.7-5.1-2.8-5.1 2.8 1.1-5.7-4.2-4 5.7-.7L12 3.8Z",
  box: "M4 8l8-4 8 4v8.5l-8 4-8-4V8ZM4 8l8 4 8-4M12 12v8.5",
  bin: "M4 9h16l-1.5 11h-13L4 9ZM7 9V6h10v3M9 13h6",
  card: "M3.5 6h17v12.5h-17V6ZM3.5 10h17M7 15h4",
  coins: "M12 5c4 0 7 1.2 7 2.7s-3 2.8-7 2.8-7-1.2-7-2.8S8 5 12 5ZM5 7.7v4.5C5 13.8 8 15 12 15s7-1.2 7-2.8V7.7M5 12.2v4.5c0 1.5 3 2.8 7 2.8s7-1.3 7-2.8v-4.5",
  camera: "M4 8h3.5L9 5.5h6L16.5 8H20v11H4V8ZM12 10a3.3 3.3 0 1 1 0 6.6 3.3 3.3 0 0 1 0-6.6Z",
  cloud: "M3.5 3.5l17 17M9 6.3A5.5 5.5 0 0 1 17 10a4 4 0 0 1 3 6.3M16.5 18H7a4 4 0 0 1-.9-7.9",
  alert: "M12 4 21 19.5H3L12 4ZM12 10v4.5M12 17h.01",
  trash: "M5 7h14M10 7V4.5h4V7M7 7l.8 13h8.4L17 7M10.5 11v5.5M13.5 11v5.5",
  door: "M6 3.5h12v17H6v-17ZM14.5 12h.01M3.5 20.5h17",
  hand: "M7 11V6.5a1.5 1.5 0 0 1 3 0V5a1.5 1.5 0 0 1 3 0v1.5a1.5 1.5 0 0 1 3 0V9a1.5 1.5 0 0 1 3 0v5c0 4-2.5 7-6.5 7-3 0-4.7-1.5-6-4l-2.6-4.6a1.5 1.5 0 0 1 2.5-1.6L7 11.5",
  list: "M9 6.5h11M9 12h11M9 17.5h11M4.5 6.5h.01M4.5 12h.01M4.5 17.5h.01",
  leave: "M10 4.5H5v15h5M14.5 8l4 4-4 4M18.5 12H9.5",
  globe: "M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17ZM3.5 12h17M12 3.5c2.5 2.5 3.5 5.3 3.5 8.5s-1 6-3.5 8.5c-2.5-2.5-3.5-5.3-3.5-8.5s1-6 3.5-8.5Z",
  erase: "M9 6h11v12H9l-5.5-6L9 6ZM12 9.5l5 5M17 9.5l-5 5",
  key: "M8 9.5a4 4 0 1 1 0 8 4 4 0 0 1 0-8ZM11 11l8-7M16 6.5l2.5 2.5M13.5 8.7l2 2"
};

// services/gateway/web/shared/focus.js
var HOLDS = "a[href], button, input, select, textarea, summary";
function keepingFocus(parent, change) {
  const held = document.activeElement;
  if (held?.matches("main") && held.contains(parent))
    return meetHeading(parent, change);
  if (!held || held === parent || !parent.contains(held))
    return change();
  const place2 = placeOf(held, parent);
  change();
  const next = held.isConnected ? held : heirOf(place2, parent);
  if (!next)
    return focusOn(landing(parent));
  focusOn(next);
  if (place2.from !== null)
    next.setSelectionRange(place2.from, place2.to);
}
function focusOn(element) {
  if (!element)
    return;
  if (!element.matches(`${HOLDS}, [tabindex]`))
    element.tabIndex = -1;
  element.focus({ preventScroll: true });
}
function focusOnView(main) {
  const heading = main.querySelector("h1");
  focusOn(heading?.textContent.trim() ? heading : main);
}
function goingOn(list2, foot) {
  const isHere = foot.contains(document.activeElement);
  const next = list2.children.length;
  return () => isHere && focusOn(list2.children[next]?.querySelector("a") ?? list2.children[next] ?? null);
}
function meetHeading(parent, change) {
  change();
  focusOn(parent.matches("h1") ? parent : parent.querySelector("h1"));
}
function placeOf(element, parent) {
  const key = keyOf(element);
  const nth = equals(key, parent).indexOf(element);
  return { key, nth, from: element.selectionStart ?? null, to: element.selectionEnd ?? null };
}
function heirOf({ key, nth }, parent) {
  return equals(key, parent)[nth] ?? null;
}
function equals(key, parent) {
  return [...parent.querySelectorAll(`${HOLDS}, [tabindex]`)].filter((one) => keyOf(one) === key);
}
function keyOf(element) {
  const given = element.id || element.dataset.key || element.getAttribute("href") || element.getAttribute("name");
  return `${element.localName} ${given || element.getAttribute("aria-label") || element.textContent}`;
}
function landing(parent) {
  const inside = parent.querySelector("[data-lands]") ?? parent.querySelector("h1, h2, h3");
  return inside ?? parent.closest("dialog, .view, main")?.querySelector("h1, h2") ?? document.querySelector("main h1");
}

// services/gateway/web/shared/dom.js
var SVG = "http://www.w3.org/2000/svg";
function h(selector, properties = {}, ...children) {
  const [tag, ...classes] = selector.split(".");
  const element = document.createElement(tag);
  if (classes.length)
    element.className = classes.join(" ");
  for (const [name, value] of Object.entries(properties))
    give(element, name, value);
  element.append(...nodes(children));
  return element;
}
function give(element, name, value) {
  if (value === null || value === void 0 || value === false)
    return;
  if (name.startsWith("on"))
    element.addEventListener(name.slice(2), value);
  else if (name === "value")
    element.value = value;
  else
    element.setAttribute(name, value === true ? "" : String(value));
}
function nodes(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== void 0 && child !== false);
}
function fill(parent, ...children) {
  keepingFocus(parent, () => parent.replaceChildren(...nodes(children)));
}
function icon(name, extra = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon ${extra}`.trim());
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}
function picture(url, alt = "") {
  if (!url)
    return h("span.picture.picture-none", { "aria-hidden": "true" }, icon("box"));
  return h("img.picture", { src: url, alt, width: 400, height: 400, loading: "lazy", decoding: "async" });
}
function announce(text) {
  const region2 = document.getElementById("announcer");
  if (!region2)
    return;
  region2.textContent = "";
  requestAnimationFrame(() => region2.textContent = text);
}

// services/gateway/web/shared/words/en.app.js
var APP = {
  site: "Fargue",
  skip: "Skip to content",
  tabs: "Sections",
  loading: "Loading…",
  retry: "Try again",
  today: "today",
  tomorrow: "tomorrow",
  yes: "yes",
  no: "no",
  unknown: "unknown",
  optional: "Optional",
  language: "Language",
  look: "Appearance",
  "look.auto": "Automatic",
  "look.light": "Light",
  "look.dark": "Dark",
  "line.down": "No connection. Last updated {day} at {time}.",
  "release.new": "A newer version is here.",
  "release.put": "Use it",
  save: "Save",
  saved: "Saved.",
  undo: "Put it back",
  total: "Total",
  "total.vat": "Total, VAT included",
  less: "Less",
  more: "More",
  quantity: "Quantity",
  "quantity.of": "Quantity of {title}",
  trail: "You are here",
  category: "Shelf",
  product: "Product",
  "home.link": "Fargue, home",
  "home.title": "What are we making today?",
  "home.shop.title": "Choose your shop",
  "home.shop.text": "See what is in stock there and when it would be ready.",
  "home.ready": "Ready: show the code",
  "tab.home": "Home",
  "tab.basket": "Basket",
  "tab.orders": "Orders",
  "tab.account": "Account",
  "missing.title": "Nothing here",
  "missing.what": "This page does not exist.",
  "missing.next": "Perhaps the link is an old one.",
  "search.placeholder": "Search for tools, cable, paint…",
  "search.label": "Search for products",
  "search.title": "“{words}”",
  "search.all": "All products",
  "search.none": "Nothing found for “{words}”.",
  "search.none.next": "Try fewer or other words, or look along the shelves.",
  "search.shelves": "See the shelves",
  "search.more": "Show more",
  "search.count": { one: "{count} product", other: "{count} products" },
  "category.none": "This shelf is empty.",
  "category.none.next": "Others are not.",
  "shop.mine": "My shop: ",
  "shop.choose": "Choose a shop",
  "shop.title": "Your shop",
  "shop.lead": "Stock, prices and pick-up times are those of the shop you choose.",
  "shop.near": "Sort by distance from me",
  "shop.nowhere": "Your phone does not say where you are. Choose from the list.",
  "shop.sorted": "Sorted by distance.",
  "shop.chosen": "Your shop is now {name}.",
  "hours.open": "Open until {time}",
  "hours.today": "Closed, opens today at {time}",
  "hours.closed": "Closed, opens {day} at {time}",
  "price.unknown": "Price not known",
  "price.reduced": "Reduced price",
  "rating.stars": "Rated, out of 5: ",
  "rating.reviews": " reviews",
  "stock.some": "{quantity} in stock",
  "stock.few": "Only {quantity} left",
  "stock.none": "Not at this shop",
  "stock.unknown": "Stock not known",
  "stock.at": "{words} · {shop}",
  "stock.no_shop": "Choose a shop to see whether it is there.",
  "stock.elsewhere": "In stock at:",
  "ready.in": { one: "Ready in 1 minute", other: "Ready in {count} minutes" },
  "ready.at": "Ready {day} at {time}",
  "product.about": "About it",
  "product.facts": "Facts",
  "product.facts.none": "Nothing is known yet.",
  "product.sku": "Article number",
  "product.variants": "Other versions",
  "reviews.title": "Reviews",
  "reviews.none": "No reviews yet.",
  "reviews.more": "More reviews",
  "reviews.verified": "Bought and collected",
  "reviews.verified_note": "average of verified buyers",
  "reviews.stars": { one: "{count} star out of 5", other: "{count} stars out of 5" },
  "basket.title": "Basket",
  "basket.add": "Add",
  "basket.update": "Update",
  "basket.see": "See basket",
  "basket.added": "In your basket: {quantity}",
  "basket.count": { one: "{count} article", other: "{count} articles" },
  "basket.empty": "Your basket is empty.",
  "basket.empty.next": "What you put in stays here until you order it.",
  "basket.browse": "Look along the shelves",
  "basket.remove": "Remove {title}",
  "basket.removed": "Removed: {title}",
  "basket.gone": "This article is no longer sold. Take it out to go on.",
  "basket.there": "In stock at your shop",
  "basket.short": "Only {quantity} at your shop",
  "basket.next": "Choose where to collect",
  "basket.note": "Nothing is reserved yet: your order will reserve it.",
  "pickup.title": "Where and when?",
  "pickup.next": "Continue",
  "pickup.pick_slot": "Choose a time",
  "pickup.nowhere": "No shop has the whole basket now. Take something out, or come back later.",
  "pickup.INSUFFICIENT_STOCK": "Not enough in stock:",
  "pickup.NO_SLOT": "All times are taken.",
  "pickup.NO_COMPARTMENT": "No compartment that is large enough is free.",
  "pickup.CABINET_OFFLINE": "The locker does not answer at the moment.",
  "point.counter": "At the counter",
  "point.locker": "In the locker, from the time you choose",
  "slot.last": "last one",
  "review.title": "Your order",
  "review.where": "Collect",
  "review.lines": "Articles",
  "review.pay": "Payment",
  "review.place": "Order for {total}",
  "review.note": "You can cancel free of charge until you collect.",
  "pay.card": "By card, now",
  "pay.card.text": "Simulated here: no card is asked for, no money is taken.",
  "pay.at_counter": "At the counter",
  "pay.at_counter.text": "Pay when you collect.",
  "pay.not_locker": "Not with a locker: nobody is there to take the money.",
  sign_in: "Sign in",
  sign_up: "Create an account",
  sign_out: "Sign out",
  "sign_out.everywhere": "Sign out on all devices",
  signed_out: "You are signed out.",
  session_expired: "You have been signed out. Please sign in again.",
  "sign.why": "So that the order is yours and you find it again.",
  "sign.no_account": "No account yet?",
  "sign.have_account": "Already have one?",
  "sign.needed": "You are not signed in.",
  "sign.needed.orders": "Sign in to see your orders.",
  "sign.needed.account": "With an account you order, follow and find again.",
  email: "E-mail",
  "email.wrong": "An e-mail address looks like name@example.com.",
  password: "Password",
  "password.hint": "10 characters or more; a sentence is good.",
  "password.missing": "Type your password.",
  given_name: "First name",
  "given_name.missing": "What may we call you?",
  family_name: "Last name",
  order: "Order",
  "order.label": "Order",
  "order.now": "Order {label}: {state}.",
  "order.locker": "In a locker",
  "order.progress": "How far it is",
  "order.line_down": "Not live at the moment: trying again.",
  "order.placed": "Ordered on {date} at {time}",
  "order.articles": { one: "{count} article", other: "{count} articles" },
  "order.cancel": "Cancel the order",
  "order.cancel.title": "Cancel this order?",
  "order.cancel.text": "The articles go back on the shelf, and nothing is charged.",
  "order.cancel.no": "Keep it",
  "order.cancel.yes": "Cancel the order",
  "orders.title": "Orders",
  "orders.none": "No orders yet.",
  "orders.none.next": "What you order will be here, from promise to pick-up.",
  "orders.tabs": "Orders and purchases",
  "purchases.title": "Purchases",
  "purchases.none": "No purchases yet.",
  "purchases.none.next": "What you take home from any of our shops will be here.",
  "channel.order": "ordered",
  "channel.till": "at the till",
  "channel.unknown": "bought",
  "state.placing": "Being placed",
  "state.confirmed": "Confirmed",
  "state.picking": "Being prepared",
  "state.staged": "Almost ready",
  "state.ready": "Ready",
  "state.collected": "Collected",
  "state.refused": "Not placed",
  "state.cancelled": "Cancelled",
  "state.cancel_pending": "Being cancelled",
  "state.expired": "Not collected in time",
  "state.placing.text": "Nothing is promised yet; it takes a moment.",
  "state.confirmed.text": "It is yours. We will prepare it for {day}, {time}.",
  "state.picking.text": "Somebody is at the shelves for you.",
  "state.staged.text": "Everything is found; it is on its way to its place.",
  "state.ready.text": "Show this code at the counter. Kept for you until {until}.",
  "state.ready.locker": "Type or show this code at the locker, compartment {place}. Kept until {until}.",
  "state.collected.text": "It is in your hands. Thank you.",
  "state.expired.text": "It went back on the shelf. Order again whenever you like.",
  "state.cancel_pending.text": "The locker still has to say that its door stayed shut.",
  "step.confirmed": "Confirmed",
  "step.picking": "In preparation",
  "step.ready": "Ready",
  "step.collected": "Collected",
  "cause.": "Called off at your wish.",
  "cause.NOT_FOUND": "We could not find your articles on the shelf. We are sorry.",
  "cause.CUSTOMER_CANCELLED": "Called off at your wish.",
  "cause.INSUFFICIENT_STOCK": "Somebody was quicker: there was not enough left.",
  "cause.PAYMENT_DECLINED": "The payment was declined.",
  "cause.CONFIRMATION_TIMEOUT": "It could not be confirmed in time, so it was undone.",
  "payment.due": "To be paid at the counter",
  "payment.authorised": "Card authorised; charged when you collect",
  "payment.captured": "Paid",
  "payment.voided": "Nothing was charged.",
  "payment.refund_due": "Your money is on its way back.",
  "payment.refunded": "Your money was given back.",
  "line.waiting": "not looked for yet",
  "line.so_far.all": "found",
  "line.so_far.part": "found so far: {quantity}",
  "line.so_far.none": "not found so far",
  "line.gone": "not found, not charged",
  "line.part": "found: {quantity}; only that is charged",
  "code.title": "Your code",
  "code.spelled": "Your code: {code}",
  "code.qr": "The same code as a QR picture",
  "code.renewed": "A new code is shown.",
  "code.changes": { one: "Changes in 1 minute", other: "Changes in {count} minutes" },
  "code.show": "Type it, or hold it before the reader.",
  "account.title": "Account",
  "account.shop": "The shop you usually go to",
  "account.no_shop": "None"
};

// services/gateway/web/shared/words/en.problems.js
var PROBLEMS = {
  "problem.OFFLINE": "No connection.|Nothing is lost. Check the network and try again.",
  "problem.TOO_SLOW": "It takes too long.|Try again: nothing is done twice.",
  "problem.UNAVAILABLE": "Not possible right now.|Try again in a moment.",
  "problem.INTERNAL": "Something went wrong on our side.|It has been noted. Try again in a moment.",
  "problem.REFUSED": "That was not accepted ({reason}).|Reload the page and try again.",
  "problem.NOT_FOUND": "That is not here.|Perhaps the link is an old one.",
  "problem.ACCESS_DENIED": "You may not do this.|Ask your manager.",
  "problem.SESSION_ENDED": "You have been signed out.|Sign in again.",
  "problem.TOO_MANY_ATTEMPTS": "Too many attempts.|Wait {seconds} s, then try again.",
  "problem.WRONG_CREDENTIALS": "That is not right.|Check what you typed and try again.",
  "problem.ADDRESS_TAKEN": "There is an account with this address already.|Sign in with it.",
  "problem.INVALID_ADDRESS": "That is no e-mail address.|It looks like name@example.com.",
  "problem.WEAK_PASSWORD": "This password is too easy to guess.|Take some words that do not belong together.",
  "problem.INVALID_PROFILE": "A name is missing or too long.|At most 100 characters.",
  "problem.REVISION_CHANGED": "Your profile was changed elsewhere meanwhile.|Reload the page and change it again.",
  "problem.UNKNOWN_SKU": "We do not sell this article any more.|Take it out of the basket.",
  "problem.UNKNOWN_LOCATION": "There is no such shop.|Choose another one.",
  "problem.UNKNOWN_POINT": "One cannot collect there any more.|Choose another place.",
  "problem.BASKET_FULL": "The basket takes 50 different articles.|Order these first.",
  "problem.INVALID_LINES": "This quantity is not possible.|Choose another one.",
  "problem.INSUFFICIENT_STOCK": "There is not enough left: somebody was quicker.|Nothing was ordered. Choose another shop or a smaller quantity.",
  "problem.SLOT_FULL": "This time has just been taken.|Nothing was ordered. Choose another one.",
  "problem.SLOT_PAST": "This time is over.|Choose a later one.",
  "problem.INVALID_SLOT": "This time is no longer offered.|Choose another one.",
  "problem.NO_COMPARTMENT": "The locker has just become full.|Nothing was ordered. Choose the counter or another locker.",
  "problem.PAYMENT_DECLINED": "The payment was declined.|Nothing was ordered. Try again or pay at the counter.",
  "problem.INVALID_PAYMENT": "This payment is not complete.|Reload the page and choose again.",
  "problem.CONFIRMATION_TIMEOUT": "The order could not be confirmed in time.|Nothing is ordered or charged. Try again.",
  "problem.PAYMENT_REQUIRED": "A locker cannot take money.|Choose payment by card.",
  "problem.PRICE_CHANGED": "A price has changed meanwhile.|The new total is below. Nothing was ordered.",
  "problem.UNKNOWN_ORDER": "This order is not here.|Look in your list of orders.",
  "problem.ORDER_ENDED": "This order is finished already.|Nothing was changed.",
  "problem.ORDER_NOT_READY": "The order is not ready yet.|Look again in a moment.",
  "problem.REQUEST_ID_REUSED": "This was sent before with another content.|Reload the page.",
  "problem.REQUEST_ID_TOO_OLD": "This is more than 30 days old.|Reload the page and see whether it was done.",
  "problem.WRONG_CODE": "This code is not right.|Ask for the one shown now: it changes every few minutes.",
  "problem.PAYMENT_DUE": "It is not paid yet.|Take the money, then tick it.",
  "problem.CABINET_OFFLINE": "The locker does not answer.|Check its power and line, then try again.",
  "problem.ORDER_NOT_PICKABLE": "This order cannot be picked any more.|Look at its state.",
  "problem.ORDER_NOT_PICKED": "Not every line has been looked for.|Record those that are left.",
  "problem.ORDER_NOT_STAGED": "This order is not in a bin.|Look at its state.",
  "problem.INVALID_BIN": "A bin’s label has 1 to 32 characters.|Read it off the bin.",
  "problem.INVALID_PICK": "That is more than was ordered.|Type a smaller quantity.",
  "problem.NOT_IN_CABINET": "It is not in the locker.|Look at its state."
};

// services/gateway/web/shared/words/en.terminal.js
var TERMINAL = {
  queue: "Queue",
  "queue.new": { one: "New order: {labels}", other: "New orders: {labels}" },
  scan: "Scan",
  lookup: "Products",
  cabinets: "Locker",
  badge: "Badge",
  "badge.missing": "Type the number on your badge.",
  pin: "PIN",
  code: "Code",
  back: "Back",
  bin: "Bin",
  keypad: "Keypad",
  "keypad.clear": "Clear",
  "keypad.erase": "Erase",
  "sign.staff": "Who is working?",
  "sign.recent": "On this terminal lately",
  "pin.short": "A PIN has 6 digits or more.",
  "enrol.title": "Enrol this terminal",
  "enrol.text": "Once, with a code from your manager. The device makes a key that never leaves it.",
  "enrol.code": "Enrolment code",
  "enrol.hint": "10 letters and digits, good for 15 minutes.",
  "enrol.do": "Enrol",
  "enrol.missing": "Type the code.",
  "enrol.other": "Enrol another terminal",
  "enrol.label": "What colleagues call it",
  "enrol.label.missing": "Give it a name.",
  "enrol.make": "Make a code",
  "enrol.until": "Good until {time}, for one terminal.",
  "role.associate": "associate",
  "role.manager": "manager",
  "role.operator": "operator",
  filter: "Show",
  "filter.todo": "To do",
  "filter.ready": "Ready",
  "filter.all": "All",
  find: "Find by label",
  "find.none": "No order begins with {label}.",
  "find.none.next": "Ask for the 6 characters again.",
  "filter.todo.none": "Everything is done.",
  "filter.ready.none": "Nobody is expected.",
  "filter.all.none": "No orders.",
  "filter.none.next": "New ones appear here by themselves.",
  "due.in": "in {time}",
  "due.late": "{time} late",
  "rest.title": "Choose an order",
  "rest.text": "Those due first are at the top.",
  "line.as_of": "No connection. Queue as of {time}.",
  "line.never": "No connection yet: trying.",
  "line.unsent": { one: "{count} pick is waiting to be sent.", other: "{count} picks are waiting to be sent." },
  "work.placing": "being placed",
  "work.confirmed": "to pick",
  "work.picking": "picking",
  "work.staged": "to load",
  "work.ready": "ready",
  "work.collected": "handed over",
  "work.refused": "refused",
  "work.cancelled": "cancelled",
  "work.cancel_pending": "to take out",
  "work.expired": "expired",
  "at.counter": "Counter",
  "at.locker": "Locker",
  "pay.due": "due at the counter",
  "pay.voided": "nothing to pay",
  "pay.at_counter.staff": "paid at the counter",
  "pay.reference.staff": "paid by card",
  "stock.on_hand": "{quantity} on hand",
  "stock.on_hand.term": "On hand",
  "stock.held.term": "Promised",
  "stock.safety.term": "Kept back",
  "stock.available.term": "Can be sold",
  "stock.nowhere": "Nowhere else.",
  "pick.progress": { one: "{count} of {total} lines looked for", other: "{count} of {total} lines looked for" },
  "pick.next": "Next: {quantity} × {title}.",
  "pick.none": "Not found",
  "pick.other": "Fewer…",
  "pick.all": "Found {quantity}",
  "pick.how_many": "How many did you find?",
  "pick.take": "Record",
  "pick.kept": "Kept here; it is sent when the line is back.",
  "pick.unsent": "not sent",
  "line.found": "found {quantity}",
  "line.not_found": "not found",
  "line.not_looked_for": "not looked for",
  "stage.title": "All looked for. Which bin?",
  "stage.do": "In the bin",
  "load.title": "Put it into the locker",
  "load.text": "It lies in {bin}. The door opens when you press.",
  "load.do": "Open the door",
  "load.wait": "The door is open",
  "load.wait.text": "Put it in and close. This page knows when it is shut.",
  "take_back.title": "Take it out of the locker",
  "take_back.text": "Compartment {place}. It goes back on the shelf.",
  "take_back.do": "Open and take out",
  "take_back.opened": "The door is open: take it out and close.",
  "hand_over.title": "From {place}",
  "hand_over.code": "The customer’s code",
  "hand_over.do": "Hand over",
  "due.take": "To be paid now",
  "due.paid": "Paid at the till",
  "scan.title": "Scan a customer’s code",
  "scan.text": "The order opens by itself.",
  "scan.start": "Open the camera",
  "scan.camera": "Camera",
  "scan.hold": "Hold the code before the camera",
  "scan.done": "Code scanned",
  "scan.refused": "The camera is not allowed here. Type the code.",
  "scan.other": "That is no order of ours.",
  "scan.cannot": "This device cannot scan.",
  "scan.cannot.text": "Find the order by its label and type the 8 digits.",
  "lookup.title": "What is it about?",
  "lookup.text": "Words, a brand or an article number.",
  "lookup.placeholder": "Words or article number",
  "cabinets.none": "No locker here.",
  "cabinets.none.next": "Orders of this shop are handed over at the counter.",
  "cabinet.online": "online",
  "cabinet.offline": "offline",
  "cabinet.seen": "Last heard of at {time}",
  "cabinet.never": "Never heard of yet",
  "cabinet.room": "{free} of {total} compartments free",
  "cabinet.to_empty": "To take out",
  next: "Next: {label}",
  "next.first": "Most urgent: {label}",
  cancel: "Cancel…",
  "cancel.title": "Why is {label} cancelled?",
  "cancel.do": "Cancel order",
  "cancel.keep": "Do not cancel",
  "cause.other": "Another reason",
  "cause.staff.CUSTOMER_WISH": "The customer wishes it",
  "cause.staff.NOT_FOUND": "Not found",
  "cause.staff.DAMAGED": "Damaged",
  "cause.staff.MISTAKE": "A mistake",
  "cause.CUSTOMER_WISH": "Called off in the shop at your wish.",
  "cause.DAMAGED": "We found it damaged. We are sorry.",
  "cause.MISTAKE": "Called off by the shop. We are sorry.",
  "customer.who": "Who is it for?",
  "customer.logged": "(that you looked is logged)",
  "settled.staged": "Being made ready",
  "settled.staged.text": "It is in {place}.",
  "settled.ready_locker": "In the locker, {place}",
  "settled.ready_locker.text": "The customer opens it with the code. There is nothing to do.",
  "settled.collected": "Handed over",
  "settled.collected.text": "{total} · done.",
  "settled.cancelled": "Cancelled",
  "settled.cancelled.text": "Put what was picked back on the shelf.",
  "settled.expired": "Not collected in time",
  "settled.expired.text": "Put it back on the shelf.",
  "settled.refused": "Refused",
  "settled.refused.text": "It was never promised.",
  "settled.placing": "Being placed",
  "settled.placing.text": "It is not promised yet."
};

// services/gateway/web/shared/words/en.js
var EN = { ...APP, ...TERMINAL, ...PROBLEMS };

// services/gateway/web/shared/words/fr.app.js
var APP2 = {
  site: "Fargue",
  skip: "Aller au contenu",
  tabs: "Rubriques",
  loading: "Chargement…",
  retry: "Réessayer",
  today: "aujourd’hui",
  tomorrow: "demain",
  yes: "oui",
  no: "non",
  unknown: "non renseigné",
  optional: "Facultatif",
  language: "Langue",
  look: "Apparence",
  "look.auto": "Automatique",
  "look.light": "Clair",
  "look.dark": "Sombre",
  "line.down": "Pas de connexion. Dernière mise à jour : {day}, {time}.",
  "release.new": "Une version plus récente est là.",
  "release.put": "L’utiliser",
  save: "Enregistrer",
  saved: "C’est enregistré.",
  undo: "Remettre",
  total: "Total",
  "total.vat": "Total TTC",
  less: "Moins",
  more: "Plus",
  quantity: "Quantité",
  "quantity.of": "Quantité de {title}",
  trail: "Vous êtes ici",
  category: "Rayon",
  product: "Produit",
  "home.link": "Fargue, accueil",
  "home.title": "On fabrique quoi, aujourd’hui ?",
  "home.shop.title": "Choisissez votre magasin",
  "home.shop.text": "Voyez ce qui y est en stock, et quand ce serait prêt.",
  "home.ready": "Prête : voir le code",
  "tab.home": "Accueil",
  "tab.basket": "Panier",
  "tab.orders": "Commandes",
  "tab.account": "Compte",
  "missing.title": "Rien ici",
  "missing.what": "Cette page n’existe pas.",
  "missing.next": "Le lien est peut-être ancien.",
  "search.placeholder": "Outil, câble, peinture…",
  "search.label": "Chercher un produit",
  "search.title": "« {words} »",
  "search.all": "Tous les produits",
  "search.none": "Rien trouvé pour « {words} ».",
  "search.none.next": "Essayez avec moins de mots, ou parcourez les rayons.",
  "search.shelves": "Voir les rayons",
  "search.more": "Voir la suite",
  "search.count": { one: "{count} produit", other: "{count} produits" },
  "category.none": "Ce rayon est vide.",
  "category.none.next": "Les autres ne le sont pas.",
  "shop.mine": "Mon magasin : ",
  "shop.choose": "Choisir un magasin",
  "shop.title": "Votre magasin",
  "shop.lead": "Le stock, les prix et les heures de retrait sont ceux du magasin choisi.",
  "shop.near": "Trier par distance",
  "shop.nowhere": "Votre téléphone ne dit pas où vous êtes. Choisissez dans la liste.",
  "shop.sorted": "Trié par distance.",
  "shop.chosen": "Votre magasin est désormais {name}.",
  "hours.open": "Ouvert jusqu’à {time}",
  "hours.today": "Fermé, ouvre aujourd’hui à {time}",
  "hours.closed": "Fermé, ouvre {day} à {time}",
  "price.unknown": "Prix non connu",
  "price.reduced": "Prix réduit",
  "rating.stars": "Note sur 5 : ",
  "rating.reviews": " avis",
  "stock.some": "{quantity} en stock",
  "stock.few": "Plus que {quantity}",
  "stock.none": "Pas dans ce magasin",
  "stock.unknown": "Stock non connu",
  "stock.at": "{words} · {shop}",
  "stock.no_shop": "Choisissez un magasin pour savoir si le produit y est.",
  "stock.elsewhere": "En stock à :",
  "ready.in": { one: "Prêt dans 1 minute", other: "Prêt dans {count} minutes" },
  "ready.at": "Prêt {day} à {time}",
  "product.about": "À propos",
  "product.facts": "Caractéristiques",
  "product.facts.none": "Rien n’est encore connu.",
  "product.sku": "Référence",
  "product.variants": "Autres versions",
  "reviews.title": "Avis",
  "reviews.none": "Pas encore d’avis.",
  "reviews.more": "Plus d’avis",
  "reviews.verified": "Acheté et retiré",
  "reviews.verified_note": "moyenne des achats vérifiés",
  "reviews.stars": { one: "{count} étoile sur 5", other: "{count} étoiles sur 5" },
  "basket.title": "Panier",
  "basket.add": "Ajouter",
  "basket.update": "Mettre à jour",
  "basket.see": "Voir le panier",
  "basket.added": "Dans votre panier : {quantity}",
  "basket.count": { one: "{count} article", other: "{count} articles" },
  "basket.empty": "Votre panier est vide.",
  "basket.empty.next": "Ce que vous y mettez y reste jusqu’à la commande.",
  "basket.browse": "Parcourir les rayons",
  "basket.remove": "Retirer {title}",
  "basket.removed": "Retiré : {title}",
  "basket.gone": "Cet article n’est plus vendu. Retirez-le pour continuer.",
  "basket.there": "En stock dans votre magasin",
  "basket.short": "Seulement {quantity} dans votre magasin",
  "basket.next": "Choisir le retrait",
  "basket.note": "Rien n’est encore réservé : la commande réservera.",
  "pickup.title": "Où et quand ?",
  "pickup.next": "Continuer",
  "pickup.pick_slot": "Choisissez un horaire",
  "pickup.nowhere": "Aucun magasin n’a tout le panier en ce moment. Retirez un article, ou revenez plus tard.",
  "pickup.INSUFFICIENT_STOCK": "Pas assez de stock :",
  "pickup.NO_SLOT": "Tous les horaires sont pris.",
  "pickup.NO_COMPARTMENT": "Aucun casier assez grand n’est libre.",
  "pickup.CABINET_OFFLINE": "Le casier ne répond pas en ce moment.",
  "point.counter": "Au comptoir",
  "point.locker": "En casier, dès l’heure choisie",
  "slot.last": "dernier",
  "review.title": "Votre commande",
  "review.where": "Retrait",
  "review.lines": "Articles",
  "review.pay": "Paiement",
  "review.place": "Commander, {total}",
  "review.note": "Vous pouvez annuler sans frais jusqu’au retrait.",
  "pay.card": "Par carte, maintenant",
  "pay.card.text": "Simulé ici : aucune carte n’est demandée, rien n’est débité.",
  "pay.at_counter": "Au comptoir",
  "pay.at_counter.text": "Vous payez en retirant.",
  "pay.not_locker": "Pas avec un casier : personne n’y encaisse.",
  sign_in: "Se connecter",
  sign_up: "Créer un compte",
  sign_out: "Se déconnecter",
  "sign_out.everywhere": "Se déconnecter de tous les appareils",
  signed_out: "Vous êtes déconnecté.",
  session_expired: "Vous avez été déconnecté. Connectez-vous à nouveau.",
  "sign.why": "Pour que la commande soit à vous et que vous la retrouviez.",
  "sign.no_account": "Pas encore de compte ?",
  "sign.have_account": "Déjà un compte ?",
  "sign.needed": "Vous n’êtes pas connecté.",
  "sign.needed.orders": "Connectez-vous pour voir vos commandes.",
  "sign.needed.account": "Avec un compte, vous commandez, suivez et retrouvez.",
  email: "Adresse e-mail",
  "email.wrong": "Une adresse ressemble à nom@exemple.fr.",
  password: "Mot de passe",
  "password.hint": "10 caractères ou plus ; une phrase convient bien.",
  "password.missing": "Saisissez votre mot de passe.",
  given_name: "Prénom",
  "given_name.missing": "Comment vous appeler ?",
  family_name: "Nom",
  order: "Commande",
  "order.label": "Commande",
  "order.now": "Commande {label} : {state}.",
  "order.locker": "En casier",
  "order.progress": "Avancement",
  "order.line_down": "Suivi interrompu : nouvelle tentative.",
  "order.placed": "Commandé le {date} à {time}",
  "order.articles": { one: "{count} article", other: "{count} articles" },
  "order.cancel": "Annuler la commande",
  "order.cancel.title": "Annuler cette commande ?",
  "order.cancel.text": "Les articles retournent en rayon et rien n’est débité.",
  "order.cancel.no": "La garder",
  "order.cancel.yes": "Annuler la commande",
  "orders.title": "Commandes",
  "orders.none": "Pas encore de commande.",
  "orders.none.next": "Vos commandes seront ici, de la promesse au retrait.",
  "orders.tabs": "Commandes et achats",
  "purchases.title": "Achats",
  "purchases.none": "Pas encore d’achat.",
  "purchases.none.next": "Ce que vous emportez de nos magasins sera ici.",
  "channel.order": "commandé",
  "channel.till": "en caisse",
  "channel.unknown": "acheté",
  "state.placing": "Envoi en cours",
  "state.confirmed": "Confirmée",
  "state.picking": "En préparation",
  "state.staged": "Presque prête",
  "state.ready": "Prête",
  "state.collected": "Retirée",
  "state.refused": "Non passée",
  "state.cancelled": "Annulée",
  "state.cancel_pending": "Annulation en cours",
  "state.expired": "Non retirée à temps",
  "state.placing.text": "Rien n’est encore promis ; un instant.",
  "state.confirmed.text": "C’est réservé pour vous. Nous la préparons pour {day}, {time}.",
  "state.picking.text": "Quelqu’un est en rayon pour vous.",
  "state.staged.text": "Tout est trouvé ; on la met à sa place.",
  "state.ready.text": "Montrez ce code au comptoir. Gardée pour vous jusqu’à {until}.",
  "state.ready.locker": "Tapez ou montrez ce code au casier, porte {place}. Gardée jusqu’à {until}.",
  "state.collected.text": "Elle est entre vos mains. Merci.",
  "state.expired.text": "Les articles sont retournés en rayon. Commandez à nouveau quand vous voulez.",
  "state.cancel_pending.text": "Le casier doit encore confirmer que sa porte est restée fermée.",
  "step.confirmed": "Confirmée",
  "step.picking": "En préparation",
  "step.ready": "Prête",
  "step.collected": "Retirée",
  "cause.": "Annulée à votre demande.",
  "cause.NOT_FOUND": "Vos articles étaient introuvables en rayon. Nous en sommes désolés.",
  "cause.CUSTOMER_CANCELLED": "Annulée à votre demande.",
  "cause.INSUFFICIENT_STOCK": "Quelqu’un a été plus rapide : il n’en restait pas assez.",
  "cause.PAYMENT_DECLINED": "Le paiement a été refusé.",
  "cause.CONFIRMATION_TIMEOUT": "Elle n’a pas pu être confirmée à temps et a été défaite.",
  "payment.due": "À payer au comptoir",
  "payment.authorised": "Carte autorisée ; débitée au retrait",
  "payment.captured": "Payé",
  "payment.voided": "Rien n’a été débité.",
  "payment.refund_due": "Votre remboursement est en route.",
  "payment.refunded": "Vous avez été remboursé.",
  "line.waiting": "pas encore cherché",
  "line.so_far.all": "trouvé",
  "line.so_far.part": "trouvé jusqu’ici : {quantity}",
  "line.so_far.none": "introuvable jusqu’ici",
  "line.gone": "introuvable, non facturé",
  "line.part": "trouvé : {quantity} ; cela seul est facturé",
  "code.title": "Votre code",
  "code.spelled": "Votre code : {code}",
  "code.qr": "Le même code en image QR",
  "code.renewed": "Un nouveau code est affiché.",
  "code.changes": { one: "Change dans 1 minute", other: "Change dans {count} minutes" },
  "code.show": "Tapez-le, ou présentez-le au lecteur.",
  "account.title": "Compte",
  "account.shop": "Votre magasin habituel",
  "account.no_shop": "Aucun"
};

// services/gateway/web/shared/words/fr.problems.js
var PROBLEMS2 = {
  "problem.OFFLINE": "Pas de connexion.|Rien n’est perdu. Vérifiez le réseau et réessayez.",
  "problem.TOO_SLOW": "Cela prend trop de temps.|Réessayez : rien ne sera fait deux fois.",
  "problem.UNAVAILABLE": "Impossible pour l’instant.|Réessayez dans un moment.",
  "problem.INTERNAL": "Un problème est survenu chez nous.|Il est noté. Réessayez dans un moment.",
  "problem.REFUSED": "Cela n’a pas été accepté ({reason}).|Rechargez la page et réessayez.",
  "problem.NOT_FOUND": "Cela n’est pas ici.|Le lien est peut-être ancien.",
  "problem.ACCESS_DENIED": "Vous n’y avez pas droit.|Demandez à votre responsable.",
  "problem.SESSION_ENDED": "Vous avez été déconnecté.|Connectez-vous à nouveau.",
  "problem.TOO_MANY_ATTEMPTS": "Trop d’essais.|Attendez {seconds} s, puis réessayez.",
  "problem.WRONG_CREDENTIALS": "Ce n’est pas cela.|Vérifiez votre saisie et réessayez.",
  "problem.ADDRESS_TAKEN": "Un compte existe déjà avec cette adresse.|Connectez-vous avec elle.",
  "problem.INVALID_ADDRESS": "Ce n’est pas une adresse e-mail.|Elle ressemble à nom@exemple.fr.",
  "problem.WEAK_PASSWORD": "Ce mot de passe est trop facile à deviner.|Prenez quelques mots qui ne vont pas ensemble.",
  "problem.INVALID_PROFILE": "Un nom manque ou est trop long.|100 caractères au plus.",
  "problem.REVISION_CHANGED": "Votre profil a été modifié ailleurs entre-temps.|Rechargez la page et recommencez.",
  "problem.UNKNOWN_SKU": "Nous ne vendons plus cet article.|Retirez-le du panier.",
  "problem.UNKNOWN_LOCATION": "Ce magasin n’existe pas.|Choisissez-en un autre.",
  "problem.UNKNOWN_POINT": "On n’y retire plus.|Choisissez un autre lieu.",
  "problem.BASKET_FULL": "Le panier contient au plus 50 articles différents.|Commandez d’abord ceux-ci.",
  "problem.INVALID_LINES": "Cette quantité n’est pas possible.|Choisissez-en une autre.",
  "problem.INSUFFICIENT_STOCK": "Il n’en reste pas assez : quelqu’un a été plus rapide.|Rien n’est commandé. Choisissez un autre magasin ou une quantité plus petite.",
  "problem.SLOT_FULL": "Cet horaire vient d’être pris.|Rien n’est commandé. Choisissez-en un autre.",
  "problem.SLOT_PAST": "Cet horaire est passé.|Choisissez-en un plus tard.",
  "problem.INVALID_SLOT": "Cet horaire n’est plus proposé.|Choisissez-en un autre.",
  "problem.NO_COMPARTMENT": "Le casier vient d’être rempli.|Rien n’est commandé. Choisissez le comptoir ou un autre casier.",
  "problem.PAYMENT_DECLINED": "Le paiement a été refusé.|Rien n’est commandé. Réessayez, ou payez au comptoir.",
  "problem.INVALID_PAYMENT": "Ce paiement n’est pas complet.|Rechargez la page et choisissez à nouveau.",
  "problem.CONFIRMATION_TIMEOUT": "La commande n’a pas pu être confirmée à temps.|Rien n’est commandé ni débité. Réessayez.",
  "problem.PAYMENT_REQUIRED": "Un casier n’encaisse pas.|Choisissez le paiement par carte.",
  "problem.PRICE_CHANGED": "Un prix a changé entre-temps.|Le nouveau total est ci-dessous. Rien n’est commandé.",
  "problem.UNKNOWN_ORDER": "Cette commande n’est pas ici.|Regardez dans vos commandes.",
  "problem.ORDER_ENDED": "Cette commande est déjà terminée.|Rien n’a changé.",
  "problem.ORDER_NOT_READY": "La commande n’est pas encore prête.|Regardez à nouveau dans un moment.",
  "problem.REQUEST_ID_REUSED": "Ceci a déjà été envoyé avec un autre contenu.|Rechargez la page.",
  "problem.REQUEST_ID_TOO_OLD": "Cet envoi date de plus de 30 jours.|Rechargez la page et voyez s’il a abouti.",
  "problem.WRONG_CODE": "Ce code n’est pas le bon.|Demandez celui affiché à l’instant : il change souvent.",
  "problem.PAYMENT_DUE": "Ce n’est pas encore payé.|Encaissez, puis cochez.",
  "problem.CABINET_OFFLINE": "Le casier ne répond pas.|Vérifiez courant et réseau, puis réessayez.",
  "problem.ORDER_NOT_PICKABLE": "Cette commande ne peut plus être préparée.|Regardez son état.",
  "problem.ORDER_NOT_PICKED": "Toutes les lignes ne sont pas cherchées.|Notez celles qui restent.",
  "problem.ORDER_NOT_STAGED": "Cette commande n’est pas en bac.|Regardez son état.",
  "problem.INVALID_BIN": "L’étiquette d’un bac a 1 à 32 caractères.|Lisez-la sur le bac.",
  "problem.INVALID_PICK": "C’est plus que commandé.|Tapez une quantité plus petite.",
  "problem.NOT_IN_CABINET": "Elle n’est pas au casier.|Regardez son état."
};

// services/gateway/web/shared/words/fr.terminal.js
var TERMINAL2 = {
  queue: "File",
  "queue.new": { one: "Nouvelle commande : {labels}", other: "Nouvelles commandes : {labels}" },
  scan: "Scanner",
  lookup: "Produits",
  cabinets: "Casier",
  badge: "Badge",
  "badge.missing": "Saisissez le numéro de votre badge.",
  pin: "Code PIN",
  code: "Code",
  back: "Retour",
  bin: "Bac",
  keypad: "Pavé numérique",
  "keypad.clear": "Effacer tout",
  "keypad.erase": "Effacer",
  "sign.staff": "Qui travaille ?",
  "sign.recent": "Récemment sur ce terminal",
  "pin.short": "Un code PIN a au moins 6 chiffres.",
  "enrol.title": "Enrôler ce terminal",
  "enrol.text": "Une seule fois, avec un code de votre responsable. L’appareil fabrique une clé qui ne le quitte jamais.",
  "enrol.code": "Code d’enrôlement",
  "enrol.hint": "10 lettres et chiffres, valable 15 minutes.",
  "enrol.do": "Enrôler",
  "enrol.missing": "Saisissez le code.",
  "enrol.other": "Enrôler un autre terminal",
  "enrol.label": "Le nom que lui donnent les collègues",
  "enrol.label.missing": "Donnez-lui un nom.",
  "enrol.make": "Créer un code",
  "enrol.until": "Valable jusqu’à {time}, pour un seul terminal.",
  "role.associate": "vente",
  "role.manager": "responsable",
  "role.operator": "exploitation",
  filter: "Afficher",
  "filter.todo": "À faire",
  "filter.ready": "Prêtes",
  "filter.all": "Toutes",
  find: "Chercher par étiquette",
  "find.none": "Aucune commande ne commence par {label}.",
  "find.none.next": "Redemandez les 6 caractères.",
  "filter.todo.none": "Tout est fait.",
  "filter.ready.none": "Personne n’est attendu.",
  "filter.all.none": "Aucune commande.",
  "filter.none.next": "Les nouvelles s’affichent toutes seules.",
  "due.in": "dans {time}",
  "due.late": "retard {time}",
  "rest.title": "Choisissez une commande",
  "rest.text": "Les premières attendues sont en haut.",
  "line.as_of": "Pas de connexion. File telle qu’à {time}.",
  "line.never": "Pas encore de connexion : nouvelle tentative.",
  "line.unsent": { one: "{count} ligne attend d’être envoyée.", other: "{count} lignes attendent d’être envoyées." },
  "work.placing": "en cours d’envoi",
  "work.confirmed": "à préparer",
  "work.picking": "en préparation",
  "work.staged": "à charger",
  "work.ready": "prête",
  "work.collected": "remise",
  "work.refused": "refusée",
  "work.cancelled": "annulée",
  "work.cancel_pending": "à retirer",
  "work.expired": "expirée",
  "at.counter": "Comptoir",
  "at.locker": "Casier",
  "pay.due": "à encaisser",
  "pay.voided": "rien à payer",
  "pay.at_counter.staff": "payé au comptoir",
  "pay.reference.staff": "payé par carte",
  "stock.on_hand": "{quantity} en rayon",
  "stock.on_hand.term": "En rayon",
  "stock.held.term": "Promis",
  "stock.safety.term": "Gardé",
  "stock.available.term": "Vendable",
  "stock.nowhere": "Nulle part ailleurs.",
  "pick.progress": { one: "{count} ligne cherchée sur {total}", other: "{count} lignes cherchées sur {total}" },
  "pick.next": "Ensuite : {quantity} × {title}.",
  "pick.none": "Introuvable",
  "pick.other": "Moins…",
  "pick.all": "Trouvé {quantity}",
  "pick.how_many": "Combien en avez-vous trouvé ?",
  "pick.take": "Noter",
  "pick.kept": "Gardé ici ; envoyé au retour de la ligne.",
  "pick.unsent": "pas envoyé",
  "line.found": "trouvé {quantity}",
  "line.not_found": "introuvable",
  "line.not_looked_for": "pas cherché",
  "stage.title": "Tout est cherché. Quel bac ?",
  "stage.do": "C’est en bac",
  "load.title": "Mettre au casier",
  "load.text": "Elle est dans {bin}. La porte s’ouvre quand vous appuyez.",
  "load.do": "Ouvrir la porte",
  "load.wait": "La porte est ouverte",
  "load.wait.text": "Déposez et refermez. Cette page saura que c’est fermé.",
  "take_back.title": "Retirer du casier",
  "take_back.text": "Porte {place}. Tout retourne en rayon.",
  "take_back.do": "Ouvrir et retirer",
  "take_back.opened": "La porte est ouverte : retirez et refermez.",
  "hand_over.title": "Dans {place}",
  "hand_over.code": "Le code du client",
  "hand_over.do": "Remettre",
  "due.take": "À encaisser maintenant",
  "due.paid": "Encaissé à la caisse",
  "scan.title": "Scanner le code d’un client",
  "scan.text": "La commande s’ouvre toute seule.",
  "scan.start": "Ouvrir la caméra",
  "scan.camera": "Caméra",
  "scan.hold": "Présentez le code à la caméra",
  "scan.done": "Code scanné",
  "scan.refused": "La caméra n’est pas autorisée ici. Tapez le code.",
  "scan.other": "Ce n’est pas une de nos commandes.",
  "scan.cannot": "Cet appareil ne sait pas scanner.",
  "scan.cannot.text": "Cherchez la commande par son étiquette et tapez les 8 chiffres.",
  "lookup.title": "De quoi s’agit-il ?",
  "lookup.text": "Des mots, une marque ou une référence.",
  "lookup.placeholder": "Mots ou référence",
  "cabinets.none": "Pas de casier ici.",
  "cabinets.none.next": "Les commandes de ce magasin sont remises au comptoir.",
  "cabinet.online": "en ligne",
  "cabinet.offline": "hors ligne",
  "cabinet.seen": "Dernier signe à {time}",
  "cabinet.never": "Encore aucun signe",
  "cabinet.room": "{free} portes libres sur {total}",
  "cabinet.to_empty": "À retirer",
  next: "Suivante : {label}",
  "next.first": "La plus urgente : {label}",
  cancel: "Annuler…",
  "cancel.title": "Pourquoi annuler {label} ?",
  "cancel.do": "Annuler",
  "cancel.keep": "Ne pas annuler",
  "cause.other": "Une autre raison",
  "cause.staff.CUSTOMER_WISH": "Le client le souhaite",
  "cause.staff.NOT_FOUND": "Introuvable",
  "cause.staff.DAMAGED": "Abîmé",
  "cause.staff.MISTAKE": "Une erreur",
  "cause.CUSTOMER_WISH": "Annulée en magasin à votre demande.",
  "cause.DAMAGED": "L’article était abîmé. Nous en sommes désolés.",
  "cause.MISTAKE": "Annulée par le magasin. Nous en sommes désolés.",
  "customer.who": "Pour qui ?",
  "customer.logged": "(votre consultation est notée)",
  "settled.staged": "En cours",
  "settled.staged.text": "Elle est dans {place}.",
  "settled.ready_locker": "Au casier, porte {place}",
  "settled.ready_locker.text": "Le client l’ouvre avec son code. Il n’y a rien à faire.",
  "settled.collected": "Remise",
  "settled.collected.text": "{total} · terminé.",
  "settled.cancelled": "Annulée",
  "settled.cancelled.text": "Remettez en rayon ce qui a été pris.",
  "settled.expired": "Non retirée à temps",
  "settled.expired.text": "Remettez tout en rayon.",
  "settled.refused": "Refusée",
  "settled.refused.text": "Elle n’a jamais été promise.",
  "settled.placing": "En cours d’envoi",
  "settled.placing.text": "Elle n’est pas encore promise."
};

// services/gateway/web/shared/words/fr.js
var FR = { ...APP2, ...TERMINAL2, ...PROBLEMS2 };

// services/gateway/web/shared/memory.js
function recall(name) {
  return read(window.localStorage, name);
}
function keep(name, value) {
  write(window.localStorage, name, value);
}
function recallHere(name) {
  return read(window.sessionStorage, name);
}
function keepHere(name, value) {
  write(window.sessionStorage, name, value);
}
function read(storage, name) {
  try {
    return JSON.parse(storage.getItem(`comptoir.${name}`));
  } catch {
    return null;
  }
}
function write(storage, name, value) {
  try {
    if (value === null)
      storage.removeItem(`comptoir.${name}`);
    else
      storage.setItem(`comptoir.${name}`, JSON.stringify(value));
  } catch {
  }
}

// services/gateway/web/shared/language.js
var WORDS = { fr: FR, en: EN };
var changes = new EventTarget();
var current = begin();
function begin() {
  const wanted = [recall("locale"), ...navigator.languages.map((tag) => tag.slice(0, 2))];
  return wanted.find((tag) => tag in WORDS) ?? "fr";
}
function locale() {
  return current;
}
function region() {
  return current === "fr" ? "fr-FR" : "en-GB";
}
function speak(next) {
  if (!(next in WORDS) || next === current)
    return;
  current = next;
  keep("locale", next);
  document.documentElement.lang = next;
  changes.dispatchEvent(new Event("change"));
}
function onLanguage(listener, signal) {
  changes.addEventListener("change", listener, { signal });
}
function t(key, values = {}) {
  const found = WORDS[current][key] ?? key;
  const words = typeof found === "string" ? found : found[plural(values.count)];
  return words.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}
function says(key) {
  return key in WORDS[current];
}
function plural(count) {
  return new Intl.PluralRules(region()).select(count) === "one" ? "one" : "other";
}
document.documentElement.lang = current;

// services/gateway/web/shared/router.js
var RESTORE_MS = 3e3;
var Router = class {
  #routes;
  #leave = new AbortController();
  #places = /* @__PURE__ */ new Map();
  #key = "";
  /**
   * @param {{main: HTMLElement, routes: [string, View][], brand: string,
   *   onVisit?: (hash: string) => void}} options Of two patterns that fit the first wins; the last
   *   one is taken where none does.
   */
  constructor({ main, routes, brand, onVisit = () => {
  } }) {
    this.main = main;
    this.brand = brand;
    this.onVisit = onVisit;
    this.#routes = routes.map(([pattern, view]) => [matcher(pattern), view]);
  }
  /** @param {AbortSignal} [signal] Ends it. */
  start(signal) {
    history.scrollRestoration = "manual";
    window.addEventListener("hashchange", () => this.show(), { signal });
    window.addEventListener("scroll", () => this.#places.set(this.#key, window.scrollY), { passive: true, signal });
    signal?.addEventListener("abort", () => this.#leave.abort());
    onLanguage(() => this.show({ sameView: true }), signal);
    this.show({ isFirst: true });
  }
  /**
   * Shows what the address says.
   * @param {{isFirst?: boolean, sameView?: boolean, isStale?: boolean}} [how] `sameView`: the focus
   *   stays where the view did. `isStale`: nothing that was loaded before may be shown again.
   */
  show({ isFirst = false, sameView = false, isStale = false } = {}) {
    this.#leave.abort();
    this.#leave = new AbortController();
    if (!sameView)
      dropToast();
    const hash = location.hash || "#/";
    const { isReturn, top } = this.#arrive(sameView);
    const { view, params, query } = this.#find(hash);
    const visit = { params, query, hash, isReturn: isReturn && !isStale, signal: this.#leave.signal };
    const { title, content } = view(visit);
    document.title = title ? `${title} · ${this.brand}` : this.brand;
    fill(this.main, h("div.view", {}, content));
    this.onVisit(hash);
    const isTyping = document.activeElement?.matches("input") && !this.main.contains(document.activeElement);
    if (!isFirst && !sameView && !isTyping)
      focusOnView(this.main);
    this.#scroll(top, visit.signal);
  }
  // An entry of the history that we have numbered before is one that somebody returns to.
  #arrive(sameView) {
    if (sameView)
      return { isReturn: true, top: window.scrollY };
    const known3 = history.state?.key;
    this.#key = known3 ?? crypto.randomUUID();
    if (!known3)
      history.replaceState({ key: this.#key }, "");
    return { isReturn: Boolean(known3), top: this.#places.get(this.#key) ?? 0 };
  }
  #find(hash) {
    const [path, search = ""] = hash.slice(1).split("?");
    for (const [match, view] of this.#routes) {
      const params = match(path);
      if (params)
        return { view, params, query: new URLSearchParams(search) };
    }
    throw new Error("the last pattern must fit everything");
  }
  #scroll(top, signal) {
    window.scrollTo(0, top);
    if (!top)
      return;
    const growth = new ResizeObserver(() => {
      window.scrollTo(0, top);
      if (window.scrollY >= top - 1)
        growth.disconnect();
    });
    growth.observe(this.main);
    for (const name of ["wheel", "touchstart", "keydown"]) {
      window.addEventListener(name, () => growth.disconnect(), { once: true, signal, passive: true });
    }
    setTimeout(() => growth.disconnect(), RESTORE_MS);
  }
};
function go(hash, { replace = false } = {}) {
  if (replace)
    location.replace(hash);
  else
    location.hash = hash;
}
function dropToast() {
  document.querySelector("#toasts .toast-alert, #toasts .toast:has(.button)")?.remove();
}
function matcher(pattern) {
  const wanted = pattern.split("/");
  return (path) => {
    if (pattern === "*")
      return {};
    const given = path.split("/");
    if (given.length !== wanted.length)
      return null;
    const params = {};
    for (const [index, part] of wanted.entries()) {
      if (part.startsWith(":"))
        params[part.slice(1)] = decoded(given[index]);
      else if (part !== given[index])
        return null;
    }
    return Object.values(params).includes(null) ? null : params;
  };
}
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

// services/gateway/web/shared/format.js
var SHOWN_UNITS = {
  piece: { 0: "" },
  millimetre: { 0: "mm", 1: "cm", 3: "m" },
  gram: { 0: "g", 3: "kg" },
  millilitre: { 0: "ml", 1: "cl", 3: "l" }
};
var MINUTE_MS = 6e4;
var DAY_MS = 24 * 60 * MINUTE_MS;
function money(amount) {
  return moneyFormat(amount.currency).format(major(amount));
}
function moneyParts(amount) {
  return moneyFormat(amount.currency).formatToParts(major(amount));
}
function moneyFormat(currency) {
  return new Intl.NumberFormat(region(), { style: "currency", currency });
}
function major({ minor, currency }) {
  const digits2 = moneyFormat(currency).resolvedOptions().maximumFractionDigits;
  return Number(minor) / 10 ** digits2;
}
function cost(unitPrice, quantity2, unit) {
  const scale = 10n ** BigInt(unit.decimals);
  const doubled = 2n * BigInt(unitPrice.minor) * BigInt(quantity2) + scale;
  return { minor: Number(doubled / (2n * scale)), currency: unitPrice.currency };
}
function unitName(unit) {
  return SHOWN_UNITS[unit.unit]?.[unit.decimals] ?? "";
}
function quantity(quantity2, unit) {
  const shown2 = number(quantity2 / 10 ** unit.decimals, unit.decimals);
  const name = unitName(unit);
  return name ? `${shown2} ${name}` : shown2;
}
function number(value, digits2 = 3) {
  return new Intl.NumberFormat(region(), { maximumFractionDigits: digits2 }).format(value);
}
function typedNumber(text) {
  const plain = text.replace(/\s/g, "").replace(",", ".");
  return /^\d+(\.\d+)?$/.test(plain) ? Number(plain) : NaN;
}
function tied(text) {
  return text.replace(/(\d) (?=(?:mm|cm|m|km|g|kg|ml|cl|l|L|V|W|A|Ah|J|Nm|h|min|°C|%|€)(?![\p{L}\d]))/gu, "$1 ").replace(/ (?=[:;?!»])/g, " ").replace(/« /g, "« ");
}
function distance(metres) {
  if (metres < 1e3)
    return `${number(Math.round(metres / 10) * 10)} m`;
  const km = metres / 1e3;
  return `${number(km, km < 10 ? 1 : 0)} km`;
}
function clock(instant, timeZone) {
  return dated(instant, { hour: "2-digit", minute: "2-digit", timeZone });
}
function day(instant, timeZone) {
  const away = (offset) => dayKey(new Date(Date.now() + offset), timeZone);
  const key = dayKey(new Date(instant), timeZone);
  if (key === away(0))
    return t("today");
  if (key === away(DAY_MS))
    return t("tomorrow");
  return dated(instant, { weekday: "long", day: "numeric", month: "long", timeZone });
}
function dayKey(instant, timeZone) {
  return new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeZone }).format(new Date(instant));
}
function date(instant) {
  return dated(instant, { dateStyle: "long" });
}
function span(start, end, timeZone) {
  return `${clock(start, timeZone)} – ${clock(end, timeZone)}`;
}
function slotWords(slot, timeZone) {
  return `${day(slot.start_time, timeZone)}, ${span(slot.start_time, slot.end_time, timeZone)}`;
}
function minutesUntil(instant) {
  return Math.round((new Date(instant).getTime() - Date.now()) / MINUTE_MS);
}
function dated(instant, options) {
  return new Intl.DateTimeFormat(region(), options).format(new Date(instant));
}

// services/gateway/web/shared/look.js
var LOOKS = ["auto", "light", "dark"];
function look() {
  const kept3 = recall("look");
  return LOOKS.includes(kept3) ? kept3 : "auto";
}
function wear(next) {
  keep("look", next === "auto" ? null : next);
  put();
}
function put() {
  const chosen = look();
  document.documentElement.dataset.look = chosen;
  const tints = [...document.querySelectorAll("meta[name=theme-color][media]")];
  for (const tint of tints)
    tint.dataset.own ??= tint.content;
  const worn = tints.find(({ media }) => media.includes(chosen));
  for (const tint of tints)
    tint.content = (worn ?? tint).dataset.own;
}
put();
window.addEventListener("storage", put);

// services/gateway/web/shared/line.js
var KEPT_EVERY_MS = 6e4;
var changes2 = new EventTarget();
var lastHeard = recall("heard") ?? 0;
var lastKept = lastHeard;
var isDown = false;
function downSince() {
  return isDown ? new Date(lastHeard || Date.now()) : null;
}
function onLine(listener) {
  changes2.addEventListener("change", () => listener(!isDown));
}
function heard() {
  lastHeard = Date.now();
  if (lastHeard - lastKept > KEPT_EVERY_MS)
    keep("heard", lastKept = lastHeard);
  set(false);
}
function unheard() {
  if (lastHeard)
    keep("heard", lastKept = lastHeard);
  set(true);
}
function set(next) {
  if (next === isDown)
    return;
  isDown = next;
  changes2.dispatchEvent(new Event("change"));
}
window.addEventListener("offline", unheard);

// services/gateway/web/shared/api.js
var TIMEOUT_MS = 15e3;
var Problem = class extends Error {
  /**
   * @param {{status?: number, reason: string, detail?: string, metadata?: Record<string, string>,
   *   errors?: {field: string, description: string}[], retryAfterS?: number}} what
   */
  constructor({ status = 0, reason, detail = "", metadata = {}, errors = [], retryAfterS = 0 }) {
    super(detail || reason);
    Object.assign(this, { status, reason, detail, metadata, errors, retryAfterS });
  }
  /** Whether the same request may succeed when it is sent again as it is. */
  get passes() {
    return this.reason === "OFFLINE" || this.status === 503 || this.status === 504;
  }
};
async function send(path, { method = "GET", query, body, key, token, signal } = {}) {
  const response = await reach(
    address(path, query),
    {
      method,
      headers: headersOf({ body, key, token }),
      body: body === void 0 ? void 0 : JSON.stringify(body),
      signal: bounded(signal)
    },
    signal
  );
  if (!response.ok)
    throw await problemOf(response);
  if (response.status === 204)
    return null;
  const isJson = response.headers.get("Content-Type")?.includes("json");
  return isJson ? response.json() : response.text();
}
function address(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== void 0 && value !== "" && value !== null);
  const text = new URLSearchParams(given).toString();
  return text ? `${path}?${text}` : path;
}
function headersOf({ body, key, token }) {
  const headers = { "X-Comptoir-Client": "web", Accept: "application/json" };
  if (body !== void 0)
    headers["Content-Type"] = "application/json";
  if (key)
    headers["Idempotency-Key"] = key;
  if (token)
    headers.Authorization = `Bearer ${token}`;
  return headers;
}
async function reach(url, init, signal) {
  try {
    const response = await fetch(url, { credentials: "same-origin", ...init });
    heard();
    return response;
  } catch (error) {
    if (signal?.aborted)
      throw error;
    if (error.name === "TimeoutError")
      throw new Problem({ reason: "TOO_SLOW" });
    unheard();
    throw new Problem({ reason: "OFFLINE" });
  }
}
async function problemOf(response) {
  const body = await response.json().catch(() => ({}));
  return new Problem({
    status: response.status,
    reason: body.reason ?? "INTERNAL",
    detail: body.detail,
    metadata: body.metadata,
    errors: body.errors,
    retryAfterS: Number(response.headers.get("Retry-After")) || 0
  });
}
function newKey() {
  return crypto.randomUUID();
}
function bounded(signal) {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  return signal ? AbortSignal.any([signal, timeout]) : timeout;
}

// services/gateway/web/shared/problems.js
function explain(error) {
  const problem = error instanceof Problem ? error : new Problem({ reason: "INTERNAL" });
  const key = `problem.${problem.reason}`;
  if (says(key))
    return split(t(key, wordsOf(problem)));
  return split(t(`problem.${general(problem)}`, { reason: problem.reason }));
}
function explained(error) {
  const { title, advice } = explain(error);
  return advice ? `${title} ${advice}` : title;
}
function fieldErrors(error) {
  const found = /* @__PURE__ */ new Map();
  if (!(error instanceof Problem))
    return found;
  const ofField = { WEAK_PASSWORD: "password", INVALID_ADDRESS: "email", ADDRESS_TAKEN: "email" };
  const field2 = ofField[error.reason];
  if (field2)
    found.set(field2, explained(error));
  return found;
}
function general({ status }) {
  if (status === 401)
    return "SESSION_ENDED";
  if (status === 403)
    return "ACCESS_DENIED";
  if (status === 404)
    return "NOT_FOUND";
  if (status === 429)
    return "TOO_MANY_ATTEMPTS";
  if (status === 503 || status === 504)
    return "UNAVAILABLE";
  return status >= 400 && status < 500 ? "REFUSED" : "INTERNAL";
}
function wordsOf({ retryAfterS, metadata }) {
  return { ...metadata, seconds: retryAfterS || "", reason: metadata.reason ?? "" };
}
function split(words) {
  const [title, advice = ""] = words.split("|");
  return { title, advice };
}

// services/gateway/web/shared/parts.js
var TOAST_MS = 6e3;
var OFFER_MS = 2e4;
function button(label, { kind = "plain", sign, onclick, type = "button", ...rest } = {}) {
  return h(`button.button.${kind}`, { type, onclick, ...rest }, sign && icon(sign), h("span", {}, label));
}
function linkButton(href, label, { kind = "plain", sign } = {}) {
  return h(`a.button.${kind}`, { href }, sign && icon(sign), h("span", {}, label));
}
async function busy(pressed, work, onError = (error) => toast(explained(error), "alert")) {
  if (pressed.getAttribute("aria-disabled") === "true")
    return;
  pressed.setAttribute("aria-disabled", "true");
  pressed.classList.add("is-busy");
  try {
    await work();
  } catch (error) {
    if (error.name !== "AbortError")
      onError(error);
  } finally {
    pressed.removeAttribute("aria-disabled");
    pressed.classList.remove("is-busy");
  }
}
async function loadInto(host, signal, load, show3, waiting = skeleton(3)) {
  host.setAttribute("aria-busy", "true");
  fill(host, waiting);
  try {
    const value = await load();
    if (!signal.aborted)
      fill(host, show3(value));
  } catch (error) {
    if (signal.aborted)
      return;
    fill(
      host,
      failure(error, () => loadInto(host, signal, load, show3, waiting))
    );
  } finally {
    host.removeAttribute("aria-busy");
  }
}
function failure(error, retry) {
  const { title, advice } = explain(error);
  const sign = error?.reason === "OFFLINE" ? "cloud" : "alert";
  return h(
    "div.state.failure",
    { role: "alert" },
    icon(sign),
    h("p.state-title", {}, title),
    advice && h("p", {}, advice),
    retry && button(t("retry"), { onclick: retry })
  );
}
function empty(sign, title, text, action) {
  return h("div.state", {}, icon(sign), h("p.state-title", {}, title), h("p", {}, text), action);
}
function skeleton(rows, kind = "row") {
  const bones = Array.from({ length: rows }, () => h(`div.bone.bone-${kind}`, { "aria-hidden": "true" }));
  return [h("p.unseen", {}, t("loading")), h(`div.bones.bones-${kind}`, {}, bones)];
}
function priceTag(price, unit) {
  if (!price)
    return h("span.price.price-none", {}, t("price.unknown"));
  const of = unitName(unit);
  const reduced = price.kind === "reduced";
  return h(
    `span.price${reduced ? ".price-reduced" : ""}`,
    {},
    amountParts(price.amount),
    of && h("span.price-unit", {}, ` / ${of}`),
    reduced && h("span.flag", {}, t("price.reduced"))
  );
}
function amountParts(amount) {
  const parts = moneyParts(amount).map(({ type, value }) => h(`span.money-${type}`, {}, value));
  return h("span.money", {}, parts);
}
function stars(rating) {
  if (!rating?.review_count)
    return null;
  const average = new Intl.NumberFormat(locale(), { maximumFractionDigits: 1, minimumFractionDigits: 1 }).format(
    rating.average_stars
  );
  return h(
    "span.rating",
    {},
    icon("star", "filled"),
    h("span.unseen", {}, t("rating.stars")),
    average,
    h("span.muted", {}, ` (${rating.review_count})`),
    h("span.unseen", {}, t("rating.reviews"))
  );
}
function toast(text, sign = "check", action) {
  const place2 = document.getElementById("toasts");
  const shown2 = h(`div.toast.toast-${sign}`, {}, icon(sign), h("span", {}, text), action);
  action?.addEventListener("click", () => shown2.remove());
  fill(place2, shown2);
  announce(text);
  leaveLater(shown2, action ? OFFER_MS : TOAST_MS);
}
function leaveLater(shown2, ms) {
  const leave = () => shown2.matches(":hover, :focus-within") ? leaveLater(shown2, ms) : shown2.remove();
  setTimeout(leave, ms);
}
document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape" || document.querySelector("dialog[open]"))
    return;
  fill(document.getElementById("toasts"));
});
function ask({ title, body, actions }) {
  return new Promise((resolve) => {
    const box = h("dialog.dialog", { "aria-labelledby": "dialog-title" });
    const close = (answer) => {
      resolve(answer);
      box.close();
    };
    box.append(
      h("h2", { id: "dialog-title" }, title),
      h("div.dialog-body", {}, body),
      h("div.dialog-actions", {}, actions(close))
    );
    box.addEventListener("close", () => {
      resolve(null);
      box.remove();
      if (document.activeElement === document.body)
        focusOnView(document.querySelector("main"));
    });
    document.body.append(box);
    box.showModal();
  });
}
function languageSwitch() {
  const names = { fr: "Français", en: "English" };
  return choices(t("language"), locale(), speak, names, (tag) => ({ lang: tag }));
}
function lookSwitch() {
  return choices(t("look"), look(), wear, Object.fromEntries(LOOKS.map((one) => [one, t(`look.${one}`)])));
}
function choices(label, chosen, take, names, extra = () => ({})) {
  const row = h("div.choices", { role: "group", "aria-label": label });
  const mark = (value) => {
    for (const one of row.children)
      one.setAttribute("aria-pressed", String(one.value === value));
  };
  const choice2 = ([value, name]) => {
    const onclick = () => {
      take(value);
      mark(value);
    };
    return h("button.choice", { type: "button", value, onclick, ...extra(value) }, name);
  };
  row.append(...Object.entries(names).map(choice2));
  mark(chosen);
  return row;
}

// services/gateway/web/shared/products.js
var BATCH_MAX = 50;
var PIECE = { unit: "piece", step: 1, decimals: 0 };
async function readProducts(skus, { location_id = "", signal } = {}) {
  const wanted = [...new Set(skus)];
  const batches = [];
  for (let start = 0; start < wanted.length; start += BATCH_MAX)
    batches.push(wanted.slice(start, start + BATCH_MAX));
  const answers = await Promise.all(
    batches.map(
      (batch) => send("/v1/products/batch", { method: "POST", body: { skus: batch, location_id, locale: locale() }, signal })
    )
  );
  return new Map(answers.flatMap(({ products: products2 }) => products2.map((one) => [one.sku, one])));
}
function titleOf(product2, sku = "") {
  return h("span", { lang: product2?.locale }, product2 ? tied(product2.title) : sku);
}
function unitOf(product2) {
  return product2?.stock_unit ?? PIECE;
}

// services/gateway/web/shared/session.js
var RENEW_BEFORE_MS = 6e4;
var RETRIES = 2;
var Session = class extends EventTarget {
  #token = "";
  #endsAt = 0;
  #timer = 0;
  #renewal = null;
  /**
   * @param {{name: string, path: string}} options `path` of the sessions, e.g. `/v1/sessions`.
   */
  constructor({ name, path }) {
    super();
    this.name = name;
    this.path = path;
    this.tabs = new BroadcastChannel(`comptoir.${name}`);
    this.tabs.onmessage = ({ data }) => this.#hear(data);
  }
  /** Whether somebody signed in on this device and has not signed out since. */
  get isOpen() {
    return recall(`${this.name}.open`) === true;
  }
  /**
   * @param {{access_token: string, access_expire_time: string}} tokens
   */
  open(tokens) {
    this.#token = tokens.access_token;
    this.#endsAt = new Date(tokens.access_expire_time).getTime();
    const wasOpen = this.isOpen;
    keep(`${this.name}.open`, true);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.token().catch(() => {
    }), Math.max(this.#leftMs(), 1e3));
    if (wasOpen)
      return;
    this.dispatchEvent(new Event("change"));
    this.tabs.postMessage("opened");
  }
  /**
   * A token that works, renewed if it is about to end; null for a visitor.
   *
   * Throws a Problem: `SESSION_ENDED` where one has to sign in again.
   * @returns {Promise<string | null>}
   */
  async token() {
    if (!this.isOpen)
      return null;
    if (this.#token && this.#leftMs() > 0)
      return this.#token;
    this.#renewal ??= this.#renew().finally(() => this.#renewal = null);
    await this.#renewal;
    return this.#token;
  }
  /** Makes the next `token()` fetch another: the server does not know this one any more. */
  doubt() {
    this.#token = "";
  }
  /**
   * @param {boolean} [everywhere] Ends the sessions on all other devices too.
   */
  async close(everywhere = false) {
    const token = await this.token();
    const query = everywhere ? { everywhere: "true" } : {};
    await send(`${this.path}/current`, { method: "DELETE", query, token, key: newKey() });
    this.#drop();
    this.tabs.postMessage("closed");
  }
  #leftMs() {
    return this.#endsAt - Date.now() - RENEW_BEFORE_MS;
  }
  async #renew() {
    try {
      const { tokens } = await navigator.locks.request(`comptoir.${this.name}`, () => this.#refreshed());
      this.open(tokens);
    } catch (error) {
      if (error instanceof Problem && error.status === 401) {
        this.#drop();
        this.dispatchEvent(new Event("expired"));
      }
      throw error;
    }
  }
  async #refreshed() {
    const kept3 = `${this.name}.renewal`;
    const key = recall(kept3) ?? newKey();
    keep(kept3, key);
    for (let left = RETRIES; ; left -= 1) {
      try {
        const renewed = await send(`${this.path}/refresh`, { method: "POST", body: {}, key });
        keep(kept3, null);
        return renewed;
      } catch (error) {
        const passes = error instanceof Problem && error.passes;
        if (error.status && !passes)
          keep(kept3, null);
        if (!passes || left === 0)
          throw error;
        await new Promise((resolve) => setTimeout(resolve, 400));
      }
    }
  }
  // What is shown here is of whoever was signed in before.
  #hear(word) {
    this.#token = "";
    if (word === "closed")
      this.#drop();
    else {
      keep(`${this.name}.open`, true);
      this.dispatchEvent(new Event("change"));
    }
    this.dispatchEvent(new Event("elsewhere"));
  }
  #drop() {
    clearTimeout(this.#timer);
    this.#token = "";
    keep(`${this.name}.open`, null);
    this.dispatchEvent(new Event("change"));
  }
};
async function sendAs(session2, path, options = {}) {
  const token = await session2.token();
  if (!token)
    throw new Problem({ status: 401, reason: "SESSION_ENDED" });
  try {
    return await send(path, { ...options, token });
  } catch (error) {
    if (!(error instanceof Problem && error.status === 401))
      throw error;
    session2.doubt();
    return send(path, { ...options, token: await session2.token() });
  }
}

// services/gateway/web/app/house.js
var SHOPS_PER_PAGE = 200;
var SHOP_PAGES_MAX = 10;
var session = new Session({ name: "customer", path: "/v1/sessions" });
var shopChanges = new EventTarget();
var kept = /* @__PURE__ */ new Map();
function shop() {
  return recall("shop");
}
function chooseShop(chosen) {
  keep("shop", chosen);
  shopChanges.dispatchEvent(new Event("change"));
}
function onShop(listener) {
  shopChanges.addEventListener("change", listener);
}
async function atShop(read2) {
  const chosen = shop()?.location_id ?? "";
  try {
    return await read2(chosen);
  } catch (error) {
    if (error.reason !== "UNKNOWN_LOCATION" || !chosen)
      throw error;
    if (shop()?.location_id === chosen) {
      chooseShop(null);
      toast(explained(error), "alert");
    }
    return read2(shop()?.location_id ?? "");
  }
}
function shortName({ name }) {
  return name.replace(/^Fargue\s+/, "");
}
function once(name, read2) {
  if (!kept.has(name)) {
    const reading = read2();
    kept.set(name, reading);
    reading.catch(() => kept.delete(name));
  }
  return kept.get(name);
}
function categories() {
  const query = { locale: locale(), page_size: 1e3 };
  return once(`categories ${locale()}`, async () => (await send("/v1/categories", { query })).categories);
}
function shops(near = "") {
  return once(`shops ${near}`, async () => {
    const found = [];
    let page_token = "";
    for (let page2 = 0; page2 < SHOP_PAGES_MAX; page2 += 1) {
      const query = { kind: "shop", near, page_size: SHOPS_PER_PAGE, page_token };
      const answer = await send("/v1/locations", { query });
      found.push(...answer.locations);
      page_token = answer.next_page_token;
      if (!page_token)
        break;
    }
    return found;
  });
}
function location2(locationId) {
  return once(`location ${locationId}`, () => send(`/v1/locations/${encodeURIComponent(locationId)}`));
}
function product(sku, signal) {
  const path = `/v1/products/${encodeURIComponent(sku)}`;
  return atShop((location_id) => send(path, { query: { location_id, locale: locale() }, signal }));
}
function products(skus, signal) {
  return atShop((location_id) => readProducts(skus, { location_id, signal }));
}
function quote(question, signal) {
  return send("/v1/orders/quote", { method: "POST", body: question, signal });
}
function mine(path, options) {
  return sendAs(session, path, options);
}
function write2(method, path, body, key = newKey()) {
  return mine(path, { method, body, key });
}
async function pickUpOptions(question, signal) {
  return (await send("/v1/pickup-options", { method: "POST", body: question, signal, key: newKey() })).options;
}
function nearOf(place2) {
  const where = place2?.coordinates;
  return where ? `${where.latitude},${where.longitude}` : "";
}

// services/gateway/web/app/basket.js
var changes3 = new EventTarget();
function lines() {
  return recall("basket") ?? [];
}
function onBasket(listener) {
  changes3.addEventListener("change", listener);
}
function remember(next) {
  keep("basket", next);
  changes3.dispatchEvent(new Event("change"));
}
function quantityOf(sku) {
  return lines().find((line) => line.sku === sku)?.quantity ?? 0;
}
async function put2(sku, quantity2) {
  const before = lines();
  remember(withLine(before, sku, quantity2));
  if (!session.isOpen)
    return;
  try {
    remember((await putLine(sku, quantity2)).lines);
  } catch (error) {
    remember(before);
    throw error;
  }
}
async function reload() {
  if (session.isOpen)
    remember((await mine("/v1/basket")).lines);
}
async function merge() {
  const kept3 = lines();
  let account = (await mine("/v1/basket")).lines;
  for (const { sku, quantity: quantity2 } of kept3) {
    const there = account.find((line) => line.sku === sku)?.quantity ?? 0;
    if (quantity2 > there)
      account = (await putLine(sku, quantity2)).lines;
  }
  remember(account);
}
function forget() {
  remember([]);
}
function putLine(sku, quantity2) {
  return write2("PUT", `/v1/basket/lines/${encodeURIComponent(sku)}`, { quantity: quantity2 });
}
function withLine(before, sku, quantity2) {
  const line = { sku, quantity: quantity2 };
  const found = before.some((one) => one.sku === sku);
  const next = found ? before.map((one) => one.sku === sku ? line : one) : [...before, line];
  return next.filter((one) => one.quantity > 0);
}

// services/gateway/web/shared/fields.js
var made = 0;
function field({ name, label, hint, input = {} }) {
  const id = `field-${name}-${made += 1}`;
  const error = h("p.field-error", { id: `${id}-error`, role: "alert" });
  const box = h("input.input", { id, name, type: "text", "aria-describedby": `${id}-hint ${id}-error`, ...input });
  const whole = h(
    "div.field",
    {},
    h("label", { for: id }, label),
    box,
    hint && h("p.hint", { id: `${id}-hint` }, hint),
    error
  );
  whole.input = box;
  whole.fail = (text) => {
    fill(error, text && [icon("alert"), text]);
    box.setAttribute("aria-invalid", String(Boolean(text)));
  };
  return whole;
}
function form(selector, onsubmit, ...children) {
  const sent = (event) => {
    event.preventDefault();
    onsubmit();
  };
  return h(selector, { novalidate: true, onsubmit: sent }, children);
}
function showErrors(fields, errors) {
  let first = null;
  for (const [name, one] of Object.entries(fields)) {
    one.fail(errors.get(name) ?? "");
    if (errors.has(name))
      first ??= one;
  }
  first?.input.focus();
  return first !== null;
}
function stepper({ value, unit, min = unit.step, max = 1e6, label, onchange }) {
  const scale = 10 ** unit.decimals;
  const stride = Math.max(unit.step, scale);
  const { whole, box, less, more } = stepperParts(label, unitName(unit));
  const change = (wanted) => {
    const stepped = Math.round(wanted / unit.step) * unit.step;
    whole.set(Math.min(Math.max(stepped, min), Math.max(max, min)));
    onchange(whole.value);
  };
  whole.set = (quantity2) => {
    whole.value = quantity2;
    box.value = number(quantity2 / scale, unit.decimals);
    less.disabled = quantity2 <= min;
    more.disabled = quantity2 >= max;
  };
  less.addEventListener("click", () => change(whole.value - stride));
  more.addEventListener("click", () => change(whole.value + stride));
  listenToTyping(box, {
    typed: (shown2) => Number.isFinite(shown2) ? change(Math.round(shown2 * scale)) : whole.set(whole.value),
    stepped: (direction) => change(whole.value + direction * stride)
  });
  whole.set(value);
  return whole;
}
function stepperParts(label, unit) {
  const box = h("input.stepper-input", {
    type: "text",
    inputmode: "decimal",
    autocomplete: "off",
    "aria-label": label
  });
  const less = h("button.stepper-button", { type: "button", "aria-label": t("less") }, icon("minus"));
  const more = h("button.stepper-button", { type: "button", "aria-label": t("more") }, icon("plus"));
  const shown2 = h("span.stepper-box", {}, box, unit && h("span.stepper-unit", { "aria-hidden": "true" }, unit));
  const whole = h("div.stepper", { role: "group", "aria-label": label }, less, shown2, more);
  return { whole, box, less, more };
}
function listenToTyping(box, { typed: typed2, stepped }) {
  box.addEventListener("focus", () => box.select());
  box.addEventListener("change", () => typed2(typedNumber(box.value)));
  box.addEventListener("keydown", (event) => {
    const direction = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!direction)
      return;
    event.preventDefault();
    stepped(direction);
  });
}

// services/gateway/web/shared/shell.js
var ASK_AGAIN_MS = 36e5;
async function keepShell(page2, host) {
  if (!navigator.serviceWorker)
    return;
  try {
    const kept3 = await navigator.serviceWorker.register(`${page2}/worker.js`, { scope: page2, updateViaCache: "none" });
    if (kept3.waiting)
      offer(kept3, host);
    kept3.addEventListener("updatefound", () => offerWhenKept(kept3, host));
    setInterval(() => kept3.update().catch(() => {
    }), ASK_AGAIN_MS);
  } catch {
  }
}
function offerWhenKept(kept3, host) {
  const coming = kept3.installing;
  coming?.addEventListener("statechange", () => {
    if (coming.state === "installed" && navigator.serviceWorker.controller)
      offer(kept3, host);
  });
}
function offer(kept3, host) {
  const put3 = () => {
    if (!kept3.waiting)
      return location.reload();
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
    kept3.waiting.postMessage("begin");
  };
  const words = h("span", {}, t("release.new"));
  fill(host, h("p.note", {}, icon("renew", "small"), words, button(t("release.put"), { kind: "quiet", onclick: put3 })));
}

// services/gateway/web/app/notices.js
var ASK_AGAIN_MS2 = 1e4;
function notices(renew) {
  const line = h("div", { role: "status" });
  const release = h("div", { role: "status" });
  const draw = () => fill(line, lineWords(downSince()));
  onLanguage(draw);
  onLine((isBack) => {
    draw();
    if (isBack)
      renew();
    else
      askAgain();
  });
  window.addEventListener("online", ask2);
  keepShell("/app", release);
  return h("div.notices", {}, line, release);
}
function lineWords(since) {
  if (!since)
    return null;
  const values = { day: day(since), time: clock(since) };
  return h("p.note.is-down", {}, icon("cloud", "small"), h("span", {}, t("line.down", values)));
}
var ask2 = () => send("/v1/locations", { query: { page_size: 1 } }).catch(() => {
});
async function askAgain() {
  while (downSince()) {
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS2));
    if (downSince())
      await ask2();
  }
}

// services/gateway/web/app/frame.js
var TYPING_MS = 350;
var QUIET = ["#/pickup", "#/review", "#/sign-in", "#/sign-up"];
function frame(renew) {
  const top = document.getElementById("top");
  const tabs2 = document.getElementById("tabs");
  let hash = "#/";
  const search = searchField();
  const notes = notices(renew);
  function render2() {
    document.getElementById("skip").textContent = t("skip");
    top.setAttribute("aria-label", t("site"));
    search.label();
    fill(top, h("div.top-row", {}, wordmark(), shopLink()), search.form, notes);
    tabs2.setAttribute("aria-label", t("tabs"));
    fill(tabs2, tabLinks(hash));
  }
  function visit(next) {
    hash = next;
    top.classList.toggle(
      "is-quiet",
      QUIET.some((start) => hash.startsWith(start))
    );
    if (hash.startsWith("#/search?"))
      search.show(new URLSearchParams(hash.split("?")[1]).get("q") ?? "");
    else
      search.show("");
    fill(tabs2, tabLinks(hash));
  }
  render2();
  return { render: render2, visit };
}
function wordmark() {
  return h(
    "a.wordmark",
    { href: "#/", "aria-label": t("home.link") },
    h("img", { src: "/pictures/logo.svg", alt: "", width: 32, height: 32 }),
    h("span", {}, "Fargue")
  );
}
function shopLink() {
  const chosen = shop();
  return h(
    "a.shop-link",
    { href: "#/shop" },
    icon("pin"),
    h("span.shop-name", {}, h("span.unseen", {}, t("shop.mine")), chosen ? shortName(chosen) : t("shop.choose")),
    icon("down", "small")
  );
}
function searchField() {
  const input = h("input.search-input", {
    type: "search",
    name: "q",
    enterkeyhint: "search",
    autocomplete: "off",
    maxlength: 200
  });
  let waiting = 0;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    if (isSearching())
      waiting = setTimeout(() => look2(input), TYPING_MS);
  });
  const sent = () => {
    clearTimeout(waiting);
    look2(input);
    input.blur();
  };
  const label = () => {
    input.placeholder = t("search.placeholder");
    input.setAttribute("aria-label", t("search.label"));
  };
  const show3 = (words) => {
    if (document.activeElement !== input)
      input.value = words;
  };
  const whole = form("form.search", sent, icon("search"), input);
  whole.setAttribute("role", "search");
  return { form: whole, label, show: show3 };
}
function look2(input) {
  const words = input.value.trim();
  if (!words && !isSearching())
    return;
  go(`#/search?q=${encodeURIComponent(words)}`, { replace: isSearching() });
}
function isSearching() {
  return location.hash.startsWith("#/search");
}
function tabLinks(hash) {
  const count = lines().length;
  return [
    tab("#/", "home", t("tab.home"), hash === "#/"),
    tab("#/basket", "basket", t("tab.basket"), /^#\/(basket|pickup|review)/.test(hash), count),
    tab("#/orders", "bag", t("tab.orders"), /^#\/(orders|purchases)/.test(hash)),
    tab("#/account", "person", t("tab.account"), /^#\/(account|sign)/.test(hash))
  ];
}
function tab(href, sign, label, isHere, count = 0) {
  return h(
    "a.tab",
    { href, "aria-current": isHere ? "page" : null },
    h("span.tab-sign", {}, icon(sign), count > 0 && h("span.tab-count", { "aria-hidden": "true" }, count)),
    h("span", {}, label),
    count > 0 && h("span.unseen", {}, t("basket.count", { count }))
  );
}

// services/gateway/web/app/views/account.js
function accountView({ signal }) {
  const title = t("account.title");
  const heading = h("h1", {}, title);
  if (!session.isOpen)
    return { title, content: [heading, visitor(), devicePanels()] };
  const host = h("div");
  loadInto(
    host,
    signal,
    () => Promise.all([mine("/v1/me", { signal }), shops()]),
    ([profile, all]) => profileForm(profile, all),
    skeleton(4, "row")
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
      linkButton("#/sign-up?next=%23%2Faccount", t("sign_up"))
    )
  );
}
function devicePanels() {
  return [
    h("section.panel", {}, h("h2", {}, t("language")), languageSwitch()),
    h("section.panel", {}, h("h2", {}, t("look")), lookSwitch())
  ];
}
function profileForm(profile, all) {
  const fields = nameFields(profile);
  const homes = homeChoice(profile, all);
  const save = button(t("save"), { kind: "primary", type: "submit" });
  const sent = () => {
    const given_name = fields.given_name.input.value.trim();
    const wrong = given_name ? [] : [["given_name", t("given_name.missing")]];
    if (showErrors(fields, new Map(wrong)))
      return;
    const family_name = fields.family_name.input.value.trim();
    const change = {
      given_name,
      family_name,
      locale: locale(),
      home_location_id: homes.value,
      revision: profile.revision
    };
    busy(save, () => saved(profile, change, all));
  };
  const home = h("div.field", {}, h("label", { for: "home-shop" }, t("account.shop")), homes);
  return h(
    "section.panel",
    {},
    h("p.account-mail", {}, profile.email),
    form("form.form", sent, Object.values(fields), home, save)
  );
}
function nameFields({ given_name, family_name }) {
  const given = { value: given_name, autocomplete: "given-name", maxlength: 100, required: true };
  const family = { value: family_name, autocomplete: "family-name", maxlength: 100 };
  return {
    given_name: field({ name: "given_name", label: t("given_name"), input: given }),
    family_name: field({ name: "family_name", label: t("family_name"), input: family })
  };
}
function homeChoice({ home_location_id: home }, all) {
  const options = all.map(
    (one) => h("option", { value: one.location_id, selected: one.location_id === home }, shortName(one))
  );
  return h(
    "select.input",
    { id: "home-shop", name: "home_location_id" },
    h("option", { value: "" }, t("account.no_shop")),
    options
  );
}
async function saved(profile, change, all) {
  const after = await write2("PUT", "/v1/me", change);
  Object.assign(profile, after);
  speak(after.locale);
  const home = all.find((one) => one.location_id === after.home_location_id);
  if (home && !shop())
    chooseShop(home);
  toast(t("saved"));
}
function leavePanel() {
  const leave = (everywhere) => (event) => busy(
    event.currentTarget,
    async () => {
      await session.close(everywhere);
      forget();
      toast(t("signed_out"));
      window.dispatchEvent(new HashChangeEvent("hashchange"));
    },
    (error) => toast(explained(error), "alert")
  );
  return h(
    "section.panel.leave",
    {},
    button(t("sign_out"), { sign: "leave", onclick: leave(false) }),
    button(t("sign_out.everywhere"), { kind: "quiet", onclick: leave(true) })
  );
}

// services/gateway/web/app/shelf.js
var FEW_SHOWN_UNITS = 3;
function productCard(product2) {
  return h(
    "li",
    {},
    h(
      "a.card",
      { href: `#/p/${encodeURIComponent(product2.sku)}` },
      picture(product2.picture_urls[0]),
      h(
        "span.card-text",
        {},
        h("span.brand", {}, product2.brand),
        h("span.card-title", { lang: product2.locale }, tied(product2.title)),
        h("span.card-facts", {}, stars(product2.rating), stockLine(product2)),
        priceTag(product2.price, product2.stock_unit)
      )
    )
  );
}
function stockLine(product2) {
  if (!shop())
    return null;
  const { level, words } = stockOf(product2);
  return h(`span.stock.stock-${level}`, {}, words);
}
function stockOf({ availability, stock_unit: unit }) {
  if (!availability)
    return { level: "unknown", words: t("stock.unknown") };
  const left = availability.available_quantity;
  if (left < unit.step)
    return { level: "none", words: t("stock.none") };
  const few = left <= FEW_SHOWN_UNITS * 10 ** unit.decimals;
  const words = t(few ? "stock.few" : "stock.some", { quantity: quantity(left, unit) });
  return { level: few ? "few" : "some", words };
}

// services/gateway/web/app/totals.js
var Totals = class {
  #signal;
  #asked = "";
  #asking = new AbortController();
  #followed = /* @__PURE__ */ new Map();
  /** @param {AbortSignal} signal Ends it. */
  constructor(signal) {
    this.#signal = signal;
  }
  /**
   * @param {HTMLElement} element Filled with what `words` makes of each quote; stale until it comes.
   * @param {(known: Known) => any} words
   */
  follow(element, words) {
    fill(element, "…");
    this.#followed.set(element, words);
  }
  /**
   * Asks for these lines, and no longer for those before. The same again asks nothing.
   * @param {{sku: string, quantity: number}[]} lines
   */
  async ask(lines2) {
    const asked = JSON.stringify(lines2);
    if (asked === this.#asked)
      return;
    this.#asked = asked;
    this.#asking.abort();
    const asking = this.#asking = new AbortController();
    const signal = AbortSignal.any([asking.signal, this.#signal]);
    this.#stale(true);
    const known3 = await quoted(lines2, signal);
    if (signal.aborted)
      return;
    if (known3.error)
      this.#asked = "";
    for (const [element, words] of this.#followed)
      fill(element, words(known3));
    this.#stale(false);
  }
  #stale(isStale) {
    for (const element of this.#followed.keys())
      element.classList.toggle("is-stale", isStale);
  }
};
async function quoted(lines2, signal) {
  if (!lines2.length)
    return { quote: null, error: null };
  const location_id = shop()?.location_id ?? "";
  return quote({ lines: lines2, location_id }, signal).then(
    (answer) => ({ quote: answer, error: null }),
    (error) => ({ quote: null, error })
  );
}

// services/gateway/web/app/views/basket.js
function basketView({ signal }) {
  const title = t("basket.title");
  const host = h("div.basket");
  loadInto(
    host,
    signal,
    () => known(signal),
    (found) => show(host, found, signal),
    skeleton(Math.max(lines().length, 2), "card")
  );
  return { title, content: [h("h1", {}, title), host] };
}
async function known(signal) {
  await reload();
  return products(
    lines().map((line) => line.sku),
    signal
  );
}
function show(host, found, signal) {
  if (!lines().length)
    return empty(
      "basket",
      t("basket.empty"),
      t("basket.empty.next"),
      linkButton("#/", t("basket.browse"), { kind: "primary" })
    );
  const totals = new Totals(signal);
  const refresh = () => {
    if (!lines().length)
      return fill(host, show(host, found, signal));
    totals.ask(lines().filter((line) => found.get(line.sku)?.price));
  };
  const rows = lines().map((line) => lineRow(line, found.get(line.sku), totals, refresh));
  const foot = totalBar(totals, refresh);
  refresh();
  return [h("ul.lines", {}, rows), foot];
}
function lineRow(line, product2, totals, refresh) {
  if (!product2)
    return lostRow(line, refresh);
  const price = h("span.line-total", { "aria-live": "polite" });
  totals.follow(price, ({ quote: quote2 }) => {
    const total = quote2?.lines.find((one) => one.sku === line.sku)?.total;
    return total && amountParts(total);
  });
  const warning = h("span.line-warning");
  const showLine = (wanted) => fill(warning, shortWords(product2, wanted));
  const count = lineCount(line, product2, showLine, refresh);
  showLine(line.quantity);
  const href = `#/p/${encodeURIComponent(line.sku)}`;
  const remove = removeButton(line.sku, product2.title, () => taken(row), refresh);
  const row = h(
    "li.line",
    {},
    h("a.line-picture", { href, tabindex: "-1", "aria-hidden": "true" }, picture(product2.picture_urls[0])),
    h("div.line-text", {}, h("a.line-title", { href }, titleOf(product2)), warning),
    h("div.line-tools", {}, count, remove, price)
  );
  return row;
}
function lineCount(line, product2, showLine, refresh) {
  const before = line.quantity;
  const changed = (wanted) => {
    showLine(wanted);
    refresh();
    put2(line.sku, wanted).catch((error) => {
      count.set(before);
      showLine(before);
      toast(explained(error), "alert");
    }).finally(refresh);
  };
  const label = t("quantity.of", { title: product2.title });
  const count = stepper({ value: before, unit: product2.stock_unit, label, onchange: changed });
  return count;
}
function taken(row) {
  keepingFocus(row.parentElement, () => row.remove());
}
function removeButton(sku, title, drop, refresh) {
  const remove = async () => {
    const before = lines().find((line) => line.sku === sku)?.quantity ?? 0;
    try {
      await put2(sku, 0);
      drop();
      const back = h(
        "button.button.quiet",
        {
          type: "button",
          onclick: () => put2(sku, before).then(() => window.dispatchEvent(new HashChangeEvent("hashchange")))
        },
        t("undo")
      );
      toast(t("basket.removed", { title }), "check", back);
    } catch (error) {
      toast(explained(error), "alert");
    }
    refresh();
  };
  return h(
    "button.icon-button",
    { type: "button", "aria-label": t("basket.remove", { title }), onclick: remove },
    icon("trash")
  );
}
function lostRow(line, refresh) {
  const row = h(
    "li.line.line-lost",
    {},
    h("div.line-text", {}, h("span.line-title", {}, line.sku), h("span.line-warning", {}, t("basket.gone"))),
    h(
      "div.line-tools",
      {},
      removeButton(line.sku, line.sku, () => taken(row), refresh)
    )
  );
  return row;
}
function shortWords(product2, wanted) {
  if (!shop() || !product2.availability)
    return null;
  const left = product2.availability.available_quantity;
  if (left >= wanted)
    return h("span.stock.stock-some", {}, t("basket.there"));
  const words = left < product2.stock_unit.step ? stockOf(product2).words : t("basket.short", { quantity: quantity(left, product2.stock_unit) });
  return h("span.stock.stock-none", {}, words);
}
function totalBar(totals, refresh) {
  const sum = h("span", { "aria-live": "polite" });
  const note = h("div.sum-note.muted.small");
  totals.follow(sum, ({ quote: quote2 }) => quote2 ? amountParts(quote2.total) : t("price.unknown"));
  totals.follow(
    note,
    ({ error }) => error ? [h("p", {}, explained(error)), button(t("retry"), { onclick: refresh })] : t("basket.note")
  );
  return h(
    "div.sum-bar",
    {},
    h("p.sum", {}, h("span", {}, t("total")), sum),
    note,
    linkButton("#/pickup", t("basket.next"), { kind: "primary" })
  );
}

// services/gateway/web/app/progress.js
var LIVE = ["placing", "confirmed", "picking", "staged", "ready", "cancel_pending"];
var ENDED = ["collected", "refused", "cancelled", "expired"];
var STEPS = ["confirmed", "picking", "ready", "collected"];
var STEP_OF = { staged: "picking", cancel_pending: "ready" };
function stateWords({ state }) {
  return t(`state.${state}`);
}
function steps(order) {
  const here = STEPS.indexOf(STEP_OF[order.state] ?? order.state);
  return STEPS.map((name, index) => {
    const isDone = index < here || index === here && order.state === "collected";
    const status = isDone ? "done" : index === here ? "now" : "later";
    const change = order.changes.find((one) => one.state === name);
    return { name, words: t(`step.${name}`), status, time: change?.occur_time ?? null };
  });
}

// services/gateway/web/app/views/home.js
function homeView({ signal }) {
  const live = h("div.live-orders");
  const shelves = h("div.shelves");
  showLive(live, signal);
  loadInto(shelves, signal, categories, shelfSections, skeleton(8, "tile"));
  const content = [h("h1.hero", {}, t("home.title")), live, !shop() && chooseShopCard(), shelves];
  return { title: "", content };
}
function chooseShopCard() {
  return h(
    "a.notice",
    { href: "#/shop" },
    icon("pin"),
    h("span", {}, h("strong", {}, t("home.shop.title")), h("span", {}, t("home.shop.text"))),
    icon("forward")
  );
}
async function showLive(host, signal) {
  if (!session.isOpen)
    return;
  try {
    const { orders } = await mine("/v1/orders", { query: { page_size: 10 }, signal });
    const cards = await Promise.all(
      orders.filter((order) => LIVE.includes(order.state)).slice(0, 2).map(liveCard)
    );
    if (!signal.aborted)
      fill(host, cards);
  } catch {
  }
}
async function liveCard(order) {
  const place2 = await location2(order.location_id).catch(() => null);
  const zone = place2?.time_zone;
  const when = order.slot && `${day(order.slot.start_time, zone)}, ${clock(order.slot.start_time, zone)}`;
  return h(
    `a.live-card.is-${order.state}`,
    { href: `#/orders/${order.order_id}` },
    h("span.live-state", {}, order.state === "ready" ? t("home.ready") : stateWords(order)),
    h("span", {}, `${order.label} · ${place2 ? shortName(place2) : ""}`, when && ` · ${when}`),
    icon("forward")
  );
}
function shelfSections(all) {
  const isLeaf = (one) => !all.some((other) => other.path.length > one.path.length && other.path[one.path.length - 1] === one.category_id);
  return all.filter((one) => one.path.length === 1).map((root) => {
    const leaves = all.filter((one) => one.path[0] === root.category_id && isLeaf(one));
    return h(
      "section.shelf",
      { "aria-labelledby": `shelf-${root.category_id}` },
      h(
        "h2",
        { id: `shelf-${root.category_id}` },
        h("a", { href: `#/c/${root.category_id}` }, root.name, icon("forward", "small"))
      ),
      h("ul.tiles", {}, leaves.map(tile))
    );
  });
}
function tile(category) {
  return h(
    "li",
    {},
    h(
      "a.tile",
      { href: `#/c/${category.category_id}` },
      picture(category.picture_url),
      h("span.tile-name", {}, category.name)
    )
  );
}

// services/gateway/web/app/views/list.js
var PAGE_SIZE = 24;
var LISTS_KEPT_MAX = 8;
var kept2 = /* @__PURE__ */ new Map();
function searchView(visit) {
  const words = visit.query.get("q") ?? "";
  const title = words ? t("search.title", { words }) : t("search.all");
  const nothing = empty(
    "search",
    t("search.none", { words }),
    t("search.none.next"),
    linkButton("#/", t("search.shelves"))
  );
  return { title, content: [h("h1.list-title", {}, title), list({ q: words }, visit, nothing)] };
}
function categoryView(visit) {
  const id = visit.params.category;
  const heading = h("h1.list-title", {}, " ");
  const trail = h("nav.trail", { "aria-label": t("trail") }, " ");
  const below = h("ul.chips");
  nameShelf(id, { heading, trail, below }, visit.signal);
  const nothing = empty("box", t("category.none"), t("category.none.next"), linkButton("#/", t("search.shelves")));
  return { title: t("category"), content: [trail, heading, below, list({ category: id }, visit, nothing)] };
}
async function nameShelf(id, { heading, trail, below }, signal) {
  const all = await categories().catch(() => []);
  const here = all.find((one) => one.category_id === id);
  if (signal.aborted)
    return;
  if (!all.length)
    return fill(heading, t("category"));
  fill(heading, here?.name ?? t("missing.title"));
  if (!here)
    return;
  document.title = `${here.name} · Fargue`;
  const above = here.path.slice(0, -1).map((up) => all.find((one) => one.category_id === up)).filter(Boolean);
  fill(
    trail,
    h("a", { href: "#/" }, t("tab.home")),
    above.map((one) => [icon("forward", "small"), h("a", { href: `#/c/${one.category_id}` }, one.name)])
  );
  const children = all.filter((one) => one.path.length === here.path.length + 1 && one.path.includes(id));
  fill(
    below,
    children.map((one) => h("li", {}, h("a.chip", { href: `#/c/${one.category_id}` }, one.name)))
  );
}
function list(question, { signal, isReturn }, nothing) {
  const query = { ...question, location_id: shop()?.location_id, locale: locale(), page_size: PAGE_SIZE };
  const name = JSON.stringify(query);
  if (!isReturn)
    kept2.delete(name);
  const state = kept2.get(name) ?? { products: [], next: "", total: null };
  remember2(name, state);
  const parts = { rows: h("ul.cards"), count: h("p.count", {}, " "), foot: h("div.list-foot") };
  const more = () => loadMore({ query, state, parts, nothing, signal, more });
  fill(parts.rows, state.products.map(productCard));
  if (state.total === null)
    more();
  else
    afterPage(state, parts, nothing, more, signal);
  return h("div.list", {}, parts.count, parts.rows, parts.foot);
}
function remember2(name, state) {
  kept2.delete(name);
  kept2.set(name, state);
  if (kept2.size > LISTS_KEPT_MAX)
    kept2.delete(kept2.keys().next().value);
}
async function loadMore({ query, state, parts, nothing, signal, more }) {
  const goOn = goingOn(parts.rows, parts.foot);
  fill(parts.foot, skeleton(state.total === null ? 6 : 2, "card"));
  try {
    const page2 = await atShop(
      (location_id) => send("/v1/products", { query: { ...query, location_id, page_token: state.next }, signal })
    );
    state.products.push(...page2.products);
    state.next = page2.next_page_token;
    state.total = Number(page2.total_count);
    parts.rows.append(...page2.products.map(productCard));
    afterPage(state, parts, nothing, more, signal);
    goOn();
    announce(t("search.count", { count: state.total }));
  } catch (error) {
    if (!signal.aborted)
      fill(parts.foot, failure(error, more));
  }
}
function afterPage(state, { rows, count, foot }, nothing, more, signal) {
  count.textContent = state.total ? t("search.count", { count: state.total }) : "";
  if (!state.total)
    return fill(foot, nothing);
  if (!state.next)
    return fill(foot);
  const button_ = button(t("search.more"), { onclick: more });
  fill(foot, button_);
  const sight = new IntersectionObserver(
    ([entry]) => {
      if (!entry.isIntersecting || rows.querySelector(":focus-visible"))
        return;
      sight.disconnect();
      more();
    },
    { rootMargin: "600px" }
  );
  sight.observe(button_);
  signal.addEventListener("abort", () => sight.disconnect());
}

// services/gateway/web/app/views/missing.js
function missingView() {
  const title = t("missing.title");
  return {
    title,
    content: [
      h("h1", {}, title),
      empty("search", t("missing.what"), t("missing.next"), linkButton("#/", t("home.link"), { kind: "primary" }))
    ]
  };
}

// services/gateway/web/shared/stream.js
var SILENCE_MS = 45e3;
var WAIT_MS_MAX = 15e3;
async function follow(url, { token, signal, onEvent, onLine: onLine2, isOver = () => false }) {
  const place2 = { id: "", failures: 0 };
  while (!signal.aborted && !isOver()) {
    try {
      await readOnce(url, { token, signal, onEvent, onLine: onLine2, place: place2 });
    } catch (error) {
      if (signal.aborted)
        return;
      if (isFinal(error))
        throw error;
      if (error.reason === "CURSOR_TOO_OLD")
        place2.id = "";
    }
    if (signal.aborted || isOver())
      return;
    onLine2(false);
    await pause(Math.min(500 * 2 ** place2.failures++, WAIT_MS_MAX), signal);
  }
}
function isFinal(error) {
  if (!(error instanceof Problem))
    return false;
  return [400, 401, 403, 404].includes(error.status);
}
async function readOnce(url, { token, signal, onEvent, onLine: onLine2, place: place2 }) {
  const silence = new AbortController();
  const headers = { ...headersOf({ token: await token() }), Accept: "text/event-stream" };
  if (place2.id)
    headers["Last-Event-ID"] = place2.id;
  const init = { headers, signal: AbortSignal.any([signal, silence.signal]), cache: "no-store" };
  let watchdog = setTimeout(() => silence.abort(), SILENCE_MS);
  window.addEventListener("offline", () => silence.abort(), { signal: silence.signal });
  try {
    const response = await reach(url, init, signal);
    if (!response.ok)
      throw await problemOf(response);
    onLine2(true);
    place2.failures = 0;
    for await (const event of eventsOf(response.body, () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => silence.abort(), SILENCE_MS);
    })) {
      if (event.id)
        place2.id = event.id;
      onEvent(event);
    }
  } finally {
    clearTimeout(watchdog);
    silence.abort();
  }
}
async function* eventsOf(body, onBytes) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (; ; ) {
    const { value, done } = await reader.read();
    if (done)
      return;
    onBytes();
    const blocks = (rest + value).replace(/\r\n/g, "\n").split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const event = eventOf(block);
      if (event)
        yield event;
    }
  }
}
function eventOf(block) {
  const found = { id: "", event: "message", data: [] };
  for (const line of block.split("\n")) {
    const [, name, value] = /^(\w*):? ?(.*)$/.exec(line) ?? [];
    if (name === "data")
      found.data.push(value);
    else if (name === "id" || name === "event")
      found[name] = value;
  }
  return found.data.length ? { ...found, data: JSON.parse(found.data.join("\n")) } : null;
}
function pause(ms, signal) {
  const woken = ["online", "visibilitychange"];
  return new Promise((resolve) => {
    const timer = setTimeout(end, ms);
    function end() {
      clearTimeout(timer);
      woken.forEach((name) => window.removeEventListener(name, end));
      signal.removeEventListener("abort", end);
      resolve();
    }
    woken.forEach((name) => window.addEventListener(name, end));
    signal.addEventListener("abort", end);
  });
}

// services/gateway/web/app/code.js
var AFTER_MS = 1500;
var WAIT_MS_MAX2 = 2 ** 31 - 1;
function codePanel(order, signal) {
  const panel2 = h("section.code", { "aria-label": t("code.title") }, skeleton(1, "code"));
  const show3 = async () => {
    try {
      const [code, svg] = await Promise.all([
        mine(`/v1/orders/${order.order_id}/code`, { signal }),
        mine(`/v1/orders/${order.order_id}/code.svg`, { signal })
      ]);
      fill(panel2, digits(code.code), qr(svg), h("p.small", {}, renewal(code.valid_until_time)));
      const wait = new Date(code.valid_until_time).getTime() - Date.now() + AFTER_MS;
      const timer = setTimeout(
        () => show3().then(() => announce(t("code.renewed"))),
        Math.min(Math.max(wait, AFTER_MS), WAIT_MS_MAX2)
      );
      signal.addEventListener("abort", () => clearTimeout(timer));
    } catch (error) {
      if (!signal.aborted)
        fill(panel2, failure(error, show3));
    }
  };
  show3();
  return panel2;
}
function digits(code) {
  return h(
    "p.digits",
    { role: "img", "aria-label": t("code.spelled", { code: [...code].join(" ") }) },
    h("span", { "aria-hidden": "true" }, code.slice(0, 4)),
    h("span", { "aria-hidden": "true" }, code.slice(4))
  );
}
function renewal(until) {
  const minutes = minutesUntil(until);
  return minutes > 60 ? t("code.show") : t("code.changes", { count: Math.max(minutes, 1) });
}
function qr(text) {
  const source = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", source.getAttribute("viewBox"));
  svg.setAttribute("class", "qr");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", t("code.qr"));
  for (const drawn of source.querySelectorAll("path"))
    svg.append(cleanPath(drawn));
  return svg;
}
function cleanPath(drawn) {
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  for (const name of ["d", "fill", "stroke"]) {
    if (drawn.hasAttribute(name))
      path.setAttribute(name, drawn.getAttribute(name));
  }
  return path;
}

// services/gateway/web/app/views/order.js
function orderView({ params, signal }) {
  const title = t("order");
  const host = h("div.order", {}, skeleton(1, "page"));
  const line = h("p.line-state", { hidden: true, role: "status" }, icon("cloud", "small"), t("order.line_down"));
  if (session.isOpen)
    followOrder({ id: params.order, host, line, signal });
  else
    go(`#/sign-in?next=${encodeURIComponent(`#/orders/${params.order}`)}`, { replace: true });
  return { title, content: [h("a.back", { href: "#/orders" }, icon("back", "small"), t("orders.title")), line, host] };
}
async function followOrder({ id, host, line, signal }) {
  const page2 = { order: null, place: null, found: /* @__PURE__ */ new Map(), code: null };
  const show3 = async (order) => {
    const before = page2.order;
    page2.order = order;
    if (before?.state !== order.state && before)
      announce(t("order.now", { label: order.label, state: stateWords(order) }));
    await complete(page2, order, signal);
    if (!signal.aborted && page2.order === order)
      render(host, page2, signal, show3);
  };
  try {
    await follow(`/v1/orders/${encodeURIComponent(id)}/events`, {
      token: () => session.token(),
      signal,
      onEvent: ({ data }) => show3(data),
      onLine: (isLive) => line.hidden = isLive || !page2.order,
      isOver: () => ENDED.includes(page2.order?.state)
    });
  } catch (error) {
    if (error.status === 401)
      return go(`#/sign-in?next=${encodeURIComponent(window.location.hash)}`, { replace: true });
    fill(
      host,
      h("h1", {}, t("order")),
      failure(error, () => followOrder({ id, host, line, signal }))
    );
  }
}
async function complete(page2, order, signal) {
  page2.place ??= await location2(order.location_id).catch(() => null);
  const skus = order.lines.map((one) => one.sku);
  if (!page2.found.size)
    page2.found = await products(skus, signal).catch(() => /* @__PURE__ */ new Map());
}
function render(host, page2, signal, show3) {
  const { order, place: place2, found } = page2;
  if (order.state === "ready")
    page2.code ??= codePanel(order, signal);
  fill(
    host,
    h("p.order-label", {}, t("order.label"), " ", h("strong", {}, order.label)),
    h("h1", {}, stateWords(order)),
    h("p.lead", {}, stateText(order, place2)),
    order.state === "ready" && page2.code,
    !ENDED.includes(order.state) && progress(order, place2),
    place2 && collectPanel(order, place2),
    linesPanel(order, found),
    footer(order, show3)
  );
  document.title = `${stateWords(order)} · Fargue`;
}
function stateText(order, place2) {
  const zone = place2?.time_zone;
  const slot = order.slot && {
    day: day(order.slot.start_time, zone),
    time: span(order.slot.start_time, order.slot.end_time, zone)
  };
  const until = order.collect_by_time && {
    until: `${day(order.collect_by_time, zone)}, ${clock(order.collect_by_time, zone)}`
  };
  if (order.state === "refused" || order.state === "cancelled")
    return causeText(order);
  const key = order.state === "ready" && isLocker(order) ? "state.ready.locker" : `state.${order.state}.text`;
  return t(key, { ...slot, ...until, place: order.place_label });
}
function isLocker({ kind }) {
  return kind === "locker";
}
function causeText(order) {
  const words = t(`cause.${order.cause}`);
  const why = words.startsWith("cause.") ? order.cause : words;
  const money2 = t(`payment.${order.payment.state}`);
  return [why, why && " ", money2.startsWith("payment.") ? "" : money2];
}
function progress(order, place2) {
  return h(
    "ol.steps",
    { "aria-label": t("order.progress") },
    steps(order).map(
      (step) => h(
        `li.step.is-${step.status}`,
        { "aria-current": step.status === "now" ? "step" : null },
        h("span.step-dot", {}, step.status === "done" && icon("check")),
        h("span.step-words", {}, step.words),
        h("span.step-time", {}, step.time && step.status !== "later" ? clock(step.time, place2?.time_zone) : "")
      )
    )
  );
}
function collectPanel(order, place2) {
  const { street, postcode, city } = place2.address;
  return h(
    "section.panel",
    { "aria-labelledby": "where-title" },
    h("h2", { id: "where-title" }, t("review.where")),
    h(
      "div.collect",
      {},
      icon(isLocker(order) ? "locker" : "shop"),
      h(
        "p",
        {},
        h("strong", {}, place2.name),
        h("br"),
        t(isLocker(order) ? "order.locker" : "point.counter"),
        h("br"),
        h("span.muted", {}, `${street}, ${postcode} ${city}`),
        order.slot && [h("br"), slotWords(order.slot, place2.time_zone)]
      )
    )
  );
}
function linesPanel(order, found) {
  const rows = order.lines.map((line) => {
    const product2 = found.get(line.sku);
    const unit = unitOf(product2);
    return h(
      "li",
      {},
      h(
        "span",
        {},
        h("span.muted", {}, `${quantity(line.quantity, unit)} × `),
        titleOf(product2, line.sku),
        order.state === "picking" ? soFar(line, unit) : atLast(line, unit)
      ),
      line.total && amountParts(line.total)
    );
  });
  const money2 = t(`payment.${order.payment.state}`);
  return h(
    "section.panel",
    { "aria-labelledby": "what-title" },
    h("h2", { id: "what-title" }, t("review.lines")),
    h("ul.sum-lines", {}, rows),
    order.total && h("p.sum", {}, h("span", {}, t("total.vat")), amountParts(order.total)),
    !money2.startsWith("payment.") && h("p.muted.small", {}, money2)
  );
}
function soFar({ found_quantity: found, quantity: wanted }, unit) {
  if (found === null)
    return h("span.line-note", {}, t("line.waiting"));
  if (found >= wanted)
    return h("span.line-note.is-found", {}, icon("check", "small"), t("line.so_far.all"));
  const words = found ? t("line.so_far.part", { quantity: quantity(found, unit) }) : t("line.so_far.none");
  return h("span.line-warning", {}, words);
}
function atLast({ found_quantity: found, quantity: wanted }, unit) {
  if (found === null || found >= wanted)
    return null;
  const words = found ? t("line.part", { quantity: quantity(found, unit) }) : t("line.gone");
  return h("span.line-warning", {}, words);
}
function footer(order, show3) {
  const placed = h(
    "p.muted.small",
    {},
    t("order.placed", { date: date(order.create_time), time: clock(order.create_time) })
  );
  if (ENDED.includes(order.state) || order.state === "cancel_pending")
    return placed;
  return h(
    "div.order-foot",
    {},
    button(t("order.cancel"), { kind: "danger", onclick: (event) => cancel(order, event.currentTarget, show3) }),
    placed
  );
}
async function cancel(order, pressed, show3) {
  const sure = await ask({
    title: t("order.cancel.title"),
    body: h("p", {}, t("order.cancel.text")),
    actions: (close) => [
      button(t("order.cancel.no"), { onclick: () => close(false) }),
      button(t("order.cancel.yes"), { kind: "danger", onclick: () => close(true) })
    ]
  });
  if (!sure)
    return;
  await busy(pressed, async () => show3(await write2("POST", `/v1/orders/${order.order_id}/cancel`, {})));
}

// services/gateway/web/app/views/orders.js
function ordersView({ signal }) {
  const title = t("orders.title");
  const nothing = empty(
    "bag",
    t("orders.none"),
    t("orders.none.next"),
    linkButton("#/", t("basket.browse"), { kind: "primary" })
  );
  const list2 = pages({ path: "/v1/orders", name: "orders", row: orderRow, nothing, signal });
  return { title, content: [h("h1", {}, title), tabs("orders"), session.isOpen ? list2 : visitor2("#/orders")] };
}
function purchasesView({ signal }) {
  const title = t("purchases.title");
  const nothing = empty("bag", t("purchases.none"), t("purchases.none.next"));
  const list2 = pages({ path: "/v1/me/purchases", name: "purchases", row: purchaseRow, nothing, signal });
  return { title, content: [h("h1", {}, title), tabs("purchases"), session.isOpen ? list2 : visitor2("#/purchases")] };
}
function tabs(here) {
  const link = (name) => h("a.choice", { href: `#/${name}`, "aria-current": here === name ? "page" : null }, t(`${name}.title`));
  return h("nav.choices", { "aria-label": t("orders.tabs") }, link("orders"), link("purchases"));
}
function visitor2(next) {
  return empty(
    "person",
    t("sign.needed"),
    t("sign.needed.orders"),
    linkButton(`#/sign-in?next=${encodeURIComponent(next)}`, t("sign_in"), { kind: "primary" })
  );
}
function pages({ path, name, row, nothing, signal }) {
  const list2 = h("ul.rows");
  const foot = h("div");
  const load = async (page_token) => {
    const goOn = goingOn(list2, foot);
    fill(foot, skeleton(page_token ? 1 : 3, "row"));
    try {
      const page2 = await mine(path, { query: { page_size: 20, page_token }, signal });
      list2.append(...await Promise.all(page2[name].map((one) => row(one, signal))));
      const more = page2.next_page_token && button(t("search.more"), { onclick: () => load(page2.next_page_token) });
      fill(foot, more || !list2.children.length && nothing);
      goOn();
    } catch (error) {
      if (!signal.aborted)
        fill(
          foot,
          failure(error, () => load(page_token))
        );
    }
  };
  if (session.isOpen)
    load("");
  return h("div", {}, list2, foot);
}
async function orderRow(order) {
  const place2 = await location2(order.location_id).catch(() => null);
  const isLive = LIVE.includes(order.state);
  const when = isLive && order.slot ? `${day(order.slot.start_time, place2?.time_zone)}, ${clock(order.slot.start_time, place2?.time_zone)}` : date(order.create_time);
  return h(
    "li",
    {},
    h(
      "a.row",
      { href: `#/orders/${order.order_id}` },
      h(
        "span.row-text",
        {},
        h(`span.badge.is-${order.state}`, {}, stateWords(order)),
        h("strong", {}, place2 ? shortName(place2) : order.location_id),
        h("span.muted", {}, `${when} · ${t("order.articles", { count: order.lines.length })}`)
      ),
      h("span.row-side", {}, order.total && money(order.total), icon("forward", "small"))
    )
  );
}
async function purchaseRow(purchase, signal) {
  const skus = purchase.lines.map((line) => line.sku);
  const [place2, found] = await Promise.all([
    location2(purchase.location_id).catch(() => null),
    products(skus, signal).catch(() => /* @__PURE__ */ new Map())
  ]);
  const where = `${place2 ? shortName(place2) : purchase.location_id} · ${t(`channel.${purchase.channel}`)}`;
  return h(
    "li.purchase",
    {},
    h(
      "div.row",
      {},
      h("span.row-text", {}, h("strong", {}, date(purchase.purchase_time)), h("span.muted", {}, where)),
      h("span.row-side", {}, purchase.total && money(purchase.total))
    ),
    h(
      "ul.purchase-lines",
      {},
      skus.map((sku) => h("li", {}, articleLink(sku, found.get(sku))))
    )
  );
}
function articleLink(sku, product2) {
  return product2 ? h("a", { href: `#/p/${encodeURIComponent(sku)}` }, titleOf(product2)) : sku;
}

// services/gateway/web/app/choice.js
var STEPS2 = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
function choiceGroup(words) {
  const group = h("div.points", { role: "radiogroup", ...words });
  group.addEventListener("keydown", (event) => lead(event, group));
  return group;
}
function fillChoice(group, rows) {
  fill(group, rows);
  const all = radios(group);
  const entry = all.find((one) => one.ariaChecked === "true") ?? all.find(isPossible) ?? all[0];
  for (const one of all)
    one.tabIndex = one === entry ? 0 : -1;
}
function choiceRow({ id, sign, isPicked, possible, take, side }, ...texts) {
  const chosen = () => {
    take();
    document.getElementById(id)?.focus();
  };
  const state = { "aria-checked": String(isPicked), "aria-disabled": String(!possible) };
  return h(
    "button.option",
    { type: "button", role: "radio", id, ...state, onclick: possible ? chosen : null },
    icon(sign),
    h("span.option-text", {}, texts),
    side,
    isPicked && icon("check", "option-check")
  );
}
function lead(event, group) {
  const step = STEPS2[event.key];
  const all = radios(group);
  const from = all.indexOf(event.target);
  if (!step || from < 0)
    return;
  event.preventDefault();
  const next = all[(from + step + all.length) % all.length];
  next.focus();
  if (isPossible(next))
    next.click();
}
function radios(group) {
  return [...group.querySelectorAll("[role=radio]")];
}
function isPossible(radio) {
  return radio.ariaDisabled !== "true";
}

// services/gateway/web/app/checkout.js
function choice() {
  return recallHere("choice");
}
function choose(chosen) {
  keepHere("choice", chosen);
}
async function place(order, payment) {
  const intent = intentOf(JSON.stringify([order, payment]));
  const method = payment === "card" ? { method: "reference", reference: `sim_card_${intent.card}` } : { method: "at_counter" };
  try {
    const placed = await write2("POST", "/v1/orders", { ...order, payment: method }, intent.key);
    keepHere("intent", null);
    return placed;
  } catch (error) {
    if (!error.passes && error.reason !== "TOO_SLOW")
      keepHere("intent", null);
    throw error;
  }
}
function intentOf(content) {
  const kept3 = recallHere("intent");
  if (kept3?.content === content)
    return kept3;
  const made2 = { content, key: newKey(), card: crypto.randomUUID() };
  keepHere("intent", made2);
  return made2;
}

// services/gateway/web/app/views/pickup.js
var OPTIONS_MAX = 12;
var SOON_MIN = 90;
function pickUpView({ signal }) {
  const title = t("pickup.title");
  const host = h("div.pickup");
  loadInto(host, signal, () => offers(signal), show2, skeleton(4, "card"));
  return { title, content: [backLink(), h("h1", {}, title), host] };
}
function backLink() {
  return h("a.back", { href: "#/basket" }, icon("back", "small"), t("basket.title"));
}
async function offers(signal) {
  await reload();
  const wanted = lines();
  if (!wanted.length)
    return { offered: [] };
  const near = nearOf(shop()) || (recall("near") ?? "");
  const options = await pickUpOptions({ lines: wanted, near, page_size: OPTIONS_MAX }, signal);
  const places = await Promise.all(options.map((option) => location2(option.location_id)));
  const short = [...new Set(options.flatMap((option) => option.short_skus))];
  const titles = await products(short, signal).catch(() => /* @__PURE__ */ new Map());
  return { offered: options.map((option, index) => ({ option, place: places[index] })), titles };
}
function show2({ offered, titles }) {
  if (!offered.length)
    return empty(
      "basket",
      t("basket.empty"),
      t("basket.empty.next"),
      linkButton("#/", t("basket.browse"), { kind: "primary" })
    );
  const possible = offered.filter(({ option }) => option.available);
  const picked = { value: stillOffered(choice(), possible) };
  const next = button(t("pickup.next"), { kind: "primary", onclick: () => proceed(picked.value) });
  const list2 = choiceGroup({ "aria-label": t("pickup.title") });
  const chosen = h("p.sum.small", { "aria-live": "polite" });
  const render2 = () => {
    fillChoice(
      list2,
      inOrder(offered).map((one) => pointCard(one, titles, picked, render2))
    );
    next.setAttribute("aria-disabled", String(!picked.value?.slot));
    fill(chosen, picked.value?.slot ? chosenWords(picked.value, offered) : t("pickup.pick_slot"));
  };
  render2();
  return [
    !possible.length && h("p.warning", { role: "alert" }, t("pickup.nowhere")),
    list2,
    h("div.sum-bar", {}, chosen, next)
  ];
}
function inOrder(offered) {
  const rank = ({ option }) => option.location_id === shop()?.location_id ? 0 : option.available ? 1 : 2;
  return offered.toSorted((one, other) => rank(one) - rank(other));
}
function stillOffered(before, possible) {
  const found = possible.find(({ option: option2 }) => option2.point_id === before?.point.point_id) ?? possible[0];
  if (!found)
    return null;
  const { option } = found;
  const slot = option.slots.find((one) => one.slot_id === before?.slot?.slot_id) ?? null;
  return { point: option, slot };
}
function proceed(picked) {
  if (!picked?.slot)
    return document.querySelector(".slot")?.focus();
  const { point_id, location_id, kind } = picked.point;
  choose({ point: { point_id, location_id, kind }, slot: picked.slot });
  go("#/review");
}
function chosenWords({ point, slot }, offered) {
  const { place: place2 } = offered.find(({ option }) => option.point_id === point.point_id);
  return h("span", {}, h("strong", {}, slotWords(slot, place2.time_zone)), ` · ${shortName(place2)}`);
}
function pointCard({ option, place: place2 }, titles, picked, render2) {
  const isPicked = picked.value?.point.point_id === option.point_id;
  const take = () => {
    picked.value = { point: option, slot: isPicked ? picked.value.slot : null };
    render2();
  };
  const row = {
    id: `point-${option.point_id}`,
    sign: option.kind === "locker" ? "locker" : "shop",
    isPicked,
    possible: option.available,
    take,
    side: option.distance_m > 0 && h("span.option-side", {}, distance(option.distance_m))
  };
  const head = choiceRow(
    row,
    h("strong", {}, shortName(place2)),
    h("span.muted", {}, t(`point.${option.kind}`)),
    option.available ? h("span.ready", {}, readyWords(option, place2)) : h("span.why", {}, whyNot(option, titles))
  );
  return h("div.point", { "data-point": option.point_id }, head, isPicked && slotGroups(option, place2, picked, render2));
}
function readyWords({ ready_time: ready }, { time_zone: zone }) {
  if (!ready)
    return "";
  const minutes = Math.max(minutesUntil(ready), 1);
  if (minutes <= SOON_MIN)
    return t("ready.in", { count: minutes });
  return t("ready.at", { day: day(ready, zone), time: clock(ready, zone) });
}
function whyNot({ reason, short_skus: short }, titles) {
  const words = t(`pickup.${reason}`);
  const names = short.map((sku, index) => [index > 0 && " · ", titleOf(titles.get(sku), sku)]);
  return names.length ? [words, " ", h("span.muted", {}, names)] : words;
}
function slotGroups(option, { time_zone: zone }, picked, render2) {
  const days = Map.groupBy(option.slots, (slot) => dayKey(slot.start_time, zone));
  return [...days.values()].map((slots) => {
    const name = day(slots[0].start_time, zone);
    return h(
      "div.slot-day",
      { role: "group", "aria-label": name },
      h("h2.small-title", {}, name),
      h(
        "div.slots",
        {},
        slots.map((slot) => slotChip(slot, zone, picked, render2))
      )
    );
  });
}
function slotChip(slot, zone, picked, render2) {
  const isPicked = picked.value.slot?.slot_id === slot.slot_id;
  const take = () => {
    picked.value = { ...picked.value, slot };
    render2();
    document.querySelector('.slot[aria-pressed="true"]')?.focus();
  };
  return h(
    "button.slot",
    { type: "button", "aria-pressed": String(isPicked), onclick: take },
    span(slot.start_time, slot.end_time, zone),
    slot.left_count === 1 && h("span.slot-last", {}, t("slot.last"))
  );
}

// services/gateway/web/app/views/buy.js
var QUANTITY_MAX = 1e6;
function buyBar(one) {
  if (!one.price)
    return h("div.buy");
  const unit = one.stock_unit;
  const total = h("span");
  const words = h("span", {}, t(quantityOf(one.sku) ? "basket.update" : "basket.add"));
  const showTotal = (wanted) => fill(total, amountParts(cost(one.price.amount, wanted, unit)));
  const value = quantityOf(one.sku) || Math.max(unit.step, 10 ** unit.decimals);
  const count = stepper({ value, unit, max: most(one), label: t("quantity"), onchange: showTotal });
  const putIn = async () => {
    await put2(one.sku, count.value);
    words.textContent = t("basket.update");
    const text = t("basket.added", { quantity: quantity(count.value, unit) });
    toast(text, "check", linkButton("#/basket", t("basket.see"), { kind: "quiet" }));
  };
  const add = { type: "button", onclick: (event) => busy(event.currentTarget, putIn) };
  showTotal(value);
  return h("div.buy", {}, count, h("button.button.primary", add, words, total));
}
function most({ availability, stock_unit: unit }) {
  const left = availability?.available_quantity ?? 0;
  return left >= unit.step ? left : QUANTITY_MAX;
}

// services/gateway/web/app/views/variants.js
var FAMILY_MAX = 20;
function variants(one, signal) {
  const host = h("nav.variants", { "aria-label": t("product.variants") });
  if (one.family)
    showFamily(host, one, signal);
  return host;
}
async function showFamily(host, one, signal) {
  try {
    const query = { q: one.family, locale: locale(), page_size: FAMILY_MAX };
    const { products: products2 } = await send("/v1/products", { query, signal });
    const family = products2.filter((other) => other.family === one.family || other.sku === one.family);
    const title = h("h2.small-title", {}, t("product.variants"));
    if (family.length > 1)
      fill(
        host,
        title,
        h(
          "ul.variant-list",
          {},
          family.map((other) => variant(other, one))
        )
      );
  } catch {
  }
}
function variant(other, one) {
  const state = { "aria-current": other.sku === one.sku ? "page" : null };
  const price = other.price && h("span.variant-price", {}, money(other.price.amount));
  return h(
    "li",
    {},
    h("a.variant", { href: `#/p/${encodeURIComponent(other.sku)}`, ...state }, titleOf(other), price)
  );
}

// services/gateway/web/app/views/product.js
var OTHER_SHOPS_MAX = 3;
var SOON_MIN2 = 90;
function productView({ params, signal }) {
  const host = h("article.product");
  loadInto(
    host,
    signal,
    () => product(params.sku, signal),
    (one) => {
      document.title = `${one.title} · Fargue`;
      return productPage(one, signal);
    },
    skeleton(1, "page")
  );
  return { title: t("product"), content: host };
}
function productPage(one, signal) {
  const reviews = h("section.reviews", { "aria-labelledby": "reviews-title", id: "reviews" });
  showReviews(reviews, one, signal);
  return [
    h("div.product-picture", {}, picture(one.picture_urls[0])),
    h(
      "div.product-head",
      {},
      h("p.brand", {}, one.brand),
      h("h1", { lang: one.locale }, tied(one.title)),
      one.rating?.review_count > 0 && h("p", {}, stars(one.rating)),
      h("p.product-price", {}, priceTag(one.price, one.stock_unit)),
      stockPanel(one, signal),
      variants(one, signal)
    ),
    buyBar(one),
    h(
      "section.product-text",
      { "aria-labelledby": "about-title" },
      h("h2", { id: "about-title" }, t("product.about")),
      h("p.prose", { lang: one.locale }, tied(one.description))
    ),
    factTable(one),
    reviews
  ];
}
function stockPanel(one, signal) {
  const panel2 = h("div.stock-panel", { role: "status" });
  const mine2 = shop();
  if (!mine2) {
    fill(
      panel2,
      h("p.stock.stock-unknown", {}, t("stock.no_shop")),
      linkButton("#/shop", t("shop.choose"), { sign: "pin" })
    );
    return panel2;
  }
  const { level, words } = stockOf(one);
  const more = h("p.stock-more", {}, " ");
  fill(panel2, h(`p.stock.stock-${level}`, {}, t("stock.at", { words, shop: shortName(mine2) })), more);
  if (level === "none" || level === "unknown")
    elsewhere(one, mine2, more, signal);
  else
    readyWords2(one, mine2, more, signal);
  return panel2;
}
async function readyWords2(one, mine2, host, signal) {
  const question = { lines: [{ sku: one.sku, quantity: one.stock_unit.step }], location_ids: [mine2.location_id] };
  const options = await pickUpOptions(question, signal).catch(() => []);
  const ready = options.filter((option) => option.available && option.ready_time).map((option) => option.ready_time).sort()[0];
  if (ready)
    host.textContent = readyText(ready, mine2.time_zone);
}
function readyText(ready, zone) {
  const minutes = Math.max(minutesUntil(ready), 1);
  if (minutes <= SOON_MIN2)
    return t("ready.in", { count: minutes });
  return t("ready.at", { day: day(ready, zone), time: clock(ready, zone) });
}
async function elsewhere(one, mine2, host, signal) {
  const question = { lines: [{ sku: one.sku, quantity: one.stock_unit.step }], near: nearOf(mine2) };
  const options = await pickUpOptions(question, signal).catch(() => []);
  const there = options.filter((option) => option.available && option.kind === "counter").slice(0, OTHER_SHOPS_MAX);
  const places = await Promise.all(
    there.map(async (option) => ({ option, place: await location2(option.location_id) }))
  ).catch(() => []);
  if (signal.aborted || !places.length)
    return;
  const words = places.map(
    ({ option, place: place2 }) => shortName(place2) + (option.distance_m ? ` (${distance(option.distance_m)})` : "")
  );
  fill(host, t("stock.elsewhere"), " ", words.join(", "));
}
function factTable(one) {
  if (!one.facts.length)
    return h("section.facts", {}, h("h2", {}, t("product.facts")), h("p.muted", {}, t("product.facts.none")));
  const rows = one.facts.map(
    (fact) => h("div.fact", {}, h("dt", {}, fact.name || fact.key), h("dd", {}, factValue(fact)))
  );
  const code = h("div.fact", {}, h("dt", {}, t("product.sku")), h("dd", {}, one.sku));
  return h(
    "section.facts",
    { "aria-labelledby": "facts-title" },
    h("h2", { id: "facts-title" }, t("product.facts")),
    h("dl", {}, rows, code)
  );
}
function factValue({ value, unit }) {
  if (value === null || value === void 0 || value === "")
    return h("span.muted", {}, t("unknown"));
  if (typeof value === "boolean")
    return t(value ? "yes" : "no");
  if (typeof value !== "number")
    return value;
  if (!unit)
    return number(value);
  return unit.startsWith("/") ? `${number(value)}${unit}` : `${number(value)} ${unit}`;
}
function showReviews(section, one, signal) {
  const list2 = h("ul.review-list");
  const foot = h("div");
  fill(
    section,
    h("h2", { id: "reviews-title" }, t("reviews.title")),
    one.rating?.review_count > 0 && h("p", {}, stars(one.rating), " ", h("span.muted", {}, t("reviews.verified_note"))),
    list2,
    foot
  );
  const load = async (page_token) => {
    const goOn = goingOn(list2, foot);
    fill(foot, skeleton(2, "row"));
    try {
      const page2 = await send(`/v1/products/${encodeURIComponent(one.sku)}/reviews`, {
        query: { page_size: 5, page_token },
        signal
      });
      list2.append(...page2.reviews.map(reviewItem));
      const more = page2.next_page_token && button(t("reviews.more"), { onclick: () => load(page2.next_page_token) });
      fill(foot, more || !list2.children.length && h("p.muted", {}, t("reviews.none")));
      goOn();
    } catch (error) {
      if (!signal.aborted)
        fill(
          foot,
          failure(error, () => load(page_token))
        );
    }
  };
  load("");
}
function reviewItem(review) {
  const filled = Array.from({ length: 5 }, (_, index) => icon("star", index < review.stars ? "filled" : "hollow"));
  return h(
    "li.review",
    {},
    h(
      "p.review-head",
      {},
      h("span.rating", {}, h("span.unseen", {}, t("reviews.stars", { count: review.stars })), filled),
      h("span.muted", {}, date(review.publish_time))
    ),
    h("p.prose", { lang: review.locale }, tied(review.text)),
    review.verified && h("p.muted.small", {}, icon("check", "small"), t("reviews.verified"))
  );
}

// services/gateway/web/app/views/review.js
var BACK_TO = {
  INSUFFICIENT_STOCK: ["#/pickup", "pickup.title"],
  SLOT_FULL: ["#/pickup", "pickup.pick_slot"],
  SLOT_PAST: ["#/pickup", "pickup.pick_slot"],
  INVALID_SLOT: ["#/pickup", "pickup.pick_slot"],
  NO_COMPARTMENT: ["#/pickup", "pickup.title"],
  UNKNOWN_POINT: ["#/pickup", "pickup.title"],
  UNKNOWN_SKU: ["#/basket", "basket.title"],
  INVALID_LINES: ["#/basket", "basket.title"]
};
function reviewView({ signal }) {
  const title = t("review.title");
  const chosen = choice();
  const host = h("div.review");
  if (!chosen)
    go("#/pickup", { replace: true });
  else if (!session.isOpen)
    go(`#/sign-in?next=${encodeURIComponent("#/review")}`, { replace: true });
  else
    loadReview(host, chosen, signal);
  return {
    title,
    content: [h("a.back", { href: "#/pickup" }, icon("back", "small"), t("pickup.title")), h("h1", {}, title), host]
  };
}
function loadReview(host, chosen, signal, notice = null) {
  loadInto(
    host,
    signal,
    () => known2(chosen, signal),
    (offer2) => {
      if (!offer2)
        return go("#/basket", { replace: true });
      if (offer2.refused)
        return refusal(offer2.refused);
      return [notice, page({ chosen, ...offer2, again: (words) => loadReview(host, chosen, signal, words) })];
    },
    skeleton(3, "card")
  );
}
async function known2(chosen, signal) {
  await reload();
  const wanted = lines();
  if (!wanted.length)
    return null;
  const skus = wanted.map((line) => line.sku);
  try {
    const [place_, found, offer2] = await Promise.all([
      location2(chosen.point.location_id),
      products(skus, signal),
      quote({ lines: wanted, point_id: chosen.point.point_id }, signal)
    ]);
    return { place_, found, wanted, quoted: offer2 };
  } catch (error) {
    if (error.reason in BACK_TO)
      return { refused: error };
    throw error;
  }
}
function page({ chosen, place_, found, wanted, quoted: quoted2, again }) {
  const { total } = quoted2;
  const isLocker2 = chosen.point.kind === "locker";
  const payment = { value: isLocker2 ? "card" : "at_counter" };
  const problem = h("div.problem-place");
  const failed = (error) => refused(error, problem, again);
  const send2 = button(t("review.place", { total: money(total) }), {
    kind: "primary",
    onclick: (event) => busy(event.currentTarget, () => confirm(orderOf(chosen, wanted, total), payment.value), failed)
  });
  return [
    panel("collect", t("review.where"), collectWords(chosen, place_)),
    panel(
      "lines",
      t("review.lines"),
      h(
        "ul.sum-lines",
        {},
        quoted2.lines.map((line) => sumLine(line, found.get(line.sku)))
      ),
      h("p.sum", {}, h("span", {}, t("total.vat")), amountParts(total))
    ),
    paymentChoice(payment, isLocker2),
    problem,
    h("div.sum-bar", {}, send2, h("p.muted.small", {}, t("review.note")))
  ];
}
function panel(name, title, ...content) {
  return h("section.panel", { "aria-labelledby": `${name}-title` }, h("h2", { id: `${name}-title` }, title), content);
}
function orderOf({ point, slot }, wanted, total) {
  return { lines: wanted, point_id: point.point_id, slot_id: slot.slot_id, expected_total: total, from_basket: true };
}
function collectWords({ point, slot }, place_) {
  const { street, postcode, city } = place_.address;
  return h(
    "div.collect",
    {},
    icon(point.kind === "locker" ? "locker" : "shop"),
    h(
      "p",
      {},
      h("strong", {}, place_.name),
      h("br"),
      t(`point.${point.kind}`),
      h("br"),
      h("span.muted", {}, `${street}, ${postcode} ${city}`),
      h("br"),
      h("strong", {}, slotWords(slot, place_.time_zone))
    )
  );
}
function sumLine({ sku, quantity: wanted, total }, product2) {
  return h(
    "li",
    {},
    h("span", {}, h("span.muted", {}, `${quantity(wanted, unitOf(product2))} × `), titleOf(product2, sku)),
    amountParts(total)
  );
}
function paymentChoice(payment, isLocker2) {
  const list2 = choiceGroup({ "aria-labelledby": "pay-title" });
  const render2 = () => fillChoice(list2, [way("card", "card", true), way("at_counter", "coins", !isLocker2)]);
  const way = (name, sign, possible) => {
    const take = () => {
      payment.value = name;
      render2();
    };
    const row = { id: `pay-${name}`, sign, isPicked: payment.value === name, possible, take };
    const words = t(possible ? `pay.${name}.text` : "pay.not_locker");
    return choiceRow(row, h("strong", {}, t(`pay.${name}`)), h("span.muted", {}, words));
  };
  render2();
  return h("section.panel", {}, h("h2", { id: "pay-title" }, t("review.pay")), list2);
}
async function confirm(order, payment) {
  const placed = await place(order, payment);
  choose(null);
  await reload().catch(() => {
  });
  go(`#/orders/${placed.order_id}`, { replace: true });
}
function refusal(error) {
  const { title, advice } = explain(error);
  return h(
    "div.warning",
    { role: "alert" },
    icon("alert"),
    h("div", {}, h("strong", {}, title), h("p", {}, advice), backLink2(error.reason))
  );
}
function refused(error, host, again) {
  const notice = refusal(error);
  if (error.reason === "PRICE_CHANGED")
    again(notice);
  else
    fill(host, notice);
  notice.scrollIntoView({ block: "center" });
}
function backLink2(reason) {
  if (!(reason in BACK_TO))
    return null;
  const [href, key] = BACK_TO[reason];
  return h("a.button.plain", { href }, t(key));
}

// services/gateway/web/shared/hours.js
var DAY_MIN = 1440;
function openWords({ opening_hours: hours, time_zone: zone }) {
  if (!hours?.length)
    return "";
  const now = minuteOfWeek(new Date(), zone);
  const spans = hours.map((one) => ({
    starts: (one.weekday - 1) * DAY_MIN + one.opens_minute,
    lasts: one.closes_minute - one.opens_minute,
    weekday: one.weekday,
    ...one
  }));
  const since = ({ starts }) => mod(now - starts);
  const open = spans.find((one) => since(one) < one.lasts);
  if (open)
    return t("hours.open", { time: minuteText(open.closes_minute) });
  const next = spans.reduce((best, one) => mod(one.starts - now) < mod(best.starts - now) ? one : best);
  const today = Math.floor(now / DAY_MIN) + 1;
  const time = minuteText(next.opens_minute);
  return next.weekday === today && next.starts > now ? t("hours.today", { time }) : t("hours.closed", { day: weekdayName(next.weekday), time });
}
function minuteOfWeek(instant, timeZone) {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23"
  }).formatToParts(instant);
  const of = (type) => parts.find((part) => part.type === type).value;
  const weekday = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].indexOf(of("weekday"));
  return weekday * DAY_MIN + Number(of("hour")) * 60 + Number(of("minute"));
}
function mod(minutes) {
  const week = 7 * DAY_MIN;
  return (minutes % week + week) % week;
}
function minuteText(minute) {
  const time = new Date(Date.UTC(2024, 0, 1, 0, minute));
  return new Intl.DateTimeFormat(region(), { hour: "2-digit", minute: "2-digit", timeZone: "UTC" }).format(time);
}
function weekdayName(weekday) {
  return new Intl.DateTimeFormat(region(), { weekday: "long", timeZone: "UTC" }).format(
    new Date(Date.UTC(2024, 0, weekday))
  );
}

// services/gateway/web/app/views/shop.js
var POSITION_MS_MAX = 1e4;
function shopView({ signal }) {
  const title = t("shop.title");
  const list2 = h("div");
  const show3 = (near) => loadInto(list2, signal, () => shops(near), shopList, skeleton(6, "row"));
  const ask3 = button(t("shop.near"), { sign: "pin", onclick: () => locate(show3) });
  show3(recall("near") ?? "");
  nearIfGranted(show3);
  return { title, content: [h("h1", {}, title), h("p.lead", {}, t("shop.lead")), ask3, list2] };
}
async function nearIfGranted(show3) {
  const state = await navigator.permissions?.query({ name: "geolocation" }).catch(() => null);
  if (state?.state === "granted" && !recall("near"))
    locate(show3, true);
}
function locate(show3, isQuiet = false) {
  const options = { timeout: POSITION_MS_MAX, maximumAge: 3e5 };
  if (!navigator.geolocation)
    return toast(t("shop.nowhere"), "alert");
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      const near = `${coords.latitude.toFixed(2)},${coords.longitude.toFixed(2)}`;
      keep("near", near);
      show3(near);
      announce(t("shop.sorted"));
    },
    () => !isQuiet && toast(t("shop.nowhere"), "alert"),
    options
  );
}
function shopList(found) {
  const list2 = h("ul.options");
  const render2 = () => fill(
    list2,
    found.map((one) => shopRow(one, render2))
  );
  render2();
  return list2;
}
function shopRow(location3, render2) {
  const isMine = shop()?.location_id === location3.location_id;
  const { street, postcode, city } = location3.address;
  const take = () => {
    chooseShop(location3);
    render2();
    toast(t("shop.chosen", { name: shortName(location3) }));
    if (history.length > 1)
      history.back();
  };
  return h(
    "li",
    {},
    h(
      "button.option",
      { type: "button", "aria-pressed": String(isMine), onclick: take },
      icon("shop"),
      h(
        "span.option-text",
        {},
        h("strong", {}, shortName(location3)),
        h("span.muted", {}, `${street}, ${postcode} ${city}`),
        h("span.muted", {}, openWords(location3))
      ),
      location3.distance_m !== null && location3.distance_m !== void 0 && h("span.option-side", {}, distance(location3.distance_m)),
      isMine && icon("check", "option-check")
    )
  );
}

// services/gateway/web/app/views/sign.js
var PASSWORD_CHARS_MIN = 10;
function signInView({ query }) {
  const fields = {
    email: emailField(),
    password: field({
      name: "password",
      label: t("password"),
      input: { type: "password", autocomplete: "current-password", required: true, maxlength: 256 }
    })
  };
  const content = signForm({
    fields,
    query,
    title: t("sign_in"),
    path: "/v1/sessions",
    other: ["#/sign-up", t("sign.no_account"), t("sign_up")]
  });
  return { title: t("sign_in"), content };
}
function signUpView({ query }) {
  const password = { type: "password", autocomplete: "new-password", required: true, maxlength: 256 };
  const given = { autocomplete: "given-name", required: true, maxlength: 100 };
  const family = { autocomplete: "family-name", maxlength: 100 };
  const fields = {
    given_name: field({ name: "given_name", label: t("given_name"), input: given }),
    family_name: field({ name: "family_name", label: t("family_name"), hint: t("optional"), input: family }),
    email: emailField(),
    password: field({ name: "password", label: t("password"), hint: t("password.hint"), input: password })
  };
  const content = signForm({
    fields,
    query,
    title: t("sign_up"),
    path: "/v1/customers",
    extra: { locale: locale() },
    other: ["#/sign-in", t("sign.have_account"), t("sign_in")]
  });
  return { title: t("sign_up"), content };
}
function emailField() {
  return field({
    name: "email",
    label: t("email"),
    input: { type: "email", inputmode: "email", autocomplete: "username", required: true, maxlength: 254 }
  });
}
function signForm({ fields, query, title, path, extra = {}, other }) {
  const next = query.get("next") ?? "#/account";
  const send_ = button(title, { kind: "primary", type: "submit" });
  const problem = h("p.field-error", { role: "alert" });
  let intent = { content: "", key: "" };
  const failed = (error) => {
    if (!error.passes)
      intent = { content: "", key: "" };
    if (!showErrors(fields, fieldErrors(error)))
      fill(problem, icon("alert"), explained(error));
  };
  const sent = () => {
    const given = Object.fromEntries(Object.entries(fields).map(([name, one]) => [name, typed(name, one.input)]));
    fill(problem);
    if (showErrors(fields, missing(given, "given_name" in fields)))
      return;
    const content = JSON.stringify(given);
    if (intent.content !== content)
      intent = { content, key: newKey() };
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
    const home = await location2(profile.home_location_id).catch(() => null);
    if (home)
      chooseShop(home);
  }
  await merge().catch((error) => toast(explained(error), "alert"));
  go(next.startsWith("#/") ? next : "#/account", { replace: true });
}
function typed(name, { value }) {
  return name === "password" ? value : value.trim();
}
function missing(given, isNew) {
  const found = /* @__PURE__ */ new Map();
  if (!given.email.includes("@"))
    found.set("email", t("email.wrong"));
  if (!given.password)
    found.set("password", t("password.missing"));
  else if (isNew && given.password.length < PASSWORD_CHARS_MIN)
    found.set("password", t("password.hint"));
  if (isNew && !given.given_name)
    found.set("given_name", t("given_name.missing"));
  return found;
}

// services/gateway/web/app/main.js
var RENEWED = /^#\/($|search|c\/|p\/|basket|shop|purchases)/;
var shown = frame(() => RENEWED.test(location.hash || "#/") && router.show({ sameView: true, isStale: true }));
var router = new Router({
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
    ["*", missingView]
  ]
});
onLanguage(shown.render);
onShop(shown.render);
onBasket(shown.render);
session.addEventListener("change", shown.render);
session.addEventListener("elsewhere", () => router.show({ sameView: true }));
session.addEventListener("expired", () => {
  const again = button(t("sign_in"), {
    kind: "quiet",
    onclick: () => go(`#/sign-in?next=${encodeURIComponent(location.hash)}`)
  });
  toast(t("session_expired"), "alert", again);
});
document.getElementById("skip").addEventListener("click", (event) => {
  event.preventDefault();
  document.getElementById("main").focus();
});
router.start();
reload().catch(() => {
});
