/** Choosing two coders to compare; the machine and what coders agreed on are coders, too. */

import { el } from "./dom.js";

const MACHINE = "precode";
const CONSENSUS = "consensus";
/** What a language model chose; see `corpus.coders.SECOND`. */
const SECOND = "precode second opinion";

/** @param {Object} study @returns {string[]} Everybody who can be compared, other people first. */
export function coders(study) {
  const people = [...new Set([...study.coders, study.coder])].filter((name) => name !== CONSENSUS);
  const others = people.filter((name) => name !== study.coder);
  return [...others, ...(others.length ? [study.coder, MACHINE] : [MACHINE, study.coder]), CONSENSUS];
}

/** @param {Object} study @returns {string[]} The same with the language model, where the coder may see what it thinks. */
export const codersAndModel = (study) => (study.second ? [...coders(study), SECOND] : coders(study));

/** What a coder is called on the page. */
export function nameOf(name, study) {
  if (name === SECOND) return `the second opinion (${study.second})`;
  if (name === MACHINE) return "the machine";
  if (name === CONSENSUS) return "the consensus";
  return name === study.coder ? `${name} (you)` : name;
}

/**
 * A labelled choice.
 *
 * @param {string} label @param {string} name @param {[string, string][]} options Values and what they are called.
 * @param {string} value @param {function(string): void} chosen
 */
export function selectOf(label, name, options, value, chosen) {
  const made = options.map(([given, text]) => el("option", { value: given, selected: given === value }, text));
  const select = el("select", { name, on: { change: (event) => chosen(event.target.value) } }, made);
  return el("label.choice", {}, el("span", {}, label), select);
}
