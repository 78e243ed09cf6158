// Corrects a household or writes a new one down. Those that may be the same are shown while one types. What is half written is
// kept at every touch, as a visit is, and is there again after a PIN, a reload, or another version of the app.
import { ask, empty, page } from "./frame.js";
import { announce, button, fill, focus, h, icon } from "./h.js";
import { bare, notTaken } from "./home.js";
import { homeLine, label } from "./place.js";
import { known, parted, t } from "./say.js";
import { locate } from "./geo.js";
import { trouble } from "./trouble.js";

// whereNow is where the van stands, as the beginning of a new household's place.
const whereNow = (place) => typeof place === "string" ? (place ? { compound: place } : {}) : { ...place };

const year = (text) => /^\d{4}$/.test(text) && text >= 1850 && text <= 2200; // of birth, as the van takes it

const parts = ["compound", "building", "unit", "room", "grid", "community", "street"];

export async function homeEdit(ark, at, id) {
  const draft = await ark.homeDraft(id), was = draft.household ? draft.was : id ? bare(await ark.household(id)) : null;
  return write(ark, at, { draft, was, fresh: was ? structuredClone(was) : { place: whereNow(ark.state.place), members: [{ name: "" }] },
    title: t(was ? "edit.title" : "edit.new-title"), back: was ? "#/home/" + id : "#/homes",
    save: (now) => ark.editHousehold(now, was ?? undefined, draft.id), then: (saved) => "#/home/" + saved.id });
}

// homeMend shows an edit that the van did not take, with why: to be mended and handed in again, or given up.
export async function homeMend(ark, at, id) {
  const edit = await ark.edit(id);
  if (!edit?.refused) return fill(at, page(t("edit.mend-title"), { back: "#/today" }, empty(t("edit.mended")))) && {};
  const draft = await ark.homeDraft(id);
  const giveUp = async () => {
    if (!await ask(t("edit.give-up-sure", label(edit.now)), t("edit.give-up"))) return;
    await ark.giveUp(id);
    await ark.drop(draft.id);
    announce(t("edit.given-up"));
    location.hash = "#/today";
  };
  return write(ark, at, { draft, was: edit.was ?? null, fresh: structuredClone(edit.now), title: t("edit.mend-title"), back: "#/today", giveUp,
    head: notTaken(edit.refused), send: t("visit.send-again"), save: (now) => ark.mendHousehold(id, now, draft.id), then: () => "#/today" });
}

async function write(ark, at, it) {
  const { draft, was } = it, resumed = !!draft.household, now = resumed ? structuredClone(draft.household) : it.fresh;
  now.members ??= [];
  // A draft that cannot be kept is told in the frame, and stays in the fields.
  const keep = () => ark.keep(Object.assign(draft, { household: structuredClone(now), was })).catch(() => {});
  const wrong = h("div", { role: "alert" }), same = h("div", { id: "alike", tabindex: "-1" }), hint = h("div", { role: "status" }), people = h("div", {});
  let turn = 0, timer;
  const alike = async () => {
    const mine = ++turn;
    const found = (await ark.alike({ ...now, members: now.members.filter((m) => m.name.trim()) })).filter(({ household }) => household.id !== now.id);
    if (mine !== turn) return;
    // The list stands at the end, so that no field moves away under a finger; the word about it stands by the button.
    fill(same, found.length ? [h("h2", {}, icon("warn"), t("edit.alike")),
      h("ul", { class: "homes" }, found.slice(0, 5).map(({ household, why }) => h("li", {}, h("a", { class: "home", href: "#/home/" + household.id }, homeLine(household, known("alike.", why))))))] : null);
    fill(hint, found.length ? button("second wide warn", () => focus(same, "start"), icon("warn"), t("edit.alike-count", found.length)) : null);
  };
  const typed = () => { keep(); clearTimeout(timer); timer = setTimeout(alike, 200); };
  const field = (name, key, value, set, more = {}) => h("div", { class: "field" }, h("label", { for: name }, t(key)),
    h("input", { id: name, type: "text", autocomplete: "off", maxlength: "30", value: value ?? "", oninput: (e) => { set(e.target.value.trim()); typed(); }, ...more }));
  const place = (p) => field(p, "part." + p, now.place[p], (v) => { now.place[p] = v; });
  const drawPeople = () => fill(people, now.members.map((m, i) => h("fieldset", { class: "card" }, h("legend", {}, t("edit.member", i + 1)),
    field("name-" + i, "edit.name", m.name, (v) => { m.name = v; }, { maxlength: "50" }),
    field("born-" + i, "edit.born", m.born || "", (v) => { m.born = year(v) ? +v : 0; }, { inputmode: "numeric", maxlength: "4" }),
    field("tel-" + i, "edit.phone", m.phone, (v) => { m.phone = v; }, { inputmode: "tel" }),
    field("note-" + i, "edit.member-note", m.note, (v) => { m.note = v; }, { maxlength: "300" }),
    was && m.name ? h("label", { class: "tick" }, h("input", { type: "checkbox", name: "left-" + i, checked: !!m.left, onchange: (e) => { m.left = e.target.checked; keep(); } }),
      h("span", {}, h("i", { class: "mark", "aria-hidden": "true" }), t("home.left")))
      : button("second", () => { now.members.splice(i, 1); drawPeople(); typed(); focus(people.querySelector("input") ?? add); }, icon("trash"), t("edit.remove-member")))));
  const add = button("second wide", () => { now.members.push({ name: "" }); drawPeople(); typed(); focus(people.lastElementChild.querySelector("input"), "center"); }, icon("plus"), t("edit.add-member"));
  const where = h("p", { class: "soft", role: "status" }, now.geo ? t("geo.there", now.geo.acc ?? 0) : "");
  const save = async (e) => {
    e.preventDefault();
    now.place = Object.fromEntries(Object.entries(now.place).filter(([, v]) => v));
    if (!now.place.building && !now.place.room && !now.place.compound) {
      fill(wrong, h("p", { class: "notice bad" }, icon("warn"), t("edit.no-place")));
      return focus(at.querySelector("#room"), "center");
    }
    const born = [...at.querySelectorAll("[id^=born-]")].find((e) => e.value.trim() && !year(e.value.trim()));
    if (born) {
      fill(wrong, h("p", { class: "notice bad" }, icon("warn"), t("edit.bad-born")));
      return focus(born, "center");
    }
    try {
      const saved = await it.save({ ...now, members: now.members.filter((m) => m.name.trim()) });
      announce(t("home.changed"));
      location.hash = it.then(saved);
    } catch (err) {
      fill(wrong, h("p", { class: "notice bad" }, icon("warn"), trouble(err)));
      focus(wrong, "center");
    }
  };
  drawPeople();
  const over = async () => { await ark.drop(draft.id); announce(t("visit.dropped")); dispatchEvent(new Event("ark:refresh")); };
  fill(at, page(it.title, { back: it.back, act: resumed ? button("second small", over, icon("trash"), t("visit.start-over")) : null },
    it.head ?? null, resumed ? h("p", { class: "notice plain", id: "resumed" }, t("visit.resumed")) : null, was ? h("p", { class: "large" }, parted(label(was))) : null,
    h("form", { novalidate: true, onsubmit: save },
      h("section", { class: "card" }, h("h2", {}, t("edit.where")), h("div", { class: "twos" }, parts.slice(0, 4).map(place)),
        h("details", {}, h("summary", {}, t("edit.more-parts")), h("div", { class: "inside" }, parts.slice(4).map(place))),
        where, button("second", async () => {
          fill(where, t("geo.looking"));
          try {
            now.geo = await locate({ ask: true });
            keep();
            fill(where, t("geo.there", now.geo.acc));
          } catch { fill(where, t("geo.none")); }
        }, icon("here"), t("geo.take"))),
      h("h2", {}, t("home.members")), people, add,
      h("section", { class: "card" }, field("phone", "edit.home-phone", now.phone, (v) => { now.phone = v; }, { inputmode: "tel" }),
        field("home-note", "edit.note", now.note, (v) => { now.note = v; }, { maxlength: "300" }),
        field("no-visit", "edit.no-visit", now.no_visit, (v) => { now.no_visit = v; }, { maxlength: "300" })),
      same, it.giveUp ? button("second wide give-up", it.giveUp, icon("trash"), t("edit.give-up")) : null,
      h("div", { class: "savebar" }, hint, wrong, h("button", { class: "btn save", type: "submit" }, icon("save"), it.send ?? t("edit.save"))))));
  return { leave() { turn++; clearTimeout(timer); } };
}
