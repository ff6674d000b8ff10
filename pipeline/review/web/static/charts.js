/** Small charts as SVG: every one is a picture beside a table that says the same, so all are hidden from screen readers. */

const SPACE = "http://www.w3.org/2000/svg";

/**
 * Make an SVG element.
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {...(Node | string)} children
 */
export function svg(tag, attributes = {}, ...children) {
  const made = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/** A number as a percentage without decimals, a dash where there is none. */
export const percent = (share) => (share === null || share === undefined ? "–" : `${Math.round(100 * share)}%`);

/** A number with two decimals, a dash where there is none. */
export const decimal = (value) => (value === null || value === undefined ? "–" : value.toFixed(2));

/**
 * A bar of one or more parts, each a share of the whole.
 * @param {{share: number, css: string}[]} parts  shares from 0 to 1, drawn one behind the other
 */
export function bar(parts) {
  let x = 0;
  const drawn = parts.map(({ share, css }) => {
    const piece = svg("rect", { x, y: 0, width: 100 * share, height: 6, class: css });
    x += 100 * share;
    return piece;
  });
  const track = svg("rect", { width: 100, height: 6, class: "track" });
  return svg("svg", { viewBox: "0 0 100 6", preserveAspectRatio: "none", class: "bar", "aria-hidden": "true" }, track, ...drawn);
}

/**
 * A dot on a line from 0 to 1, with its interval where there is one.
 * @param {number | null} value
 * @param {[number, number] | null} interval
 */
export function dot(value, interval = null) {
  const at = (share) => 4 + 92 * Math.min(1, Math.max(0, share));
  const parts = [svg("line", { x1: 4, x2: 96, y1: 6, y2: 6, class: "rail" })];
  if (interval) parts.push(svg("line", { x1: at(interval[0]), x2: at(interval[1]), y1: 6, y2: 6, class: "whisker" }));
  if (value !== null && value !== undefined) parts.push(svg("circle", { cx: at(value), cy: 6, r: 3.4, class: "point" }));
  return svg("svg", { viewBox: "0 0 100 12", class: "dotline", "aria-hidden": "true" }, ...parts);
}

const FRAME = { left: 46, right: 14, top: 14, bottom: 44, width: 460, height: 340 };

/** Return the functions that take a share (0 to 1) to its place in the picture. */
function scales(low) {
  const { left, right, top, bottom, width, height } = FRAME;
  return {
    x: (share) => left + ((share - low) / (1 - low)) * (width - left - right),
    y: (share) => height - bottom - share * (height - top - bottom),
  };
}

function grid({ x, y }, low) {
  const { left, right, width, height, bottom } = FRAME;
  const across = [0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
    svg("line", { x1: left, x2: width - right, y1: y(share), y2: y(share), class: "gridline" }),
    svg("text", { x: left - 8, y: y(share) + 4, "text-anchor": "end" }, percent(share)),
  ]);
  const steps = Array.from({ length: 6 }, (_, n) => low + (n * (1 - low)) / 5);
  const below = steps.map((share) => svg("text", { x: x(share), y: height - bottom + 18, "text-anchor": "middle" }, percent(share)));
  return [...across, ...below];
}

function reading({ x, y }, { expected, observed, interval, n }) {
  const middle = x(expected);
  const size = 3 + Math.min(5, Math.sqrt(n) / 2);
  return [
    svg("line", { x1: middle, x2: middle, y1: y(interval[0]), y2: y(interval[1]), class: "whisker" }),
    svg("circle", { cx: middle, cy: y(observed), r: size, class: "point" }),
  ];
}

/**
 * What the machine said against what people accepted; on the diagonal a promise of 80% holds in 80 of 100 cases.
 * @param {{expected: number, observed: number, interval: [number, number], n: number}[]} bands
 */
export function calibration(bands) {
  const low = Math.min(0.5, ...bands.map(({ expected }) => Math.floor(expected * 10) / 10));
  const scale = scales(low);
  const { x, y } = scale;
  const diagonal = svg("line", { x1: x(low), y1: y(low), x2: x(1), y2: y(1), class: "diagonal" });
  const { width, height } = FRAME;
  const labels = [
    svg("text", { x: (FRAME.left + width - FRAME.right) / 2, y: height - 6, "text-anchor": "middle", class: "axis" }, "what the suggestions promised"),
    svg("text", { x: FRAME.left + 8, y: FRAME.top + 12, class: "axis" }, "what was accepted"),
  ];
  const points = bands.flatMap((band) => reading(scale, band));
  return svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "calibration", "aria-hidden": "true" }, ...grid(scale, low), diagonal, ...points, ...labels);
}
