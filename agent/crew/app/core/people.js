// Who is at the phone. The van judges a PIN; after the first good one the phone can do so out of reach, by a verifier of its
// own. Tries are counted before the PIN is judged, so that switching the phone off gives none back.

import { Trouble, base64, unbase64, newID } from "./ids.js";
import { troubleOf } from "./net.js";

const ROUNDS = 600_000; // of PBKDF2 with SHA-256 (OWASP)
const FREE = 5; // wrong tries before one waits
const WAITS = [60, 300, 900, 3600].map((s) => s * 1000);
export const LOCK = 5 * 60_000; // ms without a touch until the phone locks itself, unless a person chose otherwise

async function derive(pin, salt, rounds) {
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveBits"]);
  return base64(await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds }, key, 256));
}

// waitAfter is how many ms one waits after so many wrong tries in a row.
export const waitAfter = (wrong) => wrong < FREE ? 0 : WAITS[Math.min(wrong - FREE, WAITS.length - 1)];

// waitLeft is how many ms are left to wait after tries. Where the clock was set back since, the waiting begins anew: it ends,
// and never in the past.
export const waitLeft = ({ wrong, at }, now) => waitAfter(wrong) - Math.max(0, now - at);

export class People {
  constructor({ store, net, own, changed, spare }) { Object.assign(this, { store, net, own, changed, spare }); }

  list() { return (this.own().start?.crew || []).filter((m) => !m.struck); }

  // unlock makes a member the one who writes. Trouble: "pin" with left tries and wait_s; "away" where neither van nor phone
  // can judge the PIN; "not-there".
  async unlock(id, pin) {
    const member = this.list().find((m) => m.id === id);
    if (!member) throw new Trouble("not-there");
    if (member.pin) await this.#judge(member, String(pin ?? ""));
    const enter = () => this.store.write(["facts"], async (tx) => {
      await tx.put("facts", { id, name: member.name, pin: member.pin }, "member");
      await tx.put("facts", Date.now(), "used");
    });
    await enter().catch(async (error) => { // nobody is shut out of a full phone, and from what it holds
      if (error.word !== "full" || !await this.spare()) throw error;
      await enter();
    });
    this.changed();
  }

  async #judge(member, pin) {
    let a;
    try {
      a = await this.net.call("POST", "/api/2/pin", { json: { member: member.id, pin } });
    } catch (error) {
      if (error.word !== "away") throw error;
      return this.#alone(member.id, pin, error);
    }
    if (a.body?.error === "pin") throw troubleOf(a);
    if (a.status !== 200 && a.status !== 201) return this.#alone(member.id, pin, troubleOf(a)); // a new card knows nobody, and who was struck off still needs the export
    const verifier = await this.#verifier(pin);
    await this.store.write(["facts"], async (tx) => {
      await tx.put("facts", { ...await tx.find("facts", "sessions"), [member.id]: a.body.session }, "sessions");
      if (verifier) await tx.put("facts", verifier, "verifier:" + member.id);
      await tx.remove("facts", "tries:" + member.id);
    });
  }

  async #verifier(pin) {
    if (!crypto.subtle) return null; // a page without HTTPS
    const salt = crypto.getRandomValues(new Uint8Array(16));
    return { salt: base64(salt), rounds: ROUNDS, key: await derive(pin, salt, ROUNDS) };
  }

  // alone judges a PIN where the van does not; why is what stands in the way where the phone cannot either.
  async #alone(id, pin, why) {
    const now = Date.now();
    const { verifier, tries, wait } = await this.store.write(["facts"], async (tx) => {
      const verifier = await tx.find("facts", "verifier:" + id);
      if (!verifier) throw why;
      const old = await tx.find("facts", "tries:" + id) || { wrong: 0, at: now };
      const wait = waitLeft(old, now);
      const tries = wait > 0 ? { ...old, at: Math.min(old.at, now) } : { wrong: old.wrong + 1, at: now };
      await tx.put("facts", tries, "tries:" + id);
      return { verifier, tries, wait };
    });
    if (wait > 0) throw new Trouble("pin", { left: 0, wait_s: Math.ceil(wait / 1000) });
    const key = await derive(pin, new Uint8Array(unbase64(verifier.salt)), verifier.rounds);
    if (key !== verifier.key) throw new Trouble("pin", { left: Math.max(0, FREE - tries.wrong), wait_s: waitAfter(tries.wrong) / 1000 });
    await this.store.write(["facts"], (tx) => tx.remove("facts", "tries:" + id));
  }

  // lock sends the member away. Their session stays: whoever unlocks the phone out of the van's reach has no other, and what
  // they log there is to be handed in with it.
  async lock() {
    await this.store.write(["facts"], (tx) => tx.remove("facts", "member"), "default");
    this.changed();
  }

  // forgot lets go of a session that the van does not know any more: it has started anew, or the PIN is another.
  async forgot(session) {
    await this.store.write(["facts"], async (tx) => {
      const all = Object.entries(await tx.find("facts", "sessions") || {});
      await tx.put("facts", Object.fromEntries(all.filter(([, s]) => s !== session)), "sessions");
    }, "default");
    this.changed();
  }

  // phones lists those that the van knows; strike strikes one off; invite is {code, svg, left_s} for another phone to join by.
  async phones() { return (await this.net.ask("GET", "/api/2/phones")).phones || []; }
  strike(id) { return this.net.ask("DELETE", "/api/2/phones/" + encodeURIComponent(id)); }
  invite() { return this.net.ask("POST", "/api/2/codes"); }

  // enrol makes this the van's phone by the code of the panel page.
  async enrol(code, name) {
    const id = await this.store.write(["facts"], async (tx) => {
      const id = await tx.find("facts", "phone-to-be") || newID();
      await tx.put("facts", id, "phone-to-be"); // the same one when the answer got lost
      return id;
    });
    const { token, van, phone } = await this.net.ask("POST", "/api/2/phones", { json: { id, code, name } });
    await this.store.write(["facts"], async (tx) => {
      await tx.put("facts", token, "token");
      await tx.put("facts", { id: phone, name }, "phone"); // the van may call it otherwise
      await tx.put("facts", van, "van");
      await tx.remove("facts", "phone-to-be");
    });
    this.changed();
  }
}
