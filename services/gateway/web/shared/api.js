/** Speaks to /v1. Every failure becomes a Problem; nothing else is thrown but aborts. */

import { heard, unheard } from "./line.js";

const TIMEOUT_MS = 15_000;

/** Why a request was not answered. Branch on `reason`. */
export class Problem extends Error {
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
}

/**
 * Sends one request.
 *
 * @param {string} path Below the origin, e.g. `/v1/products`.
 * @param {{method?: string, query?: Record<string, any>, body?: any, key?: string,
 *   token?: string | null, signal?: AbortSignal}} [options] `key` is the Idempotency-Key of a write:
 *   made once for an intent, and the same when that is sent again.
 * @returns {Promise<any>} The decoded answer; null where there is none.
 */
export async function send(path, { method = "GET", query, body, key, token, signal } = {}) {
  const response = await reach(
    address(path, query),
    {
      method,
      headers: headersOf({ body, key, token }),
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: bounded(signal),
    },
    signal,
  );
  if (!response.ok) throw await problemOf(response);
  if (response.status === 204) return null;
  const isJson = response.headers.get("Content-Type")?.includes("json");
  return isJson ? response.json() : response.text();
}

/**
 * @param {string} path
 * @param {Record<string, any>} [query] Empty values are left out.
 * @returns {string}
 */
export function address(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== "" && value !== null);
  const text = new URLSearchParams(given).toString();
  return text ? `${path}?${text}` : path;
}

/**
 * @param {{body?: any, key?: string, token?: string | null}} parts
 * @returns {Record<string, string>}
 */
export function headersOf({ body, key, token }) {
  const headers = { "X-Comptoir-Client": "web", Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  if (token) headers.Authorization = `Bearer ${token}`;
  return headers;
}

/**
 * Fetches, and turns a line that is down into a Problem.
 * @param {string} url
 * @param {RequestInit} init
 * @param {AbortSignal} [signal] The caller's own: its abort stays an abort.
 * @returns {Promise<Response>}
 */
export async function reach(url, init, signal) {
  try {
    const response = await fetch(url, { credentials: "same-origin", ...init });
    heard();
    return response;
  } catch (error) {
    if (signal?.aborted) throw error;
    if (error.name === "TimeoutError") throw new Problem({ reason: "TOO_SLOW" });
    unheard();
    throw new Problem({ reason: "OFFLINE" });
  }
}

/**
 * @param {Response} response
 * @returns {Promise<Problem>}
 */
export async function problemOf(response) {
  const body = await response.json().catch(() => ({}));
  return new Problem({
    status: response.status,
    reason: body.reason ?? "INTERNAL",
    detail: body.detail,
    metadata: body.metadata,
    errors: body.errors,
    retryAfterS: Number(response.headers.get("Retry-After")) || 0,
  });
}

/** @returns {string} A new Idempotency-Key. */
export function newKey() {
  return crypto.randomUUID();
}

/**
 * For what may wait on the device before it is sent: a UUID of version 7 (RFC 9562) tells its
 * age, so that the server refuses what it may have done too long ago to remember.
 * @returns {string} A new Idempotency-Key.
 */
export function newDatedKey() {
  const made = Date.now().toString(16).padStart(12, "0");
  const [, , , fourth, fifth] = crypto.randomUUID().split("-");
  const random = crypto.randomUUID().slice(0, 3);
  return `${made.slice(0, 8)}-${made.slice(8)}-7${random}-${fourth}-${fifth}`;
}

function bounded(signal) {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  return signal ? AbortSignal.any([signal, timeout]) : timeout;
}
