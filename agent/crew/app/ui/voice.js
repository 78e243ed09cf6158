// A voice note, recorded by the browser.
import { announce, button, fill, h, icon } from "./h.js";
import { size, t } from "./say.js";
import { trouble } from "./trouble.js";
import { fold } from "./needs.js";
import { without } from "./photos.js";

const kinds = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];
const bits = 24_000; // a second; speech is understood well with it
const longest = 20 * 60; // s; with those bits it is within what the van takes

const kind = () => globalThis.MediaRecorder && kinds.find((k) => MediaRecorder.isTypeSupported(k));

export function voicePart(it, leave) {
  const { ark, visit, draft } = it;
  const list = h("div", {}), said = h("div", { role: "alert" }), control = h("div", {});
  const mine = () => visit.attachments.filter((a) => a.role === "voice");
  let recorder = null, ended = null;
  const start = async () => {
    fill(said);
    let sound;
    try {
      sound = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch {
      fill(said, h("p", { class: "notice bad" }, icon("warn"), t("voice.no-microphone")));
      return;
    }
    const pieces = [], began = Date.now(), type = kind();
    recorder = new MediaRecorder(sound, { mimeType: type, audioBitsPerSecond: bits });
    const mine = recorder;
    ended = new Promise((done) => mine.addEventListener("stop", async () => {
      for (const track of sound.getTracks()) track.stop();
      clearInterval(ticking);
      recorder = null;
      await keep(new Blob(pieces, { type: type.split(";")[0] }), began);
      done();
    }));
    const time = h("span", { class: "large" }, "0:00");
    const ticking = setInterval(() => {
      ark.stay();
      const s = Math.floor((Date.now() - began) / 1000);
      time.textContent = Math.floor(s / 60) + ":" + String(s % 60).padStart(2, "0");
      if (s >= longest) mine.stop();
    }, 500);
    mine.addEventListener("dataavailable", (e) => pieces.push(e.data));
    mine.start(1000);
    fill(control, h("p", { class: "recording" }, icon("mic"), t("voice.recording"), " ", time), button("wide stop", () => recorder?.stop(), icon("stop"), t("voice.stop")));
    control.querySelector("button").focus();
    announce(t("voice.recording"));
  };
  const keep = async (blob, began) => {
    try {
      if (blob.size) visit.attachments.push(await ark.attach(draft.id, blob, { role: "voice", type: blob.type, taken: began }));
      it.changed("attachments");
      announce(t("voice.kept"));
    } catch (err) {
      fill(said, h("p", { class: "notice bad" }, icon("warn"), trouble(err)));
    }
    draw();
  };
  leave.push(async () => {
    if (recorder?.state !== "recording") return;
    recorder.stop();
    await ended;
  });
  const part = fold("voice", "mic", t("visit.voice"), [list, said, control], () => mine().length ? t("visit.count", mine().length) : "");
  const draw = () => {
    fill(list, mine().map((a, i) => h("div", { class: "line card" }, player(ark, a, t("voice.nth", i + 1)), h("span", { class: "soft" }, size(a.size)),
      button("second", () => { without(it, a); draw(); }, icon("trash"), t("photo.remove"), h("span", { class: "hidden" }, t("voice.nth", i + 1))))));
    fill(control, kind() ? button("second wide", start, icon("mic"), t("voice.start")) : h("p", { class: "soft" }, t("voice.cannot")));
    part.tell();
  };
  draw();
  return part.element;
}

// player plays a voice note where the phone still has it, or can reach the van.
export function player(ark, attachment, name) {
  const at = h("span", {}, icon("mic"), name);
  const play = button("second", async () => {
    const blob = await ark.blob(attachment.content).catch(() => null);
    if (!blob) return fill(at, t("photo.elsewhere"));
    const url = URL.createObjectURL(blob), sound = h("audio", { controls: true, src: url, "aria-label": name });
    fill(at, sound);
    sound.play();
  }, t("voice.play"));
  at.append(play);
  return at;
}
