import assert from "node:assert/strict";
import test from "node:test";
import "./page.js";

const { difference } = await import("../../../flows/web/static/reading/correct.js");

test("what was changed is told from what stayed, word by word", () => {
  assert.deepEqual(difference("she rang teh nurse", "she rang the nurse"), ["she rang", " teh", " the", " nurse"]);
  assert.deepEqual(difference("teh", "the"), ["", "teh", "the", ""]);
  assert.deepEqual(difference("the the nurse", "the nurse"), ["the", " the", "", " nurse"]);
  assert.deepEqual(difference("a  b\nc", "a b\nc"), ["a", "  b", " b", "\nc"]);
  assert.deepEqual(difference("same", "same"), ["same", "", "", ""]);
  assert.deepEqual(difference("gone", ""), ["", "gone", "", ""]);
});

test("put together, both texts are there again, whatever was changed", () => {
  const texts = ["", " ", "teh", "teh nurse ", " teh  nurse", "the nurse\nrang", "José", "<b>x</b> & y"];
  for (const words of texts)
    for (const right of texts) {
      const [before, went, came, behind] = difference(words, right);
      assert.equal(before + went + behind, words);
      assert.equal(before + came + behind, right);
    }
});
