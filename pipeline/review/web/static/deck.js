/** The queue as a deck of cards: the first lies open, the next are fetched before they are needed. */

/**
 * @typedef {{id: number, version: number, code: string, decision: object | null}} Item
 * @typedef {{items: Item[], remaining: number, total: number}} Page
 */

/** How many cards lie ready behind the open one, and how many one request brings. */
const AHEAD = 8;
const PAGE = 12;

export class Deck {
  /** @type {Item[]} */ items = [];
  /** @type {Item[]} */ past = [];
  remaining = 0;
  total = 0;
  #settled = new Set();
  #fetch;
  #filling = null;
  #round = 0;
  #ended = false;

  /** @param {(after: number | null, limit: number) => Promise<Page>} fetch  asks the server for what comes behind an item */
  constructor(fetch) {
    this.#fetch = fetch;
  }

  /** The open card, or nothing when the queue is through. */
  get current() {
    return this.items[0] ?? null;
  }

  /** Begin anew, from the first item or behind one. */
  async open() {
    this.#round += 1;
    this.#filling = null;
    this.#ended = false;
    this.items = [];
    await this.fill();
  }

  /** Fetch more, unless enough lie ready; two calls at once are one request. */
  fill() {
    if (this.#ended || this.items.length > AHEAD) return Promise.resolve();
    this.#filling ??= this.#load(this.#round).finally(() => (this.#filling = null));
    return this.#filling;
  }

  async #load(round) {
    const last = this.items.at(-1) ?? null;
    const page = await this.#fetch(last && last.id, PAGE);
    if (round !== this.#round) return;
    this.total = page.total;
    this.remaining = page.remaining - this.#unheard(page);
    const here = new Set(this.items.map(({ id }) => id));
    this.#ended = page.items.length < PAGE;
    this.items.push(...page.items.filter(({ id }) => !here.has(id) && !this.#settled.has(id)));
  }

  /** Decisions that the server had not got yet when it counted; nothing is known of those it does not show. */
  #unheard(page) {
    return page.items.filter(({ id }) => this.#settled.has(id)).length;
  }

  /** Put the open card away and turn up the next. @param {boolean} decided  false: it was only skipped */
  advance(decided) {
    const item = this.items.shift();
    if (!item) return;
    this.past.push(item);
    if (decided) {
      this.#settled.add(item.id);
      this.remaining = Math.max(0, this.remaining - 1);
    }
    return this.fill();
  }

  /** Whether an item was decided here since the page was opened. */
  settled(id) {
    return this.#settled.has(id);
  }

  /** Lay an item open again, on top of the deck. */
  bring(item) {
    this.items = [item, ...this.items.filter(({ id }) => id !== item.id)];
    if (this.#settled.delete(item.id)) this.remaining += 1;
    this.past = this.past.filter(({ id }) => id !== item.id);
  }

  /** Forget what lies behind the open card and fetch it anew: somebody decided elsewhere. */
  renew() {
    this.items = this.items.slice(0, 1);
    this.#ended = false;
    return this.fill();
  }
}
