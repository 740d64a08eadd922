/**
 * A page's service worker: keeps the files that the page is made of, and nothing that anybody was
 * answered. Whatever is not one of them, all of /v1 above all, it leaves to the network: there is
 * no price, stock, code or name here that could be old or another's.
 *
 * What it keeps stands in `self.SHELL`, which the gateway writes before this.
 */

const { page, version, files } = self.SHELL;
const OURS = `comptoir ${page} `;
const NAME = OURS + version;
const KEPT = new Set(files.map(([path]) => path));

self.addEventListener("install", (event) => event.waitUntil(keep()));
self.addEventListener("activate", (event) => event.waitUntil(begin()));
self.addEventListener("message", ({ data }) => {
  if (data === "begin") self.skipWaiting();
});
self.addEventListener("fetch", (event) => {
  const path = pathOf(event.request);
  if (path) event.respondWith(answer(path, event.request));
});

async function keep() {
  const cache = await caches.open(NAME);
  // The hash refuses a file of another release: then none is kept, and the browser asks again later.
  await Promise.all(
    files.map(([path, integrity]) => cache.add(new Request(path, { integrity, cache: "no-cache" }))),
  );
}

async function begin() {
  const old = (await caches.keys()).filter((name) => name.startsWith(OURS) && name !== NAME);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

function pathOf({ method, url, mode }) {
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== self.location.origin) return null;
  if (mode === "navigate") return pathname === page || pathname === `${page}/` ? page : null;
  return KEPT.has(pathname) ? pathname : null;
}

async function answer(path, request) {
  const cache = await caches.open(NAME);
  return (await cache.match(path)) ?? fetch(request);
}
