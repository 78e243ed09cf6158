// Who holds the phone: large names, then a PIN on large keys. Someone else takes over with the same two steps.
import { page, empty } from "./frame.js";
import { announce, button, fill, focus, h, icon } from "./h.js";
import { t } from "./say.js";
import { trouble } from "./trouble.js";

const most = 8, least = 4; // digits of a PIN

const shown = new WeakSet(); // screens on which a PIN was asked for already: back leads to the names

export async function who(ark, at, back) {
  const people = (await ark.people()).filter((m) => !m.struck);
  const target = back?.startsWith("#/") && !back.startsWith("#/who") ? back : "#/";
  const leave = () => {
    announce(t("who.hello", ark.state.member?.name ?? ""));
    if ((location.hash || "#/") === target) dispatchEvent(new Event("ark:refresh"));
    else location.hash = target;
  };
  const choose = async (m) => {
    if (m.pin) return pad(ark, at, m, leave, () => who(ark, at, back));
    try {
      await ark.unlock(m.id, "");
      leave();
    } catch (err) {
      fill(wrong, h("p", { class: "notice bad" }, icon("warn"), trouble(err)));
    }
  };
  const wrong = h("div", { role: "alert" });
  // The van has forgotten who is at the phone: it is the same person's PIN that is asked for, and then all goes on where it was.
  const again = ark.state.unsigned && !shown.has(at) && people.find((m) => m.id === ark.state.member.id);
  shown.add(at);
  if (again) return choose(again);
  fill(at, page(t("who.title"), {}, wrong,
    people.length ? h("div", { class: "names" }, people.map((m) =>
      h("button", { type: "button", class: "btn second name", onclick: () => choose(m), "data-member": m.id }, icon("person"), h("span", {}, m.name),
        m.pin ? h("span", { class: "soft" }, icon("lock"), t("who.pin-needed")) : null)))
      : empty(t("who.nobody"), button("wide", leave, t("who.go-on")))));
  if (at.isConnected) focus(at.querySelector("h1"), "start");
}

// pad is the keys for a PIN. It is judged only when the person says so: PINs have no fixed length.
function pad(ark, at, member, done, back) {
  let pin = "", busy = false;
  const dots = h("p", { class: "dots", "aria-live": "polite" });
  const wrong = h("div", { role: "alert" });
  const draw = () => {
    fill(dots, h("span", { "aria-hidden": "true" }, pin ? "●".repeat(pin.length) : "…"), h("span", { class: "hidden" }, t("who.digits", pin.length)));
    go.disabled = pin.length < least || busy;
  };
  const press = (digit) => {
    if (pin.length < most && !busy) pin += digit;
    draw();
  };
  const enter = async () => {
    if (pin.length < least || busy) return;
    busy = true;
    draw();
    try {
      await ark.unlock(member.id, pin);
      done();
    } catch (err) {
      const left = err?.left > 0 ? t("who.left", err.left) : "", wait = err?.wait_s > 0 ? t("who.wait", Math.ceil(err.wait_s / 60)) : "";
      fill(wrong, h("p", { class: "notice bad" }, icon("warn"), h("span", {}, trouble(err) + left + wait)));
      pin = "";
      busy = false;
      draw();
    }
  };
  const go = button("key enter", enter, icon("check"), t("who.enter"));
  const keys = (e) => {
    if (/^[0-9]$/.test(e.key)) press(e.key);
    else if (e.key === "Backspace") { pin = pin.slice(0, -1); draw(); }
    else if (e.key === "Enter" && e.target === first) enter();
    else return;
    e.preventDefault();
  };
  const first = h("h1", { tabindex: "-1" }, t("who.pin-of", member.name));
  fill(at, h("div", { class: "head" }, button("second back", back, icon("back"), h("span", { class: "hidden" }, t("nav.back"))), first),
    wrong, dots,
    h("div", { class: "pad", onkeydown: keys },
      [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => button("second key", () => press(String(n)), String(n))),
      button("second key", () => { pin = pin.slice(0, -1); draw(); }, icon("back"), h("span", { class: "hidden" }, t("who.rub-out"))),
      button("second key", () => press("0"), "0"), go),
    h("p", { class: "soft" }, t("who.forgot")));
  first.addEventListener("keydown", keys);
  draw();
  focus(first, "start");
}
