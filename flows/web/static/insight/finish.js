/** The finish line: how reliable the coding would be if suggestions from a probability on were taken as they are. */

import { between, decimal, finishPlot } from "../shared/charts.js";
import { counted, el, fill, percent } from "../shared/dom.js";

const known = ({ kappa }) => kappa.value !== null;

/** A figure with its interval. @param {{value: number|null, low: number|null, high: number|null}} estimate */
export function withInterval({ value, low, high }, say = decimal) {
  if (value === null) return "not enough";
  const interval = between(low, high, say);
  return interval ? `${say(value)} (${interval})` : say(value);
}

function pointRow(point, recommended) {
  return el(
    "tr",
    { class: point.threshold === recommended && "chosen" },
    el("th", { scope: "row" }, percent(point.threshold)),
    el("td.n", {}, percent(point.by_hand)),
    el("td.n", {}, point.taken.toLocaleString("en")),
    [point.kappa, point.precision, point.recall].map((estimate) => el("td.n", {}, withInterval(estimate))),
  );
}

const region = (label, table) => el("div.scroll", { tabindex: "0", role: "region", "aria-label": label }, table);

const headed = (heads, rows) => [
  el(
    "thead",
    {},
    el(
      "tr",
      {},
      heads.map((text) => el("th", { scope: "col" }, text)),
    ),
  ),
  el("tbody", {}, rows),
];

function pointsTable({ points, recommended }) {
  const heads = ["Taken from", "Still by hand", "Codes taken", "Kappa", "Precision", "Recall"];
  const rows = points.map((point) => pointRow(point, recommended));
  return region("The finish line by threshold", el("table.trust", {}, headed(heads, rows)));
}

/** What may be said of one code. */
export function codeVerdict({ insufficient, threshold }) {
  if (insufficient !== null) return "not enough judged";
  return threshold === null ? "none keeps it" : percent(threshold);
}

function codeTable({ codes, precision }, codebook) {
  const heads = [
    "Code",
    "Judged",
    "Right",
    `Right ${percent(precision)} of the time from`,
    "Suggestions from there on",
  ];
  const rows = codes
    .filter(({ judged }) => judged)
    .map((code) =>
      el(
        "tr",
        {},
        el("th", { scope: "row" }, codebook.name(code.code)),
        el("td.n", {}, String(code.judged)),
        el("td.n", {}, String(code.right)),
        el("td.n", {}, codeVerdict(code)),
        el("td.n", {}, code.threshold === null ? "–" : String(code.taken)),
      ),
    );
  if (!rows.length) return null;
  return el(
    "details",
    {},
    el("summary", {}, "Code by code"),
    el(
      "p.quiet",
      {},
      "A code gets a threshold only where the chance that fewer are right from there on is at most 5% (Learn then Test).",
    ),
    region("Thresholds of single codes", el("table.trust", {}, headed(heads, rows))),
  );
}

/**
 * Show the finish line.
 *
 * @param {HTMLElement} box
 * @param {Object} line As /api/finish-line gives it.
 * @param {import("../shared/codebook.js").Codebook} codebook
 */
export function showFinish(box, line, codebook) {
  const drawn = line.points.filter(known);
  const how = line.judged
    ? `It rests on ${counted(line.judged, "sentence")} that you coded without sight of suggestions.`
    : "Nothing was coded without sight of suggestions yet.";
  fill(
    box,
    el("p.lead", { id: "finish-summary" }, line.summary),
    el("p.quiet", {}, `${how} “By hand” is the share of all sentences that a person would still code.`),
    drawn.length > 0 && el("figure", {}, finishPlot(drawn)),
    drawn.length > 0 && pointsTable(line),
    codeTable(line, codebook),
    el(
      "p.acts",
      {},
      el("a.button", { href: "/audit" }, "Audit sentences"),
      drawn.length > 0 &&
        el("a.button", { href: "/api/finish-line.csv", download: "finish-line.csv" }, "Download as CSV"),
    ),
  );
}
