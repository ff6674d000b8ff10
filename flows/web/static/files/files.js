/** Files are dropped in, one after the other, and codes suggested for them; what came of each is told in a line. */

import { get, post, upload } from "../shared/api.js";
import { announce, counted, el, fill } from "../shared/dom.js";
import { watchJob } from "../shared/job.js";
import { plain, runLine } from "./telling.js";

const here = (id) => document.getElementById(id);
const WORDS = { added: "", present: "Nothing to do: ", asked: "", refused: "Not taken: " };
const STATUS = { coded: "done", kept: "as before", refused: "refused", failed: "failed" };

function trouble(error) {
  here("trouble").hidden = !error;
  here("trouble").textContent = error ? `${plain(error.message)}.` : "";
}

/** One line for a file, and the question about it where there is one. */
function told(line, file, { outcome, kind, lines, name }) {
  line.className = outcome;
  const parts = [WORDS[outcome] ?? "", lines.map(plain).join(" · ")];
  fill(line, el("b", {}, el("bdi", {}, name)), el("span.lines", {}, parts));
  if (outcome === "asked") line.append(question(line, file, kind));
  announce(`${name}: ${parts.join("")}`);
}

function question(line, file, kind) {
  const answer = (same_name, label) =>
    el("button", { type: "button", on: { click: () => send(line, file, { kind, same_name }) } }, label);
  const leave = () => {
    line.className = "present";
    line.querySelector(".acts").replaceWith(" Left as it was.");
  };
  return el(
    "p.acts",
    {},
    answer("replace", "Take this one; the earlier file is kept aside"),
    kind === "transcript" && answer("keep both", "Keep both"),
    el("button.main", { type: "button", on: { click: leave } }, "Leave it as it is"),
  );
}

async function send(line, file, query = {}) {
  line.className = "";
  fill(line, el("b", {}, el("bdi", {}, file.name)), el("span.lines", {}, "reading …"));
  try {
    told(line, file, await upload("/files", file, { name: file.name, ...query }));
  } catch (error) {
    told(line, file, { outcome: "refused", kind: "", lines: [error.message], name: file.name });
  }
  await showFiles();
}

/** Take in files, in the order of their names: participants and transcripts before codings that are about them. */
async function takeAll(files) {
  const codings = /\.(qd[aepcx]|qdpx|jsonl|sqlite3?)$/i;
  const sorted = [...files].sort((a, b) => codings.test(a.name) - codings.test(b.name));
  const lines = sorted.map((file) => {
    const line = el("li", {}, el("b", {}, el("bdi", {}, file.name)), el("span.lines", {}, "waiting …"));
    here("taken").append(line);
    return [line, file];
  });
  for (const [line, file] of lines) await send(line, file);
}

async function showFiles() {
  try {
    const { transcripts, refused, suffixes } = await get("/files");
    here("summary").textContent = transcripts.length
      ? `${counted(transcripts.length, "transcript")} in this study`
      : "No transcripts yet";
    here("summary").title = refused.join("\n");
    here("pick").accept = suffixes.join(",");
    here("start").disabled = !transcripts.length;
  } catch (error) {
    trouble(error);
  }
}

function outcomeRow({ transcript, status, suggestions, error, notes }) {
  const lines = [error, ...notes].filter(Boolean).map(plain);
  const held = notes.some((note) => note.includes("held back"));
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, el("bdi", {}, transcript)),
    el("td", {}, STATUS[status] ?? status),
    el("td", {}, suggestions === null ? "hidden" : status === "coded" ? String(suggestions) : "–"),
    el("td.quiet", {}, lines.join(" · "), held && [" ", el("a", { href: "/check" }, "Say who speaks")]),
  );
}

let shownFinished = -1;

function showJob(job) {
  const running = job.kind === "run";
  const working = job.state === "working";
  here("run-state").textContent = runLine(job);
  here("bar").hidden = !(working && running);
  if (job.planned) {
    here("bar").max = job.planned;
    here("bar").value = job.finished.length;
  } else here("bar").removeAttribute("value");
  here("start").hidden = working;
  here("start").textContent = running && ["stopped", "failed"].includes(job.state) ? "Go on" : "Suggest codes now";
  here("stop").hidden = !working;
  here("on").hidden = !(running && job.state === "done");
  here("expected").textContent = [job.expected, job.measured].filter(Boolean).map(plain).join(" ");
  const shown = running ? job.finished.length : 0;
  if (shown === shownFinished && working) return;
  shownFinished = shown;
  const head = ["Transcript", "State", "Suggestions", "Remarks"].map((text) => el("th", { scope: "col" }, text));
  fill(
    here("outcomes"),
    shown > 0 &&
      el("table.listing", {}, el("thead", {}, el("tr", {}, head)), el("tbody", {}, job.finished.map(outcomeRow))),
  );
}

let watching = false;

async function watch() {
  if (watching) return;
  watching = true;
  const job = await watchJob(showJob);
  watching = false;
  if (job.kind) announce(here("run-state").textContent);
}

async function begin(path, body) {
  trouble(null);
  try {
    showJob(await post(path, body));
  } catch (error) {
    trouble(error);
  }
  await watch();
}

function startDropping() {
  const box = here("drop");
  const over = (on) => (event) => {
    event.preventDefault();
    box.classList.toggle("over", on);
  };
  addEventListener("dragover", over(true));
  addEventListener("dragleave", over(false));
  addEventListener("drop", (event) => {
    over(false)(event);
    takeAll(event.dataTransfer?.files ?? []);
  });
  const pick = /** @type {HTMLInputElement} */ (here("pick"));
  const takePicked = () =>
    takeAll(pick.files).then(() => {
      pick.value = "";
    });
  pick.addEventListener("change", takePicked);
  if (pick.files.length) takePicked(); // chosen before this script was there
}

/** What came of the file that the study was made from stands first. */
function showOrigin() {
  const lines = JSON.parse(sessionStorage.getItem("precode-made-from") ?? "[]");
  sessionStorage.removeItem("precode-made-from");
  if (lines.length)
    here("taken").append(
      el("li.added", {}, el("b", {}, "The study was made"), el("span.lines", {}, lines.join(" · "))),
    );
}

here("start").addEventListener("click", () => begin("/job/run", {}));
here("stop").addEventListener("click", () => begin("/job/stop", {}));
startDropping();
showOrigin();
showFiles();
watch();
