// The buttons of the panel as a finger feels them: down while they are held, up when it lets go. The van is told that a button is still
// held every half second; when it hears nothing for 2 s it takes the hand as gone. Without this script each button is a form of its own.
const renew = 500;  // ms between two words that a button is still held
const settle = 60;  // ms that a level stays at least: what is shorter is taken for noise, as on a wire
const still = 80;   // ms that a finger rests before it presses: it may only have begun to scroll
const scroll = 10;  // px that it may move meanwhile
const more = 150;   // ms by which the bar is slower than the van's own count
const rush = document.getElementById("rush"), away = document.getElementById("away");
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const keyOf = (e) => e.target instanceof Element && e.target.closest("[data-key]");
const hands = new Map(); // by the button's name: what holds it
let touched = null;      // what a pointer has just pressed

const say = (what, name) =>
  fetch(`/panel/${what}`, { method: "POST", body: new URLSearchParams({ button: name }), keepalive: true, signal: AbortSignal.timeout(5000) });

// press holds a key down; the answer lets it go.
function press(key) {
  const name = key.value, before = hands.get(name);
  if (before && !before.gone) return () => {};
  const hand = { gone: false };
  const lifted = new Promise((done) => { hand.lift = () => { hand.gone = true; done(); }; });
  hands.set(name, hand);
  hand.over = hold(key, name, hand, lifted, before?.over);
  return hand.lift;
}

async function hold(key, name, hand, lifted, before) {
  await before; // what this button did before is told first
  rest(true);
  key.classList.add("down");
  if (key.dataset.hold) key.style.setProperty("--hold", `${Number(key.dataset.hold) + more}ms`);
  try {
    do {
      const answer = await say("down", name);
      rush.hidden = answer.status !== 429;
      if (!answer.ok) break;
      if (!key.classList.contains("sent")) { key.classList.add("sent"); await wait(settle); }
      await Promise.race([lifted, wait(renew)]);
    } while (!hand.gone);
    await say("up", name);
  } catch { away.hidden = false; }
  await lifted;
  key.classList.remove("down", "sent", "held");
  key.removeAttribute("style");
  if (hands.get(name) === hand) hands.delete(name);
  rest(hands.size > 0);
  for (const ms of [100, 500]) setTimeout(() => document.dispatchEvent(new Event("ark:pressed")), ms);
}

// rest keeps the keys from being renewed under a finger.
function rest(on) {
  const keys = document.querySelector(".keys");
  if (on) delete keys.dataset.fresh; else keys.dataset.fresh = "keys";
}

const release = () => { for (const hand of hands.values()) hand.lift(); };

document.addEventListener("pointerdown", (e) => {
  const key = keyOf(e);
  if (!key || e.button !== 0) return;
  const touch = touched = { key };
  key.setPointerCapture(e.pointerId);
  let lift = null, timer = 0;
  const go = () => { timer = 0; lift ??= press(key); };
  const patient = e.pointerType === "touch" && !("hold" in key.dataset) && !("talk" in key.dataset);
  if (patient) timer = setTimeout(go, still); else go();
  const over = new AbortController();
  const end = () => {
    clearTimeout(timer);
    over.abort();
    lift?.();
    setTimeout(() => { if (touched === touch) touched = null; }, 300); // its click has come by then
  };
  const mine = (what, then) => key.addEventListener(what, (x) => { if (x.pointerId === e.pointerId) then(x); }, { signal: over.signal });
  mine("pointermove", (x) => { if (timer && Math.hypot(x.clientX - e.clientX, x.clientY - e.clientY) > scroll) end(); });
  mine("pointerup", () => { if (timer) go(); end(); });
  mine("pointercancel", end);
  mine("lostpointercapture", end);
});

for (const [what, pressed] of [["keydown", true], ["keyup", false]]) {
  document.addEventListener(what, (e) => {
    const key = keyOf(e);
    if (!key || e.key !== " " && e.key !== "Enter") return;
    e.preventDefault();
    if (!pressed) { hands.get(key.value)?.lift(); return; }
    if (!e.repeat) press(key);
  });
}
document.addEventListener("focusout", (e) => { const key = keyOf(e); if (key) hands.get(key.value)?.lift(); });
document.addEventListener("contextmenu", (e) => { if (keyOf(e)) e.preventDefault(); });
document.addEventListener("visibilitychange", () => { if (document.hidden) release(); });
addEventListener("pagehide", release);
addEventListener("blur", release);
document.addEventListener("animationend", (e) => { if (e.animationName === "fill") keyOf(e)?.classList.add("held"); });

// A click that no finger and no key made is an aid's, such as a screen reader's: a short press; where a button must be held the form
// asks on a page of its own.
document.addEventListener("click", (e) => {
  const key = keyOf(e);
  if (!key) return;
  if (touched?.key === key) e.preventDefault();
  touched = null;
});
document.addEventListener("submit", async (e) => {
  const key = e.submitter?.closest("[data-key]");
  if (!key || "hold" in key.dataset) return;
  e.preventDefault();
  try {
    const answer = await fetch("/panel", { method: "POST", body: new URLSearchParams({ button: key.value }), redirect: "manual" });
    rush.hidden = answer.status !== 429;
    document.dispatchEvent(new Event("ark:pressed"));
  } catch { away.hidden = false; }
});
