/** The codebook as a tree of any depth: domain, group, code, each with what stands under it; codes are dragged about. */

import { counted, el, fill } from "../shared/dom.js";

const STEP = " / ";

/**
 * @typedef {Object} Branch A domain or group.
 * @property {string} path Its whole name, from the top.
 * @property {string} name Its last step.
 * @property {Branch[]} groups
 * @property {Object[]} codes Those that stand in it, and in none of its groups.
 */

/**
 * Arrange codes by the steps of their domains.
 *
 * @param {Object[]} codes In the order of the codebook.
 * @returns {Branch} What holds all of them.
 */
export function branchesOf(codes) {
  const root = { path: "", name: "", groups: [], codes: [] };
  for (const code of codes) {
    let branch = root;
    const steps = code.domain.split(STEP);
    for (const [n, name] of steps.entries()) {
      let next = branch.groups.find((group) => group.name === name);
      if (!next) {
        next = { path: steps.slice(0, n + 1).join(STEP), name, groups: [], codes: [] };
        branch.groups.push(next);
      }
      branch = next;
    }
    branch.codes.push(code);
  }
  return root;
}

/** What stands under a branch. @param {Branch} branch @returns {{coded: number, open: number}} */
export function countOf({ groups, codes }) {
  const parts = [...groups.map(countOf), ...codes];
  const sum = (field) => parts.reduce((total, part) => total + part[field], 0);
  return { coded: sum("coded"), open: sum("open") };
}

/** What is chosen in the tree: a code by id, or a domain by its path. @typedef {{code?: string, domain?: string}} Chosen */

export class BookTree {
  /**
   * @param {HTMLElement} place
   * @param {{choose: function(Chosen): void, move: function(string, string, number|null): void}} acts
   */
  constructor(place, acts) {
    this.acts = acts;
    this.chosen = /** @type {Chosen} */ ({});
    this.search = el("input", {
      type: "search",
      placeholder: "Find a code",
      "aria-label": "Find a code",
      autocomplete: "off",
    });
    this.list = el("ul.tree.book-tree", { "aria-label": "Codes" });
    this.search.addEventListener("input", () => this.draw());
    this.list.addEventListener("keydown", (event) => this.key(event));
    fill(place, el("div.find", {}, this.search), this.list);
  }

  /** @param {Object} book As /api/codebook gives it. @param {import("../shared/codebook.js").Codebook} codebook */
  show(book, codebook) {
    Object.assign(this, { book, codebook });
    this.draw();
  }

  /** @param {Chosen} chosen @param {boolean} [focus] */
  choose(chosen, focus = false) {
    this.chosen = chosen;
    this.draw();
    if (focus) this.list.querySelector("[aria-current]")?.focus();
  }

  draw() {
    const found = new Set(this.codebook.search(this.search.value).map(({ id }) => id));
    const codes = this.book.codes.filter(({ id }) => found.has(id));
    const focused = document.activeElement?.closest?.(".book-tree button")?.dataset.key;
    const none = this.book.codes.length ? "No code has these words." : "There are no codes yet.";
    fill(
      this.list,
      branchesOf(codes).groups.map((group) => this.#branch(group)),
      !codes.length && el("li.quiet", {}, none),
    );
    if (focused) this.list.querySelector(`button[data-key="${CSS.escape(focused)}"]`)?.focus();
  }

  #branch(branch) {
    const colour = this.book.domains.find(({ name }) => name === branch.path);
    const own = { domain: branch.path };
    const row = this.#row(own, branch.name, countOf(branch), true);
    row.addEventListener("dragover", (event) => event.preventDefault());
    row.addEventListener("drop", (event) => this.#dropped(event, branch.path, null));
    return el(
      "li",
      { colour },
      el("div.row.head", {}, row),
      el(
        "ul",
        {},
        branch.codes.map((code, n) => el("li.row", {}, this.#code(code, n))),
        branch.groups.map((group) => this.#branch(group)),
      ),
    );
  }

  #code(code, n) {
    const row = this.#row({ code: code.id }, code.name, code, false);
    row.draggable = true;
    row.addEventListener("dragstart", (event) => event.dataTransfer.setData("text/plain", code.id));
    row.addEventListener("dragover", (event) => event.preventDefault());
    row.addEventListener("drop", (event) => this.#dropped(event, code.domain, n));
    return row;
  }

  #dropped(event, domain, at) {
    event.preventDefault();
    const code = event.dataTransfer.getData("text/plain");
    if (this.book.codes.some(({ id, domain: now }) => id === code && (now !== domain || at !== null)))
      this.acts.move(code, domain, this.search.value ? null : at);
  }

  #row(own, name, count, head) {
    const isChosen = own.code ? own.code === this.chosen.code : own.domain === this.chosen.domain;
    return el(
      "button.pick",
      {
        type: "button",
        "aria-current": isChosen ? "true" : null,
        "aria-label": `${name}: ${counted(count.coded, "coding")}, ${counted(count.open, "suggestion")}`,
        data: { key: own.code ?? `domain ${own.domain}` },
        on: { click: () => this.acts.choose(own) },
      },
      head && el("i.dot", { "aria-hidden": "true" }),
      el("span.label", {}, name),
      el("span.counts", {}, el("b", {}, String(count.coded || "")), el("i", {}, String(count.open || ""))),
    );
  }

  /** Go through the rows by arrow keys. @param {KeyboardEvent} event */
  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.altKey) return;
    const rows = [...this.list.querySelectorAll("button.pick")];
    const to = rows[rows.indexOf(document.activeElement) + step];
    event.preventDefault();
    event.stopPropagation();
    to?.focus();
    to?.click();
  }
}
