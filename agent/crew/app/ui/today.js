// Today: what came back from the office, the numbers to read out, the buildings at a glance, and every visit.
import { empty, page } from "./frame.js";
import { fill, h, icon } from "./h.js";
import { grid, legend } from "./grid.js";
import { choice, clock, date, namesOf, parted, services, t } from "./say.js";
import { label } from "./place.js";
import { outcome, pill, stateOf } from "./states.js";
import { trouble } from "./trouble.js";

const LATER = 2000; // ms

// sentence is the day in words that one can read out. Pure.
export function sentence(form, stats) {
  const n = (key) => stats[key] ?? 0;
  const parts = [["met", "today.met"], ["no_answer", "today.no-answer"], ["refused", "today.refused"], ["moved", "today.moved"]]
    .filter(([key]) => n(key)).map(([key, text]) => t(text, n(key)));
  const of = (counts, list, key) => Object.entries(counts ?? {}).filter(([, count]) => count).map(([code, count]) => t(key, choice(list, code), count)).join(t("list.and"));
  const done = of(stats.services, form?.services, "today.service"), asked = of(stats.needs, form?.needs, "today.need");
  return t("today.doors", n("doors")) + (parts.length ? t("list.colon") + parts.join(t("list.and")) : "") + t("list.stop") +
    (n("again") ? t("today.again", n("again")) : "") + (done ? t("today.services", done) : "") + (asked ? t("today.needs", asked) : "");
}

// row is a visit in a list.
export function row(ark, v) {
  const did = services(ark.state.form, v.visit).join(t("list.and"));
  return h("li", { class: v.withdrawn ? "withdrawn" : "", "data-visit": v.id }, h("a", { href: "#/seen/" + v.id, class: "visit" },
    h("span", { class: "line" }, h("span", { class: "door" }, parted(v.visit.place)), h("span", { class: "soft" }, clock(v.made), v.doubtful ? h("span", { class: "doubt" }, icon("warn"), t("visit.doubtful")) : null)),
    h("span", { class: "line" }, h("span", {}, outcome(v.visit.outcome), did ? " " + did : ""), pill(stateOf(v))),
    v.visit.return && !v.withdrawn ? h("span", { class: "outcome again" }, icon("again"), t("outcome.again")) : null,
    v.comment ? h("span", { class: "comment" }, h("b", {}, t("visit.comment")), v.comment) : null,
    Object.values(v.stuck ?? {}).some((why) => why.final && !why.known) ? h("span", { class: "comment" }, icon("warn"), " ", t("today.stuck")) : null));
}

// editRow is a household edit that the van did not take.
function editRow({ id, now, was, refused }) {
  return h("li", { "data-edit": id }, h("a", { href: "#/home/mend/" + id, class: "visit" },
    h("span", { class: "line" }, h("span", { class: "door" }, parted(label(now))), pill("mend")),
    h("span", { class: "line" }, h("span", {}, t(was ? "edit.title" : "edit.new-title"), t("list.colon"), namesOf(now))),
    h("span", { class: "comment" }, h("b", {}, t("seen.refused")), refused.message || trouble(refused))));
}

export async function today(ark, at, rest) {
  const day = /^\/?(\d{4}-\d{2}-\d{2})$/.exec(rest)?.[1] ?? date(Date.now());
  let timer, last, gone = false;
  const draw = async () => {
    last = mark(ark);
    const [told, returned] = await Promise.all([ark.today(day), ark.visits({ returned: true })]);
    const visits = told.visits ?? [], again = visits.filter((v) => v.visit.return && !v.withdrawn);
    const back = returned.filter((v) => v.state === "returned" && !v.withdrawn), mend = returned.filter((v) => v.state !== "returned"), edits = ark.edits();
    const rooms = (told.buildings ?? []).filter((b) => b.floors?.length);
    fill(at, page(t("today.title"), { act: h("span", { class: "soft" }, t("time.day", ...day.split("-").slice(1).map(Number))) },
      back.length ? h("section", { class: "card red" }, h("h2", {}, icon("back"), t("today.returned", back.length)), h("ul", { class: "visits" }, back.map((v) => row(ark, v)))) : null,
      mend.length + edits.length ? h("section", { class: "card red" }, h("h2", {}, icon("warn"), t("today.mend", mend.length + edits.length)),
        h("ul", { class: "visits" }, mend.map((v) => row(ark, v)), edits.map(editRow))) : null,
      visits.length ? h("section", { class: "card read-out" }, h("h2", {}, t("today.read-out")), h("p", { class: "large", id: "sentence" }, sentence(ark.state.form, told.stats ?? {}))) : null,
      again.length ? h("section", { class: "card" }, h("h2", {}, icon("again"), t("today.to-return", again.length)), h("ul", { class: "chips" }, again.map((v) =>
        h("li", {}, h("a", { class: "btn second", href: v.visit.household ? "#/home/" + v.visit.household : "#/seen/" + v.id }, v.visit.place))))) : null,
      rooms.length ? h("section", { class: "card" }, h("h2", {}, t("today.buildings")), legend(rooms), rooms.map(grid)) : null,
      h("section", { class: "card" }, h("h2", {}, t("today.list")),
        visits.length ? h("ul", { class: "visits" }, visits.map((v) => row(ark, v))) : empty(t("today.empty"), h("a", { class: "btn wide", href: "#/" }, icon("pen"), t("nav.visit"))))));
    if (mark(ark) !== last) anew(150);
    else if (told.from === "phone" && ark.state.online) anew(LATER); // the van is there, but its answer was lost
  };
  const anew = (ms) => { // the list is drawn anew, and the reader's place kept
    clearTimeout(timer);
    if (gone) return;
    timer = setTimeout(async () => {
      const focused = document.activeElement?.getAttribute?.("href"), y = scrollY;
      await draw();
      if (gone) return;
      if (focused && at.isConnected) at.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
      scrollTo(0, y);
    }, ms);
  };
  await draw();
  return {
    changed() { // counts moved
      if (mark(ark) === last) return;
      last = mark(ark);
      anew(150);
    },
    leave() {
      gone = true;
      clearTimeout(timer);
    },
  };
}

const mark = (ark) => JSON.stringify([ark.state.counts, ark.state.online]);
