/** The reading view: the transcript, its codebook on one side, the passage looked at on the other. */

import { refresh } from "../shared/book_edits.js";
import { CodeTree, codeFacts, loadStudy } from "../shared/codebook.js";
import { announce, el, fill, flash } from "../shared/dom.js";
import { bindKeys, hold } from "../shared/keys.js";
import { writeMemo } from "../shared/memo.js";
import { outbox } from "../shared/outbox.js";
import { recent } from "../shared/picker.js";
import { readingActs } from "./acts.js";
import { passageCard, stretchCard } from "./card.js";
import { Caret } from "./caret.js";
import { showCorrections } from "./correct.js";
import { Handles } from "./handles.js";
import { showBanner, showSwitches, showTitle, summaryCard } from "./head.js";
import { readingKeys } from "./keys.js";
import { layLanes, piecesOf } from "./marks.js";
import { Paper } from "./paper.js";
import { codedToo, countsOf, neighbourOf, shown, waitingOn, waits } from "./passages.js";
import { watchSelection } from "./selection.js";
import { Reading } from "./state.js";
import { Steps } from "./steps.js";

const place = (id) => document.getElementById(id);

export class ReadingView {
  constructor(reading, study, codebook) {
    Object.assign(this, { reading, study, codebook, filter: null, chosen: null });
    this.kinds = new Set(["suggestion", "coding", "other"]);
    this.paper = new Paper(place("paper"), codebook, { choose: (id, how) => this.choose(id, how) });
    this.caret = new Caret(this.paper, () => {
      this.handles.show();
      this.showCard();
    });
    this.handles = new Handles(this.paper, this.caret);
    /** @type {Set<number>} Suggestions on the passage looked at that are left out when several are decided together. */
    this.left = new Set();
    this.tree = new CodeTree(place("codes"), codebook, {
      filter: (filter) => this.filterBy(filter),
      about: (code) => this.about(code),
    });
    this.acts = readingActs(this);
    reading.addEventListener("loaded", () => this.open());
    reading.addEventListener("change", () => this.show());
    reading.addEventListener("refused", ({ detail }) =>
      flash(`Not taken: ${detail.error.message}. You see how it stands now.`),
    );
    reading.addEventListener("undone", ({ detail }) => this.undone(detail));
    reading.addEventListener("marks", () => refresh(codebook));
    codebook.addEventListener("change", () => reading.transcript && this.show());
    reading.addEventListener("failed", ({ detail }) => this.failed(detail.error));
  }

  failed(error) {
    if (!this.reading.transcript)
      fill(place("title"), el("h1", {}, "This transcript cannot be shown"), el("p", {}, error.message));
  }

  open() {
    const { transcript } = this.reading;
    const pieces = piecesOf(transcript);
    document.title = `${transcript.name} · ${document.title.split(" · ").slice(1).join(" · ")}`;
    showTitle(place("title"), transcript);
    showCorrections(place("corrections"), transcript.version);
    this.lay();
    this.paper.passages = this.visible;
    this.paper.load(pieces);
    this.caret.load(new Steps(pieces, transcript.sentences));
    this.show();
    watchSelection(this.paper, this.caret);
    bindKeys(readingKeys(this));
    this.goToHash();
    addEventListener("hashchange", () => this.goToHash());
    place("main").addEventListener("pointerdown", () => document.body.classList.remove("with-codes"));
  }

  lay() {
    const domainOf = (code) => this.codebook.byId.get(code)?.domain;
    this.visible = shown(this.reading.passages, { filter: this.filter, kinds: this.kinds, domainOf });
    layLanes(this.visible);
  }

  /** Draw what changed. */
  show() {
    this.lay();
    this.paper.show(this.visible);
    this.chosen = this.chosen && this.found(this.chosen);
    this.paper.point(this.chosen?.id ?? null);
    this.tree.update(countsOf(this.reading.passages));
    showBanner(place("banner"), this.reading.transcript, this.acts.done);
    this.showSwitches();
    this.showCard();
  }

  showSwitches() {
    const filterName = this.filter?.domain ?? (this.filter ? this.codebook.name(this.filter.code) : "");
    showSwitches(place("shown"), this.reading, {
      kinds: this.kinds,
      filter: this.filter,
      filterName,
      toggle: (kind) => {
        if (!this.kinds.delete(kind)) this.kinds.add(kind);
        this.show();
      },
      clear: () => this.tree.choose(null),
      codes: () => this.drawer(true),
    });
  }

  /** Where there is no room for it the codebook lies in a drawer. @param {boolean} opened */
  drawer(opened) {
    document.body.classList.toggle("with-codes", opened);
    (opened ? this.tree.search : place("shown").querySelector(".drawer")).focus();
  }

  /** The passage as it is now: its id may have changed when the server gave it one. */
  found(old) {
    const same = (one) =>
      one.start === old.start && one.end === old.end && one.code === old.code && one.kind === old.kind;
    return this.reading.passages.find((one) => one.id === old.id) ?? this.reading.passages.find(same) ?? null;
  }

  /** Look at a passage. @param {string|null} id @param {{card?: boolean, reveal?: boolean}} [how] */
  choose(id, { card = false, reveal = false } = {}) {
    if (this.caret.purpose) this.caret.clear();
    this.chosen = id === null ? null : (this.reading.passages.find((one) => one.id === id) ?? null);
    this.left.clear();
    this.paper.point(this.chosen?.id ?? null);
    this.showCard();
    if (reveal && this.chosen) this.paper.reveal(this.chosen, true);
    if (card) place("card").querySelector(".decide button, summary")?.focus({ preventScroll: true });
  }

  /** Go to the next passage. @param {1|-1} direction @param {function(Object): boolean} [fits] */
  go(direction, fits = () => true) {
    const from = this.chosen ?? { start: (this.paper.topPiece()?.start ?? 0) - 1, end: 0, id: "" };
    const at = this.visible.findIndex((one) => one.id === from.id);
    const behind =
      at >= 0
        ? (one) => (this.visible.indexOf(one) - at) * direction > 0
        : (one) => (one.start - from.start) * direction > 0;
    const fitting = this.visible.filter((one) => behind(one) && fits(one));
    const to = direction > 0 ? fitting[0] : fitting.at(-1);
    if (to) return this.choose(to.id, { reveal: true });
    return announce(direction > 0 ? "No further passage" : "No earlier passage");
  }

  goToUndecided() {
    if (!this.visible.some(waits)) return announce("Everything shown is decided");
    const before = this.chosen;
    this.go(1, waits);
    if (this.chosen !== before) return undefined;
    this.chosen = null;
    return this.choose(this.visible.find(waits).id, { reveal: true });
  }

  /**
   * `#suggestion-12` looks at a suggestion, `#suggestion-12-adjust` moves its ends, `-split` begins to split it; `#at-120`
   * goes to a place in the text.
   */
  goToHash() {
    const [kind, number, then] = location.hash.slice(1).split("-");
    if (kind === "at")
      return this.paper.sheet(this.paper.spots.pieceAt(Number(number))).element.scrollIntoView({ block: "center" });
    if (kind !== "suggestion" || !this.reading.passages.some((one) => one.id === `s${number}`)) return undefined;
    this.choose(`s${number}`, { reveal: true });
    return then === "adjust" || then === "split" ? this.acts[then]() : undefined;
  }

  filterBy(filter) {
    this.filter = filter;
    document.body.classList.remove("with-codes");
    this.show();
  }

  words([start, end]) {
    return this.paper.spots.text(start, end);
  }

  showCard() {
    const card = place("card");
    const focused = card.contains(document.activeElement) ? document.activeElement : null;
    const label = focused && (focused.dataset.step ?? focused.textContent);
    card.classList.toggle("open", Boolean(this.caret.purpose || this.chosen));
    fill(
      card,
      this.cardNow(),
      el("button.icon.close", { type: "button", "aria-label": "Close", on: { click: () => this.leave() } }, "×"),
    );
    if (focused)
      [...card.querySelectorAll("button, summary")]
        .find((one) => (one.dataset.step ?? one.textContent) === label)
        ?.focus({ preventScroll: true });
  }

  cardNow() {
    if (this.caret.purpose)
      return stretchCard(this.caret, this.words(this.caret.stretch), this.quick(), this.codebook, this.acts);
    if (this.chosen) return passageCard(this.chosen, this.around(), this.codebook, this.acts);
    return summaryCard(this.reading, this.acts);
  }

  /** What is on the words of the passage looked at, and beside it. */
  around() {
    const { chosen } = this;
    const { passages, transcript } = this.reading;
    return {
      words: this.words([chosen.start, chosen.end]),
      waiting: waitingOn(passages, chosen),
      left: this.left,
      coded: codedToo(passages, chosen),
      before: neighbourOf(passages, chosen, "before", transcript.turns),
      after: neighbourOf(passages, chosen, "after", transcript.turns),
      isSeed: this.reading.isSeed(chosen),
    };
  }

  /** Codes to offer for a stretch. @returns {string[]} */
  quick() {
    return recent(this.codebook).slice(0, 5);
  }

  /** Give up what was begun; back to the text. */
  leave() {
    if (document.body.classList.contains("with-codes")) return this.drawer(false);
    if (this.caret.purpose) return this.caret.clear();
    const label = this.chosen && place("paper").querySelector(`button[data-passage="${CSS.escape(this.chosen.id)}"]`);
    if (label && place("card").contains(document.activeElement)) return label.focus({ preventScroll: true });
    return this.choose(null);
  }

  async about(code) {
    const dialog = el(
      "dialog.sheet",
      { "aria-label": code.name },
      el(
        "header",
        {},
        el("h2", {}, code.name),
        el("form", { method: "dialog" }, el("button.icon", { "aria-label": "Close" }, "×")),
      ),
      codeFacts(code),
    );
    const memo = this.reading.memo(code.id);
    const write = async () => {
      dialog.close();
      const text = await writeMemo({ title: `Memo on ${code.name}`, about: `code/${code.id}`, text: memo });
      if (text !== null) outbox.mark({ kind: "memo", code: code.id, text }, "memo on a code");
    };
    dialog.append(
      memo && el("p.words", { dir: "auto" }, memo),
      el(
        "p.acts",
        {},
        el("button", { type: "button", on: { click: write } }, memo ? "Change memo" : "Memo on this code"),
      ),
    );
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }

  undone({ answer, path }) {
    const named = answer.undone?.action ?? answer.decision?.action;
    const code = answer.undone?.code ? ` · ${this.codebook.name(answer.undone.code)}` : "";
    const undoing = path === "/undo";
    if (!answer.decision) return flash(`Nothing to ${undoing ? "undo" : "redo"} in this transcript`);
    const said = `${undoing ? "Took back" : "Did again"}: ${named}${code} in ${answer.transcript}`;
    return flash(
      said,
      undoing ? { label: "Redo", run: () => this.acts.redo() } : { label: "Undo", run: () => this.acts.undo() },
    );
  }
}

async function start() {
  const { version, coder } = document.body.dataset;
  const { study, codebook } = await loadStudy();
  const reading = new Reading(Number(version), coder);
  const view = new ReadingView(reading, study, codebook);
  await reading.start();
  return view;
}

hold(start());
