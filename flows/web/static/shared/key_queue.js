// @ts-check
/** Input typed ahead: while the page cannot act on it yet it waits in order, and is neither lost nor applied to something else. */

/**
 * Emits `change` whenever more or less input waits.
 *
 * @template Input What waits: a key that was pressed, a button that was clicked.
 */
export class KeyQueue extends EventTarget {
  /** @type {Input[]} */
  #waiting = [];
  #holds = 0;
  #acting = false;
  #act;

  /** @param {function(Input): void} act Acts on one input, now. It may begin a hold; what comes behind it waits for that. */
  constructor(act) {
    super();
    this.#act = act;
  }

  /** @returns {number} How much input waits. */
  get waiting() {
    return this.#waiting.length;
  }

  /** @returns {boolean} Whether input that comes now has to wait. */
  get held() {
    return this.#holds > 0 || this.waiting > 0;
  }

  /** Act on an input, once all before it was acted on. @param {Input} input */
  press(input) {
    this.#waiting.push(input);
    this.#next();
  }

  /**
   * Let input wait until some work is done, however it ends.
   *
   * @template Result
   * @param {Promise<Result>} work
   * @returns {Promise<Result>} The same work.
   */
  hold(work) {
    this.#holds += 1;
    const release = () => {
      this.#holds -= 1;
      this.#next();
    };
    work.then(release, release);
    return work;
  }

  /** Act on none of what waits. */
  forget() {
    this.#waiting = [];
    this.#changed();
  }

  #next() {
    if (this.#acting) return; // whoever acts goes on to what was pressed meanwhile
    this.#acting = true;
    try {
      while (this.#holds === 0 && this.waiting) this.#act(/** @type {Input} */ (this.#waiting.shift()));
    } catch (error) {
      this.#waiting = []; // what came behind was meant for the state that this one should have led to
      throw error;
    } finally {
      this.#acting = false;
      this.#changed();
    }
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
