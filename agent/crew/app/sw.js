// Keeps one whole version of the app on the phone, so that it opens where the van is out of reach or its certificate is not
// to be trusted. The van puts one line before this file when it serves it as /sw.js:
//
//   self.ARK_APP = {"hash": "<of all files>", "files": ["/", "/app/core/ark.js", …]};
//
// A version is taken whole or not at all, and all its files come from it: never half of one and half of another. What the
// van answers under /api is never kept, nor any page that is not of the app.

const NAME = "ark-" + self.ARK_APP.hash;
const files = new Set(self.ARK_APP.files);

addEventListener("install", (e) => {
  e.addRoutes?.({ condition: { urlPattern: "/api/*" }, source: "network" }); // they need not wait for us; and given up
  // half-way, such a call could keep Chromium from changing to a newer version for five minutes
  e.waitUntil(take());
});
addEventListener("activate", (e) => e.waitUntil(begin()));
addEventListener("message", (e) => { if (e.data === "renew") e.waitUntil(skipWaiting()); });

async function take() {
  const cache = await caches.open(NAME);
  await cache.addAll(self.ARK_APP.files.map((path) => new Request(path, { cache: "reload" })));
  const pages = await clients.matchAll({ type: "window", includeUncontrolled: true });
  if (registration.active && pages.every((p) => p.visibilityState === "hidden")) skipWaiting(); // nobody looks
}

async function begin() {
  for (const name of await caches.keys()) if (name.startsWith("ark-") && name !== NAME) await caches.delete(name);
  await clients.claim();
}

addEventListener("fetch", (e) => {
  const url = new URL(e.request.url);
  if (e.request.method !== "GET" || url.origin !== location.origin || !files.has(url.pathname)) return;
  e.respondWith(serve(e.request, url.pathname));
});

// serve is the file of this version; the van's own only where the phone threw its copy away.
async function serve(request, path) {
  const kept = await (await caches.open(NAME)).match(path);
  return kept || fetch(request);
}
