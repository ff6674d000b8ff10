/** Several suggestions on one passage, ticked and decided together. */

import { codeChip } from "./codebook.js";
import { el, meter } from "./dom.js";

/**
 * @param {{answers: number, code: string, suggestion: {probability: number}}[]} waiting
 * @param {Set<number>} left Ids of suggestions that are not ticked.
 * @param {import("./codebook.js").Codebook} codebook
 * @param {{leave: function(number): void, acceptAll: function(): void, rejectAll: function(): void}} acts
 */
export function together(waiting, left, codebook, acts) {
  const rows = waiting.map(({ answers, code, suggestion }) => {
    const box = el("input", {
      type: "checkbox",
      checked: !left.has(answers),
      data: { step: `tick ${answers}` },
      on: { change: () => acts.leave(answers) },
    });
    return el(
      "li",
      { colour: codebook.domainOf(code) },
      el("label.tick", {}, box, codeChip(codebook, code), meter(suggestion.probability)),
    );
  });
  const act = (name, key, run) =>
    el("button", { type: "button", on: { click: run } }, name, el("kbd", { "aria-hidden": "true" }, key));
  return el(
    "section.together",
    { "data-testid": "together" },
    el("h3", {}, "Suggested for this passage"),
    el("ul.others", {}, rows),
    el("p.acts", {}, act("Accept ticked", "⇧A", acts.acceptAll), act("Reject ticked", "⇧R", acts.rejectAll)),
  );
}
