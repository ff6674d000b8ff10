/** What a study hands over: exports and a backup as downloads, and how suggestions compare with human coding. */

import { downloadOf, get, post, upload } from "../shared/api.js";
import { loadStudy } from "../shared/codebook.js";
import { el, fill, flash } from "../shared/dom.js";
import { filterControls, put, shared } from "../shared/filter.js";
import { watchJob } from "../shared/job.js";

const here = (id) => document.getElementById(id);
const UPLOAD = "upload";

function trouble(error) {
  here("trouble").hidden = !error;
  here("trouble").textContent = error ? `${error.message}.` : "";
  if (error) here("trouble").scrollIntoView({ block: "nearest" });
}

const choice = (name, label, options) =>
  el(
    "label.choice",
    {},
    el("span", {}, label),
    el(
      "select",
      { name },
      options.map(([value, text]) => el("option", { value }, text)),
    ),
  );

/** What exports hold is what the filter means, which the other pages share. */
function showFilters(study) {
  const changed = (name, change) => {
    put(change);
    showFilters(study);
    here("filters").querySelector(`[name=${name}]`)?.focus();
  };
  fill(here("filters"), filterControls(study, ["domain", "code", "version", "where"], changed));
}

function showExports({ formats, coders, attributes, tools, left_out, blind }, study) {
  const form = /** @type {HTMLFormElement} */ (here("choices"));
  fill(
    form,
    el("span.filters", { id: "filters" }),
    choice("coder", "Whose codings", [["", "everybody’s"], ...coders.map((name) => [name, name])]),
    choice("by", "Rows of the matrix", [["", "participants"], ...attributes.map((name) => [name, name])]),
    choice(
      "tool",
      "Project for",
      tools.map((name) => [name, name === "generic" ? "any tool" : name]),
    ),
    el("label.check", {}, el("input", { type: "checkbox", name: "suggestions" }), "With suggestions nobody decided on"),
  );
  form.elements.coder.value = coders.includes(shared().coder) ? shared().coder : "";
  form.elements.coder.addEventListener("change", () => put({ coder: form.elements.coder.value }));
  showFilters(study);
  const wanted = (format) => {
    const chosen = format.codings
      ? Object.fromEntries(["coder", "by", "tool"].map((name) => [name, form.elements[name].value]))
      : {};
    const { domain, code, version, where } = shared();
    const filter = { domain, code, version: version && Number(version), where };
    return {
      format: format.name,
      ...filter,
      ...chosen,
      suggestions: format.codings && form.elements.suggestions.checked,
    };
  };
  fill(
    here("formats"),
    formats.map((format) => formatRow(format, wanted)),
  );
  here("blind").hidden = !blind.length;
  here("blind").textContent = blind.length
    ? `You code ${blind.join(", ")} blind: exports that show suggestions or others’ codings wait until you are done.`
    : "";
  fill(
    here("left-out"),
    left_out.map((line) => el("li", {}, line)),
  );
  here("backup-link").href = downloadOf("/backup");
}

function formatRow(format, wanted) {
  const fetchIt = () => download(downloadOf("/export", wanted(format)), format.title);
  const keep = async () => {
    trouble(null);
    try {
      const { version, ...rest } = wanted(format);
      const { files } = await post("/export", version ? { ...rest, version } : rest);
      flash(`Written into the study: ${files.join(", ")}`);
    } catch (error) {
      trouble(error);
    }
  };
  const label = `${format.title}: `;
  return el(
    "li",
    {},
    el("span", {}, format.title, el("small", {}, format.about)),
    el(
      "span.acts",
      {},
      el("button", { type: "button", "aria-label": `${label}download`, on: { click: fetchIt } }, "Download"),
      el("button.link", { type: "button", "aria-label": `${label}keep in the study`, on: { click: keep } }, "Keep"),
    ),
  );
}

/** Download something, and say in the page why it cannot be had: a link alone would lead to a page of JSON. */
async function download(address, title) {
  trouble(null);
  const answer = await fetch(address, { credentials: "same-origin" }).catch(() => null);
  if (!answer?.ok) {
    const { detail = "the server does not answer" } = (await answer?.json().catch(() => ({}))) ?? {};
    trouble(new Error(`${title}: ${detail.replace(/ \(precode review .*?\)/, "")}`));
    return;
  }
  const name = decodeURIComponent(
    /filename\*?=(?:utf-8'')?"?([^";]+)/i.exec(answer.headers.get("content-disposition") ?? "")?.[1] ?? "export",
  );
  const url = URL.createObjectURL(await answer.blob());
  el("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  flash(`${name} is among your downloads`);
}

function showBenchmark({ files, coders, tables, report }) {
  const form = /** @type {HTMLFormElement} */ (here("against"));
  const options = [
    ...files.map((file) => [`file:${file}`, file]),
    ...coders.map((name) => [`coder:${name}`, `what ${name} coded here, in transcripts marked as done`]),
    [UPLOAD, "a file on this computer …"],
  ];
  const file = el("input", {
    type: "file",
    name: "file",
    accept: ".csv,.jsonl",
    "aria-label": "File of human codings",
  });
  const picked = el("span", { hidden: options.length > 1 }, file);
  const select = choice("whose", "Human coding", options);
  select.addEventListener("change", () => {
    picked.hidden = form.elements.whose.value !== UPLOAD;
  });
  fill(form, select, picked, el("button.main", { id: "compare" }, "Compare"));
  fill(
    here("tables"),
    report &&
      el(
        "p",
        {},
        el("a", { href: downloadOf("/benchmark/report"), target: "_blank" }, "The whole report"),
        ": plots, and mistakes in context",
      ),
    tables.map(table),
  );
}

function table({ title, header, rows }) {
  const cells = (row) => row.map((cell, n) => (n ? el("td", {}, cell) : el("th", { scope: "row" }, cell)));
  return el(
    "div.scroll",
    { tabindex: "0", role: "region", "aria-label": title },
    el(
      "table.listing",
      {},
      el("caption", {}, title),
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          header.map((text) => el("th", { scope: "col" }, text)),
        ),
      ),
      el(
        "tbody",
        {},
        rows.map((row) => el("tr", {}, cells(row))),
      ),
    ),
  );
}

async function compare(event) {
  event.preventDefault();
  trouble(null);
  const form = here("against");
  const [kind, ...rest] = form.elements.whose.value.split(":");
  try {
    let body = { [kind]: rest.join(":") };
    if (kind === UPLOAD) {
      const [file] = form.elements.file.files;
      if (!file) throw new Error("choose a file of codings first");
      body = await upload("/benchmark/codings", file, { name: file.name });
    }
    await post("/benchmark", body);
    await watchBenchmark();
  } catch (error) {
    trouble(error);
  }
}

async function watchBenchmark() {
  const job = await watchJob(({ kind, state }) => {
    here("measuring").textContent =
      state === "working" && kind === "benchmark" ? "Comparing; this takes a minute or so …" : "";
  });
  if (job.kind === "benchmark" && job.state !== "done") trouble(new Error(`Not compared: ${job.message}`));
  showBenchmark(await get("/benchmark"));
}

here("against").addEventListener("submit", compare);
here("backup-link").addEventListener("click", (event) => {
  event.preventDefault();
  download(event.currentTarget.href, "Backup");
});
try {
  showExports(await get("/exports"), (await loadStudy()).study);
  showBenchmark(await get("/benchmark"));
  await watchBenchmark();
} catch (error) {
  trouble(error);
}
