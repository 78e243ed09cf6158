// The list of visits while somebody works on it: what is new waits behind a bar, rows that changed change in their place, several are
// marked and judged at once, and all of it goes by the keyboard. Without script the page is whole and is loaded anew.
const form = document.getElementById("bulk"), part = form?.querySelector("[data-fresh]");
const bar = document.getElementById("arrived"), toast = document.getElementById("toast"), all = () => document.getElementById("markall");
const rows = () => [...part.querySelectorAll("tr[data-row]")], boxes = () => [...part.querySelectorAll('input[name="visit"]')];
const marked = () => boxes().filter((b) => b.checked);
const here = () => document.activeElement?.closest("#bulk tr[data-row]");
const PATIENCE = 1000, MOST = 50;
let waiting = [], undoAt = "";

// renew takes what the page would be now: rows are changed where they stand, so that nothing moves and no mark is lost.
function renew(e) {
  const next = e.detail, known = new Map(rows().map((r) => [r.id, r]));
  const come = [...next.querySelectorAll("tr[data-row]")];
  if (!known.size || !part.querySelector("table")) return; // an empty list: the whole part is swapped
  e.preventDefault();
  for (const row of come) if (known.has(row.id)) { change(known.get(row.id), row); known.delete(row.id); }
  const oldest = come.findIndex((r) => document.getElementById(r.id));
  waiting = "first" in form.dataset ? come.slice(0, oldest < 0 ? come.length : oldest) : [];
  if (oldest >= 0) for (const row of left(known, come)) leave(row);
  announce(oldest < 0);
}

// left are the rows that should be among those that came, and are not: others judged or changed them.
function left(known, come) {
  const last = document.getElementById(come.at(-1).id), all = rows();
  const until = last ? all.indexOf(last) : all.length;
  return [...known.values()].filter((r) => all.indexOf(r) < until);
}

function leave(row) {
  if (row.classList.contains("left")) return;
  row.classList.add("left");
  row.querySelector('input[name="visit"]')?.remove();
  const word = document.createElement("span");
  word.className = "soft small";
  word.textContent = form.dataset.left;
  row.querySelector(".state, .place").append(word);
}

function change(row, next) {
  const box = row.querySelector('input[name="visit"]'), mine = next.querySelector('input[name="visit"]');
  if (box?.checked && mine) mine.checked = true;
  if (row.innerHTML === next.innerHTML) return;
  const focus = row.contains(document.activeElement) ? place(document.activeElement) : "";
  row.className = next.className;
  row.replaceChildren(...next.childNodes);
  if (focus) row.querySelector(focus)?.focus({ preventScroll: true });
  count();
}

const place = (e) => (e.name === "visit" ? 'input[name="visit"]' : e.classList.contains("van") ? "a.van" : ".place a");

function announce(many) {
  bar.hidden = !waiting.length;
  const text = many ? bar.dataset.many.replace("%d", MOST) : bar.dataset.words.replace("%d", waiting.length);
  if (waiting.length && bar.textContent !== text) bar.textContent = text;
  if (many) waiting = [];
}

// load shows what waits above the rest, and keeps what is read where it is.
function load() {
  if (!waiting.length) { location.assign(document.getElementById("newest")?.href ?? location.href); return; }
  const look = here() ?? rows().find((r) => r.getBoundingClientRect().bottom > 0), at = look.getBoundingClientRect().top;
  for (const row of waiting) row.classList.add("fresh");
  part.querySelector("tbody").prepend(...waiting);
  scrollBy(0, look.getBoundingClientRect().top - at);
  waiting = [];
  bar.hidden = true;
}

function count() {
  const n = marked().length, out = document.querySelector("#bulkbar output");
  if (!out) return;
  out.value = out.dataset.words.replace("%d", n);
  document.getElementById("unmark").hidden = !n;
  const box = all();
  if (box) { box.hidden = false; box.checked = n > 0 && n === boxes().length; box.indeterminate = n > 0 && !box.checked; }
}

function mark(how) { for (const b of boxes()) b.checked = how; count(); }

// judge sends the form, and says what became of it; a whole page is not needed for that.
async function judge(word) {
  if (!marked().length && here()) { const b = here().querySelector('input[name="visit"]'); if (b) { b.checked = true; count(); } }
  const comment = form.elements.comment;
  if (!marked().length) return;
  if (word === "returned" && !comment.value.trim()) { comment.setAttribute("aria-invalid", "true"); comment.focus(); return; }
  comment.removeAttribute("aria-invalid");
  const body = new URLSearchParams(new FormData(form));
  body.set("do", word);
  const told = await post(form.action, body);
  if (!told?.page) return;
  comment.value = "";
  mark(false);
  document.dispatchEvent(new Event("renew"));
}

async function undo() {
  if (!undoAt) return;
  const at = undoAt;
  undoAt = "";
  await post(at, "");
  document.dispatchEvent(new Event("renew"));
}

async function post(action, body) {
  const slow = setTimeout(() => say(toast.dataset.busy, null, true), PATIENCE);
  try {
    const answer = await fetch(action, { method: "POST", body, headers: { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded" } });
    if (answer.redirected) { location.assign(answer.url); return null; }
    const told = await answer.json();
    say(told.said, answer.ok ? told : null);
    form.elements.key.value = crypto.randomUUID?.() ?? String(Math.random()).slice(2);
    return answer.ok ? told : null;
  } catch {
    say(toast.dataset.broken);
    return null;
  } finally { clearTimeout(slow); }
}

function say(text, told, busy) {
  const p = document.createElement("p");
  p.textContent = text;
  toast.replaceChildren(p);
  if (busy) toast.append(document.createElement("progress"));
  if (told?.failed) {
    const a = document.createElement("a");
    a.href = told.page;
    a.textContent = `${toast.dataset.failed.replace("%d", told.failed)} · ${toast.dataset.why}`;
    toast.append(a);
  }
  undoAt = told?.undo ? `${told.page}/undo` : "";
  if (undoAt) {
    const b = document.createElement("button");
    b.type = "button"; b.className = "btn second"; b.id = "undo"; b.textContent = `↶ ${toast.dataset.undo}`;
    b.addEventListener("click", undo);
    toast.append(b);
  }
  toast.hidden = false;
}

// step goes on by so many rows; what has the focus is the row that the keys are about.
function step(n) {
  const list = rows(), at = list.indexOf(here());
  const seen = list.findIndex((r) => r.getBoundingClientRect().top >= 0);
  const to = list[at < 0 ? Math.max(seen, 0) : Math.min(Math.max(at + n, 0), list.length - 1)];
  const link = to?.querySelector(".place a");
  link?.focus({ preventScroll: true });
  to?.scrollIntoView({ block: "nearest" });
}

const KEYS = {
  j: () => step(1), k: () => step(-1), n: () => { if (!bar.hidden) load(); }, u: undo,
  x: () => { const b = here()?.querySelector('input[name="visit"]'); if (b) { b.checked = !b.checked; count(); } },
  X: () => mark(marked().length < boxes().length),
  m: () => judge("mine"), a: () => judge("approved"), r: () => judge("returned"), d: () => judge("rejected"),
  "/": () => document.getElementById("q").focus(), "?": () => document.getElementById("keys").togglePopover(),
};

function key(e) {
  const typing = e.target.matches?.("input:not([type=checkbox]), textarea, select, [contenteditable]");
  if (e.key === "Escape") { if (typing) e.target.blur(); else if (!document.querySelector(":popover-open")) mark(false); return; }
  if (typing || e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return;
  const open = document.querySelector(":popover-open");
  if (open && e.key !== "?") return;
  const arrow = here() && { ArrowDown: KEYS.j, ArrowUp: KEYS.k }[e.key];
  const act = arrow || Object.hasOwn(KEYS, e.key) && KEYS[e.key];
  if (!act || "admrx".includes(e.key.toLowerCase()) && !document.getElementById("bulkbar")) return;
  e.preventDefault();
  act();
}

if (part) {
  part.addEventListener("fresh", renew);
  bar.addEventListener("click", load);
  document.addEventListener("keydown", key);
  form.addEventListener("change", (e) => { if (e.target.id === "markall") mark(e.target.checked); else count(); });
  document.getElementById("unmark")?.addEventListener("click", () => mark(false));
  form.addEventListener("submit", (e) => { e.preventDefault(); e.stopPropagation(); judge(e.submitter?.value); });
  addEventListener("pageshow", count);
  count();
}
