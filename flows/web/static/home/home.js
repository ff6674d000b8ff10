/** The page of all studies: open one, make one, and say whether one may lead outside its folder. */

import { ApiError, get, post, upload } from "../shared/api.js";
import { counted, el, fill } from "../shared/dom.js";

const here = (id) => document.getElementById(id);
const FILE = "file";
const form = /** @type {HTMLFormElement} */ (here("make"));

let parent = "";
/** What to do with the folder that is chosen in the dialog. */
let chosen = (_path) => {};

/** A line without what is meant for the terminal. @param {string} line */
const plain = (line) => line.replace(/; type: precode .*$/, "").replace(/; put .*$/, "");

function trouble(error) {
  here("trouble").hidden = !error;
  here("trouble").textContent = error ? `${plain(error.message)}.` : "";
  if (error) here("trouble").scrollIntoView({ block: "nearest" });
}

/** Do something that opens a study, and go there; a question about trust is asked first. */
async function opening(run) {
  trouble(null);
  here("trust").hidden = true;
  document.body.setAttribute("aria-busy", "true");
  try {
    const { lines = [] } = await run();
    if (lines.length) sessionStorage.setItem("precode-made-from", JSON.stringify(lines));
    location.assign("/files");
  } catch (error) {
    if (error instanceof ApiError && error.status === 409 && error.body.ways) askTrust(error.body.ways);
    else trouble(error);
  } finally {
    document.body.removeAttribute("aria-busy");
  }
}

let asked = { folder: "", ways: [] };

function openStudy(folder) {
  asked = { folder, ways: [] };
  return opening(() => post("/home/open", { folder }));
}

function askTrust(ways) {
  asked.ways = ways;
  fill(
    here("ways"),
    ways.map((way) => el("li", {}, el("bdi", {}, way))),
  );
  here("trust").hidden = false;
  here("refuse").focus();
}

function studyRow({ folder, name, is_there }) {
  const open = el(
    "button.open",
    { type: "button", disabled: !is_there, on: { click: () => openStudy(folder) } },
    el("b", {}, el("bdi", {}, name)),
    el("small", {}, is_there ? folder : `${folder} is not there now`),
  );
  const forget = async () => show(await post("/home/forget", { folder }));
  const label = `Take ${name} off this list; its folder stays`;
  return el("li", {}, open, el("button.icon", { type: "button", "aria-label": label, on: { click: forget } }, "×"));
}

function show(home) {
  fill(
    here("recent"),
    home.recent.map(studyRow),
    !home.recent.length && el("li.quiet", {}, "No study was opened on this computer yet."),
  );
}

function showChoices({ codebooks, folder }) {
  fill(
    form.elements.codebook,
    codebooks.map(({ id, title, codes }) =>
      el("option", { value: id }, codes ? `${title} (${counted(codes, "code")})` : title),
    ),
    el("option", { value: FILE }, "A file: codebook, project of another tool, backup"),
  );
  setParent(folder);
}

function setParent(path) {
  parent = path;
  here("where").textContent = path;
  showPlace();
}

function showPlace() {
  const name = form.elements.name.value.trim();
  here("will-be").textContent = name ? `in ${parent}/${name}` : "";
  const file = form.elements.codebook.value === FILE;
  here("book-choice").hidden = !file;
  form.elements.book.required = file;
}

function make(event) {
  event.preventDefault();
  const name = form.elements.name.value.trim();
  const book = form.elements.codebook.value;
  const [file] = form.elements.book.files;
  opening(() =>
    book === FILE
      ? upload("/home/studies/from-file", file, { name, parent, file: file.name })
      : post("/home/studies", { name, parent, codebook: book }),
  );
}

async function showFolders(path) {
  try {
    const found = await get("/home/folders", { path });
    here("folder-trouble").hidden = true;
    here("folder-path").textContent = found.path;
    here("choose").dataset.path = found.path;
    const row = (name, to, study = false) =>
      el(
        "li",
        {},
        el(
          "button",
          { type: "button", on: { click: () => showFolders(to) } },
          name,
          study && el("b", {}, " · a study"),
        ),
      );
    fill(
      here("folder-list"),
      found.parent && row("↑ the folder above", found.parent),
      found.folders.map(({ name, path: to, study }) => row(name, to, study)),
    );
    here("folder-list").querySelector("button")?.focus();
  } catch (error) {
    here("folder-trouble").hidden = false;
    here("folder-trouble").textContent = `${plain(error.message)}.`;
  }
}

function chooseFolder(path, run) {
  chosen = run;
  here("folders").showModal();
  showFolders(path);
}

async function stop() {
  await post("/home/stop", {}).catch(trouble);
  fill(
    here("main"),
    el("h1", {}, "Stopped"),
    el("p.lead", {}, "precode has ended. Everything you decided is kept; you can close this window."),
  );
}

form.addEventListener("input", showPlace);
form.addEventListener("submit", make);
here("allow").addEventListener("click", () => opening(() => post("/home/trust", asked)));
here("refuse").addEventListener("click", () => {
  here("trust").hidden = true;
});
here("choose-where").addEventListener("click", () => chooseFolder(parent, setParent));
here("open-other").addEventListener("click", () => chooseFolder(parent, openStudy));
here("choose").addEventListener("click", ({ currentTarget }) => {
  here("folders").close();
  chosen(currentTarget.dataset.path);
});
here("sample").addEventListener("click", () =>
  opening(() => post("/home/studies", { name: "Sample interviews", parent, codebook: "selfie", sample: true })),
);
here("stop").addEventListener("click", stop);
try {
  const home = await get("/home");
  show(home);
  showChoices(home);
  for (const id of ["open-other", "sample", "choose-where", "make-button", "stop"]) here(id).disabled = false;
} catch (error) {
  trouble(error);
}
