// What was just saved: where it is now, and for a minute one touch that takes it back.
import { announce, button, fill, focus, h, icon } from "./h.js";
import { parted, services, t } from "./say.js";
import { outcome, pill, stateOf } from "./states.js";
import { trouble } from "./trouble.js";

const within = 60_000; // ms in which one touch is enough; after that the visit's own screen does it

let last = null; // {id, visit, at}

export const saved = {
  put(visit) { last = { ...visit, at: Date.now() }; },
  // doors are the places of the last visit of this session, for what stands next to it.
  last: () => last,
};

export function savedBanner(ark) {
  if (!last || last.dismissed) return null;
  const mine = last, element = h("section", { class: "saved", "aria-label": t("saved.label") }), where = h("span", {});
  const undo = button("second", async () => {
    undo.disabled = true;
    try {
      await ark.withdraw(mine.id, "");
      mine.dismissed = true;
      fill(element, h("p", {}, icon("trash"), t("saved.undone", mine.visit.place)));
      announce(t("saved.undone", mine.visit.place));
      focus(element);
    } catch (err) {
      undo.disabled = false;
      fill(where, trouble(err));
    }
  }, icon("again"), t("saved.undo"));
  fill(element,
    h("div", { class: "line" }, h("a", { href: "#/seen/" + mine.id, class: "door" }, parted(mine.visit.place)), where),
    h("div", { class: "line" }, h("span", {}, outcome(mine.visit.outcome), " ", services(ark.state.form, mine.visit).join(t("list.and"))),
      Date.now() - mine.at < within ? undo : null));
  if (Date.now() - mine.at < within) setTimeout(() => undo.contains(document.activeElement) || undo.remove(), within - (Date.now() - mine.at));
  const changed = async () => {
    if (mine.dismissed) return;
    const now = await ark.visit(mine.id);
    if (now) fill(where, pill(stateOf(now)));
  };
  fill(where, pill("phone"));
  changed();
  return { element, changed };
}
