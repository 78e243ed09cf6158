// The editor of announcements: shows how far an upload is, records from the microphone, and warns who would lose what was typed.
// All of it but the microphone works without this script too.
const form = document.getElementById("edit"), words = document.getElementById("words").dataset;
let dirty = form.elements.takes.value !== "", busy = false;

form.addEventListener("input", () => { dirty = true; });
addEventListener("beforeunload", (e) => { if (dirty) e.preventDefault(); });

form.addEventListener("submit", (e) => {
  const [what, tag] = split(e.submitter?.value);
  if (what === "upload" || what === "speak") { e.preventDefault(); send(e.submitter.value, tag); return; }
  dirty = false;
  if (what === "save" || what === "mine") e.submitter.textContent = words.busy;
});

function split(value) {
  const at = (value ?? "").indexOf(".");
  return at < 0 ? [value, ""] : [value.slice(0, at), value.slice(at + 1)];
}

// send posts the form and shows how far it is. The server answers with a redirect to the page that shows what became of it.
function send(action, tag, file) {
  if (busy) return;
  const body = new FormData(form), tape = document.querySelector(`[data-tape="${CSS.escape(tag)}"]`);
  body.set("do", action);
  if (file) body.set("file-" + tag, file);
  for (const [, value] of body) if (value instanceof File && value.size > words.most * 2 ** 20) { say(tape, words.huge, true); return; }
  busy = true;
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.upload.addEventListener("progress", (e) => { if (e.lengthComputable) show(tape, words.sending, e.loaded / e.total); });
  request.upload.addEventListener("load", () => show(tape, words.working));
  request.addEventListener("load", () => {
    busy = false;
    if (request.status >= 400) { say(tape, words.broken, true); return; }
    dirty = false;
    const to = new URL(request.responseURL);
    const same = to.pathname + to.search === location.pathname + location.search;
    to.hash = "r-" + tag;
    if (same) { history.replaceState(null, "", to); location.reload(); } else location.assign(to);
  });
  request.addEventListener("error", () => { busy = false; say(tape, words.broken, true); });
  show(tape, words.sending, 0);
  request.send(body);
}

function show(tape, text, part) {
  const box = tape.querySelector(".progress"), bar = box.querySelector("progress");
  box.hidden = false;
  bar.hidden = false;
  if (part === undefined) bar.removeAttribute("value"); else bar.value = Math.round(part * 100);
  const line = part === undefined ? text : `${text} ${Math.round(part * 100)}%`;
  const span = box.querySelector("span");
  if (span.textContent !== line) span.textContent = line;
}

function say(tape, text, again) {
  const box = tape.querySelector(".progress");
  box.hidden = false;
  box.querySelector("progress").hidden = true;
  box.querySelector("span").textContent = text;
  if (again) setTimeout(() => { for (const b of form.querySelectorAll("button[disabled]")) b.disabled = false; }, 50);
}

// The microphone needs HTTPS (or this very machine), and a person's leave.
for (const tape of document.querySelectorAll("[data-tape]")) {
  const mic = tape.querySelector(".mic");
  if (!isSecureContext || !navigator.mediaDevices || !window.AudioWorkletNode) { mic.querySelector(".insecure").hidden = false; continue; }
  mic.querySelector(".ready").hidden = false;
  mic.querySelector(".acts").hidden = false;
  mic.querySelector(".rec").addEventListener("click", () => record(tape, mic));
}

async function record(tape, mic) {
  const rec = mic.querySelector(".rec"), end = mic.querySelector(".end"), level = mic.querySelector(".level"), took = mic.querySelector(".took");
  rec.disabled = true;
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: true } });
  } catch (e) {
    say(tape, e.name === "NotAllowedError" ? words.denied : words.nomic, true);
    return;
  }
  const context = new AudioContext(), parts = [];
  await context.audioWorklet.addModule(words.worklet);
  const source = context.createMediaStreamSource(stream), node = new AudioWorkletNode(context, "ark-record", { numberOfOutputs: 0 });
  let frames = 0, ended = false, shown = 0;
  const stop = async (reason) => {
    if (ended) return;
    ended = true;
    source.disconnect();
    for (const track of stream.getTracks()) track.stop();
    await context.close();
    rec.hidden = false; rec.disabled = false; end.hidden = level.hidden = true; took.textContent = "";
    if (reason) say(tape, reason);
    send("upload." + tape.dataset.tape, tape.dataset.tape, new File([wav(parts, frames, context.sampleRate)], "microphone.wav", { type: "audio/wav" }));
  };
  node.port.onmessage = ({ data }) => {
    if (ended) return;
    parts.push(data);
    frames += data.length;
    let peak = 0;
    for (const s of data) peak = Math.max(peak, Math.abs(s));
    const seconds = frames / context.sampleRate;
    level.value = Math.max(peak, level.value * .95);
    if (Math.floor(seconds * 10) !== shown) { shown = Math.floor(seconds * 10); took.textContent = `${words.recording} ${(shown / 10).toFixed(1)}`; }
    if (seconds >= words.minutes * 60 - 1) stop(words.long);
  };
  source.connect(node);
  rec.hidden = true; end.hidden = level.hidden = false; end.disabled = false;
  end.onclick = () => stop();
  end.focus();
}

// wav makes a file of 16-bit samples, one channel.
function wav(parts, frames, rate) {
  const out = new DataView(new ArrayBuffer(44 + 2 * frames));
  const text = (at, s) => { for (let i = 0; i < s.length; i++) out.setUint8(at + i, s.charCodeAt(i)); };
  text(0, "RIFF"); out.setUint32(4, 36 + 2 * frames, true); text(8, "WAVEfmt "); out.setUint32(16, 16, true);
  out.setUint16(20, 1, true); out.setUint16(22, 1, true); out.setUint32(24, rate, true); out.setUint32(28, 2 * rate, true);
  out.setUint16(32, 2, true); out.setUint16(34, 16, true); text(36, "data"); out.setUint32(40, 2 * frames, true);
  let at = 44;
  for (const part of parts) for (const s of part) { out.setInt16(at, Math.max(-1, Math.min(1, s)) * 32767, true); at += 2; }
  return out.buffer;
}
