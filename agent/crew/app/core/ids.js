// Names that the phone makes: UUIDv7 for entries, SHA-256 for contents.

const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

// newID is a UUIDv7 (RFC 9562, 5.7) of a time in Unix milliseconds. A phone whose clock stands before 1970 gets the time 0.
export function newID(now = Date.now()) {
  const b = crypto.getRandomValues(new Uint8Array(16));
  let ms = Math.max(0, Math.trunc(now));
  for (let i = 5; i >= 0; i--) { b[i] = ms % 256; ms = Math.floor(ms / 256); }
  b[6] = b[6] & 0x0f | 0x70;
  b[8] = b[8] & 0x3f | 0x80;
  const h = hex(b);
  return [h.slice(0, 8), h.slice(8, 12), h.slice(12, 16), h.slice(16, 20), h.slice(20)].join("-");
}

// hashOf is the SHA-256 of an ArrayBuffer or a text, in hexadecimal.
export async function hashOf(data) {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

// base64 writes and unbase64 reads bytes as text, without a limit of size.
export function base64(buffer) {
  const bytes = new Uint8Array(buffer), parts = [];
  for (let i = 0; i < bytes.length; i += 0x8000) parts.push(String.fromCharCode(...bytes.subarray(i, i + 0x8000)));
  return btoa(parts.join(""));
}

export const unbase64 = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer;

// same tells whether two values would be the same JSON, whatever the order of their keys.
export const same = (a, b) => stable(a) === stable(b);

export function stable(v) {
  if (Array.isArray(v)) return "[" + v.map(stable).join() + "]";
  if (v === null || typeof v !== "object") return JSON.stringify(v) ?? "null";
  return "{" + Object.keys(v).filter((k) => v[k] !== undefined).sort().map((k) => JSON.stringify(k) + ":" + stable(v[k])).join() + "}";
}

// Trouble is what the engine throws: its word is stable, the screens say it in plain words.
// Of its own it has: away (the van does not answer), full (the phone has no room), storage (the phone's storage does not
// work), gone (an attachment that nobody has any more), locked, not-there, pin, old-app, file. All others are the van's.
export class Trouble extends Error {
  constructor(word, more = {}) {
    super(more.message || word);
    Object.assign(this, more, { name: "Trouble", word });
  }
}
