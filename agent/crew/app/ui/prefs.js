// What this phone's reader prefers: the size of the letters, the language, and a name where the van knows no crew. They are
// kept on the phone only.
const sizes = [20, 24, 30, 36]; // px of the text; the elder rules ask for 18 at least and for 30 within reach

function read(key) {
  try { return localStorage.getItem(key); } catch { return null; }
}

function keep(key, value) {
  try { localStorage.setItem(key, value); } catch { /* a browser that keeps nothing still shows it now */ }
}

export const prefs = { sizes, size: sizes.includes(+read("ark-size")) ? +read("ark-size") : sizes[0], lang: first(), name: read("ark-name") ?? "" };

function first() {
  const kept = read("ark-lang");
  if (kept === "zh" || kept === "en") return kept;
  for (const tag of navigator.languages ?? []) {
    if (tag.toLowerCase().startsWith("zh")) return "zh";
    if (tag.toLowerCase().startsWith("en")) return "en";
  }
  return "zh";
}

export function apply() {
  document.documentElement.dataset.size = prefs.size;
  document.documentElement.lang = prefs.lang === "en" ? "en" : "zh-Hans";
}

export function choose(change) {
  Object.assign(prefs, change);
  keep("ark-size", String(prefs.size));
  keep("ark-lang", prefs.lang);
  keep("ark-name", prefs.name);
  apply();
}
