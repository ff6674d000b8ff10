/** A stretch of words being chosen: by the mouse, or by keys that move by word and sentence; shown as a highlight. */

import { announce } from "../shared/dom.js";
import { moveEnd } from "./steps.js";

const PAINT = "chosen";

/**
 * @typedef {Object} Purpose
 * @property {"mouse"|"keys"|"adjust"|"split"} kind
 * @property {import("./passages.js").Passage} [passage] The one whose ends are moved, or that is split: then the stretch
 *   is its first part.
 */

export class Caret {
  /**
   * @param {import("./paper.js").Paper} paper
   * @param {function(): void} changed Called whenever the stretch or its purpose changed.
   */
  constructor(paper, changed) {
    Object.assign(this, { paper, changed });
    /** @type {import("./steps.js").Stretch|null} */
    this.stretch = null;
    /** @type {Purpose|null} */
    this.purpose = null;
    /** @type {"start"|"end"} Which end moves. */
    this.side = "end";
  }

  /** @param {import("./steps.js").Steps} steps */
  load(steps) {
    this.steps = steps;
  }

  /** @param {import("./steps.js").Stretch} stretch @param {Purpose} purpose */
  begin(stretch, purpose) {
    Object.assign(this, { purpose, side: "end" });
    this.#set(stretch);
  }

  clear() {
    if (!this.purpose) return;
    Object.assign(this, { stretch: null, purpose: null });
    globalThis.CSS?.highlights?.delete(PAINT);
    this.changed();
  }

  /** Let the other end move. */
  turn() {
    this.side = this.side === "end" ? "start" : "end";
    announce(`Moving the ${this.side}`);
    this.changed();
  }

  /** Move one end. @param {"word"|"sentence"} unit @param {1|-1} direction @param {"start"|"end"} [side] */
  extend(unit, direction, side = this.side) {
    this.side = side;
    this.#byKeys();
    const moved = moveEnd(this.steps, this.stretch, side, unit, direction);
    if (this.#fits(moved)) this.#set(moved, true);
    else announce("The other part would be empty");
  }

  /** Put an end at a place, as a handle is pulled. @param {"start"|"end"} side @param {number} at Code points. */
  pull(side, at) {
    const word = this.steps.from("word", side === "start" ? at : Math.max(0, at - 1));
    if (!word) return;
    const [start, end] = this.stretch;
    const moved = side === "start" ? [Math.min(word[0], end - 1), end] : [start, Math.max(word[1], start + 1)];
    this.side = side;
    if (this.#fits(moved) && moved.some((place, n) => place !== this.stretch[n])) this.#set(moved);
  }

  /** Choose other words, as a selection by mouse does. @param {import("./steps.js").Stretch} stretch */
  choose(stretch) {
    this.#set(stretch);
  }

  /** Whether both parts of a passage that is split hold words. */
  #fits([start, end]) {
    const { kind, passage } = this.purpose;
    if (kind !== "split") return true;
    const next = this.steps.from("word", end);
    return start === passage.start && next !== undefined && next[0] < passage.end;
  }

  /** Go on to the next or previous word or sentence. @param {"word"|"sentence"} unit @param {1|-1} direction */
  move(unit, direction) {
    this.#byKeys();
    const [start, end] = this.stretch;
    const to =
      direction > 0 ? this.steps.next(unit, unit === "word" ? end : start + 1) : this.steps.before(unit, start);
    if (to) this.#set(to, true);
  }

  #byKeys() {
    if (this.purpose.kind === "mouse") this.purpose = { kind: "keys" };
  }

  #set(stretch, say = false) {
    this.stretch = stretch;
    this.#paint(say);
    if (say) announce(this.paper.spots.text(...stretch));
    this.changed();
  }

  #paint(follow) {
    const range = this.paper.spots.range(...this.stretch);
    if (globalThis.CSS?.highlights) CSS.highlights.set(PAINT, new Highlight(range));
    if (follow || this.purpose.kind !== "mouse") getSelection().removeAllRanges();
    if (follow) keepInView(range, this.side);
  }
}

function keepInView(range, side) {
  const boxes = [...range.getClientRects()];
  const box = side === "end" ? boxes.at(-1) : boxes[0];
  if (!box) return;
  const [top, bottom] = [120, innerHeight - 120];
  if (box.top < top || box.bottom > bottom) scrollBy({ top: box.top - innerHeight / 3, behavior: "instant" });
}
