/** This device: the key it proves itself with, which no script can read, and where it is enrolled. */

const DATABASE = "comptoir-terminal";
const STORE = "device";
const CURVE = { name: "ECDSA", namedCurve: "P-256" };

/** @typedef {{terminal_id: string, location_id: string, label: string}} Terminal */

/**
 * @returns {Promise<{terminal: Terminal, privateKey: CryptoKey} | null>} Null on a new device.
 */
export async function enrolled() {
  const found = await run("readonly", (store) => store.get("enrolment"));
  return found ?? null;
}

/**
 * Makes a key pair whose private half cannot be exported.
 * @returns {Promise<{privateKey: CryptoKey, publicKey: string}>} The public half as the API takes it.
 */
export async function newDeviceKey() {
  const pair = await crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);
  // `raw` is the uncompressed point, 65 bytes.
  const point = await crypto.subtle.exportKey("raw", pair.publicKey);
  return { privateKey: pair.privateKey, publicKey: base64Url(point) };
}

/**
 * @param {Terminal} terminal
 * @param {CryptoKey} privateKey
 */
export async function keepEnrolment(terminal, privateKey) {
  await run("readwrite", (store) => store.put({ terminal, privateKey }, "enrolment"));
}

/** Forgets the key: the device has to be enrolled anew. */
export async function forgetEnrolment() {
  await run("readwrite", (store) => store.delete("enrolment"));
}

/**
 * @param {CryptoKey} privateKey
 * @param {string} challenge In base64url.
 * @returns {Promise<string>} r and s, in base64url.
 */
export async function signed(privateKey, challenge) {
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

async function run(mode, work) {
  const database = await opened();
  try {
    return await asked(work(database.transaction(STORE, mode).objectStore(STORE)));
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
