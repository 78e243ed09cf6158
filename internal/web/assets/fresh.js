// Keeps the parts of a page that have data-fresh up to date, without moving what the reader looks at or types into.
// fresh(): asks the server for the same page, of which it may leave out the rest, and swaps those parts. Elements with an id that were not there are marked.
// Each part hears a "fresh" event with what it is to become.
export async function fresh() {
  const parts = document.querySelectorAll("[data-fresh]");
  if (!parts.length) return true;
  let page;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html", "Ark-Fresh": "1" }, signal: AbortSignal.timeout(10000) });
    if (answer.redirected && new URL(answer.url).pathname !== location.pathname) { location.assign(answer.url); return true; }
    if (!answer.ok) return false;
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch { return false; }
  for (const part of parts) {
    const next = page.querySelector(`[data-fresh="${part.dataset.fresh}"]`);
    if (!next) continue;
    const mine = !part.dispatchEvent(new CustomEvent("fresh", { detail: next, cancelable: true })); // a page's own script may do it instead
    if (!mine && next.innerHTML !== part.innerHTML) swap(part, next);
  }
  return true;
}

function swap(part, next) {
  const known = new Set([...part.querySelectorAll("[id]")].map((e) => e.id));
  const active = part.contains(document.activeElement) ? document.activeElement : null;
  const focused = active?.id, row = active?.closest("[data-row][id]")?.id;
  const looked = topmost(part);
  const at = looked && looked.getBoundingClientRect().top;
  for (const d of part.querySelectorAll("details[id]")) next.querySelector(`details[id="${d.id}"]`)?.toggleAttribute("open", d.open);
  for (const e of next.querySelectorAll("[id][data-row]")) if (!known.has(e.id)) e.classList.add("fresh");
  part.replaceChildren(...next.childNodes);
  const again = focused ? document.getElementById(focused) : row && document.getElementById(row)?.querySelector("a[href], summary, button");
  again?.focus({ preventScroll: true }); // else whoever works by the keyboard would begin at the top again
  const same = looked && looked.id && document.getElementById(looked.id);
  if (same && scrollY > 0) scrollBy(0, same.getBoundingClientRect().top - at);
}

// topmost is the first row that the reader sees.
function topmost(part) {
  for (const row of part.querySelectorAll("[data-row]")) if (row.getBoundingClientRect().bottom > 0) return row;
  return null;
}
