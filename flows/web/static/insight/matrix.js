/** The framework matrix: participants, or groups of them, by codes; each cell opens what was said. */

import { get, watchPulse } from "../shared/api.js";
import { codeChip, loadStudy } from "../shared/codebook.js";
import { announce, counted, el, fill } from "../shared/dom.js";
import { filterControls, put, shared } from "../shared/filter.js";
import { bindKeys, hold } from "../shared/keys.js";
import { coders, nameOf, selectOf } from "../shared/pair.js";
import { MatrixTable } from "./matrix_table.js";

const USUAL = { rows: "transcript", columns: "given", coder: "" };
const COLUMNS = [
  ["given", "codes that were given"],
  ["all", "all codes"],
  ["domains", "domains"],
];
const place = (id) => document.getElementById(id);

class MatrixPage {
  constructor(study, codebook) {
    Object.assign(this, { study, codebook });
    const asked = new URLSearchParams(location.search);
    this.chosen = Object.fromEntries(Object.keys(USUAL).map((name) => [name, asked.get(name) ?? USUAL[name]]));
    this.table = new MatrixTable(codebook, (cell) => this.open(cell));
    this.drawAxes();
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
      control("Codings of", "coder", names),
      filterControls(this.study, ["domain", "code", "version", "where"], (name, change) => this.narrow(name, change)),
    );
  }

  choose(name, value) {
    this.chosen = { ...this.chosen, [name]: value };
    put({ [name]: value === USUAL[name] ? "" : value });
    if (name === "columns") this.show();
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
      const matrix = await get("/matrix", { ...filter, rows, coder });
      if (asked !== JSON.stringify([this.chosen.rows, this.chosen.coder, shared()])) return;
      this.matrix = matrix;
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
    fill(place("matrix"), passages ? this.table.draw(this.matrix, this.chosen.columns) : empty);
    if (held) this.table.hold();
    announce(counted(passages, "passage"));
  }

  /** Show the passages of a cell. */
  open({ row, title, passages }) {
    const dialog = place("cell");
    fill(dialog.querySelector("h2"), el("bdi", {}, row), " · ", title);
    fill(
      dialog.querySelector("ol"),
      passages.map((one) => this.passage(one)),
    );
    dialog.showModal();
    dialog.scrollTop = 0;
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
