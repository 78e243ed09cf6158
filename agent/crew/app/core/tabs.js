// Several tabs of the app on one phone: one of them talks to the van, all hear of changes.

const ALIVE = 3000; // ms in which the tab that sends answers another

// Tabs elects and tells. lead(signal) runs in one tab at a time, until the signal.
export class Tabs {
  #channel; #name; #lead; #hear; #leading = null; #queued = null; #pong = null;

  constructor(name, { lead, hear }) {
    this.#name = name;
    this.#lead = lead;
    this.#hear = hear;
    this.#channel = typeof BroadcastChannel === "function" ? new BroadcastChannel(name) : null;
    if (this.#channel) this.#channel.onmessage = (e) => this.#receive(e.data);
  }

  get leading() { return this.#leading !== null; }

  // tell speaks to the other tabs.
  tell(message) { this.#channel?.postMessage(message); }

  #receive(message) {
    if (message.ping) { if (this.leading) this.tell({ pong: true }); return; }
    if (message.pong) { this.#pong?.(); return; }
    this.#hear(message);
  }

  // deaf tells that this tab hears nothing of the others.
  get deaf() { return !this.#channel; }

  // run waits for its turn and leads. Where the browser has no locks, or no way to ask the tab that leads to send, each tab
  // leads: the van takes the same thing sent twice for one, and so do the records, so that this costs traffic and nothing else.
  async run(steal = false) {
    if (!navigator.locks || this.deaf) return this.#begin();
    const queued = this.#queued = steal ? null : new AbortController();
    try {
      await navigator.locks.request(this.#name + "-sends", steal ? { steal: true } : { signal: queued.signal }, () => this.#begin());
    } catch (error) {
      if (queued?.signal.aborted) return undefined; // this tab took the lead instead of waiting for it
      if (error.name === "SecurityError") return this.#begin(); // they are there, and denied
      if (error.name !== "AbortError") throw error;
      this.#leading?.abort(); // another tab took the lead: this one seemed asleep
      this.#leading = null;
      return this.run();
    }
  }

  async #begin() {
    const mine = this.#leading = new AbortController();
    try {
      await this.#lead(mine.signal);
    } finally {
      if (this.#leading === mine) this.#leading = null;
    }
  }

  // wake is called when a person looks at this tab: if the one that leads does not answer, this one leads.
  async wake() {
    if (this.leading || !navigator.locks || this.deaf) return;
    const alive = await new Promise((done) => {
      this.#pong = () => done(true);
      setTimeout(() => done(false), ALIVE);
      this.tell({ ping: true });
    });
    this.#pong = null;
    if (alive || this.leading) return;
    this.#queued?.abort();
    this.run(true);
  }
}
