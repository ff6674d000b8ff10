/** What the panel beside the text shows: a passage with its reasons and what can be done with it, or a selection. */

import { codeChip, codeFacts } from "../shared/codebook.js";
import { counted, el, meter, percent } from "../shared/dom.js";

/** @typedef {Object<string, function(...*): void>} Acts What the buttons do; see reading.js. */

const button = (name, key, run, properties = {}) =>
  el(
    "button",
    { type: "button", on: { click: run }, ...properties },
    name,
    key && el("kbd", { "aria-hidden": "true" }, key),
  );

/**
 * @param {import("./passages.js").Passage} one
 * @param {import("../shared/codebook.js").Codebook} codebook
 * @param {string} words Of the passage.
 * @param {Acts} acts
 */
export function passageCard(one, codebook, words, acts) {
  const code = codebook.byId.get(one.code);
  return [
    el(
      "header",
      { colour: codebook.domainOf(one.code) },
      el("p.kind", {}, kindOf(one)),
      el("h2", { id: "card-title" }, codeChip(codebook, one.code)),
      code && el("p.quiet", {}, [code.domain, code.level].filter(Boolean).join(" · ")),
    ),
    one.kind === "suggestion" &&
      el(
        "div.chance",
        { colour: codebook.domainOf(one.code) },
        meter(one.suggestion.probability),
        el("span.quiet", {}, one.suggestion.model ? modelOf(one.suggestion) : ""),
      ),
    one.kind === "other" ? null : actsFor(one, acts),
    one.memo && el("div.memo", {}, el("h3", {}, "Memo"), el("p.words", { dir: "auto" }, one.memo)),
    one.kind === "suggestion" && runnersUp(one, codebook, acts),
    one.suggestion && why(one.suggestion, one.kind === "suggestion"),
    el("details", {}, el("summary", {}, "The passage"), el("blockquote", { dir: "auto" }, words)),
    code && el("details", {}, el("summary", {}, "What the code means"), codeFacts(code)),
    one.suggestion?.others?.length > 0 && others(one.suggestion.others, codebook),
  ];
}

function kindOf(one) {
  if (one.kind === "other") return ["Coded by ", el("bdi", {}, one.coder)];
  if (one.kind === "coding") return one.suggestion ? "Coded · suggested by precode" : "Coded by you";
  return { reject: "Suggestion · you rejected it", unsure: "Suggestion · you are unsure" }[one.state] ?? "Suggestion";
}

const modelOf = ({ model, run }) => `${model.length > 28 ? `${model.slice(0, 18)}…` : model}, run ${run}`;

function actsFor(one, acts) {
  const common = [
    button("Other code", "c", acts.other),
    button("Adjust ends", "e", acts.adjust),
    button("Memo", "m", acts.memo),
    button("Add a code", "+", acts.add),
  ];
  const main =
    one.kind === "coding"
      ? [button("Remove", "x", acts.remove)]
      : [
          button("Accept", "a", acts.accept, { class: "main" }),
          button("Reject", "r", acts.reject, { "aria-pressed": String(one.state === "reject") }),
          button("Unsure", "u", acts.unsure, { "aria-pressed": String(one.state === "unsure") }),
        ];
  return el(
    "div.decide",
    { role: "group", "aria-label": "Decide" },
    el("p.acts", {}, main),
    el("p.acts.more", {}, common),
  );
}

function runnersUp(one, codebook, acts) {
  const found = one.suggestion.alternatives ?? [];
  if (!found.length) return null;
  const rows = found
    .slice(0, 5)
    .map(({ code, probability }, n) =>
      el(
        "li",
        {},
        el(
          "button.runner",
          { type: "button", on: { click: () => acts.instead(code) } },
          el("kbd", { "aria-hidden": "true" }, String(n + 1)),
          codeChip(codebook, code),
          el("span.quiet", {}, percent(probability)),
        ),
      ),
    );
  return el("section", {}, el("h3", {}, "Rather one of these?"), el("ol.runners", {}, rows));
}

function why({ evidence, words }, opened) {
  if (!evidence.length && !words.length) return null;
  const quotes = evidence.map(({ text, similarity, provenance }) =>
    el(
      "figure",
      {},
      el("blockquote", { dir: "auto" }, text),
      el("figcaption", {}, `similarity ${similarity.toFixed(2)} · ${provenance} seed`),
    ),
  );
  const weighed =
    words.length > 0 &&
    el(
      "p.weighed",
      {},
      "Weighed most: ",
      words.map((word) => [el("bdi.word", {}, word), " "]),
    );
  return el("details.why", { open: opened }, el("summary", {}, "Why"), quotes, weighed);
}

function others(all, codebook) {
  const did = { accept: "accepted", reject: "rejected", unsure: "is unsure", code: "coded", memo: "wrote a memo" };
  const row = ({ coder, action, code }) =>
    el(
      "li",
      {},
      el("bdi", {}, coder),
      ` ${did[action] ?? action}`,
      action === "code" && code && [": ", codebook.name(code)],
    );
  return el("section", {}, el("h3", {}, "Other coders"), el("ul.plain", {}, all.map(row)));
}

/**
 * The card of a stretch of words: chosen to be coded, or the ends of a passage being moved.
 *
 * @param {import("./caret.js").Caret} caret
 * @param {string} words
 * @param {string[]} quick Ids of codes to offer as buttons.
 * @param {import("../shared/codebook.js").Codebook} codebook
 * @param {Acts} acts
 */
export function stretchCard(caret, words, quick, codebook, acts) {
  const adjusting = caret.purpose.kind === "adjust";
  const count = words.split(/\s+/).filter(Boolean).length;
  const chips = quick.map((code) =>
    el(
      "li",
      {},
      el("button.runner", { type: "button", on: { click: () => acts.codeAs(code) } }, codeChip(codebook, code)),
    ),
  );
  return [
    el(
      "header",
      {},
      el("p.kind", {}, adjusting ? "Adjusting the ends" : "Selected"),
      el("h2", { id: "card-title" }, counted(count, "word")),
    ),
    el(
      "p.acts",
      {},
      adjusting
        ? button("Save ends", "↵", acts.saveEnds, { class: "main" })
        : button("Code it", "↵", acts.codeStretch, { class: "main" }),
      button("Cancel", "Esc", acts.cancel),
    ),
    !adjusting && chips.length > 0 && el("section", {}, el("h3", {}, "Lately used"), el("ul.runners", {}, chips)),
    el("blockquote.stretch", { dir: "auto" }, words),
    el(
      "section.ends",
      {},
      ["start", "end"].map((side) => ends(side, caret)),
    ),
    el(
      "p.quiet",
      {},
      adjusting
        ? "← → move by word, ↑ ↓ by sentence; s changes the end that moves."
        : "Shift with ← → moves the end by word, with ↑ ↓ by sentence; s changes the end that moves.",
    ),
  ];
}

const STEPS = [
  ["sentence", -1, "«"],
  ["word", -1, "‹"],
  ["word", 1, "›"],
  ["sentence", 1, "»"],
];

function ends(side, caret) {
  const step = ([unit, direction, sign]) => {
    const name = `Move the ${side} ${direction > 0 ? "on" : "back"} by a ${unit}`;
    return el(
      "button.step",
      {
        type: "button",
        "aria-label": name,
        title: name,
        on: { click: () => caret.extend(unit, direction, side) },
        data: { step: `${side} ${unit} ${direction}` },
      },
      sign,
    );
  };
  return el(
    "div.end",
    { role: "group", "aria-label": `Move the ${side}`, class: caret.side === side ? "end moving" : "end" },
    el("span", {}, side === "start" ? "Start" : "End"),
    STEPS.map(step),
  );
}
