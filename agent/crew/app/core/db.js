// What the phone keeps: IndexedDB. It is the one door to it.
//
//   records   one visit or household edit each (states.js); waiting and asks are there to be found by
//   drafts    forms that were begun and not logged
//   files     attachments: what is known of each; data holds their bytes
//   facts     single things by name: token, phone, van, form, crew, …
//
// A write resolves when its transaction is complete; strict ones are then on the disk, not only in the system's buffers.
// Phones close the database under memory pressure: it is opened again and the work is done once more, so the functions
// given to read and write may run twice and change nothing but what the transaction holds.

import { Trouble } from "./ids.js";
import { asks, sendable } from "./states.js";

const VERSION = 1;
const SOON = 3000; // ms after which a database that does not open is opened once more
const STUCK = 15_000; // ms after which a transaction is given up that another tab holds up, one that was put to sleep within its own

// steps bring a database from one version to the next; they are never changed once released.
const steps = [
  (db) => {
    const records = db.createObjectStore("records", { keyPath: "id" });
    records.createIndex("waiting", "waiting");
    records.createIndex("asks", "asks");
    db.createObjectStore("drafts", { keyPath: "id" });
    db.createObjectStore("files", { keyPath: "content" }).createIndex("where", "where");
    db.createObjectStore("data");
    db.createObjectStore("facts");
  },
];

const settle = (request) => new Promise((ok, bad) => {
  request.onsuccess = () => ok(request.result);
  request.onerror = () => bad(request.error);
});

function connect(name, patience) {
  return new Promise((ok, bad) => {
    const request = indexedDB.open(name, VERSION);
    let late = false;
    request.onupgradeneeded = (e) => { for (const step of steps.slice(e.oldVersion, VERSION)) step(request.result, request.transaction); };
    request.onsuccess = () => late ? request.result.close() : ok(request.result); // one that nobody waits for would hold up a newer app
    request.onerror = () => bad(request.error);
    setTimeout(() => { late = true; bad(new DOMException("it does not open", "TimeoutError")); }, patience); // seen on iPhones just after a start
  });
}

// troubleOf says what a failure of the storage is to a person.
function troubleOf(error) {
  if (error instanceof Trouble) return error;
  if (error?.name === "QuotaExceededError") return new Trouble("full");
  if (error?.name === "VersionError") return new Trouble("old-app"); // a newer app has been here
  return new Trouble("storage", { message: `${error?.name}: ${error?.message}` });
}

// Those that another try, on a new connection, may mend.
const passing = new Set(["InvalidStateError", "UnknownError", "AbortError", "TransactionInactiveError", "TimeoutError"]);

export class Store {
  #name; #opening = null; #db = null; #patience = SOON;

  constructor(name = "ark") { this.#name = name; }

  async #open() {
    const mine = this.#opening ||= connect(this.#name, this.#patience);
    try {
      const db = await mine;
      if (this.#opening === mine && !this.#db) {
        this.#db = db;
        db.onversionchange = db.onclose = () => this.close(db); // another tab brings a newer one, or the browser needs the memory
      }
      return db;
    } catch (error) {
      if (this.#opening === mine) this.#opening = null;
      if (error.name === "TimeoutError") this.#patience = STUCK; // it may only be slow
      throw error;
    }
  }

  // close lets the connection go; the next work opens another. What an old connection says does not end the new one.
  close(db = this.#db) {
    if (db !== this.#db) return;
    this.#opening?.then((db) => db.close(), () => {});
    this.#opening = this.#db = null;
  }

  // put hands one value over before it returns, where the database is open, so that it is kept even if the page ends with
  // this very touch; what it answers resolves when it is kept. It fails where write would try again.
  put(store, value) {
    if (!this.#db) return this.write([store], (tx) => tx.put(store, value), "relaxed");
    return new Promise((ok, bad) => {
      const tx = this.#db.transaction([store], "readwrite", { durability: "relaxed" });
      tx.oncomplete = () => ok();
      tx.onabort = () => bad(tx.error || new DOMException("the transaction ended early", "AbortError"));
      tx.objectStore(store).put(value);
      tx.commit?.();
    });
  }

  read(stores, work) { return this.#run(stores, "readonly", "default", work); }

  // write makes what work changes durable, all or nothing.
  write(stores, work, durability = "strict") { return this.#run(stores, "readwrite", durability, work); }

  async #run(stores, mode, durability, work) {
    for (let tries = 1; ; tries++) {
      let db = null;
      try {
        db = await this.#open();
        return await this.#once(db, stores, mode, durability, work);
      } catch (error) {
        if (tries > 3 || !passing.has(error?.name)) throw troubleOf(error);
        if (db) this.close(db); // and not one that other work has opened meanwhile
        await new Promise((done) => setTimeout(done, 50 * tries));
      }
    }
  }

  async #once(db, stores, mode, durability, work) {
    const tx = db.transaction(stores, mode, { durability });
    const complete = new Promise((ok, bad) => {
      tx.oncomplete = ok;
      tx.onabort = () => bad(tx.error || new DOMException("the transaction ended early", "AbortError"));
    });
    complete.catch(() => {}); // it is awaited below, after the work
    let stuck = false;
    const timer = setTimeout(() => { stuck = true; abort(tx); }, STUCK);
    try {
      const result = await work(new Unit(tx));
      await complete;
      return result;
    } catch (error) {
      abort(tx);
      if (stuck) throw new Trouble("storage", { message: "the storage does not answer" });
      throw tx.error?.name === "QuotaExceededError" ? tx.error : error;
    } finally {
      clearTimeout(timer);
    }
  }
}

function abort(tx) {
  try { tx.abort(); } catch { /* it has ended by itself */ }
}

// Unit is one transaction at work.
class Unit {
  #tx;
  constructor(tx) { this.#tx = tx; }

  find(store, key) { return settle(this.#tx.objectStore(store).get(key)); }
  all(store) { return settle(this.#tx.objectStore(store).getAll()); }
  by(store, index, range, limit) { return settle(this.#tx.objectStore(store).index(index).getAll(range, limit)); }
  remove(store, key) { return settle(this.#tx.objectStore(store).delete(key)); }
  put(store, value, key) { return settle(this.#tx.objectStore(store).put(value, key)); }

  // waiting is the first record whose next step comes after number n.
  async waiting(n) { return (await this.by("records", "waiting", IDBKeyRange.lowerBound(n, true), 1))[0]; }

  // keep writes a record with what it is found by.
  keep(record) {
    const { waiting, asks: asked, ...r } = record;
    const step = sendable(r), soon = asks(r);
    return this.put("records", { ...r, ...(step && { waiting: step.n }), ...(soon && { asks: soon }) });
  }

  // number is the next in the order of the phone's steps.
  async number() {
    const n = (await this.find("facts", "steps") || 0) + 1;
    await this.put("facts", n, "steps");
    return n;
  }
}
