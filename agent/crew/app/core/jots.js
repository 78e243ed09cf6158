// Jots: what a draft holds until IndexedDB has it. A transaction ends with its page, and one that stood behind another's is lost;
// localStorage has what it is given before the call returns. So a keystroke outlives the page that it was made on.

const PREFIX = "ark-jot-";
const MOST = 100_000; // characters of one: a draft without its attachments is a few thousand

// Each works where localStorage is denied or full, too: then a draft is as safe as IndexedDB makes it.
export function jot(draft) {
  const text = JSON.stringify(draft);
  try {
    if (text.length <= MOST) localStorage.setItem(PREFIX + draft.id, text);
  } catch { /* see above */ }
  return text;
}

// wipe takes a jot away; text: only if it still says that.
export function wipe(id, text) {
  try {
    if (text === undefined || localStorage.getItem(PREFIX + id) === text) localStorage.removeItem(PREFIX + id);
  } catch { /* there is none */ }
}

// jots are the drafts that an earlier page wrote down and IndexedDB may lack.
export function jots() {
  const all = [];
  try {
    for (const key of Object.keys(localStorage).filter((k) => k.startsWith(PREFIX))) {
      try {
        const draft = JSON.parse(localStorage.getItem(key));
        if (PREFIX + draft.id === key && (draft.visit || draft.household)) all.push(draft);
      } catch { localStorage.removeItem(key); }
    }
  } catch { /* there are none */ }
  return all;
}
