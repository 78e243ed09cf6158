// The one door to the van: requests under /api, and what its answers mean.

import { Trouble } from "./ids.js";

const PATIENCE = 10_000; // ms for an answer; a stairwell is slow, and a person waits
const BRIEFLY = 500; // ms for what the phone can answer itself, while nothing is heard of the van

// Net speaks to the van that served this app. who() tells {token, session}; heard(answer) is told of each answer, and of
// null when none came; forgot(session) of a session that the van does not know any more.
export class Net {
  #there = false; // the last that was sent was answered

  constructor({ base = "", who, heard, forgot = () => {}, lang = () => "zh" }) { Object.assign(this, { base, who, heard, forgot, lang }); }

  // call sends a request and is {status, body, wait, head} for whatever the van answers; wait is its Retry-After in ms. It
  // throws Trouble "away" where nothing came, or something that is no answer of a van (a captive portal's page, say). own: the
  // phone has an answer of its own, so that a van which is silent does not keep a person waiting.
  async call(method, path, { json, raw, head = {}, member, timeout = PATIENCE, own = false, expect = "json" } = {}) {
    const { token, session } = this.who(member);
    const headers = { "Accept-Language": this.lang(), ...head };
    if (token) headers.Authorization = "Bearer " + token;
    if (session) headers["X-Ark-Session"] = session;
    if (json !== undefined) headers["Content-Type"] = "application/json";
    let answer;
    try {
      const r = await fetch(this.base + path, { method, headers, body: json === undefined ? raw : JSON.stringify(json),
        signal: within(own && !this.#there ? Math.min(timeout, BRIEFLY) : timeout), cache: "no-store", credentials: "omit", redirect: "error" });
      answer = { status: r.status, wait: waitOf(r), head: r.headers, body: await bodyOf(r, expect) };
    } catch {
      this.#there = false;
      this.heard(null);
      throw new Trouble("away");
    }
    this.#there = true;
    this.heard(answer);
    if (session && (answer.body?.error === "session" || member && answer.body?.person === "said")) this.forgot(session);
    return answer;
  }

  // ask is the body of an answer; it throws a Trouble with the van's word for a refusal.
  async ask(method, path, options) {
    const a = await this.call(method, path, options);
    if (a.status >= 200 && a.status < 300) return a.body;
    throw troubleOf(a);
  }
}

// within is a signal that ends a request after so many ms. Phones that are in use (iOS 15) have no AbortSignal.timeout.
function within(ms) {
  if (AbortSignal.timeout) return AbortSignal.timeout(ms);
  const end = new AbortController();
  setTimeout(() => end.abort(), ms);
  return end.signal;
}

// troubleOf is what the van said no with.
export const troubleOf = (a) => new Trouble(a.body?.error || "status-" + a.status, { status: a.status, ...a.body, wait: a.wait });

function waitOf(r) {
  const s = Number(r.headers.get("Retry-After"));
  return s > 0 ? Math.min(s, 3600) * 1000 : 0;
}

async function bodyOf(r, expect) {
  if (expect === "bytes" && r.ok) return r.arrayBuffer();
  if (r.headers.get("Content-Type")?.startsWith("application/json")) return r.json();
  if (expect === "json" && r.ok && r.status !== 204) throw new Error("no JSON");
  return null;
}

// kindOf is what a client makes of an answer to something it hands in: saved; refused (it will never be taken like this);
// lost (the van does not know what it is about); choked (no answer that makes sense, perhaps to this one only); or a reason
// to keep all and try again later: phone (unknown or struck off), pin (a person must say who they are), renew (this app is
// too old), busy.
export function kindOf(a, id) {
  const word = a.body?.error;
  switch (a.status) {
    case 201: return a.body?.id === id ? "saved" : "choked";
    case 401: return word === "unknown-phone" || !word ? "phone" : "pin";
    case 403: return word === "struck" ? "phone" : word === "pin" || word === "session" ? "pin" : "refused";
    case 404: return word ? "lost" : "choked";
    case 410: return "renew";
    case 400: case 409: case 413: case 415: case 422: return "refused";
    case 429: case 503: case 507: return "busy";
    default: return "choked";
  }
}
