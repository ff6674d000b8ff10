/** The start page: where the coder stands in each transcript, and what to do next. */

import { get, watchPulse } from "../shared/api.js";
import { bar } from "../shared/charts.js";
import { loadStudy } from "../shared/codebook.js";
import { endBlind } from "../shared/dialog.js";
import { counted, el, fill, percent } from "../shared/dom.js";
import { sinceLearning } from "../shared/learn_offer.js";
import { outbox } from "../shared/outbox.js";
import { selectOf } from "../shared/pair.js";
import { others } from "../shared/presence.js";
import { showCoders } from "./coders.js";
import { TeamTable } from "./team.js";

const here = (id) => document.getElementById(id);
const ENOUGH_TO_LEARN = 25;
/** Kept apart from names, none of which is that long. */
const NOBODY = "-".repeat(81);

/** As `whatWasRead` gives it. */
let read = {};

/** What is worth doing now, most pressing first. @param {Object} study @returns {{href: string, says: string, why: string}[]} */
export function stepsFor({ transcripts, coders, coder, run }, { doubtful = 0, unplaced = 0, lost = 0 } = {}) {
  const doubts = doubtful > 0 && {
    href: "/check",
    says: "Say who speaks",
    why: `${counted(doubtful, "transcript leaves", "transcripts leave")} a doubt`,
  };
  if (!transcripts.length) return [doubts].filter(Boolean);
  const left = (texts) => texts.reduce((sum, one) => sum + one.suggestions - one.decided, 0);
  const mine = transcripts.filter((one) => one.assigned.includes(coder) && one.suggestions > one.decided);
  const open = left(mine.length ? mine : transcripts);
  const blind = transcripts.find((one) => one.blind);
  const decided = transcripts.some((one) => one.decided);
  const others = coders.filter((name) => name !== coder && name !== "consensus");
  return [
    doubts,
    unplaced > 0 && {
      href: "/unplaced",
      says: "Place codings anew",
      why: `${counted(unplaced, "coding", "codings")} of a corrected text found no place`,
    },
    lost > 0 && {
      href: "/unplaced",
      says: "Look at lost corrections",
      why: `${counted(lost, "correction")} of a text found no place`,
    },
    blind && {
      href: `/read/${blind.version}`,
      says: blind.seen ? `Go on with ${blind.name}` : `Code ${blind.name} blind`,
      why: "suggestions are hidden until you are done",
    },
    open > 0 && {
      href: mine.length ? `/queue?version=${mine[0].version}` : "/queue",
      says: "Go through the queue",
      why: `${counted(open, "suggestion")} to decide${mine.length ? " in your transcripts" : ""}`,
    },
    sinceLearning() >= ENOUGH_TO_LEARN && {
      href: "/learn",
      says: "Let it learn",
      why: `${sinceLearning()} decisions since the last time`,
    },
    others.length > 0 && {
      href: "/compare",
      says: "Compare",
      why: `${others.length > 1 ? counted(others.length, "person", "people") : others[0]} coded, too`,
    },
    decided && { href: "/audit", says: "Look for what was missed", why: "a few sentences without a suggestion" },
    run === null &&
      !blind && {
        href: `/read/${transcripts[0].version}`,
        says: "Read and code by hand",
        why: "nothing is suggested yet; Files is where that begins",
      },
  ].filter(Boolean);
}

function showSteps(study, read) {
  const steps = stepsFor(study, read).slice(0, 4);
  const card = ({ href, says, why }, n) =>
    el("li", {}, el(n ? "a.step" : "a.step.first", { href }, el("b", {}, says), el("span.quiet", {}, why)));
  fill(here("steps"), steps.map(card));
  here("steps").hidden = !steps.length;
}

/** What reading the files left open; the page does without where the server cannot say. */
async function whatWasRead() {
  const [speakers, left, made] = await Promise.all([
    get("/speakers", { words: false }).catch(() => null),
    get("/unplaced").catch(() => null),
    get("/corrections").catch(() => null),
  ]);
  return {
    doubtful: speakers?.doubtful,
    all: speakers?.transcripts.length,
    unplaced: left?.codings.length,
    lost: made?.corrections.filter((one) => one.fit === "lost").length,
  };
}

function showSpeakers({ doubtful, all }) {
  const doubts = doubtful ? `: ${doubtful} of ${counted(all, "transcript")} leave a doubt` : ": no doubts";
  fill(here("speakers"), el("a", { href: "/check" }, "Who speaks", all ? doubts : ""));
}

function showSummary({ transcripts }) {
  const [suggestions, decided] = ["suggestions", "decided"].map((key) =>
    transcripts.reduce((sum, one) => sum + one[key], 0),
  );
  here("summary").textContent = suggestions
    ? `${decided.toLocaleString("en")} of ${counted(suggestions, "suggestion")} decided`
    : counted(transcripts.length, "transcript");
}

function stateOf(one) {
  if (one.blind) return one.seen ? "opened again" : "coding blind";
  if (one.done) return "done";
  if (!one.decided && !one.codings) return "not begun";
  return one.decided < one.suggestions ? "begun" : "all decided";
}

function decidedCell(one) {
  if (one.blind) return el("td.quiet", {}, "hidden");
  if (!one.suggestions) return el("td.quiet", {}, "nothing suggested");
  const part = el("span.unseen", {}, `, ${percent(one.decided / one.suggestions)}`);
  return el(
    "td",
    {},
    `${one.decided} of ${one.suggestions}`,
    part,
    bar([{ n: one.decided, css: "accepted" }], one.suggestions),
  );
}

function acts(one) {
  const mark = (kind, says, label, agreed = async () => true) => {
    const click = async () => (await agreed()) && outbox.mark({ kind, version: one.version }, says);
    return el("button", { type: "button", "aria-label": `${label}: ${one.name}`, on: { click } }, label);
  };
  if (one.blind) return [mark("done", "I am done", "I am done", () => endBlind(one.name))];
  if (one.done) return [mark("reopened", "opened again", "Open again")];
  const fresh = !one.seen && !one.codings;
  return [fresh && mark("blind", "begun blind", "Code this one blind"), one.suggestions > one.decided && queueOf(one)];
}

const queueOf = (one) =>
  el("a.button", { href: `/queue?version=${one.version}`, "aria-label": `Queue of ${one.name}` }, "Queue");

/** Who is in a transcript now, and whose it is to code. */
function people(one, coder) {
  const here = others.people.filter(({ version }) => version === one.version);
  const whose = one.assigned.map((name) => (name === coder ? "yours" : name)).join(", ");
  return [
    whose && el("small.quiet", { data: { testid: "whose" } }, whose === "yours" ? "yours" : `for ${whose}`),
    here.map((person) => el("small.here", {}, el("bdi", {}, person.coder), " is here")),
  ];
}

/** Yours first where any are; else in the order of names. */
function arranged({ transcripts, coder }) {
  const asked = new URLSearchParams(location.search).get("whose") ?? "";
  const fits = ({ assigned }) => !asked || (asked === NOBODY ? !assigned.length : assigned.includes(asked));
  const mine = ({ assigned }) => assigned.includes(coder);
  return [
    ...transcripts.filter((one) => mine(one) && fits(one)),
    ...transcripts.filter((one) => !mine(one) && fits(one)),
  ];
}

function showWhose({ transcripts, coder }) {
  const names = [...new Set(transcripts.flatMap(({ assigned }) => assigned))].sort();
  const asked = new URLSearchParams(location.search).get("whose") ?? "";
  const options = [
    ["", "all, yours first"],
    ...names.map((name) => [name, name === coder ? `${name} (you)` : name]),
    [NOBODY, "nobody's"],
  ];
  const choose = (value) => {
    history.replaceState(null, "", value ? `?${new URLSearchParams({ whose: value })}` : location.pathname);
    show();
  };
  fill(here("whose"), selectOf("Whose", "whose", options, asked, choose)).hidden = !names.length;
}

function row(one, coder) {
  const about = Object.entries(one.attributes)
    .filter(([name]) => name !== "id")
    .map(([, value]) => value);
  const name = el("a", { href: `/read/${one.version}` }, el("bdi", {}, one.name));
  return el(
    "tr",
    { data: { version: one.version } },
    el("th", { scope: "row" }, name, about.length > 0 && el("small.quiet", {}, about.join(" · ")), people(one, coder)),
    decidedCell(one),
    el("td", {}, String(one.codings || "–")),
    el("td", {}, stateOf(one)),
    el("td", {}, el("span.acts", {}, acts(one))),
  );
}

/** The study as it was drawn last. */
let drawn = null;

async function show() {
  const { study } = await loadStudy(true);
  showSummary(study);
  showSteps(study, read);
  draw(study);
}

function draw(study) {
  drawn = study;
  const focused = document.activeElement?.closest?.("tr")?.dataset.version;
  const none = el(
    "tr",
    {},
    el(
      "td.quiet",
      { colspan: 5 },
      "There are no suggestions yet. ",
      el("a", { href: "/files" }, "Add transcripts, and have codes suggested"),
    ),
  );
  showWhose(study);
  const shown = arranged(study).map((one) => row(one, study.coder));
  fill(here("transcripts"), study.transcripts.length ? shown : none);
  here("transcripts").querySelector(`tr[data-version="${focused}"] button, tr[data-version="${focused}"] a`)?.focus();
}

/** What reading the files left open comes behind the rest: files that were not read before take their time. */
async function showReading() {
  read = await whatWasRead();
  showSpeakers(read);
  showSteps((await loadStudy()).study, read);
}

/** What can be expected of the suggestions; the page does without where the server cannot say. */
async function showExpectation() {
  const chosen = await get("/thresholds").catch(() => null);
  if (!chosen) return;
  const choose = el("a", { href: "/learn#thresholds" }, "Choose which suggestions are made");
  fill(here("expectation"), `${chosen.expectation} `, choose).hidden = false;
}

const table = new TeamTable(here("team").querySelector(".filled"), show);
here("team").addEventListener("toggle", ({ target }) => target.open && table.load());
here("coders").addEventListener("toggle", ({ target }) => target.open && showCoders(target.querySelector(".filled")));
outbox.addEventListener("saved", show);
others.addEventListener("change", () => drawn && draw(drawn));
show().then(showReading).then(showExpectation);
watchPulse((_, before) => before && show());
