// Keeps the page fresh while somebody looks at it, and says when the van is out of reach.
const { fresh } = await import(document.querySelector("script[data-fresh-js]").dataset.freshJs);
const away = document.getElementById("away");

let running = false, misses = 0;
async function turn() {
  if (running || document.hidden) return;
  running = true;
  misses = (await fresh()) ? 0 : misses + 1;
  if (misses !== 1) away.hidden = misses === 0; // one miss is only a breath of bad air
  running = false;
}
setInterval(turn, location.pathname === "/panel" ? 1000 : 2000);
document.addEventListener("visibilitychange", turn);

document.addEventListener("ark:pressed", turn); // by panel.js

// Save asks first whether the van can be reached: a browser's own error page would take away what was typed. A second
// tap while the first is on its way does nothing; coming back to the page undoes that.
const form = document.querySelector("form[action='/visits']");
const save = form?.querySelector("button[type=submit]");
form?.addEventListener("submit", async (e) => {
  e.preventDefault();
  save.disabled = true;
  try {
    await fetch("/api/1/state", { signal: AbortSignal.timeout(8000) });
    form.submit();
  } catch {
    away.hidden = false;
    away.scrollIntoView({ block: "center" });
    save.disabled = false;
  }
});
addEventListener("pageshow", () => { if (save) save.disabled = false; });
document.documentElement.dataset.live = ""; // from here on nothing loads the page anew
