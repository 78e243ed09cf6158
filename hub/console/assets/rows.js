// Lists by the keyboard: on from row to row, to the search, from page to page. The list of visits has keys of its own. Without script
// the tabulator does it.
const rows = () => [...document.querySelectorAll("main [data-row]")].filter((r) => r.checkVisibility?.() ?? true);
const main = (row) => row.querySelector("a[href], summary, button:not([disabled]), input:not([type=hidden])") ?? row;
const page = (rel) => document.querySelector(`.pager a[rel="${rel}"]`);

// step puts the focus on the next row's link; after the last row it is on the link to the next page.
function step(n) {
  const list = rows(), at = list.indexOf(document.activeElement?.closest("main [data-row]"));
  const seen = Math.max(list.findIndex((r) => r.getBoundingClientRect().top >= 0), 0);
  const to = list[at < 0 ? seen : at + n];
  const e = to ? main(to) : page(n > 0 ? "next" : "prev");
  if (!e) return;
  if (e === to) to.tabIndex = -1;
  e.focus({ preventScroll: true });
  (to ?? e).scrollIntoView({ block: "nearest" });
}

const search = () => document.querySelector("main input[type=search]") ?? document.querySelector("main .fields input:not([type=hidden])");

function find() {
  const e = search(), fold = e?.closest("details");
  if (fold) fold.open = true;
  e?.focus();
}

const keys = document.getElementById("keys");
const KEYS = { j: () => step(1), k: () => step(-1), "/": find, "?": () => keys.togglePopover(), "]": () => page("next")?.click(), "[": () => page("prev")?.click() };

function key(e) {
  const typing = e.target.matches?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
  if (e.key === "Escape" && typing) { e.target.blur(); return; }
  if (typing || e.ctrlKey || e.metaKey || e.altKey || e.isComposing || !Object.hasOwn(KEYS, e.key)) return;
  if (keys.matches(":popover-open") && e.key !== "?") return;
  e.preventDefault();
  KEYS[e.key]();
}

if (keys && !document.getElementById("bulk")) document.addEventListener("keydown", key);
