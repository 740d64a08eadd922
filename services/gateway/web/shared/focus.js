/** Where the keyboard is: kept when what it stood on is drawn anew, led on when that is gone. */

const HOLDS = "a[href], button, input, select, textarea, summary";

/**
 * Changes what is in `parent` and leaves the focus where it was: on what has taken the place of
 * the element that had it, else on the part marked `data-lands`, else on the nearest heading.
 * @param {Element} parent
 * @param {() => void} change
 */
export function keepingFocus(parent, change) {
  const held = document.activeElement;
  // A view without a heading yet has put whoever came before it: they go on to the one that comes.
  if (held?.matches("main") && held.contains(parent)) return meetHeading(parent, change);
  if (!held || held === parent || !parent.contains(held)) return change();
  const place = placeOf(held, parent);
  change();
  const next = held.isConnected ? held : heirOf(place, parent);
  if (!next) return focusOn(landing(parent));
  focusOn(next);
  // Else whoever types goes on before what is there already.
  if (place.from !== null) next.setSelectionRange(place.from, place.to);
}

/**
 * Moves the focus to a heading or panel that cannot have it by itself.
 * @param {HTMLElement | null} element
 */
export function focusOn(element) {
  if (!element) return;
  if (!element.matches(`${HOLDS}, [tabindex]`)) element.tabIndex = -1;
  element.focus({ preventScroll: true });
}

/**
 * Where a view begins for whoever has just come to it.
 * @param {HTMLElement} main
 */
export function focusOnView(main) {
  const heading = main.querySelector("h1");
  focusOn(heading?.textContent.trim() ? heading : main);
}

/**
 * Of a list that grows at a button below it: whoever has pressed that goes on at what comes.
 * @param {HTMLElement} list
 * @param {HTMLElement} foot Where the button stands now.
 * @returns {() => void} To be called when the list has grown.
 */
export function goingOn(list, foot) {
  const isHere = foot.contains(document.activeElement);
  const next = list.children.length;
  return () => isHere && focusOn(list.children[next]?.querySelector("a") ?? list.children[next] ?? null);
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

// Two at one place are the same one to whoever uses them, though never the same element.
function keyOf(element) {
  const given = element.id || element.dataset.key || element.getAttribute("href") || element.getAttribute("name");
  return `${element.localName} ${given || element.getAttribute("aria-label") || element.textContent}`;
}

function landing(parent) {
  const inside = parent.querySelector("[data-lands]") ?? parent.querySelector("h1, h2, h3");
  return inside ?? parent.closest("dialog, .view, main")?.querySelector("h1, h2") ?? document.querySelector("main h1");
}
