import "./page.js";
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

const { Outbox, provisional } = await import("../../../flows/web/static/shared/outbox.js");

/** A server that writes what it is sent once a key, as ours does. */
class Server {
  written = new Map();
  log = [];
  away = false;
  refuses = () => null;

  async answer(address, { body }) {
    if (this.away) throw new TypeError("fetch failed");
    const sent = JSON.parse(body);
    const why = this.refuses(sent);
    if (why) return Response.json({ detail: why }, { status: 409 });
    const entry = sent.decisions?.[0] ?? sent;
    if (!this.written.has(entry.key)) {
      this.log.push({ ...entry, path: address.replace("/api", "") });
      this.written.set(entry.key, this.log.length);
    }
    return Response.json({ decision: { ...entry, id: this.written.get(entry.key) } });
  }
}

let server;
let outbox;

beforeEach(() => {
  localStorage.clear();
  localStorage.full = false;
  server = new Server();
  globalThis.fetch = (address, options) => server.answer(address, options);
  outbox = new Outbox("study", "Ada");
});

afterEach(() => {
  localStorage.clear(); // whoever still means to send finds nothing
});

const draft = (suggestion, previous = null) => ({ action: "accept", version: 1, suggestion, previous });

async function sent() {
  while (outbox.waiting().length) {
    await outbox.send();
    await new Promise((later) => setTimeout(later));
  }
}

test("decisions arrive in order, and each once", async () => {
  const keys = [1, 2, 3].map((suggestion) => outbox.decide(draft(suggestion)).key);
  await sent();
  assert.deepEqual(
    server.log.map(({ key }) => key),
    keys,
  );
});

test("a decision on one that waits names its id once that has one", async () => {
  const first = outbox.decide(draft(1));
  outbox.decide(draft(1, provisional(first, "Ada")));
  outbox.undo(first);
  await sent();
  assert.deepEqual(
    server.log.map(({ previous, decision }) => previous ?? decision ?? null),
    [null, 1, 1],
  );
});

test("what could not be sent is there for the next page, and is sent by it", async () => {
  server.away = true;
  const { key } = outbox.decide(draft(1));
  await outbox.send();
  clearTimeout(outbox.timer);
  assert.equal(outbox.trouble, "away");
  server.away = false;
  outbox = new Outbox("study", "Ada");
  await sent();
  assert.deepEqual([server.log.map((entry) => entry.key), outbox.trouble], [[key], ""]);
});

test("another coder's outbox is another", () => {
  server.away = true;
  outbox.decide(draft(1));
  clearTimeout(outbox.timer);
  assert.deepEqual(new Outbox("study", "Ad").waiting(), []);
});

test("what is refused is kept apart, and so is what builds on it", async () => {
  server.refuses = ({ decisions }) => decisions?.[0].suggestion === 1 && "decided elsewhere";
  const first = outbox.decide(draft(1));
  outbox.undo(first);
  outbox.decide(draft(2));
  await sent();
  assert.deepEqual(
    server.log.map(({ suggestion }) => suggestion),
    [2],
  );
  assert.equal(outbox.refused().length, 2);
});

test("a full storage keeps nothing and says so", () => {
  localStorage.full = true;
  assert.throws(() => outbox.decide(draft(1)), { name: "QuotaExceededError" });
  assert.equal(outbox.trouble, "full");
});

test("whoever waits for an answer gets that of their entry, or null where it is refused", async () => {
  server.refuses = ({ decisions }) => decisions?.[0].suggestion === 2 && "no";
  const answers = [1, 2].map((suggestion) => outbox.answerTo(outbox.decide(draft(suggestion))));
  const [taken, refused] = await Promise.all(answers);
  assert.deepEqual([taken.decision.id, refused], [1, null]);
});

test("whoever waits for a server that is away is told", async () => {
  server.away = true;
  const stuck = outbox.untilStuck();
  outbox.undo();
  await stuck;
  clearTimeout(outbox.timer);
  assert.equal(outbox.waiting().length, 1);
});
