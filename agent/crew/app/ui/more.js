// The reader's own settings, who holds the phone, and what the phone itself holds.
import { page } from "./frame.js";
import { announce, button, fill, h, icon } from "./h.js";
import { tick } from "./basics.js";
import { choose, prefs } from "./prefs.js";
import { date, size, t } from "./say.js";
import { trouble } from "./trouble.js";

const again = () => dispatchEvent(new Event("ark:refresh"));

// languages lets a reader change the language on any screen that shows it.
export function languages() {
  return h("fieldset", { class: "field" }, h("legend", {}, "语言 · Language"), h("div", { class: "ticks" }, [["zh", "中文"], ["en", "English"]].map(([code, name]) =>
    tick("radio", "lang", code, prefs.lang === code, () => { choose({ lang: code }); again(); }, h("span", { lang: code === "zh" ? "zh-Hans" : "en" }, name)))));
}

function letters() {
  return h("fieldset", { class: "field" }, h("legend", {}, t("more.size")), h("div", { class: "ticks" }, prefs.sizes.map((px, i) =>
    tick("radio", "size", px, prefs.size === px, () => { choose({ size: px }); announce(t("letters." + i)); }, t("letters." + i)))));
}

export async function more(ark, at) {
  const { state } = ark, kept = h("div", {}, held(state));
  // What came of a press stands below the button that was pressed.
  const aboutFile = h("div", { role: "status" }), aboutApp = h("div", { role: "status" });
  const tell = (at, look, words) => fill(at, h("p", { class: "notice " + look }, icon({ ok: "check", plain: "again" }[look] ?? "warn"), h("span", {}, words)));
  const doing = (at, act) => async (e) => { try { await act(e); } catch (err) { tell(at, "bad", trouble(err)); } };
  const out = doing(aboutFile, async () => {
    const blob = await ark.exportUnsent();
    const url = URL.createObjectURL(blob), link = h("a", { href: url, download: "ark-" + date(Date.now()) + ".json" });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
    tell(aboutFile, "ok", t("more.exported", size(blob.size)));
  });
  const into = doing(aboutFile, async (e) => {
    const [file] = e.target.files;
    e.target.value = "";
    if (file) tell(aboutFile, "ok", t("more.imported", (await ark.importUnsent(file))?.visits ?? 0));
  });
  const chosen = h("input", { id: "import", type: "file", accept: ".json,application/json", class: "hidden", onchange: into });
  fill(at, page(t("more.title"), {},
    state.phone && !state.crew?.length ? h("section", { class: "card" }, h("label", { for: "own-name" }, t("more.name")),
      h("input", { id: "own-name", type: "text", maxlength: "50", autocomplete: "name", value: prefs.name, oninput: (e) => choose({ name: e.target.value.trim() }) }),
      h("p", { class: "soft" }, t("more.name-words")))
      : state.phone ? h("section", { class: "card" }, h("h2", {}, icon("person"), state.member?.name ?? t("more.nobody")),
      h("div", { class: "pair" }, h("a", { class: "btn second wide", href: "#/who" }, icon("person"), t("more.switch")),
        state.member?.pin ? button("second wide", () => ark.lock(), icon("lock"), t("more.lock")) : null)) : null,
    h("section", { class: "card" }, letters(), languages()),
    h("section", { class: "card" }, h("h2", {}, icon("phone"), t("more.phone")), kept,
      state.phone ? [button("second wide", out, icon("save"), t("more.export")), h("p", { class: "soft" }, t("more.export-words")),
        h("label", { class: "btn second wide", for: "import" }, chosen, icon("plus"), t("more.import")), aboutFile] : null),
    h("section", { class: "card" }, h("h2", {}, t("more.about")), h("dl", {}, about(state).map(([name, value]) => [h("dt", {}, t(name)), h("dd", {}, value)])),
      button("second wide", doing(aboutApp, async () => {
        tell(aboutApp, "plain", t("more.renewing"));
        if (!await ark.renew()) tell(aboutApp, "ok", t("more.newest"));
      }), icon("again"), t("more.renew")), aboutApp),
    h("div", { class: "pair" }, h("a", { class: "btn second wide", href: "#/help" }, t("help.title")), state.phone ? h("a", { class: "btn second wide", href: "#/phones" }, icon("phone"), t("phones.title")) : null, h("a", { class: "btn second wide", href: "/panel" }, icon("van"), t("more.panel")))));
  return { changed: () => fill(kept, held(ark.state)) };
}

// held says what the phone keeps, and whether the browser promised not to throw it away.
function held(state) {
  const s = state.storage ?? {};
  const n = state.counts?.phone ?? 0;
  return [h("p", {}, n ? t("more.unsent", n) : t("more.all-sent")),
    s.quota ? h("p", { class: "soft" }, t("more.room", size(s.used ?? 0), size(s.quota))) : null,
    h("p", { class: "soft" }, t(s.persisted ? "more.persisted" : "more.not-persisted"))];
}

function about(state) {
  return [["more.van", state.van ?? ""], ["more.this-phone", state.phone?.name ?? ""], ["more.form", state.form?.version ?? ""], ["more.version", state.app ?? ""]]
    .map(([name, value]) => [name, String(typeof value === "object" ? value.name ?? "" : value)]).filter(([, value]) => value !== "");
}
