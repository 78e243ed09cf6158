// Words for people: the app's texts, the form's own texts, times and places.
import { texts } from "../texts.js";
import { prefs } from "./prefs.js";

// t is a text by its key; each % takes the next value. A key that does not exist is shown, so that it is seen.
export function t(key, ...values) {
  const pair = texts[key];
  if (!pair) return key;
  let n = 0;
  return pair[prefs.lang === "en" ? 1 : 0].replace(/%/g, () => values[n++]);
}

// known is the text of a word that this copy of the app may not know; it is then shown as it is.
export function known(prefix, word) {
  return texts[prefix + word] ? t(prefix + word) : word;
}

// of is a text that came with the form, in the reader's language where it has one.
export function of(text) {
  return (prefs.lang === "en" && text?.en) || text?.zh || "";
}

const two = (n) => String(n).padStart(2, "0");

export function clock(ms) {
  const d = new Date(ms);
  return two(d.getHours()) + ":" + two(d.getMinutes());
}

// date is the day of a time on this phone, as 2026-11-26.
export function date(ms) {
  const d = new Date(ms);
  return d.getFullYear() + "-" + two(d.getMonth() + 1) + "-" + two(d.getDate());
}

// when is a time as people say it: with its day unless that is today.
export function when(ms, now = Date.now()) {
  if (date(ms) === date(now)) return clock(ms);
  const d = new Date(ms);
  return t("time.day", d.getMonth() + 1, d.getDate()) + " " + clock(ms);
}

// door is a place as people say it: from the compound on, and without words for parts that nobody gave.
export function door(place) {
  if (!place) return "";
  return (place.compound ?? "") + (place.building ? place.building + "幢" : "") + (place.unit ? place.unit + "单元" : "") +
    (place.room ? place.room + "室" : "");
}

// parted is a place with the spots at which a line may break: behind a part, never inside one.
export function parted(place) {
  return place.replace(/[区幢栋号弄单元室村里园](?=[0-9])/g, "$&\n").split("\n").flatMap((part, i) => i ? [document.createElement("wbr"), part] : part);
}

// namesOf are the members of a household who live there.
export function namesOf(home) {
  return (home.members ?? []).filter((m) => !m.left).map((m) => m.name).join(t("list.and"));
}

export function choice(list, code) {
  const found = (list ?? []).find((c) => c.code === code);
  return found ? of(found.say) : code;
}

// services and needs are a visit's codes in words.
export function services(form, visit) {
  return (visit.services ?? []).map((code) => choice(form?.services, code));
}

export function needs(form, visit) {
  const all = (visit.needs ?? []).map((n) => choice(form?.needs, n.category) + (n.words ? t("list.colon") + n.words : "") +
    (n.urgency === 3 ? t("need.urgent") : ""));
  return visit.need ? [...all, visit.need] : all;
}

export function size(bytes) {
  if (bytes >= 1e9) return t("size.gb", (bytes / 1e9).toFixed(1));
  return bytes < 1e6 ? t("size.kb", Math.max(1, Math.round(bytes / 1e3))) : t("size.mb", (bytes / 1e6).toFixed(1));
}
