// A signature, drawn with a finger or a pen. Whoever cannot draw consents by word of mouth instead.
import { announce, button, fill, h, icon } from "./h.js";
import { t } from "./say.js";
import { trouble } from "./trouble.js";
import { fold } from "./needs.js";
import { picture, without } from "./photos.js";

export function signPart(it) {
  const { ark, visit, draft } = it;
  const at = h("div", {}), said = h("div", { role: "alert" });
  const mine = () => visit.attachments.find((a) => a.role === "signature");
  const part = fold("signature", "sign", t("visit.signature"), [h("p", { class: "soft" }, t("sign.words")), at, said], () => mine() ? t("sign.there") : "");
  const draw = async () => {
    const a = mine();
    part.tell();
    if (a) return fill(at, await picture(ark, a, t("visit.signature")), button("second", () => { without(it, a); draw(); }, icon("trash"), t("sign.again")));
    pad();
  };
  const pad = () => {
    const canvas = h("canvas", { class: "sign", width: 600, height: 240, role: "img", "aria-label": t("sign.here"), "data-part": "sign-pad" });
    const c = canvas.getContext("2d");
    let strokes = 0, down = false;
    const where = (e) => { const r = canvas.getBoundingClientRect(); return [(e.clientX - r.x) * canvas.width / r.width, (e.clientY - r.y) * canvas.height / r.height]; };
    Object.assign(c, { lineWidth: 5, lineCap: "round", lineJoin: "round", strokeStyle: "#10201d" });
    canvas.addEventListener("pointerdown", (e) => {
      down = true;
      canvas.setPointerCapture(e.pointerId);
      c.beginPath();
      c.moveTo(...where(e));
    });
    canvas.addEventListener("pointermove", (e) => {
      if (!down) return;
      c.lineTo(...where(e));
      c.stroke();
      strokes++;
    });
    const up = () => { down = false; };
    canvas.addEventListener("pointerup", up);
    canvas.addEventListener("pointercancel", up);
    fill(at, canvas, h("div", { class: "pair" },
      button("", async () => {
        if (!strokes) return fill(said, h("p", { class: "notice warn" }, icon("warn"), t("sign.empty")));
        fill(said);
        try {
          const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
          visit.attachments.push(await ark.attach(draft.id, blob, { role: "signature", type: "image/png", taken: Date.now() }));
          it.changed("attachments");
          announce(t("sign.there"));
          draw();
        } catch (err) {
          fill(said, h("p", { class: "notice bad" }, icon("warn"), trouble(err)));
        }
      }, icon("check"), t("sign.take")),
      button("second", pad, icon("again"), t("sign.wipe"))));
  };
  draw();
  return part.element;
}
