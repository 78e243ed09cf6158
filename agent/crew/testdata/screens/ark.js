// A double of the engine's door (core/ark.js) for the tests of the screens: everything in memory, drafts in the session's
// storage so that a reload finds them. How it begins is said in the address: ?as=new is a phone that no van knows,
// ?as=locked one that nobody holds, ?as=away one out of the van's reach, ?as=refused one of which the van did not take a
// household and a photo, and whose session it has forgotten, ?as=silent one whose van says nothing until double.answer().
// window.double is for tests to reach into.
import { crew, form, homes, refusals, visits } from "./made-up.js";

const trouble = (word, more = {}) => Object.assign(new Error(word), { word, ...more });
const copy = (v) => v === undefined ? undefined : structuredClone(v);
let serial = 0;
const newID = () => "01990000-0000-7000-8000-" + String(++serial + Date.now() % 1e6 * 1e5).padStart(12, "0");
const dayOf = (ms) => { const d = new Date(ms); return [d.getFullYear(), d.getMonth() + 1, d.getDate()].map((n) => String(n).padStart(2, "0")).join("-"); };

export async function open() {
  const as = new URLSearchParams(location.search).get("as") ?? "";
  const listeners = new Set(), blobs = new Map();
  const drafts = new Map(JSON.parse(sessionStorage.getItem("drafts") ?? "[]"));
  const book = as === "empty" ? [] : visits();
  const doors = as === "empty" ? [] : homes(), edits = as === "refused" ? refusals(book, doors) : [];
  const state = {
    phone: as === "new" ? null : { id: newID(), name: "老王的手机" }, van: "van-1", member: as === "new" || as === "locked" ? null : crew[0],
    form: as === "new" ? null : form, crew: as === "new" ? [] : crew, place: { compound: "翠苑一区" }, places: ["翠苑一区"],
    online: as !== "away", unsigned: as === "refused", trouble: "", renew: false, doubt: "", storage: { trouble: "", persisted: as !== "away" }, uploads: { files: 0, bytes: 0, sent: 0 },
  };
  const known = [{ id: "p1", name: "老王的手机", at: Date.now() - 9e8, mine: true }, { id: "p2", name: "丢了的手机", at: Date.now() - 5e8 }];
  const count = () => {
    const c = { phone: edits.length, van: 0, hub: 0, reviewed: 0, returned: 0, mend: edits.length, stuck: 0 };
    for (const v of book) {
      if (v.state === "mend") c.mend++;
      if (v.visit.attachments.some((a) => v.stuck?.[a.content]?.final && !v.stuck[a.content].known)) c.stuck++;
      c[{ mend: "phone", approved: "reviewed", rejected: "reviewed" }[v.state] ?? v.state]++;
    }
    return c;
  };
  const told = () => { for (const f of listeners) f(ark.state); };
  let answer;
  const van = as === "silent" ? new Promise((done) => { answer = done; }) : null;
  const store = () => sessionStorage.setItem("drafts", JSON.stringify([...drafts]));
  const find = (id) => book.find((v) => v.id === id);

  const ark = {
    get state() { return { ...copy(state), counts: count() }; },
    on(_, f) { listeners.add(f); return () => listeners.delete(f); },
    async drafts() { return copy([...drafts.values()].filter((d) => d.visit).sort((a, b) => b.changed - a.changed)); },
    async homeDraft(of) { return copy([...drafts.values()].find((d) => d.household && d.of === of)) ?? { id: newID(), of }; },
    async draft(id) { return id ? copy(drafts.get(id)) : { id: newID(), visit: { outcome: "", services: [], needs: [], attachments: [] }, began: Date.now() }; },
    async keep(draft) { drafts.set(draft.id, copy({ ...draft, changed: Date.now(), member: state.member?.id })); store(); },
    async drop(id) { drafts.delete(id); store(); },
    async log(draft) {
      if (ark.full) throw trouble("full");
      const visit = { ...copy(draft.visit), by: state.member?.name, member: state.member?.id };
      book.unshift({ id: draft.id, made: Date.now(), state: "phone", last: draft.id, amended: 0, withdrawn: false, visit, attachments: {} });
      await ark.drop(draft.id);
      if (state.online) setTimeout(() => { const v = find(draft.id); if (v?.state === "phone") v.state = "van"; told(); }, 60);
      told();
      return draft.id;
    },
    async visits({ day, household, returned } = {}) {
      await van;
      return copy(book.filter((v) => (!day || dayOf(v.made) === day) && (!household || v.visit.household === household) && (!returned || v.state === "returned" || v.state === "mend" || Object.values(v.stuck ?? {}).some((s) => s.final && !s.known))));
    },
    async visit(id) { return copy(find(id)) ?? null; },
    async amend(id, visit, why, { draft } = {}) {
      drafts.delete(draft);
      store();
      const v = find(id);
      v.editions = [...v.editions ?? [{ made: v.made, visit: v.visit }], { made: Date.now(), visit: copy(visit), why }];
      Object.assign(v, { visit: copy(visit), amended: v.amended + 1, state: state.online ? "van" : "phone", comment: "" });
      told();
    },
    async mend(id, visit, { draft } = {}) { drafts.delete(draft); store(); Object.assign(find(id), { visit: copy(visit), state: "van", refused: undefined }); told(); },
    async giveUp(id) {
      const at = edits.findIndex((e) => e.id === id);
      if (at >= 0) edits.splice(at, 1);
      else find(id).state = "van";
      told();
    },
    edits() { return copy(edits); },
    async edit(id) { return copy(edits.find((e) => e.id === id)); },
    async mendHousehold(id, now, draft) {
      edits.splice(edits.findIndex((e) => e.id === id), 1);
      Object.assign(doors.find((h) => h.id === now.id), now, { refused: undefined, waiting: true });
      drafts.delete(draft);
      store();
      told();
    },
    async leaveFile(content) { for (const v of book) if (v.stuck?.[content]) v.stuck[content].known = true; told(); },
    async withdraw(id, why) { Object.assign(find(id), { withdrawn: true, why }); told(); },
    async search(q, near) {
      await van;
      const words = q.toLowerCase().split(/[\s-]+/).filter(Boolean);
      const hits = doors.filter((h) => words.every((w) => h.find.includes(w)));
      return Object.assign(copy(hits.slice(0, 20).map((h) => ({ ...h, metres: near ? h.metres : -1 }))), { from: state.online ? "van" : "phone" });
    },
    async household(id) {
      const h = doors.find((one) => one.id === id);
      if (!h) throw trouble("not-there");
      const mine = book.filter((v) => v.visit.household === id);
      return copy({ ...h, visits: mine, needs: mine.flatMap((v) => v.visit.needs ?? []) });
    },
    async editHousehold(now, was, draft) {
      drafts.delete(draft);
      store();
      const whole = { find: Object.values(now.place).join(" "), metres: -1, ...copy(now), id: now.id ?? newID(), waiting: true };
      if (was) Object.assign(doors.find((h) => h.id === now.id), whole);
      else doors.push(whole);
      return copy(whole);
    },
    async alike(h) {
      const same = (p) => p.room && p.room === h.place.room && p.building === h.place.building && p.unit === h.place.unit;
      const named = (one) => one.members?.some((m) => h.members?.some((n) => n.name && n.name === m.name));
      return copy(doors.filter((one) => same(one.place) || named(one)).map((household) => ({ household, why: same(household.place) ? "door" : "name" })));
    },
    async today(day) {
      const mine = await ark.visits({ day }), stats = { doors: 0, met: 0, no_answer: 0, refused: 0, moved: 0, again: 0, services: {}, needs: {} };
      for (const { visit, withdrawn } of mine) {
        if (withdrawn) continue;
        stats.doors++;
        stats[visit.outcome.replace("-", "_")]++;
        if (visit.return) stats.again++;
        for (const s of visit.services ?? []) stats.services[s] = (stats.services[s] ?? 0) + 1;
        for (const n of visit.needs ?? []) stats.needs[n.category] = (stats.needs[n.category] ?? 0) + 1;
      }
      const lost = ark.lost-- > 0; // the van's answer
      return { day, visits: mine, stats, buildings: lost ? [] : grid(doors, mine), from: lost || !state.online ? "phone" : "van" };
    },
    async attach(_, blob, { role, type, taken }) {
      const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
      const content = [...sum].map((b) => b.toString(16).padStart(2, "0")).join("");
      blobs.set(content, blob);
      return { content, size: blob.size, type, role, taken };
    },
    async blob(content) { return blobs.get(content) ?? null; },
    async people() { return copy(crew); },
    async phones() { return copy(known); },
    async strike(id) { Object.assign(known.find((p) => p.id === id), { struck: true, by: state.member?.name }); },
    async invite() { return { code: "40712956", left_s: 600, svg: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M1 1h3v3H1zM5 5h3v3H5z"/></svg>' }; },
    async unlock(id, pin) {
      const m = crew.find((one) => one.id === id);
      if (m.pin && pin !== "1234") throw trouble("pin", { left: 4, wait_s: 0 });
      Object.assign(state, { member: m, unsigned: false });
      told();
    },
    stay() { ark.stayed = true; },
    async lock() { state.member = null; told(); },
    async enrol(code, name) {
      if (code !== "K7QM2P") throw trouble("code", { status: 403, message: "no" });
      Object.assign(state, { phone: { id: newID(), name }, crew, form });
      told();
    },
    async exportUnsent() { return new Blob([JSON.stringify(book.filter((v) => v.state === "phone"))]); },
    async importUnsent() { return { visits: 2, drafts: 0, files: 0 }; },
    async renew() { return false; },
    speak() {},
    // What only tests use.
    set(change) { Object.assign(state, change); told(); },
    book, doors, blobs, answer, lost: 0,
  };
  window.double = ark;
  return ark;
}

// grid is the buildings with what the day found there.
function grid(doors, mine) {
  const buildings = new Map();
  for (const { id, place, no_visit } of doors) {
    if (!place.building) continue;
    const name = place.building + "幢" + place.unit + "单元";
    if (!buildings.has(name)) buildings.set(name, { name, place, floors: new Map() });
    const { floors } = buildings.get(name), floor = +place.room.slice(0, -2);
    const visit = mine.find((v) => v.visit.household === id && !v.withdrawn)?.visit;
    const state = visit ? visit.return ? "again" : visit.outcome : no_visit ? "no-visit" : "";
    floors.set(floor, [...floors.get(floor) ?? [], { room: place.room, household: id, state }]);
  }
  return [...buildings.values()].map((b) => ({ ...b, floors: [...b.floors].map(([floor, rooms]) => ({ floor, rooms: rooms.sort((a, c) => a.room - c.room) })) }));
}
