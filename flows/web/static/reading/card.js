/** What the panel beside the text shows: a passage with its reasons and what can be done with it, or a selection. */

import { codeChip, codeFacts } from "../shared/codebook.js";
import { counted, el } from "../shared/dom.js";
import { codeHead, kindOf, memoNote, reasons } from "../shared/suggestion.js";
import { together } from "../shared/together.js";
import { isToLookAt } from "./passages.js";

/** @typedef {Object<string, function(...*): void>} Acts What the buttons do; see reading.js. */

const button = (name, key, run, properties = {}) =>
  el(
    "button",
    { type: "button", on: { click: run }, ...properties },
    name,
    key && el("kbd", { "aria-hidden": "true" }, key),
  );

/**
 * @typedef {import("./passages.js").Passage} Passage
 *
 * @typedef {Object} Around What is on a passage's words, and beside it.
 * @property {string} words The words.
 * @property {Passage[]} waiting Suggestions that wait, itself first. @property {Set<number>} left Those not ticked.
 * @property {Passage[]} coded Other codings.
 * @property {Passage|undefined} before What it may be merged with. @property {Passage|undefined} after
 * @property {boolean} isSeed Whether it is an example quotation.
 */

/**
 * @param {Passage} passage
 * @param {Around} around
 * @param {import("../shared/codebook.js").Codebook} codebook
 * @param {Acts} acts
 */
export function passageCard(passage, around, codebook, acts) {
  const { suggestion } = passage;
  const code = codebook.byId.get(passage.code);
  const toDecide = passage.kind === "suggestion";
  const instead = (n) => acts.instead(suggestion.alternatives[n].code);
  return [
    codeHead(
      codebook,
      passage.code,
      kind(passage),
      toDecide ? suggestion.probability : null,
      toDecide && suggestion.uncertain,
    ),
    isToLookAt(passage) && moved(acts),
    passage.kind === "other" ? null : actsFor(passage, around, acts),
    alsoSuggested(passage, around, codebook, acts),
    codedWith(around.coded, codebook),
    memoNote(passage.memo),
    suggestion && reasons(suggestion, codebook, toDecide ? instead : null),
    el("details", {}, el("summary", {}, "The passage"), el("blockquote", { dir: "auto" }, around.words)),
    code && el("details", {}, el("summary", {}, "What the code means"), codeFacts(code)),
  ];
}

function moved(acts) {
  return el(
    "div.notice.moved",
    { role: "group", "aria-label": "Moved with a corrected text" },
    el(
      "p",
      {},
      el("b", {}, "Moved with a corrected text, please look."),
      " The words changed: do they still bear this code?",
    ),
    el("p.acts", {}, button("It is right", "l", acts.looked, { class: "main" })),
  );
}

function kind(passage) {
  if (passage.kind === "other") return ["Coded by ", el("bdi", {}, passage.coder)];
  if (passage.kind === "coding") return passage.suggestion ? "Coded · suggested by precode" : "Coded by you";
  return kindOf(passage.state);
}

function actsFor(one, { before, after, isSeed }, acts) {
  const common = [
    button("Other code", "c", acts.other),
    button("Add a code", "+", acts.add),
    button("Adjust ends", "e", acts.adjust),
    button("Split", "d", acts.split),
    before && button("Merge back", "⇧G", () => acts.merge("before"), { title: "With the passage before it" }),
    after && button("Merge on", "g", () => acts.merge("after"), { title: "With the passage after it" }),
    button("Memo", "m", acts.memo),
    button("Find alike", "f", acts.alike),
  ];
  const main =
    one.kind === "coding"
      ? [
          button("Remove", "x", acts.remove),
          button("Example quotation", "q", acts.seed, { "aria-pressed": String(isSeed) }),
        ]
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

/** Suggestions that wait on the words of a passage, to be decided together. */
function alsoSuggested(passage, { waiting, left }, codebook, acts) {
  const others = waiting.filter((one) => one.id !== passage.id);
  if (!others.length) return null;
  return together(waiting, left, codebook, acts);
}

/** The coder's other codes on the same words. */
function codedWith(coded, codebook) {
  const codes = [...new Set(coded.map((one) => one.code))];
  return (
    codes.length > 0 &&
    el(
      "section",
      {},
      el("h3", {}, "You also gave"),
      el(
        "ul.others",
        {},
        codes.map((code) => el("li", {}, codeChip(codebook, code))),
      ),
    )
  );
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
  const { kind } = caret.purpose;
  const adjusting = kind === "adjust";
  const splitting = kind === "split";
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
      el("p.kind", {}, adjusting ? "Adjusting the ends" : splitting ? "Splitting: the first part" : "Selected"),
      el("h2", { id: "card-title" }, counted(count, "word")),
    ),
    el(
      "p.acts",
      {},
      adjusting && button("Save ends", "↵", acts.saveEnds, { class: "main" }),
      splitting && button("Split here", "↵", acts.saveSplit, { class: "main" }),
      !adjusting &&
        !splitting && [
          button("Code it", "↵", acts.codeStretch, { class: "main" }),
          button("Make a code of it", "i", acts.inVivo),
          button("Correct the text", "w", acts.correct),
          button("Find alike", "f", acts.alike),
        ],
      button("Cancel", "Esc", acts.cancel),
    ),
    !adjusting &&
      !splitting &&
      chips.length > 0 &&
      el("section", {}, el("h3", {}, "Lately used"), el("ul.runners", {}, chips)),
    el("blockquote.stretch", { dir: "auto" }, words),
    el(
      "section.ends",
      {},
      (splitting ? ["end"] : ["start", "end"]).map((side) => ends(side, caret)),
    ),
    el("p.quiet", {}, HOW[kind]),
  ];
}

const BY_KEYS = "Shift with ← → moves the end by word, with ↑ ↓ by sentence; s changes the end that moves.";
const HOW = {
  mouse: BY_KEYS,
  keys: BY_KEYS,
  adjust:
    "← → move by word, ↑ ↓ by sentence; s changes the end that moves. With the mouse: pull the handles, or select the words anew.",
  split: "← → move the cut by word, ↑ ↓ by sentence; with the mouse, pull the handle. Both parts keep the code.",
};

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
