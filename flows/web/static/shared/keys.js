/** One table of key bindings a page, and the dialog that shows it. */

import { el, fill } from "./dom.js";
import { KeyQueue } from "./key_queue.js";
import { typeInto } from "./typing.js";

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

/**
 * What a key is called in a table. Shift and a digit is a sign that every keyboard has another of: it goes by the digit,
 * unless some table knows the sign itself.
 *
 * @param {KeyboardEvent} event @returns {string}
 */
function nameOf(event) {
  const digit = /^Digit([0-9])$/.exec(event.code ?? "")?.[1];
  if (digit && event.shiftKey && event.key !== digit && !bindingsOf(event.key).length) return `Shift+${digit}`;
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

/** Keys that the page may act on, beside single characters; all others are the browser's. */
const NAMED = new Set(["Enter", "Escape", "Delete", "Backspace", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"]);
const CONTROL = "a, button, summary, input";

/** What waits is a key, or a button's act: each at its turn. @type {KeyQueue<KeyboardEvent|function(): void>} */
const queue = new KeyQueue((input) => (typeof input === "function" ? input() : actLate(input)));

/** Keys and clicks wait until some work is done; then they are acted on in order. */
export const hold = queue.hold.bind(queue);

/** Do what a button stands for, once the keys pressed before it have done what they stand for. */
export const inTurn = queue.press.bind(queue);

/** How much input waits: emits `change`. */
export { queue as typedAhead };

function pressed(event) {
  if (event.defaultPrevented || event.isComposing) return;
  if (typing(event.target) && event.key === "Escape") event.target.blur();
  if (typing(event.target) || document.querySelector("dialog[open]")) return;
  if (queue.held) wait(event);
  else act(event);
}

/** Let a key wait for its turn, and the browser not act on it meanwhile. */
function wait(event) {
  const saves = event.key === "Enter" && (event.ctrlKey || event.metaKey); // in a memo that is not open yet
  if ((event.ctrlKey || event.metaKey) && !saves) return;
  if (event.key.length > 1 ? !NAMED.has(event.key) : isMuted(event.key)) return;
  if (event.key === " " && isForControl(event)) return;
  if (event.key.length === 1 || isForControl(event) || bindingsOf(nameOf(event)).length) event.preventDefault();
  queue.press(event);
}

/** Act on a key that had to wait: it may be meant for a field or dialog that an earlier one has opened. */
function actLate(event) {
  if (typeInto(event)) {
    // A dialog that this key has closed acts on its answer after this; the next key is for what then holds.
    hold(new Promise((later) => setTimeout(later)));
    return;
  }
  if (isForControl(event)) event.target.click();
  else act(event);
}

function act(event) {
  if (event.ctrlKey || event.metaKey || isMuted(event.key) || isForControl(event)) return;
  const found = bindingsOf(nameOf(event)).find(({ when }) => !when || when());
  if (found && found.run(event) !== false) event.preventDefault();
}

const isMuted = (key) => key.length === 1 && !singleKeys() && key !== "?";

/** Whether a key presses the link or button that has the focus. */
function isForControl({ key, target }) {
  return (
    (key === "Enter" || key === " ") &&
    target instanceof Element &&
    target.isConnected &&
    Boolean(target.closest(CONTROL))
  );
}

/** @param {string} name @returns {Binding[]} Those of this key, whether they hold now or not. */
const bindingsOf = (name) => tables.flat().filter(({ keys }) => keys.includes(name));

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

/** Until every script of the page has said which keys it takes, and what else they have to wait for. */
function whenLoaded() {
  return new Promise((resolve) => {
    if (document.readyState === "complete") resolve(undefined);
    else addEventListener("load", resolve, { once: true });
  });
}

/** Listen; called once by the shell. */
export function startKeys() {
  document.addEventListener("keydown", pressed);
  hold(whenLoaded());
  bindKeys([{ keys: ["?"], does: "show the keys", group: "Everywhere", run: showKeys }]);
  document.getElementById("help").addEventListener("click", showKeys);
  const box = document.getElementById("single-keys");
  box.checked = singleKeys();
  box.addEventListener("change", () => localStorage.setItem(SINGLE, box.checked ? "on" : "off"));
}
