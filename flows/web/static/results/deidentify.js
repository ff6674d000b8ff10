/** Names, places and dates that precode found: decided on line by line, and replaced in a copy of the study. */

import { get, post, postPatiently } from "../shared/api.js";
import { counted, el, fill } from "../shared/dom.js";
import { watchJob } from "../shared/job.js";

const here = (id) => document.getElementById(id);

let kinds = [];
let lines = [];

function trouble(error) {
  here("trouble").hidden = !error;
  here("trouble").textContent = error ? `${error.message}.` : "";
  if (error) here("trouble").scrollIntoView({ block: "nearest" });
}

const kindChoice = (kind, change) =>
  el(
    "select",
    { "aria-label": "Kind", on: { change } },
    kinds.map((name) => el("option", { value: name, selected: name === kind }, name)),
  );

function row(line) {
  const about = (label) => `${label}: ${line.text}`;
  const hide = el("input", { type: "checkbox", checked: line.hide, "aria-label": about("Replace") });
  const becomes = el("input", { value: line.replacement, maxlength: 300, "aria-label": about("Becomes") });
  const kind = kindChoice(line.kind, ({ target }) => changed(line, { kind: target.value }));
  hide.addEventListener("change", () => changed(line, { hide: hide.checked }));
  becomes.addEventListener("input", () => changed(line, { replacement: becomes.value }));
  const places = line.count ? `${counted(line.count, "place")}, ${counted(line.transcripts, "transcript")}` : "";
  return el(
    "tr",
    {},
    el("td", {}, hide),
    el("th", { scope: "row" }, el("bdi", {}, line.text), line.note && el("small.quiet", {}, line.note)),
    el("td", {}, becomes),
    el("td", {}, kind),
    el(
      "td.context",
      {},
      places,
      line.contexts.map((words) => el("div", { dir: "auto" }, words)),
    ),
  );
}

function changed(line, values) {
  Object.assign(line, values);
  here("kept").textContent = "Not kept yet";
  showSum();
}

function showSum() {
  const hidden = lines.filter(({ hide }) => hide).length;
  here("summary").textContent = lines.length ? `${hidden} of ${counted(lines.length, "line")} are replaced` : "";
}

function show({ listed, key, target, kinds: all, candidates }) {
  kinds = all;
  lines = candidates;
  here("find").textContent = listed ? "Look again, for what is new" : "Look for names";
  here("list").hidden = !listed;
  here("target").textContent = target;
  here("again").hidden = key;
  fill(here("candidates"), lines.map(row));
  showMore();
  showSum();
}

function showMore() {
  const text = el("input", { name: "text", maxlength: 300, required: true, autocomplete: "off" });
  fill(
    here("more"),
    el("label.choice", {}, el("span", {}, "What the list lacks, as it stands in the transcripts"), text),
    el("button", {}, "Add it"),
  );
}

function add(event) {
  event.preventDefault();
  const text = here("more").elements.text.value.trim();
  if (!text || lines.some((line) => line.text === text)) return;
  const line = { text, kind: "person", replacement: "", hide: true, count: 0, transcripts: 0, contexts: [], note: "" };
  lines = [line, ...lines];
  here("candidates").prepend(row(line));
  here("more").elements.text.value = "";
  changed(line, {});
}

async function guarded(run) {
  trouble(null);
  try {
    return await run();
  } catch (error) {
    trouble(error);
    return null;
  }
}

const save = () =>
  guarded(async () => {
    const candidates = lines.map(({ text, kind, replacement, hide }) => ({ text, kind, replacement, hide }));
    show(await postPatiently("/deidentify", { candidates }, "PUT"));
    here("kept").textContent = "Kept";
    return true;
  });

async function find() {
  if (!here("list").hidden && !(await save())) return;
  await guarded(async () => {
    await post("/deidentify/find", {});
    await watchFinding();
  });
}

async function watchFinding() {
  const job = await watchJob(({ kind, state }) => {
    const looking = state === "working" && kind === "find names";
    here("finding").textContent = looking ? "Looking; this takes a minute or so …" : "";
    here("find").disabled = state === "working";
  });
  if (job.kind === "find names" && job.state !== "done") trouble(new Error(`That did not work: ${job.message}`));
  show(await get("/deidentify"));
}

async function apply(event) {
  event.preventDefault();
  const form = here("apply");
  const { passphrase, again } = form.elements;
  if (!here("again").hidden && passphrase.value !== again.value) {
    trouble(new Error("The two passphrases differ; nothing was replaced"));
    return;
  }
  if (!(await save())) return;
  here("apply-button").disabled = true;
  here("applied").textContent = "Replacing …";
  const done = await guarded(() => postPatiently("/deidentify/apply", { passphrase: passphrase.value }));
  here("apply-button").disabled = false;
  here("applied").textContent = done
    ? `${counted(done.replaced, "place")} replaced in ${counted(done.transcripts, "transcript")}, in ${done.folder}. Read them before you pass them on.`
    : "";
  form.reset();
}

here("find").addEventListener("click", find);
here("save").addEventListener("click", save);
here("more").addEventListener("submit", add);
here("apply").addEventListener("submit", apply);
guarded(async () => {
  show(await get("/deidentify"));
  await watchFinding();
});
