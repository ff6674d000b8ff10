// @ts-check
/** How passages lie on the text: in lanes where they overlap, and as runs cut at their ends. Pure. */

import { Offsets } from "../shared/offsets.js";

const LONG = 2400;
/** A turn longer than LONG code points is shown in paragraphs of about this length. */
const PARAGRAPH = 900;

/**
 * @typedef {Object} Piece A turn, or a paragraph of a very long one: what is drawn and measured at a time.
 * @property {number} start @property {number} end Code points in the transcript.
 * @property {boolean} first Whether the turn begins here. @property {import("../shared/types.js").Turn} turn @property {Offsets} offsets
 */

/** @param {{turns: import("../shared/types.js").Turn[], sentences: [number, number][]}} transcript @returns {Piece[]} In order. */
export function piecesOf({ turns, sentences }) {
  return turns.flatMap((turn) => cut(turn, sentences));
}

function cut(turn, sentences) {
  const offsets = new Offsets(turn.text);
  if (turn.end - turn.start <= LONG) return [{ start: turn.start, end: turn.end, first: true, turn, offsets }];
  const cuts = [turn.start, ...paragraphs(turn, offsets, sentences), turn.end];
  return cuts.slice(1).map((end, n) => {
    const start = cuts[n];
    return {
      start,
      end,
      first: n === 0,
      turn,
      offsets: new Offsets(offsets.slice(start - turn.start, end - turn.start)),
    };
  });
}

function paragraphs(turn, offsets, sentences) {
  const starts = sentences.filter(([start]) => start > turn.start && start < turn.end).map(([start]) => start);
  const breaks = starts.length ? starts : spaces(turn, offsets);
  const kept = [];
  for (const at of breaks) {
    if (at - (kept.at(-1) ?? turn.start) >= PARAGRAPH && turn.end - at > PARAGRAPH / 3) kept.push(at);
  }
  return kept;
}

function spaces(turn, offsets) {
  return [...turn.text.matchAll(/\s+/g)].map((match) => turn.start + offsets.points(match.index + match[0].length));
}

/**
 * Give every passage the lowest lane that is free where it begins; other coders lie in lanes behind one's own.
 *
 * @param {import("./passages.js").Passage[]} passages In order; `lane` is set.
 * @returns {number} Lanes in use.
 */
export function layLanes(passages) {
  const own = lay(
    passages.filter((one) => one.kind !== "other"),
    0,
  );
  return (
    own +
    lay(
      passages.filter((one) => one.kind === "other"),
      own,
    )
  );
}

function lay(passages, offset) {
  const lanes = lanesOf(passages);
  for (const one of passages) one.lane = lanes.get(one.id) + offset;
  return lanes.size ? 1 + Math.max(...lanes.values()) : 0;
}

/**
 * The lowest free lane for each passage, whoever's it is: how deep its line lies under the words.
 *
 * @param {import("./passages.js").Passage[]} passages In order.
 * @returns {Map<string, number>} By id.
 */
export function lanesOf(passages) {
  const ends = [];
  const lanes = new Map();
  for (const one of passages) {
    const free = ends.findIndex((end) => end <= one.start);
    const lane = free < 0 ? ends.length : free;
    ends[lane] = one.end;
    lanes.set(one.id, lane);
  }
  return lanes;
}

/** @returns {import("./passages.js").Passage[]} Those that touch a piece. */
export function touching(passages, piece) {
  return passages.filter((one) => one.start < piece.end && one.end > piece.start);
}

/**
 * The text of a piece cut wherever a passage begins or ends.
 *
 * @param {Piece} piece
 * @param {import("./passages.js").Passage[]} over Those that touch it.
 * @returns {{text: string, over: import("./passages.js").Passage[]}[]} Together they are the whole text.
 */
export function runsOf(piece, over) {
  const inside = over.flatMap((one) => [one.start, one.end]).filter((at) => at > piece.start && at < piece.end);
  const cuts = [...new Set([piece.start, ...inside, piece.end])].sort((a, b) => a - b);
  return cuts.slice(1).map((end, n) => ({
    text: piece.offsets.slice(cuts[n] - piece.start, end - piece.start),
    over: over.filter((one) => one.start < end && one.end > cuts[n]),
  }));
}

/** What a piece looks like, as a string: equal strings need no drawing. */
export function lookOf(over) {
  return over
    .map((one) =>
      [
        one.id,
        one.kind,
        one.state,
        one.start,
        one.end,
        one.code,
        one.lane,
        one.memo ? 1 : 0,
        one.pending ? 1 : 0,
        one.moved ? 1 : 0,
      ].join(),
    )
    .join(";");
}
