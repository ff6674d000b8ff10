/** What can be done in the reading view, by button or key. */

import { post } from "../shared/api.js";
import { codeCalled, IN_VIVO, makeCode } from "../shared/book_edits.js";
import { endBlind } from "../shared/dialog.js";
import { announce, counted, flash } from "../shared/dom.js";
import { hold } from "../shared/keys.js";
import { writeMemo } from "../shared/memo.js";
import { newKey, outbox } from "../shared/outbox.js";
import { pickCode, remember } from "../shared/picker.js";
import { DONE } from "../shared/suggestion.js";
import { correctWords } from "./correct.js";
import { isToLookAt } from "./passages.js";
import { middleOf } from "./steps.js";

const LONGEST_NAME = 200;

/** @param {import("./reading.js").ReadingView} view @returns {Object<string, function(...*): *>} */
export function readingActs(view) {
  const { reading, codebook, caret } = view;
  const here = { version: reading.version };
  const undo = { label: "Undo", run: () => outbox.undo(null, here) };

  function decide(draft, code) {
    const name = codebook.name(code);
    const entry = reading.decide(draft, `${draft.action} · ${name}`);
    flash(`${DONE[draft.action]}: ${name}`, undo);
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

  function instead(code, one = view.chosen) {
    const { start, end } = one;
    if (code !== one.code || one.kind === "suggestion") answer("code", { start, end, code }, one);
  }

  /** The passage that a dialog was opened for, as it stands now. */
  const again = (one) => view.found(one) ?? one;

  function codeAs(code, [start, end] = caret.stretch) {
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
    /** Confirm a coding that moved with a corrected text. */
    looked() {
      const passage = view.chosen;
      if (!passage || !isToLookAt(passage)) return;
      const { start, end, code } = passage;
      settled(outbox.mark({ kind: "looked", version: reading.version, start, end, code }, "looked at"));
      flash(`Looked at: ${codebook.name(code)}`);
    },

    undo() {
      settled(outbox.undo(null, here));
      if (outbox.trouble) flash("The server is away: undo is kept, and done when it is back.");
    },
    redo: () => settled(outbox.redo(here)),
    codeAs,
    cancel: () => view.leave(),

    async other() {
      const one = view.chosen;
      if (!one || one.kind === "other") return;
      const first = (one.suggestion?.alternatives ?? []).map(({ code }) => code);
      const code = await pickCode(codebook, { title: "Which code instead?", first });
      if (code) instead(code, again(one));
    },

    async add() {
      const one = view.chosen;
      if (!one) return;
      const first = (one.suggestion?.alternatives ?? []).map(({ code }) => code);
      const code = await pickCode(codebook, { title: "Add a code to this passage", first });
      if (code) addTo(again(one), code);
    },
    /** Give the passage a code beside the one it has. @param {string} code */
    too(code) {
      if (view.chosen) addTo(view.chosen, code);
    },

    /** Leave a suggestion out when those on the passage are decided together, or take it in again. @param {number} id */
    leave(id) {
      if (!view.left.delete(id)) view.left.add(id);
      view.showCard();
    },
    acceptAll: () => together("accept"),
    rejectAll: () => together("reject"),

    async memo() {
      return view.chosen && view.chosen.kind !== "other" ? passageMemo() : transcriptMemo();
    },

    adjust() {
      const one = view.chosen;
      if (!one || one.kind === "other") return;
      view.caret.begin([one.start, one.end], { kind: "adjust", passage: one });
      view.paper.place.focus({ preventScroll: true });
    },

    saveEnds() {
      const [start, end] = caret.stretch;
      const one = again(caret.purpose.passage);
      caret.clear();
      if (start !== one.start || end !== one.end) answer("code", { start, end, code: one.code }, one);
    },

    split() {
      const one = view.chosen;
      if (!one || one.kind === "other") return undefined;
      const at = middleOf(caret.steps, one);
      if (at === undefined) return announce("A single word cannot be split");
      caret.begin([one.start, at], { kind: "split", passage: one });
      return view.paper.place.focus({ preventScroll: true });
    },

    saveSplit() {
      const at = caret.stretch[1];
      const one = again(caret.purpose.passage);
      caret.clear();
      onPassage("split", { ...named(one), at }, `Split: ${codebook.name(one.code)}`);
    },

    /** @param {"before"|"after"} direction */
    merge(direction) {
      const one = view.chosen;
      if (!one || one.kind === "other") return undefined;
      if (!view.around()[direction]) return announce(`No passage with the same code lies near ${direction} this one`);
      return onPassage("merge", { ...named(one), direction }, `Merged: ${codebook.name(one.code)}`);
    },

    async codeStretch() {
      const stretch = caret.stretch;
      const code = await pickCode(codebook, { title: "Code the selected words" });
      if (code) codeAs(code, stretch);
    },

    /** Make a code of the selected words, and give it to them. */
    inVivo: () => hold(inVivo()),

    /** Take the coded passage as an example quotation that suggestions are made from, or out again. */
    seed: () => hold(seed()),

    /** Look for passages like the selected words, or like the passage looked at. */
    alike() {
      const [start, end] = caret.purpose ? caret.stretch : [view.chosen.start, view.chosen.end];
      location.assign(`/search#like=${reading.version}-${start}-${end}`);
    },

    selectByKeys() {
      const from = view.chosen?.start ?? view.paper.topPiece()?.start ?? 0;
      const stretch = caret.steps.from("sentence", from);
      if (!stretch) return;
      caret.begin(stretch, { kind: "keys" });
      view.paper.place.focus({ preventScroll: true });
    },

    /** Correct the selected words, or those of the passage looked at. */
    async correct() {
      const { chosen } = view;
      const stretch = caret.purpose ? caret.stretch : chosen && [chosen.start, chosen.end];
      if (!stretch) return announce("Select the words to correct with the mouse, or press t");
      if (reading.transcript.newer) return flash("This is an earlier text; correct the newer one.");
      return correctWords(reading.version, stretch, view.words(stretch));
    },

    async done() {
      const { name, hidden } = reading.transcript;
      if (!hidden || (await endBlind(name))) settled(outbox.mark({ kind: "done", version: reading.version }, "done"));
    },

    reopen: () => settled(outbox.mark({ kind: "reopened", version: reading.version }, "taken up again")),
    next: () => view.goToUndecided(),
  };

  function addTo({ start, end, kind, code: has }, code) {
    const there = (one) => one.kind === "coding" && one.start === start && one.end === end && one.code === code;
    if ((kind === "coding" && has === code) || view.reading.passages.some(there))
      return flash(`This passage bears ${codebook.name(code)} already`);
    return decide({ action: "code", start, end, code, previous: null }, code);
  }

  /** Answer all suggestions on the passage looked at that are not left out. @param {"accept"|"reject"} action */
  function together(action) {
    const meant = view.chosen ? view.around().waiting.filter((one) => !view.left.has(one.answers)) : [];
    if (!meant.length) return announce("No suggestion waits on this passage");
    if (meant.length === 1 && meant[0].id === view.chosen.id) return answer(action);
    const body = { version: reading.version, action, suggestions: meant.map((one) => one.answers) };
    return onPassage("together", body, `${DONE[action]}: ${counted(meant.length, "suggestion")} on this passage`);
  }

  function onPassage(act, body, says) {
    settled(outbox.act(act, body, says));
    flash(says, undo);
  }

  /** How the server knows a passage. */
  function named({ answers, standing }) {
    const subject = answers === null ? {} : { suggestion: answers };
    return { version: reading.version, ...subject, previous: standing };
  }

  /** What holds after this only the server can tell: keys wait until it has, unless it is away. */
  function settled(entry) {
    hold(Promise.race([outbox.answerTo(entry).then(() => reading.loading), outbox.untilStuck()]));
  }

  async function inVivo() {
    const stretch = caret.stretch;
    const name = view.words(stretch).split(/\s+/).filter(Boolean).join(" ");
    if (name.length > LONGEST_NAME) return flash("Select fewer words: a code's name is short.");
    const there = codeCalled(codebook, name);
    try {
      const code = there?.id ?? (await makeCode(codebook, { name, domain: IN_VIVO, in_vivo: true }));
      return codeAs(code, stretch);
    } catch (error) {
      return flash(`Not made: ${error.message}.`);
    }
  }

  async function seed() {
    const { start, end, code, kind } = view.chosen ?? {};
    if (kind !== "coding") return announce("Choose a passage that you coded");
    const wanted = !reading.isSeed(view.chosen);
    try {
      await outbox.untilSaved();
      const { seeds } = await post(`/seeds/${reading.version}`, { key: newKey(), start, end, code, wanted });
      reading.takeSeeds(seeds);
      return flash(wanted ? `An example quotation now: ${codebook.name(code)}` : "No example quotation any more");
    } catch (error) {
      return flash(`Not taken: ${error.message}.`);
    }
  }

  async function passageMemo() {
    const one = view.chosen;
    const place = `passage/${reading.version}/${one.start}-${one.end}/${one.code}`;
    const about = one.answers === null ? place : `suggestion/${one.answers}`;
    const title = `Memo on this passage · ${codebook.name(one.code)}`;
    const memo = await writeMemo({ title, about, text: one.memo });
    if (memo !== null) answer("memo", { memo }, again(one));
  }

  async function transcriptMemo() {
    const about = `transcript/${reading.version}`;
    const text = await writeMemo({ title: "Memo on this transcript", about, text: reading.memo() });
    if (text !== null) outbox.mark({ kind: "memo", version: reading.version, text }, "memo on the transcript");
  }
}
