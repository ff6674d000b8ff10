// @ts-check
/**
 * Where things are in a text. The store counts Unicode code points; the browser counts UTF-16 units, two for every
 * character beyond the basic plane (emoji, old scripts). Everything that crosses the border is converted here.
 */

/** One text and the places where both counts part. */
export class Offsets {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
    /** @type {number[]} Code point offsets of the characters that take two units, ascending. */
    this.wide = wideIn(text);
    /** @type {number} Length in code points. */
    this.length = text.length - this.wide.length;
  }

  /** @param {number} points Code points from the start. @returns {number} UTF-16 units from the start. */
  units(points) {
    return points + below(this.wide, points, (at) => at);
  }

  /** @param {number} units UTF-16 units; one inside a pair counts as before it. @returns {number} Code points. */
  points(units) {
    return units - below(this.wide, units, (at, n) => at + n);
  }

  /** @param {number} start @param {number} end Code points. @returns {string} */
  slice(start, end) {
    return this.text.slice(this.units(start), this.units(end));
  }
}

function wideIn(text) {
  const found = [];
  for (const match of text.matchAll(/[\ud800-\udbff][\udc00-\udfff]/g)) found.push(match.index - found.length);
  return found;
}

/** How many of the ascending `places` lie before `limit`, each seen through `where(place, index)`. */
function below(places, limit, where) {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (where(places[middle], middle) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

const letters = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const words = new Intl.Segmenter(undefined, { granularity: "word" });

/**
 * Widen a stretch so that it cuts no character in half (emoji with modifiers, letters with combining marks).
 *
 * @param {string} text @param {number} start @param {number} end UTF-16 units.
 * @returns {[number, number]}
 */
export function whole(text, start, end) {
  const first = letters.segment(text).containing(start);
  const last = end > start ? letters.segment(text).containing(end - 1) : undefined;
  return [first ? first.index : start, last ? last.index + last.segment.length : end];
}

/**
 * Take the white space off both ends of a stretch.
 *
 * @param {string} text @param {number} start @param {number} end UTF-16 units.
 * @returns {[number, number]} Equal numbers when nothing else is in it.
 */
export function trimmed(text, start, end) {
  const inside = text.slice(start, end);
  const from = start + inside.length - inside.trimStart().length;
  return [from, Math.max(from, end - (inside.length - inside.trimEnd().length))];
}

/**
 * The words of a text, punctuation left out.
 *
 * @param {Offsets} offsets
 * @returns {[number, number][]} Code points.
 */
export function wordsOf(offsets) {
  return [...words.segment(offsets.text)]
    .filter((one) => one.isWordLike)
    .map((one) => [offsets.points(one.index), offsets.points(one.index + one.segment.length)]);
}

/**
 * Whether two stretches share at least half of the shorter one, as the server has it.
 *
 * @param {{start: number, end: number}} one @param {{start: number, end: number}} other
 */
export function shareHalf(one, other) {
  const shared = Math.min(one.end, other.end) - Math.max(one.start, other.start);
  return shared > 0 && 2 * shared >= Math.min(one.end - one.start, other.end - other.start);
}
