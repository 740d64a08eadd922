/** What went wrong, in the reader's language, and what to do about it. */

import { Problem } from "./api.js";
import { says, t } from "./language.js";

/**
 * @param {unknown} error
 * @returns {{title: string, advice: string}}
 */
export function explain(error) {
  const problem = error instanceof Problem ? error : new Problem({ reason: "INTERNAL" });
  const key = `problem.${problem.reason}`;
  if (says(key)) return split(t(key, wordsOf(problem)));
  return split(t(`problem.${general(problem)}`, { reason: problem.reason }));
}

/**
 * @param {unknown} error
 * @returns {string} Both in one sentence after the other.
 */
export function explained(error) {
  const { title, advice } = explain(error);
  return advice ? `${title} ${advice}` : title;
}

/**
 * Puts a problem's field errors beside their fields.
 * @param {unknown} error
 * @returns {Map<string, string>} By field; empty where the problem is none of a field.
 */
export function fieldErrors(error) {
  const found = new Map();
  if (!(error instanceof Problem)) return found;
  const ofField = { WEAK_PASSWORD: "password", INVALID_ADDRESS: "email", ADDRESS_TAKEN: "email" };
  const field = ofField[error.reason];
  if (field) found.set(field, explained(error));
  return found;
}

function general({ status }) {
  if (status === 401) return "SESSION_ENDED";
  if (status === 403) return "ACCESS_DENIED";
  if (status === 404) return "NOT_FOUND";
  if (status === 429) return "TOO_MANY_ATTEMPTS";
  if (status === 503 || status === 504) return "UNAVAILABLE";
  return status >= 400 && status < 500 ? "REFUSED" : "INTERNAL";
}

function wordsOf({ retryAfterS, metadata }) {
  return { ...metadata, seconds: retryAfterS || "", reason: metadata.reason ?? "" };
}

// Words of a problem are "What happened.|What to do."
function split(words) {
  const [title, advice = ""] = words.split("|");
  return { title, advice };
}
