/** A passage among the words around it: text only ever becomes text nodes, cut where code points say. */

import { clock, el } from "./dom.js";
import { Offsets } from "./offsets.js";

/**
 * @typedef {{start: number, end: number, speaker: string, role: string, text: string, started?: number}} Turn
 * @typedef {{start: number, end: number}} Span
 */

/** The words of a span that lies within one of the turns; empty where none holds it. */
export function wordsAt(turns, { start, end }) {
  const turn = turns.find((one) => one.start <= start && end <= one.end);
  return turn ? new Offsets(turn.text).slice(start - turn.start, end - turn.start) : "";
}

/**
 * Cut a turn at the ends of spans.
 * @param {Turn} turn
 * @param {Span[]} spans  may overlap and reach beyond the turn
 * @returns {{text: string, over: Span[]}[]}  in order; nothing is left out
 */
export function pieces(turn, spans) {
  const inside = spans.filter((span) => span.start < turn.end && span.end > turn.start);
  const ends = inside.flatMap(({ start, end }) => [start, end]).filter((at) => at > turn.start && at < turn.end);
  const cuts = [turn.start, ...new Set(ends.sort((a, b) => a - b)), turn.end];
  const offsets = new Offsets(turn.text);
  return cuts.slice(1).map((end, n) => ({
    text: offsets.slice(cuts[n] - turn.start, end - turn.start),
    over: inside.filter((span) => span.start < end && span.end > cuts[n]),
  }));
}

/**
 * Turns as they are read, with spans marked.
 * @param {Turn[]} turns
 * @param {Span[]} spans
 * @param {(over: Span[]) => HTMLElement} mark  makes the element of a marked piece, still without its text
 */
export function talk(turns, spans, mark = () => el("mark.passage")) {
  return turns.map((turn) => {
    const words = pieces(turn, spans).map(({ text, over }) => (over.length ? withText(mark(over), text) : text));
    return el(
      turn.role === "interviewer" ? "div.said.asks" : "div.said",
      {},
      who(turn),
      el("p.words", { dir: "auto" }, words),
    );
  });
}

function withText(element, text) {
  element.append(text);
  return element;
}

/** Who speaks a turn, and when; null where neither is known. */
export function who({ speaker, started }) {
  const time = clock(started);
  if (!speaker && !time) return null;
  return el("p.who", {}, speaker && el("b", {}, el("bdi", {}, speaker)), time && el("time", {}, time));
}

/** A passage in its context, in the colour of its domain, scrolled so that it is seen. */
export function inContext(box, item, domain) {
  box.replaceChildren(...talk(item.context, [item], () => el("mark.passage", { colour: domain })));
  const mark = box.querySelector("mark");
  box.scrollTop = mark ? Math.max(0, mark.offsetTop - box.clientHeight / 3) : 0;
}
