/** After a batch of decisions the page offers to learn; how many there were since is kept in this browser. */

import { el, fill } from "./dom.js";

const BATCH = 25;
const place = () => `precode.since-learning/${document.body.dataset.study}/${document.body.dataset.coder}`;

/** @returns {number} Decisions made here since the last learning. */
export const sinceLearning = () => Number(localStorage.getItem(place()) ?? 0);

/** Count decisions. @returns {{before: number, now: number}} How many there were, and are, since the last learning. */
export function noteDecision(made = 1) {
  const before = sinceLearning();
  const n = before + made;
  localStorage.setItem(place(), String(n));
  return { before, now: n };
}

/** Learning has begun. */
export function forgetDecisions() {
  localStorage.removeItem(place());
}

/**
 * Offer to learn whenever a batch is full.
 *
 * @param {HTMLElement} box
 * @param {{before: number, now: number}} count
 */
export function offerLearning(box, { before, now }) {
  if (Math.floor(now / BATCH) === Math.floor(before / BATCH)) return;
  const later = () => {
    box.hidden = true;
  };
  fill(
    box,
    el("span", {}, `${now} decisions since precode last learned.`),
    el("a.button", { href: "/learn" }, "Let it learn"),
    el("button.link", { type: "button", on: { click: later } }, "Later"),
  );
  box.hidden = false;
}
