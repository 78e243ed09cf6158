// The unsent as one file, for when all else fails: a person carries it to the van, or to another phone, and it is taken in
// under the same ids, so that what arrives twice is one.

import { Trouble, base64, hashOf, stable, unbase64 } from "./ids.js";
import { merge, stateOf } from "./states.js";

const FORMAT = "ark-unsent", VERSION = 1;
const MOST = 512 << 20; // bytes of a file that is taken in
const id = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const kinds = { visit: ["log", "amend", "withdraw"], household: ["edit"] };
const lists = ["services", "needs", "consent", "attachments", "answers"];

// exportUnsent is a Blob of JSON: drafts, records with a step that is not on the van, and attachments that are not there.
export async function exportUnsent(store, about) {
  const body = await store.read(["records", "drafts", "files", "data"], async (tx) => {
    const records = (await tx.all("records")).filter((r) => ["phone", "mend"].includes(stateOf(r)));
    const files = [];
    for (const f of await tx.by("files", "where", "phone")) files.push({ ...f, data: await tx.find("data", f.content) });
    return { records, drafts: await tx.all("drafts"), files };
  });
  const files = body.files.filter((f) => f.data).map(({ data, url, ...f }) => ({ ...f, data: base64(data) }));
  const whole = { format: FORMAT, version: VERSION, ...about, made: Date.now(), records: body.records, drafts: body.drafts, files };
  return new Blob([JSON.stringify({ ...whole, sum: await hashOf(stable(whole)) })], { type: "application/json" });
}

// importUnsent takes such a file in and is {visits, drafts, files}: how many of each are new here.
export async function importUnsent(store, blob) {
  const whole = await check(blob);
  const files = await Promise.all(whole.files.map(async ({ data, ...f }) => {
    const bytes = unbase64(data);
    if (await hashOf(bytes) !== f.content) throw new Trouble("file", { field: "files" });
    return [f, bytes];
  }));
  return store.write(["records", "drafts", "files", "data", "facts"], async (tx) => {
    const taken = { visits: 0, drafts: 0, files: 0 };
    for (const r of whole.records) {
      const mine = await tx.find("records", r.id);
      if (mine && mine.kind !== r.kind) throw new Trouble("file", { field: "records" });
      const steps = [];
      // A file may say that anybody wrote something, and that it is anywhere. It is not handed in with a session that this phone
      // has of them; of its own the phone knows better where they are, and about others the van is asked.
      for (const { member, ...s } of r.steps) {
        const known = mine?.steps.some((m) => m.id === s.id);
        steps.push(known ? { ...s, where: "phone" } : { ...s, where: s.where === "phone" ? "phone" : "van", n: await tx.number() });
      }
      if (!mine || steps.some((s) => !mine.steps.some((m) => m.id === s.id))) taken.visits++;
      await tx.keep(merge(mine, { ...r, steps }));
    }
    for (const d of whole.drafts) {
      if (await tx.find("drafts", d.id) || await tx.find("records", d.id)) continue;
      await tx.put("drafts", d);
      taken.drafts++;
    }
    for (const [f, bytes] of files) {
      if (await tx.find("files", f.content)) continue;
      await tx.put("files", { ...f, where: "phone" });
      await tx.put("data", bytes, f.content);
      taken.files++;
    }
    return taken;
  });
}

// check reads a file and believes nothing of it before its sum and its shape are right.
async function check(blob) {
  const bad = (field) => { throw new Trouble("file", { field }); };
  if (blob.size > MOST) bad("size");
  let sum, whole;
  try {
    ({ sum, ...whole } = JSON.parse(await blob.text()));
  } catch {
    bad("json");
  }
  if (whole.format !== FORMAT) bad("format");
  if (whole.version > VERSION) throw new Trouble("old-app");
  if (sum !== await hashOf(stable(whole))) bad("sum");
  if (![whole.records, whole.drafts, whole.files].every(Array.isArray)) bad("shape");
  for (const r of whole.records) if (!r || !sound(r)) bad("records");
  for (const d of whole.drafts) if (!id.test(d?.id) || d.visit && !visit(d) || d.household && !Array.isArray(d.household.members)) bad("drafts");
  return whole;
}

const sound = (r) => id.test(r.id) && kinds[r.kind] && Array.isArray(r.steps) && r.steps.length > 0 &&
  r.steps.every((s) => id.test(s?.id) && kinds[r.kind].includes(s.what) && ["phone", "van", "hub"].includes(s.where) && says[s.what](s));

const visit = ({ visit }) => typeof (visit?.place ?? "") === "string" && lists.every((name) => visit[name] === undefined || Array.isArray(visit[name]));
const complete = (s) => typeof s.visit?.place === "string" && visit(s);
const says = { log: complete, amend: complete, withdraw: () => true, edit: ({ now }) => id.test(now?.id) && typeof now.place === "object" };
