// Which door: what is likely stands there before a letter is typed, and a search as one types.
import { button, announce, fill, focus, h, icon } from "./h.js";
import { locate } from "./geo.js";
import { nextDoors } from "./next.js";
import { date, door, namesOf, parted, t, when } from "./say.js";
import { looks, outcome } from "./states.js";

const PATIENCE = 200; // ms for the doors that are likely

// label is the door of a household, with the place's own words where it has no parts.
export const label = (home) => door(home.place) || t("home.no-door");

// homeLine is a household in one row: its door large, who lives there, and what one should know before knocking.
export function homeLine(home, tag) {
  const last = home.last_visit;
  return [
    tag ? h("span", { class: "tag" }, tag) : null,
    h("span", { class: "door" }, parted(label(home))),
    h("span", { class: "names-in" }, namesOf(home)),
    home.no_visit ? h("span", { class: "outcome novisit" }, icon("stop"), t("home.no-visit")) : null,
    home.moved_out ? h("span", { class: "outcome moved" }, icon(looks.moved.icon), t("home.moved-out")) : null,
    last ? h("span", { class: "soft" }, when(last.made) + " ", outcome(last.outcome)) : null,
    home.open_needs ? h("span", { class: "soft" }, t("home.needs-open", home.open_needs)) : null,
  ];
}

export async function whichDoor(it) {
  const at = h("section", { class: "card which", "data-part": "place" });
  await draw(it, at);
  return at;
}

async function draw(it, at) {
  if (it.visit.place && it.chosen !== false) chosen(it, at);
  else await choose(it, at);
}

// chosen shows the door that the visit is about.
function chosen(it, at) {
  const { visit, draft } = it, home = draft.home;
  const change = button("second small", async () => {
    Object.assign(visit, { place: "", where: undefined, household: undefined });
    draft.home = null;
    it.changed("place");
    await choose(it, at);
    focus(at.querySelector("input"));
  }, t("place.change"));
  fill(at, h("h2", { class: "door" }, parted(visit.place)),
    h("div", { class: "line" }, home ? h("span", {}, namesOf(home), home.note ? h("span", { class: "soft" }, " " + home.note) : null) : h("span", { class: "soft" }, t("place.no-household")), change),
    home?.no_visit ? h("p", { class: "notice bad" }, icon("stop"), h("span", {}, h("b", {}, t("home.no-visit-why")), home.no_visit)) : null,
    home?.open_needs ? h("p", {}, h("a", { class: "wide-link", href: "#/home/" + home.id }, icon("list"), t("home.needs-open", home.open_needs))) : null);
}

// take puts a household into the visit. One that nobody may visit is taken only after a person has read why.
async function take(it, at, home) {
  if (home.no_visit && !await warned(at, home)) return;
  const { visit, draft } = it;
  Object.assign(visit, { place: label(home), where: home.place, household: home.id });
  draft.home = { id: home.id, members: home.members, note: home.note, no_visit: home.no_visit, open_needs: home.open_needs };
  it.changed("place");
  chosen(it, at);
  announce(t("place.chosen", visit.place));
  it.choseDoor();
}

function warned(at, home) {
  return new Promise((resolve) => {
    const before = [...at.childNodes];
    const box = h("div", { class: "warning", role: "alertdialog", "aria-labelledby": "no-visit-title", "aria-describedby": "no-visit-why" },
      h("h2", { id: "no-visit-title" }, icon("stop"), t("home.no-visit")), h("p", { class: "door" }, parted(label(home))), h("p", { class: "large", id: "no-visit-why" }, home.no_visit),
      h("div", { class: "pair" },
        button("", () => { fill(at, before); resolve(false); focus(at.querySelector("input")); }, t("place.another")),
        button("second", () => resolve(true), t("place.seen"))));
    fill(at, box);
    focus(box.querySelector("button"), "center");
  });
}

async function choose(it, at) {
  const { ark } = it;
  const list = h("ul", { class: "homes" }), found = h("p", { class: "soft", role: "status" });
  let turn = 0, timer, entered = false;
  const row = (home, tag) => h("li", {}, h("button", { type: "button", class: "home", "data-home": home.id, onclick: () => take(it, at, home) }, homeLine(home, tag)));
  const bare = (text) => h("li", {}, h("button", { type: "button", class: "home bare", onclick: () => {
    it.visit.place = text;
    it.changed("place");
    chosen(it, at);
    it.choseDoor();
  } }, icon("pen"), h("span", {}, t("place.as-typed", text))));
  const look = async (q) => {
    const mine = ++turn;
    const near = it.near ? { lat: it.near.lat, lon: it.near.lon } : undefined;
    const rows = q ? (await ark.search(q, near)).slice(0, 12).map((home) => row(home, home.metres >= 0 && near ? t("place.metres", home.metres) : null))
      : (await likely(ark, near)).map(({ home, tag }) => row(home, tag));
    if (mine !== turn) return;
    fill(list, rows, q ? bare(q) : null);
    fill(found, q ? (rows.length ? t("place.found", rows.length) : t("place.none")) : rows.length ? "" : t("place.type"));
  };
  const input = h("input", { id: "place", type: "search", autocomplete: "off", enterkeyhint: "search", maxlength: "100", placeholder: t("place.hint"),
    oninput: (e) => { clearTimeout(timer); timer = setTimeout(() => look(e.target.value.trim()), 80); },
    // Enter goes to what was found, once the key is up: the same press must not choose it, nor one that ends a Chinese word.
    onkeydown: (e) => { if (e.key === "Enter" && !e.isComposing) { e.preventDefault(); entered = true; } },
    onkeyup: async (e) => {
      if (e.key !== "Enter" || !entered) return;
      entered = false;
      clearTimeout(timer);
      await look(input.value.trim());
      focus(list.querySelector("button"));
    } });
  fill(at, h("label", { for: "place", class: "large" }, t("place.which")),
    h("div", { class: "search" }, icon("find"), input), found, list,
    h("p", {}, h("a", { class: "btn second wide", href: "#/home/new" }, icon("plus"), t("home.new"))));
  // The doors that are likely are there with the screen, unless the van lets one wait for them.
  await Promise.race([look(""), new Promise((done) => setTimeout(done, PATIENCE))]);
  it.heard = () => { if (at.contains(input) && !input.value && !list.firstChild) look(""); };
  locate({ ask: false }).then((geo) => {
    it.near = geo;
    if (at.contains(input) && !input.value) look("");
  }, () => {}); // without a position the rest of the list is as good
}

// likely are the doors that come next: beside the last one, near the phone, and those of the last visits.
async function likely(ark, near) {
  const visits = (await ark.visits({ day: date(Date.now()) })).filter((v) => !v.withdrawn);
  const rows = [], seen = new Set();
  const put = (home, tag) => {
    if (!home?.id || seen.has(home.id) || rows.length >= 6) return;
    seen.add(home.id);
    rows.push({ home, tag });
  };
  const last = visits.slice().sort((a, b) => b.made - a.made), where = last[0]?.visit.where ?? {};
  const [beside, all] = await Promise.all([last.length ? ark.search([where.building, where.unit].filter(Boolean).join("-") || where.compound || "") : [], ark.search("", near)]);
  for (const home of nextDoors(last.map((v) => v.visit), beside).slice(0, 2)) put(home, t("place.next"));
  for (const home of all.slice(0, 6)) {
    if (!visits.some((v) => v.visit.household === home.id)) put(home, near && home.metres >= 0 ? t("place.metres", home.metres) : null);
  }
  for (const v of last.slice(0, 3)) {
    if (v.visit.household) put(await ark.household(v.visit.household).catch(() => null), t("place.just-now"));
  }
  return rows;
}
