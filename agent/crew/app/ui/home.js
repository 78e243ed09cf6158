// One household: who lives there, what they still need, what was done, and what may be changed.
import { ask, empty, page } from "./frame.js";
import { announce, button, fill, h, icon } from "./h.js";
import { label } from "./place.js";
import { choice, parted, t, when } from "./say.js";
import { fresh, begun } from "./form-screen.js";
import { picture } from "./photos.js";
import { row } from "./today.js";
import { trouble } from "./trouble.js";

export async function home(ark, at, id) {
  const it = await ark.household(id).catch((err) => { if (err.word === "not-there") return null; throw err; });
  if (!it) return fill(at, page(t("homes.title"), { back: "#/homes" }, empty(t("home.gone")))) && {};
  const wrong = h("div", { role: "alert" }), visits = it.visits ?? [];
  const photos = visits.flatMap((v) => (v.visit.attachments ?? []).filter((a) => a.role === "photo")).slice(0, 8);
  const pictures = await Promise.all(photos.map((a) => picture(ark, a, t("role.photo"))));
  fill(at, page(parted(label(it)), { back: "#/homes" },
    it.no_visit ? h("p", { class: "notice bad" }, icon("stop"), h("span", {}, h("b", {}, t("home.no-visit-why")), it.no_visit)) : null,
    it.moved_out ? h("p", { class: "notice plain" }, icon("away"), t("home.moved-out-on", when(it.moved_out))) : null,
    it.disputed?.length ? h("p", { class: "notice warn" }, icon("warn"), t("home.disputed")) : null,
    it.refused ? notTaken(it.refused) : it.waiting ? h("p", { class: "notice warn" }, icon("phone"), t("home.waiting")) : null,
    wrong, it.moved_out ? null : button("wide", () => begin(ark, it), icon("pen"), t("home.log")),
    h("section", { class: "card" }, h("h2", {}, t("home.members")), members(it), it.phone ? tel(it.phone) : null, it.note ? h("p", {}, it.note) : null),
    it.needs?.length ? h("section", { class: "card" }, h("h2", {}, t("home.needs")), h("ul", { class: "plain" }, it.needs.map((n) =>
      h("li", {}, h("b", {}, choice(ark.state.form?.needs, n.category ?? "")), n.words ? t("list.colon") + n.words : "", n.urgency === 3 ? h("span", { class: "outcome refused" }, icon("warn"), t("urgency.3")) : null)))) : null,
    pictures.length ? h("section", { class: "card" }, h("h2", {}, t("visit.photos")), h("div", { class: "photos" }, pictures)) : null,
    h("section", { class: "card" }, h("h2", {}, t("home.history")), visits.length ? h("ul", { class: "visits" }, visits.map((v) => row(ark, v))) : h("p", { class: "soft" }, t("home.no-history"))),
    h("div", { class: "pair" }, h("a", { class: "btn second wide", href: it.refused ? "#/home/mend/" + it.refused.edit : "#/home/edit/" + id }, icon("pen"), t("home.correct")),
      button("second wide", () => moved(ark, it, wrong), icon(it.moved_out ? "home" : "away"), t(it.moved_out ? "home.lives-here" : "home.move-out")))));
  let asking = false;
  return { async changed() { // what was only on this phone may be on the van by now
    if (!it.waiting || asking) return;
    asking = true;
    const now = await ark.household(id).catch(() => null);
    asking = false;
    if (now && at.isConnected && (!now.waiting || !!now.refused !== !!it.refused)) dispatchEvent(new Event("ark:refresh"));
  } };
}

// notTaken says that the van did not take an edit, and why.
export function notTaken(refused) {
  return h("p", { class: "notice bad" }, icon("warn"), h("span", {}, h("b", {}, t("home.refused")), refused.message || trouble(refused)));
}

const tel = (number) => h("p", {}, h("a", { class: "btn second", href: "tel:" + number.replace(/[^0-9+]/g, "") }, icon("phone"), number));

function members(it) {
  if (!it.members?.length) return h("p", { class: "soft" }, t("home.no-members"));
  return h("ul", { class: "plain" }, it.members.map((m) => h("li", {}, h("b", {}, m.name), m.born ? " " + t("home.born", m.born) : "", m.note ? h("span", { class: "block soft" }, m.note) : null,
    m.left ? h("span", { class: "outcome moved" }, icon("away"), t("home.left")) : null, m.phone ? tel(m.phone) : null)));
}

// begin writes a visit to this household. A visit that was begun elsewhere and not saved is not thrown away unasked.
async function begin(ark, it) {
  const open = (await ark.drafts()).find((d) => !d.amends && begun(d));
  if (open && open.visit.household !== it.id) {
    if (!await ask(t("home.other-draft", open.visit.place || t("home.no-door")), t("home.drop-draft"), t("home.keep-draft"))) {
      location.hash = "#/";
      return;
    }
    await ark.drop(open.id);
  }
  if (it.no_visit && !await ask(t("home.no-visit-why") + it.no_visit, t("place.seen"), t("place.another"))) return;
  const draft = open?.visit.household === it.id ? open : await ark.draft();
  draft.visit = { ...fresh(), ...draft.visit, place: label(it), where: it.place, household: it.id };
  draft.home = { id: it.id, members: it.members, note: it.note, no_visit: it.no_visit, open_needs: it.needs?.length };
  await ark.keep(draft);
  location.hash = "#/";
}

async function moved(ark, it, wrong) {
  const out = !it.moved_out;
  if (out && !await ask(t("home.move-out-sure", label(it)), t("home.move-out"))) return;
  try {
    const was = bare(it);
    await ark.editHousehold({ ...was, moved_out: out ? Date.now() : 0 }, was);
    announce(t("home.changed"));
    dispatchEvent(new Event("ark:refresh"));
  } catch (err) {
    fill(wrong, h("p", { class: "notice bad" }, icon("warn"), trouble(err)));
  }
}

// bare is a household as ark.Household has it, without what only lists show beside it.
export function bare(it) {
  const kept = {};
  for (const name of ["id", "rev", "place", "members", "phone", "note", "no_visit", "moved_out", "geo"]) if (it[name] !== undefined) kept[name] = structuredClone(it[name]);
  return kept;
}
