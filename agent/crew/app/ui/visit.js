// One visit: what it says, where it is, what was said before, and what may be done about it.
import { ask, empty, page } from "./frame.js";
import { announce, button, fill, h, icon } from "./h.js";
import { answer, types } from "./form.js";
import { choice, known, needs, of, parted, services, t, when } from "./say.js";
import { outcome, pill, stateOf } from "./states.js";
import { fresh } from "./form-screen.js";
import { files } from "./seen-files.js";
import { trouble } from "./trouble.js";

export async function visit(ark, at, id) {
  const draw = async () => {
    const v = await ark.visit(id);
    if (!v) return fill(at, page(t("seen.title"), { back: "#/today" }, empty(t("seen.gone"))));
    const wrong = h("div", { role: "alert" });
    fill(at, page(parted(v.visit.place), { back: "#/today" },
      v.comment ? h("p", { class: "notice bad" }, icon("back"), h("span", {}, h("b", {}, t("visit.comment")), v.comment, v.reviewer ? h("span", { class: "soft" }, " — " + v.reviewer) : null)) : null,
      v.refused ? h("p", { class: "notice bad" }, icon("warn"), h("span", {}, h("b", {}, t("seen.refused")), v.refused.message || trouble(v.refused))) : null,
      way(v), wrong,
      v.withdrawn ? h("p", { class: "notice plain" }, icon("trash"), h("span", {}, t("seen.withdrawn"), v.why ? t("list.colon") + v.why : "")) : acts(ark, v, wrong),
      h("section", { class: "card" }, h("h2", {}, t("seen.said")), said(ark, v)),
      await files(ark, v, (less) => rewrite(ark, v, less), wrong), history(ark, v)));
  };
  await draw();
  let last = JSON.stringify([ark.state.counts]);
  return { async changed() {
    const now = JSON.stringify([ark.state.counts]);
    if (now === last || at.contains(document.activeElement) && document.activeElement.matches("textarea, input")) return;
    last = now;
    await draw();
  } };
}

// way is how far it has come: each step with its word, those behind it ticked.
function way(v) {
  const steps = ["phone", "van", "hub", "approved"], state = stateOf(v);
  const reached = { mend: 0, returned: 2, rejected: 2, withdrawn: steps.indexOf(v.state) }[state] ?? steps.indexOf(state);
  return h("section", { class: "card" }, h("h2", {}, t("seen.where"), " ", pill(state)),
    h("ol", { class: "way" }, steps.map((s, i) => h("li", { class: i <= reached ? "on" : "", "aria-current": i === reached ? "step" : null },
      icon(i <= reached ? "check" : "more"), h("span", {}, t("way." + s)), i > reached ? h("span", { class: "hidden" }, t("way.not-yet")) : null))),
    v.doubtful ? h("p", { class: "notice warn" }, icon("warn"), t("seen.doubtful")) : null);
}

// rewrite opens the form on a visit as it is, less an attachment.
async function rewrite(ark, v, less) {
  const draft = (await ark.drafts()).find((d) => d.amends === v.id) ?? await ark.draft(); // one that was begun goes on
  if (!draft.amends) draft.visit = { ...fresh(), ...structuredClone(v.visit) };
  if (less) draft.visit.attachments = draft.visit.attachments.filter((a) => a.content !== less.content);
  Object.assign(draft, { amends: v.id, mends: v.state === "mend", comment: v.comment, why: draft.why ?? "", open: less?.role });
  if (v.visit.household) draft.home = await ark.household(v.visit.household).catch(() => null);
  await ark.keep(draft);
  location.hash = "#/visit/" + draft.id;
}

// acts are what the crew may do. Whether there is still time, the van decides and says.
function acts(ark, v, wrong) {
  const anew = button("wide", () => rewrite(ark, v), icon("pen"), t(["returned", "mend"].includes(v.state) ? "seen.mend" : "seen.amend"));
  const back = button("second wide", async () => {
    const why = h("textarea", { id: "why", rows: "2", maxlength: "300" });
    if (!await ask(t("seen.withdraw-sure", v.visit.place), t("seen.withdraw"), t("ask.no"), h("label", { for: "why" }, t("visit.why")), why)) return;
    try {
      await ark.withdraw(v.id, why.value.trim());
      announce(t("saved.undone", v.visit.place));
      dispatchEvent(new Event("ark:refresh"));
    } catch (err) {
      fill(wrong, h("p", { class: "notice bad" }, icon("warn"), trouble(err)));
    }
  }, icon("trash"), t("seen.withdraw"));
  const refused = v.state === "mend" ? [["taken", "seen.another", () => ark.mend(v.id, v.visit, { another: true }), "#/today"], [null, "seen.give-up", () => ark.giveUp(v.id), "#/today"]]
    .filter(([word]) => word ? v.refused?.word === word : v.amended || v.withdrawn) : [];
  return h("div", { class: "pair" }, anew, refused.map(([, key, act, to]) => button("second wide", async () => { await act(); location.hash = to; }, t(key))), back, v.visit.household ? h("a", { class: "btn second wide", href: "#/home/" + v.visit.household }, icon("home"), t("seen.home")) : null);
}

// said is the visit in words, as pairs of name and value.
function said(ark, v) {
  const { form } = ark.state, visit = v.visit;
  const pairs = [
    [t("visit.outcome"), outcome(visit.outcome)], [t("seen.when"), when(v.made)], [t("seen.by"), visit.by],
    [t("visit.person"), visit.person], [t("visit.services"), services(form, visit).join(t("list.and"))],
    [t("visit.return"), visit.return ? t("visit.yes") : ""], [t("visit.needs"), needs(form, visit).map((n) => h("span", { class: "block" }, n))], [t("visit.note"), visit.note],
    ...(form?.fields ?? []).map((f) => [of(f.ask), answers(f, answer(visit, f.code))]),
    [t("visit.consent"), (visit.consent ?? []).map((c) => h("span", { class: "block" }, known("agreed.", c.what), t("list.colon"), t(c.given ? "consent.yes" : "consent.no"), " · ",
      known("how.", c.how), c.notice ? " · " + t("consent.notice", c.notice) : ""))],
    [t("visit.geo"), visit.geo ? t("geo.there", visit.geo.acc) : ""],
  ];
  return h("dl", {}, pairs.filter(([, value]) => value instanceof Node || value?.length).map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}

function answers(field, values) {
  if (field.type === types.yesNo) return values.map((v) => t(v === "yes" ? "visit.yes" : "visit.no")).join("");
  return values.map((v) => choice(field.choices, v)).join(t("list.and"));
}

// history is every edition, the newest first.
function history(ark, v) {
  const editions = v.editions ?? [];
  if (editions.length < 2) return null;
  return h("section", { class: "card" }, h("h2", {}, t("seen.history")), h("ol", { class: "history" }, [...editions].reverse().map((e) =>
    h("li", {}, h("b", {}, when(e.made ?? e.at)), " ", e.withdrawn ? t("seen.withdrawn") : [outcome(e.visit.outcome), " ", services(ark.state.form, e.visit).join(t("list.and"))],
      e.why ? h("span", { class: "soft block" }, t("list.why"), e.why) : null))));
}
