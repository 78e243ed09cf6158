// Edits of households: made on the phone, and mended where the van refused them. Each is a record of one step (states.js).

import { newID } from "./ids.js";
import { moment } from "./clock.js";
import { next } from "./states.js";

export class Edits {
  constructor({ store, net, own }) { Object.assign(this, { store, net, own }); }

  // of is what the screens know of a record of an edit.
  static of(record) {
    const [step] = record.steps;
    return { id: record.id, made: record.made, now: step.now, was: step.was, refused: step.refused };
  }

  // one is an edit that the van does not have yet.
  async one(id) {
    const r = await this.store.read(["records"], (tx) => tx.find("records", id));
    return r?.kind === "household" && r.steps[0].where === "phone" ? Edits.of(r) : undefined;
  }

  // draft is what was begun and not saved of a household, of a refused edit, or of a new household (of is then ""). New, it has
  // no household yet.
  async draft(of) {
    const all = await this.store.read(["drafts"], (tx) => tx.all("drafts"));
    return all.findLast((d) => d.household && d.of === of) || { id: newID(), of, began: Date.now() };
  }

  // make keeps an edit; without was it makes a household. It ends the draft of it.
  async make(now, was, draft) {
    const whole = { ...structuredClone(now), id: now.id || newID() }, id = newID(), member = this.own().member?.id;
    await this.store.write(["records", "drafts", "facts"], async (tx) => {
      await tx.keep(next(undefined, { do: "edit", id, n: await tx.number(), now: whole, was, member, ...moment() }));
      if (draft) await tx.remove("drafts", draft);
    });
    return whole;
  }

  // mend gives an edit that the van refused another content. One that makes a household of which the van knows already
  // corrects it instead.
  async mend(id, now, draft) {
    const old = await this.one(id), taken = old?.refused?.word === "taken", fresh = newID();
    const there = taken ? await this.#there(now.id) : undefined;
    await this.store.write(["records", "drafts"], async (tx) => {
      if (draft) await tx.remove("drafts", draft);
      const r = await tx.find("records", id);
      if (!r?.steps[0].refused) return; // another tab was faster
      if (!taken) return tx.keep(next(r, { do: "mend", step: id, now }));
      const [step] = r.steps;
      await tx.remove("records", id);
      await tx.keep(next(undefined, { ...step, do: "edit", id: fresh, now, was: there || step.was }));
    });
  }

  // there is a household as the van has it now, where it can be asked; without what it only tells beside.
  async #there(id) {
    const h = await this.net.ask("GET", "/api/2/households/" + id, { timeout: 4000 }).catch(() => undefined);
    if (!h) return undefined;
    const { door, metres, last_visit, open_needs, visits, needs, disputed, ...bare } = h;
    return bare;
  }
}
