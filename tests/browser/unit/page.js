/** As much of a browser as the pure modules touch: storage, and nothing that draws. Import it before them. */

class FakeStorage {
  /** Items are properties, as in a browser, so that Object.keys lists them. */
  constructor() {
    Object.defineProperty(this, "full", { value: false, writable: true, enumerable: false });
  }

  getItem(name) {
    return Object.hasOwn(this, name) ? this[name] : null;
  }

  setItem(name, value) {
    if (this.full) throw new DOMException("full", "QuotaExceededError");
    this[name] = String(value);
  }

  removeItem(name) {
    delete this[name];
  }

  clear() {
    for (const name of Object.keys(this)) delete this[name];
  }
}

/** Whoever asks for a lock has it once those before have let it go, as tabs do. */
class FakeLocks {
  #last = Promise.resolve();

  request(_name, run) {
    this.#last = this.#last.then(run);
    return this.#last;
  }
}

Object.defineProperty(globalThis, "navigator", { value: { locks: new FakeLocks() }, configurable: true });
globalThis.localStorage = new FakeStorage();
globalThis.document = { body: { dataset: { study: "study", coder: "Ada" } }, addEventListener() {} };
globalThis.addEventListener ??= () => {};
