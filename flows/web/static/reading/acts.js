/** What can be done in the reading view, by button or key. */

import { flash } from "../shared/dom.js";
import { outbox } from "../shared/outbox.js";
import { pickCode, remember, writeMemo } from "../shared/picker.js";

const SAID = { accept: "Accepted", reject: "Rejected", unsure: "Marked unsure", code: "Coded", memo: "Memo kept" };

/** @param {import("./reading.js").ReadingView} view @returns {Object<string, function(...*): *>} */
export function readingActs(view) {
  const { reading, codebook, caret } = view;
  const undo = { label: "Undo", run: () => outbox.undo() };

  function decide(draft, code) {
    const name = codebook.name(code);
    const entry = reading.decide(draft, `${draft.action} · ${name}`);
    flash(`${SAID[draft.action]}: ${name}`, undo);
    return entry;
  }

  /** Decide on the passage looked at. */
  function answer(action, more = {}, one = view.chosen) {
    if (!one || one.kind === "other") return;
    const subject = one.answers === null ? {} : { suggestion: one.answers };
    decide({ action, ...subject, previous: one.standing, ...more }, more.code ?? one.code);
  }

  function onSuggestion(action) {
    if (view.chosen?.suggestion) answer(action);
  }

  function instead(code) {
    const { start, end } = view.chosen;
    if (code !== view.chosen.code || view.chosen.kind === "suggestion") answer("code", { start, end, code });
  }

  function codeAs(code) {
    const [start, end] = caret.stretch;
    remember(codebook, code);
    const entry = decide({ action: "code", start, end, code, previous: null }, code);
    caret.clear();
    getSelection().removeAllRanges();
    view.choose(`d${entry.key}`, { reveal: false });
  }

  return {
    accept: () => onSuggestion("accept"),
    reject: () => onSuggestion("reject"),
    unsure: () => onSuggestion("unsure"),
    instead,
    remove: () => {
      if (view.chosen?.kind === "coding") answer("reject");
    },
    undo() {
      outbox.undo();
      if (outbox.trouble) flash("The server is away: undo is kept, and done when it is back.");
    },
    redo: () => outbox.redo(),
    codeAs,
    cancel: () => view.leave(),

    async other() {
      if (!view.chosen || view.chosen.kind === "other") return;
      const first = (view.chosen.suggestion?.alternatives ?? []).map((one) => one.code);
      const code = await pickCode(codebook, { title: "Which code instead?", first });
      if (code) instead(code);
    },

    async add() {
      if (!view.chosen) return;
      const { start, end } = view.chosen;
      const code = await pickCode(codebook, { title: "Add a code to this passage" });
      if (code) decide({ action: "code", start, end, code, previous: null }, code);
    },

    async memo() {
      return view.chosen && view.chosen.kind !== "other" ? passageMemo() : transcriptMemo();
    },

    adjust() {
      const one = view.chosen;
      if (!one || one.kind === "other") return;
      view.caret.begin([one.start, one.end], { kind: "adjust", passage: one.id });
      view.paper.place.focus({ preventScroll: true });
    },

    saveEnds() {
      const [start, end] = caret.stretch;
      const one = view.chosen;
      caret.clear();
      if (start !== one.start || end !== one.end) answer("code", { start, end, code: one.code });
    },

    async codeStretch() {
      const code = await pickCode(codebook, { title: "Code the selected words" });
      if (code && caret.stretch) codeAs(code);
    },

    selectByKeys() {
      const from = view.chosen?.start ?? view.paper.topPiece()?.start ?? 0;
      const stretch = caret.steps.from("sentence", from);
      if (!stretch) return;
      caret.begin(stretch, { kind: "keys" });
      view.paper.place.focus({ preventScroll: true });
    },

    done: () => outbox.mark({ kind: "done", version: reading.version }, "done"),
    reopen: () => outbox.mark({ kind: "reopened", version: reading.version }, "taken up again"),
    next: () => view.goToUndecided(),
  };

  async function passageMemo() {
    const one = view.chosen;
    const memo = await writeMemo({ title: `Memo on this passage · ${codebook.name(one.code)}`, text: one.memo });
    if (memo !== null) answer("memo", { memo }, view.found(one) ?? one);
  }

  async function transcriptMemo() {
    const text = await writeMemo({ title: "Memo on this transcript", text: reading.memo() });
    if (text !== null) outbox.mark({ kind: "memo", version: reading.version, text }, "memo on the transcript");
  }
}
