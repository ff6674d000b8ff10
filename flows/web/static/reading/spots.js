/** Between places in the transcript (code points) and places in the page (nodes and UTF-16 units). */

import { trimmed, whole } from "../shared/offsets.js";

export class Spots {
  /**
   * @param {import("./marks.js").Piece[]} pieces
   * @param {function(import("./marks.js").Piece): HTMLElement} wordsOf The element that holds a piece's words and nothing else.
   */
  constructor(pieces, wordsOf) {
    this.pieces = pieces;
    this.wordsOf = wordsOf;
  }

  /** @param {number} at @returns {import("./marks.js").Piece} The piece that holds or follows `at`. */
  pieceAt(at) {
    let low = 0;
    let high = this.pieces.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.pieces[middle].end > at) high = middle;
      else low = middle + 1;
    }
    return this.pieces[low];
  }

  /** @param {number} start @param {number} end Code points. @returns {string} The words, turns apart by a line. */
  text(start, end) {
    const inside = this.pieces.filter((one) => one.start < end && one.end > start);
    return inside
      .map((one) => one.offsets.slice(Math.max(start, one.start) - one.start, Math.min(end, one.end) - one.start))
      .join("\n");
  }

  /** @param {number} start @param {number} end Code points. @returns {Range} The same stretch in the page. */
  range(start, end) {
    const range = document.createRange();
    range.setStart(...this.#node(this.pieceAt(start), start));
    range.setEnd(...this.#node(this.pieceAt(end - 1), end));
    return range;
  }

  #node(piece, at) {
    const walker = document.createTreeWalker(this.wordsOf(piece), NodeFilter.SHOW_TEXT);
    let left = piece.offsets.units(at - piece.start);
    let node = walker.nextNode();
    while (node && left > node.length) {
      left -= node.length;
      node = walker.nextNode() ?? node;
    }
    return node ? [node, Math.min(left, node.length)] : [this.wordsOf(piece), 0];
  }

  /** @param {Node} node @param {number} offset @returns {number|null} Code points; null where there are no words. */
  at(node, offset) {
    const words = /** @type {Element} */ (node instanceof Element ? node : node.parentElement)?.closest(".words");
    if (!words?.sheet) return null;
    const { piece } = words.sheet;
    return piece.start + piece.offsets.points(unitsBefore(words, node, offset));
  }

  /**
   * What a coder has selected: whole characters, no white space at the ends, words only (no speaker, no label).
   *
   * @param {Range} range
   * @param {HTMLElement} place Where the transcript is.
   * @returns {[number, number]|null} Code points; null where no words are selected.
   */
  span(range, place) {
    const parts = [...place.querySelectorAll(".words")]
      .filter((words) => range.intersectsNode(words))
      .map((words) => inside(range, words))
      .filter(Boolean);
    if (!parts.length) return null;
    return [parts[0].start, parts.at(-1).end];
  }
}

/** The part of a range within one piece, in code points of the transcript. */
function inside(range, words) {
  const { piece } = words.sheet;
  const { text } = piece.offsets;
  const from = words.contains(range.startContainer) ? unitsBefore(words, range.startContainer, range.startOffset) : 0;
  const to = words.contains(range.endContainer) ? unitsBefore(words, range.endContainer, range.endOffset) : text.length;
  if (from >= to) return null;
  const [start, end] = trimmed(text, ...whole(text, from, to));
  return start < end
    ? { start: piece.start + piece.offsets.points(start), end: piece.start + piece.offsets.points(end) }
    : null;
}

function unitsBefore(words, node, offset) {
  const before = document.createRange();
  before.setStart(words, 0);
  before.setEnd(node, offset);
  return before.toString().length;
}
