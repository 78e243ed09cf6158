// Tells whether this browser trusts the van. A page that came without TLS asks for a picture over TLS; one that came over TLS registers a
// service worker that does nothing, which no browser takes after its warning was clicked away.
const box = document.querySelector('[data-check]');

function say(word) {
  for (const line of box.querySelectorAll('[data-say]')) line.hidden = line.dataset.say !== word;
}

function picture(url) {
  return new Promise((resolve) => {
    const image = new Image();
    image.onload = () => resolve(true);
    image.onerror = () => resolve(false);
    image.src = `${url}?${Date.now()}`;
  });
}

async function worker() {
  if (!navigator.serviceWorker) return 'old';
  try {
    const probe = await navigator.serviceWorker.register('/join/probe.js', { scope: '/join/probe/' });
    await probe.unregister();
    return 'yes';
  } catch {
    return 'clicked';
  }
}

async function look() {
  say('wait');
  say(location.protocol === 'https:' ? await worker() : (await picture(box.dataset.seal)) ? 'yes' : 'no');
}

if (box) {
  look();
  // back from the phone's settings, the answer may be another one
  document.addEventListener('visibilitychange', () => { if (!document.hidden) look(); });
}
