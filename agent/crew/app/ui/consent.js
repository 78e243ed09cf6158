// What people agreed to: the notice that is read to them, and their answer to each thing asked.
import { fill, h } from "./h.js";
import { of, t } from "./say.js";
import { fold } from "./needs.js";
import { tick } from "./basics.js";

const whats = ["data", "photo", "voice"];

export function consentPart(it) {
  const { visit, form } = it, notice = form.notice ?? {};
  const given = (what) => visit.consent.find((c) => c.what === what);
  const signed = () => visit.attachments.some((a) => a.role === "signature");
  const say = (what, yes) => {
    visit.consent = [...visit.consent.filter((c) => c.what !== what),
      { what, notice: notice.version ?? 0, given: yes, how: signed() ? "signed" : "spoken", at: Date.now() }];
    it.changed("consent");
    part.tell();
  };
  const how = h("p", { class: "soft" });
  const tellHow = () => fill(how, t(signed() ? "consent.signed" : "consent.spoken"));
  const part = fold("consent", "check", t("visit.consent"), [
    of(notice.say) ? h("blockquote", {}, h("p", { class: "label" }, t("consent.read")), of(notice.say)) : null,
    whats.map((what) => h("fieldset", {}, h("legend", {}, t("consent." + what)), h("div", { class: "ticks" },
      tick("radio", "consent-" + what, "yes", given(what)?.given === true, () => say(what, true), t("consent.yes")),
      tick("radio", "consent-" + what, "no", given(what)?.given === false, () => say(what, false), t("consent.no"))))), how],
  () => visit.consent.length ? t("visit.count", visit.consent.length) : "");
  it.follow((what) => {
    if (what !== "attachments") return;
    for (const c of visit.consent) c.how = signed() ? "signed" : "spoken";
    tellHow();
  });
  tellHow();
  return part.element;
}
