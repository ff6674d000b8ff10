/** Codings of corrected transcripts that found no place: the old passage beside the new text, to code it there or let it go. */

import { get, post } from "../shared/api.js";
import { codeChip, loadStudy } from "../shared/codebook.js";
import { confirmed } from "../shared/dialog.js";
import { announce, counted, el, fill, flash } from "../shared/dom.js";
import { bindKeys, hold } from "../shared/keys.js";
import { newKey, outbox } from "../shared/outbox.js";
import { inContext } from "../shared/passage.js";
import { memoNote } from "../shared/suggestion.js";
import { showLostCorrections } from "./corrections.js";
import { TextPane } from "./pane.js";

const here = (id) => document.getElementById(id);

class UnplacedPage {
  constructor(study, codebook) {
    Object.assign(this, { study, codebook, all: [], current: null, pane: null });
    /** @type {Map<number, Promise<Object>>} Current texts by version. */
    this.texts = new Map();
    bindKeys(this.#keys());
    outbox.addEventListener("saved", () => hold(this.load()));
  }

  #keys() {
    const selecting = () => Boolean(this.pane?.stretch);
    const open = () => this.pane !== null;
    const row = (keys, does, run, when = open) => ({ keys, does, run: () => void run(), when, group: "Not placed" });
    return [
      row(["n", "j"], "next coding", () => this.go(1)),
      row(["p", "k"], "coding before", () => this.go(-1)),
      row(["t"], "select by keys, about where it was", () => this.pane.begin(this.current.near)),
      row(["ArrowRight"], "next word", () => this.pane.caret.move("word", 1), selecting),
      row(["ArrowLeft"], "previous word", () => this.pane.caret.move("word", -1), selecting),
      row(["ArrowDown"], "next sentence", () => this.pane.caret.move("sentence", 1), selecting),
      row(["ArrowUp"], "previous sentence", () => this.pane.caret.move("sentence", -1), selecting),
      row(["Shift+ArrowRight"], "end on by a word", () => this.pane.caret.extend("word", 1), selecting),
      row(["Shift+ArrowLeft"], "end back by a word", () => this.pane.caret.extend("word", -1), selecting),
      row(["Shift+ArrowDown"], "end on by a sentence", () => this.pane.caret.extend("sentence", 1), selecting),
      row(["Shift+ArrowUp"], "end back by a sentence", () => this.pane.caret.extend("sentence", -1), selecting),
      row(["Enter"], "code the selected words", () => this.code(), selecting),
      row(["Escape"], "select nothing", () => this.pane.caret.clear(), selecting),
      row(["x"], "let it go", () => this.letGo()),
    ];
  }

  /** Ask what waits, and show it; the coding looked at stays open. */
  async load() {
    try {
      const { codings } = await get("/unplaced");
      this.texts.clear();
      await Promise.all([this.show(codings), showLostCorrections(here("corrections"))]);
      here("trouble").hidden = true;
    } catch (error) {
      fill(here("trouble"), `Not up to date: ${error.message}.`).hidden = false;
    }
  }

  async show(codings) {
    const at = this.all.findIndex((one) => one.decision === this.current?.decision);
    this.all = codings;
    here("left").textContent = counted(codings.length, "coding");
    here("nothing").hidden = codings.length > 0;
    const kept = codings.find((one) => one.decision === this.current?.decision);
    await this.open(kept ?? codings[Math.min(Math.max(at, 0), codings.length - 1)] ?? null);
  }

  /** @param {1|-1} step */
  go(step) {
    const next = this.all[this.all.indexOf(this.current) + step];
    if (next) hold(this.open(next, true));
    else announce(step > 0 ? "This was the last" : "This is the first");
  }

  async open(coding, focus = false) {
    this.pane?.close();
    Object.assign(this, { current: coding, pane: null });
    const rows = this.all.map((one) => this.#item(one));
    fill(here("codings"), rows);
    if (!coding) return;
    const transcript = await this.#text(coding.version);
    if (this.current !== coding) return;
    const row = rows[this.all.indexOf(coding)];
    inContext(row.querySelector(".before .context"), coding, this.codebook.domainOf(coding.code));
    this.pane = new TextPane(row.querySelector(".now .context"), transcript, () => this.#selected(row));
    this.pane.show(coding.near);
    this.#selected(row);
    if (focus) row.querySelector("button, a")?.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  #text(version) {
    if (!this.texts.has(version)) this.texts.set(version, get(`/transcripts/${version}`));
    return this.texts.get(version);
  }

  #item(coding) {
    const opened = coding === this.current;
    const open = () => hold(this.open(coding, true));
    const whose = coding.coder === this.study.coder ? null : el("span.quiet", {}, "by ", el("bdi", {}, coding.coder));
    return el(
      "li",
      { data: { testid: "unplaced", decision: coding.decision }, "aria-current": opened && "true" },
      el(
        "header",
        {},
        el(
          "h2",
          {},
          el(
            "button.opens",
            { type: "button", "aria-expanded": String(opened), on: { click: open } },
            codeChip(this.codebook, coding.code),
          ),
        ),
        el("bdi.quiet", {}, coding.transcript),
        whose,
      ),
      opened && [memoNote(coding.memo), el("div.sides", {}, before(), now()), this.#acts(coding)],
    );
  }

  #acts(coding) {
    if (!coding.mine)
      return el(
        "p.quiet",
        {},
        "Only ",
        el("bdi", {}, coding.coder),
        " can say where it stands, signed in under that name.",
      );
    const code = el(
      "button.main",
      { type: "button", disabled: true, data: { testid: "code-here" }, on: { click: () => this.code() } },
      "Code here ",
      el("kbd", { "aria-hidden": "true" }, "↵"),
    );
    const letGo = el(
      "button",
      { type: "button", on: { click: () => this.letGo() } },
      "Let it go ",
      el("kbd", { "aria-hidden": "true" }, "x"),
    );
    const read = el("a.button", { href: `/read/${coding.version}#at-${coding.near}` }, "Read the whole text");
    return el("p.acts", {}, code, letGo, read, el("span.chosen.quiet", {}));
  }

  #selected(row) {
    const button = row.querySelector("[data-testid=code-here]");
    if (!button || !this.pane) return;
    const { stretch } = this.pane;
    const words = stretch
      ? this.pane.spots
          .text(...stretch)
          .split(/\s+/)
          .filter(Boolean).length
      : 0;
    button.disabled = !stretch;
    row.querySelector(".chosen").textContent = stretch
      ? `${counted(words, "word")} selected`
      : "Select words in the current text with the mouse, or press t";
  }

  /** Code the selected words as the coding was. */
  async code() {
    const { current, pane } = this;
    if (!current?.mine || !pane?.stretch) return;
    const [start, end] = pane.stretch;
    const name = this.codebook.name(current.code);
    await this.#sent(
      post("/unplaced/code", { decision: current.decision, start, end, key: newKey() }).then(({ decisions }) => {
        const undo = { label: "Undo", run: () => outbox.undo(decisions[0].id) };
        flash(`Coded: ${name}`, current.coder === this.study.coder ? undo : undefined);
      }),
    );
  }

  async letGo() {
    const { current } = this;
    if (!current?.mine) return;
    const agreed = await confirmed({
      title: "Let this coding go?",
      says: "It stays in the record with the earlier text. It is not a coding of the current text, and is not listed here any more.",
      yes: "Let it go",
      no: "Keep it here",
    });
    if (agreed) await this.#sent(post("/unplaced/let-go", { decision: current.decision }).then(() => flash("Let go")));
  }

  /** Keys wait until what was sent is answered and what is left is shown. */
  #sent(answer) {
    const told = answer.then(
      () => this.load(),
      (error) => flash(`Not taken: ${error.message}`),
    );
    return hold(told);
  }
}

const side = (css, title) =>
  el(
    `section.${css}`,
    {},
    el("h3", {}, title),
    el("div.context", { tabindex: "0", role: "region", "aria-label": title }),
  );
const before = () => side("before", "The earlier text");
const now = () => side("now", "The current text");

async function start() {
  const { study, codebook } = await loadStudy();
  await new UnplacedPage(study, codebook).load();
}

hold(start());
