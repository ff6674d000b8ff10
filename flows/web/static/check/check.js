/** Who speaks in the transcripts: how each file was read, doubts first, and what the researcher says about it. */

import { get, post } from "../shared/api.js";
import { ask } from "../shared/dialog.js";
import { announce, counted, el, fill, flash } from "../shared/dom.js";
import { checked } from "./transcript.js";

const here = (id) => document.getElementById(id);
const AGAIN = 1500;

/** Whether what is said holds for the transcript it is said in alone, or for all. */
let forAll = false;

/** @typedef {Object} Said What POST /api/speakers takes: interviewers, participants, names, pattern, first_line. */

/** Say something about a transcript, or about all of them. @param {string} file @param {Said} said @param {string} done */
async function say(file, said, done) {
  const told = (body) => post("/speakers", body).then(show);
  try {
    await told({ ...said, file: forAll ? "" : file });
    const all = { label: "Say it of all transcripts", run: () => told({ ...said, file: "" }).catch(failed) };
    flash(forAll ? `${done}, in all transcripts` : `${done}, in ${file}`, forAll ? undefined : all);
  } catch (error) {
    failed(error);
  }
}

function failed(error) {
  fill(here("trouble"), `Nothing was changed: ${error.message}.`).hidden = false;
  announce(here("trouble").textContent);
}

const acts = {
  role: (file, label, asks) =>
    say(file, { [asks ? "interviewers" : "participants"]: [label] }, `${label} ${asks ? "asks" : "answers"}`),
  merge: (file, label, into) => say(file, { names: { [label]: into } }, `${label} is ${into}`),
  layout: (file, said) => say(file, said, "Read anew"),
  async rename(file, label, others) {
    const into = await newName(label, others);
    if (into && into !== label) acts.merge(file, label, into);
  },
};

/** Ask for another name of a label. @returns {Promise<string|null>} */
function newName(label, others) {
  const input = el("input", {
    list: "labels",
    value: label,
    maxlength: 200,
    "aria-label": "Keep it as",
    autocomplete: "off",
  });
  const list = el(
    "datalist",
    { id: "labels" },
    others.map((other) => el("option", { value: other })),
  );
  const save = el("button.main", { value: "save" }, "Keep it so");
  const form = el("form", { method: "dialog" }, input, list, el("p.acts", {}, save, el("button", {}, "Cancel")));
  const title = `Another name for ${label}`;
  const hint = el("p.quiet", {}, "The name of another speaker makes the two one.");
  const dialog = el("dialog.sheet.rename", { "aria-label": title }, el("header", {}, el("h2", {}, title)), hint, form);
  return new Promise((resolve) => {
    const close = ask(dialog, resolve);
    form.addEventListener("submit", ({ submitter }) => close(submitter === save ? input.value.trim() : null));
    input.select();
  });
}

/** @param {Object} view As /api/speakers gives it. */
function show(view) {
  const focused = document.activeElement?.closest?.("[data-at]")?.dataset.at;
  const opened = new Set([...document.querySelectorAll("details[open]")].map((one) => one.dataset.at));
  here("trouble").hidden = true;
  const all = view.transcripts.length;
  const doubts = view.doubtful
    ? [el("b", {}, `${view.doubtful} of ${all}`), " transcripts leave a doubt"]
    : `No doubts in ${counted(all, "transcript")}`;
  fill(here("summary"), all ? doubts : "No transcripts yet");
  showWaiting(view);
  fill(
    here("checks"),
    view.transcripts.map((check) => checked(check, acts)),
    !all &&
      el("p.lead", {}, "There are no transcripts yet. ", el("a", { href: "/files" }, "Drop yours into the study"), "."),
  );
  for (const one of document.querySelectorAll("details")) one.open = opened.has(one.dataset.at);
  here("checks")
    .querySelector(`[data-at="${CSS.escape(focused ?? "")}"]`)
    ?.focus({ preventScroll: true });
}

function showWaiting({ waiting }) {
  here("waiting").hidden = !waiting;
  fill(
    here("waiting"),
    el(
      "span",
      {},
      `${counted(waiting, "transcript is", "transcripts are")} not yet pre-coded as read here. That happens at the next run.`,
    ),
    el("button", { type: "button", id: "run", on: { click: run } }, "Run now"),
  );
}

/** Pre-code what was read anew, and tell when it is done. */
async function run() {
  here("run").disabled = true;
  here("run").textContent = "Running …";
  try {
    let state = await post("/learn/rank", {});
    while (state.state === "ranking" || state.state === "learning") {
      await new Promise((later) => setTimeout(later, AGAIN));
      state = await get("/learn");
    }
    await load();
    flash(state.state === "failed" ? `The run failed: ${state.message}` : "Suggestions are made as read here");
  } catch (error) {
    failed(error);
    here("run").disabled = false;
  }
}

function drawScope() {
  const option = (all, text) => el("option", { value: all ? "all" : "one", selected: all === forAll }, text);
  const chosen = ({ target }) => {
    forAll = target.value === "all";
  };
  const select = el(
    "select",
    { name: "scope", on: { change: chosen } },
    option(false, "the transcript I say it in"),
    option(true, "all transcripts"),
  );
  fill(here("scope"), el("label.choice", {}, el("span", {}, "What I say holds for"), select));
}

async function load() {
  try {
    show(await get("/speakers"));
  } catch (error) {
    fill(here("trouble"), `The transcripts cannot be checked: ${error.message}.`).hidden = false;
    here("summary").textContent = "";
  }
}

drawScope();
load();
