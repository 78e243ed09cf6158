// Keeps the page fresh while somebody looks at it. The server says that something has changed; the page fetches itself anew.
// Without that stream it asks every few seconds. When the hub cannot be reached, it says so.
const { fresh } = await import(document.querySelector("script[data-fresh-js]").dataset.freshJs);

const POLL = 3000, SILENCE = 40000, SLOWLY = 60000;
const watched = document.body.dataset.watch;
const lives = document.querySelector("[data-fresh]") !== null;
const live = document.getElementById("live"), lost = document.getElementById("lost");
let stream = null, heard = 0, renewed = 0, busy = false, again = false;

async function renew() {
  if (busy) { again = true; return; }
  busy = true;
  do {
    again = false;
    renewed = Date.now();
    const ok = await fresh();
    if (lost.hidden !== ok) lost.hidden = ok;
    if (!ok) show(false);
  } while (again);
  busy = false;
}

function show(on) { if (live) live.hidden = !on; }

function open() {
  if (stream || document.hidden) return;
  heard = Date.now();
  const s = stream = new EventSource("/events");
  const hear = () => { heard = Date.now(); show(true); };
  s.addEventListener("open", () => { hear(); renew(); }); // something may have changed since the page was made
  s.addEventListener("beat", hear);
  s.addEventListener("change", (e) => { hear(); if (e.data.split(" ").includes(watched)) renew(); });
  s.addEventListener("error", () => { if (stream === s) { close(); renew(); } }); // turn() opens it again
}

function close() { stream?.close(); stream = null; show(false); }

function turn() {
  if (document.hidden) { close(); return; } // a browser has few connections, and nobody looks
  if (stream && Date.now() - heard > SILENCE) close();
  const due = stream?.readyState === EventSource.OPEN ? SLOWLY : POLL - 500;
  open();
  if (Date.now() - renewed > due) renew();
}

if (lives) {
  open();
  setInterval(turn, POLL);
  document.addEventListener("visibilitychange", () => { turn(); if (!document.hidden) renew(); });
  addEventListener("pagehide", close);
  addEventListener("pageshow", (e) => { if (e.persisted) { open(); renew(); } });
  addEventListener("online", renew);
  document.addEventListener("renew", renew); // a page's own script has changed something
}

// A second tap on a button while the first is on its way does nothing; coming back to the page undoes that.
document.addEventListener("submit", (e) => { setTimeout(() => { for (const b of e.target.querySelectorAll("button")) b.disabled = true; }); });
addEventListener("pageshow", () => { for (const b of document.querySelectorAll("button")) b.disabled = false; });
