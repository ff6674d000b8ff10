/** Choosing a code by typing a few letters of it: a dialog with a combobox. */

import { codeCalled, newCode } from "./book_edits.js";
import { matches } from "./codebook.js";
import { ask } from "./dialog.js";
import { el, fill } from "./dom.js";

const RECENT = "precode.recent-codes";
const RECENT_KEPT = 8;

/** The codes used last, newest first. @param {import("./codebook.js").Codebook} codebook @returns {string[]} Ids. */
export function recent(codebook) {
  try {
    return JSON.parse(localStorage.getItem(RECENT) ?? "[]").filter((id) => codebook.byId.has(id));
  } catch {
    return [];
  }
}

/** Put a code at the head of those used last. */
export function remember(codebook, id) {
  localStorage.setItem(
    RECENT,
    JSON.stringify([id, ...recent(codebook).filter((one) => one !== id)].slice(0, RECENT_KEPT)),
  );
}

/** @param {import("./codebook.js").Codebook} codebook @param {string[]} first Ids to offer at the top. */
function offered(codebook, asked, first) {
  if (asked.trim()) return codebook.hits(asked);
  const top = [...new Set([...first, ...recent(codebook)])].map((id) => codebook.byId.get(id)).filter(Boolean);
  const all = [...top, ...codebook.codes.filter((code) => !top.includes(code))];
  return all.map((code) => ({ code, at: "name", text: code.name }));
}

/** A text with the words that were asked for marked. */
const marked = (text, asked) =>
  matches(text, asked).map(({ text: piece, hit }) => [hit ? el("mark", {}, piece) : piece, " "]);

/** What is said of a hit whose words are not all in the code's name. */
const FOUND = { alias: "also called ", place: "in ", description: "" };

class Picker {
  constructor(codebook, { title, first = [], make = true }) {
    Object.assign(this, { codebook, first, make, at: 0 });
    this.input = el("input", {
      type: "text",
      role: "combobox",
      "aria-expanded": "true",
      "aria-controls": "picker-list",
      "aria-autocomplete": "list",
      "aria-label": "Find a code",
      placeholder: "Type to find a code",
      autocomplete: "off",
      spellcheck: "false",
    });
    this.list = el("ul", { id: "picker-list", role: "listbox", "aria-label": "Codes" });
    const close = el("form", { method: "dialog" }, el("button.icon", { "aria-label": "Close" }, "×"));
    this.dialog = el(
      "dialog.sheet.picker",
      { "data-testid": "code-picker", "aria-labelledby": "picker-title" },
      el("header", {}, el("h2", { id: "picker-title" }, title), close),
      this.input,
      this.list,
    );
    this.input.addEventListener("input", () => {
      this.at = 0;
      this.show();
    });
    this.input.addEventListener("keydown", (event) => this.key(event));
  }

  show() {
    const hits = offered(this.codebook, this.input.value, this.first);
    const name = this.input.value.trim();
    this.options = hits.map(({ code }) => code);
    this.makes = this.make && name && !codeCalled(this.codebook, name);
    const none = name ? "No code has these words." : "There are no codes yet: type what a new one is called.";
    fill(
      this.list,
      hits.map((hit, n) => this.option(hit, n)),
      !hits.length && el("li.quiet", { role: "presentation" }, none),
      this.makes && this.making(name, hits.length),
    );
    this.choices = [...this.list.querySelectorAll("[role=option]")];
    this.mark();
  }

  option({ code, at, text }, n) {
    const asked = this.input.value;
    const item = el(
      "li",
      { role: "option", id: `picker-${n}`, colour: this.codebook.domainOf(code.id), data: { code: code.id } },
      el("i.dot", { "aria-hidden": "true" }),
      el(
        "span.label",
        {},
        at === "name" && asked.trim() ? marked(code.name, asked) : code.name,
        at !== "name" && el("small.quiet", {}, FOUND[at], marked(text, asked)),
      ),
      el("span.quiet", {}, [code.domain, code.level].filter(Boolean).join(" · ")),
    );
    item.addEventListener("click", () => this.take(code));
    return item;
  }

  /** The offer of a code that nobody has. */
  making(name, n) {
    const item = el(
      "li.make",
      { role: "option", id: `picker-${n}`, "data-testid": "make-code" },
      el("i.dot", { "aria-hidden": "true" }),
      el("span.label", {}, "Make this code: ", el("b", {}, name)),
    );
    item.addEventListener("click", () => this.makeCode());
    return item;
  }

  async makeCode() {
    const id = await newCode(this.codebook, { name: this.input.value.trim() });
    if (id === null) return this.input.focus();
    return this.take({ id });
  }

  mark() {
    for (const [n, item] of this.choices.entries()) item.setAttribute("aria-selected", String(n === this.at));
    const now = this.choices[this.at] ?? null;
    if (now) this.input.setAttribute("aria-activedescendant", now.id);
    else this.input.removeAttribute("aria-activedescendant");
    now?.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step) this.at = Math.max(0, Math.min(this.choices.length - 1, this.at + step));
    else if (event.key === "Enter" && this.options[this.at]) this.take(this.options[this.at]);
    else if (event.key === "Enter" && this.makes) this.makeCode();
    else return;
    event.preventDefault();
    this.mark();
  }

  take(code) {
    remember(this.codebook, code.id);
    this.close(code.id);
  }
}

/**
 * Let the coder choose a code, or make one that nobody has.
 *
 * @param {import("./codebook.js").Codebook} codebook
 * @param {{title?: string, first?: string[], make?: boolean}} [options] `first`: ids to offer before all others, such as
 *   runners-up; `make`: whether a code can be made.
 * @returns {Promise<string|null>} The code's id; null when the coder closed the dialog.
 */
export function pickCode(codebook, { title = "Choose a code", first = [], make = true } = {}) {
  const picker = new Picker(codebook, { title, first, make });
  return new Promise((resolve) => {
    picker.close = ask(picker.dialog, resolve);
    picker.show();
    picker.input.focus();
  });
}
