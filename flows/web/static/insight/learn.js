/** Learning from decisions: begin it, watch it, see before and after, and have what is undecided suggested anew. */

import { get, post } from "../shared/api.js";
import { announce, counted, el, fill } from "../shared/dom.js";
import { forgetDecisions, noteDecision, sinceLearning } from "../shared/learn_offer.js";
import { guardedBy } from "./guarded.js";
import { thresholdForm } from "./thresholds.js";

const here = (id) => document.getElementById(id);
const AGAIN = 1500;
const BUSY = new Set(["learning", "ranking"]);

const PHASES = {
  learning: "Learning …",
  learned: {
    better: "It has learned",
    worse: "Nothing was changed",
    known: "Nothing new",
    "too few": "Too few decisions yet",
  },
  ranking: "Making undecided suggestions anew …",
  done: "Suggestions are made anew",
  failed: "That did not work",
};
const WAITING = {
  learning: "This takes a minute or two. You can go on working meanwhile.",
  ranking: "What you decided stays as it is.",
};

/** @param {Object} state As /api/learn gives it. */
export const phaseOf = ({ state, verdict }) =>
  state === "learned" ? (PHASES.learned[verdict] ?? "Learned") : (PHASES[state] ?? "");

/** Three decimals: what one lesson changes is small. */
const fine = (value) => (value === null ? "–" : value.toFixed(3).replace(/^0/, ""));

function row(name, before, after, better) {
  const gain = after - before;
  const sign = gain > 0 ? "+" : gain < 0 ? "−" : "±";
  const good = better(gain) ? "better" : gain ? "worse" : "the same";
  const told = el("td", {}, `${sign}${fine(Math.abs(gain))} `, el("span.quiet", {}, good));
  return el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, fine(before)), el("td", {}, fine(after)), told);
}

function scores({ before, after }) {
  if (!before || !after) return null;
  const head = ["", "Before", "After", "Change"].map((text) =>
    text ? el("th", { scope: "col" }, text) : el("td", {}),
  );
  return el(
    "table.lesson",
    {},
    el("caption.unseen", {}, "On decisions that neither had seen"),
    el("thead", {}, el("tr", {}, head)),
    el(
      "tbody",
      {},
      row("Average precision", before.micro_average_precision, after.micro_average_precision, (gain) => gain > 0),
      row("Log loss", before.log_loss, after.log_loss, (gain) => gain < 0),
    ),
  );
}

function show(state) {
  const busy = BUSY.has(state.state);
  here("state").hidden = state.state === "idle";
  here("learn").disabled = busy;
  here("phase").textContent = phaseOf(state);
  here("busy").hidden = !busy;
  const rests = state.judgements && !busy ? ` It rests on ${counted(state.judgements, "decision")}.` : "";
  here("message").textContent = busy ? WAITING[state.state] : `${state.message}${rests}`;
  fill(here("scores"), busy ? null : scores(state));
  here("rank").hidden = busy || state.verdict !== "better" || state.state === "done";
  here("on").hidden = state.state !== "done";
  const since = sinceLearning();
  here("since").textContent = since ? `${counted(since, "decision")} since the last time` : "";
}

let watching = false;

/** Ask until nothing runs any more; once at a time. */
async function watch() {
  if (watching) return null;
  watching = true;
  try {
    let state = await asked();
    for (; state && BUSY.has(state.state); state = await asked())
      await new Promise((later) => setTimeout(later, AGAIN));
    announce(here("phase").textContent);
    return state;
  } finally {
    watching = false;
  }
}

async function asked() {
  return guarded(async () => {
    const state = await get("/learn");
    show(state);
    return state;
  });
}

const guarded = guardedBy(" Nothing is lost; try again.");

async function begin(path) {
  const state = await guarded(() => post(path, {}));
  if (state) show(state);
  return state && watch();
}

/** What was decided so far is learned, or stays to be learned where that came to nothing. */
async function learn() {
  const since = sinceLearning();
  forgetDecisions();
  const state = await begin("/learn");
  if (!state || state.state === "failed" || state.verdict === "too few") noteDecision(since);
  if (state) show(state);
}

async function showThresholds() {
  const chosen = await guarded(() => get("/thresholds"));
  if (!chosen) return;
  here("expectation").textContent = chosen.expectation;
  thresholdForm(here("rule"), chosen, async (wanted) => {
    const kept = await guarded(() => post("/thresholds", wanted));
    if (!kept) return;
    here("expectation").textContent = kept.expectation;
    await begin("/learn/rank");
  });
}

here("learn").addEventListener("click", learn);
here("rank").addEventListener("click", () => begin("/learn/rank"));
watch();
showThresholds();
