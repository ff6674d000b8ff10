/**
 * A figure: a chart drawn by Observable Plot, the table that says the same, and both to download. Colours are the
 * page's own, so that the chart is readable in light and dark; downloads are in light colours.
 */

import { el } from "../shared/dom.js";

const { Plot } = globalThis;
const SCALE = 2;
/** What of a shape's look stands in style sheets and must go into the file. */
const LOOK = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-opacity",
  "stroke-width",
  "font-family",
  "font-size",
  "opacity",
];

/**
 * @param {Object} about
 * @param {string} about.title
 * @param {string} about.file What downloads are called, without an ending.
 * @param {string} about.note How to read it.
 * @param {string[]} about.header Of the table.
 * @param {*[][]} about.rows Cells: strings and numbers, or `{text, href}`.
 * @param {Object|null} about.plot Options of Plot.plot; null for a table without a chart.
 */
export function figure({ title, file, note, header, rows, plot }) {
  const chart = plot && drawn(plot, title);
  const save = (label, run) =>
    el("button.link", { type: "button", "aria-label": `${title}: download ${label}`, on: { click: run } }, label);
  return el(
    "figure.figure",
    { data: { testid: "figure", file } },
    el(
      "figcaption",
      {},
      el("h2", {}, title),
      el("p.quiet", {}, note),
      el(
        "p.acts",
        {},
        el("span.quiet", {}, "Download"),
        chart && save("SVG", () => saveSvg(chart, file)),
        chart && save("PNG", () => savePng(chart, file)),
        save("CSV", () => saveCsv(header, rows, file)),
      ),
    ),
    chart && el("div.chart", { tabindex: "0", role: "region", "aria-label": `${title}: chart` }, chart),
    tableOf(title, header, rows),
  );
}

/** Plot puts its style sheet into the picture, which the page's policy does not allow: `analysis.css` has it. */
function drawn(options, title) {
  const chart = Plot.plot({
    ...options,
    className: "plot",
    style: { background: "transparent", color: "var(--ink)", overflow: "visible" },
  });
  for (const sheet of chart.querySelectorAll("style")) sheet.remove();
  for (const group of chart.querySelectorAll("g")) group.removeAttribute("aria-label"); // groups have no role to name
  chart.setAttribute("role", "img");
  chart.setAttribute("aria-label", `${title}. The table below says the same.`);
  return chart;
}

function tableOf(title, header, rows) {
  const cell = (value, n) => {
    const shown = value?.href ? el("a", { href: value.href }, value.text) : String(value?.text ?? value ?? "");
    return n ? el(typeof value === "number" ? "td.n" : "td", {}, shown) : el("th", { scope: "row" }, shown);
  };
  const head = header.map((text) => el("th", { scope: "col" }, text));
  return el(
    "div.scroll.under",
    { tabindex: "0", role: "region", "aria-label": `${title}: table` },
    el(
      "table.listing",
      {},
      el("caption.unseen", {}, title),
      el("thead", {}, el("tr", {}, head)),
      el(
        "tbody",
        {},
        rows.map((row) => el("tr", {}, row.map(cell))),
      ),
    ),
  );
}

/** @returns {string} The chart as a file of its own: every look written out, on white. */
function fileOf(chart) {
  const root = chart.closest("figure");
  const copy = chart.cloneNode(true);
  root.dataset.theme = "light";
  const shapes = [chart, ...chart.querySelectorAll("*")];
  for (const [n, shape] of [copy, ...copy.querySelectorAll("*")].entries()) {
    const look = getComputedStyle(shapes[n]);
    for (const name of LOOK) shape.setAttribute(name, look.getPropertyValue(name));
    shape.removeAttribute("style");
    shape.removeAttribute("class");
  }
  delete root.dataset.theme;
  const { width, height } = chart.viewBox.baseVal;
  const ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  for (const [name, value] of Object.entries({ width, height, fill: "white" }))
    ground.setAttribute(name, String(value));
  copy.prepend(ground);
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  return new XMLSerializer().serializeToString(copy);
}

const saveSvg = (chart, file) => save(new Blob([fileOf(chart)], { type: "image/svg+xml" }), `${file}.svg`);

async function savePng(chart, file) {
  const { width, height } = chart.viewBox.baseVal;
  const picture = new Image();
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(fileOf(chart))}`;
  await picture.decode();
  const canvas = el("canvas", { width: SCALE * width, height: SCALE * height });
  canvas.getContext("2d").drawImage(picture, 0, 0, SCALE * width, SCALE * height);
  canvas.toBlob((blob) => save(blob, `${file}.png`));
}

/** Save a table as CSV that Excel opens as UTF-8. @param {string[]} header @param {*[][]} rows @param {string} file */
export function saveCsv(header, rows, file) {
  const lines = [header, ...rows].map((row) => row.map((value) => csvCell(value?.text ?? value)).join(","));
  save(new Blob(["\ufeff", lines.join("\r\n"), "\r\n"], { type: "text/csv;charset=utf-8" }), `${file}.csv`);
}

/** A cell; text that a spreadsheet would take for a formula begins with an apostrophe, as in the exports. */
export function csvCell(value) {
  if (typeof value === "number") return String(value);
  const text = String(value ?? "");
  const inert = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}

function save(blob, name) {
  const url = URL.createObjectURL(blob);
  el("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
