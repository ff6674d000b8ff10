/** Order and filters of the queue: controls whose state is the page's address, so that it can be kept and shared. */

import { el, fill } from "../shared/dom.js";
import { filterControls, put, shared } from "../shared/filter.js";
import { selectOf } from "../shared/pair.js";

/** Parameters of the queue's own and what they are when the address says nothing. */
const USUAL = { order: "certain", at_least: "", at_most: "", state: "undecided" };
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

/** @returns {Object<string, string|string[]>} The query of the queue, as the address says it. */
export function filters() {
  const asked = new URLSearchParams(location.search);
  const own = Object.entries(USUAL).map(([name, usual]) => [name, asked.get(name) ?? usual]);
  return { ...Object.fromEntries(own), ...shared(), coder: "" };
}

/** @returns {boolean} Whether anything but the order narrows the queue. */
export const narrowed = (chosen) =>
  ["domain", "code", "version", "where"].some((name) => chosen[name].length > 0) ||
  Object.keys(USUAL).some((name) => name !== "order" && chosen[name] !== USUAL[name]);

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
  const choose = (name, change) => {
    put(change);
    drawFilters(box, study, changed);
    if (byPointer) document.getElementById("item").focus({ preventScroll: true });
    else box.querySelector(`[name=${name}]`)?.focus();
    changed();
  };
  const control = (label, name, options) =>
    selectOf(label, name, options, chosen[name], (value) =>
      choose(name, { [name]: value === USUAL[name] ? "" : value }),
    );
  fill(
    box,
    control(
      "Order",
      "order",
      ORDERS.filter(([order]) => study.second || order !== "disagree"),
    ),
    filterControls(study, ["domain", "code", "version", "where"], choose),
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
  put({ at_least: "", at_most: "", state: "", domain: "", code: "", version: "", coder: "", where: "" });
}

function clear(box, study, changed) {
  widen();
  drawFilters(box, study, changed);
  box.querySelector("select").focus();
  changed();
}
