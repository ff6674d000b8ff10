/** The matrix on paper: a sheet holds few columns, so the table is cut into some, each with every row and its own head. */

import { el } from "../shared/dom.js";

/** Columns abreast on a landscape sheet. */
const MOST = { counts: 14, summaries: 4 };

/**
 * @param {import("./matrix_table.js").Group[]} groups
 * @param {number} most Columns of a sheet.
 * @returns {import("./matrix_table.js").Group[][]} The same columns in order, so many at a time, evenly.
 */
export function abreast(groups, most) {
  const all = groups.flatMap((group) => group.columns.map((column) => ({ group, column })));
  const sheets = Math.ceil(all.length / most);
  const cut = (n) => Math.round((n * all.length) / sheets);
  return Array.from({ length: sheets }, (_, n) => all.slice(cut(n), cut(n + 1))).map((part) =>
    groups
      .map((group) => ({ ...group, columns: part.filter((one) => one.group === group).map(({ column }) => column) }))
      .filter(({ columns }) => columns.length),
  );
}

/**
 * @param {string[]} rows
 * @param {import("./matrix_table.js").Group[]} groups
 * @param {"counts"|"summaries"} kind
 * @param {function(string, string[]): {passages: Object[], told: string[]}} cellOf What a row says of codes.
 * @returns {HTMLElement[]} Tables.
 */
export function printed(rows, groups, kind, cellOf) {
  return abreast(groups, MOST[kind]).map((part) => {
    const columns = part.flatMap((group) => group.columns);
    const domains = part.map(({ domain, columns: own }) =>
      el("th.domain", { scope: "colgroup", colspan: own.length, colour: domain }, domain.name),
    );
    const body = rows.map((row) =>
      el(
        "tr",
        {},
        el("th", { scope: "row" }, el("bdi", {}, row)),
        columns.map(({ codes }) => el("td", {}, cell(cellOf(row, codes), kind))),
      ),
    );
    return el(
      "table",
      {},
      el(
        "thead",
        {},
        el("tr", {}, el("th", { rowspan: 2, scope: "col" }, "Who"), domains),
        el(
          "tr",
          {},
          columns.map(({ title }) => el("th", { scope: "col" }, title)),
        ),
      ),
      el("tbody", {}, body),
    );
  });
}

function cell({ passages, told }, kind) {
  if (kind === "counts") return passages.length ? String(passages.length) : "";
  const count = passages.length === 1 ? "1 passage" : `${passages.length} passages`;
  return [told.map((text) => el("p", { dir: "auto" }, text)), passages.length > 0 && el("small.quiet", {}, count)];
}
