// The app's own newness: its service worker keeps one whole version; another waits until a person says so, or until the app
// is opened with nothing under way.

import { Trouble } from "./ids.js";

const PATIENCE = 20_000; // ms for all files of a new version

// within gives up what the van keeps waiting, or refuses.
const within = (work) => Promise.race([work, new Promise((_, fail) => setTimeout(fail, PATIENCE))]).catch(() => { throw new Trouble("away"); });

export class Renewal {
  #registration = null; #leaving = false;

  // live({renew}) tells whether a new version waits; before() is awaited before the page is left.
  constructor({ live, before }) { Object.assign(this, { live, before }); }

  async register() {
    if (!navigator.serviceWorker) return; // a page without HTTPS, or an old browser: the app works while the van is there
    let first = !navigator.serviceWorker.controller;
    navigator.serviceWorker.addEventListener("controllerchange", async () => {
      const begun = first;
      first = false;
      if (begun && !this.#leaving) return; // the first one took charge of a page that came from the van anyway
      await this.before();
      location.reload();
    });
    try {
      this.#registration = await navigator.serviceWorker.register("/sw.js", { scope: "/", updateViaCache: "none" });
    } catch {
      return; // certificate trouble, or the van is away: what is installed goes on
    }
    const r = this.#registration;
    const look = () => this.live({ renew: !!r.waiting && !!navigator.serviceWorker.controller });
    r.addEventListener("updatefound", () => r.installing?.addEventListener("statechange", look));
    look();
  }

  // look asks the van whether there is a newer version.
  look() { return this.#registration?.update().catch(() => {}); }

  // renew changes to the newest version that the van has, and the page is loaded anew; false: this is the newest. Trouble "away".
  async renew() {
    const r = this.#registration;
    if (!r) { location.reload(); return true; }
    if (!r.waiting) await within(r.update());
    const coming = r.waiting || r.installing;
    if (!coming) return false;
    this.#leaving = true;
    if (coming.state === "installing") await within(new Promise((done) => coming.addEventListener("statechange", done, { once: true })));
    if (coming.state === "redundant") throw new Trouble("away"); // it was not got whole
    if (coming.state === "installed") coming.postMessage("renew"); // or it takes charge by itself, as where nobody looks
    return true;
  }
}
