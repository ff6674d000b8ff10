// @ts-check
/** The queue as a deck of cards: the first lies open, the next are fetched before they are needed. */

/**
 * @typedef {import("../shared/types.js").Item} Item
 * @typedef {{items: Item[], remaining: number, total: number}} Page
 */

/** How many cards lie ready behind the open one, and how many one request brings. */
const AHEAD = 8;
const PAGE = 16;

export class Deck {
  #fetch;
  #waiting;
  /** Cards put away since the deck was opened; they do not come again by themselves. */
  #passed = new Set();
  /** @type {Promise<void>|null} The request on its way. */
  #loading = null;
  #round = 0;
  #moves = 0;
  /** @type {number|null} */
  #last = null;
  #ended = false;

  /**
   * @param {function(number|null, number): Promise<Page>} fetch Asks the server for what comes behind an item.
   * @param {function(): number[]} waiting Suggestions decided on here that the server has not heard of yet.
   */
  constructor(fetch, waiting = () => []) {
    this.#fetch = fetch;
    this.#waiting = waiting;
    /** @type {Item[]} The first is open. */
    this.items = [];
    this.remaining = 0;
    this.total = 0;
    /** Whether `remaining` rests on an answer that knew everything decided here. */
    this.sure = false;
  }

  /** @returns {Item|null} The open card; null when the queue is through. */
  get current() {
    return this.items[0] ?? null;
  }

  /** Begin from the first item; what was skipped comes again. */
  async open() {
    this.#passed.clear();
    this.items = [];
    this.sure = false;
    this.#ended = false;
    this.#last = null;
    await this.#load(null, (found) => found);
    await this.ready();
  }

  /** Fetch more until enough lie ready. */
  async fill() {
    while (!this.#ended && this.items.length <= AHEAD) await this.#more();
  }

  /** @returns {Promise<void>} Settled when a card lies open or none is left; rejected where the server does not answer. */
  async ready() {
    while (!this.current && !this.#ended) await this.#more();
  }

  /** @returns {boolean} Whether no card lies open although there may be one. */
  get pending() {
    return !this.current && !this.#ended;
  }

  #more() {
    return this.#loading ?? this.#load(this.#last, (found) => [...this.items, ...found]);
  }

  /** Fetch anew what lies behind the open card, because somebody decided elsewhere; the open card stays. */
  async renew() {
    await this.#load(null, (found) => [...this.items.slice(0, 1), ...found]);
    await this.fill();
  }

  #load(after, merge) {
    const loading = this.#ask(after, merge).finally(() => {
      if (this.#loading === loading) this.#loading = null;
    });
    this.#loading = loading;
    return loading;
  }

  /** A newer request makes the answer of an older one void, and its failure, too. */
  async #ask(after, merge) {
    const asked = { round: ++this.#round, moves: this.#moves, unheard: this.#waiting() };
    try {
      const page = await this.#fetch(after, PAGE);
      if (asked.round === this.#round) this.#take(page, merge, asked);
    } catch (error) {
      if (asked.round === this.#round) throw error;
    }
  }

  #take(page, merge, { moves, unheard }) {
    const still = this.#waiting();
    const away = new Set([...this.#passed, ...unheard, ...still]);
    const moved = moves !== this.#moves;
    // What lies here knows more than an answer that was on its way meanwhile.
    if (moved) for (const { id } of this.items) away.add(id);
    // A map keeps the place of the first and the state of the last of two alike: an open card is brought up to date.
    const merged = [...(moved ? this.items : []), ...merge(page.items.filter(({ id }) => !away.has(id)))];
    this.items = [...new Map(merged.map((item) => [item.id, item])).values()];
    this.total = page.total;
    this.#count(page.remaining, !moved && !unheard.length && !still.length, still.length);
    this.#last = page.items.at(-1)?.id ?? this.#last;
    this.#ended = page.items.length < PAGE;
  }

  /** The server's count holds if nothing was decided while it was on its way; until then we count ourselves. */
  #count(remaining, quiet, unheard) {
    if (quiet || !this.sure) this.remaining = Math.max(this.items.length, remaining - unheard);
    if (quiet) this.sure = true;
  }

  /** Put the open card away. @param {boolean} leaves Whether it is no longer among those that remain. */
  advance(leaves) {
    const item = this.items.shift();
    if (!item) return;
    this.#moves += 1;
    this.#passed.add(item.id);
    if (leaves) this.remaining = Math.max(0, this.remaining - 1);
  }

  /** Take cards out that were decided with another one. @param {Set<number>} ids @returns {Item[]} Those that lay here. */
  drop(ids) {
    const dropped = this.items.filter(({ id }) => ids.has(id));
    this.items = this.items.filter(({ id }) => !ids.has(id));
    this.#moves += 1;
    for (const id of ids) this.#passed.add(id);
    return dropped;
  }

  /** Lay an item open again, on top of the others. @param {boolean} returns Whether it is again among those that remain. */
  bring(item, returns) {
    this.#moves += 1;
    this.items = [item, ...this.items.filter(({ id }) => id !== item.id)];
    this.#passed.delete(item.id);
    if (returns) this.remaining += 1;
  }
}
