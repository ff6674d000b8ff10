import assert from "node:assert/strict";
import { test } from "node:test";
import { plain, runLine } from "../../../flows/web/static/files/telling.js";

const job = (state, more = {}) => ({ kind: "run", state, planned: 3, finished: [], message: "", ...more });
const done = (status, suggestions = 0) => ({ status, suggestions });

test("runLine tells how far a run is, and that the page may be closed", () => {
  assert.match(runLine(job("working", { planned: 0 })), /Getting ready/);
  assert.match(runLine(job("working", { finished: [done("coded", 4)] })), /^1 of 3 transcripts done.*close/);
});

test("runLine tells how a run ended, with what could not be used", () => {
  const finished = [done("coded", 4), done("kept"), done("refused")];
  assert.equal(
    runLine(job("done", { finished })),
    "Done: 4 new suggestions in 2 transcripts. 1 file could not be used, see below.",
  );
  assert.match(runLine(job("stopped", { finished })), /^Stopped after 3 transcripts/);
  assert.equal(runLine(job("failed", { message: "the disk is full" })), "It did not work: the disk is full.");
});

test("runLine counts no suggestion that is hidden", () => {
  assert.match(runLine(job("done", { finished: [done("coded", null)] })), /^Done: 0 new suggestions in 1 transcript\./);
});

test("runLine says what else is at work", () => {
  assert.match(runLine(job("working", { kind: "benchmark" })), /compares/);
  assert.equal(runLine(job("done", { kind: "learn" })), "");
});

test("plain leaves out what is for the terminal", () => {
  assert.equal(plain("3 are held back; type: precode check /x"), "3 are held back");
  assert.equal(plain("P01.txt: has no talk"), "P01.txt: has no talk");
});
