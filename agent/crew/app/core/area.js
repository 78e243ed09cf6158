// The households: from the van as one types, and out of its reach from what the phone kept of the area.

import { Trouble, newID } from "./ids.js";
import { next, visitOf } from "./states.js";

const DAY = 24 * 3600 * 1000, FRESH = 15 * 60_000, MOST = 5000;
const SLOW = 60_000; // ms for the area, which may be some megabytes
const SOON = 2500, LATER = 4000; // ms for a search, and for one household; then the phone's own answer is better than none

export class Area {
  #tried = 0; #kept = null;

  constructor({ store, net, own, changed, kick }) { Object.assign(this, { store, net, own, changed, kick }); }

  // refresh brings the area where the van stands onto the phone.
  async refresh(start) {
    if (Math.abs(Date.now() - this.#tried) < FRESH) return;
    this.#tried = Date.now();
    const compound = start.place?.compound || (typeof start.place === "string" ? start.place : "");
    const kept = await this.#area();
    if (kept?.compound === compound && Math.abs(Date.now() - kept.at) < FRESH) return;
    const a = await this.net.call("GET", "/api/2/area?compound=" + encodeURIComponent(compound), { timeout: SLOW });
    if (a.status !== 200) return;
    const area = { compound, at: Date.now(), version: a.body.version, households: (a.body.households || []).slice(0, MOST) };
    await this.store.write(["facts"], (tx) => tx.put("facts", area, "area"), "default").catch((error) => {
      if (error.word !== "full") throw error; // visits need the room more
    });
    this.#kept = area;
    await this.#there(new Set(area.households.map((h) => h.id)));
  }

  // there hands in again what was about a household that the van did not hold, and holds now: a new card hears of its area late.
  async #there(ids) {
    const due = (this.own().edits || []).filter(({ now, refused }) => refused?.word === "not-there" && ids.has(now.id));
    if (due.length === 0) return;
    await this.store.write(["records"], async (tx) => {
      for (const { id } of due) {
        const r = await tx.find("records", id);
        if (r) await tx.keep(next(r, { do: "mend", step: id }));
      }
    });
    this.changed();
    this.kick(true);
  }

  async #area() { return this.#kept ||= await this.store.read(["facts"], (tx) => tx.find("facts", "area")); }

  // forget is called when the phone is struck off.
  async forget() {
    this.#kept = null;
    await this.store.write(["facts"], (tx) => tx.remove("facts", "area"), "default");
  }

  // spare makes room on a full phone; false: there was none to make. The van has it all, and it comes again.
  async spare() {
    const there = !!await this.store.read(["facts"], (tx) => tx.find("facts", "area"));
    if (there) await this.forget();
    return there;
  }

  // search is a list of households; its property from is "van", or "phone" where that is what the phone kept.
  async search(q, { lat, lon, limit = 20 } = {}) {
    const near = lat === undefined ? "" : `&lat=${lat}&lon=${lon}`;
    let list, from = "van";
    try {
      list = (await this.net.ask("GET", `/api/2/households?q=${encodeURIComponent(q)}${near}&limit=${limit}`, { timeout: SOON, own: true })).households || [];
    } catch (error) {
      if (!(error instanceof Trouble) || error.word === "storage") throw error;
      list = find((await this.#area())?.households || [], q, { lat, lon, limit });
      from = "phone";
    }
    return Object.assign(await this.#mine(list, q), { from });
  }

  // mine lays what only this phone has yet over a list: corrections, and new households that fit the words.
  async #mine(list, q) {
    const edits = this.#edits();
    const all = list.map((h) => ({ ...h, ...edits.get(h.id) }));
    const fresh = [...edits.values()].filter((h) => !list.some((l) => l.id === h.id)).map((h) => ({ ...h, find: words(h) }));
    return [...find(fresh, q), ...all];
  }

  // edits are the households as this phone has changed them, where the van does not have that yet: waiting, and refused where
  // it did not take it.
  #edits() {
    return new Map((this.own().edits || []).map(({ id, now, refused }) => [now.id, { ...now, waiting: true, ...(refused && { refused: { ...refused, edit: id } }) }]));
  }

  // household is one, with its visits and open needs where the van can be asked.
  async household(id) {
    const edit = this.#edits().get(id), mine = edit || (await this.#area())?.households.find((h) => h.id === id);
    try {
      const h = await this.net.ask("GET", "/api/2/households/" + id, { timeout: LATER, own: !!mine });
      return { ...h, ...edit, from: "van" };
    } catch (error) {
      if (!mine) throw error;
      return { visits: await this.#visits(id), needs: [], ...mine, from: "phone" };
    }
  }

  // visits are those of a household that this phone made.
  async #visits(id) {
    const records = await this.store.read(["records"], (tx) => tx.all("records"));
    return records.filter((r) => visitOf(r)?.household === id).map((r) => ({ id: r.id, made: r.made, visit: visitOf(r) })).reverse();
  }

  // alike are those that may be the same: [{household, why}]. Out of reach: at the same door.
  async alike(household) {
    const asked = household.id ? household : { ...household, id: newID() };
    try {
      return (await this.net.ask("POST", "/api/2/households/alike", { json: { household: asked }, timeout: SOON, own: true })).alike || [];
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      const door = (p) => [p?.compound, p?.building, p?.unit, p?.room].join("|");
      const all = (await this.#area())?.households || [];
      return all.filter((h) => h.id !== household.id && h.place?.room && door(h.place) === door(household.place)).slice(0, 5).map((h) => ({ household: h, why: "door" }));
    }
  }

  old() { return this.#kept && Math.abs(Date.now() - this.#kept.at) > DAY; }
}

// words is what a search looks in, of a household that the van has not seen: without pinyin.
const words = (h) => [...(h.members || []).map((m) => m.name), h.phone, ...Object.values(h.place || {}), [h.place?.building, h.place?.unit, h.place?.room].filter(Boolean).join("-")].join(" ");

// byEar makes one of what people who type by ear do not tell apart: z and zh, an and ang, l and n, f and h. Letters of both sides
// go through it, so it need not know where a syllable ends.
const byEar = (text) => text.replace(/([zcs])h/g, "$1").replace(/ng/g, "n").replace(/n/g, "l").replace(/f/g, "h");

// find looks for words in what the van said search looks in; nearest first where the phone knows where it is. What is spelt by
// ear comes behind what is spelt right.
export function find(households, q, near = {}) {
  const words = q.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean), { limit = 20 } = near;
  const hits = looked(households, words, (text) => text, near);
  if (hits.length >= limit || !words.some((w) => /[a-z]{2}/.test(w))) return hits;
  const more = looked(households, words.map(byEar), byEar, near).filter((h) => !hits.some((k) => k.id === h.id));
  return [...hits, ...more].slice(0, limit);
}

function looked(households, words, spelt, { lat, lon, limit = 20 }) {
  const hits = [];
  for (const h of households) {
    const text = spelt((h.find || "").toLowerCase());
    if (words.every((w) => text.includes(w))) hits.push(lat === undefined || !h.geo ? { ...h, metres: -1 } : { ...h, metres: metres(h.geo, { lat, lon }) });
    if (lat === undefined && hits.length >= limit) break;
  }
  if (lat !== undefined) hits.sort((a, b) => (a.metres < 0) - (b.metres < 0) || a.metres - b.metres);
  return hits.slice(0, limit);
}

// metres between two places near each other, in units of 1e-7 degrees; a degree is 111,195 m on a sphere of 6,371 km.
export function metres(a, b) {
  const unit = 111_195 / 1e7, flat = Math.cos(a.lat / 1e7 * Math.PI / 180);
  return Math.round(Math.hypot((a.lat - b.lat) * unit, (a.lon - b.lon) * unit * flat));
}
