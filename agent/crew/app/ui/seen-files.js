// The attachments of a visit, each with where it is; and what is to be done about one that the van does not take.
import { ask } from "./frame.js";
import { announce, button, fill, h, icon } from "./h.js";
import { known, size, t } from "./say.js";
import { pill } from "./states.js";
import { picture } from "./photos.js";
import { player } from "./voice.js";
import { trouble } from "./trouble.js";

// files are the attachments of v; again(attachment) opens the form without one, to be taken anew.
export async function files(ark, v, again, wrong) {
  const all = v.visit.attachments ?? [];
  if (!all.length) return null;
  const there = all.filter((a) => ["van", "hub"].includes(v.attachments?.[a.content])).length;
  const rows = await Promise.all(all.map(async (a, i) => {
    const why = v.stuck?.[a.content];
    return h("figure", { "data-file": a.content },
      a.role === "voice" ? player(ark, a, t("voice.nth", all.slice(0, i + 1).filter((b) => b.role === "voice").length)) : await picture(ark, a, t("role." + a.role)),
      h("figcaption", {}, t("role." + a.role) + " · " + size(a.size)), pill(why?.final ? "mend" : v.attachments?.[a.content] ?? "phone"));
  }));
  const stuck = all.filter((a) => v.stuck?.[a.content]);
  return h("section", { class: "card" }, h("h2", {}, t("seen.files", there, all.length)),
    h("progress", { max: all.length, value: there, "aria-label": t("seen.files", there, all.length) }),
    stuck.map((a) => notTaken(ark, v, a, again, wrong)), h("div", { class: "photos" }, rows));
}

// notTaken says what is the matter with one, in words, and what a person may do. The visit is not in question.
function notTaken(ark, v, a, again, wrong) {
  const why = v.stuck[a.content], role = t("role." + a.role);
  const words = why.message || known("trouble.", why.word);
  if (!why.final) return h("p", { class: "notice warn", "data-stuck": a.content }, icon("phone"), h("span", {}, h("b", {}, role, t("list.colon")), words));
  const doing = (act) => async () => {
    try { await act(); } catch (err) { fill(wrong, h("p", { class: "notice bad" }, icon("warn"), trouble(err))); wrong.scrollIntoView({ block: "center" }); }
  };
  const without = doing(async () => {
    if (!await ask(t("stuck.sure", role), t("stuck.without"))) return;
    await ark.amend(v.id, { ...v.visit, attachments: v.visit.attachments.filter((b) => b.content !== a.content) }, t("stuck.why", role));
    announce(t("visit.amended"));
    dispatchEvent(new Event("ark:refresh"));
  });
  const leave = doing(async () => {
    await ark.leaveFile(a.content);
    dispatchEvent(new Event("ark:refresh"));
  });
  return h("div", { "data-stuck": a.content },
    h("p", { class: "notice bad" }, icon("warn"), h("span", {}, h("b", {}, t("stuck.title", role)), h("span", { class: "block" }, words === why.word ? t("stuck.other") : words), h("span", { class: "block" }, t("stuck.safe")))),
    h("div", { class: "pair" }, button("wide", doing(() => again(a)), icon(a.role === "voice" ? "mic" : a.role === "photo" ? "camera" : "sign"), t("stuck.again")),
      button("second wide", without, icon("trash"), t("stuck.without")), why.known ? null : button("second wide", leave, t("stuck.leave"))));
}
