/** Order and filters of the queue: controls whose state is the page's address, so that it can be kept and shared. */

import { el, fill } from "../shared/dom.js";

/** Parameters and what they are when the address says nothing. */
const USUAL = { order: "certain", domain: "", code: "", version: "", at_least: "", at_most: "", state: "undecided" };
const ORDERS = [
  ["certain", "most certain first"],
  ["uncertain", "least certain first"],
  ["teach", "what teaches the model most"],
  ["disagree", "where the two disagree"],
  ["transcript", "by transcript"],
  ["domain", "by domain"],
  ["code", "by code"],
];
const STATES = [
  ["undecided", "undecided"],
  ["unsure", "unsure"],
  ["all", "all"],
];
const STEPS = [5, 6, 7, 8, 9].map((tenth) => [String(tenth / 10), `${tenth * 10}%`]);

/** @returns {Object<string, string>} The query of the queue, as the address says it. */
export function filters() {
  const asked = new URLSearchParams(location.search);
  return Object.fromEntries(Object.entries(USUAL).map(([name, usual]) => [name, asked.get(name) ?? usual]));
}

/** Put filters into the address; what is as usual is left out. */
export function keep(chosen) {
  const told = Object.entries(chosen).filter(([name, value]) => value && value !== USUAL[name]);
  const query = new URLSearchParams(told).toString();
  history.replaceState(null, "", query ? `?${query}` : location.pathname);
}

/** @returns {boolean} Whether anything but the order narrows the queue. */
export const narrowed = (chosen) => Object.keys(USUAL).some((name) => name !== "order" && chosen[name] !== USUAL[name]);

/** Who chose with the mouse or a finger goes on with the keys of the queue; who chose with keys goes on choosing. */
let byPointer = false;
addEventListener("pointerdown", () => (byPointer = true), true);
addEventListener("keydown", () => (byPointer = false), true);

/**
 * Draw the controls.
 *
 * @param {HTMLElement} box
 * @param {Object} study The answer of /api/study.
 * @param {function(): void} changed
 */
export function drawFilters(box, study, changed) {
  const chosen = filters();
  const choose = (name, value) => {
    const next = { ...filters(), [name]: value, ...(name === "domain" ? { code: "" } : {}) };
    keep(next);
    drawFilters(box, study, changed);
    if (byPointer) document.getElementById("item").focus({ preventScroll: true });
    else box.querySelector(`[name=${name}]`).focus();
    changed();
  };
  const control = (label, name, options) => select(label, name, options, chosen[name], choose);
  fill(
    box,
    control(
      "Order",
      "order",
      ORDERS.filter(([order]) => study.second || order !== "disagree"),
    ),
    control("Domain", "domain", [["", "all domains"], ...study.codebook.domains.map(({ name }) => [name, name])]),
    control("Code", "code", [["", "all codes"], ...codesOf(study, chosen.domain)]),
    control("Transcript", "version", [["", "all transcripts"], ...transcriptsOf(study)]),
    el(
      "span.range",
      {},
      control("From", "at_least", [["", "any"], ...STEPS]),
      control("to", "at_most", [...STEPS, ["", "100%"]]),
    ),
    control("Show", "state", STATES),
    narrowed(chosen) &&
      el("button.link", { type: "button", on: { click: () => clear(box, study, changed) } }, "Clear filters"),
  );
}

/** Take all filters away; the order stays. */
export function widen() {
  keep({ order: filters().order });
}

function clear(box, study, changed) {
  widen();
  drawFilters(box, study, changed);
  box.querySelector("select").focus();
  changed();
}

const transcriptsOf = ({ transcripts }) => transcripts.map(({ version, name }) => [String(version), name]);

function codesOf(study, domain) {
  return study.codebook.codes.filter((code) => !domain || code.domain === domain).map(({ id, name }) => [id, name]);
}

function select(label, name, options, value, choose) {
  const made = options.map(([given, text]) => el("option", { value: given, selected: given === value }, text));
  const change = (event) => choose(name, event.target.value);
  return el("label.choice", {}, el("span", {}, label), el("select", { name, on: { change } }, made));
}
