/** What the queue shows of one suggestion: the passage in its context, the code, why, and what else it could be. */

import { codeChip } from "../shared/codebook.js";
import { clock, el, fill, meter, percent } from "../shared/dom.js";
import { inContext } from "../shared/passage.js";

const MINE = {
  accept: "accepted it",
  reject: "rejected it",
  unsure: "were unsure",
  code: "gave another code",
  memo: "wrote a memo",
};
const THEIRS = { accept: "accepted", reject: "rejected", unsure: "is unsure", code: "coded", memo: "wrote a memo" };

/** Where the ends of an item's passage are adjusted. */
export const adjustingOf = (item) => `/read/${item.version}#suggestion-${item.id}-adjust`;

/**
 * Show an item.
 *
 * @param {{text: HTMLElement, card: HTMLElement}} places
 * @param {Object} item
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
    head(item, codebook),
    stands(item.decision),
    why(item),
    runnersUp(item, codebook, runnerUp),
    others(item, codebook),
    el("p.model", {}, "Suggested by ", el("bdi", { title: item.model }, shortened(item.model))),
  );
}

function head({ code: id, probability }, codebook) {
  const code = codebook.byId.get(id);
  return el(
    "header",
    { colour: codebook.domainOf(id) },
    el("p.kicker", {}, [code?.domain, code?.level].filter(Boolean).join(" · ")),
    el("h2", {}, codebook.name(id)),
    el("p.likely", {}, meter(probability), el("span.quiet", {}, inWords(probability))),
    code && el("p.definition", {}, code.definition),
  );
}

/** A probability as people say it. */
export function inWords(probability) {
  const tenth = Math.round(10 * probability);
  return tenth >= 10 ? "nearly all like this hold" : `about ${tenth} in 10 like this hold`;
}

function stands(decision) {
  if (!decision) return null;
  const memo = decision.memo && el("bdi.words", {}, decision.memo);
  return el("p.stands", {}, `You ${MINE[decision.action] ?? "decided"}.`, memo && [" Memo: ", memo]);
}

function why({ evidence, words }) {
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

function runnersUp(item, codebook, choose) {
  if (!item.alternatives.length) return null;
  const rows = item.alternatives.slice(0, 5).map(({ code, probability }, n) => {
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

function others({ others: all }, codebook) {
  if (!all.length) return null;
  const rows = all.map(({ coder, action, code }) => {
    const given = action === "code" && code && [" as ", codeChip(codebook, code)];
    return el("li", {}, el("b", {}, el("bdi", {}, coder)), ` ${THEIRS[action] ?? action}`, given);
  });
  return el("section", {}, el("h3", {}, "Others"), el("ul.others", {}, rows));
}

const shortened = (model) => (model.length > 60 ? `${model.slice(0, 59)}…` : model);

/** What a screen reader hears when an item comes up. */
export function spoken(item, codebook) {
  const who = item.speaker ? `${item.speaker}, ` : "";
  return `${codebook.name(item.code)}, ${percent(item.probability)}. ${who}${item.transcript}.`;
}
