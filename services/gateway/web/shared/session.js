/**
 * A signed-in session: the access token in memory, the refresh token in a cookie no script reads.
 *
 * Tabs share the cookie, and a refresh token is good for one use: so one tab refreshes at a time.
 */

import { Problem, newKey, send } from "./api.js";
import { keep, recall } from "./memory.js";

// Renewed this long before it ends, so that no request starts with a token that dies under way.
const RENEW_BEFORE_MS = 60_000;
const RETRIES = 2;

/**
 * Dispatches `change` when somebody signs in or out, `expired` when the server has ended it, and
 * `elsewhere` after `change` where that happened in another tab.
 */
export class Session extends EventTarget {
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
    this.#timer = setTimeout(() => this.token().catch(() => {}), Math.max(this.#leftMs(), 1000));
    if (wasOpen) return;
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
    if (!this.isOpen) return null;
    if (this.#token && this.#leftMs() > 0) return this.#token;
    this.#renewal ??= this.#renew().finally(() => (this.#renewal = null));
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
    // One key until there is an answer, also for the page that comes after this one when it is
    // reloaded meanwhile: the token it brings was used, and with another key that ends the session.
    const kept = `${this.name}.renewal`;
    const key = recall(kept) ?? newKey();
    keep(kept, key);
    for (let left = RETRIES; ; left -= 1) {
      try {
        const renewed = await send(`${this.path}/refresh`, { method: "POST", body: {}, key });
        keep(kept, null);
        return renewed;
      } catch (error) {
        const passes = error instanceof Problem && error.passes;
        if (error.status && !passes) keep(kept, null);
        if (!passes || left === 0) throw error;
        await new Promise((resolve) => setTimeout(resolve, 400));
      }
    }
  }

  // What is shown here is of whoever was signed in before.
  #hear(word) {
    this.#token = ""; // The cookie is another's now; the token here is still of who was before.
    if (word === "closed") this.#drop();
    else {
      // The word may come before what the other tab has kept can be seen here.
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
}

/**
 * Sends as whoever is signed in, once more with a new token where the first was refused.
 *
 * @param {Session} session
 * @param {string} path
 * @param {Parameters<typeof send>[1]} [options]
 * @returns {Promise<any>}
 */
export async function sendAs(session, path, options = {}) {
  const token = await session.token();
  if (!token) throw new Problem({ status: 401, reason: "SESSION_ENDED" });
  try {
    return await send(path, { ...options, token });
  } catch (error) {
    if (!(error instanceof Problem && error.status === 401)) throw error;
    session.doubt();
    return send(path, { ...options, token: await session.token() });
  }
}
