// Drafts and visits: what a person writes, made durable before it is called kept, and what the screens show of it.

import { Trouble, newID, same } from "./ids.js";
import { moment } from "./clock.js";
import { jot, jots, wipe } from "./jots.js";
import { anew, asks, next, stateOf, visitOf, withdrawn } from "./states.js";
import { today } from "./today.js";

const KEEP = 30 * 24 * 3600 * 1000; // ms for which a visit that is done with stays on the phone

export class Visits {
  #kept = new Map(); // draft id to its newest content and the promise that it is kept
  #gone = new Set(); // ids of drafts that were logged or dropped here: a late touch does not bring them back

  constructor({ store, net, files, own, changed, kick, spare }) { Object.assign(this, { store, net, files, own, changed, kick, spare }); }

  // drafts are those that were begun and not logged, in this tab or another; the newest first.
  drafts() {
    return this.store.read(["drafts", "records"], async (tx) => {
      const open = [];
      for (const d of await tx.all("drafts")) if (d.visit && (d.amends || !await tx.find("records", d.id))) open.push(d);
      return open.sort((a, b) => b.changed - a.changed);
    });
  }

  // draft is one of them, or undefined; without an id a new one.
  async draft(id) {
    if (!id) return { id: newID(), visit: { outcome: "", services: [], needs: [], attachments: [] }, began: Date.now() };
    return this.store.read(["drafts"], (tx) => tx.find("drafts", id));
  }

  // recover brings into the store what an earlier page wrote down at its very end. A draft that was logged stays gone.
  async recover() {
    for (const draft of jots()) {
      await this.store.write(["drafts", "records"], async (tx) => {
        const had = await tx.find("drafts", draft.id);
        const logged = draft.visit && !draft.amends && await tx.find("records", draft.id);
        if (!logged && !(had?.changed >= draft.changed)) await tx.put("drafts", draft);
      });
      wipe(draft.id, JSON.stringify(draft));
    }
  }

  // keep writes a draft as it is now; it outlives the page when this returns.
  keep(draft) {
    if (this.#gone.has(draft.id)) return Promise.resolve();
    const content = structuredClone({ ...draft, changed: Date.now(), member: this.own().member?.id });
    const text = jot(content);
    const done = this.store.put("drafts", content).catch(async (error) => {
      if (error instanceof Trouble) throw error;
      await this.store.write(["drafts"], (tx) => this.#kept.get(draft.id)?.content === content && tx.put("drafts", content), "relaxed");
    }).then(() => wipe(draft.id, text));
    this.#kept.set(draft.id, { content, done });
    return done;
  }

  // flush waits for the drafts that are being written.
  flush() { return Promise.allSettled([...this.#kept.values()].map((k) => k.done)); }

  async drop(id) {
    await this.#settle(id);
    await this.store.write(["drafts"], (tx) => tx.remove("drafts", id));
    wipe(id);
    this.changed();
  }

  // settling is work that ends a draft; where it fails the draft goes on.
  async settling(id, work) {
    await this.#settle(id);
    try {
      const result = await work();
      wipe(id);
      return result;
    } catch (error) {
      this.#gone.delete(id);
      throw error;
    }
  }

  // settle waits for the last write of a draft, after which there are no more.
  async #settle(id) {
    this.#gone.add(id);
    await this.#kept.get(id)?.done.catch(() => {});
    this.#kept.delete(id);
  }

  // signed is a visit with the name of who writes it.
  #signed(visit) {
    const { member, start } = this.own();
    return { ...visit, ...(member && { member: member.id, by: member.name }), ...(start?.form && visit.form === undefined && { form: start.form.version }) };
  }

  // log makes a draft a visit; when it resolves with the id, the visit is on the phone's disk. A draft that was logged
  // already, in another tab, is no second visit: what differs amends the first.
  log(draft) { return this.settling(draft.id, () => this.#log(draft)); }

  async #log(draft) {
    if (draft.amends) return this.amend(draft.amends.id, draft.visit, draft.amends.why, { after: draft.amends.after, draft: draft.id });
    const visit = this.#signed(structuredClone(draft.visit));
    const step = newID();
    const event = { do: "log", id: draft.id, visit, member: visit.member, ...moment() };
    await this.#change(draft.id, (r, n) => {
      if (!r) return next(undefined, { ...event, n });
      return same(visitOf(r), visit) ? r : next(r, { ...event, do: "amend", step, n, why: "" });
    }, visit, draft.id, () => this.#straight(draft.id, visit));
    return draft.id;
  }

  // amend says a visit anew. A visit that this phone did not make is taken from what the van last told of it.
  async amend(id, visit, why = "", { after, draft } = {}) {
    const v = this.#signed(structuredClone(visit)), step = newID();
    await this.#change(id, (r, n) => next(this.#known(id, r, after), { do: "amend", step, n, visit: v, why, member: v.member, ...moment() }), v, draft);
    return id;
  }

  async withdraw(id, why = "") {
    const step = newID(), member = this.own().member?.id;
    await this.#change(id, (r, n) => r && withdrawn(r) ? r : next(this.#known(id, r), { do: "withdraw", step, n, why, member, ...moment() }));
    return id;
  }

  #known(id, r, after) {
    if (r) return r;
    const told = this.own().told.get(id) || after && { last: after, state: "van", made: Date.now() };
    if (!told) throw new Trouble("not-there");
    return next(undefined, { do: "foreign", id, made: told.made, said: { state: told.state, last: told.last, comment: told.comment } });
  }

  // mend gives what the van refused of a visit another content, or tries again where there is none; another: also another id,
  // where the van knows the old one with another content.
  async mend(id, visit, { another = false, draft } = {}) {
    const v = visit && this.#signed(structuredClone(visit)), fresh = newID(), after = await this.#newest(id);
    await this.store.write(["records", "drafts", "files", "facts"], async (tx) => {
      if (draft) await tx.remove("drafts", draft);
      const old = await tx.find("records", id);
      const bad = old?.steps.find((s) => s.refused);
      if (!bad) return;
      let r = next(old, { do: "mend", step: bad.id, as: fresh, visit: v, after: bad.refused.word === "stale" ? after : undefined });
      if (another && anew(old, fresh) !== old) {
        await tx.remove("records", id);
        r = anew(old, fresh, v);
      }
      await this.files.logged(tx, r.id, v);
      await tx.keep(r);
    });
    this.changed();
    this.kick();
  }

  // newest is the newest entry about a visit that the van has, as far as it can be asked.
  async #newest(id) {
    const v = await this.net.ask("GET", "/api/2/visits/" + id, { timeout: 4000 }).catch(() => null);
    return v?.last;
  }

  // giveUp lets go of an amendment or withdrawal that the van refused.
  async giveUp(id) {
    await this.store.write(["records"], async (tx) => {
      const r = await tx.find("records", id);
      const bad = r?.steps.find((s) => s.refused && s.what !== "log");
      if (!bad) return;
      const left = next(r, { do: "giveUp", step: bad.id });
      await (left.steps.length ? tx.keep(left) : tx.remove("records", id));
    });
    this.changed();
  }

  // change is one transaction on one record. Where the phone is full it first lets go of what the van has anyway, and then
  // tries straight().
  async #change(id, f, visit, draft, straight) {
    const write = () => this.store.write(["records", "drafts", "files", "facts"], async (tx) => {
      const old = await tx.find("records", id);
      const r = f(old, await tx.number());
      if (r !== old) await tx.keep(r);
      if (draft) await tx.remove("drafts", draft);
      await this.files.logged(tx, id, visit);
    });
    try {
      await write().catch(async (error) => {
        if (error.word !== "full" || !await this.spare()) throw error;
        await write();
      });
    } catch (error) {
      if (!["full", "storage"].includes(error.word) || !straight || !await straight()) throw error;
      await this.store.write(["drafts"], (tx) => tx.remove("drafts", draft)).catch(() => {}); // else it would be there again, to be logged once more
    }
    this.changed();
    this.kick();
  }

  // straight brings a visit to the van without the phone's storage; false: the van did not say that it has it.
  async #straight(id, visit) {
    const { made } = moment();
    const a = await this.net.call("POST", "/api/2/visits", { json: { id, made, now: made, visit }, member: visit.member }).catch(() => null);
    return a?.status === 201 && a.body?.id === id;
  }

  // list is visits, the phone's own and the van's, one each: those that were returned first, then the newest first. returned
  // are all about which a person has to do something: also those that the van did not take, or an attachment of which.
  async list({ day, household, returned } = {}) {
    const query = new URLSearchParams({ mine: 1, ...(day && { day }), ...(household && { household }), ...(returned && { returned: 1 }) });
    const key = query.toString();
    const here = this.store.read(["records", "files"], async (tx) => [await tx.all("records"), await this.files.where(tx)]);
    const [fromVan, [records, files]] = await Promise.all([this.#told(key), here]);
    const all = new Map(fromVan.map((v) => [v.id, v]));
    for (const r of records) {
      if (r.kind !== "visit" || !fits(r, { day, household })) continue;
      all.set(r.id, joined(all.get(r.id), r, files));
    }
    const first = (v) => v.state === "returned" || v.state === "mend";
    const due = (v) => first(v) || !v.withdrawn && Object.values(v.stuck || {}).some((why) => why.final && !why.known);
    return [...all.values()].filter((v) => !returned || due(v)).sort((a, b) => first(b) - first(a) || b.made - a.made);
  }

  // told is what the van says now, or said last.
  async #told(key) {
    const { told, lists } = this.own();
    try {
      lists.set(key, (await this.net.ask("GET", "/api/2/visits?" + key, { timeout: 4000, own: true })).visits || []);
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
    }
    for (const v of lists.get(key) || []) told.set(v.id, v);
    return lists.get(key) || [];
  }

  // one is a visit with its editions.
  async one(id) {
    const [r, files] = await this.store.read(["records", "files"], async (tx) => [await tx.find("records", id), await this.files.where(tx)]);
    const van = await this.net.ask("GET", "/api/2/visits/" + id, { timeout: 4000, own: !!r }).catch((error) => {
      if (r && error instanceof Trouble) return null;
      throw error;
    });
    if (van) this.own().told.set(id, van);
    return r ? joined(van, r, files) : van;
  }

  // today is the day as the van has it, with what only this phone has on top.
  async today(day) {
    const told = this.net.ask("GET", "/api/2/today?day=" + day, { timeout: 4000, own: true }).catch((error) => {
      if (error instanceof Trouble) return null;
      throw error;
    });
    return today(day, ...await Promise.all([told, this.list({ day })]));
  }

  // forget lets go of what is long done with; keep 0: of all that is done with, where the phone was struck off.
  async forget(now = Date.now(), keep = KEEP) {
    // Drafts are read before, and what is attached meanwhile is too young to go: a draft that is being written does not wait.
    const drafts = await this.store.read(["drafts"], (tx) => tx.all("drafts"));
    await this.store.write(["records", "files", "data"], async (tx) => {
      for (const r of await tx.all("records")) {
        const done = r.kind === "visit" ? ["hub", "approved", "rejected"].includes(stateOf(r)) : stateOf(r) === "van";
        if (done && (!keep || now - r.made > keep && now - r.made < 100 * keep)) await tx.remove("records", r.id);
      }
      await this.files.tidy(tx, keep ? now : now + KEEP, drafts);
    }, "default");
  }
}

const fits = (r, { day, household }) => (!day || dayOf(r.made) === day) && (!household || visitOf(r)?.household === household);

// dayOf is the day of a time where the phone is: 2026-11-26.
export function dayOf(ms) {
  const d = new Date(ms);
  return [d.getFullYear(), d.getMonth() + 1, d.getDate()].map((n) => String(n).padStart(2, "0")).join("-");
}

// joined is a visit as the van tells of it, if it does, and as this phone has it; an attachment is as far as either knows.
// stuck says why those are still here that the van does not take.
function joined(van, r, files) {
  const own = shown(r), attachments = { ...van?.attachments }, stuck = {};
  for (const { content } of own.visit?.attachments || []) {
    const { where, ...why } = files[content] || {};
    if (attachments[content] !== "hub" && where && where !== "phone") attachments[content] = where;
    attachments[content] ||= "phone";
    if (attachments[content] === "phone" && why.word) stuck[content] = why;
  }
  return { ...van, ...own, attachments, stuck };
}

// shown is a record as screens see it. waiting is how many of its steps are only on this phone.
function shown(r) {
  const visit = visitOf(r), bad = r.steps.find((s) => s.refused);
  return { id: r.id, made: r.made, state: stateOf(r), mine: !r.foreign, waiting: r.steps.filter((s) => s.where === "phone").length, asked: asks(r),
    amended: r.steps.filter((s) => s.what === "amend").length, withdrawn: withdrawn(r), comment: r.said?.comment, reviewer: r.said?.reviewer,
    last: r.said?.last, ...(visit && { visit }), ...(bad && { refused: bad.refused }) };
}
