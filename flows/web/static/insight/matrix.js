/** The framework matrix: participants, or groups of them, by codes; each cell opens what was said. */

import { get, watchPulse } from "../shared/api.js";
import { codeChip, loadStudy } from "../shared/codebook.js";
import { announce, counted, el, fill } from "../shared/dom.js";
import { filterControls, put, shared } from "../shared/filter.js";
import { bindKeys, hold } from "../shared/keys.js";
import { coders, nameOf, selectOf } from "../shared/pair.js";
import { MatrixTable } from "./matrix_table.js";
import { SummaryEditor } from "./summary_editor.js";

const USUAL = { rows: "transcript", columns: "given", cells: "counts", coder: "" };
const COLUMNS = [
  ["given", "codes that were given"],
  ["all", "all codes"],
  ["domains", "domains"],
];
const CELLS = [
  ["counts", "how many passages"],
  ["summaries", "summaries"],
];
const place = (id) => document.getElementById(id);

class MatrixPage {
  constructor(study, codebook) {
    Object.assign(this, { study, codebook });
    const asked = new URLSearchParams(location.search);
    this.chosen = Object.fromEntries(Object.keys(USUAL).map((name) => [name, asked.get(name) ?? USUAL[name]]));
    this.table = new MatrixTable(codebook, (cell) => this.open(cell));
    this.drawAxes();
    addEventListener("beforeprint", () => fill(place("printed"), this.matrix ? this.table.printed?.() : null));
    addEventListener("afterprint", () => fill(place("printed")));
    bindKeys(this.table.keys());
  }

  drawAxes() {
    const attributes = [...new Set(this.study.transcripts.flatMap((one) => Object.keys(one.attributes)))].filter(
      (name) => name !== "id",
    );
    const people = coders(this.study).filter((name) => name !== "precode");
    const names = people.map((name) => [name === this.study.coder ? "" : name, nameOf(name, this.study)]);
    const control = (label, name, options) =>
      selectOf(label, name, options, this.chosen[name], (value) => this.choose(name, value));
    fill(
      place("axes"),
      control("Rows", "rows", [["transcript", "transcripts"], ...attributes.map((name) => [name, `by ${name}`])]),
      control("Columns", "columns", COLUMNS),
      control("Cells", "cells", CELLS),
      control("Codings of", "coder", names),
      filterControls(this.study, ["domain", "code", "version", "where"], (name, change) => this.narrow(name, change)),
    );
  }

  choose(name, value) {
    this.chosen = { ...this.chosen, [name]: value };
    put({ [name]: value === USUAL[name] ? "" : value });
    if (name === "columns" || name === "cells") this.show();
    else this.load();
  }

  narrow(name, change) {
    put(change);
    this.drawAxes();
    place("axes").querySelector(`[name=${name}]`)?.focus();
    this.load();
  }

  async load() {
    const { rows, coder } = this.chosen;
    const filter = shared();
    const asked = JSON.stringify([rows, coder, filter]);
    try {
      const [matrix, { summaries }] = await Promise.all([
        get("/matrix", { ...filter, rows, coder }),
        get("/summaries"),
      ]);
      if (asked !== JSON.stringify([this.chosen.rows, this.chosen.coder, shared()])) return;
      Object.assign(this, { matrix, summaries });
      place("trouble").hidden = true;
      this.show();
    } catch (error) {
      fill(place("trouble"), `Not up to date: ${error.message}.`).hidden = false;
    }
  }

  show() {
    if (!this.matrix) return;
    const passages = this.matrix.cells.reduce((sum, cell) => sum + cell.passages.length, 0);
    const places = new Set(this.matrix.cells.map(({ code }) => code)).size;
    fill(place("sum"), passages ? `${counted(passages, "passage")}, ${counted(places, "code")}` : "");
    const empty = el(
      "p.lead.quiet",
      {},
      "Nothing is coded yet. Accept suggestions or code passages, and they gather here.",
    );
    const held = document.activeElement?.dataset.testid === "matrix-cell";
    const some = passages || this.summaries.length;
    fill(place("matrix"), some ? this.table.draw(this.matrix, this.summaries, this.chosen) : empty);
    if (held) this.table.hold();
    announce(counted(passages, "passage"));
  }

  /** Show the summaries of a cell beside its passages. @param {import("./matrix_table.js").Opened} cell */
  open({ row, title, passages, places }) {
    const dialog = place("cell");
    fill(dialog.querySelector("h2"), el("bdi", {}, row), " · ", title);
    fill(
      dialog.querySelector(".summaries"),
      places.map((one) => this.editor(one, places.length > 1)),
    );
    fill(
      dialog.querySelector(".passages"),
      passages.map((one) => this.passage(one)),
    );
    dialog.showModal();
    dialog.scrollTop = 0;
    dialog.querySelector("textarea")?.focus();
  }

  /** The summary of a transcript and a code: one that the codebook no longer has is shown as it was. */
  editor({ version, code }, titled) {
    const transcript = this.study.transcripts.find((one) => one.version === version)?.name ?? "";
    const current = this.summaries.find((one) => one.version === version && one.code === code);
    const title = `${transcript} · ${this.codebook.name(code)}`;
    if (this.codebook.byId.has(code))
      return new SummaryEditor({ version, code, title }, current, () => this.load()).element(titled);
    return el("section.summary", {}, titled && el("h3", {}, title), el("p.words", {}, current?.text ?? ""));
  }

  passage({ version, transcript, start, text, coder, code }) {
    return el(
      "li",
      { colour: this.codebook.domainOf(code) },
      el("p.words", { dir: "auto" }, text),
      el(
        "p.quiet",
        {},
        codeChip(this.codebook, code),
        el("bdi", {}, coder),
        el("a", { href: `/read/${version}#at-${start}` }, "Read it in ", el("bdi", {}, transcript)),
      ),
    );
  }
}

async function start() {
  const { study, codebook } = await loadStudy();
  const page = new MatrixPage(study, codebook);
  await page.load();
  watchPulse((_, before) => before && page.load());
}

hold(start());
