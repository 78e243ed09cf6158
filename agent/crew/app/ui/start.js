// The first screen of a phone that no van knows yet: a code from the panel page makes it one of the van's phones.
import { page } from "./frame.js";
import { announce, button, fill, focus, h, icon } from "./h.js";
import { t } from "./say.js";
import { trouble } from "./trouble.js";
import { languages } from "./more.js";

export async function start(ark, at, code) {
  const given = h("input", { id: "code", type: "text", autocomplete: "off", inputmode: "numeric", spellcheck: "false",
    maxlength: "80", value: code, "aria-describedby": "code-how" });
  const name = h("input", { id: "phone-name", type: "text", maxlength: "50", autocomplete: "off", "aria-describedby": "name-how", "data-first": code ? true : null });
  const wrong = h("div", { role: "alert" });
  const join = async (e) => {
    e.preventDefault();
    const entered = given.value.replace(/\s/g, "");
    if (!entered || !name.value.trim()) {
      fill(wrong, h("p", { class: "notice bad" }, icon("warn"), t(entered ? "start.no-name" : "start.no-code")));
      focus(entered ? name : given);
      return;
    }
    go.disabled = true;
    try {
      await ark.enrol(entered, name.value.trim());
      announce(t("start.done"));
      location.hash = "#/";
    } catch (err) {
      go.disabled = false;
      fill(wrong, h("p", { class: "notice bad" }, icon("warn"), trouble(err)));
      focus(given);
    }
  };
  const go = h("button", { class: "btn wide", type: "submit" }, t("start.join"));
  fill(at, page(t("start.title"), {},
    h("p", { class: "large" }, t(code ? "start.with-code" : "start.words")),
    code ? null : h("ol", { class: "steps" }, h("li", {}, t("start.step-1")), h("li", {}, t("start.step-2")), h("li", {}, t("start.step-3"))),
    h("form", { class: "card", onsubmit: join, novalidate: true },
      h("div", { class: "field", hidden: !!code }, h("label", { for: "code" }, t("start.code")), given, h("p", { class: "soft", id: "code-how" }, t("start.code-how"))),
      h("div", { class: "field" }, h("label", { for: "phone-name" }, t("start.name")), name, h("p", { class: "soft", id: "name-how" }, t("start.name-how"))),
      wrong, go),
    languages(),
    h("p", {}, h("a", { class: "btn second wide", href: "#/help" }, t("help.title"))),
    h("p", {}, h("a", { class: "btn second wide", href: "/plain" }, t("failed.plain")))));
}

// waiting is what a phone shows that has just joined, until the van has told it who the crew are and what is asked. What one
// types before that would be gone when the form comes. Whoever does not want to wait goes on with places typed in words.
export async function waiting(ark, at) {
  fill(at, page(t("waiting.title"), {}, h("p", { class: "large" }, t("waiting.words")),
    button("second wide", () => { waiting.enough = true; dispatchEvent(new Event("ark:refresh")); }, t("who.go-on"))));
}

waiting.still = (state) => !state.form && !waiting.enough;
