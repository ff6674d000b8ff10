/** What is marked in a transcript: the server's answer with what is still on its way put on top. Pure. */

import { shareHalf } from "../shared/offsets.js";

/**
 * @typedef {Object} Passage One code on one span, as the page shows it.
 * @property {string} id `s12` from suggestion 12, `d34` from a coding of one's own.
 * @property {"suggestion"|"coding"|"other"} kind To decide (or decided against), one's own coding, somebody else's.
 * @property {""|"unsure"|"reject"|"memo"} state Of a suggestion: what the coder said of it.
 * @property {number} start @property {number} end Code points.
 * @property {string} code @property {string} coder @property {string} memo @property {boolean} pending
 * @property {Object|null} suggestion As the server gave it.
 * @property {number|null} answers Id of the suggestion that decisions on it are about.
 * @property {Object|null} standing The coder's decision, which the next one builds on.
 * @property {boolean} moved Whether it followed a corrected text to words that changed, and nobody has looked yet.
 * @property {number} [lane]
 */

/**
 * @typedef {Object} Shelf What the server knows of one transcript, by subject.
 * @property {Map<number, Object>} suggestions By id, `decision` being the coder's own.
 * @property {Object[]} codings Those whose suggestion is not shown or never was, and others'.
 * @property {Set<string>} moved The coder's own codings that moved with a corrected text, by `placeOf`.
 */

/** @param {Object} transcript As GET /api/transcripts/{version} gives it. @returns {Shelf} */
export function shelve(transcript) {
  const suggestions = new Map(transcript.suggestions.map((one) => [one.id, one]));
  const own = transcript.codings.filter((coding) => coding.mine);
  return {
    suggestions,
    codings: transcript.codings.filter((one) => !one.mine || !suggestions.has(one.suggestion)),
    moved: new Set(own.filter((coding) => coding.moved).map(placeOf)),
  };
}

const placeOf = ({ start, end, code }) => `${start}-${end}-${code}`;

const idOf = (decision) => (typeof decision === "object" && decision !== null ? decision.id : decision);

/**
 * Put a decision on the shelf.
 *
 * @param {Shelf} shelf Left as it is.
 * @param {Object} decision As the log or `provisional` gives it.
 * @param {function(string): (number|undefined)} written The id under which the decision with a key was written.
 * @returns {Shelf|null} null where only the server can tell what holds now (an undo, a hidden suggestion).
 */
export function after(shelf, decision, written = () => undefined) {
  if (decision.action === "undo") return null;
  return decision.suggestion === null ? ownAfter(shelf, decision, written) : suggestionAfter(shelf, decision);
}

function suggestionAfter(shelf, decision) {
  const one = shelf.suggestions.get(decision.suggestion);
  if (!one) return null;
  const memo = decision.memo || one.decision?.memo || "";
  const { id, key, pending } = decision;
  const standing =
    decision.action === "memo" && one.decision ? { ...one.decision, id, key, pending, memo } : { ...decision, memo };
  return { ...shelf, suggestions: new Map(shelf.suggestions).set(one.id, { ...one, decision: standing }) };
}

function ownAfter(shelf, decision, written) {
  const at = shelf.codings.findIndex(
    (one) => one.mine && (isOf(decision, one) || follows(decision.previous, one, written)),
  );
  const before = shelf.codings[at];
  const memo = decision.memo || before?.memo || "";
  const rest = shelf.codings.filter((_, n) => n !== at);
  if (decision.action === "reject") return { ...shelf, codings: rest };
  const { id, start, end, code, coder, key, pending } = decision;
  const first = before ? (before.first ?? idOf(before.decision)) : (key ?? id);
  if (decision.action === "memo")
    return {
      ...shelf,
      codings: before ? shelf.codings.with(at, { ...before, decision: id, key, pending, memo, first }) : shelf.codings,
    };
  const coding = { decision: id, key, pending, coder, start, end, code, memo, suggestion: null, mine: true, first };
  return { ...shelf, codings: at < 0 ? [...shelf.codings, coding] : shelf.codings.with(at, coding) };
}

/** Whether the answer of the server held the decision already. */
const isOf = (decision, coding) => decision.id !== null && decision.id === idOf(coding.decision);

function follows(previous, coding, written) {
  const id = idOf(coding.decision);
  if (previous === null || previous === undefined) return false;
  if (typeof previous === "number") return previous === id;
  return previous.key === coding.key || (id !== null && written(previous.key) === id);
}

const CODED = new Set(["accept", "code"]);

/** @param {Shelf} shelf @param {string} coder Who looks. @returns {Passage[]} In the order of reading. */
export function passages(shelf, coder) {
  const answered = [...shelf.suggestions.values()].map((one) => ofSuggestion(one, coder));
  const found = [...answered, ...shelf.codings.map(ofCoding)];
  for (const passage of found.filter(({ kind }) => kind === "coding"))
    passage.moved = shelf.moved.has(placeOf(passage));
  return found.sort(inOrder);
}

function ofSuggestion(one, coder) {
  const decision = one.decision ?? null;
  const coded = decision !== null && CODED.has(decision.action);
  return {
    id: `s${one.id}`,
    kind: coded ? "coding" : "suggestion",
    state: coded || !decision ? "" : decision.action,
    start: coded ? (decision.start ?? one.start) : one.start,
    end: coded ? (decision.end ?? one.end) : one.end,
    code: (coded && decision.code) || one.code,
    coder,
    memo: decision?.memo ?? "",
    pending: Boolean(decision?.pending),
    suggestion: one,
    moved: false,
    answers: one.id,
    standing: decision,
  };
}

function ofCoding(one) {
  const id = idOf(one.decision);
  return {
    id: one.mine ? `d${one.first ?? id ?? one.key}` : `o${one.coder}/${id}`,
    kind: one.mine ? "coding" : "other",
    state: "",
    start: one.start,
    end: one.end,
    code: one.code,
    coder: one.coder,
    memo: one.memo ?? "",
    pending: Boolean(one.pending),
    suggestion: null,
    moved: Boolean(one.moved),
    answers: one.suggestion,
    standing: one.mine ? { id, key: one.key } : null,
  };
}

/** Earlier first; of those that begin together the longer first. */
export function inOrder(one, other) {
  return one.start - other.start || other.end - one.end || (one.id < other.id ? -1 : 1);
}

/** @param {Passage} passage @returns {boolean} Whether it waits for a decision. */
export function open(passage) {
  return passage.kind === "suggestion" && (passage.state === "" || passage.state === "memo");
}

/** @param {Passage} passage @returns {boolean} Whether it waits for the reader: to be decided, or looked at. */
export const waits = (passage) => open(passage) || isToLookAt(passage);

/** @param {Passage} passage @returns {boolean} Whether the reader is asked to look at a coding that moved. */
export const isToLookAt = ({ moved, kind, coder }) => moved && (kind === "coding" || coder === "consensus");

/**
 * What is shown.
 *
 * @param {Passage[]} all
 * @param {{filter: {domain?: string, code?: string}|null, kinds: Set<string>, domainOf: function(string): (string|undefined)}} by
 *   `kinds`: suggestion, coding, other, reject.
 */
export function shown(all, { filter, kinds, domainOf }) {
  const wanted = (one) => kinds.has(one.state === "reject" ? "reject" : one.kind);
  const inFilter = (one) => !filter || (filter.code ? one.code === filter.code : domainOf(one.code) === filter.domain);
  return all.filter((one) => wanted(one) && inFilter(one));
}

/** @param {Passage[]} all @returns {Map<string, {coded: number, open: number}>} By code. */
export function countsOf(all) {
  const counts = new Map();
  for (const one of all) {
    const count = counts.get(one.code) ?? { coded: 0, open: 0 };
    if (one.kind === "coding") count.coded += 1;
    if (open(one)) count.open += 1;
    if (one.kind === "coding" || open(one)) counts.set(one.code, count);
  }
  return counts;
}

const waitsToo = (one) => one.kind === "suggestion" && one.state !== "reject";

/** @param {Passage[]} all @param {Passage} passage @returns {Passage[]} Suggestions that wait on its words, itself first. */
export function waitingOn(all, passage) {
  const others = all.filter((one) => one.id !== passage.id && waitsToo(one) && shareHalf(one, passage));
  return [...(waitsToo(passage) ? [passage] : []), ...others];
}

/** @param {Passage[]} all @param {Passage} passage @returns {Passage[]} The coder's other codings of its words. */
export const codedToo = (all, passage) =>
  all.filter((one) => one.id !== passage.id && one.kind === "coding" && shareHalf(one, passage));

/** Turns by which merged passages lie apart at most, as the server has it: a question fits between. */
const FARTHEST = 2;

/**
 * The passage that one would be merged with: the next or previous of its code, if it is near.
 *
 * @param {Passage[]} all
 * @param {Passage} passage
 * @param {"before"|"after"} direction
 * @param {{start: number}[]} turns
 * @returns {Passage|undefined}
 */
export function neighbourOf(all, passage, direction, turns) {
  const place = (one, other) => one.start - other.start || one.end - other.end;
  const others = all
    .filter((one) => one.id !== passage.id && one.code === passage.code && (one.kind === "coding" || waitsToo(one)))
    .sort(place);
  const found =
    direction === "after"
      ? others.find((one) => place(one, passage) >= 0)
      : others.findLast((one) => place(one, passage) < 0);
  const [earlier, later] = found ? [found, passage].sort(place) : [passage, passage];
  const turnAt = (at) => turns.filter((turn) => turn.start <= at).length;
  return found && turnAt(later.start) - Math.max(1, turnAt(earlier.end - 1)) <= FARTHEST ? found : undefined;
}
