/** Which suggestions a study gets: the rule and what belongs to it. */

import { el, fill } from "../shared/dom.js";

/** @typedef {{threshold: string, precision: number, floor: number, best: number}} Rule As /api/thresholds takes it. */

const RULES = {
  auto: ["What the evidence supports", "sure where coded interviews support it, else the best of each transcript"],
  sure: ["Sure", "only those that coded interviews show to be right as often as you ask"],
  thorough: ["Thorough", "everything from a probability on; you read more and miss less"],
  best: ["The best of each transcript", "so many, whatever their probability"],
};

/** What was chosen in the form. @param {HTMLFormElement} form @returns {Rule} */
export function chosenIn(form) {
  const { threshold, precision, floor, best } = Object.fromEntries(new FormData(form));
  return {
    threshold: String(threshold),
    precision: Number(precision) / 100,
    floor: Number(floor) / 100,
    best: Number(best),
  };
}

const number = (name, label, value, min, max) =>
  el("label.choice", {}, el("span", {}, label), el("input", { type: "number", name, value, min, max, required: true }));

function ruleChoice(id, chosen) {
  const [name, why] = RULES[id];
  const input = el("input", { type: "radio", name: "threshold", value: id, checked: id === chosen.threshold });
  return el("label.option", {}, input, el("span", {}, el("b", {}, name), " ", el("span.quiet", {}, why)));
}

/**
 * Show the form.
 *
 * @param {HTMLFormElement} form
 * @param {Rule} chosen As it is now.
 * @param {function(Rule): void} keep Keeps another choice and has suggestions made anew.
 */
export function thresholdForm(form, chosen, keep) {
  const share = (value) => Math.round(100 * value);
  fill(
    form,
    el(
      "div.options",
      { role: "radiogroup", "aria-label": "Which suggestions" },
      Object.keys(RULES).map((id) => ruleChoice(id, chosen)),
    ),
    el(
      "div.choices",
      {},
      number("precision", "Right, of 100 (sure)", share(chosen.precision), 50, 99),
      number("floor", "Probability from, % (thorough)", share(chosen.floor), 1, 99),
      number("best", "Of each transcript (best)", chosen.best, 1, 100000),
    ),
    el("p.quiet", {}, "What no coded interview bears out is marked as uncertain, whatever you choose."),
    el("p.acts", {}, el("button", { data: { testid: "keep-rule" } }, "Keep, and make undecided suggestions anew")),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    keep(chosenIn(form));
  });
}
