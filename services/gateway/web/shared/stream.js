/** Server-sent events over fetch: the browser's own EventSource cannot send a bearer token. */

import { Problem, headersOf, problemOf, reach } from "./api.js";

// The server sends a comment every 15 s; three missed ones mean that the line is dead.
const SILENCE_MS = 45_000;
const WAIT_MS_MAX = 15_000;

/**
 * Follows a stream until `signal` aborts or the server refuses for good, coming back by itself.
 *
 * @param {string} url
 * @param {{token: () => Promise<string | null>, signal: AbortSignal,
 *   onEvent: (event: {id: string, event: string, data: any}) => void,
 *   onLine: (isLive: boolean) => void, isOver?: () => boolean}} options `isOver` says, when the
 *   stream has ended, that it need not be opened again.
 * @returns {Promise<void>} Rejects with the Problem of a refusal.
 */
export async function follow(url, { token, signal, onEvent, onLine, isOver = () => false }) {
  const place = { id: "", failures: 0 };
  while (!signal.aborted && !isOver()) {
    try {
      await readOnce(url, { token, signal, onEvent, onLine, place });
    } catch (error) {
      if (signal.aborted) return;
      if (isFinal(error)) throw error;
      if (error.reason === "CURSOR_TOO_OLD") place.id = "";
    }
    if (signal.aborted || isOver()) return;
    onLine(false);
    await pause(Math.min(500 * 2 ** place.failures++, WAIT_MS_MAX), signal);
  }
}

function isFinal(error) {
  if (!(error instanceof Problem)) return false;
  return [400, 401, 403, 404].includes(error.status);
}

async function readOnce(url, { token, signal, onEvent, onLine, place }) {
  const silence = new AbortController();
  const headers = { ...headersOf({ token: await token() }), Accept: "text/event-stream" };
  if (place.id) headers["Last-Event-ID"] = place.id;
  const init = { headers, signal: AbortSignal.any([signal, silence.signal]), cache: "no-store" };
  let watchdog = setTimeout(() => silence.abort(), SILENCE_MS);
  // The device knows at once that it has no network; the line would be found dead only later.
  window.addEventListener("offline", () => silence.abort(), { signal: silence.signal });
  try {
    const response = await reach(url, init, signal);
    if (!response.ok) throw await problemOf(response);
    onLine(true);
    place.failures = 0;
    for await (const event of eventsOf(response.body, () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => silence.abort(), SILENCE_MS);
    })) {
      if (event.id) place.id = event.id;
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
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    onBytes();
    const blocks = (rest + value).replace(/\r\n/g, "\n").split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const event = eventOf(block);
      if (event) yield event;
    }
  }
}

function eventOf(block) {
  const found = { id: "", event: "message", data: [] };
  for (const line of block.split("\n")) {
    const [, name, value] = /^(\w*):? ?(.*)$/.exec(line) ?? [];
    if (name === "data") found.data.push(value);
    else if (name === "id" || name === "event") found[name] = value;
  }
  // A block of comments alone keeps the line open and says nothing.
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
