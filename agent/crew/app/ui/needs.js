// Parts of a visit that may be left out: who was met, what the household needs, a note. Each folds away, and says in
// its title what is in it.
import { button, fill, focus, h, icon } from "./h.js";
import { choice, of, t } from "./say.js";
import { tick } from "./basics.js";

// fold is a part that opens by its title; the count beside it says what it holds.
export function fold(part, drawing, title, inside, held) {
  const has = h("span", { class: "held" });
  const e = h("details", { "data-part": part }, h("summary", {}, icon(drawing), h("span", {}, title), has), h("div", { class: "inside" }, inside));
  const tell = () => fill(has, held());
  tell();
  return { element: e, tell };
}

const short = (words) => words.length > 12 ? words.slice(0, 12) + "…" : words;

export function personPart(it) {
  const { visit } = it;
  const names = h("div", { class: "ticks" });
  const input = h("input", { id: "person", type: "text", maxlength: "50", autocomplete: "off", value: visit.person ?? "",
    oninput: (e) => { visit.person = e.target.value; it.changed("person"); part.tell(); } });
  const part = fold("person", "person", t("visit.person"), [names, h("label", { for: "person" }, t("visit.person-name")), input], () => short(visit.person ?? ""));
  const draw = () => fill(names, (it.draft.home?.members ?? []).filter((m) => !m.left).map((m) => tick("radio", "member", m.name, visit.person === m.name, () => {
    visit.person = m.name;
    input.value = m.name;
    it.changed("person");
    part.tell();
  }, m.name)));
  it.follow((what) => { if (what === "place") draw(); });
  draw();
  return part.element;
}

export function notePart(it) {
  const { visit } = it;
  const part = fold("note", "pen", t("visit.note"), [h("label", { for: "note", class: "hidden" }, t("visit.note")),
    h("textarea", { id: "note", rows: "4", maxlength: "2000", value: visit.note ?? "", oninput: (e) => { visit.note = e.target.value; it.changed("note"); part.tell(); } })],
  () => short(visit.note ?? ""));
  return part.element;
}

const most = 20; // needs of one visit, as the van takes them

export function needsPart(it) {
  const { visit, form } = it;
  const list = h("div", {});
  const offered = (form.needs ?? []).filter((c) => !c.off);
  const part = fold("needs", "list", t("visit.needs"), [list, h("p", { class: "label" }, t("need.add")),
    h("div", { class: "ticks" }, offered.map((c) => button("second", () => put(c.code), icon("plus"), of(c.say))))],
  () => visit.needs.length ? t("visit.count", visit.needs.length) : "");
  const put = (code) => {
    if (visit.needs.length >= most) return;
    visit.needs.push({ category: code, words: "", urgency: 2 });
    it.changed("needs");
    draw();
    focus(list.lastElementChild?.querySelector("textarea"), "center");
  };
  const draw = () => {
    fill(list, visit.needs.map((need, i) => h("fieldset", { class: "card need" }, h("legend", {}, choice(form.needs, need.category)),
      h("label", { for: "need-" + i }, t("need.words")),
      h("textarea", { id: "need-" + i, rows: "2", maxlength: "2000", value: need.words ?? "", oninput: (e) => { need.words = e.target.value; it.changed("need-words"); } }),
      h("div", { class: "ticks three", role: "radiogroup", "aria-label": t("need.urgency") }, [1, 2, 3].map((u) =>
        tick("radio", "urgency-" + i, u, need.urgency === u, () => { need.urgency = u; it.changed("need-words"); }, t("urgency." + u)))),
      button("second", () => { visit.needs.splice(i, 1); it.changed("needs"); draw(); focus(part.element.querySelector("summary")); }, icon("trash"), t("need.remove")))));
    part.tell();
  };
  draw();
  return part.element;
}
