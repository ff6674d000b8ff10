/** What the queue shows of one suggestion: the passage in its context, and the card beside it. */

import { codeChip } from "../shared/codebook.js";
import { clock, el, fill, percent } from "../shared/dom.js";
import { inContext } from "../shared/passage.js";
import { codeHead, kindOf, memoNote, reasons, UNCERTAIN } from "../shared/suggestion.js";
import { together } from "../shared/together.js";

/** Where the ends of an item's passage are adjusted, or the passage is split. @param {"adjust"|"split"} how */
export const inText = (item, how) => `/read/${item.version}#suggestion-${item.id}-${how}`;

/**
 * Show an item.
 *
 * @param {{text: HTMLElement, card: HTMLElement}} places
 * @param {import("../shared/types.js").Item} item
 * @param {import("../shared/codebook.js").Codebook} codebook
 * @param {{runnerUp: function(number): void, leave: function(number): void, acceptAll: function(): void, rejectAll: function(): void, left: Set<number>}} acts
 *   `runnerUp` is called with 0 for the first runner-up; `left` are suggestions that are not ticked.
 */
export function showItem({ text, card }, item, codebook, acts) {
  const placed = [item.speaker, clock(item.started)].filter(Boolean).join(" · ");
  fill(text.querySelector("h2"), el("bdi", {}, item.transcript), " ", el("bdi.quiet", {}, placed));
  inContext(text.querySelector(".context"), item, codebook.domainOf(item.code));
  card.dataset.id = item.id;
  card.scrollTop = 0;
  fill(
    card,
    codeHead(codebook, item.code, kindOf(item.decision?.action), item.probability, item.uncertain),
    item.given.length > 0 &&
      el(
        "p.given",
        {},
        "You also gave ",
        item.given.map((code) => [codeChip(codebook, code), " "]),
      ),
    item.also.length > 0 && together(waitingOn(item), acts.left, codebook, acts),
    memoNote(item.decision?.memo),
    reasons(item, codebook, acts.runnerUp),
  );
}

/** An item and what else is suggested on its passage, as they are decided together. @param {import("../shared/types.js").Item} item */
export const waitingOn = (item) =>
  [item, ...item.also].map((one) => ({ answers: one.id, code: one.code, suggestion: one }));

/** What a screen reader hears when an item comes up. */
export function spoken(item, codebook) {
  const who = item.speaker ? `${item.speaker}, ` : "";
  const likely = `${percent(item.probability)}${item.uncertain ? `, ${UNCERTAIN}` : ""}`;
  return `${codebook.name(item.code)}, ${likely}. ${who}${item.transcript}.`;
}
