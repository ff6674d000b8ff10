/** The matrix as a table: headings stay in view, cells bear counts, and arrow keys go from one filled cell to the next. */

import { GONE } from "../shared/codebook.js";
import { el, paint } from "../shared/dom.js";
import { printed } from "./matrix_print.js";

/**
 * @typedef {Object} Opened
 * @property {string} row @property {string} title @property {Object[]} passages
 * @property {{version: number, code: string}[]} places Transcripts and codes that the cell is about.
 */

/** @typedef {{domain: {name: string}, columns: {title: string, codes: string[]}[]}} Group Columns of a domain. */

export class MatrixTable {
  /** @param {import("../shared/codebook.js").Codebook} codebook @param {function(Opened): void} open */
  constructor(codebook, open) {
    Object.assign(this, { codebook, open, at: null, buttons: [] });
  }

  /**
   * @param {{rows: string[], versions: number[][], codes: string[], cells: Object[]}} matrix
   * @param {import("./summary_editor.js").Summary[]} summaries
   * @param {{columns: string, cells: string}} chosen `columns`: given, all, domains; `cells`: counts, summaries.
   */
  draw(matrix, summaries, { columns, cells }) {
    this.buttons = [];
    this.tells = cells === "summaries";
    this.members = new Map(matrix.rows.map((row, n) => [row, matrix.versions[n]]));
    this.said = new Map(summaries.map((one) => [`${one.version} ${one.code}`, one]));
    this.found = new Map();
    for (const { row, code, passages } of matrix.cells) {
      const known = this.found.get(row) ?? this.found.set(row, new Map()).get(row);
      known.set(
        code,
        passages.map((one) => ({ ...one, code })),
      );
    }
    const groups = this.#groups(matrix, summaries, columns);
    this.printed = () =>
      printed(matrix.rows, groups, this.tells ? "summaries" : "counts", (row, codes) => this.#contents(row, codes));
    const head = columns === "domains" ? this.#domainHead(groups) : this.#codeHead(groups);
    const rows = matrix.rows.map((row, n) => this.#row(row, n, groups));
    const kind = `table.matrix${columns === "domains" ? ".by-domain" : ""}${this.tells ? ".told" : ""}`;
    const table = el(
      kind,
      {},
      el("caption.unseen", {}, "Coded passages by row and code"),
      el("thead", {}, head),
      el("tbody", {}, rows),
    );
    this.#settle();
    return el("div.matrix-box", { tabindex: "0", role: "region", "aria-label": "Framework matrix" }, table);
  }

  /** Arrow keys, for the page's table of keys. */
  keys() {
    const here = () => this.buttons.some(({ button }) => button === document.activeElement);
    const go = (keys, does, down, right) => ({
      keys,
      does,
      group: "Matrix",
      when: here,
      run: () => this.#go(down, right),
    });
    return [
      go(["ArrowRight"], "next cell with passages", 0, 1),
      go(["ArrowLeft"], "cell before", 0, -1),
      go(["ArrowDown"], "cell below", 1, 0),
      go(["ArrowUp"], "cell above", -1, 0),
    ];
  }

  /** Columns by domain; each column holds the codes it adds up. */
  #groups({ codes, cells }, summaries, columns) {
    const given = new Set([...cells, ...summaries].map(({ code }) => code));
    const gone = summaries.map(({ code }) => code).filter((code) => !codes.includes(code));
    const all = [...codes, ...new Set(gone.filter((code) => !this.codebook.byId.has(code)))];
    const shown = columns === "given" ? all.filter((code) => given.has(code)) : all;
    const domainOf = (code) => this.codebook.byId.get(code)?.domain ?? GONE.name;
    const behind = shown.some((code) => !this.codebook.byId.has(code)) ? [GONE] : [];
    const groups = [...this.codebook.domains, ...behind].map((domain) => {
      const inside = shown.filter((code) => domainOf(code) === domain.name);
      const single = inside.map((code) => ({ title: this.codebook.name(code), codes: [code] }));
      return { domain, columns: columns === "domains" ? [{ title: domain.name, codes: inside }] : single };
    });
    return groups.filter((group) => group.columns.length);
  }

  #domainHead(groups) {
    const heads = groups.map(({ domain }) => el("th", { scope: "col", colour: domain }, el("span", {}, domain.name)));
    return el("tr.domains", {}, corner(), heads);
  }

  #codeHead(groups) {
    const domains = groups.map(({ domain, columns }) => {
      const name = el("span", { title: domain.name }, domain.name);
      return el("th", { scope: "colgroup", colspan: columns.length, colour: domain }, name);
    });
    const codes = groups.flatMap(({ columns }) =>
      columns.map(({ title }, n) => el(n ? "th" : "th.first", { scope: "col" }, el("span", {}, title))),
    );
    for (const [n, { columns }] of groups.entries())
      domains[n].firstChild.style.setProperty("max-width", `${Math.max(5.6, columns.length * 2.9 - 0.9)}rem`);
    return [el("tr.domains", {}, corner(2)), el("tr.codes", {}, codes)].map((row, n) => {
      if (!n) row.append(...domains);
      return row;
    });
  }

  #row(row, n, groups) {
    const known = this.found.get(row) ?? new Map();
    const all = [...known.values()].flat().length;
    let right = -1;
    const cells = groups.flatMap(({ domain, columns }) =>
      columns.map(({ title, codes }, place) => {
        right += 1;
        const { passages, places } = this.#contents(row, codes);
        return el(
          place ? "td" : "td.first",
          {},
          places.length > 0 && this.#cell({ row, title, passages, places }, domain, n, right),
        );
      }),
    );
    return el(
      "tr",
      {},
      el("th", { scope: "row" }, el("bdi", {}, row), el("small", {}, all ? String(all) : "nothing coded")),
      cells,
    );
  }

  /** What a row has of some codes: passages, the transcripts and codes that have passages or a summary, what is said. */
  #contents(row, codes) {
    const known = this.found.get(row);
    const passages = codes.flatMap((code) => known?.get(code) ?? []);
    const places = this.#places(row, codes, passages);
    const told = places.map(({ version, code }) => this.said.get(`${version} ${code}`)?.text).filter(Boolean);
    return { passages, places, told };
  }

  #places(row, codes, passages) {
    const coded = new Set(passages.map(({ version, code }) => `${version} ${code}`));
    return codes.flatMap((code) =>
      this.members
        .get(row)
        .filter((version) => coded.has(`${version} ${code}`) || this.said.has(`${version} ${code}`))
        .map((version) => ({ version, code })),
    );
  }

  #cell(opened, domain, down, right) {
    const { row, title, passages, places } = opened;
    const told = places.map(({ version, code }) => this.said.get(`${version} ${code}`)?.text).filter(Boolean);
    const count = `${passages.length} ${passages.length === 1 ? "passage" : "passages"}`;
    const label = `${row}, ${title}: ${count}${told.length ? ", summarised" : ""}`;
    const button = el(
      "button",
      {
        type: "button",
        tabindex: "-1",
        "aria-label": label,
        "aria-haspopup": "dialog",
        data: { testid: "matrix-cell" },
      },
      this.tells
        ? [told.map((text) => el("span.told", { dir: "auto" }, text)), el("small", {}, count)]
        : counted(passages, told),
    );
    paint(button, domain);
    button.style.setProperty("--count", String(passages.length));
    button.addEventListener("focus", () => this.#hold(button));
    button.addEventListener("click", () => this.open(opened));
    this.buttons.push({ button, down, right, label });
    return button;
  }

  /** After drawing, the cell that had the focus can be reached by Tab, or the first. */
  #settle() {
    const held = this.#lastHeld() ?? this.buttons[0];
    if (held) held.button.tabIndex = 0;
  }

  #lastHeld() {
    return this.buttons.find(({ label }) => label.split(":")[0] === this.at?.split(":")[0]);
  }

  /** Give the focus back to the cell that had it before the table was drawn anew: the next key is for that cell. */
  hold() {
    this.#lastHeld()?.button.focus({ preventScroll: true });
  }

  #hold(button) {
    for (const one of this.buttons) one.button.tabIndex = one.button === button ? 0 : -1;
    this.at = button.getAttribute("aria-label");
  }

  #go(down, right) {
    const from = this.buttons.find(({ button }) => button === document.activeElement);
    const ahead = this.buttons.filter((one) =>
      right
        ? one.down === from.down && Math.sign(one.right - from.right) === right
        : Math.sign(one.down - from.down) === down,
    );
    const far = (one) =>
      right
        ? Math.abs(one.right - from.right)
        : 1000 * Math.abs(one.down - from.down) + Math.abs(one.right - from.right);
    const next = ahead.sort((one, other) => far(one) - far(other))[0];
    if (!next) return;
    next.button.focus({ preventScroll: true });
    next.button.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}

/** A number, and a sign where something was written. */
const counted = (passages, told) => [
  String(passages.length),
  told.length > 0 && el("i.pen", { "aria-hidden": "true", title: "Summarised" }, "✎"),
];

function corner(rows = 1) {
  return el("th.corner", { rowspan: rows, scope: "col" }, "Who");
}
