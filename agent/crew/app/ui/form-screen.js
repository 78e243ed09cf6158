// The screen on which a visit is written, new or anew. Every touch is kept at once; after a reload it goes on there.
import { page } from "./frame.js";
import { announce, button, fill, focus, h, icon } from "./h.js";
import { faults, pruned } from "./form.js";
import { prefs } from "./prefs.js";
import { t } from "./say.js";
import { trouble } from "./trouble.js";
import { basics, questions } from "./basics.js";
import { whichDoor } from "./place.js";
import { needsPart, notePart, personPart } from "./needs.js";
import { photoPart } from "./photos.js";
import { voicePart } from "./voice.js";
import { signPart } from "./sign.js";
import { consentPart } from "./consent.js";
import { geoPart } from "./geo.js";
import { saved, savedBanner } from "./saved.js";

// fresh is a visit of which nothing is known yet.
export const fresh = () => ({ place: "", outcome: "", services: [], needs: [], consent: [], attachments: [], answers: [] });

// begun tells whether anything was written into a draft.
export function begun(draft) {
  const v = draft.visit ?? {};
  return !!(v.place || v.outcome || v.note || v.person || v.services?.length || v.needs?.length || v.attachments?.length || v.answers?.length);
}

// newVisit goes on with the draft that is there, or begins one.
export async function newVisit(ark, at, rest) {
  const drafts = (await ark.drafts()).filter((d) => !d.amends);
  const draft = drafts.find(begun) ?? drafts[0] ?? await ark.draft();
  draft.visit = { ...fresh(), ...draft.visit };
  return write(ark, at, draft);
}

// oneVisit is a draft by its id: one that was begun anew from a visit.
export async function oneVisit(ark, at, id) {
  const draft = await ark.draft(id);
  if (!draft) return newVisit(ark, at, "");
  draft.visit = { ...fresh(), ...draft.visit };
  return write(ark, at, draft);
}

async function write(ark, at, draft) {
  const form = ark.state.form ?? {};
  const followers = [];
  const it = {
    ark, draft, form, visit: draft.visit,
    // changed keeps the draft and tells the parts that look at others.
    changed(what) {
      if (what !== "answers") it.visit.answers = pruned(form, it.visit);
      it.visit.form = form.version ?? 0;
      draft.touched = true;
      it.kept = ark.keep(draft).then(() => true, () => false); // the frame tells of a phone that cannot keep it
      clearFault(at, what);
      for (const f of followers) f(what);
    },
    follow(f) { followers.push(f); },
    choseDoor() { focus(at.querySelector("[name=outcome]")?.closest("fieldset"), "start"); },
  };
  const amends = draft.amends, resumed = draft.touched && (amends || begun(draft)); // a household that was only chosen is no beginning
  const wrong = h("div", { role: "alert", class: "wrongs" });
  const leave = [];
  const save = h("button", { class: "btn save", type: "submit" }, icon("save"), t(amends ? "visit.send-again" : "visit.save"));
  const which = await whichDoor(it);
  // One question at a time: the rest comes once there is a door.
  const rest = h("div", { hidden: !begun(draft) }, basics(it), questions(it),
    h("div", { class: "extras" }, personPart(it), needsPart(it), notePart(it), photoPart(it), voicePart(it, leave), signPart(it), consentPart(it), geoPart(it)),
    amends ? why(it) : null, h("div", { class: "savebar" }, wrong, save));
  it.follow(() => { rest.hidden = !begun(draft); });
  if (draft.open) rest.querySelector(`details[data-part="${CSS.escape(draft.open)}"]`)?.setAttribute("open", "");
  const banner = amends ? null : savedBanner(ark);
  fill(at, page(t(amends ? "visit.amend-title" : "visit.title"), {
    back: amends ? "#/seen/" + amends : null, quiet: !amends,
    act: resumed || amends ? button("second small", () => drop(ark, draft, amends), icon("trash"), t(amends ? "visit.leave-it" : "visit.start-over")) : null,
  },
  banner?.element, resumed ? h("p", { class: "notice plain", id: "resumed" }, whose(ark, draft)) : null,
  draft.comment ? h("p", { class: "notice bad" }, icon("back"), h("span", {}, h("b", {}, t("visit.comment")), draft.comment)) : null,
  h("form", { novalidate: true, onsubmit: (e) => { e.preventDefault(); store(it, wrong, save); } },
    which, rest)));
  // seen: another tab may have gone on with this very draft meanwhile. What was written here and could not be kept stays.
  const seen = async () => {
    const mine = await it.kept !== false, now = await ark.draft(draft.id).catch(() => null);
    if (mine && now && JSON.stringify(now.visit) !== JSON.stringify(draft.visit)) dispatchEvent(new Event("ark:refresh"));
  };
  return { seen, changed: () => { banner?.changed(); it.heard?.(); }, leave: async () => { for (const f of leave) await f(); } };
}

// whose tells that a draft goes on, and of whose it is where somebody else has the phone by now: it will carry their name.
function whose(ark, { member }) {
  const { crew, member: now } = ark.state, other = now && member && member !== now.id && crew?.find((m) => m.id === member);
  return other ? t("visit.resumed-of", other.name, now.name) : t("visit.resumed");
}

// why asks for a word about an amendment; it may stay empty.
function why(it) {
  const { draft } = it;
  return h("div", { class: "field" }, h("label", { for: "why" }, t("visit.why")),
    h("input", { id: "why", type: "text", maxlength: "300", value: draft.why ?? "", oninput: (e) => { draft.why = e.target.value; it.changed("why"); } }));
}

async function drop(ark, draft, amends) {
  await ark.drop(draft.id);
  announce(t("visit.dropped"));
  if (amends) location.hash = "#/seen/" + amends;
  else dispatchEvent(new Event("ark:refresh"));
}

function clearFault(at, field) {
  for (const e of at.querySelectorAll(`[data-fault="${CSS.escape(field ?? "")}"]`)) e.remove();
}

// store checks the visit, hands it to the engine, and says where it is now.
async function store(it, wrong, save) {
  const { ark, draft, visit, form } = it;
  const found = faults(form, visit);
  fill(wrong, found.map((f) => h("p", { class: "notice bad", "data-fault": f.field }, icon("warn"), h("span", {}, t(f.why)))));
  if (found.length) {
    const part = document.querySelector(`[data-part="${CSS.escape(found[0].field)}"]`);
    if (part?.closest("details")) part.closest("details").open = true;
    focus(part?.querySelector("input, button, textarea, select") ?? wrong, "center");
    return;
  }
  save.disabled = true;
  visit.place = visit.place.trim();
  if (!ark.state.member && prefs.name) visit.by = prefs.name;
  try {
    if (draft.amends) {
      await (draft.mends ? ark.mend(draft.amends, visit, { draft: draft.id }) : ark.amend(draft.amends, visit, draft.why ?? "", { draft: draft.id }));
      announce(t("visit.amended"));
      location.hash = "#/seen/" + draft.amends;
      return;
    }
    const id = await ark.log(draft);
    saved.put({ id, visit: structuredClone(visit) });
    announce(t("visit.kept", visit.place));
    dispatchEvent(new Event("ark:refresh"));
  } catch (err) {
    save.disabled = false;
    fill(wrong, h("p", { class: "notice bad" }, icon("warn"), h("span", {}, t("visit.not-kept"), trouble(err))));
    focus(wrong, "center");
  }
}
