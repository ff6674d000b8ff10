/** Small charts as SVG. Each stands beside a table that says the same, and is hidden from screen readers. */

import { paint, percent } from "./dom.js";

const SPACE = "http://www.w3.org/2000/svg";

/**
 * Make an SVG element; colours come from classes and from `--c`, since the page allows no style attributes.
 *
 * @param {string} tag
 * @param {Object<string, string|number>} [attributes]
 * @param {...(Node|string)} children
 */
export function svg(tag, attributes = {}, ...children) {
  const made = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

const defined = (value) => value !== null && value !== undefined;

/** A share as a percentage, a dash where it is not defined. @param {number|null} value */
export const share = (value) => (defined(value) ? percent(value) : "–");

/** A coefficient with two decimals and without its leading nought, a dash where it is not defined. */
export function decimal(value) {
  if (!defined(value)) return "–";
  return value < 1 && value >= 0.995 ? ">.99" : value.toFixed(2).replace(/^(-?)0\./, "$1.");
}

/** An interval in words, empty where there is none. @param {number|null} low @param {number|null} high */
export const between = (low, high, say = share) => (defined(low) && defined(high) ? `${say(low)} to ${say(high)}` : "");

/**
 * A bar of parts that follow one another; what they leave is the empty track.
 *
 * @param {{n: number, css: string}[]} parts
 * @param {number} whole What the full bar stands for.
 * @param {{light: string, dark: string}} [colour] A domain.
 */
export function bar(parts, whole, colour) {
  let x = 0;
  const drawn = parts.map(({ n, css }) => {
    const width = whole ? (100 * n) / whole : 0;
    const piece = svg("rect", { x, y: 0, width, height: 6, class: css });
    x += width;
    return piece;
  });
  const picture = svg("svg", {
    viewBox: "0 0 100 6",
    preserveAspectRatio: "none",
    class: "bar",
    "aria-hidden": "true",
  });
  picture.append(svg("rect", { width: 100, height: 6, class: "empty" }), ...drawn);
  paint(picture, colour);
  return picture;
}

/**
 * A share on a line from 0 to 1 with its interval, and a tick where it was expected to be.
 *
 * @param {{observed: number|null, low: number|null, high: number|null, expected?: number|null}} measured
 * @param {{light: string, dark: string}} [colour] A domain.
 */
export function dotline({ observed, low, high, expected }, colour) {
  const at = (value) => 4 + 152 * value;
  const picture = svg("svg", { viewBox: "0 0 160 14", class: "dotline", "aria-hidden": "true" });
  picture.append(svg("line", { x1: at(0), x2: at(1), y1: 7, y2: 7, class: "rail" }));
  if (defined(low)) picture.append(svg("line", { x1: at(low), x2: at(high), y1: 7, y2: 7, class: "whisker" }));
  if (defined(expected))
    picture.append(svg("line", { x1: at(expected), x2: at(expected), y1: 1, y2: 13, class: "tick" }));
  if (defined(observed)) picture.append(svg("circle", { cx: at(observed), cy: 7, r: 3.6, class: "point" }));
  paint(picture, colour);
  return picture;
}

const FRAME = { width: 460, height: 350, left: 48, right: 22, top: 32, bottom: 46 };

/** Where shares lie in the picture; the lower axis begins at `from`. */
function scales(from) {
  const { width, height, left, right, top, bottom } = FRAME;
  return {
    x: (value) => left + ((value - from) / (1 - from)) * (width - left - right),
    y: (value) => height - bottom - value * (height - top - bottom),
  };
}

function grid({ x, y }, from) {
  const { width, height, left, right, bottom } = FRAME;
  const across = [0, 0.25, 0.5, 0.75, 1].flatMap((value) => [
    svg("line", { x1: left, x2: width - right, y1: y(value), y2: y(value), class: "gridline" }),
    svg("text", { x: left - 8, y: y(value) + 4, "text-anchor": "end" }, percent(value)),
  ]);
  const steps = Array.from({ length: Math.round((1 - from) * 10) + 1 }, (_, n) => from + n / 10);
  const along = steps.map((value) =>
    svg("text", { x: x(value), y: height - bottom + 18, "text-anchor": "middle" }, `${Math.round(100 * value)}%`),
  );
  return [...across, ...along];
}

function reading({ x, y }, { expected, observed, low, high, n }) {
  const middle = x(expected);
  const cap = (value) => svg("line", { x1: middle - 4, x2: middle + 4, y1: y(value), y2: y(value), class: "whisker" });
  return [
    svg("line", { x1: middle, x2: middle, y1: y(low), y2: y(high), class: "whisker" }),
    cap(low),
    cap(high),
    svg("circle", { cx: middle, cy: y(observed), r: 3.5 + Math.min(5, Math.sqrt(n) / 2), class: "point" }),
  ];
}

function titles() {
  const { width, height, left, right } = FRAME;
  const middle = (left + width - right) / 2;
  return [
    svg("text", { x: middle, y: height - 6, "text-anchor": "middle", class: "axis" }, "probability that was promised"),
    svg("text", { x: 12, y: 12, class: "axis" }, "share you accepted"),
  ];
}

/**
 * What was promised against what was accepted: on the diagonal, 80% holds in 80 of 100 cases.
 *
 * @param {{expected: number, observed: number, low: number, high: number, n: number}[]} bands Where all is defined.
 */
export function calibration(bands) {
  const from = Math.min(0.5, ...bands.map(({ expected }) => Math.floor(expected * 10) / 10));
  const scale = scales(from);
  const ends = { x1: scale.x(from), y1: scale.y(from), x2: scale.x(1), y2: scale.y(1) };
  const picture = svg("svg", {
    viewBox: `0 0 ${FRAME.width} ${FRAME.height}`,
    class: "calibration",
    "aria-hidden": "true",
  });
  picture.append(...grid(scale, from), svg("line", { ...ends, class: "diagonal" }));
  picture.append(...bands.flatMap((band) => reading(scale, band)), ...titles());
  return picture;
}

const FINISH = [
  ["kappa", "kappa"],
  ["precision", "precision"],
  ["recall", "recall"],
];

/**
 * Reliability against the share that is still coded by hand, a line for each figure and a band around kappa.
 *
 * @param {{by_hand: number, kappa: Object, precision: Object, recall: Object}[]} points Where kappa is known.
 */
export function finishPlot(points) {
  const scale = scales(0);
  const ordered = points.toSorted((one, other) => one.by_hand - other.by_hand);
  const at = (key, end) =>
    ordered
      .filter((point) => defined(point[key][end]))
      .map((point) => `${scale.x(point.by_hand).toFixed(1)},${scale.y(point[key][end]).toFixed(1)}`);
  const band = [...at("kappa", "low"), ...at("kappa", "high").toReversed()].join(" ");
  const picture = svg("svg", {
    viewBox: `0 0 ${FRAME.width} ${FRAME.height}`,
    class: "calibration finish",
    "aria-hidden": "true",
  });
  picture.append(...grid(scale, 0), svg("polygon", { points: band, class: "band" }));
  picture.append(
    ...FINISH.map(([key, css]) => svg("polyline", { points: at(key, "value").join(" "), class: `curve ${css}` })),
  );
  picture.append(
    ...FINISH.map(([key, css], n) => svg("text", { x: FRAME.left + 90 * n, y: 12, class: `axis ${css}` }, key)),
    svg(
      "text",
      { x: FRAME.width / 2, y: FRAME.height - 6, "text-anchor": "middle", class: "axis" },
      "share of sentences that a person still codes",
    ),
  );
  return picture;
}
