/** What the panel beside the text shows: a passage with its reasons and what can be done with it, or a selection. */

import { codeChip, codeFacts } from "../shared/codebook.js";
import { counted, el } from "../shared/dom.js";
import { codeHead, kindOf, memoNote, reasons } from "../shared/suggestion.js";
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
 * @param {import("./passages.js").Passage} passage
 * @param {import("../shared/codebook.js").Codebook} codebook
 * @param {string} words Of the passage.
 * @param {Acts} acts
 * @param {boolean} isSeed Whether it is an example quotation.
 */
export function passageCard(passage, codebook, words, acts, isSeed) {
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
    passage.kind === "other" ? null : actsFor(passage, acts, isSeed),
    memoNote(passage.memo),
    suggestion && reasons(suggestion, codebook, toDecide ? instead : null),
    el("details", {}, el("summary", {}, "The passage"), el("blockquote", { dir: "auto" }, words)),
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

function actsFor(one, acts, isSeed) {
  const common = [
    button("Other code", "c", acts.other),
    button("Adjust ends", "e", acts.adjust),
    button("Memo", "m", acts.memo),
    button("Add a code", "+", acts.add),
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
        : [
            button("Code it", "↵", acts.codeStretch, { class: "main" }),
            button("Make a code of it", "i", acts.inVivo),
            button("Correct the text", "w", acts.correct),
            button("Find alike", "f", acts.alike),
          ],
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
