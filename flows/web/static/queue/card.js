/** What the queue shows of one suggestion: the passage in its context, and the card beside it. */

import { clock, el, fill, percent } from "../shared/dom.js";
import { inContext } from "../shared/passage.js";
import { codeHead, kindOf, memoNote, reasons, UNCERTAIN } from "../shared/suggestion.js";

/** Where the ends of an item's passage are adjusted. */
export const adjustingOf = (item) => `/read/${item.version}#suggestion-${item.id}-adjust`;

/**
 * Show an item.
 *
 * @param {{text: HTMLElement, card: HTMLElement}} places
 * @param {import("../shared/types.js").Item} item
 * @param {import("../shared/codebook.js").Codebook} codebook
 * @param {function(number): void} runnerUp Called with 0 for the first runner-up.
 */
export function showItem({ text, card }, item, codebook, runnerUp) {
  const placed = [item.speaker, clock(item.started)].filter(Boolean).join(" · ");
  fill(text.querySelector("h2"), el("bdi", {}, item.transcript), " ", el("bdi.quiet", {}, placed));
  inContext(text.querySelector(".context"), item, codebook.domainOf(item.code));
  card.dataset.id = item.id;
  card.scrollTop = 0;
  fill(
    card,
    codeHead(codebook, item.code, kindOf(item.decision?.action), item.probability, item.uncertain),
    memoNote(item.decision?.memo),
    reasons(item, codebook, runnerUp),
  );
}

/** What a screen reader hears when an item comes up. */
export function spoken(item, codebook) {
  const who = item.speaker ? `${item.speaker}, ` : "";
  const likely = `${percent(item.probability)}${item.uncertain ? `, ${UNCERTAIN}` : ""}`;
  return `${codebook.name(item.code)}, ${likely}. ${who}${item.transcript}.`;
}
