/** The current text of a transcript, in which words are selected with the mouse or by keys. */

import { Caret } from "../reading/caret.js";
import { piecesOf } from "../reading/marks.js";
import { watchSelection } from "../reading/selection.js";
import { Spots } from "../reading/spots.js";
import { Steps } from "../reading/steps.js";
import { el, fill } from "../shared/dom.js";
import { who } from "../shared/passage.js";

export class TextPane {
  /**
   * @param {HTMLElement} place Scrolls by itself.
   * @param {Object} transcript As GET /api/transcripts/{version} gives it.
   * @param {function(): void} changed Called whenever other words are selected.
   */
  constructor(place, transcript, changed) {
    const pieces = piecesOf(transcript);
    const words = new Map(pieces.map((piece) => [piece, wordsOf(piece)]));
    this.place = place;
    this.spots = new Spots(pieces, (piece) => words.get(piece));
    this.caret = new Caret(this, () => {
      if (this.caret.purpose?.kind === "keys") this.#follow();
      changed();
    });
    this.caret.load(new Steps(pieces, transcript.sentences));
    this.gone = new AbortController();
    fill(
      place,
      pieces.map((piece) => el("div.said", { class: roleOf(piece) }, piece.first && who(piece.turn), words.get(piece))),
    );
    watchSelection(this, this.caret, this.gone.signal);
  }

  /** @returns {[number, number]|null} What is selected, in code points. */
  get stretch() {
    return this.caret.stretch;
  }

  /** Show a place, about a third from the top. @param {number} at */
  show(at) {
    const words = this.spots.wordsOf(this.spots.pieceAt(at));
    this.place.scrollTop = words.offsetTop - this.place.clientHeight / 3;
  }

  /** Select the sentence at a place, to go on by keys. @param {number} at */
  begin(at) {
    const sentence = this.caret.steps.from("sentence", at) ?? this.caret.steps.before("sentence", at);
    if (sentence) this.caret.begin(sentence, { kind: "keys" });
    this.place.focus({ preventScroll: true });
  }

  /** Let go of the words and of the page. */
  close() {
    this.caret.clear();
    this.gone.abort();
  }

  #follow() {
    const box = this.spots.range(...this.stretch).getBoundingClientRect();
    const around = this.place.getBoundingClientRect();
    if (box.top < around.top || box.bottom > around.bottom)
      this.place.scrollTop += box.top - around.top - this.place.clientHeight / 3;
  }
}

const roleOf = ({ turn }) => (turn.role === "interviewer" ? "said asks" : "said");

function wordsOf(piece) {
  const words = el("p.words", { dir: "auto" }, piece.offsets.text);
  words.sheet = { piece };
  return words;
}
