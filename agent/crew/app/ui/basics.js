// The parts of a visit that every visit has: the outcome, the services, whether to call again, and the form's own
// questions.
import { answer, asked, outcomes, types, withAnswer } from "./form.js";
import { fill, h, icon } from "./h.js";
import { of, t } from "./say.js";
import { looks } from "./states.js";

// tick is a large target with a radio button or a tick box in it, so that keyboard and screen reader work by themselves.
export function tick(type, name, value, on, change, ...words) {
  return h("label", { class: "tick" }, h("input", { type, name, value, checked: on, onchange: (e) => change(e.target.checked) }),
    h("span", {}, h("i", { class: "mark", "aria-hidden": "true" }), ...words));
}

export function basics(it) {
  const { visit, form } = it;
  const again = h("div", {});
  const drawAgain = () => fill(again, tick("checkbox", "return", "yes", !!visit.return, (on) => {
    visit.return = on;
    it.changed("return");
  }, icon("again"), t("visit.return")));
  const choose = (word) => {
    const was = visit.outcome;
    visit.outcome = word;
    if (word === "no-answer") visit.return = true; // whoever was not at home is called on again, unless the crew says no
    else if (was === "no-answer") visit.return = false;
    drawAgain();
    it.changed("outcome");
  };
  drawAgain();
  const offered = (form.services ?? []).filter((c) => !c.off || visit.services.includes(c.code));
  return [
    h("fieldset", { "data-part": "outcome", tabindex: "-1" }, h("legend", {}, t("visit.outcome")),
      h("div", { class: "ticks four" }, outcomes.map((word) =>
        tick("radio", "outcome", word, visit.outcome === word, () => choose(word), icon(looks[word].icon), t("outcome." + word))))),
    offered.length ? h("fieldset", { "data-part": "services" }, h("legend", {}, t("visit.services")),
      h("div", { class: "ticks" }, offered.map((c) => tick("checkbox", "services", c.code, visit.services.includes(c.code), (on) => {
        visit.services = on ? [...visit.services, c.code] : visit.services.filter((s) => s !== c.code);
        it.changed("services");
      }, of(c.say))))) : null,
    h("div", { "data-part": "return", class: "field" }, again),
  ];
}

// questions are the form's further questions, those that are asked now. They come and go with the answers before.
export function questions(it) {
  const { visit, form } = it;
  const all = h("div", { class: "questions" });
  let shown = null;
  const draw = (what) => {
    const codes = asked(form, visit);
    if (codes.join() === shown) return;
    const focused = document.activeElement?.closest?.("[data-part]")?.dataset.part;
    const kept = new Map([...all.children].map((e) => [e.dataset.part, e]));
    shown = codes.join();
    all.replaceChildren(...(form.fields ?? []).filter((f) => codes.includes(f.code)).map((f) => kept.get(f.code) ?? question(it, f)));
    if (what && focused && kept.has(focused)) kept.get(focused).querySelector("input:checked, input, textarea")?.focus?.();
  };
  it.follow(draw);
  draw();
  return all;
}

function question(it, field) {
  const { visit } = it;
  const give = (values) => {
    visit.answers = withAnswer(visit, field.code, values);
    it.changed(field.code);
  };
  const ask = [of(field.ask), field.required ? h("span", { class: "soft" }, " " + t("visit.must")) : null];
  const values = answer(visit, field.code);
  const choices = field.type === types.yesNo ? [{ code: "yes", say: { zh: t("visit.yes"), en: t("visit.yes") } }, { code: "no", say: { zh: t("visit.no"), en: t("visit.no") } }]
    : (field.choices ?? []).filter((c) => !c.off || values.includes(c.code));
  if ([types.yesNo, types.one, types.many].includes(field.type)) {
    const many = field.type === types.many;
    return h("fieldset", { "data-part": field.code }, h("legend", {}, ask),
      h("div", { class: "ticks" }, choices.map((c) => tick(many ? "checkbox" : "radio", "q-" + field.code, c.code, values.includes(c.code), (on) => {
        const now = answer(visit, field.code);
        give(!many ? [c.code] : on ? [...now, c.code] : now.filter((v) => v !== c.code));
      }, of(c.say)))));
  }
  const id = "q-" + field.code, type = field.type === types.date ? "date" : "text";
  return h("div", { "data-part": field.code, class: "field" }, h("label", { for: id }, ask),
    h("input", { id, type, inputmode: field.type === types.number ? "decimal" : null, maxlength: field.type === types.text ? "2000" : "31", value: values[0] ?? "",
      oninput: (e) => give(e.target.value.trim() ? [e.target.value.trim()] : []) }));
}
