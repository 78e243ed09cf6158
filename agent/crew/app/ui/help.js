// Help: what the marks mean and what to do when something is not as it should be.
import { page } from "./frame.js";
import { fill, h } from "./h.js";
import { t } from "./say.js";
import { languages } from "./more.js";
import { pill } from "./states.js";

export async function help(ark, at) {
  fill(at, page(t("help.title"), { back: ark.state.phone ? "#/more" : "#/start" },
    h("section", { class: "card" }, h("h2", {}, t("help.visit")), h("ol", { class: "steps" }, ["1", "2", "3", "4"].map((n) => h("li", {}, t("step." + n))))),
    h("section", { class: "card" }, h("h2", {}, t("help.marks")), h("dl", { class: "marks" }, ["phone", "van", "hub", "approved", "returned", "mend"].map((s) =>
      [h("dt", {}, pill(s)), h("dd", {}, t("mark." + s))]))),
    h("section", { class: "card" }, h("h2", {}, t("help.trouble")), h("dl", {}, ["away", "lost", "full", "pin"].map((s) =>
      [h("dt", {}, t("if." + s)), h("dd", {}, t("then." + s))]))),
    languages()));
  return {};
}
