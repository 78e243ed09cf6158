addEventListener('install', (e) => e.waitUntil(caches.open('app').then((c) => c.addAll(['/', '/app.js'])).then(() => skipWaiting())));
addEventListener('activate', (e) => e.waitUntil(clients.claim()));
addEventListener('fetch', (e) => {
  if (e.request.method === 'GET' && ['/', '/app.js'].includes(new URL(e.request.url).pathname)) e.respondWith(caches.match(new URL(e.request.url).pathname));
});
