// Helps with long lists in forms: a box to search in, and buttons that choose all that are shown. Without script the whole list is there.
for (const e of document.querySelectorAll("[data-script]")) e.hidden = false;

const items = (of) => [...document.querySelectorAll(`[data-found="${of}"]`)];
const every = document.querySelector(".vans .all input");

for (const box of document.querySelectorAll("[data-find]")) {
  box.addEventListener("input", () => {
    const wanted = box.value.trim().toLowerCase().split(/\s+/);
    for (const e of items(box.dataset.find)) {
      const text = e.textContent.toLowerCase();
      e.hidden = !wanted.every((w) => text.includes(w));
    }
    for (const head of document.querySelectorAll("h2.class")) { // a class of which nothing is shown
      head.hidden = ![...head.nextElementSibling.children].some((e) => !e.hidden);
    }
  });
  box.addEventListener("keydown", (e) => { if (e.key === "Enter") e.preventDefault(); }); // it searches, it does not play
}

function choose(of, on) {
  if (on && every) every.checked = false;
  for (const e of items(of)) if (!e.hidden || !on) e.querySelector("input").checked = on;
  count();
}
for (const b of document.querySelectorAll("[data-all]")) b.addEventListener("click", () => choose(b.dataset.all, true));
for (const b of document.querySelectorAll("[data-none]")) b.addEventListener("click", () => choose(b.dataset.none, false));

function count() {
  for (const out of document.querySelectorAll("[data-count]")) {
    const all = items(out.dataset.count), n = every?.checked ? all.length : all.filter((e) => e.querySelector("input").checked).length;
    out.value = out.dataset.words.replace("%d", n);
  }
}
document.addEventListener("change", count);
count();

// Links that a key follows: the arrows of a day, left and right.
document.addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.shiftKey || e.target.matches?.("input, textarea, select, [contenteditable], .scroll")) return;
  const link = document.querySelector(`a[aria-keyshortcuts="${e.key.replace(/\W/g, "")}"]`);
  if (link && !document.querySelector(":popover-open")) { e.preventDefault(); link.click(); }
});
