// The engine's one door: what the screens use, and nothing else. Errors are Trouble (ids.js): its word says which.

import { Area } from "./area.js";
import { exportUnsent, importUnsent } from "./carry.js";
import { DOUBT } from "./clock.js";
import { Store } from "./db.js";
import { Edits } from "./edits.js";
import { Files } from "./files.js";
import { Net } from "./net.js";
import { LOCK, People } from "./people.js";
import { Renewal } from "./renew.js";
import { counts, visitOf, withdrawn } from "./states.js";
import { Sync } from "./sync.js";
import { Tabs } from "./tabs.js";
import { Visits } from "./visits.js";

export { Trouble } from "./ids.js";

// open starts the engine. It resolves once what the phone holds is known; the van need not be there.
export async function open({ lang = "zh", worker = true } = {}) {
  const ark = new Ark(lang);
  await ark.start(worker);
  return ark;
}

const AGAIN = 7 * 24 * 3600_000; // ms after which a browser that did not promise to keep everything is asked once more
const LEAVE = 5000; // ms for the screen to put away what is under way, before another version of the app comes
const FACTS = ["token", "phone", "van", "member", "sessions", "start", "used", "lock-after", "asked-persist"];

class Ark {
  #own = { told: new Map(), lists: new Map() };
  #live = { online: false, trouble: "", off: 0, trusted: true, renew: false, uploads: { files: 0, bytes: 0, sent: 0 } };
  #storage = { trouble: "", full: false, broken: false, persisted: false };
  #counts = counts([]);
  #drafts = 0;
  #listeners = new Set();
  #touched = Date.now();
  #looking = null; #lookAgain = false;

  constructor(lang) {
    this.lang = lang;
    const own = () => this.#own, changed = () => this.#changed(), live = (change) => this.#tell(change), kick = () => this.#kick(true);
    this.store = new Store();
    this.net = new Net({ own, lang: () => this.lang, heard: (a) => this.#heard(a), forgot: (session) => this.staff.forgot(session).catch(() => {}),
      who: (member) => ({ token: this.#own.token, session: this.#own.sessions?.[member || this.#own.member?.id] }) });
    const spare = async () => [await this.files.spare(), await this.area.spare()].includes(true); // room on a full phone
    const parts = { store: this.store, net: this.net, own, changed, live, kick, spare };
    this.files = new Files(parts);
    this.area = new Area(parts);
    this.sync = new Sync({ ...parts, files: this.files, area: this.area });
    this.staff = new People(parts);
    this.book = new Visits({ ...parts, files: this.files });
    this.homes = new Edits(parts);
    this.leaving = null; // the screens' own, awaited before the page is left for another version of the app
    this.renewal = new Renewal({ live, before: () => this.#leave() });
    this.tabs = new Tabs("ark", { lead: (signal) => this.sync.lead(signal), hear: (m) => this.#hear(m) });
  }

  async start(worker) {
    await this.book.recover().catch(() => {}); // with the next start again
    await this.#look().catch(() => {}); // state.storage says so; what the van takes goes to it straight
    const idle = Date.now() - (this.#own.used || 0);
    if (this.#own.member?.pin && (idle > this.#lockAfter() || idle < 0)) await this.lock().catch(() => { this.#own.member = null; });
    addEventListener("online", () => this.#kick());
    addEventListener("offline", () => this.#tell({ online: false }));
    for (const touch of ["pointerdown", "keydown"]) addEventListener(touch, () => { this.#touched = Date.now(); }, { passive: true, capture: true });
    document.addEventListener("visibilitychange", () => this.#seen());
    setInterval(() => this.#watch(), 10_000);
    this.tabs.run();
    this.tabs.tell({ new: true });
    if (worker) this.renewal.register(); // nothing waits for it: it catches what goes wrong
    this.#measure().catch(() => {}); // only told
    this.book.forget().catch(() => {}); // only tidying
  }

  // state is how things stand now: a fresh, plain object.
  get state() {
    const { phone = null, van = "", member = null, start } = this.#own;
    const { online, trouble, uploads, off, trusted } = this.#live, crew = this.staff.list();
    const unsigned = !!member?.pin && online && !this.#own.sessions?.[member.id]; // what they log names them in words only
    const doubt = Math.abs(off) > DOUBT || Date.now() < Date.UTC(2020) ? "phone-clock" : trusted ? "" : "van-clock";
    return { phone, van, member, form: start?.form ?? null, crew: crew.length ? crew : null, place: start?.place, places: start?.places ?? [], limits: start?.limits,
      online, trouble, unsigned, struck: trouble === "struck", unknown: trouble === "unknown-phone", renew: this.#live.renew || trouble === "renew", uploads, doubt, counts: { ...this.#counts }, drafts: this.#drafts, storage: { ...this.#storage }, lockAfter: this.#lockAfter() };
  }

  // on calls f at each "change" and returns what ends that.
  on(_, f) {
    this.#listeners.add(f);
    return () => this.#listeners.delete(f);
  }

  drafts() { return this.book.drafts(); }
  draft(id) { return this.book.draft(id); }
  keep(draft) { return this.#guarded(this.book.keep(draft)); }
  drop(id) { return this.book.drop(id); }

  async log(draft) {
    const id = await this.#guarded(this.book.log(draft));
    await this.#look().catch(() => {}); // the counts have it by now
    this.#persist().catch(() => {}); // it is only a wish
    return id;
  }

  visits(filter) { return this.book.list(filter); }
  visit(id) { return this.book.one(id); }
  amend(id, visit, why, { after, draft } = {}) { return this.#ending(draft, () => this.book.amend(id, visit, why, { after, draft })); }
  withdraw(id, why) { return this.#guarded(this.book.withdraw(id, why)); }
  mend(id, visit, how = {}) { return this.#ending(how.draft, () => this.book.mend(id, visit, how)); }
  giveUp(id) { return this.book.giveUp(id); }
  today(day) { return this.book.today(day); }

  search(q, where) { return this.area.search(q, where); }
  household(id) { return this.area.household(id); }
  alike(h) { return this.area.alike(h); }

  // editHousehold makes (without was) or corrects a household, and is it as it will be; mendHousehold gives an edit that the van
  // refused another content; giveUp lets go of it. edits are those that were refused. Each ends the draft that it is given.
  editHousehold(now, was, draft) { return this.#edited(draft, () => this.homes.make(now, was, draft)); }
  mendHousehold(id, now, draft) { return this.#edited(draft, () => this.homes.mend(id, now, draft)); }
  homeDraft(of) { return this.homes.draft(of); }
  edit(id) { return this.homes.one(id); }
  edits() { return (this.#own.edits || []).filter((e) => e.refused); }

  async #edited(draft, work) {
    const result = await this.#ending(draft, work);
    this.#changed();
    await this.#look().catch(() => {}); // the household is shown as it will be
    this.#kick(true);
    return result;
  }

  #ending(draft, work) { return this.#guarded(draft ? this.book.settling(draft, work) : work()); }

  async leaveFile(content) { await this.files.leave(content); this.#changed(); }
  attach(draftId, blob, what) { return this.#guarded(this.files.attach(draftId, blob, what)); }
  blob(content, type) { return this.files.blob(content, type); }

  people() { return this.staff.list(); }
  phones() { return this.staff.phones(); }
  strike(id) { return this.staff.strike(id); }
  invite() { return this.staff.invite(); }
  async unlock(member, pin) { this.#touched = Date.now(); await this.staff.unlock(member, pin); await this.#look(); this.#kick(); }
  async lock() { await this.staff.lock(); await this.#look(); }
  stay() { this.#touched = Date.now(); } // somebody is at the phone though nobody touches it: a voice note is being recorded
  async lockAfter(ms) { await this.#put("lock-after", ms); }
  async enrol(code, name) { await this.staff.enrol(code, name); await this.#look(); this.#kick(); }

  exportUnsent() { return exportUnsent(this.store, { van: this.#own.van, phone: this.#own.phone?.id, app: this.#live.app }); }
  async importUnsent(file) {
    const taken = await this.#guarded(importUnsent(this.store, file));
    this.#changed();
    this.#kick(true);
    return taken;
  }

  // retry looks for the van now. renew changes to the app's new version. speak chooses the language of the van's messages.
  retry() { this.#kick(); }
  renew() { return this.renewal.renew(); }
  speak(lang) { this.lang = lang; }

  async #put(name, value) {
    await this.store.write(["facts"], (tx) => tx.put("facts", value, name), "default");
    this.#changed();
  }

  #lockAfter() { return this.#own["lock-after"] ?? LOCK; }

  // guarded notes whether the phone's storage works. That it can be read says nothing of its room.
  async #guarded(work, reads = false) {
    try {
      const result = await work;
      if (this.#storage.trouble && !(reads && this.#storage.full)) this.#ill("");
      return result;
    } catch (error) {
      if (["full", "storage", "old-app"].includes(error.word)) this.#ill(error.word);
      throw error;
    }
  }

  #ill(trouble) {
    Object.assign(this.#storage, { trouble, full: trouble === "full", broken: trouble === "storage" });
    this.#emit();
  }

  // persist asks when there is something to lose, and again after a while: a browser that says no at first may say yes once the
  // app is on the home screen.
  async #persist() {
    const asked = Number(this.#own["asked-persist"]) || 0, now = Date.now();
    if (this.#storage.persisted || Math.abs(now - asked) < AGAIN || !navigator.storage?.persist) return;
    this.#own["asked-persist"] = now;
    await navigator.storage.persist();
    await this.#put("asked-persist", now);
    await this.#measure();
  }

  async #leave() {
    const work = Promise.resolve(this.leaving?.()).catch(() => {}); // a voice note that is being recorded, say
    await Promise.race([work, new Promise((done) => setTimeout(done, LEAVE))]);
    await this.book.flush();
  }

  // measure learns how much room the browser gives, and whether it promised to keep what is in it.
  async #measure() {
    const { usage: used, quota } = await navigator.storage?.estimate?.() ?? {};
    Object.assign(this.#storage, { used, quota, persisted: !!await navigator.storage?.persisted?.() });
    this.#emit();
  }

  #kick(text = false) {
    if (this.tabs.leading) this.sync.kick(text);
    else this.tabs.tell({ kick: true, text });
  }

  #changed() {
    this.tabs.tell({ changed: true });
    this.#look().catch(() => {}); // the storage's trouble is told where it hurts
  }

  // look reads anew what state is made of, once for many changes.
  #look() {
    this.#lookAgain = true;
    return this.#looking ||= this.#read().finally(() => { this.#looking = null; });
  }

  async #read() {
    while (this.#lookAgain) {
      this.#lookAgain = false;
      const read = this.store.read(["facts", "records", "drafts", "files"], async (tx) => {
        const facts = {};
        for (const name of FACTS) facts[name] = await tx.find("facts", name);
        return { facts, records: await tx.all("records"), drafts: await tx.all("drafts"), refused: await this.files.refused(tx) };
      });
      const { facts, records, drafts, refused } = await this.#guarded(read, true);
      const edits = records.filter((r) => r.kind === "household" && r.steps[0].where === "phone").map(Edits.of);
      Object.assign(this.#own, facts, { edits });
      const stuck = records.filter((r) => !withdrawn(r) && visitOf(r)?.attachments?.some(({ content }) => refused.has(content))).length;
      this.#counts = { ...counts(records), stuck };
      this.#drafts = drafts.length;
    }
    this.#emit();
  }

  #emit() { for (const f of this.#listeners) f(this.state); }

  // tell is how the tab that leads says how things stand, to itself and the others.
  #tell(change) {
    const before = JSON.stringify(this.#live);
    const app = this.#live.app;
    Object.assign(this.#live, change);
    if (JSON.stringify(this.#live) === before) return;
    if (app && this.#live.app !== app) this.renewal.look();
    if (change.trouble === "struck") this.#strike().catch(() => {}); // with the next answer again
    this.tabs.tell({ live: this.#live });
    this.#emit();
  }

  // strike lets go of what a phone that was struck off is not to show any more: all about people but what the hub does not
  // have yet.
  async #strike() {
    await this.area.forget();
    await this.book.forget(Date.now(), 0);
    this.#own.told.clear();
    this.#own.lists.clear();
    this.#changed();
  }

  #hear(m) {
    if (m.changed) this.#look().catch(() => {});
    if (m.live) { const { renew } = this.#live; Object.assign(this.#live, m.live, { renew }); this.#emit(); }
    if (m.kick && this.tabs.leading) this.sync.kick(m.text);
    if (m.new && this.tabs.leading) this.tabs.tell({ live: this.#live });
  }

  #heard(answer) { if (answer && !this.#live.online) this.#tell({ online: true }); }

  #seen() {
    if (document.hidden) return;
    this.#watch();
    this.tabs.wake();
    this.#kick();
  }

  // watch locks a phone that nobody has touched for a while. A clock that was set back locks it too. A tab that hears nothing of
  // the others looks for itself.
  #watch() {
    if (this.tabs.deaf) this.#look().catch(() => {});
    const { member } = this.#own;
    if (!member?.pin) return;
    const used = this.#own.used || 0, idle = Date.now() - Math.max(this.#touched, used);
    if (idle > this.#lockAfter() || idle < 0) this.lock();
    else if (this.#touched - used > 30_000) {
      this.#own.used = this.#touched;
      this.#put("used", this.#touched).catch(() => {}); // only for the next start
    }
  }
}
