/** What this device remembers between visits. Works, forgetfully, where storage is refused. */

/**
 * @param {string} name
 * @returns {any} What was kept; null if nothing readable is there.
 */
export function recall(name) {
  return read(window.localStorage, name);
}

/**
 * @param {string} name
 * @param {any} value Null forgets it.
 */
export function keep(name, value) {
  write(window.localStorage, name, value);
}

/**
 * As `recall`, of this tab alone.
 * @param {string} name
 * @returns {any}
 */
export function recallHere(name) {
  return read(window.sessionStorage, name);
}

/**
 * As `keep`, for this tab alone.
 * @param {string} name
 * @param {any} value
 */
export function keepHere(name, value) {
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
    if (value === null) storage.removeItem(`comptoir.${name}`);
    else storage.setItem(`comptoir.${name}`, JSON.stringify(value));
  } catch {
    // Full or refused: the page goes on and only forgets.
  }
}
