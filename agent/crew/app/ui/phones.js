// The van's phones: a lost one is struck off here, and another one is let in.
import { ask, page } from "./frame.js";
import { announce, button, fill, focus, h, icon } from "./h.js";
import { date, t } from "./say.js";
import { trouble } from "./trouble.js";

export async function phones(ark, at) {
  const said = h("div", { role: "alert" }), code = h("div", {}), list = h("ul", { class: "plain" });
  const doing = (act) => async () => {
    fill(said);
    try { await act(); } catch (err) { fill(said, h("p", { class: "notice bad" }, icon("warn"), h("span", {}, trouble(err)))); }
  };
  const invite = doing(async () => {
    const { code: digits, svg, left_s: left } = await ark.invite();
    const shown = digits.replace(/(\d{4})(?=\d)/g, "$1 ");
    fill(code, h("section", { class: "card", tabindex: "-1" }, h("p", {}, t("phones.scan")),
      h("img", { class: "qr", alt: t("phones.qr"), src: "data:image/svg+xml," + encodeURIComponent(svg) }), // a picture, so that nothing in it runs
      h("p", { class: "digits" }, shown), h("p", { class: "soft" }, t("phones.left", Math.max(1, Math.round(left / 60))))));
    focus(code.firstElementChild, "start");
  });
  const strike = (phone) => doing(async () => {
    if (!await ask(t("phones.sure", phone.name), t("phones.strike"))) return;
    await ark.strike(phone.id);
    announce(t("phones.struck"));
    await draw();
  });
  const draw = doing(async () => {
    const all = await ark.phones();
    fill(list, all.map((p) => h("li", { "data-phone": p.id }, h("div", { class: "line" },
      h("span", {}, h("b", {}, p.name), h("span", { class: "block soft" }, t("phones.since", date(p.at)), p.struck && p.by ? " · " + p.by : "")),
      p.struck ? h("span", { class: "outcome refused" }, icon("stop"), t("phones.struck")) : p.mine ? h("span", { class: "outcome met" }, icon("check"), t("phones.mine"))
        : button("stop", strike(p), icon("stop"), t("phones.strike"), h("span", { class: "hidden" }, p.name))))));
  });
  fill(at, page(t("phones.title"), { back: "#/more" }, said, button("wide", invite, icon("plus"), t("phones.invite")), code,
    h("section", { class: "card" }, h("p", { class: "soft" }, t("phones.lost")), list)));
  await draw();
  return {};
}
