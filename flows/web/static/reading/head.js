/** Above and beside the text: title, banners, what is shown, and how far the coder is. */

import { counted, el, fill } from "../shared/dom.js";
import { memoNote } from "../shared/suggestion.js";
import { isToLookAt, open } from "./passages.js";

/** @param {HTMLElement} place @param {Object} transcript */
export function showTitle(place, transcript) {
  const speakers = new Set(transcript.turns.map(({ speaker }) => speaker).filter(Boolean)).size;
  fill(
    place,
    el("h1", {}, el("bdi", {}, transcript.name)),
    el(
      "p.quiet",
      {},
      `${counted(transcript.turns.length, "turn")}${speakers ? ` · ${counted(speakers, "speaker")}` : ""}`,
    ),
    transcript.warnings.length > 0 &&
      el(
        "details.warnings",
        {},
        el(
          "summary",
          {},
          counted(transcript.warnings.length, "note from reading the file", "notes from reading the file"),
        ),
        el(
          "ul",
          {},
          transcript.warnings.map((line) => el("li", {}, line)),
        ),
      ),
  );
}

/** @param {HTMLElement} place @param {Object} transcript @param {function(): void} done */
export function showBanner(place, transcript, done) {
  place.hidden = !transcript.hidden && !transcript.newer;
  if (place.hidden) return;
  fill(place, transcript.newer && earlier(transcript.newer), ...(transcript.hidden ? hiding(transcript, done) : []));
}

function earlier(newer) {
  return el(
    "p",
    { role: "status" },
    el("strong", {}, "This is an earlier text of the transcript."),
    " What you decide here stays with it and does not count in the study. ",
    el("a", { href: `/read/${newer}` }, "Read the newer text"),
  );
}

function hiding({ blind }, done) {
  const says = blind
    ? [
        el("strong", {}, "You are coding this transcript blind."),
        " No suggestions and nobody else’s codings are shown until you say that you are done.",
      ]
    : [
        el("strong", {}, "You have opened this transcript again."),
        " Suggestions and everybody else’s codings are hidden, but you could see them before: what you code now does not count as blind.",
      ];
  return [el("p", {}, says), el("button.main", { type: "button", on: { click: done } }, "I am done")];
}

const KINDS = [
  ["suggestion", "Suggested"],
  ["coding", "Coded"],
  ["other", "Other coders"],
  ["reject", "Rejected"],
];

function numbers(passages) {
  const count = (fits) => passages.filter(fits).length;
  return {
    suggestion: count((one) => one.kind === "suggestion" && one.state !== "reject"),
    coding: count((one) => one.kind === "coding"),
    other: count((one) => one.kind === "other"),
    reject: count((one) => one.state === "reject"),
  };
}

/**
 * The switches of what is shown.
 *
 * @param {HTMLElement} place
 * @param {import("./state.js").Reading} reading
 * @param {{kinds: Set<string>, filter: Object|null, filterName: string, toggle: function(string): void, clear: function(): void, codes: function(): void}} view
 */
export function showSwitches(place, reading, view) {
  const count = numbers(reading.passages);
  const kinds = KINDS.filter(
    ([kind]) => kind === "coding" || (!reading.transcript.hidden && (count[kind] || kind === "suggestion")),
  );
  const focused = place.contains(document.activeElement) ? document.activeElement.dataset.kind : null;
  const kindSwitch = ([kind, name]) =>
    el(
      `button.switch.${kind}`,
      {
        type: "button",
        "aria-pressed": String(view.kinds.has(kind)),
        data: { kind },
        on: { click: () => view.toggle(kind) },
      },
      el("i.sign", { "aria-hidden": "true" }),
      name,
      " ",
      el("b", {}, String(count[kind])),
    );
  fill(
    place,
    el(
      "button.drawer",
      { type: "button", "aria-controls": "codes", on: { click: view.codes }, data: { kind: "codes" } },
      "Codebook",
    ),
    kinds.map(kindSwitch),
    view.filter &&
      el("button.filtered", { type: "button", on: { click: view.clear } }, "Only ", el("b", {}, view.filterName), " ×"),
  );
  if (focused) place.querySelector(`[data-kind="${focused}"]`)?.focus();
}

/**
 * What the panel says while no passage is chosen.
 *
 * @param {import("./state.js").Reading} reading
 * @param {{memo: function(): void, done: function(): void, reopen: function(): void, next: function(): void}} acts
 */
export function summaryCard(reading, acts) {
  const { transcript, passages } = reading;
  const suggested = passages.filter((one) => one.suggestion);
  const left = passages.filter(open).length;
  const toLookAt = passages.filter(isToLookAt).length;
  const unsure = passages.filter((one) => one.state === "unsure").length;
  const memo = reading.memo();
  const others = transcript.memos.filter((one) => one.coder !== reading.coder && one.text);
  return [
    el(
      "header",
      {},
      el("p.kind", {}, "This transcript"),
      el("h2", { id: "card-title" }, left ? `${left} to decide` : suggested.length ? "All decided" : "Your codings"),
    ),
    suggested.length > 0 && progress(suggested.length - left, suggested.length, unsure),
    toLookAt > 0 &&
      el(
        "p.notice",
        {},
        `${counted(toLookAt, "coding")} moved with a corrected text to words that changed: please look.`,
      ),
    el(
      "p.acts",
      {},
      left + toLookAt > 0 &&
        el(
          "button.main",
          { type: "button", on: { click: acts.next } },
          left ? "Next to decide" : "Next to look at",
          el("kbd", { "aria-hidden": "true" }, "n"),
        ),
      el(
        "button",
        { type: "button", on: { click: acts.memo } },
        memo ? "Change memo" : "Memo on the transcript",
        el("kbd", { "aria-hidden": "true" }, "m"),
      ),
    ),
    memoNote(memo),
    others.map((event) => memoNote(event.text, event.coder)),
    el(
      "section.hints",
      {},
      el("h3", {}, "To code by hand"),
      el(
        "p.quiet",
        {},
        "Select words with the mouse, or press ",
        el("kbd", {}, "t"),
        " and move by word and sentence. ",
        el("kbd", {}, "?"),
        " shows all keys.",
      ),
      el("h3", {}, "To correct a typing error"),
      el("p.quiet", {}, "Select the words and press ", el("kbd", {}, "w"), "."),
    ),
    !transcript.hidden && doneActs(transcript, acts),
  ];
}

function progress(done, all, unsure) {
  const bar = el("i.fill");
  bar.style.setProperty("--part", String(done / all));
  return el(
    "p.progress",
    {},
    el("i.track", { "aria-hidden": "true" }, bar),
    el("span.quiet", {}, `${done} of ${all} suggestions decided${unsure ? `, ${unsure} unsure` : ""}`),
  );
}

function doneActs(transcript, acts) {
  if (transcript.done)
    return el(
      "p.acts.done",
      {},
      el("span", {}, "✓ You are done with this transcript."),
      el("button.link", { type: "button", on: { click: acts.reopen } }, "Take it up again"),
    );
  return el(
    "p.acts.done",
    {},
    el("button", { type: "button", on: { click: acts.done } }, "I am done with this transcript"),
  );
}
