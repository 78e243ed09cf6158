// Rules of the engine that need no browser, as tables.

import assert from "node:assert/strict";
import { find, metres } from "./core/area.js";
import { elapsed } from "./core/clock.js";
import { same } from "./core/ids.js";
import { kindOf } from "./core/net.js";
import { waitAfter, waitLeft } from "./core/people.js";
import { anew, counts, merge, next, stateOf } from "./core/states.js";
import { today } from "./core/today.js";

const log = (id, n, more = {}) => next(undefined, { do: "log", id, n, made: 1, visit: { place: id }, ...more });

// How long ago, whatever was done to the clock meanwhile.
const year = 365 * 24 * 3600 * 1000;
for (const [name, m, now, mono, session, want] of [
  ["as it should be", { made: 1000, mono: 10, session: "a" }, 5000, 99, "b", 4000],
  ["set back, the page still open", { made: 50 * year, mono: 10, session: "a" }, 1000, 510, "a", 500],
  ["from 1970 to now, the page still open", { made: 1000, mono: 10, session: "a" }, 50 * year, 510, "a", 500],
  ["set back, the page closed since", { made: 50 * year, mono: 10, session: "a" }, 1000, 5, "b", 0],
  ["from 1970 to now, the page closed since", { made: 1000, mono: 10, session: "a" }, 50 * year, 5, "b", 0],
]) assert.equal(elapsed(m, now, mono, session), want, name);

// What the van's answers mean for what is handed in.
for (const [status, error, want] of [[201, "", "saved"], [400, "json", "refused"], [422, "place", "refused"], [409, "taken", "refused"], [413, "large", "refused"],
  [401, "unknown-phone", "phone"], [403, "struck", "phone"], [403, "session", "pin"], [404, "not-there", "lost"], [404, undefined, "choked"], [410, "renew", "renew"],
  [429, "many", "busy"], [503, "card", "busy"], [507, "full", "busy"], [500, undefined, "choked"], [200, undefined, "choked"]]) {
  assert.equal(kindOf({ status, body: { error, id: "x" } }, "x"), want, `${status} ${error}`);
}
assert.equal(kindOf({ status: 201, body: { id: "y" } }, "x"), "choked", "a 201 about something else");

for (const [wrong, seconds] of [[0, 0], [4, 0], [5, 60], [6, 300], [7, 900], [8, 3600], [50, 3600]]) assert.equal(waitAfter(wrong), seconds * 1000);

// A clock that is set neither ends the waiting nor makes it last for years.
for (const [wrong, at, now, want] of [[5, 1000, 1000, 60_000], [5, 1000, 31_000, 30_000], [5, 50 * year, 1000, 60_000], [4, 50 * year, 1000, 0]]) {
  assert.equal(Math.max(0, waitLeft({ wrong, at }, now)), want, `${wrong} wrong at ${at}, now ${now}`);
}

assert.ok(same({ a: 1, b: [1, { c: undefined, d: 2 }] }, { b: [1, { d: 2 }], a: 1 }) && !same({ a: 1 }, { a: "1" }));

// A visit whose id the van knows with another content becomes another only when a person says so; its amendments go along.
let r = next(log("v1", 1), { do: "amend", step: "a1", n: 2, made: 1, visit: { place: "b" } });
assert.equal(anew(r, "v2"), r);
r = next(r, { do: "refused", step: "v1", why: { word: "taken" } });
assert.equal(stateOf(r), "mend");
const other = anew(r, "v2");
assert.deepEqual([other.id, other.steps[0].id, other.steps[0].refused, other.steps[1].after], ["v2", "v2", undefined, "v2"]);

// A step keeps when it was made by the page's own stop-watch too: the clock may be set before it is handed in.
const timed = next(log("t", 1, { session: "a", mono: 7 }), { do: "withdraw", step: "w", n: 2, made: 1, session: "a", mono: 9 });
assert.deepEqual(timed.steps.map((s) => [s.session, s.mono]), [["a", 7], ["a", 9]]);

// An edit that was refused is handed in again as mended, under its id; it counts until the van has it.
let e = next(undefined, { do: "edit", id: "e1", n: 1, made: 1, now: { note: "a" } });
e = next(e, { do: "refused", step: "e1", why: { word: "household-wrong" } });
assert.deepEqual([stateOf(e), counts([e]).phone, counts([e]).mend], ["mend", 1, 1]);
e = next(e, { do: "mend", step: "e1", now: { note: "b" } });
assert.deepEqual([stateOf(e), e.steps[0].now.note, counts([e]).all], ["phone", "b", 1]);
assert.equal(counts([next(e, { do: "saved", step: "e1" })]).all, 0);

// Two phones' knowledge of one visit: no step is lost, and none is called less far than either knew.
const mine = next(log("v", 1), { do: "saved", step: "v" });
const both = merge(mine, next(log("v", 7), { do: "withdraw", step: "w", n: 8, made: 1 }));
assert.deepEqual(both.steps.map((s) => [s.id, s.where]), [["v", "van"], ["w", "phone"]]);
assert.deepEqual(merge(both, both), both);

const c = counts([mine, both, r, next(undefined, { do: "edit", id: "h", n: 3, made: 1, now: {} })]);
assert.deepEqual(c, { phone: 3, van: 1, hub: 0, reviewed: 0, returned: 0, all: 4, mend: 1, edits: 1 });

// Search out of reach, and how far away.
const homes = [{ id: "1", find: "王奶奶 wangnainai wnn 3-2-501", geo: { lat: 302_800_000, lon: 1_201_500_000 } }, { id: "2", find: "李 li l 5-101", geo: { lat: 302_810_000, lon: 1_201_500_000 } }, { id: "3", find: "王五 wangwu ww" }];
for (const [q, want] of [["WNN", "1"], ["wang", "13"], ["wang 501", "1"], ["", "123"], ["ｗｗ", "3"], ["zz", ""]]) assert.equal(find(homes, q).map((h) => h.id).join(""), want, q);
// By ear, behind what is spelt right.
const heard = [{ id: "1", find: "张伟 zhangwei zw" }, { id: "2", find: "詹卫 zhanwei zw" }, { id: "3", find: "牛福 niufu nf" }];
for (const [q, want] of [["zhanwei", "21"], ["zangwei", "12"], ["liuhu", "3"], ["zhangwei", "12"], ["nf", "3"], ["hl", ""], ["1", ""]]) {
  assert.equal(find(heard, q).map((h) => h.id).join(""), want, q);
}
assert.equal(find(homes, "", { lat: 302_810_000, lon: 1_201_500_000 }).map((h) => h.id).join(""), "213");
assert.equal(metres(homes[0].geo, homes[1].geo), 111);

// The day: what only the phone has is added to the van's, once; what was withdrawn counts for nothing.
const van = { visits: [{ id: "a", visit: { outcome: "met" } }], stats: { doors: 1, met: 1, services: { haircut: 1 } },
  buildings: [{ name: "翠苑3幢", place: { compound: "翠苑", building: "3" }, floors: [{ floor: 5, rooms: [{ room: "501", household: "h", state: "" }] }] }] };
const where = { compound: "翠苑", building: "3", unit: "2" };
const day = today("2026-11-26", van, [{ id: "a", visit: { outcome: "met" } }, { id: "b", visit: { outcome: "no-answer", return: true, where: { ...where, room: "501" } } },
  { id: "c", visit: { outcome: "met", services: ["haircut"], where: { ...where, room: "402" } } }, { id: "d", withdrawn: true, visit: { outcome: "met" } }]);
assert.deepEqual({ ...day.stats }, { doors: 3, met: 2, no_answer: 1, refused: 0, moved: 0, again: 1, services: { haircut: 2 }, needs: {} });
assert.deepEqual(day.buildings[0].floors.map((f) => [f.floor, f.rooms.map((r) => r.room + r.state)]), [[5, ["501again"]], [4, ["402met"]]]);
assert.deepEqual(van.buildings[0].floors.length, 1, "the van's answer was changed");
console.log("ok");
