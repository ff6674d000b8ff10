/** The list of passages of two coders: one is looked at, with its context and what can be agreed on. */

import { codeChip } from "../shared/codebook.js";
import { announce, el, fill } from "../shared/dom.js";
import { talk } from "../shared/passage.js";
import { memoNote } from "../shared/suggestion.js";

const KINDS = { same: "same", span: "cut differently", code: "another code", missing: "only one" };
const SHOWN = [["all", "All"], ["differ", "Differences"], ...Object.entries(KINDS), ["open", "Not agreed on"]];

/** A difference is one as GET /api/compare/study gives it, with `memo` while that waits. */

/** Whether there is something to talk about yet. */
const unsettled = (one) => one.kind !== "same" && one.agreed === null;

const capital = (text) => text[0].toUpperCase() + text.slice(1);

const placeOf = (one) => `${one.version}/${one.start}-${one.end}`;
const same = (one, other) => Boolean(one && other) && placeOf(one) === placeOf(other);

export class CompareList {
  /**
   * @param {HTMLElement} box
   * @param {import("../shared/codebook.js").Codebook} codebook
   * @param {{settle: function(string): void, memo: function(): void, consensus: function(string): void,
   *   text: function(number): Promise<Object>, looked: function(number): void, changed: function(): void}} acts
   */
  constructor(box, codebook, acts) {
    Object.assign(this, { box, codebook, acts, all: [], current: null, texts: new Map(), kind: "differ" });
  }

  /**
   * @param {Object[]} differences @param {string[]} names What both coders are called.
   * @param {{all: boolean, kind: string}} shown Whether of all transcripts, and of what kind.
   */
  async load(differences, names, { all, kind }) {
    const before = new Map(this.all.map((one) => [placeOf(one), one]));
    this.all = differences.map((one) => ({
      ...one,
      memo: before.get(placeOf(one))?.memo,
      recorder: one.consensus?.recorder,
    }));
    Object.assign(this, { names, everywhere: all, kind });
    const kept = this.all.find((one) => same(one, this.current));
    this.current = kept ?? this.all.find(unsettled) ?? this.all[0] ?? null;
    if (this.current) await this.#read(this.current);
    this.show();
    if (!kept) this.#here()?.scrollIntoView({ block: "nearest" });
  }

  /** Have the text around a passage at hand; without it the passage stands alone. */
  async #read({ version }) {
    const text = await this.acts.text(version).catch(() => null);
    if (text) this.texts.set(version, text);
  }

  /** @param {Object} asked A passage as it was. @returns {Object} As it is now; as it was where it is gone. */
  found(asked) {
    return this.all.find((one) => same(one, asked)) ?? asked;
  }

  /**
   * Draw the buttons that choose what is shown.
   *
   * @param {HTMLElement} box @param {Object<string, number>} counts By kind. @param {function(string): void} choose
   */
  drawKinds(box, counts, choose) {
    const held = box.contains(document.activeElement) ? document.activeElement.dataset.kind : null;
    const button = ([kind, text]) =>
      el(
        "button",
        {
          type: "button",
          "aria-pressed": String(kind === this.kind),
          data: { kind },
          on: { click: () => choose(kind) },
        },
        capital(text),
        el("span.quiet", {}, String(counts[kind])),
      );
    fill(box, counts.all > 0 && SHOWN.map(button));
    if (held !== null) box.querySelector(`[data-kind="${held}"]`)?.focus();
  }

  /** Draw what is shown. */
  show() {
    const inside = this.box.contains(document.activeElement);
    const choice = document.activeElement?.dataset?.choice;
    fill(
      this.box,
      this.all.map((one) => this.#item(one)),
    );
    if (inside)
      (this.#here()?.querySelector(`[data-choice="${choice}"]`) ?? this.#here())?.focus({ preventScroll: true });
    this.#centre();
    if (this.current) this.acts.looked(this.current.version);
    this.acts.changed();
  }

  /** Look at the next or an earlier one. @param {1|-1} step */
  go(step) {
    const next = this.all[this.#at() + step];
    if (next) this.#look(next);
    else announce(step > 0 ? "This was the last" : "This is the first");
  }

  #at() {
    return this.all.findIndex((one) => same(one, this.current));
  }

  /** After a consensus: look at the next that has none, or stay. */
  goOn() {
    const next = this.all.slice(this.#at() + 1).find(unsettled) ?? this.all.find(unsettled);
    if (next) this.#look(next);
  }

  /** Where the passage is read. */
  address() {
    return `/read/${this.current.version}#at-${this.current.start}`;
  }

  /** The memo on a consensus, as it is or waits. */
  memoOf(one) {
    return one.memo ?? (one.agreed?.length || one.agreed === null ? (one.consensus?.memo ?? "") : "");
  }

  /** Withdraw what is agreed on for the passage looked at, or bring back what was withdrawn. */
  turnBack() {
    const { agreed, withdrawn } = this.current;
    if (agreed !== null) this.acts.consensus("withdraw");
    else if (withdrawn) this.acts.consensus("restore");
  }

  #look(one) {
    this.current = one;
    this.show();
    this.#face();
    if (!this.texts.has(one.version)) this.#read(one).then(() => same(one, this.current) && this.show());
  }

  #face() {
    const here = this.#here();
    here.focus({ preventScroll: true });
    here.scrollIntoView({ block: "nearest" });
  }

  #here() {
    return this.box.querySelector("[aria-current]");
  }

  #centre() {
    const around = this.#here()?.querySelector(".around");
    const mark = around?.querySelector("mark");
    if (mark && mark.offsetTop + mark.offsetHeight > around.clientHeight)
      around.scrollTop = mark.closest(".said").offsetTop - 4;
  }

  #item(one) {
    const now = same(one, this.current);
    const look = () => {
      if (!same(one, this.current)) this.#look(one);
    };
    return el(
      "li.difference",
      {
        tabindex: now ? "0" : "-1",
        "aria-current": now && "true",
        data: { testid: "difference", kind: one.kind, start: one.start },
        on: { click: look },
      },
      el(
        "div",
        {},
        this.#kicker(one),
        now && this.texts.has(one.version) ? this.#context(one) : el("p.words.short", { dir: "auto" }, one.words),
      ),
      this.#side(0, one),
      this.#side(1, one),
      now && this.#settling(one),
    );
  }

  #kicker(one) {
    const settled = one.agreed !== null && el("span.settled", {}, "✓ agreed");
    const where = this.everywhere && el("bdi", {}, one.transcript);
    return el("p.kicker", {}, where, el("span", {}, KINDS[one.kind]), settled);
  }

  #context(one) {
    const { turns } = this.texts.get(one.version);
    const first = turns.findIndex((turn) => turn.end > one.start);
    const last = turns.findLastIndex((turn) => turn.start < one.end);
    const around = talk(turns.slice(Math.max(0, first - 1), last + 2), [one], () => el("mark.passage"));
    return el("div.around", { tabindex: "0", role: "region", "aria-label": "Text around the passage" }, around);
  }

  #side(n, one) {
    const codes = n ? one.second : one.first;
    const others = n ? one.first : one.second;
    const memo = n ? one.memo_second : one.memo_first;
    const chips = codes.map((code) =>
      el(others.includes(code) ? "div.shared" : "div", {}, codeChip(this.codebook, code)),
    );
    return el(
      "div.side",
      { role: "group", "aria-label": this.names[n] },
      chips.length ? chips : el("span.quiet", {}, "nothing"),
      memoNote(memo),
    );
  }

  #settling(one) {
    const held = (codes) =>
      one.agreed !== null && codes.length === one.agreed.length && codes.every((code) => one.agreed.includes(code));
    const both = [...new Set([...one.first, ...one.second])];
    const differ =
      one.first.length > 0 && one.second.length > 0 && both.length > Math.max(one.first.length, one.second.length);
    const choice = (how, text, key, codes) => this.#choice(how, text, key, codes && held(codes));
    const [first, second] = this.names.map((name) => name.replace(/ \(you\)$/, ""));
    return el(
      "div.settle",
      {},
      this.#agreed(one),
      el(
        "p.acts",
        { role: "group", "aria-label": "What you agree on" },
        one.first.length > 0 && choice("first", `As ${first}`, "1", one.first),
        one.second.length > 0 && choice("second", `As ${second}`, "2", one.second),
        differ && choice("both", "Both", "b", both),
        choice("none", "No code fits", "0", []),
        choice("other", "Another code …", "c"),
        this.#back(one),
        el(
          "button",
          { type: "button", "aria-keyshortcuts": "m", on: { click: this.acts.memo } },
          "Memo ",
          el("kbd", { "aria-hidden": "true" }, "m"),
        ),
        el("a.button", { href: this.address() }, "Read on ", el("kbd", { "aria-hidden": "true" }, "e")),
      ),
    );
  }

  #choice(how, text, key, held) {
    const properties = {
      type: "button",
      "aria-keyshortcuts": key,
      "aria-pressed": held === undefined ? null : String(held),
      data: { testid: "consensus-save", choice: how },
    };
    return el(
      "button",
      { ...properties, on: { click: () => this.acts.settle(how) } },
      text,
      " ",
      el("kbd", { "aria-hidden": "true" }, key),
    );
  }

  /** The button that withdraws a consensus, or brings it back. */
  #back(one) {
    if (one.agreed === null && !one.withdrawn) return null;
    const label = one.agreed === null ? "Agree as before" : "Withdraw";
    const properties = { type: "button", "aria-keyshortcuts": "w", data: { testid: "consensus-back" } };
    return el(
      "button",
      { ...properties, on: { click: () => this.turnBack() } },
      label,
      " ",
      el("kbd", { "aria-hidden": "true" }, "w"),
    );
  }

  #agreed(one) {
    const note = memoNote(this.memoOf(one));
    if (one.agreed === null && one.withdrawn) {
      const who = el("bdi", {}, one.withdrawn.recorder);
      return [el("p.agreed.quiet", {}, "What was agreed on here was withdrawn by ", who), note];
    }
    if (one.agreed === null) return note;
    const codes = one.agreed.length ? one.agreed.map((code) => codeChip(this.codebook, code)) : "no code fits";
    const who = one.recorder && el("span.quiet", {}, "written down by ", el("bdi", {}, one.recorder));
    return [el("p.agreed", {}, el("b", {}, "Agreed:"), codes, who), note];
  }
}
