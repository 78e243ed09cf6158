// A building at a glance: floors from the top down, rooms side by side, a drawing in each for what was found there.
import { h, icon } from "./h.js";
import { known, t } from "./say.js";
import { looks } from "./states.js";

const order = ["none", "met", "again", "no-answer", "refused", "moved", "no-visit"];

// stateOf is how a room looks: what the van says of it, or that nobody was there yet.
const stateOf = (room) => looks[room.state] ? room.state : "none";

// legend tells what the drawings mean, those that occur.
export function legend(buildings) {
  const there = new Set(buildings.flatMap((b) => b.floors.flatMap((f) => f.rooms.map(stateOf))));
  return h("ul", { class: "legend", "aria-label": t("grid.legend") }, order.filter((s) => there.has(s)).map((s) =>
    h("li", {}, h("span", { class: "cell " + looks[s].look, "aria-hidden": "true" }, looks[s].icon ? icon(looks[s].icon) : "—"), known("outcome.", s))));
}

export function grid(building) {
  const wide = Math.max(1, ...building.floors.map((f) => f.rooms.length));
  const done = building.floors.flatMap((f) => f.rooms).filter((r) => !["none", "no-visit"].includes(stateOf(r))).length;
  const all = building.floors.flatMap((f) => f.rooms).length;
  const floors = [...building.floors].sort((a, b) => b.floor - a.floor);
  const units = new Set(building.floors.flatMap((f) => f.rooms.map((r) => r.unit ?? ""))).size > 1;
  const table = h("table", { class: "grid" }, h("caption", {}, h("b", {}, building.name), " ", t("grid.done", done, all)),
    h("tbody", {}, floors.map((f) => h("tr", {}, h("th", { scope: "row" }, floorName(f.floor)), f.rooms.map((r) => cell(r, units)),
      f.rooms.length < wide ? h("td", { colspan: wide - f.rooms.length }) : null))));
  return h("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": building.name }, table);
}

const floorName = (floor) => floor ? t("grid.floor", floor) : t("grid.no-floor");

function cell(room, units) {
  const state = stateOf(room), l = looks[state];
  const inside = [h("span", { class: "room" }, (units && room.unit ? room.unit + "-" : "") + (room.room || "?")), l.icon ? icon(l.icon) : h("span", { class: "icon", "aria-hidden": "true" }, "—"),
    h("span", { class: "hidden" }, known("outcome.", state))];
  return h("td", {}, room.household ? h("a", { class: "cell " + l.look, href: "#/home/" + room.household, "data-state": state }, inside)
    : h("span", { class: "cell " + l.look, "data-state": state }, inside));
}
