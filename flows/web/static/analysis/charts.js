/** The charts of the reading tools, as options of Observable Plot. */

import { GONE } from "../shared/codebook.js";

const { Plot } = globalThis;
const WIDTH = 900;
const ROW = 20;
const LEFT = 260;
const [NARROW, WIDE] = [34, 90];
const LONGEST = 38;

const shortened = (text) => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);

/** A code's colour in light and dark. */
export function colourOf(codebook, code) {
  const { light, dark } = codebook.domainOf(code) ?? GONE;
  return `light-dark(${light}, ${dark})`;
}

/** Room for as many rows as there are, with their names at the left. */
const rowsOf = (ids, name) => ({
  width: WIDTH,
  height: 60 + ROW * Math.max(ids.length, 1),
  marginLeft: LEFT,
  marginRight: 40,
  y: { domain: ids, label: null, tickSize: 0, tickFormat: (id) => shortened(name(id)) },
  color: { type: "identity" },
});

/**
 * Bars, each perhaps with a second part behind it that is only outlined.
 *
 * @param {{id: string, n: number, more?: number, colour: string}[]} items In order.
 * @param {function(string): string} name What a bar is called.
 * @param {string} label Of the axis.
 */
export function bars(items, name, label) {
  const ids = items.map(({ id }) => id);
  const outlined = items.filter(({ more }) => more);
  const end = ({ n, more = 0 }) => n + more;
  return {
    ...rowsOf(ids, name),
    x: { label, grid: true, nice: true, ticks: Math.min(10, Math.ceil(Math.max(...items.map(end)))) },
    marks: [
      Plot.barX(items, { x: "n", y: "id", fill: "colour" }),
      Plot.barX(outlined, { x1: "n", x2: end, y: "id", fill: "none", stroke: "colour", strokeDasharray: "3 2" }),
      Plot.text(items, { x: end, y: "id", text: end, textAnchor: "start", dx: 4, fill: "var(--ink)" }),
      Plot.ruleX([0], { stroke: "var(--edge)" }),
    ],
  };
}

/**
 * Cells, darker the more there is; each says its number.
 *
 * @param {{row: string, column: string, value: number, text: string}[]} cells Those with anything in them.
 * @param {string[]} rows Ids in order. @param {string[]} columns Ids in order.
 * @param {{row: function(string): string, column: function(string): string, label: string|null}} names
 */
export function heatmap(cells, rows, columns, names) {
  const most = Math.max(...cells.map(({ value }) => value), 1e-9);
  const longest = Math.max(...columns.map((id) => shortened(names.column(id)).length));
  const across = longest * 7 < WIDE && columns.length <= 6;
  const [space, beside] = across ? [44, 40] : [44 + 4.4 * longest, 40 + 5 * longest];
  return {
    ...rowsOf(rows, names.row),
    width: LEFT + beside + (across ? WIDE : NARROW) * columns.length,
    height: 20 + space + ROW * rows.length,
    marginTop: space,
    marginRight: beside,
    x: {
      domain: columns,
      axis: "top",
      label: across ? names.label : null,
      tickSize: 0,
      tickRotate: across ? 0 : -40,
      tickFormat: (id) => shortened(names.column(id)),
    },
    marks: [
      Plot.cell(cells, {
        x: "column",
        y: "row",
        fill: "var(--heat)",
        fillOpacity: ({ value }) => 0.12 + (0.88 * value) / most,
        inset: 0.5,
      }),
      Plot.text(cells, { x: "column", y: "row", text: "text", fill: "var(--ink)" }),
    ],
    opacity: { type: "identity" },
  };
}
