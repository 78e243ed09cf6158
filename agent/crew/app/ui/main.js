// Starts the app: opens the engine, draws the frame, and shows the screen that the address names.
import { open } from "../core/ark.js";
import { inside, top } from "./frame.js";
import { button, fill, focus, h } from "./h.js";
import { apply, prefs } from "./prefs.js";
import { t } from "./say.js";
import { start, waiting } from "./start.js";
import { who } from "./who.js";
import { newVisit, oneVisit } from "./form-screen.js";
import { today } from "./today.js";
import { visit } from "./visit.js";
import { homes } from "./homes.js";
import { home } from "./home.js";
import { homeEdit, homeMend } from "./home-edit.js";
import { more } from "./more.js";
import { help } from "./help.js";
import { phones } from "./phones.js";

// Screens by the beginning of the address; what follows is handed to them. A screen puts its elements into main and
// may answer {changed, leave}: what it does when the engine's state changed, and before another screen comes.
const screens = [
  ["#/visit/", oneVisit], ["#/today", today], ["#/seen/", visit], ["#/homes", homes], ["#/home/edit/", homeEdit], ["#/home/mend/", homeMend],
  ["#/home/new", homeEdit], ["#/home/", home], ["#/more", more], ["#/phones", phones], ["#/help", help], ["#/who", who], ["#/start", start], ["#/", newVisit],
];

const PATIENCE = 500; // ms after which a screen that does not come says that it is on its way

const main = document.getElementById("main");
let ark, shown = {}, turn = 0;

function which(address) {
  if (!ark.state.phone && ark.state.storage.broken && !address.startsWith("#/help")) return [storeless, ""];
  if (address.startsWith("#enrol=")) return [start, address.slice(7)];
  if (!ark.state.phone && !address.startsWith("#/help") && !address.startsWith("#/more")) return [start, ""];
  if (ark.state.phone && waiting.still(ark.state) && !address.startsWith("#/help")) return [waiting, ""];
  if (!inside(ark.state) && !address.startsWith("#/help") && ark.state.phone) return [who, address];
  const [begin, screen] = screens.find(([begin]) => address.startsWith(begin)) ?? ["#/", newVisit];
  const rest = address.slice(begin.length).split("?")[0];
  try { return [screen, decodeURIComponent(rest)]; } catch { return [screen, rest]; } // somebody wrote the address by hand
}

async function show() {
  const mine = ++turn, address = location.hash || "#/";
  await shown.leave?.();
  top(ark, address);
  const [screen, rest] = which(address);
  const next = h("div", { class: "screen" });
  const late = setTimeout(() => { if (mine === turn) fill(main, h("p", { class: "empty large", role: "status" }, t("app.opening"))); }, PATIENCE);
  let answer;
  try {
    answer = await screen(ark, next, rest);
  } catch (e) {
    console.error("a screen failed", e);
    fill(next, h("h1", { tabindex: "-1" }, t("failed.title")), h("p", {}, t("failed.words")), button("wide", show, t("failed.again")));
  }
  clearTimeout(late);
  if (mine !== turn) return; // another screen was asked for meanwhile
  shown = answer ?? {};
  fill(main, next);
  const title = next.querySelector("h1");
  document.title = (title ? title.textContent + " · " : "") + t("app.name");
  scrollTo(0, 0);
  if (!next.contains(document.activeElement)) focus(next.querySelector("[data-first]") ?? title);
  main.dataset.shown = address;
}

// storeless is what stands there where the browser keeps nothing, as in private mode.
function storeless(_, at) {
  fill(at, h("h1", { tabindex: "-1" }, t("failed.store")), h("p", {}, t("failed.store-words")),
    button("wide", () => location.reload(), t("failed.again")), h("p", {}, h("a", { class: "btn second wide", href: "/plain" }, t("failed.plain"))));
}

async function begin() {
  apply();
  document.getElementById("skip").addEventListener("click", (e) => { e.preventDefault(); focus(main, "start"); });
  try {
    ark = await open({ lang: prefs.lang });
  } catch (e) {
    console.error("the app cannot open its store", e);
    storeless(null, main);
    return;
  }
  // Who may see what, and whether there is a form at all, changes the screen; all else changes only what it says.
  const stands = () => [inside(ark.state), !!ark.state.form, !!ark.state.phone].join();
  ark.leaving = () => shown.leave?.();
  let stood = stands();
  ark.on("change", () => {
    if (stands() !== stood) {
      stood = stands();
      show();
      return;
    }
    top(ark, location.hash || "#/");
    shown.changed?.();
  });
  addEventListener("hashchange", show);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) shown.seen?.(); });
  addEventListener("ark:refresh", () => { ark.speak?.(prefs.lang); show(); });
  await show();
  document.documentElement.dataset.ready = "";
}

begin();
