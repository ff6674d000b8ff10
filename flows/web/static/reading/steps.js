// @ts-check
/** Stepping through a transcript by word and by sentence, in code points. */

import { wordsOf } from "../shared/offsets.js";

const sentencesIn = new Intl.Segmenter(undefined, { granularity: "sentence" });

/** @typedef {[number, number]} Stretch Start and end in code points of the transcript. */

export class Steps {
  /**
   * @param {import("./marks.js").Piece[]} pieces
   * @param {Stretch[]} sentences Those that the run scored; other talk is cut by the browser.
   */
  constructor(pieces, sentences) {
    this.pieces = pieces;
    this.sentences = sentences;
    this.kept = { word: new Map(), sentence: new Map() };
  }

  /** @param {"word"|"sentence"} unit @param {number} at @returns {Stretch|undefined} The one that holds or follows `at`. */
  from(unit, at) {
    return this.#find(unit, this.#index(at), 1, ([, end]) => end > at);
  }

  /** @param {"word"|"sentence"} unit @param {number} at @returns {Stretch|undefined} The first that begins at or after `at`. */
  next(unit, at) {
    return this.#find(unit, this.#index(at), 1, ([start]) => start >= at);
  }

  /** @param {"word"|"sentence"} unit @param {number} at @returns {Stretch|undefined} The last that ends at or before `at`. */
  previous(unit, at) {
    return this.#find(unit, this.#index(at), -1, ([, end]) => end <= at);
  }

  /** @param {"word"|"sentence"} unit @param {number} at @returns {Stretch|undefined} The last that begins before `at`. */
  before(unit, at) {
    return this.#find(unit, this.#index(at), -1, ([start]) => start < at);
  }

  #index(at) {
    const found = this.pieces.findIndex((one) => one.end > at);
    return found < 0 ? this.pieces.length - 1 : found;
  }

  #find(unit, index, step, fits) {
    for (let n = index; n >= 0 && n < this.pieces.length; n += step) {
      const all = this.#units(unit, this.pieces[n]);
      const found = step > 0 ? all.find(fits) : all.findLast(fits);
      if (found) return found;
    }
    return undefined;
  }

  #units(unit, piece) {
    const kept = this.kept[unit];
    if (!kept.has(piece)) kept.set(piece, unit === "word" ? wordsIn(piece) : this.#sentencesIn(piece));
    return kept.get(piece);
  }

  #sentencesIn(piece) {
    const known = this.sentences.filter(([start, end]) => start >= piece.start && end <= piece.end);
    return known.length ? known : cutAnew(piece);
  }
}

function wordsIn(piece) {
  return wordsOf(piece.offsets).map(([start, end]) => [piece.start + start, piece.start + end]);
}

function cutAnew({ start, offsets }) {
  return [...sentencesIn.segment(offsets.text)]
    .map(({ index, segment }) => [index, index + segment.trimEnd().length])
    .filter(([from, to]) => to > from)
    .map(([from, to]) => [start + offsets.points(from), start + offsets.points(to)]);
}

/**
 * Move one end of a stretch, never past the other.
 *
 * @param {Steps} steps
 * @param {Stretch} stretch
 * @param {"start"|"end"} side @param {"word"|"sentence"} unit @param {1|-1} direction
 * @returns {Stretch}
 */
export function moveEnd(steps, [start, end], side, unit, direction) {
  if (side === "start") return [Math.min(startMoved(steps, start, unit, direction), lastStart(steps, end)), end];
  return [start, Math.max(endMoved(steps, end, unit, direction), firstEnd(steps, start))];
}

// Inwards a step leaves a whole word behind, with the bracket before it or the full stop after it.

function startMoved(steps, start, unit, direction) {
  const left = steps.from(unit, start)?.[1] ?? start + 1;
  const to = direction < 0 ? steps.before(unit, start) : steps.next(unit, left);
  return to ? to[0] : start;
}

function endMoved(steps, end, unit, direction) {
  const left = steps.before(unit, end)?.[0] ?? end - 1;
  const to = direction > 0 ? steps.from(unit, end) : steps.previous(unit, left);
  return to ? to[1] : end;
}

/**
 * Where a passage may be split, nearest to its middle: behind a sentence, or behind a word where it has only one.
 *
 * @param {Steps} steps
 * @param {{start: number, end: number}} passage
 * @returns {number|undefined} Code points; undefined for a single word.
 */
export function middleOf(steps, { start, end }) {
  const middle = (start + end) / 2;
  for (const unit of /** @type {("sentence"|"word")[]} */ (["sentence", "word"])) {
    const cuts = [];
    for (let at = steps.from(unit, start); at && at[1] < end; at = steps.from(unit, at[1])) cuts.push(at[1]);
    // Behind the last word there may be a full stop only.
    const inside = cuts.filter((at) => (steps.from("word", at)?.[0] ?? end) < end && at > start);
    if (inside.length) return inside.sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle))[0];
  }
  return undefined;
}

const lastStart = (steps, end) => steps.before("word", end)?.[0] ?? end - 1;
const firstEnd = (steps, start) => steps.from("word", start)?.[1] ?? start + 1;
