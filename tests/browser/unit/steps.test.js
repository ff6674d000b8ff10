import assert from "node:assert/strict";
import test from "node:test";
import { piecesOf, runsOf } from "../../../flows/web/static/reading/marks.js";
import { Spots } from "../../../flows/web/static/reading/spots.js";
import { middleOf, moveEnd, Steps } from "../../../flows/web/static/reading/steps.js";

const TEXTS = ["Well 🙂, we met. Then she left.", "And you?"];
const turns = TEXTS.map((text, n) => {
  const start = n * 100;
  return { start, end: start + [...text].length, text, speaker: "P", role: "participant" };
});
const pieces = piecesOf({ turns, sentences: [] });
const spots = new Spots(pieces, () => null);
const steps = new Steps(pieces, []);
const words = ([start, end]) => spots.text(start, end);

test("a place lies in the piece that holds it, or in the next", () => {
  assert.equal(spots.pieceAt(0), pieces[0]);
  assert.equal(spots.pieceAt(60), pieces[1]);
  assert.equal(spots.pieceAt(10_000), pieces[1]);
});

test("words over two turns stand on two lines", () => {
  assert.equal(spots.text(21, 103), "she left.\nAnd".slice(-13));
});

test("steps go by word and by sentence, over the end of a turn, in code points", () => {
  assert.equal(words(steps.from("sentence", 0)), "Well 🙂, we met.");
  assert.equal(words(steps.next("sentence", 1)), "Then she left.");
  assert.equal(words(steps.next("word", 1)), "we");
  assert.equal(words(steps.next("word", turns[0].end)), "And");
  assert.equal(words(steps.previous("word", 100)), "left");
  assert.equal(words(steps.before("sentence", 100)), "Then she left.");
  assert.equal(steps.next("word", 1000), undefined);
});

test("an end never passes the other", () => {
  let stretch = steps.from("word", 0);
  for (let n = 0; n < 5; n += 1) stretch = moveEnd(steps, stretch, "end", "word", -1);
  assert.equal(words(stretch), "Well");
  for (let n = 0; n < 50; n += 1) stretch = moveEnd(steps, stretch, "end", "sentence", 1);
  assert.equal(stretch[1], turns[1].end);
  for (let n = 0; n < 50; n += 1) stretch = moveEnd(steps, stretch, "start", "word", 1);
  assert.equal(words(stretch).split(" ").length, 1);
});

test("inwards a step leaves a whole word, its bracket and its full stop, too", () => {
  const text = "[laughs] No, we met.";
  const noted = new Steps(piecesOf({ turns: [{ start: 0, end: text.length, text, speaker: "P" }], sentences: [] }), []);
  const moved = (side, direction) => moveEnd(noted, [0, text.length], side, "word", direction);
  assert.equal(text.slice(...moved("start", 1)), "No, we met.");
  assert.equal(text.slice(...moved("end", -1)), "[laughs] No, we");
});

test("runs are the whole text, cut where passages begin and end", () => {
  const over = [
    { id: "s1", start: 5, end: 12 },
    { id: "s2", start: 8, end: 200 },
  ];
  const runs = runsOf(pieces[0], over);
  assert.equal(runs.map(({ text }) => text).join(""), TEXTS[0]);
  assert.deepEqual(
    runs.map(({ over: inside }) => inside.map(({ id }) => id).join("+")),
    ["", "s1", "s1+s2", "s2"],
  );
});

test("a passage is split behind a sentence, or behind a word, never before nothing", () => {
  const [first, second] = [{ start: 0, end: turns[0].end }, turns[1]];
  assert.equal(words([0, middleOf(steps, first)]), "Well 🙂, we met.");
  assert.equal(words([second.start, middleOf(steps, second)]), "And");
  assert.equal(words([0, middleOf(steps, { start: 0, end: second.end })]), TEXTS[0]);
  assert.equal(middleOf(steps, { start: 0, end: 4 }), undefined);
});
