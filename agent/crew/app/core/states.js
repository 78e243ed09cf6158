// What this phone knows of one visit, as a pure function from events to records: no clock, no storage, no network.
//
// A record is {id, kind, made, steps, said}. kind is "visit" or "household" (an edit of one). Each step is an entry that the
// phone made: {id, what, n, made, where, …}; what is "log", "amend", "withdraw" or "edit", n counts the phone's steps in the
// order in which they are handed in, and where is how far it is known to have come:
//
//   phone   only here: the van has not said that it committed it
//   van     the van answered 201
//   hub     the hub's receipt covers it
//
// A step is never dropped, except by a person who gives up one that the van refused. It goes back to "phone" when the van
// says that it does not have it (a new card). said is the van's last word about the visit: {state, comment, reviewer, last}.

const RANK = { phone: 0, van: 1, hub: 2 };
const JUDGED = ["approved", "returned", "rejected"];
const MOST_LOST = 2; // how often a visit is told anew to a van that does not know it, for one amendment

// next is the record after an event. The same event again changes nothing, and an event about something that the record
// does not know changes nothing: then the same record comes back.
export function next(record, event) {
  const rule = rules[event.do];
  if (!rule) throw new Error("no event " + event.do);
  return rule(record, event) || record;
}

const rules = {
  log: (r, e) => begin(r, e, "visit", { what: "log", visit: e.visit, ...by(e) }),
  edit: (r, e) => begin(r, e, "household", { what: "edit", now: e.now, was: e.was, ...by(e) }),
  foreign: (r, e) => r || { id: e.id, kind: "visit", foreign: true, made: e.made, steps: [], said: { ...e.said } },
  amend: (r, e) => add(r, e, { what: "amend", visit: e.visit, why: e.why, after: newest(r), ...by(e) }),
  withdraw: (r, e) => add(r, e, { what: "withdraw", why: e.why, after: newest(r), ...by(e) }),
  saved, refused, lost, told, missing,
  mend, giveUp,
};

// by is who made it, and when by the page's own stop-watch (clock.js).
const by = (e) => ({ ...(e.member && { member: e.member }), ...(e.session && { session: e.session, mono: e.mono }) });
const without = (s, ...names) => Object.fromEntries(Object.entries(s).filter(([name]) => !names.includes(name)));

function begin(r, e, kind, step) {
  if (r) return r;
  return { id: e.id, kind, made: e.made, steps: [{ id: e.id, n: e.n, made: e.made, where: "phone", ...step }], said: null };
}

function add(r, e, step) {
  if (!r || r.steps.some((s) => s.id === e.step)) return r;
  return { ...r, steps: [...r.steps, { id: e.step, n: e.n, made: e.made, where: "phone", ...step }] };
}

// newest is the entry that an amendment made now would amend: the phone's own newest, or what the van knows to be newer.
export function newest(r) {
  const last = r?.steps.at(-1);
  if (last && (last.where === "phone" || !r.said?.last)) return last.id;
  return r?.said?.last || r?.id;
}

function change(r, id, f) {
  const old = r?.steps.find((s) => s.id === id);
  const now = old && f(old);
  return now ? { ...r, steps: r.steps.map((s) => s === old ? now : s) } : r;
}

// saved: the van answered 201. What staff thought of the visit before is about an older edition.
function saved(r, e) {
  const now = change(r, e.step, (s) => (s.where === "phone" || s.again) && without({ ...s, where: s.where === "phone" ? "van" : s.where }, "again", "refused", "lost"));
  if (now === r) return r;
  const step = now.steps.find((s) => s.id === e.step);
  return step.where === "van" ? { ...now, said: { ...now.said, state: "van", last: step.id } } : now;
}

// refused: the van will never take it as it is. It waits for a person, and so does what comes after it in this record. What
// is stale because the entry before it is this phone's own and went with an old card is not refused but lost.
function refused(r, e) {
  const at = r?.steps.findIndex((s) => s.id === e.step) ?? -1;
  if (at > 0 && e.why.word === "stale" && r.steps[at].after === r.steps[at - 1].id && !exhausted(r.steps[at])) return lost(r, e);
  return change(r, e.step, (s) => (s.where === "phone" || s.again) && { ...s, where: "phone", refused: e.why });
}

const exhausted = (step) => (step.lost || 0) >= MOST_LOST;

// lost: the van does not know the visit that a step is about; it is told again from the beginning.
function lost(r, e) {
  const at = r?.steps.findIndex((s) => s.id === e.step && s.where === "phone") ?? -1;
  if (at < 0) return r;
  if (at === 0 || exhausted(r.steps[at])) return change(r, e.step, (s) => ({ ...s, refused: e.why || { word: "not-there" } }));
  return { ...r, steps: r.steps.map((s, i) => i < at ? { ...s, again: true } : i === at ? { ...s, lost: (s.lost || 0) + 1 } : s) };
}

// told: the van answered a question that was asked when the steps in covers were known to be on the van. If another step has
// arrived since, the answer is about an older edition and says nothing of the newest. Where the newest entry that the van
// has is not the phone's newest, only has, the ids of all its entries, tells what is there: see doubtful.
function told(r, e) {
  if (!r) return r;
  const known = covers(r);
  if (known.some((id) => !e.covers.includes(id)) || doubtful(r, e) && !e.has) return r;
  const where = e.state === "van" ? "van" : "hub", gone = (s) => s.where === "van" && e.has && !e.has.includes(s.id);
  const said = { state: e.state, comment: e.comment, reviewer: e.reviewer, last: e.last };
  const steps = r.steps.map((s) => gone(s) ? { ...s, where: "phone" } : s.where === "van" && where === "hub" ? { ...s, where } : s);
  return { ...r, said, steps };
}

// doubtful tells whether an answer leaves open which steps the van has.
export const doubtful = (r, e) => covers(r).length > 0 && e.last !== covers(r).at(-1);

// missing: the van does not have what it said it had committed, and the hub did not say it has it. It is only on this phone
// again. What the hub has goes along, so that the van knows what an amendment is about.
function missing(r, e) {
  const gone = (s) => s.where === "van" && e.covers.includes(s.id);
  const last = r ? r.steps.findLastIndex(gone) : -1;
  if (last < 0) return r;
  return { ...r, steps: r.steps.map((s, i) => gone(s) ? { ...s, where: "phone" } : i < last && s.where === "hub" ? { ...s, again: true } : s) };
}

// mend: a person gives a refused step another content, or none and tries again; as is its new id, so that it is never taken
// for what the van may have refused only for now, and after what it amends, where that is known to be another. A refused
// visit keeps its id: see anew.
function mend(r, e) {
  const old = r?.steps.find((s) => s.id === e.step && s.refused);
  if (!old) return r;
  const id = old.what === "log" || old.what === "edit" ? old.id : e.as;
  const now = without({ ...old, id, ...(e.visit && { visit: e.visit }), ...(e.now && { now: e.now }), ...(e.after && { after: e.after }) }, "refused", "lost");
  return { ...r, steps: r.steps.map((s) => s === old ? now : s.after === old.id ? { ...s, after: id } : s) };
}

// giveUp: a person lets go of an amendment or withdrawal that the van refused. A refused visit itself stays.
function giveUp(r, e) {
  const old = r?.steps.find((s) => s.id === e.step && s.refused && s.what !== "log");
  if (!old) return r;
  return { ...r, steps: r.steps.filter((s) => s !== old).map((s) => s.after === old.id ? { ...s, after: old.after } : s) };
}

// anew is the record under another id, for a visit whose id the van knows with another content. A person must have said so.
export function anew(r, id, visit) {
  const [first, ...rest] = r.steps;
  if (first?.what !== "log" || first.refused?.word !== "taken") return r;
  const log = without({ ...first, id, ...(visit && { visit }) }, "refused", "lost");
  return { ...r, id, said: null, steps: [log, ...rest.map((s) => s.after === r.id ? { ...s, after: id } : s)] };
}

// sendable is the step to hand in next, if there is one: in order, and not past one that was refused.
export function sendable(r) {
  const step = r.steps.find((s) => s.where === "phone" || s.again);
  return step && !step.refused ? step : undefined;
}

// covers are the steps that a question asked now is about.
export const covers = (r) => r.steps.filter((s) => s.where !== "phone").map((s) => s.id);

// asks is how soon the van is to be asked about it: 1 at each turn, 2 now and then, 0 never.
export function asks(r) {
  if (r.kind !== "visit" || covers(r).length === 0) return 0;
  return ["approved", "rejected"].includes(stateOf(r)) ? 2 : 1;
}

// stateOf is where a visit is: phone, mend (on the phone, and the van refused it), van, hub, approved, returned or rejected.
export function stateOf(r) {
  if (r.steps.some((s) => s.refused)) return "mend";
  if (r.steps.some((s) => s.where === "phone")) return "phone";
  if (r.steps.some((s) => s.where === "van")) return "van";
  return JUDGED.includes(r.said?.state) ? r.said.state : r.steps.length ? "hub" : r.said?.state || "van";
}

// visitOf is the visit as this phone has it now: the newest edition.
export const visitOf = (r) => r.steps.findLast((s) => s.visit)?.visit;

export const withdrawn = (r) => r.steps.some((s) => s.what === "withdraw");

// counts says of how many visits each is true; phone, van, hub, reviewed and returned add up to all. mend are among phone, and so
// are edits: those of households count until the van has them.
export function counts(records) {
  const c = { phone: 0, van: 0, hub: 0, reviewed: 0, returned: 0, all: 0, mend: 0, edits: 0 };
  const column = { mend: "phone", approved: "reviewed", rejected: "reviewed" };
  for (const r of records) {
    const state = stateOf(r);
    if (state === "mend") c.mend++;
    if (r.kind === "household") {
      if (state !== "phone" && state !== "mend") continue;
      c.edits++;
    }
    c.all++;
    c[column[state] || state]++;
  }
  return c;
}

// merge joins two records of one visit, as an import of a file needs it: no step is lost, and each is as far as either knew.
export function merge(a, b) {
  if (!a || !b) return a || b;
  const steps = a.steps.map((s) => {
    const other = b.steps.find((o) => o.id === s.id);
    return other && RANK[other.where] > RANK[s.where] ? without({ ...s, where: other.where }, "refused", "lost") : s;
  });
  for (const s of b.steps) if (!steps.some((o) => o.id === s.id)) steps.push(s);
  steps.sort((x, y) => (y.what === "log") - (x.what === "log") || x.n - y.n);
  return { ...a, steps, said: a.said || b.said };
}
