// @ts-check
import assert from "node:assert/strict";
import test from "node:test";
import { KeyQueue } from "../../../flows/web/static/shared/key_queue.js";

/** A promise and what settles it. */
function work() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}

test("input is acted on at once while nothing is held", () => {
  const done = [];
  new KeyQueue((input) => done.push(input)).press("a");
  assert.deepEqual(done, ["a"]);
});

test("held input is acted on in order once the work is done, however it ends", async () => {
  for (const end of ["resolve", "reject"]) {
    const done = [];
    const queue = new KeyQueue((input) => done.push(input));
    const { promise, [end]: settle } = work();
    queue.hold(promise).catch(() => {});
    for (const key of "abc") queue.press(key);
    assert.deepEqual([done, queue.waiting], [[], 3]);
    settle();
    await Promise.allSettled([promise]);
    assert.deepEqual([done, queue.waiting], [["a", "b", "c"], 0]);
  }
});

test("what an input sets off holds the inputs behind it", async () => {
  const done = [];
  const second = work();
  const queue = new KeyQueue((input) => {
    done.push(input);
    if (input === "z") queue.hold(second.promise);
  });
  for (const key of "azr") queue.press(key);
  assert.deepEqual(done, ["a", "z"]);
  second.resolve();
  await second.promise;
  assert.deepEqual(done, ["a", "z", "r"]);
});

test("input waits for all work, not for the first that is done", async () => {
  const done = [];
  const queue = new KeyQueue((input) => done.push(input));
  const [one, two] = [work(), work()];
  queue.hold(one.promise);
  queue.hold(two.promise);
  queue.press("a");
  one.resolve();
  await one.promise;
  assert.deepEqual(done, []);
  two.resolve();
  await two.promise;
  assert.deepEqual(done, ["a"]);
});

test("input pressed while another is acted on comes after it", () => {
  const done = [];
  const queue = new KeyQueue((input) => {
    if (input === "a") queue.press("b");
    done.push(input);
  });
  queue.press("a");
  assert.deepEqual(done, ["a", "b"]);
});

test("an input that fails takes those behind it along, and later ones are acted on", async () => {
  const done = [];
  const queue = new KeyQueue((input) => {
    if (input === "x") throw new Error("full");
    done.push(input);
  });
  const { promise, resolve } = work();
  process.once("uncaughtException", () => {});
  queue.hold(promise);
  queue.press("a");
  queue.press("b");
  resolve();
  await promise;
  assert.throws(() => queue.press("x"), /full/);
  assert.equal(queue.waiting, 0);
  queue.press("c");
  assert.deepEqual(done, ["a", "b", "c"]);
});

test("forgotten input is not acted on, and whoever shows how much waits is told", async () => {
  const done = [];
  const told = [];
  const queue = new KeyQueue((input) => done.push(input));
  queue.addEventListener("change", () => told.push(queue.waiting));
  const { promise, resolve } = work();
  queue.hold(promise);
  queue.press("a");
  queue.press("b");
  queue.forget();
  resolve();
  await promise;
  assert.deepEqual(done, []);
  assert.deepEqual(told.slice(0, 3), [1, 2, 0]);
});
