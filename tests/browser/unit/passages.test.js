import assert from "node:assert/strict";
import { test } from "node:test";

import {
  after,
  isToLookAt,
  neighbourOf,
  open,
  passages,
  shelve,
  waitingOn,
  waits,
} from "../../../flows/web/static/reading/passages.js";

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

const suggestion = (id, start, end, code = "team", action = null) => ({
  id,
  start,
  end,
  code,
  decision: action && { id: 100 + id, action, start: null, end: null, code: null, memo: "", coder: "Ada" },
});

test("suggestions that wait on the words of one are decided with it, itself first", () => {
  const all = shown(
    [],
    [
      suggestion(1, 0, 10),
      suggestion(2, 4, 12, "trust"),
      suggestion(3, 9, 30, "plan"),
      suggestion(4, 0, 9, "x", "reject"),
    ],
  );
  const ids = (id) =>
    waitingOn(
      all,
      all.find((one) => one.id === id),
    ).map((one) => one.answers);
  assert.deepEqual(ids("s1"), [1, 2]);
  assert.deepEqual(ids("s2"), [2, 1]);
  assert.deepEqual(ids("s3"), [3]);
});

test("a passage is merged with the nearest of its code, a question between at most", () => {
  const turns = [0, 100, 200, 300].map((start) => ({ start }));
  const all = shown(
    [coding({ start: 10, end: 20 }), coding({ decision: 2, start: 30, end: 40, code: "trust" })],
    [suggestion(1, 210, 220), suggestion(2, 310, 320), suggestion(3, 312, 320, "team", "reject")],
  );
  const near = (id, direction) =>
    neighbourOf(
      all,
      all.find((one) => one.id === id),
      direction,
      turns,
    )?.id;
  assert.equal(near("d1", "after"), "s1");
  assert.equal(near("d1", "before"), undefined);
  assert.equal(near("s1", "before"), "d1");
  assert.equal(near("s2", "after"), undefined);
  assert.equal(near("d2", "after"), undefined);
  const far = all.filter((one) => one.id !== "s1");
  assert.equal(neighbourOf(far, far[0], "after", turns), undefined);
});
