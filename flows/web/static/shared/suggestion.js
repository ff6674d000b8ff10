/** A code on a passage as every page shows it: what it means, how likely it is, where people stand, why, what else it could be. */

import { post } from "./api.js";
import { codeChip } from "./codebook.js";
import { el, meter, percent } from "./dom.js";

/** What a coder hears of a decision just made. */
export const DONE = { accept: "Accepted", reject: "Rejected", unsure: "Unsure", code: "Coded", memo: "Memo kept" };

const MINE = {
  accept: "you accepted it",
  reject: "you rejected it",
  unsure: "you are unsure",
  code: "you gave another code",
  memo: "you wrote a memo",
};
const THEIRS = {
  accept: "accepted it",
  reject: "rejected it",
  unsure: "is unsure",
  code: "coded",
  memo: "wrote a memo",
};

/** Says of a suggestion that no coded interview bears out its probability yet. */
export const UNCERTAIN = "uncertain";
const WHY_UNCERTAIN = "No coded interview shows yet that suggestions like this one are right as often as asked for";

/** The mark of an uncertain suggestion. */
export const uncertainMark = () => el("span.uncertain", { title: WHY_UNCERTAIN }, UNCERTAIN);

/** What stands over a suggestion. @param {string|undefined} action What the coder made of it, if anything. */
export const kindOf = (action) => (action ? `Suggestion · ${MINE[action] ?? "decided"}` : "Suggestion");

/**
 * The head of a card.
 *
 * @param {import("./codebook.js").Codebook} codebook
 * @param {string} id Of the code.
 * @param {string|Array} kind What the passage is: a suggestion, a coding, whose.
 * @param {number|null} [probability] Of a suggestion.
 * @param {boolean} [uncertain] Whether no evidence carries it.
 */
export function codeHead(codebook, id, kind, probability = null, uncertain = false) {
  const code = codebook.byId.get(id);
  return el(
    "header",
    { colour: codebook.domainOf(id) },
    el("p.kind", {}, kind),
    el("h2", { id: "card-title" }, codebook.name(id)),
    code && el("p.kicker", {}, [code.domain, code.level].filter(Boolean).join(" · ")),
    probability !== null &&
      el("p.likely", {}, meter(probability), uncertain ? uncertainMark() : el("span.quiet", {}, inWords(probability))),
    code && el("p.definition", {}, code.definition),
  );
}

/** A probability as people say it. @param {number} probability */
export function inWords(probability) {
  const tenth = Math.round(10 * probability);
  return tenth >= 10 ? "nearly all like this hold" : `about ${tenth} in 10 like this hold`;
}

/** A memo as it was written. @param {string|undefined} text @param {string} [coder] Whose it is, if not the reader's. */
export function memoNote(text, coder = "") {
  const title = coder ? ["Memo by ", el("bdi", {}, coder)] : "Memo";
  return text ? el("div.memo", {}, el("h3", {}, title), el("p.words", { dir: "auto" }, text)) : null;
}

/**
 * What speaks for a suggestion and what else it could be.
 *
 * @param {import("./types.js").Suggestion} suggestion
 * @param {import("./codebook.js").Codebook} codebook
 * @param {(function(number): void)|null} runnerUp Called with 0 for the first runner-up; null where there is nothing to choose.
 */
export function reasons(suggestion, codebook, runnerUp) {
  return [
    secondOpinion(suggestion, codebook),
    why(suggestion),
    runnerUp && runnersUp(suggestion.alternatives, codebook, runnerUp),
    others(suggestion.others, codebook),
    el(
      "p.model",
      {},
      "Suggested by ",
      el("bdi", { title: suggestion.model }, shortened(suggestion.model)),
      `, run ${suggestion.run}`,
    ),
  ];
}

/** What a language model thinks, in one line; once the coder has decided it may be asked why. */
function secondOpinion({ id, second, decision }, codebook) {
  if (!second) return null;
  const name = second.model.replace(/(@[0-9a-f]{12})?\/\w+\/second\/v\d+$/, "");
  const says = {
    same: "the same code",
    none: "none of these codes",
    other: ["rather ", second.code && codeChip(codebook, second.code)],
  };
  const asked = decision && decision.action !== "memo";
  return el(
    "p.second",
    { "data-testid": "second-opinion" },
    el("span.quiet", { title: second.model }, "Second opinion (", el("bdi", {}, name), "): "),
    says[second.says],
    second.says !== "same" && ` (${percent(second.probability)})`,
    asked && [" ", el("button.link", { type: "button", on: { click: (event) => tellWhy(event.target, id) } }, "Why?")],
  );
}

/** Put one sentence of the model in the place of the button that asked for it. */
async function tellWhy(button, suggestion) {
  button.disabled = true;
  const line = await post("/second/why", { suggestion }).then(
    ({ text, model }) => [el("q", { dir: "auto" }, text), ` (written by ${model}, checked by nobody)`],
    (error) => `${error.message}.`,
  );
  button.replaceWith(el("span.quiet", {}, line));
}

function why({ evidence, words }) {
  if (!evidence.length && !words.length) return null;
  const quotes = evidence.map(({ text, similarity, provenance }) =>
    el(
      "figure",
      {},
      el("blockquote", { dir: "auto" }, text),
      el("figcaption", {}, `${percent(similarity)} similar · ${provenance}`),
    ),
  );
  const weighed = words.map((word) => [el("bdi.word", {}, word), " "]);
  return el(
    "section.why",
    {},
    el("h3", {}, evidence.length ? "Why: the nearest known quotations" : "Why"),
    quotes,
    words.length > 0 && el("p.weighed", {}, "Weighed most ", weighed),
  );
}

function runnersUp(alternatives, codebook, choose) {
  if (!alternatives.length) return null;
  const rows = alternatives.slice(0, 5).map(({ code, probability }, n) => {
    const button = el(
      "button.runner",
      {
        type: "button",
        colour: codebook.domainOf(code),
        "aria-keyshortcuts": String(n + 1),
        on: { click: () => choose(n) },
      },
      el("kbd", { "aria-hidden": "true" }, String(n + 1)),
      codeChip(codebook, code),
      meter(probability),
    );
    return el("li", {}, button);
  });
  return el("section", {}, el("h3", {}, "Or rather"), el("ol.runners", {}, rows));
}

function others(all, codebook) {
  if (!all.length) return null;
  const rows = all.map(({ coder, action, code }) => {
    const given = action === "code" && code && [" ", codeChip(codebook, code)];
    return el("li", {}, el("b", {}, el("bdi", {}, coder)), ` ${THEIRS[action] ?? action}`, given);
  });
  return el("section", {}, el("h3", {}, "Others"), el("ul.others", {}, rows));
}

const shortened = (model) => (model.length > 60 ? `${model.slice(0, 59)}…` : model);
