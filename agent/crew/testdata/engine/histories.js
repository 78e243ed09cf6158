// Random histories of visits on a phone: two tabs, a van whose card is replaced, a hub, and a network that loses, repeats,
// delays and reorders. After each event nothing may be lost or called further than it is; in the end, with all faults off,
// everything is at the hub once. Arguments: rounds, first seed.

import { asks, counts, covers, doubtful, next, sendable, stateOf } from "./core/states.js";

const [rounds, first] = process.argv.slice(2).map(Number);

function random(seed) { // mulberry32
  return () => {
    seed = seed + 0x6d2b79f5 | 0;
    let t = Math.imul(seed ^ seed >>> 15, 1 | seed);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) / 2 ** 32;
  };
}

class Fault extends Error {}
const must = (ok, words) => { if (!ok) throw new Fault(words); };

// Card is a van's: what it has committed, in order, of each visit.
class Card {
  visits = new Map();

  take({ what, id, visit, after, body }) {
    const v = this.visits.get(visit);
    const old = v?.entries.find((e) => e.id === id);
    if (old) return old.body === body ? { kind: "saved" } : { kind: "refused", word: "taken" };
    if (body.includes("bad")) return { kind: "refused", word: "text" };
    if (what === "log") { this.visits.set(visit, { entries: [{ id, body }], hub: 0, review: null }); return { kind: "saved" }; }
    if (!v) return { kind: "lost", word: "not-there" };
    if (v.entries.at(-1).id !== after) return { kind: "refused", word: "stale" };
    v.entries.push({ id, body });
    return { kind: "saved" };
  }

  tell(id) {
    const v = this.visits.get(id);
    if (!v) return null;
    const last = v.entries.at(-1).id, all = v.hub === v.entries.length;
    return { state: all ? v.review?.entry === last ? v.review.state : "hub" : "van", last, has: v.entries.map((e) => e.id) };
  }
}

class World {
  disk = new Map(); // the phone's records
  n = 0; ids = 0; needless = 0;
  card = new Card();
  hub = new Map(); // visit to the ids of its entries
  everVan = new Set(); // entries that some card has had
  wire = []; // answers and requests on their way
  steps = new Map(); // all that a person was told is kept: step to visit
  gaveUp = new Set();

  constructor(seed) { this.chance = random(seed); }
  pick(list) { return list[Math.floor(this.chance() * list.length)]; }
  id() { return "e" + ++this.ids; }
  put(id, event) { // one transaction
    const r = next(this.disk.get(id), event);
    if (r) this.disk.set(id, r);
  }

  // What a person does.
  log() {
    const old = this.disk.size >= 3 || this.chance() < 0.2 ? this.pick([...this.disk.keys()]) : undefined; // the same once more
    const id = old ?? this.id(), bad = this.chance() < 0.1;
    this.put(id, { do: "log", id, n: ++this.n, made: 1, visit: { place: (bad ? "bad " : "") + id } });
    this.steps.set(id, id);
  }
  change(what) {
    const r = this.pick([...this.disk.values()]);
    if (!r) return;
    const again = this.chance() < 0.1 ? r.steps.at(-1).id : undefined; // the same once more
    const step = again ?? this.id(), bad = this.chance() < 0.15;
    this.put(r.id, { do: what, step, n: ++this.n, made: 1, visit: { place: (bad ? "bad " : "") + step }, why: "" });
    this.steps.set(step, r.id);
  }
  mend() {
    const r = this.pick([...this.disk.values()].filter((r) => stateOf(r) === "mend"));
    const step = r?.steps.find((s) => s.refused);
    if (!step) return;
    if (step.refused.word !== "text") this.needless++;
    if (step.what !== "log" && this.chance() < 0.5) this.put(r.id, { do: "giveUp", step: step.id });
    else {
      const as = this.id(), after = step.refused.word === "stale" ? this.card.tell(r.id)?.last : undefined;
      this.put(r.id, { do: "mend", step: step.id, as, after, visit: step.visit && { place: "mended " + step.id } });
      if (step.what === "log") return;
      this.steps.set(as, r.id);
    }
    this.gaveUp.add(step.id);
  }

  // What the app does in either tab; what it had in memory is in the message, so that a crash is a message that gets lost.
  send() {
    const waiting = [...this.disk.values()].filter(sendable).sort((a, b) => sendable(a).n - sendable(b).n);
    const r = this.chance() < 0.8 ? waiting[0] : this.pick(waiting); // another tab may be elsewhere
    if (!r) return;
    const s = sendable(r);
    this.wire.push({ to: "van", visit: r.id, id: s.id, what: s.what, after: s.after, body: JSON.stringify(s.visit ?? s.what) });
  }
  ask() {
    const few = [...this.disk.values()].filter((r) => asks(r));
    if (few.length) this.wire.push({ to: "van", ask: few.map((r) => r.id), covers: new Map(few.map((r) => [r.id, covers(r)])), before: new Map(few.map((r) => [r.id, r])) });
  }

  // What the network does with one message.
  deliver(faults) {
    const i = faults ? Math.floor(this.chance() * this.wire.length) : 0; // in any order
    const m = this.wire[i];
    if (!m) return;
    const luck = faults ? this.chance() : 1;
    if (luck > 0.15) this.wire.splice(i, 1); // else it comes again
    if (luck > 0.15 && luck < 0.35) return; // lost, or whoever waited for it was killed
    if (m.to === "van") this.atVan(m);
    else this.atPhone(m);
  }
  atVan(m) {
    if (m.ask) { this.wire.push({ ...m, to: "phone", told: m.ask.map((id) => [id, this.card.tell(id)]) }); return; }
    const answer = this.card.take(m);
    if (answer.kind === "saved") this.everVan.add(m.id);
    this.wire.push({ to: "phone", visit: m.visit, id: m.id, answer });
  }
  atPhone(m) {
    if (!m.ask) { this.put(m.visit, { do: m.answer.kind, step: m.id, why: { word: m.answer.word } }); return; }
    for (const [id, t] of m.told) {
      const e = { covers: m.covers.get(id), ...(t ? { do: "told", state: t.state, last: t.last } : { do: "missing" }) };
      if (t && doubtful(m.before.get(id), t)) e.has = t.has;
      this.put(id, e);
    }
  }

  // What van and hub do.
  uplink() {
    for (const [id, v] of this.card.visits) if (v.hub < v.entries.length && this.chance() < 0.7) this.up(id, v);
  }
  up(id, v) {
    const has = this.hub.get(id) || new Set();
    has.add(v.entries[v.hub++].id);
    this.hub.set(id, has);
  }
  review() {
    const v = this.pick([...this.card.visits.values()]);
    if (v && v.hub === v.entries.length) v.review = { entry: v.entries.at(-1).id, state: this.pick(["approved", "returned", "rejected"]) };
  }
  newCard() { this.card = new Card(); }

  judge() {
    for (const [step, visit] of this.steps) {
      if (this.gaveUp.has(step)) continue;
      const found = this.disk.get(visit)?.steps.filter((s) => s.id === step) || [];
      must(found.length === 1, `${step} of ${visit} is there ${found.length} times`);
      must(found[0].where === "phone" || this.everVan.has(step), `${step} is called ${found[0].where} and was never on a van`);
      must(found[0].where !== "hub" || this.hub.get(visit)?.has(step), `${step} is called hub and is not there`);
    }
    const c = counts(this.disk.values());
    must(c.phone + c.van + c.hub + c.reviewed + c.returned === c.all && c.all === this.disk.size, "counts do not add up: " + JSON.stringify(c));
  }

  settle() {
    for (let still = 0, i = 0; still < 3; i++) {
      must(i < 500, "it never comes to rest");
      const before = JSON.stringify([...this.disk]);
      while (this.wire.length) this.deliver(false);
      this.send();
      this.ask();
      this.mend();
      for (const [id, v] of this.card.visits) while (v.hub < v.entries.length) this.up(id, v);
      still = JSON.stringify([...this.disk]) !== before || [...this.disk.values()].some(sendable) ? 0 : still + 1;
    }
    this.judge();
    for (const r of this.disk.values()) {
      must(!["phone", "mend", "van"].includes(stateOf(r)), `${r.id} is still ${stateOf(r)}: ${JSON.stringify(r)}`);
      for (const s of r.steps) must(this.hub.get(r.id).has(s.id), `${s.id} did not come to the hub`);
      const t = this.card.tell(r.id);
      if (t) must(stateOf(r) === t.state, `${r.id} is shown as ${stateOf(r)}, the van says ${t.state}`);
    }
  }
}

const tally = {};
for (let seed = first; seed < first + rounds; seed++) {
  const w = new World(seed);
  const acts = [["log", 2], ["send", 8], ["ask", 4], ["deliver", 13], ["uplink", 0.7], ["review", 1], ["mend", 1], ["newCard", 0.6]];
  const trace = [];
  try {
    for (let i = 0; i < 120; i++) {
      let at = w.chance() * 33.3;
      const [act] = acts.find(([, weight]) => (at -= weight) < 0) || ["change"];
      tally[act] = (tally[act] || 0) + 1;
      trace.push(act);
      if (act === "deliver") w.deliver(true);
      else if (act === "change") w.change(w.chance() < 0.8 ? "amend" : "withdraw");
      else w[act]();
      w.judge();
    }
    w.settle();
    tally.needless = (tally.needless || 0) + w.needless;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    console.error(`seed ${seed}, event ${trace.length}: ${error.message}`);
    process.exit(1);
  }
}
console.log(JSON.stringify(tally));
if (tally.needless * 25 > tally.change) { // only where a card was replaced under way may a person be asked for nothing
  console.error("too many refusals that only the app's own order brought about");
  process.exit(1);
}
