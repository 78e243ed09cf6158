// As little of the crew's app as it takes to see what a certificate does to one: a queue in IndexedDB that is handed in, and a service worker.
const base = await new Promise((resolve, reject) => {
  const open = indexedDB.open('app', 1);
  open.onupgradeneeded = () => open.result.createObjectStore('queue', { keyPath: 'id' });
  open.onsuccess = () => resolve(open.result);
  open.onerror = () => reject(open.error);
});

function store(mode, f) {
  return new Promise((resolve, reject) => {
    const tx = base.transaction('queue', mode, { durability: 'strict' });
    const request = f(tx.objectStore('queue'));
    tx.oncomplete = () => resolve(request.result);
    tx.onabort = () => reject(tx.error);
  });
}

window.log = (id) => store('readwrite', (s) => s.put({ id, van: false }));
window.held = async () => (await store('readonly', (s) => s.getAll())).map((v) => `${v.id}${v.van ? ' van' : ''}`);
window.sync = async () => {
  for (const v of await store('readonly', (s) => s.getAll())) {
    if (v.van) continue;
    try {
      const answer = await fetch('/log/' + v.id, { method: 'POST' });
      if (answer.status === 201) await store('readwrite', (s) => s.put({ ...v, van: true }));
    } catch { return 'away'; }
  }
  return 'in';
};
window.install = async () => {
  await navigator.serviceWorker.register('/sw.js');
  await navigator.serviceWorker.ready;
  if (!navigator.serviceWorker.controller) await new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true }));
};
window.ready = true;
