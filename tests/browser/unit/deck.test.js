import assert from "node:assert/strict";
import test from "node:test";
import { Deck } from "../../../flows/web/static/queue/deck.js";

const ALL = Array.from({ length: 40 }, (_, n) => ({ id: n + 1, version: 1, code: "c", decision: null }));
const page = (after, limit) => {
  const items = ALL.filter(({ id }) => id > (after ?? 0)).slice(0, limit);
  return { items, remaining: ALL.length, total: ALL.length };
};
const later = (n = 1) => new Promise((resolve) => setTimeout(resolve, n));

test("a deck that is read faster than it is filled is pending, not through, and misses no card", async () => {
  const deck = new Deck(async (after, limit) => {
    await later();
    return page(after, limit);
  });
  await deck.open();
  const seen = [];
  while (deck.current || deck.pending) {
    if (deck.pending) await deck.ready();
    if (!deck.current) break;
    seen.push(deck.current.id);
    deck.advance(true);
    deck.fill();
  }
  assert.deepEqual(
    seen,
    ALL.map(({ id }) => id),
  );
  assert.equal(deck.pending, false);
});

test("a server that does not answer leaves the deck pending until it does", async () => {
  let away = false;
  const deck = new Deck(async (after, limit) => {
    if (away) throw new Error("away");
    return page(after, limit);
  });
  await deck.open();
  away = true;
  while (deck.current) deck.advance(true);
  await assert.rejects(deck.ready(), /away/);
  assert.equal(deck.pending, true);
  away = false;
  await deck.ready();
  assert.equal(deck.current.id, 17);
});

test("a failure of a request that a newer one has made void is no failure", async () => {
  const failing = [true, false];
  const deck = new Deck(async (after, limit) => {
    const fails = failing.shift() ?? false;
    await later(fails ? 1 : 5);
    if (fails) throw new Error("void");
    return page(after, limit);
  });
  await Promise.all([deck.open(), deck.open()]);
  assert.equal(deck.current.id, 1);
});

test("a card that was decided on while an answer was on its way does not come again", async () => {
  const deck = new Deck(async (after, limit) => {
    const answer = page(after, limit);
    await later();
    return answer;
  });
  await deck.open();
  const renewed = deck.renew();
  deck.advance(true);
  await renewed;
  assert.equal(deck.current.id, 2);
  assert.deepEqual(new Set(deck.items.map(({ id }) => id)).size, deck.items.length);
});
