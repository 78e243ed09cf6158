// What stands around every screen: where visits are, in numbers that add up, the way to the other screens, and what
// is wrong at the moment.
import { button, fill, h, icon } from "./h.js";
import { t } from "./say.js";
import { states } from "./states.js";

const places = [["#/", "pen", "nav.visit"], ["#/today", "list", "nav.today"], ["#/homes", "home", "nav.homes"], ["#/more", "more", "nav.more"]];

// top draws the frame anew for the engine's state; here is the address of the screen. What looks the same is left as it is: an
// upload tells how far it is many times a second, and a finger that is down on a tab must come up on the same one.
export function top(ark, here) {
  const { state } = ark;
  const parts = [notices(ark, here)];
  if (inside(state)) parts.unshift(nav(here), counts(state));
  const at = document.getElementById("top"), next = fill(h("header", { id: "top" }), parts);
  if (at.isEqualNode(next)) return;
  const focused = at.contains(document.activeElement) && document.activeElement.getAttribute("href");
  at.replaceChildren(...next.childNodes);
  if (focused) at.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

// inside tells whether the person may see the screens: the phone is enrolled, and somebody is signed in where the
// van knows its crew.
export function inside(state) {
  return !!state.phone && (!!state.member || !state.crew?.length);
}

function nav(here) {
  const on = (to) => to === "#/" ? here === "#/" || here.startsWith("#/visit/") : here.startsWith(to.replace(/s$/, ""));
  return h("nav", { class: "tabs", "aria-label": t("nav.label") }, places.map(([to, drawing, key]) =>
    h("a", { href: to, "aria-current": on(to) ? "page" : null }, icon(drawing), h("span", {}, t(key)))));
}

// counts are how many visits are where. Those that are nowhere else stand first; the sum stands beside them.
function counts(state) {
  const n = state.counts ?? {};
  const shown = ["phone", "van", "hub", "reviewed", "returned"].map((s) => [s, n[s] ?? 0]);
  const all = shown.reduce((sum, [, count]) => sum + count, 0);
  const look = (s) => states[s === "reviewed" ? "approved" : s];
  return h("a", { class: "counts", href: "#/today" }, h("span", { class: "hidden" }, t("counts.label")),
    shown.filter(([s, count]) => count || s !== "returned").map(([s, count]) =>
      h("span", { class: "count " + (count ? look(s).look : "none"), "data-count": s },
        h("b", {}, icon(look(s).icon), String(count)), " ", h("span", {}, t("counts." + s)), " ")),
    h("span", { class: "sum", "data-count": "all" }, t("counts.all", all)));
}

// notices are what the person should know whatever the screen.
function notices(ark, here) {
  const { state } = ark, told = [];
  if (state.phone && !state.online) told.push(["warn", "phone", t(state.counts?.phone ? "notice.away-held" : "notice.away", state.counts?.phone ?? 0)]);
  const stops = { struck: "notice.struck", "unknown-phone": "notice.unknown", "other-van": "notice.other-van" };
  if (state.phone && stops[state.trouble]) told.push(["bad", "stop", t(stops[state.trouble])]);
  if (state.member?.pin && (state.unsigned || ["pin", "session"].includes(state.trouble)) && !here.startsWith("#/who")) {
    told.push(["warn", "lock", [t("notice.pin"), h("a", { class: "btn wide", href: "#/who" + (here.startsWith("#/") ? here : "") }, icon("lock"), t("notice.pin-enter"))]]);
  }
  if (state.counts?.mend) told.push(["bad", "warn", t("notice.mend", state.counts.mend)]);
  if (state.counts?.stuck) told.push(["bad", "camera", t("notice.stuck", state.counts.stuck)]);
  if (state.renew || state.trouble === "renew") told.push(["warn", "again", t("notice.renew")]);
  if (state.doubt === "phone-clock") told.push(["warn", "warn", t("notice.doubt")]);
  const storage = { full: "notice.full", storage: "notice.broken", "old-app": "notice.renew" }[state.storage?.trouble];
  if (storage) told.push(["bad", "warn", t(storage)]);
  return told.map(([look, drawing, words]) => h("p", { class: "notice " + look }, icon(drawing), h("span", {}, words)));
}

// page makes a screen: its title, to which the reader's place is put, and what stands below. back is where "back" goes; a
// quiet title is only heard, where the screen has no room for it.
export function page(title, { back, act, quiet } = {}, ...children) {
  return [
    h("div", { class: "head" },
      back ? h("a", { class: "btn second back", href: back, "aria-label": t("nav.back") }, icon("back")) : null,
      h("h1", { tabindex: "-1", class: quiet ? "hidden" : null }, title), act ?? null),
    ...children,
  ];
}

// empty is what a list says that has nothing in it.
export function empty(words, ...more) {
  return h("div", { class: "empty" }, h("p", {}, words), ...more);
}

// ask puts a question over the screen, and answers true or false. Escape is no.
export function ask(words, yes, no = t("ask.no"), ...more) {
  const before = document.activeElement;
  return new Promise((resolve) => {
    const dialog = h("dialog", { class: "ask", "aria-label": words });
    const end = (said) => { dialog.close(); dialog.remove(); before?.focus?.(); resolve(said); };
    dialog.append(h("p", { class: "large" }, words), h("div", {}, more),
      h("div", { class: "pair" }, button("", () => end(true), yes), button("second", () => end(false), no)));
    dialog.addEventListener("cancel", (e) => { e.preventDefault(); end(false); });
    document.body.append(dialog);
    dialog.showModal();
  });
}
