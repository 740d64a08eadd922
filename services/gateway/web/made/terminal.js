// Made by `make pages` of terminal/main.js: c1a271b23d242c497133bcc24df0bd47b726032a59b5bbe7930a49a176430bbe

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
  const place = placeOf(held, parent);
  change();
  const next = held.isConnected ? held : heirOf(place, parent);
  if (!next)
    return focusOn(landing(parent));
  focusOn(next);
  if (place.from !== null)
    next.setSelectionRange(place.from, place.to);
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
  const digits = moneyFormat(currency).resolvedOptions().maximumFractionDigits;
  return Number(minor) / 10 ** digits;
}
function unitName(unit) {
  return SHOWN_UNITS[unit.unit]?.[unit.decimals] ?? "";
}
function quantity(quantity2, unit) {
  const shown = number(quantity2 / 10 ** unit.decimals, unit.decimals);
  const name = unitName(unit);
  return name ? `${shown} ${name}` : shown;
}
function number(value, digits = 3) {
  return new Intl.NumberFormat(region(), { maximumFractionDigits: digits }).format(value);
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
function shortDay(instant, timeZone) {
  const words = day(instant, timeZone);
  return [t("today"), t("tomorrow")].includes(words) ? words : dated(instant, { weekday: "short", day: "numeric", month: "short", timeZone });
}
function dayKey(instant, timeZone) {
  return new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeZone }).format(new Date(instant));
}
function dated(instant, options) {
  return new Intl.DateTimeFormat(region(), options).format(new Date(instant));
}

// services/gateway/web/shared/look.js
var LOOKS = ["auto", "light", "dark"];
function look() {
  const kept2 = recall("look");
  return LOOKS.includes(kept2) ? kept2 : "auto";
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
function newDatedKey() {
  const made2 = Date.now().toString(16).padStart(12, "0");
  const [, , , fourth, fifth] = crypto.randomUUID().split("-");
  const random = crypto.randomUUID().slice(0, 3);
  return `${made2.slice(0, 8)}-${made2.slice(8)}-7${random}-${fourth}-${fifth}`;
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
async function busy(pressed, work2, onError = (error) => toast(explained(error), "alert")) {
  if (pressed.getAttribute("aria-disabled") === "true")
    return;
  pressed.setAttribute("aria-disabled", "true");
  pressed.classList.add("is-busy");
  try {
    await work2();
  } catch (error) {
    if (error.name !== "AbortError")
      onError(error);
  } finally {
    pressed.removeAttribute("aria-disabled");
    pressed.classList.remove("is-busy");
  }
}
async function loadInto(host, signal, load, show2, waiting = skeleton(3)) {
  host.setAttribute("aria-busy", "true");
  fill(host, waiting);
  try {
    const value = await load();
    if (!signal.aborted)
      fill(host, show2(value));
  } catch (error) {
    if (signal.aborted)
      return;
    fill(
      host,
      failure(error, () => loadInto(host, signal, load, show2, waiting))
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
function toast(text, sign = "check", action) {
  const place = document.getElementById("toasts");
  const shown = h(`div.toast.toast-${sign}`, {}, icon(sign), h("span", {}, text), action);
  action?.addEventListener("click", () => shown.remove());
  fill(place, shown);
  announce(text);
  leaveLater(shown, action ? OFFER_MS : TOAST_MS);
}
function leaveLater(shown, ms) {
  const leave2 = () => shown.matches(":hover, :focus-within") ? leaveLater(shown, ms) : shown.remove();
  setTimeout(leave2, ms);
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
  const row2 = h("div.choices", { role: "group", "aria-label": label });
  const mark2 = (value) => {
    for (const one of row2.children)
      one.setAttribute("aria-pressed", String(one.value === value));
  };
  const choice = ([value, name]) => {
    const onclick = () => {
      take(value);
      mark2(value);
    };
    return h("button.choice", { type: "button", value, onclick, ...extra(value) }, name);
  };
  row2.append(...Object.entries(names).map(choice));
  mark2(chosen);
  return row2;
}

// services/gateway/web/shared/shell.js
var ASK_AGAIN_MS = 36e5;
async function keepShell(page, host) {
  if (!navigator.serviceWorker)
    return;
  try {
    const kept2 = await navigator.serviceWorker.register(`${page}/worker.js`, { scope: page, updateViaCache: "none" });
    if (kept2.waiting)
      offer(kept2, host);
    kept2.addEventListener("updatefound", () => offerWhenKept(kept2, host));
    setInterval(() => kept2.update().catch(() => {
    }), ASK_AGAIN_MS);
  } catch {
  }
}
function offerWhenKept(kept2, host) {
  const coming = kept2.installing;
  coming?.addEventListener("statechange", () => {
    if (coming.state === "installed" && navigator.serviceWorker.controller)
      offer(kept2, host);
  });
}
function offer(kept2, host) {
  const put2 = () => {
    if (!kept2.waiting)
      return location.reload();
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
    kept2.waiting.postMessage("begin");
  };
  const words = h("span", {}, t("release.new"));
  fill(host, h("p.note", {}, icon("renew", "small"), words, button(t("release.put"), { kind: "quiet", onclick: put2 })));
}

// services/gateway/web/terminal/device.js
var DATABASE = "comptoir-terminal";
var STORE = "device";
var CURVE = { name: "ECDSA", namedCurve: "P-256" };
async function enrolled() {
  const found = await run("readonly", (store) => store.get("enrolment"));
  return found ?? null;
}
async function newDeviceKey() {
  const pair = await crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);
  const point = await crypto.subtle.exportKey("raw", pair.publicKey);
  return { privateKey: pair.privateKey, publicKey: base64Url(point) };
}
async function keepEnrolment(terminal, privateKey) {
  await run("readwrite", (store) => store.put({ terminal, privateKey }, "enrolment"));
}
async function signed(privateKey, challenge) {
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, privateKey, fromBase64Url(challenge));
  return base64Url(signature);
}
function base64Url(buffer) {
  const text = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
function fromBase64Url(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}
async function run(mode, work2) {
  const database = await opened();
  try {
    return await asked(work2(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
  }
}
function opened() {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return asked(request);
}
function asked(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

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
    const known2 = history.state?.key;
    this.#key = known2 ?? crypto.randomUUID();
    if (!known2)
      history.replaceState({ key: this.#key }, "");
    return { isReturn: Boolean(known2), top: this.#places.get(this.#key) ?? 0 };
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
function titleOf(product, sku = "") {
  return h("span", { lang: product?.locale }, product ? tied(product.title) : sku);
}
function unitOf(product) {
  return product?.stock_unit ?? PIECE;
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
    const kept2 = `${this.name}.renewal`;
    const key = recall(kept2) ?? newKey();
    keep(kept2, key);
    for (let left = RETRIES; ; left -= 1) {
      try {
        const renewed = await send(`${this.path}/refresh`, { method: "POST", body: {}, key });
        keep(kept2, null);
        return renewed;
      } catch (error) {
        const passes = error instanceof Problem && error.passes;
        if (error.status && !passes)
          keep(kept2, null);
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

// services/gateway/web/terminal/house.js
var COLLEAGUES_MAX = 6;
var READ_AHEAD_MAX = 40;
var session = new Session({ name: "staff", path: "/v1/staff/sessions" });
var here = { terminal: null, member: null, shop: null };
var intents = /* @__PURE__ */ new Map();
var kept = /* @__PURE__ */ new Map();
async function readShop() {
  const path = `/v1/locations/${encodeURIComponent(here.terminal.location_id)}`;
  here.shop = await send(path).catch(() => here.shop);
}
function colleagues() {
  return recall("colleagues") ?? [];
}
function rememberColleague({ badge, display_name: name }) {
  const others = colleagues().filter((one) => one.badge !== badge);
  keep("colleagues", [{ badge, name }, ...others].slice(0, COLLEAGUES_MAX));
}
function read2(path, options) {
  return sendAs(session, path, options);
}
async function act(orderId, name, body = {}) {
  const path = `/v1/terminal/orders/${encodeURIComponent(orderId)}/${name}`;
  const intent = JSON.stringify([path, body]);
  const key = intents.get(intent) ?? newKey();
  intents.set(intent, key);
  try {
    const order = await sendAs(session, path, { method: "POST", body, key });
    intents.delete(intent);
    return order;
  } catch (error) {
    if (!error.passes && error.reason !== "TOO_SLOW")
      intents.delete(intent);
    throw error;
  }
}
async function readAhead(orders) {
  const skus = new Set(orders.flatMap((order) => order.lines.map((line) => line.sku)));
  const missing = [...skus].filter((sku) => !kept.has(`${sku} ${locale()}`));
  await products(missing.slice(0, READ_AHEAD_MAX));
}
async function products(skus) {
  const name = (sku) => `${sku} ${locale()}`;
  const found = await readProducts(skus, { location_id: here.terminal.location_id }).catch(() => /* @__PURE__ */ new Map());
  for (const [sku, one] of found)
    kept.set(name(sku), one);
  return new Map(skus.filter((sku) => kept.has(name(sku))).map((sku) => [sku, kept.get(name(sku))]));
}
async function shelfNames() {
  const name = `shelves ${locale()}`;
  if (!kept.has(name))
    kept.set(name, send("/v1/categories", { query: { locale: locale(), page_size: 1e3 } }));
  const { categories } = await kept.get(name).catch(() => {
    kept.delete(name);
    return { categories: [] };
  });
  return new Map(categories.map((one) => [one.category_id, one.name]));
}

// services/gateway/web/terminal/outbox.js
var picks = recallHere("picks") ?? {};
var changes3 = new EventTarget();
var sending = null;
function onOutbox(listener, signal) {
  changes3.addEventListener("change", listener, { signal });
}
function pickOf(orderId, line) {
  const unsent = picks[`${orderId}/${line.line_number}`];
  if (unsent)
    return { quantity: unsent.quantity, sent: false };
  return line.found_quantity === null ? null : { quantity: line.found_quantity, sent: true };
}
function unsentCount() {
  return Object.keys(picks).length;
}
async function pick(orderId, lineNumber, quantity2) {
  const name = `${orderId}/${lineNumber}`;
  picks[name] = { quantity: quantity2, key: newDatedKey() };
  changed();
  return sendOne(name);
}
function flush() {
  sending ??= flushed().finally(() => sending = null);
  return sending;
}
async function flushed() {
  const orders = [];
  for (const name of Object.keys(picks)) {
    const order = name in picks ? await sendOne(name).catch(() => null) : null;
    if (order)
      orders.push(order);
  }
  return orders;
}
async function sendOne(name) {
  const { quantity: quantity2, key } = picks[name];
  const [orderId, lineNumber] = name.split("/");
  const body = { line_number: Number(lineNumber), found_quantity: quantity2 };
  try {
    const order = await read2(`/v1/terminal/orders/${encodeURIComponent(orderId)}/picks`, { method: "POST", body, key });
    settle(name, key);
    return order;
  } catch (error) {
    if (error.passes || error.reason === "TOO_SLOW")
      return null;
    settle(name, key);
    throw error;
  } finally {
    changed();
  }
}
function settle(name, key) {
  if (picks[name]?.key === key)
    delete picks[name];
}
function forgetPicks(orderId) {
  picks = Object.fromEntries(Object.entries(picks).filter(([name]) => !name.startsWith(`${orderId}/`)));
  changed();
}
function changed() {
  keepHere("picks", picks);
  changes3.dispatchEvent(new Event("change"));
}

// services/gateway/web/shared/stream.js
var SILENCE_MS = 45e3;
var WAIT_MS_MAX = 15e3;
async function follow(url, { token, signal, onEvent, onLine, isOver = () => false }) {
  const place = { id: "", failures: 0 };
  while (!signal.aborted && !isOver()) {
    try {
      await readOnce(url, { token, signal, onEvent, onLine, place });
    } catch (error) {
      if (signal.aborted)
        return;
      if (isFinal(error))
        throw error;
      if (error.reason === "CURSOR_TOO_OLD")
        place.id = "";
    }
    if (signal.aborted || isOver())
      return;
    onLine(false);
    await pause(Math.min(500 * 2 ** place.failures++, WAIT_MS_MAX), signal);
  }
}
function isFinal(error) {
  if (!(error instanceof Problem))
    return false;
  return [400, 401, 403, 404].includes(error.status);
}
async function readOnce(url, { token, signal, onEvent, onLine, place }) {
  const silence = new AbortController();
  const headers = { ...headersOf({ token: await token() }), Accept: "text/event-stream" };
  if (place.id)
    headers["Last-Event-ID"] = place.id;
  const init = { headers, signal: AbortSignal.any([signal, silence.signal]), cache: "no-store" };
  let watchdog = setTimeout(() => silence.abort(), SILENCE_MS);
  window.addEventListener("offline", () => silence.abort(), { signal: silence.signal });
  try {
    const response = await reach(url, init, signal);
    if (!response.ok)
      throw await problemOf(response);
    onLine(true);
    place.failures = 0;
    for await (const event of eventsOf(response.body, () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => silence.abort(), SILENCE_MS);
    })) {
      if (event.id)
        place.id = event.id;
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

// services/gateway/web/terminal/queue.js
var ENDED = ["collected", "refused", "cancelled", "expired"];
var SOON_MS = 30 * 6e4;
var Queue = class extends EventTarget {
  #orders = /* @__PURE__ */ new Map();
  #announced = false;
  #isWhole = false;
  /** Whether the server is heard right now. */
  isLive = false;
  /** When it was heard last; null before the first time. */
  asOf = null;
  /** Why it is not followed any more; null while it is. */
  problem = null;
  /**
   * @param {string} locationId
   * @param {AbortSignal} signal
   */
  async start(locationId, signal) {
    this.problem = null;
    try {
      await follow(`/v1/terminal/queue/events?location_id=${encodeURIComponent(locationId)}`, {
        token: () => session.token(),
        signal,
        onEvent: (event) => this.#hear(event),
        onLine: (isLive) => this.#line(isLive)
      });
    } catch (error) {
      this.problem = error;
      this.#line(false);
    }
  }
  /** @returns {any[]} Due first. */
  get orders() {
    return [...this.#orders.values()].sort((one, other) => dueMs(one) - dueMs(other));
  }
  /**
   * @param {string} orderId
   * @returns {any} Undefined if it is not in the queue.
   */
  find(orderId) {
    return this.#orders.get(orderId);
  }
  /**
   * Takes an order as an answer gave it, unless a later one is known already.
   * @param {any} order
   */
  take(order) {
    const known2 = this.#orders.get(order.order_id);
    if (known2 && Number(known2.revision) > Number(order.revision))
      return;
    this.#orders.set(order.order_id, order);
    this.#changed();
  }
  /** Leaves out what has ended, but for the one that is looked at. */
  sweep(orderId) {
    for (const [id, order] of this.#orders) {
      if (ENDED.includes(order.state) && id !== orderId)
        this.#orders.delete(id);
    }
    this.#changed();
  }
  #hear({ event, data, id }) {
    if (event === "snapshot") {
      this.#orders.clear();
      this.#isWhole = false;
    }
    if (this.#isWhole)
      this.#tell(data.orders);
    this.#isWhole ||= Boolean(id);
    this.asOf = new Date();
    for (const order of data.orders)
      this.take(order);
    this.#changed();
  }
  // Those that somebody now has to work on, and had not before.
  #tell(orders) {
    const before = ({ order_id: id }) => this.#orders.get(id)?.state ?? "placing";
    const fresh = orders.filter((order) => order.state === "confirmed" && before(order) === "placing");
    if (fresh.length)
      this.dispatchEvent(new CustomEvent("arrival", { detail: fresh }));
  }
  #line(isLive) {
    if (this.isLive && !isLive)
      this.asOf = new Date();
    this.isLive = isLive;
    this.#changed();
  }
  // Many changes in one go are one redraw.
  #changed() {
    if (this.#announced)
      return;
    this.#announced = true;
    queueMicrotask(() => {
      this.#announced = false;
      this.dispatchEvent(new Event("change"));
    });
  }
};
function dueMs(order) {
  return order.slot ? new Date(order.slot.start_time).getTime() : Number.MAX_SAFE_INTEGER;
}
function urgency(order) {
  if (ENDED.includes(order.state))
    return "over";
  if (order.state === "ready")
    return "waiting";
  const left = dueMs(order) - Date.now();
  if (left < 0)
    return "late";
  return left < SOON_MS ? "soon" : "later";
}

// services/gateway/web/terminal/list.js
var FILTERS = {
  todo: (order) => ["confirmed", "picking", "staged", "cancel_pending"].includes(order.state),
  ready: (order) => order.state === "ready",
  all: (order) => !ENDED.includes(order.state)
};
var DAY_MIN = 1440;
function queueList(queue) {
  const chosen = { filter: "todo", label: "" };
  const filters = h("div.filters", { role: "group", "aria-label": t("filter") });
  const find = h("input.input.find", {
    type: "search",
    autocomplete: "off",
    autocapitalize: "characters",
    spellcheck: "false",
    maxlength: 6
  });
  const rows = h("ul.queue");
  const element = h("section.side", { "aria-label": t("queue") }, h("div.side-head", {}, filters, find), rows);
  let at = "";
  function draw(hash = at) {
    if (hash !== at && hash.startsWith("#/orders/"))
      find.value = chosen.label = "";
    at = hash;
    find.placeholder = t("find");
    find.setAttribute("aria-label", t("find"));
    fill(
      filters,
      Object.keys(FILTERS).map((name) => filterButton(name, queue, chosen, () => draw()))
    );
    fill(rows, rowsOf(queue, chosen, at));
  }
  find.addEventListener("input", () => {
    chosen.label = find.value.trim().toUpperCase();
    draw();
  });
  return { element, draw };
}
function filterButton(name, queue, chosen, redraw) {
  const count = queue.orders.filter(FILTERS[name]).length;
  return h(
    "button.choice",
    {
      type: "button",
      "data-key": name,
      "aria-pressed": String(chosen.filter === name),
      onclick: () => {
        chosen.filter = name;
        redraw();
      }
    },
    h("span", {}, t(`filter.${name}`), " ", h("span.choice-count", {}, count))
  );
}
function rowsOf(queue, { filter, label }, at) {
  if (queue.problem)
    return h("li", {}, failure(queue.problem));
  if (!queue.asOf && !queue.orders.length)
    return h("li", {}, skeleton(5, "row"));
  const fits = label ? (order) => order.label.startsWith(label) : FILTERS[filter];
  const found = queue.orders.filter((order) => fits(order) || at === `#/orders/${order.order_id}`);
  if (found.length)
    return found.map((order) => row(order, at));
  return h(
    "li",
    {},
    label ? empty("search", t("find.none", { label }), t("find.none.next")) : empty("check", t(`filter.${filter}.none`), t("filter.none.next"))
  );
}
function row(order, at) {
  const pressing = urgency(order);
  const href = `#/orders/${order.order_id}`;
  const due = h(
    "span.ticket-due",
    {},
    h("strong", {}, order.slot ? clock(order.slot.start_time, zone()) : "–"),
    h("span", {}, dueWords(order, pressing))
  );
  const text = h("span.ticket-text", {}, h("span.ticket-label", {}, order.label), facts(order));
  const state = { href, "aria-current": at === href ? "true" : null };
  return h("li", {}, h(`a.ticket.is-${pressing}`, state, due, text, sideSigns(order)));
}
function facts(order) {
  const where = order.place_label && h("span.place", {}, order.place_label);
  const badge = h(`span.badge.is-${order.state}`, {}, t(`work.${order.state}`));
  return h("span.ticket-facts", {}, badge, where || h("span", {}, t("order.articles", { count: order.lines.length })));
}
function sideSigns(order) {
  const locker = isLocker(order);
  return h(
    "span.ticket-side",
    {},
    h("span.unseen", {}, t(locker ? "at.locker" : "at.counter")),
    icon(locker ? "locker" : "shop"),
    order.payment.state === "due" && [icon("coins"), h("span.unseen", {}, t("pay.due"))]
  );
}
function isLocker({ kind }) {
  return kind === "locker";
}
function zone() {
  return here.shop?.time_zone;
}
function dueWords(order, pressing) {
  if (!order.slot || pressing === "waiting" || pressing === "over")
    return order.slot ? shortDay(order.slot.start_time, zone()) : "";
  const minutes = Math.round((dueMs(order) - Date.now()) / 6e4);
  if (minutes < 0)
    return t("due.late", { time: lasting(-minutes) });
  return minutes < DAY_MIN / 2 ? t("due.in", { time: lasting(minutes) }) : shortDay(order.slot.start_time, zone());
}
function lasting(minutes) {
  const hours = Math.floor(minutes / 60);
  return hours ? `${hours} h ${String(minutes % 60).padStart(2, "0")}` : `${minutes} min`;
}

// services/gateway/web/terminal/next.js
var TO_DO = ["confirmed", "picking", "staged", "cancel_pending"];
function nextButton(queue, but = "") {
  const next = queue.orders.find((order) => TO_DO.includes(order.state) && order.order_id !== but);
  return next ? linkButton(`#/orders/${next.order_id}`, t(but ? "next" : "next.first", { label: next.label }), {
    kind: "primary",
    sign: "forward"
  }) : null;
}

// services/gateway/web/terminal/views/cabinets.js
function cabinetsView({ signal }, queue) {
  const title = t("cabinets");
  const host = h("div.cabinets");
  const query = { location_id: here.terminal.location_id };
  const load = () => read2("/v1/terminal/cabinets", { query, signal });
  loadInto(host, signal, load, panels);
  const follow2 = () => load().then((now) => fill(host, panels(now)), () => {
  });
  queue.addEventListener("change", follow2, { signal });
  return { title, content: [h("h1", { tabindex: "-1" }, title), host] };
}
function panels({ cabinets }) {
  return cabinets.length ? cabinets.map(cabinetPanel) : empty("locker", t("cabinets.none"), t("cabinets.none.next"));
}
function cabinetPanel(cabinet) {
  const seen = cabinet.seen_time ? t("cabinet.seen", { time: clock(cabinet.seen_time, zone()) }) : t("cabinet.never");
  const taken = cabinet.total_count - cabinet.free_count;
  const doors = h(
    "div.doors",
    { "aria-hidden": "true" },
    Array.from({ length: cabinet.total_count }, (_, index) => h(`span.door${index < taken ? ".is-taken" : ""}`))
  );
  return h(
    "section.panel",
    {},
    h(
      "h2",
      {},
      icon("locker"),
      cabinet.cabinet_id,
      h(
        `span.badge.is-${cabinet.online ? "ready" : "late"}`,
        {},
        cabinet.online ? t("cabinet.online") : t("cabinet.offline")
      )
    ),
    !cabinet.online && h("p.missing", {}, seen),
    doors,
    h("p", {}, t("cabinet.room", { free: cabinet.free_count, total: cabinet.total_count })),
    cabinet.to_empty.length > 0 && h("h3", {}, t("cabinet.to_empty")),
    h("ul.to-empty", {}, cabinet.to_empty.map(emptyRow))
  );
}
function emptyRow({ compartment_id: place, order_id: order }) {
  const open = button(t("take_back.do"), {
    sign: "door",
    // Each door its own: drawn anew, the keyboard must not come to stand on another one's.
    "data-key": order,
    "aria-describedby": `place-${order}`,
    onclick: (event) => busy(event.currentTarget, async () => {
      await act(order, "take-back");
      toast(t("take_back.opened"));
    })
  });
  return h("li.empty-row", {}, h("span.place", { id: `place-${order}` }, place), h("a", { href: `#/orders/${order}` }, t("order")), open);
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
    typed: (shown) => Number.isFinite(shown) ? change(Math.round(shown * scale)) : whole.set(whole.value),
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
  const shown = h("span.stepper-box", {}, box, unit && h("span.stepper-unit", { "aria-hidden": "true" }, unit));
  const whole = h("div.stepper", { role: "group", "aria-label": label }, less, shown, more);
  return { whole, box, less, more };
}
function listenToTyping(box, { typed, stepped }) {
  box.addEventListener("focus", () => box.select());
  box.addEventListener("change", () => typed(typedNumber(box.value)));
  box.addEventListener("keydown", (event) => {
    const direction = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!direction)
      return;
    event.preventDefault();
    stepped(direction);
  });
}

// services/gateway/web/terminal/views/device.js
function deviceView() {
  const { member, terminal, shop } = here;
  const roles = member.roles.map((role) => t(`role.${role}`)).join(", ");
  const leads = member.roles.some((role) => role === "manager" || role === "operator");
  const out = button(t("sign_out"), {
    kind: "primary",
    sign: "leave",
    onclick: (event) => busy(event.currentTarget, () => session.close())
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
        out
      ),
      h("section.panel", {}, h("h2", {}, t("language")), languageSwitch()),
      h("section.panel", {}, h("h2", {}, t("look")), lookSwitch()),
      leads && codePanel()
    )
  };
}
function codePanel() {
  const label = field({ name: "label", label: t("enrol.label"), input: { maxlength: 100 } });
  const shown = h("div", { role: "status" });
  const make = button(t("enrol.make"), { type: "submit" });
  const sent = () => {
    const wanted = label.input.value.trim();
    label.fail(wanted ? "" : t("enrol.label.missing"));
    if (wanted)
      busy(make, () => showCode(shown, wanted));
    else
      label.input.focus();
  };
  return h("section.panel", {}, h("h2", {}, t("enrol.other")), form("form.form", sent, label, make), shown);
}
async function showCode(shown, label) {
  const body = { location_id: here.terminal.location_id, label };
  const made2 = await read2("/v1/terminal/enrolment-codes", { method: "POST", body, key: newKey() });
  const until = t("enrol.until", { time: clock(made2.expire_time) });
  fill(shown, h("p.new-code", {}, made2.code), h("p.muted", {}, until));
}

// services/gateway/web/terminal/views/details.js
var OPTIONS_MAX = 20;
var OTHERS_MAX = 6;
var TERMS = ["on_hand", "held", "safety", "available"];
function details(one, signal) {
  const others = h("div.others", {}, skeleton(2, "row"));
  showOthers(others, one, signal);
  const price = one.price ? money(one.price.amount) : t("price.unknown");
  return ask({
    title: titleOf(one),
    body: [
      h("p.muted", {}, `${one.brand} · ${one.sku} · ${price}`),
      one.availability && terms(one),
      facts2(one),
      others
    ],
    actions: (close) => button(t("back"), { kind: "primary", onclick: () => close(null) })
  });
}
function terms({ availability, stock_unit: unit }) {
  const rows = TERMS.map((name) => {
    const count = availability[`${name}_quantity`];
    return h("div", {}, h("dt", {}, t(`stock.${name}.term`)), h("dd", {}, quantity(count, unit)));
  });
  return h("dl.terms", {}, rows);
}
function facts2(one) {
  const rows = one.facts.map((fact) => h("div", {}, h("dt", {}, fact.name), h("dd", {}, factText(fact))));
  return h("details.more-facts", {}, h("summary", {}, t("product.facts")), h("dl", {}, rows));
}
function factText({ value, unit }) {
  if (typeof value === "boolean")
    return t(value ? "yes" : "no");
  if (typeof value !== "number")
    return value || t("unknown");
  return unit.startsWith("/") ? `${number(value)}${unit}` : `${number(value)} ${unit}`;
}
async function showOthers(host, one, signal) {
  try {
    const there = await elsewhere(one, signal);
    const list = there.length ? h("ul", {}, there.map(otherShop)) : h("p.muted", {}, t("stock.nowhere"));
    fill(host, h("h3", {}, t("stock.elsewhere")), list);
  } catch (error) {
    if (!signal.aborted)
      fill(host, failure(error));
  }
}
async function elsewhere(one, signal) {
  const where = here.shop?.coordinates;
  const near = where ? `${where.latitude},${where.longitude}` : "";
  const body = { lines: [{ sku: one.sku, quantity: one.stock_unit.step }], near, page_size: OPTIONS_MAX };
  const { options } = await send("/v1/pickup-options", { method: "POST", body, key: newKey(), signal });
  const isOther = (option) => option.available && option.kind === "counter" && option.location_id !== here.terminal.location_id;
  const there = options.filter(isOther).slice(0, OTHERS_MAX);
  return Promise.all(
    there.map(async (option) => {
      const place = await send(`/v1/locations/${encodeURIComponent(option.location_id)}`, { signal });
      return { name: place.name, distance_m: option.distance_m };
    })
  );
}
function otherShop({ name, distance_m: metres }) {
  return h("li.other", {}, icon("shop", "small"), name, metres > 0 && h("span.muted", {}, distance(metres)));
}

// services/gateway/web/terminal/views/lookup.js
var TYPING_MS = 300;
var FOUND_MAX = 30;
function lookUpView({ signal }) {
  const title = t("lookup");
  const rows = h("div.lookup-rows", {}, empty("search", t("lookup.title"), t("lookup.text")));
  const box = h("input.input", {
    type: "search",
    autocomplete: "off",
    enterkeyhint: "search",
    maxlength: 200,
    "aria-label": t("search.label"),
    placeholder: t("lookup.placeholder")
  });
  let timer = 0;
  let before = new AbortController();
  box.addEventListener("input", () => {
    clearTimeout(timer);
    before.abort();
    before = new AbortController();
    const current2 = AbortSignal.any([signal, before.signal]);
    timer = setTimeout(() => look2(rows, box.value.trim(), current2), TYPING_MS);
  });
  return { title, content: h("div.lookup", {}, h("h1", { tabindex: "-1" }, title), box, rows) };
}
async function look2(rows, words, signal) {
  if (!words)
    return fill(rows, empty("search", t("lookup.title"), t("lookup.text")));
  fill(rows, skeleton(4, "row"));
  try {
    const query = { q: words, location_id: here.terminal.location_id, locale: locale(), page_size: FOUND_MAX };
    const { products: products2 } = await send("/v1/products", { query, signal });
    fill(
      rows,
      products2.length ? h(
        "ul.found",
        {},
        products2.map((one) => foundRow(one, signal))
      ) : empty("search", t("search.none", { words }), t("search.none.next"))
    );
  } catch (error) {
    if (!signal.aborted)
      fill(
        rows,
        failure(error, () => look2(rows, words, signal))
      );
  }
}
function foundRow(one, signal) {
  return h(
    "li",
    {},
    h(
      "button.found-row",
      { type: "button", onclick: () => details(one, signal) },
      picture(one.picture_urls[0]),
      h("span.plain-title", {}, titleOf(one), h("span.muted.small", {}, `${one.brand} · ${one.sku}`)),
      stockWords(one),
      priceTag(one.price, one.stock_unit)
    )
  );
}
function stockWords({ availability, stock_unit: unit }) {
  if (!availability)
    return h("span.stock.stock-unknown", {}, t("stock.unknown"));
  const left = availability.available_quantity;
  if (left < unit.step)
    return h("span.stock.stock-none", {}, t("stock.none"));
  return h("span.stock.stock-some", {}, t("stock.some", { quantity: quantity(left, unit) }));
}

// services/gateway/web/terminal/scanner.js
var LOOK_MS = 150;
function canScan() {
  return "BarcodeDetector" in window && Boolean(navigator.mediaDevices?.getUserMedia);
}
async function scanCode(signal) {
  const video = h("video.camera", { autoplay: true, muted: true, playsinline: true, "aria-label": t("scan.camera") });
  let stream = null;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch {
    toast(t("scan.refused"), "alert");
    return null;
  }
  video.srcObject = stream;
  const stop = () => stream.getTracks().forEach((track) => track.stop());
  signal.addEventListener("abort", stop);
  const closed = new AbortController();
  try {
    return await ask({
      title: t("scan.hold"),
      body: video,
      actions: (close) => {
        look3(video, closed.signal).then((text) => text && close(text));
        return button(t("back"), { onclick: () => close(null) });
      }
    });
  } finally {
    closed.abort();
    stop();
  }
}
async function look3(video, signal) {
  const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
  while (!signal.aborted) {
    const [seen] = await detector.detect(video).catch(() => []);
    if (seen)
      return seen.rawValue;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return null;
}

// services/gateway/web/terminal/keypad.js
function keypad(input) {
  const type = (change) => {
    input.value = change(input.value).slice(0, input.maxLength > 0 ? input.maxLength : void 0);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const key = (digit) => h("button.key", { type: "button", onclick: () => type((value) => value + digit) }, digit);
  return h(
    "div.keypad",
    { role: "group", "aria-label": t("keypad") },
    "123456789".split("").map(key),
    h(
      "button.key.key-quiet",
      { type: "button", "aria-label": t("keypad.clear"), onclick: () => type(() => "") },
      icon("cross")
    ),
    key("0"),
    h(
      "button.key.key-quiet",
      { type: "button", "aria-label": t("keypad.erase"), onclick: () => type((value) => value.slice(0, -1)) },
      icon("erase")
    )
  );
}

// services/gateway/web/terminal/views/lines.js
function lineRows(order, found) {
  return h(
    "ul.plain-lines",
    {},
    order.lines.map((line) => {
      const product = found.get(line.sku);
      const unit = unitOf(product);
      const isLookedFor = line.found_quantity !== null;
      const missing = isLookedFor && line.found_quantity < line.quantity;
      return h(
        "li.plain-line",
        {},
        picture(product?.picture_urls[0]),
        h("span.plain-title", {}, titleOf(product, line.sku), h("span.muted.small", {}, line.sku)),
        !isLookedFor && h("span.muted.small", {}, t("line.not_looked_for")),
        missing && h(
          "span.missing",
          {},
          line.found_quantity ? t("line.found", { quantity: quantity(line.found_quantity, unit) }) : t("line.not_found")
        ),
        h("strong.plain-count", {}, quantity(isLookedFor ? line.found_quantity : line.quantity, unit))
      );
    })
  );
}

// services/gateway/web/terminal/views/handover.js
var DIGITS = 8;
function handOver({ order, found, code, page, take, signal }) {
  const isDue = order.payment.state === "due";
  const state = page.atCounter;
  const problem = h("p.field-error", { role: "alert" });
  const isScanned = Boolean(code) || state.code.length > DIGITS;
  const box = codeBox(isScanned ? "" : state.code);
  const isComplete = () => (state.isPaid || !isDue) && state.code.length >= DIGITS;
  const give2 = button(t("hand_over.do"), { kind: "primary", sign: "hand", onclick: () => send2() });
  const ready = () => give2.setAttribute("aria-disabled", String(!isComplete()));
  const failed = (error) => {
    box.value = state.code = "";
    fill(problem, icon("alert"), explained(error));
    box.focus();
  };
  const done = async () => take(await act(order.order_id, "hand-over", { code: state.code, paid_at_counter: isDue }));
  const send2 = () => busy(give2, done, failed).finally(ready);
  const got = (text) => {
    state.code = text;
    fill(problem);
    ready();
    if (isComplete())
      send2();
    else if (text.length >= DIGITS)
      fill(problem, icon("alert"), explained(new Problem({ reason: "PAYMENT_DUE" })));
  };
  onDigits(box, got);
  ready();
  if (code)
    queueMicrotask(() => got(code));
  const paid = () => {
    fill(problem);
    ready();
  };
  const due = isDue && duePanel(order, state, paid);
  return [
    counter({ order, found, due, isScanned, box, problem, scan: scanButton(got, signal) }),
    h("div.job-actions", {}, give2)
  ];
}
function onDigits(box, got) {
  box.addEventListener("input", () => {
    box.value = box.value.replace(/\D/g, "");
    got(box.value);
  });
}
function codeBox(typed) {
  const typing = { type: "text", inputmode: "none", autocomplete: "off", maxlength: DIGITS };
  const words = { "aria-label": t("code"), placeholder: "– – – –  – – – –" };
  return h("input.input.code-input", { name: "code", value: typed, ...typing, ...words });
}
function counter({ order, found, due, isScanned, box, problem, scan }) {
  const scanned = isScanned && h("p.scanned", {}, icon("check", "small"), t("scan.done"));
  const title = h("h2", { "data-lands": true }, t("hand_over.title", { place: order.place_label }));
  return h(
    "section.job-body.counter",
    {},
    h("div.counter-what", {}, title, lineRows(order, found), due),
    h("div.counter-code", {}, h("h2", {}, t("hand_over.code")), scanned, box, problem, keypad(box), scan)
  );
}
function duePanel(order, state, changed2) {
  const toggle = h(
    "button.due-toggle",
    {
      type: "button",
      "aria-pressed": String(state.isPaid),
      onclick: () => {
        state.isPaid = !state.isPaid;
        toggle.setAttribute("aria-pressed", String(state.isPaid));
        changed2();
      }
    },
    h("span.due-box", {}, icon("check")),
    t("due.paid")
  );
  return h("div.due", {}, h("p", {}, t("due.take"), h("strong.due-sum", {}, money(order.total))), toggle);
}
function scanButton(scanned, signal) {
  if (!canScan())
    return null;
  return button(t("scan"), {
    sign: "camera",
    onclick: async () => {
      const text = await scanCode(signal);
      if (text)
        scanned(text);
    }
  });
}

// services/gateway/web/terminal/views/staging.js
var BIN_CHARS_MAX = 32;
var BINS_KEPT_MAX = 6;
function stageForm({ order, take, page }) {
  const bins = recall("bins") ?? [];
  const box = binBox(page);
  const done = button(t("stage.do"), { kind: "primary", sign: "bin", type: "submit" });
  const staged = async (label) => {
    const after = await act(order.order_id, "stage", { bin_label: label });
    keep("bins", [label, ...bins.filter((one) => one !== label)].slice(0, BINS_KEPT_MAX));
    forgetPicks(order.order_id);
    take(after);
  };
  const sent = () => {
    const label = box.value.trim();
    if (label)
      return busy(done, () => staged(label));
    toast(explained(new Problem({ reason: "INVALID_BIN" })), "alert");
    box.focus();
  };
  const chip = (label) => {
    const choose = () => {
      box.value = page.bin = label;
      done.focus();
    };
    return h("button.chip", { type: "button", onclick: choose }, label);
  };
  const title = h("h2.stage-title", { "data-lands": true }, t("stage.title"));
  return form("form.stage", sent, title, h("div.bins", {}, box, bins.map(chip)), done);
}
function binBox(page) {
  const typing = { type: "text", autocomplete: "off", autocapitalize: "characters", maxlength: BIN_CHARS_MAX };
  const box = h("input.input.bin-input", {
    name: "bin",
    "aria-label": t("bin"),
    placeholder: t("bin"),
    value: page.bin,
    ...typing
  });
  box.addEventListener("input", () => page.bin = box.value);
  return box;
}

// services/gateway/web/terminal/views/picking.js
function picking(context) {
  const { page } = context;
  const body = h("section.job-body.picking");
  const actions = h("div.job-actions");
  if (page.line === void 0)
    page.line = nextLine(context.order, 0);
  const draw = () => {
    const { order } = context;
    const line = order.lines.find((one) => one.line_number === page.line);
    const rows = order.lines.map((one) => lineRow(one, line, context, goTo));
    fill(body, h("p.pick-progress", {}, progress(order)), h("ul.picks", {}, rows));
    fill(actions, line ? pickButtons(line, context, picked) : stageForm(context));
  };
  const choose = (number2) => {
    page.line = number2;
    draw();
    const card = body.querySelector(".pick-card");
    card?.scrollIntoView({ block: "nearest" });
    return card;
  };
  const goTo = (number2) => focusOn(choose(number2).querySelector("h2"));
  const picked = async (line, count) => {
    const sending2 = pick(context.order.order_id, line.line_number, count);
    choose(nextLine(context.order, line.line_number));
    announce(soFar(context, page.line));
    await recorded(sending2, context).catch((error) => {
      choose(line.line_number);
      toast(explained(error), "alert");
    });
  };
  draw();
  return [body, actions];
}
async function recorded(sending2, context) {
  const after = await sending2;
  if (!after)
    return toast(t("pick.kept"), "alert");
  context.order = after;
  context.take(after);
}
function progress(order) {
  const done = order.lines.filter((line) => pickOf(order.order_id, line)).length;
  return t("pick.progress", { count: done, total: order.lines.length });
}
function soFar({ order, found }, next) {
  const line = order.lines.find((one) => one.line_number === next);
  if (!line)
    return progress(order);
  const product = found.get(line.sku);
  const count = quantity(line.quantity, unitOf(product));
  return `${progress(order)} ${t("pick.next", { quantity: count, title: product?.title ?? line.sku })}`;
}
function lineRow(one, current2, context, choose) {
  return one === current2 ? currentLine(one, context) : restLine(one, context, () => choose(one.line_number));
}
function nextLine(order, after) {
  const open = order.lines.filter((line) => !pickOf(order.order_id, line)).map((line) => line.line_number);
  return open.find((number2) => number2 > after) ?? open[0] ?? null;
}
function currentLine(line, { order, found }) {
  const product = found.get(line.sku);
  const unit = unitOf(product);
  const before = pickOf(order.order_id, line);
  const stock = product?.availability;
  const there = stock && ` · ${t("stock.on_hand", { quantity: quantity(stock.on_hand_quantity, unit) })}`;
  return h(
    "li.pick-card",
    { "aria-current": "true" },
    h("div.pick-picture", {}, picture(product?.picture_urls[0])),
    h(
      "div.pick-text",
      {},
      h("p.brand", {}, product?.brand ?? ""),
      h("h2", { tabindex: "-1" }, titleOf(product, line.sku)),
      product && shelf(product),
      h("p.muted", {}, line.sku, there),
      before && h("p.missing", {}, t("line.found", { quantity: quantity(before.quantity, unit) }))
    ),
    h("p.pick-count", {}, h("span.unseen", {}, t("quantity")), quantity(line.quantity, unit))
  );
}
function shelf(product) {
  const words = h("span", {}, " ");
  shelfNames().then((names) => {
    words.textContent = product.category_path.map((id) => names.get(id) ?? id).join(" › ");
  });
  return h("p.pick-where", {}, icon("pin", "small"), words);
}
function restLine(line, { order, found }, choose) {
  const product = found.get(line.sku);
  const unit = unitOf(product);
  const before = pickOf(order.order_id, line);
  const status = before && (before.quantity >= line.quantity ? "all" : before.quantity ? "part" : "none");
  return h(
    "li",
    {},
    h(
      `button.pick-row${status ? `.is-${status}` : ""}`,
      { type: "button", onclick: choose },
      h("span.pick-sign", {}, status && icon(status === "none" ? "cross" : "check")),
      h("span.pick-title", {}, titleOf(product, line.sku)),
      before && !before.sent && h("span.missing", {}, icon("cloud", "small"), t("pick.unsent")),
      status === "part" && h("span.missing", {}, t("line.found", { quantity: quantity(before.quantity, unit) })),
      status === "none" && h("span.missing", {}, t("line.not_found")),
      h("strong", {}, quantity(line.quantity, unit))
    )
  );
}
function pickButtons(line, { found }, picked) {
  const unit = unitOf(found.get(line.sku));
  return [
    button(t("pick.none"), { sign: "cross", "data-key": "none", onclick: () => picked(line, 0) }),
    line.quantity > unit.step && button(t("pick.other"), {
      "data-key": "other",
      onclick: async () => {
        const count = await askCount(line, unit);
        if (count !== null)
          picked(line, count);
      }
    }),
    button(t("pick.all", { quantity: quantity(line.quantity, unit) }), {
      kind: "primary",
      sign: "check",
      "data-key": "all",
      onclick: () => picked(line, line.quantity)
    })
  ];
}
function askCount(line, unit) {
  const count = stepper({
    value: line.quantity - unit.step,
    unit,
    min: 0,
    max: line.quantity,
    label: t("pick.how_many"),
    onchange: () => {
    }
  });
  return ask({
    title: t("pick.how_many"),
    body: count,
    actions: (close) => [
      button(t("back"), { kind: "quiet", onclick: () => close(null) }),
      button(t("pick.take"), { kind: "primary", onclick: () => close(count.value) })
    ]
  });
}

// services/gateway/web/terminal/views/order.js
var CAUSES = ["CUSTOMER_WISH", "NOT_FOUND", "DAMAGED", "MISTAKE"];
var CAUSE_CHARS_MAX = 200;
function orderView({ params, query, signal }, queue) {
  const host = h("article.job");
  const page = {
    found: /* @__PURE__ */ new Map(),
    code: query.get("code") ?? "",
    drawn: "",
    customer: "",
    line: void 0,
    bin: "",
    isOpened: false,
    atCounter: { isPaid: false, code: "" }
  };
  loadInto(
    host,
    signal,
    () => known(params.order, queue, page),
    (order) => job(order, queue, page, signal),
    skeleton(3, "card")
  );
  queue.addEventListener(
    "change",
    () => {
      const order = queue.find(params.order);
      if (!order || !page.drawn || page.drawn === stamp(order))
        return;
      fill(host, job(order, queue, page, signal));
    },
    { signal }
  );
  return { title: t("order"), content: host };
}
async function known(id, queue, page) {
  const order = queue.find(id) ?? await read2(`/v1/terminal/orders/${encodeURIComponent(id)}`);
  page.found = await products(order.lines.map((line) => line.sku));
  return queue.find(id) ?? order;
}
function stamp(order) {
  return `${order.revision} ${order.state}`;
}
function job(order, queue, page, signal) {
  page.drawn = stamp(order);
  document.title = `${order.label} · Comptoir`;
  const context = { order, found: page.found, code: page.code, page, signal, take: (next) => queue.take(next) };
  page.code = "";
  return [head(order, page), work(context, queue), !ENDED.includes(order.state) && tools(context)];
}
function work(context, queue) {
  const { order } = context;
  if (order.state === "confirmed" || order.state === "picking")
    return picking(context);
  if (order.state === "staged")
    return isLocker(order) ? loading(context) : settled(context, "staged", queue);
  if (order.state === "ready")
    return isLocker(order) ? settled(context, "ready_locker", queue) : handOver(context);
  if (order.state === "cancel_pending")
    return takingBack(context);
  return settled(context, order.state, queue);
}
function head(order, page) {
  const pressing = urgency(order);
  const when = order.slot && `${day(order.slot.start_time, zone())}, ${clock(order.slot.start_time, zone())}`;
  return h(
    `header.job-head.is-${pressing}`,
    {},
    h("a.job-back", { href: "#/", "aria-label": t("queue") }, icon("back")),
    h("h1", { tabindex: "-1" }, order.label),
    h("span.job-state", {}, h(`span.badge.is-${order.state}`, {}, t(`work.${order.state}`)), customer(order, page)),
    h(
      "span.job-facts",
      {},
      icon(isLocker(order) ? "locker" : "shop", "small"),
      t(isLocker(order) ? "at.locker" : "at.counter"),
      when && ` · ${when}`,
      order.place_label && [" · ", h("span.place", {}, order.place_label)]
    ),
    h("span.job-total", {}, order.total && amountParts(order.total), h("span.muted", {}, payWords(order)))
  );
}
function payWords({ payment }) {
  return t(["due", "voided"].includes(payment.state) ? `pay.${payment.state}` : `pay.${payment.method}.staff`);
}
function tools({ order, take }) {
  return h(
    "footer.job-tools",
    {},
    order.state !== "cancel_pending" && button(t("cancel"), { kind: "quiet", onclick: (event) => cancel(order, event.currentTarget, take) })
  );
}
function customer(order, page) {
  const who = h("span.who");
  const show2 = () => fill(who, h("strong", {}, page.customer), h("span.muted.small", {}, t("customer.logged")));
  if (page.customer)
    show2();
  else if (order.customer_id)
    fill(
      who,
      button(t("customer.who"), {
        kind: "quiet",
        sign: "person",
        onclick: (event) => busy(event.currentTarget, async () => {
          const profile = await read2(`/v1/terminal/customers/${encodeURIComponent(order.customer_id)}`);
          page.customer = `${profile.given_name} ${profile.family_name}`.trim();
          show2();
          announce(page.customer);
        })
      })
    );
  return who;
}
async function cancel(order, pressed, take) {
  const cause = await ask({
    title: t("cancel.title", { label: order.label }),
    body: [],
    actions: (close) => {
      const other = h("input.input", {
        type: "text",
        maxlength: CAUSE_CHARS_MAX,
        "aria-label": t("cause.other"),
        placeholder: t("cause.other")
      });
      return h(
        "div.causes",
        {},
        CAUSES.map((name) => button(t(`cause.staff.${name}`), { onclick: () => close(name) })),
        h(
          "div.cause-other",
          {},
          other,
          button(t("cancel.do"), {
            kind: "danger",
            onclick: () => other.value.trim() ? close(other.value.trim()) : other.focus()
          })
        ),
        button(t("cancel.keep"), { kind: "quiet", onclick: () => close(null) })
      );
    }
  });
  if (cause)
    await busy(pressed, async () => take(await act(order.order_id, "cancel", { cause })));
}
function loading({ order, found, take, page }) {
  const waits = h("div", {}, page.isOpened && openDoor());
  const opened2 = async () => {
    const after = await act(order.order_id, "load");
    page.isOpened = true;
    fill(waits, openDoor());
    take(after);
  };
  const failed = (error) => fill(waits, failure(error));
  const open = button(t("load.do"), {
    kind: "primary",
    sign: "door",
    onclick: (event) => busy(event.currentTarget, opened2, failed)
  });
  const words = [h("h2", { "data-lands": true }, t("load.title")), h("p.lead", {}, t("load.text", { bin: order.place_label }))];
  return [h("section.job-body", {}, words, waits, lineRows(order, found)), h("div.job-actions", {}, open)];
}
function openDoor() {
  const words = h("div", {}, h("strong", {}, t("load.wait")), h("p", {}, t("load.wait.text")));
  return h("div.waits", { role: "status" }, h("span.pulse", {}, icon("door")), words);
}
function takingBack({ order, found, take }) {
  const open = button(t("take_back.do"), {
    kind: "primary",
    sign: "door",
    onclick: (event) => busy(event.currentTarget, async () => {
      take(await act(order.order_id, "take-back"));
      toast(t("take_back.opened"));
    })
  });
  return [
    h(
      "section.job-body",
      {},
      h("h2", { "data-lands": true }, t("take_back.title")),
      h("p.lead", {}, t("take_back.text", { place: order.place_label })),
      lineRows(order, found)
    ),
    h("div.job-actions", {}, open)
  ];
}
function settled({ order, found }, name, queue) {
  const signs = { collected: "check", ready_locker: "locker", staged: "clock" };
  const values = { place: order.place_label, total: order.total ? money(order.total) : "" };
  const next = nextButton(queue, order.order_id);
  return [
    h(
      "section.job-body",
      {},
      h(
        `div.settled.is-${name}`,
        {},
        icon(signs[name] ?? "cross"),
        h(
          "div",
          {},
          h("h2", { "data-lands": true }, t(`settled.${name}`, values)),
          h("p", {}, t(`settled.${name}.text`, values))
        )
      ),
      lineRows(order, found)
    ),
    next && h("div.job-actions", {}, next)
  ];
}

// services/gateway/web/terminal/views/scan.js
var ORDER_CODE = /^comptoir-order ([0-9a-f-]{36}) /;
function scanView({ signal }) {
  const title = t("scan");
  const scan = async () => {
    const text = await scanCode(signal);
    if (!text)
      return;
    const [, order] = ORDER_CODE.exec(text) ?? [];
    if (order)
      go(`#/orders/${order}?code=${encodeURIComponent(text)}`, { replace: true });
    else
      toast(t("scan.other"), "alert");
  };
  const body = canScan() ? empty(
    "camera",
    t("scan.title"),
    t("scan.text"),
    button(t("scan.start"), { kind: "primary", sign: "camera", onclick: scan })
  ) : empty("camera", t("scan.cannot"), t("scan.cannot.text"));
  return { title, content: [h("h1.unseen", { tabindex: "-1" }, title), body] };
}

// services/gateway/web/terminal/floor.js
var TICK_MS = 2e4;
function openFloor(host, signal) {
  const queue = new Queue();
  const list = queueList(queue);
  const bar = h("header.bar");
  const line = h("div.line-bar", { role: "status" });
  const panel = h("main.work", { id: "work", tabindex: "-1" });
  const skip = h("button.skip", { type: "button", onclick: () => focusOnView(panel) });
  fill(host, skip, bar, line, h("div.split", {}, list.element, panel));
  let hash = "";
  const draw = () => {
    fill(skip, t("skip"));
    fill(bar, barContent(hash));
    fill(line, lineWords(queue));
    list.draw(hash);
  };
  const visit = (next) => {
    hash = next;
    host.dataset.at = next === "#/" ? "queue" : "work";
    queue.sweep(next.split("/")[2]);
    draw();
  };
  redrawOn(queue, draw, signal);
  sendWhenLive(queue);
  readAheadOf(queue);
  queue.addEventListener("arrival", ({ detail }) => announce(arrivalWords(detail)));
  new Router({ main: panel, brand: "Comptoir", routes: routesOf(queue), onVisit: visit }).start(signal);
  queue.start(here.terminal.location_id, signal);
}
function redrawOn(queue, draw, signal) {
  queue.addEventListener("change", draw);
  onOutbox(draw, signal);
  onLanguage(draw, signal);
  const tick = setInterval(draw, TICK_MS);
  signal.addEventListener("abort", () => clearInterval(tick));
}
function readAheadOf(queue) {
  let reading = null;
  queue.addEventListener("change", () => {
    if (queue.isLive)
      reading ??= readAhead(queue.orders).finally(() => reading = null);
  });
}
function sendWhenLive(queue) {
  queue.addEventListener("change", async () => {
    if (!queue.isLive || !unsentCount())
      return;
    for (const order of await flush())
      queue.take(order);
  });
}
function arrivalWords(orders) {
  return t("queue.new", { count: orders.length, labels: orders.map(({ label }) => label).join(", ") });
}
function routesOf(queue) {
  return [
    ["/orders/:order", (visit) => orderView(visit, queue)],
    ["/scan", scanView],
    ["/products", lookUpView],
    ["/cabinets", (visit) => cabinetsView(visit, queue)],
    ["/device", deviceView],
    ["*", (visit) => ({ title: t("queue"), content: restPanel(queue, visit.signal) })]
  ];
}
function restPanel(queue, signal) {
  const action = h("div");
  const draw = () => fill(action, nextButton(queue));
  queue.addEventListener("change", draw, { signal });
  draw();
  return h(
    "div.rest",
    {},
    icon("list"),
    h("h1", { tabindex: "-1" }, t("rest.title")),
    h("p.muted", {}, t("rest.text")),
    action
  );
}
function barContent(hash) {
  const place = here.shop?.name.replace(/^Fargue\s+/, "") ?? here.terminal.location_id;
  const isQueue = hash === "#/" || hash.startsWith("#/orders");
  return [
    h(
      "p.bar-place",
      {},
      h("img", { src: "/pictures/logo.svg", alt: "", width: 30, height: 30 }),
      h("span", {}, h("strong", {}, place), h("span.bar-label", {}, here.terminal.label))
    ),
    h(
      "nav.bar-links",
      { "aria-label": t("tabs") },
      barLink("#/", "list", t("queue"), isQueue),
      barLink("#/scan", "camera", t("scan"), hash.startsWith("#/scan")),
      barLink("#/products", "search", t("lookup"), hash.startsWith("#/products")),
      barLink("#/cabinets", "locker", t("cabinets"), hash.startsWith("#/cabinets"))
    ),
    barLink("#/device", "person", here.member.display_name, hash.startsWith("#/device"), "a.bar-who")
  ];
}
function barLink(href, sign, label, isHere, selector = "a.bar-link") {
  return h(selector, { href, "aria-current": isHere ? "page" : null }, icon(sign), h("span", {}, label));
}
function lineWords(queue) {
  const unsent = unsentCount();
  if (queue.isLive && !unsent)
    return null;
  const since = queue.asOf ? t("line.as_of", { time: clock(queue.asOf) }) : t("line.never");
  return h(
    "p.line-words",
    {},
    icon("cloud", "small"),
    h("span", {}, queue.isLive ? "" : since, unsent > 0 && ` ${t("line.unsent", { count: unsent })}`)
  );
}

// services/gateway/web/terminal/views/enrol.js
var CODE_CHARS_MAX = 16;
function enrolView(onEnrolled) {
  const code = codeField();
  const send_ = button(t("enrol.do"), { kind: "primary", type: "submit" });
  let intent = null;
  const failed = (error) => {
    if (!error.passes)
      intent = null;
    code.fail(explained(error));
    code.input.focus();
  };
  const made2 = async (typed) => {
    if (intent?.code !== typed)
      intent = { code: typed, id: newKey(), ...await newDeviceKey() };
    await enrol(intent);
    onEnrolled();
  };
  const sent = () => {
    const typed = code.input.value.toUpperCase().replace(/[\s-]/g, "");
    code.fail(typed ? "" : t("enrol.missing"));
    if (typed)
      busy(send_, () => made2(typed), failed);
    else
      code.input.focus();
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
function mark() {
  return h(
    "p.gate-mark",
    {},
    h("img", { src: "/pictures/logo.svg", alt: "", width: 44, height: 44 }),
    h("span", {}, "Fargue")
  );
}

// services/gateway/web/terminal/views/sign.js
var PIN_DIGITS_MIN = 6;
var PIN_DIGITS_MAX = 12;
function signView(device, onSignedIn, notice = "") {
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
    if (!typed)
      return badge.input.focus();
    if (pin.value.length < PIN_DIGITS_MIN)
      return failed(t("pin.short"));
    busy(
      enter,
      () => signIn(device, typed, pin.value).then(onSignedIn),
      (error) => failed(explained(error))
    );
  };
  const title = [h("h1", { tabindex: "-1" }, t("sign.staff")), h("p.muted", {}, device.terminal.label)];
  const who = h("div.sign-who", {}, mark(), title, badge, recent(badge.input, pin), languageSwitch());
  const label = h("p.field-label", { "aria-hidden": "true" }, t("pin"));
  const proof = h("div.sign-pin", {}, label, pin, keypad(pin), problem, enter);
  return h("main.gate", {}, form("form.sign-grid", sent, who, proof));
}
function recent(badge, pin) {
  const known2 = colleagues();
  if (!known2.length)
    return null;
  return h(
    "div.recent",
    { role: "group", "aria-label": t("sign.recent") },
    known2.map(
      (one) => h(
        "button.chip",
        {
          type: "button",
          onclick: () => {
            badge.value = one.badge;
            pin.focus();
          }
        },
        one.name
      )
    )
  );
}
async function signIn({ terminal, privateKey }, badge, pin) {
  const { challenge } = await send(`/v1/terminals/${encodeURIComponent(terminal.terminal_id)}/challenges`, {
    method: "POST",
    body: {},
    key: newKey()
  });
  const signature = await signed(privateKey, challenge);
  const body = { terminal_id: terminal.terminal_id, challenge, signature, badge, pin };
  const opened2 = await send("/v1/staff/sessions", { method: "POST", body, key: newKey() });
  here.member = opened2.member;
  here.terminal = opened2.terminal;
  rememberColleague(opened2.member);
  session.open(opened2.tokens);
}

// services/gateway/web/terminal/main.js
var floor = document.getElementById("floor");
var leave = new AbortController();
async function begin2(notice = "") {
  leave.abort();
  leave = new AbortController();
  try {
    const device = await enrolled();
    if (!device)
      return show(enrolView(begin2));
    here.terminal = device.terminal;
    if (!await isSignedIn())
      return show(signView(device, begin2, notice));
    await readShop();
    openFloor(floor, leave.signal);
    arrive();
  } catch (error) {
    show(h("main.gate", {}, failure(error, () => begin2())));
  }
}
async function isSignedIn() {
  if (!session.isOpen)
    return false;
  try {
    here.member ??= await read2("/v1/staff/me");
    return true;
  } catch (error) {
    if (error.status === 401)
      return false;
    throw error;
  }
}
function show(view) {
  fill(floor, view);
  document.title = [floor.querySelector("h1")?.textContent, "Comptoir"].filter(Boolean).join(" · ");
  arrive();
}
function arrive() {
  if (!floor.contains(document.activeElement))
    focusOnView(floor.querySelector("main"));
}
session.addEventListener("expired", () => begin2(t("session_expired")));
session.addEventListener("change", () => {
  if (session.isOpen)
    return;
  here.member = null;
  begin2();
});
onLanguage(() => !session.isOpen && begin2());
keepShell("/terminal", document.getElementById("notices"));
begin2();
