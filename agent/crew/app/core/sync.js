// Hands in what the phone holds, in order, and asks where it is. It runs in one tab at a time (tabs.js); each step of it
// may be cut off anywhere and is done again.

import { Trouble, newID, same } from "./ids.js";
import { kindOf } from "./net.js";
import { covers, doubtful, next, sendable, stateOf, visitOf } from "./states.js";
import { elapsed } from "./clock.js";

const HELLO = 4000; // ms for the van to say that it is there
const IDLE = 10_000, HIDDEN = 60_000; // ms between two turns where nothing happens
const FIRST = 1000, LAST = 8000; // ms of the back-off while the van is away
const START = 60_000; // ms after which form and crew are asked for again
const ASK = 200; // visits of one question
const MOST_CHOKED = 3; // answers in a row that make no sense, until it tries later
const DRAWN = 2500; // ms from the opening of the page on
const SETTLED = 10 * 60_000; // ms after which also those are asked about that staff are done with

const whyOf = (a) => ({ status: a.status, word: a.body?.error, field: a.body?.field, message: a.body?.message });

export class Sync {
  // Times are of the page's own stop-watch: the phone's clock may be set by decades meanwhile.
  #wake = null; #again = false; #text = false; #misses = 0; #started = -Infinity; #app = ""; #boot = ""; #filesAt = 0; #old = false; #asked = -Infinity; #word = ""; #from = 0;

  // live(change) tells all tabs how things stand; changed() that records did. files carries attachments.
  constructor({ store, net, files, area, live, changed, own }) { Object.assign(this, { store, net, files, area, live, changed, own }); }

  // kick makes it look at once, also where it was told to wait; text: there is more to hand in than attachments.
  kick(text = false) {
    this.#again = true;
    this.#text ||= text;
    this.#wake?.();
  }

  async lead(signal) {
    signal.addEventListener("abort", () => this.kick());
    while (!signal.aborted) {
      this.#again = false;
      const wait = await this.#turn(signal).catch((error) => this.#after(error));
      if (!signal.aborted) await this.#rest(wait);
    }
  }

  #rest(ms) {
    return new Promise((done) => {
      const timer = setTimeout(done, ms);
      this.#wake = () => { clearTimeout(timer); done(); };
      if (this.#again) this.#wake();
    });
  }

  // after an error: when to try again. Jitter keeps the phones of a crew apart that come back into reach together.
  #after(error) {
    if (error.word === "away") {
      this.live({ online: false });
      this.#started = -Infinity; // it may have started anew, and know nobody's session
    } else this.live({ trouble: error.word || "storage" });
    const ms = error.wait || Math.min(LAST, FIRST * 2 ** this.#misses++);
    return ms * (0.5 + Math.random());
  }

  async #turn(signal) {
    this.#word = "";
    this.#text = false;
    await this.#hello();
    if (!this.own().token) return this.#idle();
    const failed = []; // what the van has trouble with does not hold up the rest
    const part = (work) => work.catch((error) => {
      if (!(error instanceof Trouble) || error.word === "away") throw error;
      failed.push(error);
    });
    if (!this.#old) await part(this.#start());
    const stop = await this.#sendAll(signal);
    if (!this.#old) await part(this.#ask());
    if (stop) throw stop;
    if (!this.#old && this.own().start) this.#renewArea();
    if (!this.#old && performance.now() >= this.#filesAt) await this.#carry(signal);
    if (failed.length > 0) throw failed[0];
    this.#misses = 0;
    this.live({ trouble: this.#word });
    return this.#again ? 0 : this.#idle();
  }

  // renewArea asks for the households around, which are megabytes to a phone that has just begun to draw its first screen.
  #renewArea() {
    setTimeout(() => this.area.refresh(this.own().start || {}).catch(() => {}), Math.max(0, DRAWN - performance.now())); // nothing waits for it
  }

  #idle() { return globalThis.document?.hidden ? HIDDEN : IDLE; }

  async #hello() {
    const asked = Date.now();
    const hello = await this.net.ask("GET", "/api/2/hello", { timeout: HELLO });
    const off = (asked + Date.now()) / 2 - hello.time;
    const van = this.own().van;
    if (van && hello.van !== van) throw new Trouble("other-van");
    if (hello.app !== this.#app || hello.boot !== this.#boot) this.#started = -Infinity;
    [this.#app, this.#boot] = [hello.app, hello.boot];
    this.live({ online: true, off, trusted: hello.trusted, app: hello.app, name: hello.name, met: hello.van });
    this.#old = !!hello.api && !hello.api.includes(2);
    if (this.#old) this.#word = "renew";
  }

  // start learns who the crew are, what is asked, and whether the van still knows who is at the phone.
  async #start() {
    if (performance.now() - this.#started < START) return;
    const { member, sessions } = this.own(), session = sessions?.[member?.id];
    const a = await this.net.call("GET", "/api/2/start", { member: member?.id });
    if (a.status === 410) { this.#note(a, "renew"); return; }
    if (a.status !== 200) throw this.#note(a, kindOf(a));
    const { time, trusted, member: known, ...start } = a.body;
    if (session && known !== member.id) await this.net.forgot(session);
    const changed = await this.store.write(["facts", "records"], async (tx) => {
      await this.#fatten(tx);
      if (same(await tx.find("facts", "start"), start)) return false;
      await tx.put("facts", start, "start");
      return true;
    });
    this.#started = performance.now();
    if (changed) this.changed();
  }

  // fatten says anew, and whole, what an older app could only hand in thin.
  async #fatten(tx) {
    const thin = await tx.find("facts", "thin") || [];
    for (const { id, step } of thin) {
      const r = await tx.find("records", id);
      if (r) await tx.keep(next(r, { do: "amend", step, n: await tx.number(), made: Date.now(), visit: visitOf(r), why: "", member: visitOf(r).member }));
    }
    if (thin.length) await tx.remove("facts", "thin");
  }

  // sendAll hands in one step after the other and is the Trouble that ended it early, if one did. A step that the van
  // refuses or chokes on, or for which a person must say who they are, does not hold up the others: after too many on which it
  // chokes the next turn goes on behind them.
  async #sendAll(signal) {
    const from = this.#from;
    this.#from = 0;
    for (let after = from, choked = 0; !signal.aborted;) {
      const r = await this.store.read(["records"], (tx) => tx.waiting(after));
      if (!r) break;
      const step = sendable(r);
      const a = this.#old ? { status: 410 } : await this.#hand(r, step);
      const kind = kindOf(a, step.id);
      after = step.n;
      if (kind === "saved" || kind === "refused" || kind === "lost") {
        const now = await this.#apply(r.id, { do: kind, step: step.id, why: whyOf(a) });
        after = Math.min(after, (sendable(now)?.n ?? Infinity) - 1); // what was lost begins before it
        choked = 0;
      } else if (kind === "renew") await this.#thin(r, step);
      else {
        const trouble = this.#note(a, kind);
        if (kind === "choked" && ++choked === MOST_CHOKED) this.#from = after;
        if (kind !== "pin" && (kind !== "choked" || this.#from > 0)) return trouble;
      }
    }
    return null;
  }

  // note says what stands in the way, and is it as a Trouble.
  #note(a, kind) {
    const word = kind === "renew" ? "renew" : a.body?.error || (kind === "phone" ? "unknown-phone" : "busy");
    this.#word = word;
    return new Trouble(word, { wait: a.wait });
  }

  #hand(r, step) {
    const now = Date.now(), made = now - elapsed(step);
    const send = (path, json) => this.net.call("POST", path, { json, member: step.member });
    const { id, visit, why, after } = step;
    switch (step.what) {
      case "log": return send("/api/2/visits", { id, made, now, visit });
      case "amend": return send(`/api/2/visits/${r.id}/amend`, { id, made, now, visit, why, after });
      case "withdraw": return send(`/api/2/visits/${r.id}/withdraw`, { id, made, now, why });
      default: return send("/api/2/households", { id, now_household: step.now, was: step.was });
    }
  }

  // thin hands a visit in through the first version of the API, which knows words only.
  async #thin(r, step) {
    this.#word = "renew";
    if (step.what !== "log") return;
    const { place, person, outcome, services, need, note, by } = step.visit;
    const needs = [need, ...(step.visit.needs || []).map((n) => n.words || n.category)].filter(Boolean).join("\n");
    const a = await this.net.call("POST", "/api/1/visits", { json: { id: step.id, place, person, outcome, services, need: needs, note, by } });
    if (kindOf(a, step.id) !== "saved") return;
    await this.#apply(r.id, { do: "saved", step: step.id }, async (tx) => {
      await tx.put("facts", [...await tx.find("facts", "thin") || [], { id: r.id, step: newID() }], "thin");
    });
  }

  async #apply(id, event, also) {
    const now = await this.store.write(["records", "facts"], async (tx) => {
      const r = await tx.find("records", id);
      if (!r) return { steps: [] };
      const now = next(r, event);
      await tx.keep(now);
      await also?.(tx);
      return now;
    });
    this.changed();
    return now;
  }

  // ask learns where visits are that the van has. Those that staff are done with it asks about now and then.
  async #ask() {
    const all = performance.now() - this.#asked > SETTLED;
    const open = await this.store.read(["records"], (tx) => tx.by("records", "asks", all ? undefined : 1));
    for (let i = 0; i < open.length; i += ASK) await this.#askFew(open.slice(i, i + ASK));
    if (all) this.#asked = performance.now();
  }

  async #askFew(few) {
    const a = await this.net.ask("GET", "/api/2/states?ids=" + few.map((r) => r.id).join());
    const news = [];
    for (const r of few) {
      const s = a.states?.[r.id];
      const e = s ? { do: "told", ...s } : a.missing?.includes(r.id) ? { do: "missing" } : null;
      if (!e) continue;
      if (s && doubtful(r, s)) e.has = await this.#has(r.id);
      e.covers = covers(r);
      if (!same(next(r, e), r)) news.push([r.id, e]);
    }
    if (news.length > 0) await this.#learn(news);
  }

  // has are all entries that the van has of a visit.
  async #has(id) {
    return ((await this.net.ask("GET", "/api/2/visits/" + id)).editions || []).map((e) => e.entry);
  }

  async #learn(news) {
    let back = false;
    await this.store.write(["records", "files"], async (tx) => {
      for (const [id, e] of news) {
        const r = await tx.find("records", id);
        if (!r) continue;
        const now = next(r, e);
        await tx.keep(now);
        back ||= !!sendable(now);
        if (e.do === "missing" && stateOf(r) === "van") await this.files.missing(tx, id);
      }
    });
    if (back) this.#again = this.#text = true;
    this.changed();
  }

  // carry brings attachments after the text, until there is text again.
  async #carry(signal) {
    try {
      if (await this.files.carry(() => signal.aborted || this.#text, this.#app)) this.changed();
    } catch (error) {
      if (error.word === "away" || !(error instanceof Trouble)) throw error;
      this.#filesAt = performance.now() + (error.wait || 60_000);
      this.changed(); // what it said about some of them
    }
  }
}
