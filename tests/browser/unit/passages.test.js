import assert from "node:assert/strict";
import { test } from "node:test";

import { after, isToLookAt, open, passages, shelve, waits } from "../../../flows/web/static/reading/passages.js";

const coding = (more) => ({
  decision: 1,
  coder: "Ada",
  start: 0,
  end: 5,
  code: "team",
  memo: "",
  suggestion: null,
  mine: true,
  moved: true,
  ...more,
});

const shown = (codings, suggestions = []) => passages(shelve({ codings, suggestions }), "Ada");

test("a coding that moved waits to be looked at, and is not open", () => {
  const [passage] = shown([coding()]);
  assert.deepEqual([isToLookAt(passage), waits(passage), open(passage)], [true, true, false]);
});

test("a coding that answers a suggestion is marked as moved, too", () => {
  const decision = { id: 1, action: "accept", start: 0, end: 5, code: "team", memo: "", coder: "Ada" };
  const suggestion = { id: 7, start: 0, end: 5, code: "team", decision };
  const [passage] = shown([coding({ suggestion: 7 })], [suggestion]);
  assert.equal(passage.kind, "coding");
  assert.ok(passage.moved);
});

test("a coding that moved and is given other ends is not marked any more", () => {
  const before = shelve({ codings: [coding()], suggestions: [] });
  const draft = { id: 2, action: "code", suggestion: null, start: 0, end: 9, code: "team", coder: "Ada", previous: 1 };
  const [passage] = passages(after(before, { memo: "", ...draft }), "Ada");
  assert.deepEqual([passage.end, passage.moved], [9, false]);
});

test("of others' codings only what was agreed on is to be looked at by everybody", () => {
  const others = shown([coding({ coder: "Bo", mine: false }), coding({ coder: "consensus", mine: false })]);
  assert.deepEqual(others.map(isToLookAt), [false, true]);
});
