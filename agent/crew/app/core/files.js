// Attachments: kept as bytes on the phone, carried to the van by tus 1.0 after the text, smallest first. A cut costs what was
// on its way: the van says how far it came. (tus-js-client was considered; what it does beyond these three requests the
// records do already, and it does not know a van that answers "I have it" to a creation.)

import { Trouble, hashOf } from "./ids.js";
import { covers, stateOf } from "./states.js";
import { troubleOf } from "./net.js";

export const MOST = 10 << 20; // bytes of one attachment
const CHUNK = 512 << 10;
const SLOW = 60_000; // ms for one chunk
const DAY = 24 * 3600 * 1000;
const HUB = 5 * 60_000; // ms after which the van is asked again what the hub has

const TUS = { "Tus-Resumable": "1.0.0" };

// With these the van says that it will never take an attachment as it is: a person must hear of it. Whatever else it says
// is for later.
const FINAL = new Set([400, 413, 415, 422, 460]);
const FULL = 507;

// begins says how files of each type begin; others are not what they say they are.
const begins = {
  "image/jpeg": (t) => t.startsWith("\xff\xd8\xff"),
  "image/webp": (t) => t.startsWith("RIFF") && t.slice(8, 12) === "WEBP",
  "image/png": (t) => t.startsWith("\x89PNG\r\n\x1a\n"),
  "audio/webm": (t) => t.startsWith("\x1aE\xdf\xa3"),
  "audio/ogg": (t) => t.startsWith("OggS"),
  "audio/mp4": (t) => t.slice(4, 8) === "ftyp",
};

function told({ content, where, refused, waits }) {
  const why = typeof refused === "string" ? { word: refused } : refused; // as older apps kept it
  return [content, { where, ...(where === "phone" && (why || waits) && { ...(why || waits), final: !!why }) }];
}

export class Files {
  #asked = -Infinity; #app = "";

  constructor({ store, net, live }) { Object.assign(this, { store, net, live }); }

  // attach keeps a blob on the phone and is the attachment as a visit names it.
  async attach(draft, blob, { role, type = blob.type, taken = Date.now() }) {
    type = type.split(";")[0].trim();
    if (blob.size > MOST) throw new Trouble("too-large", { most: MOST });
    const data = await blob.arrayBuffer();
    const head = String.fromCharCode(...new Uint8Array(data, 0, Math.min(16, data.byteLength)));
    if (!begins[type]?.(head)) throw new Trouble("file", { field: role });
    const content = await hashOf(data);
    await this.store.write(["files", "data"], async (tx) => {
      const { refused, waits, spared, ...old } = await tx.find("files", content) || {}; // whoever takes it once more wants it tried once more
      await tx.put("files", { size: data.byteLength, type, where: "phone", ...old, content, draft, since: Date.now() });
      if (old.where !== "hub") await tx.put("data", data, content);
    });
    return { content, size: data.byteLength, type, role, taken };
  }

  // logged notes, in the transaction that logs a visit, whose its attachments are.
  async logged(tx, id, visit) {
    for (const { content } of visit?.attachments || []) {
      const file = await tx.find("files", content);
      if (file) await tx.put("files", { ...file, visit: id });
    }
  }

  // where tells of the phone's attachments how far each has come: {<content>: {where}}, where "phone", "van" or "hub". Of one
  // that the van did not take, also {word, message, final, known}: final, it never will as it is; known, a person has read that.
  async where(tx) {
    return Object.fromEntries((await tx.all("files")).map(told));
  }

  // refused are the contents that the van will never take, and that a person has not heard of.
  async refused(tx) {
    return new Set((await tx.by("files", "where", "phone")).map(told).filter(([, f]) => f.final && !f.known).map(([content]) => content));
  }

  // leave: a person has read that the van does not take an attachment, and leaves it so.
  leave(content) {
    return this.store.write(["files"], async (tx) => {
      const f = await tx.find("files", content);
      if (f?.refused) await tx.put("files", { ...f, refused: { ...f.refused, known: true } });
    });
  }

  // tidy lets go of what none of these drafts and no visit names any more, such as that of a draft that was dropped.
  async tidy(tx, now, drafts) {
    const named = new Set();
    const name = (visit) => visit?.attachments?.forEach(({ content }) => named.add(content));
    for (const d of drafts) name(d.visit);
    for (const r of await tx.all("records")) for (const s of r.steps) name(s.visit);
    for (const f of await tx.all("files")) {
      if (named.has(f.content) || !(now - f.since > DAY)) continue;
      await tx.remove("files", f.content);
      await tx.remove("data", f.content);
    }
  }

  // missing: the card that had a visit is gone, and its attachments with it.
  async missing(tx, id) {
    for (const file of await tx.by("files", "where", "van")) {
      if (file.visit === id) await tx.put("files", { ...file, where: "phone", url: undefined });
    }
  }

  // blob is an attachment's content: the phone's, else the van's.
  async blob(content, type) {
    const data = await this.store.read(["data"], (tx) => tx.find("data", content));
    if (data) return new Blob([data], { type });
    return new Blob([await this.net.ask("GET", "/api/2/files/" + content, { expect: "bytes", timeout: SLOW })], { type });
  }

  // spare lets go of bytes that the van has, where the phone has no room for a visit.
  async spare() {
    return this.store.write(["files", "data"], async (tx) => {
      const held = (await tx.by("files", "where", "van")).filter((f) => !f.spared);
      for (const f of held) { await tx.remove("data", f.content); await tx.put("files", { ...f, spared: true }); }
      return held.length > 0;
    });
  }

  // carry brings what it can until stop() says that there is text again; true: something arrived. app is the app that the van
  // serves: another one may take what an older one refused. One that the van does not take does not hold up the others.
  async carry(stop, app) {
    this.#app = app;
    const due = await this.store.read(["files", "records"], async (tx) => {
      const ready = [];
      for (const f of await tx.by("files", "where", "phone")) {
        const r = f.visit && (!f.refused || f.refused.app !== app) && await tx.find("records", f.visit);
        if (r && covers(r).length > 0) ready.push(f);
      }
      return ready.sort((a, b) => a.size - b.size);
    });
    const load = { files: due.length, bytes: due.reduce((n, f) => n + f.size, 0), sent: 0 };
    let arrived = 0, later = null, full = new Set();
    for (const f of due) {
      if (stop() || later && later.status !== FULL || full.has("")) break;
      if (full.has(f.type)) continue;
      const base = load.sent;
      try {
        if (!await this.#bring(f, stop, (sent) => { load.sent = base + sent; this.live({ uploads: { ...load } }); })) continue;
        load.sent = base + f.size;
        arrived++;
      } catch (error) {
        if (!(error instanceof Trouble) || error.word === "away") throw error;
        if (FINAL.has(error.status)) { arrived++; continue; } // it is done with
        later = error;
        if (error.status === FULL) full.add(error.word === "full" ? "" : f.type); // photos stop first, then voice
      }
    }
    this.live({ uploads: { files: due.length - arrived, bytes: load.bytes, sent: load.sent } });
    const learnt = await this.#learn();
    if (later) throw later;
    return learnt || arrived > 0;
  }

  async #bring(f, stop, progress) {
    let { url, offset } = await this.#place(f);
    const data = offset < f.size && await this.store.read(["data"], (tx) => tx.find("data", f.content));
    if (data === undefined) return this.#deny(f, { status: 460, body: { error: "gone" } }); // the van had it, then lost its card, and the phone had needed the room
    while (offset < f.size) {
      if (stop()) return false;
      const a = await this.net.call("PATCH", url, { head: { ...TUS, "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" },
        raw: data.slice(offset, offset + CHUNK), timeout: SLOW, expect: "nothing" });
      if (a.status === 409 || a.status === 404 || a.status === 410) { await this.#note(f, { url: undefined }); return false; }
      if (a.status === 460 && !(f.wrong > 2)) { await this.#note(f, { url: undefined, wrong: (f.wrong || 0) + 1 }); return false; } // a power cut on the van may spoil what came
      if (a.status !== 204) return this.#deny(f, a);
      offset = Number(a.head.get("Upload-Offset"));
      progress(offset);
    }
    await this.#note(f, { where: "van", refused: undefined, waits: undefined });
    return true;
  }

  // deny keeps what the van said no with, and fails with it.
  async #deny(f, a) {
    const error = troubleOf(a), why = { word: error.word, message: a.body?.message };
    if (FINAL.has(a.status)) await this.#note(f, { refused: { ...why, app: this.#app }, waits: undefined, url: undefined });
    else if (a.status === FULL) await this.#note(f, { waits: why });
    throw error;
  }

  // place is where the upload stands on the van, made there if need be.
  async #place(f) {
    if (f.url) {
      const a = await this.net.call("HEAD", f.url, { head: TUS, expect: "nothing" });
      if (a.status === 200 || a.status === 204) return { url: f.url, offset: Number(a.head.get("Upload-Offset")) };
    }
    const meta = `sha256 ${btoa(f.content)},type ${btoa(f.type)}`;
    const a = await this.net.call("POST", "/api/2/files", { head: { ...TUS, "Upload-Length": String(f.size), "Upload-Metadata": meta }, expect: "nothing" });
    if (a.status === 200) return { offset: f.size };
    if (a.status !== 201) return this.#deny(f, a);
    const at = new URL(a.head.get("Location"), location.href);
    const url = at.pathname + at.search; // never another host
    await this.#note(f, { url });
    return { url, offset: Number(a.head.get("Upload-Offset") || 0) }; // announced again, it goes on where it was
  }

  #note(f, change) {
    return this.store.write(["files"], async (tx) => {
      const now = await tx.find("files", f.content);
      if (now) await tx.put("files", { ...now, ...change });
    });
  }

  // learn asks what the hub has: only then the phone lets go of the bytes.
  async #learn() {
    if (performance.now() - this.#asked < HUB) return false;
    this.#asked = performance.now();
    const visits = await this.store.read(["files", "records"], async (tx) => {
      const ids = new Set((await tx.by("files", "where", "van")).map((f) => f.visit));
      const found = [];
      for (const id of ids) { const r = id && await tx.find("records", id); if (r && stateOf(r) !== "van" && stateOf(r) !== "phone") found.push(id); }
      return found;
    });
    for (const id of visits) {
      const a = await this.net.ask("GET", "/api/2/visits/" + id);
      const there = Object.entries(a.attachments || {}).filter(([, where]) => where === "hub").map(([content]) => content);
      await this.store.write(["files", "data"], async (tx) => {
        for (const content of there) {
          const f = await tx.find("files", content);
          if (f) { await tx.put("files", { ...f, where: "hub" }); await tx.remove("data", content); }
        }
      });
    }
    return visits.length > 0;
  }
}
