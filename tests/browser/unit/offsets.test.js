// @ts-check
import assert from "node:assert/strict";
import test from "node:test";
import { Offsets, trimmed, whole, wordsOf } from "../../../flows/web/static/shared/offsets.js";

const TEXTS = [
  "",
  "plain",
  "🙂",
  "a🙂b👩‍⚕️c",
  "e\u0301te\u0301 🏳️‍🌈 \u{10330}\u{10331}",
  "אבג\u202e🙂\u202cdef",
  "🙂".repeat(40),
];

test("code points and units are converted as the text has them", () => {
  for (const text of TEXTS) {
    const offsets = new Offsets(text);
    const points = [...text];
    assert.equal(offsets.length, points.length);
    for (let at = 0; at <= points.length; at += 1) {
      assert.equal(offsets.units(at), points.slice(0, at).join("").length);
      assert.equal(offsets.points(offsets.units(at)), at);
      assert.equal(offsets.slice(0, at), points.slice(0, at).join(""));
    }
  }
});

test("a unit inside a pair counts as before it", () => {
  assert.equal(new Offsets("a🙂b").points(2), 1);
});

test("a stretch is widened to whole characters and rid of white space", () => {
  assert.deepEqual(whole("x👩‍⚕️y", 2, 3), [1, 6]);
  assert.deepEqual(whole("cafe\u0301", 0, 4), [0, 5]);
  assert.deepEqual(trimmed("  some words ", 0, 13), [2, 12]);
  assert.deepEqual(trimmed(" \n ", 0, 3), [3, 3]);
});

test("words are counted in code points and without punctuation", () => {
  const offsets = new Offsets("🙂 So, it went.");
  assert.deepEqual(
    wordsOf(offsets).map(([start, end]) => offsets.slice(start, end)),
    ["So", "it", "went"],
  );
});
