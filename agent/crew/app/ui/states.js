// Where a visit is, as people see it: always a drawing and a word beside the colour.
import { h, icon } from "./h.js";
import { known } from "./say.js";

export const states = {
  phone: { look: "amber", icon: "phone" },
  mend: { look: "red", icon: "warn" },
  van: { look: "green", icon: "van" },
  hub: { look: "blue", icon: "hub" },
  approved: { look: "done", icon: "check" },
  returned: { look: "red", icon: "back" },
  rejected: { look: "red", icon: "cross" },
  withdrawn: { look: "none", icon: "trash" },
};

export const stateOf = (visit) => visit.withdrawn ? "withdrawn" : states[visit.state] ? visit.state : "phone";

export function pill(state) {
  const s = states[state] ?? { look: "none", icon: "warn" };
  return h("span", { class: "pill " + s.look, "data-state": state }, icon(s.icon), known("state.", state));
}

// What a visit came to, and how a door in the grid looks: a drawing for each, so that none is told by colour alone.
export const looks = {
  met: { look: "met", icon: "check" },
  "no-answer": { look: "noanswer", icon: "door" },
  refused: { look: "refused", icon: "cross" },
  moved: { look: "moved", icon: "away" },
  again: { look: "again", icon: "again" },
  "no-visit": { look: "novisit", icon: "stop" },
  none: { look: "blank", icon: null },
};

export function outcome(word) {
  const l = looks[word] ?? looks.none;
  return h("span", { class: "outcome " + l.look }, l.icon ? icon(l.icon) : null, known("outcome.", word));
}
