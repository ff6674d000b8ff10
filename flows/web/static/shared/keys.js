/** One table of key bindings a page, and the dialog that shows it. */

import { el, fill } from "./dom.js";

/**
 * @typedef {Object} Binding
 * @property {string[]} keys As in KeyboardEvent.key, with modifiers before it: `a`, `Shift+Z`, `Shift+ArrowRight`.
 * @property {string} does What the help says.
 * @property {string} [group] Heading in the help.
 * @property {function(KeyboardEvent): (void|false)} run Returns false to let the key through.
 * @property {function(): boolean} [when] Whether the binding holds now.
 */

/** @type {Binding[][]} */
const tables = [];
const SINGLE = "precode.single-keys";

/**
 * Add a table; a later one is asked first. It can be taken away again.
 *
 * @param {Binding[]} table
 * @returns {function(): void}
 */
export function bindKeys(table) {
  tables.unshift(table);
  return () => tables.splice(tables.indexOf(table), 1);
}

/** @param {KeyboardEvent} event @returns {string} */
function nameOf(event) {
  const key =
    event.key.length === 1 && event.shiftKey && event.key !== event.key.toLowerCase()
      ? `Shift+${event.key}`
      : event.key.length > 1 && event.shiftKey
        ? `Shift+${event.key}`
        : event.key;
  return event.altKey ? `Alt+${key}` : key;
}

function typing(target) {
  return (
    target instanceof Element &&
    target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]")
  );
}

function pressed(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.isComposing) return undefined;
  if (typing(event.target) && event.key === "Escape") return event.target.blur();
  if (typing(event.target) || document.querySelector("dialog[open]")) return undefined;
  if (event.key.length === 1 && !singleKeys() && event.key !== "?") return undefined;
  const onControl =
    (event.key === "Enter" || event.key === " ") &&
    event.target instanceof Element &&
    event.target.closest("a, button, summary, input");
  const found = onControl ? undefined : find(nameOf(event));
  if (found && found.run(event) !== false) event.preventDefault();
  return undefined;
}

function find(name) {
  return tables.flat().find((one) => one.keys.includes(name) && (!one.when || one.when()));
}

/** Whether single letters act; some people dictate, and would set off a key with every word (WCAG 2.1.4). */
export function singleKeys() {
  return localStorage.getItem(SINGLE) !== "off";
}

const SHOWN = { ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→", " ": "Space", Escape: "Esc" };

function shown(key) {
  return key
    .split(/(?<=.)\+/)
    .map((part) => el("kbd", {}, SHOWN[part] ?? (part.length === 1 ? part.toLowerCase() : part)));
}

/** Many keys of one kind, such as 1 to 5, are shown by the first and the last. */
function allShown(keys) {
  if (keys.length > 2) return [shown(keys[0]), " to ", shown(keys.at(-1))];
  return keys.map((key, n) => [n ? " or " : "", shown(key)]);
}

/** Open the dialog with every key of the page. */
export function showKeys() {
  const dialog = document.getElementById("key-help");
  const groups = Map.groupBy ? Map.groupBy(tables.flat(), (one) => one.group ?? "") : grouped(tables.flat());
  fill(
    dialog.querySelector(".keys"),
    [...groups].map(([title, rows]) => group(title, rows)),
  );
  dialog.showModal();
}

function grouped(rows) {
  const groups = new Map();
  for (const one of rows) groups.set(one.group ?? "", [...(groups.get(one.group ?? "") ?? []), one]);
  return groups;
}

function group(title, rows) {
  const lines = rows.map((one) => [el("dt", {}, allShown(one.keys)), el("dd", {}, one.does)]);
  return el("section", {}, title && el("h3", {}, title), el("dl", {}, lines));
}

/** Listen; called once by the shell. */
export function startKeys() {
  document.addEventListener("keydown", pressed);
  bindKeys([{ keys: ["?"], does: "show the keys", group: "Everywhere", run: showKeys }]);
  document.getElementById("help").addEventListener("click", showKeys);
  const box = document.getElementById("single-keys");
  box.checked = singleKeys();
  box.addEventListener("change", () => localStorage.setItem(SINGLE, box.checked ? "on" : "off"));
}
