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
    why(suggestion, codebook),
    runnerUp && runnersUp(suggestion.alternatives, codebook, runnerUp),
    others(suggestion.others, codebook),
    details(suggestion),
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
    el("span.quiet", {}, "Second opinion (", el("bdi", {}, name), "): "),
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

/** What made a suggestion, for a methods section or a question to whoever looks after the tool. */
function details({ model, run, second }) {
  const line = (label, text) => el("div", {}, el("dt", {}, label), el("dd", {}, el("bdi", {}, text)));
  return el(
    "details.model",
    {},
    el("summary", {}, "Details"),
    el(
      "dl.facts",
      {},
      line("Suggested by", model),
      line("In run", String(run)),
      second && line("Second opinion by", second.model),
    ),
  );
}

/** Where a quotation comes from, in the words of who reads it. */
const SOURCES = {
  authored: "example quotation of your codebook",
  published: "quotation from a published study",
  accepted: "passage coded in this study",
  rejected: "passage without a code in this study",
};

/** How near in meaning a quotation is, on a scale from nothing in common to the same words. */
function nearness(similarity) {
  const bar = el("i.fill");
  bar.style.setProperty("--part", String(Math.max(0, Math.min(1, similarity))));
  return el(
    "span.meter.nearness",
    { title: "From 0%, nothing in common, to 100%, the same words" },
    el("i.track", { "aria-hidden": "true" }, bar),
    ` ${percent(Math.max(0, similarity))} alike`,
  );
}

function why({ evidence, words }, { shipsQuotations }) {
  if (!evidence.length && !words.length) return null;
  const sources = shipsQuotations ? { ...SOURCES, authored: "example quotation written for precode" } : SOURCES;
  const quotes = evidence.map(({ text, similarity, provenance }) =>
    el(
      "figure",
      {},
      el("blockquote", { dir: "auto" }, text),
      el("figcaption", {}, nearness(similarity), ` · ${sources[provenance] ?? ""}`),
    ),
  );
  const weighed = words.map((word) => [el("bdi.word", {}, word), " "]);
  return el(
    "section.why",
    {},
    el(
      "h3",
      {},
      evidence.length ? "Why: quotations that say something alike " : "Why",
      evidence.length > 0 && el("small.quiet", {}, "0% unlike, 100% the same"),
    ),
    quotes,
    words.length > 0 && el("p.weighed", {}, "Words that weighed most ", weighed),
  );
}

/** What a code's definition says for and against giving it. @param {import("./codebook.js").Code|undefined} code */
function forAndAgainst(code) {
  const said = (value) => (Array.isArray(value) ? value.join("; ") : value);
  const lines = [
    ["Means", said(code?.definition)],
    ["For it", said(code?.include)],
    ["Against it", said(code?.exclude)],
  ].filter(([, text]) => text);
  if (!lines.length) return null;
  return el(
    "details.weigh",
    {},
    el("summary", {}, "For and against"),
    el(
      "dl.facts",
      {},
      lines.map(([label, text]) => el("div", {}, el("dt", {}, label), el("dd", { dir: "auto" }, text))),
    ),
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
    return el("li", {}, button, forAndAgainst(codebook.byId.get(code)));
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
