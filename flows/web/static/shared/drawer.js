/** A list in localStorage, one item a key, so that two tabs adding and removing at once never overwrite each other. */
export class Drawer {
  static KEPT = 300;

  /** @param {string} prefix Of all its keys. */
  constructor(prefix) {
    this.prefix = prefix;
  }

  /** Put a value at the end. @param {string} name Without a slash. @param {*} value JSON. */
  add(name, value) {
    const last = Number(this.#keys().at(-1)?.slice(this.prefix.length).split("/")[0] ?? 0);
    const place = Math.max(Date.now() * 1000, last + 1);
    localStorage.setItem(`${this.prefix}${String(place).padStart(17, "0")}/${name}`, JSON.stringify(value));
  }

  /** @param {string} name @returns {*} undefined where there is none. */
  get(name) {
    const key = this.#find(name);
    return key && JSON.parse(localStorage.getItem(key));
  }

  /** @param {string} name */
  remove(name) {
    const key = this.#find(name);
    if (key) localStorage.removeItem(key);
  }

  /** @returns {*} The oldest value; undefined where there is none. */
  first() {
    return this.all()[0];
  }

  /** @returns {Array} Oldest first. */
  all() {
    return this.#keys()
      .map((key) => localStorage.getItem(key))
      .filter(Boolean)
      .map((text) => JSON.parse(text));
  }

  /** Keep only the newest. */
  trim() {
    for (const key of this.#keys().slice(0, -Drawer.KEPT)) localStorage.removeItem(key);
  }

  /** Remove everything. */
  clear() {
    for (const key of this.#keys()) localStorage.removeItem(key);
  }

  #keys() {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(this.prefix))
      .sort();
  }

  #find(name) {
    return this.#keys().find((key) => key.endsWith(`/${name}`));
  }
}
