// Keeps the page fresh while somebody looks at it, and presses panel buttons without leaving the page.
const { fresh } = await import(document.querySelector("script[data-fresh-js]").dataset.freshJs);

let running = false;
async function turn() {
  if (running || document.hidden) return;
  running = true;
  await fresh();
  running = false;
}
setInterval(turn, location.pathname === "/panel" ? 1000 : 2000);
document.addEventListener("visibilitychange", turn);

// The button is named beside the form: a script's submit does not carry it.
document.querySelector(".keys")?.addEventListener("submit", async (e) => {
  if (!e.submitter) return;
  e.preventDefault();
  const body = new URLSearchParams({ button: e.submitter.value });
  try {
    await fetch("/panel", { method: "POST", body, redirect: "manual" });
    await turn();
  } catch { e.target.submit(); }
});

// A second tap on Save while the first is on its way does nothing; coming back to the page undoes that.
const form = document.querySelector("form[action='/visits']");
form?.addEventListener("submit", () => { form.querySelector("button[type=submit]").disabled = true; });
addEventListener("pageshow", () => { if (form) form.querySelector("button[type=submit]").disabled = false; });
