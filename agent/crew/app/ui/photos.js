// Photos: taken by the phone's camera, made small on the phone, and shown before they go.
import { announce, button, fill, h, icon } from "./h.js";
import { clock, size, t } from "./say.js";
import { trouble } from "./trouble.js";
import { fold } from "./needs.js";

const longest = 1600; // px of the longer side
const mostParts = 12; // attachments of one visit
const mostBytes = 10 << 20; // of one attachment, as the van takes it
const mostRead = 60e6; // bytes of a picture that a phone is asked to open

// scaled makes a picture small and draws it anew, so that nothing the camera wrote beside it (place, device, owner)
// goes with it. When it was taken is kept on purpose, in the attachment.
async function scaled(file) {
  if (file.size > mostRead) throw Object.assign(new Error("too large"), { word: "photo" });
  let picture;
  try {
    picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    throw Object.assign(new Error("not a picture"), { word: "photo" });
  }
  const by = Math.min(1, longest / Math.max(picture.width, picture.height));
  const canvas = h("canvas", { width: Math.max(1, Math.round(picture.width * by)), height: Math.max(1, Math.round(picture.height * by)) });
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  for (const quality of [0.82, 0.6, 0.4]) {
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
    if (blob && blob.size <= mostBytes) return blob;
  }
  throw Object.assign(new Error("still too large"), { word: "photo" });
}

// picture shows an attachment's content, once the engine has it. What it holds of memory is given back with it.
export async function picture(ark, attachment, alt) {
  const blob = await ark.blob(attachment.content).catch(() => null);
  if (!blob) return h("span", { class: "nopicture" }, icon("camera"), t("photo.elsewhere"));
  const url = URL.createObjectURL(blob);
  return h("img", { src: url, alt, onload: () => URL.revokeObjectURL(url) });
}

// without takes an attachment out of a visit's draft.
export function without(it, attachment) {
  it.visit.attachments = it.visit.attachments.filter((a) => a !== attachment);
  it.changed("attachments");
}

export function photoPart(it) {
  const { ark, visit, draft } = it;
  const list = h("div", { class: "photos" }), said = h("div", { role: "alert" });
  const mine = () => visit.attachments.filter((a) => a.role === "photo");
  const take = async (e) => {
    const files = [...e.target.files];
    e.target.value = "";
    fill(said, h("p", { class: "soft" }, t("photo.working")));
    try {
      for (const file of files) {
        if (visit.attachments.length >= mostParts) throw Object.assign(new Error("enough"), { word: "enough" });
        const blob = await scaled(file);
        const a = await ark.attach(draft.id, blob, { role: "photo", type: "image/jpeg", taken: file.lastModified || Date.now() });
        if (!visit.attachments.some((b) => b.content === a.content)) visit.attachments.push(a);
        it.changed("attachments");
      }
      fill(said);
      announce(t("photo.kept", mine().length));
    } catch (err) {
      fill(said, h("p", { class: "notice bad" }, icon("warn"), trouble(err)));
    }
    await draw();
  };
  const input = h("input", { id: "camera", type: "file", accept: "image/*", capture: "environment", multiple: true, class: "hidden", onchange: take });
  const part = fold("photo", "camera", t("visit.photos"), [list, said,
    h("label", { class: "btn second wide", for: "camera" }, input, icon("camera"), t("photo.take")), h("p", { class: "soft" }, t("photo.words"))],
  () => mine().length ? t("visit.count", mine().length) : "");
  const draw = async () => {
    const rows = await Promise.all(mine().map(async (a, i) => h("figure", {}, await picture(ark, a, t("photo.nth", i + 1)),
      h("figcaption", {}, (a.taken ? clock(a.taken) + " · " : "") + size(a.size)),
      button("second", () => { without(it, a); draw(); }, icon("trash"), t("photo.remove"), h("span", { class: "hidden" }, t("photo.nth", i + 1))))));
    fill(list, rows);
    part.tell();
  };
  draw();
  return part.element;
}
