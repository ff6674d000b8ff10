/** Whether probabilities can be taken at their word: accepted shares by probability band and by domain. */

import { between, calibration, dotline, share } from "../shared/charts.js";
import { el, fill } from "../shared/dom.js";

/** Intervals wider than this leave open nearly everything. */
const WIDE = 0.4;

const judged = ({ accepted, rejected }) => accepted + rejected;

/** Whether the accepted share bears out what was promised, in words. */
export function verdict(one) {
  if (!judged(one)) return "nothing decided yet";
  if (one.low > one.expected) return "better than promised";
  if (one.high < one.expected) return "worse than promised";
  return one.high - one.low > WIDE ? "too few to tell" : "as promised";
}

/** `.5-.6` as `50–60%`. @param {string} label */
export function bandName(label) {
  return `${label.replaceAll(/\d*\.?\d+/g, (number) => String(Math.round(100 * Number(number)))).replace("-", "–")}%`;
}

function row(one, head, colour) {
  return el(
    "tr",
    {},
    el("th", { scope: "row", colour }, head),
    el("td.n", {}, share(one.expected)),
    el("td.n", {}, el("b", {}, share(one.observed)), el("span.quiet", {}, ` ${one.accepted} of ${judged(one)}`)),
    el("td.line", {}, judged(one) ? dotline(one, colour) : null),
    el("td.n", {}, between(one.low, one.high) || "–"),
    el("td", {}, verdict(one)),
  );
}

function table(title, first, rows) {
  const heads = [first, "Promised", "Accepted", "", "95% interval", "So far"];
  const head = heads.map((text) => (text ? el("th", { scope: "col" }, text) : el("td")));
  return el(
    "div.scroll",
    { tabindex: "0", role: "region", "aria-label": title },
    el("table.trust", {}, el("caption.unseen", {}, title), el("thead", {}, el("tr", {}, head)), el("tbody", {}, rows)),
  );
}

const domainName = (domain, label) => [domain && el("i.dot", { "aria-hidden": "true" }), " ", label];

/**
 * Show the picture, and the tables by band and domain.
 *
 * @param {HTMLElement} box
 * @param {{bands: Object[], domains: Object[]}} progress
 * @param {import("../shared/codebook.js").Codebook} codebook
 */
export function showTrust(box, { bands, domains }, codebook) {
  const told = bands.filter((one) => judged(one)).map((one) => ({ ...one, n: judged(one) }));
  if (!told.length)
    return fill(
      box,
      el(
        "p.quiet",
        {},
        "Accept or reject some suggestions first: this shows whether their probabilities can be trusted.",
      ),
    );
  const byBand = bands.map((one) => row(one, bandName(one.label)));
  const byDomain = domains.map((one) =>
    row(one, domainName(codebook.byName.get(one.label), one.label), codebook.byName.get(one.label)),
  );
  return fill(
    box,
    el(
      "p.quiet",
      {},
      "Points on the dashed line: what the machine calls 80% holds in 80 of 100 cases. A long bar is a small number of decisions. Where you work the most certain first, low bands are no fair sample yet.",
    ),
    el(
      "div.trusted",
      {},
      el("figure", {}, calibration(told)),
      el("div", {}, table("By probability", "Probability", byBand)),
    ),
    el("h3", {}, "By domain"),
    table("By domain", "Domain", byDomain),
  );
}
