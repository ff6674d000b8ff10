/** The audit: all codes of one random sentence at a time, suggestions unseen, to learn how much was missed. */

import { get } from "../shared/api.js";
import { between } from "../shared/charts.js";
import { codeChip, loadStudy } from "../shared/codebook.js";
import { announce, counted, el, fill, flash, percent } from "../shared/dom.js";
import { bindKeys, hold } from "../shared/keys.js";
import { outbox } from "../shared/outbox.js";
import { inContext, wordsAt } from "../shared/passage.js";
import { pickCode } from "../shared/picker.js";
import { bindButtons } from "./keys.js";

/** What the server knows an audit by in which all codes of the sentence were given. */
const ALL_CODES = "all codes";

const here = (id) => document.getElementById(id);

class Audit {
  constructor(codebook) {
    this.codebook = codebook;
    /** @type {Object|null} As /api/audit/next gives it. */
    this.item = null;
    /** @type {{code: string, entry: import("../shared/outbox.js").Entry}[]} Codes the sentence got here so far. */
    this.given = [];
    /** @type {{item: Object, given: Object[]}[]} What was answered on this page, to take it back. */
    this.answered = [];
    this.round = 0;
    /** Whether the next sentence could not be read; it is asked for again as soon as the server answers. */
    this.stuck = false;
    /** When the sentence came on the screen, as events count time. */
    this.shownAt = 0;
    outbox.addEventListener("saved", () => this.stuck && !outbox.waiting().length && this.goOn());
  }

  /** Ask for the next sentence; the server draws it knowing every answer, so those on their way go first. */
  async next() {
    const round = ++this.round;
    this.stuck = false;
    try {
      await outbox.send();
      const item = await get("/audit/next");
      if (round !== this.round) return;
      this.show(item);
      here("trouble").hidden = true;
    } catch (error) {
      this.stuck = true;
      here("trouble").hidden = false;
      here("trouble").textContent = `The next sentence cannot be read: ${error.message}. Your answers are kept.`;
    }
  }

  /** Ask for the next sentence; keys wait for it. */
  goOn() {
    return hold(this.next()).then(() => this.#estimate());
  }

  async #estimate() {
    const progress = this.stuck ? null : await get("/progress").catch(() => null);
    if (progress) this.tellEstimate(progress);
  }

  show(item) {
    this.item = item.version === null ? null : item;
    here("desk").hidden = here("verbs").hidden = !this.item;
    here("through").hidden = Boolean(this.item);
    here("audited").textContent = String(item.done);
    here("audited-of").textContent = `of ${counted(item.of, "sentence")}`;
    here("audited-part").style.setProperty("--part", String(item.of ? item.done / item.of : 0));
    if (this.item) this.turnUp(item);
    else this.end(item);
  }

  turnUp(item) {
    this.shownAt = performance.now();
    this.given = [];
    this.#showGiven();
    const speaker = item.context.find((turn) => turn.start <= item.start && item.start < turn.end)?.speaker;
    fill(
      here("reader").querySelector("h2"),
      el("bdi", {}, item.transcript),
      " ",
      speaker && el("bdi.quiet", {}, speaker),
    );
    inContext(here("reader").querySelector(".context"), item);
    here("in-text").href = `/read/${item.version}#at-${item.start}`;
    announce(wordsAt(item.context, item));
  }

  end({ done }) {
    fill(
      here("through"),
      el("h2", {}, done ? "Audited" : "Nothing to audit"),
      el(
        "p.lead",
        {},
        done
          ? "You have looked at every sentence of the sample."
          : "There is no sentence, or all transcripts are hidden while you code blind.",
      ),
      el("p.acts", {}, el("a.button.main", { href: "/progress#missed" }, "See what it says")),
    );
  }

  tellEstimate({ missed, missed_codes }) {
    const of = ({ recall, low, high }, what) =>
      recall !== null && `${percent(recall)} of ${what} (${between(low, high)})`;
    const known = [of(missed_codes, "codes"), of(missed, "coded sentences")].filter(Boolean).join(", ");
    const { audited, found } = missed;
    here("estimate").textContent = known
      ? `Found: ${known}`
      : `${counted(found, "sentence")} with something to code among ${audited} without a suggestion`;
  }

  /**
   * What the sample says rests on sentences that were read: an answer from before its sentence was there is none.
   *
   * @param {Event} event The key or click.
   */
  empty({ timeStamp }) {
    if (timeStamp < this.shownAt)
      flash("Not counted: 0 was pressed before this sentence was there. Press it again once you have read it.");
    else if (this.given.length) flash("It has codes: press n if these are all, or z to take them back");
    else this.mark("audited_empty");
  }

  async code() {
    const { item } = this;
    const code = await pickCode(this.codebook, { title: "A code for this sentence" });
    if (!code || item !== this.item) return;
    if (this.#codesOf(item).has(code)) return flash(`It has ${this.codebook.name(code)} already`);
    const { version, start, end } = item;
    const decision = { action: "code", version, start, end, code, previous: null };
    this.given.push({ code, entry: outbox.decide(decision, `Coded: ${this.codebook.name(code)}`) });
    this.#showGiven();
    flash("Give it another code, or n: these are all");
  }

  #codesOf(item) {
    return new Set([...item.codes, ...this.given.map(({ code }) => code)]);
  }

  #showGiven() {
    const chips = [...this.#codesOf(this.item)].map((code) => [codeChip(this.codebook, code), " "]);
    fill(here("given"), chips.length > 0 && el("p", {}, "Your codes here: ", chips));
  }

  /** The sentence has all its codes. */
  all() {
    if (this.#codesOf(this.item).size) this.mark("audited_found");
    else flash("It has no code yet: give it one with c, or press 0 if nothing is to be coded");
  }

  mark(kind, item = this.item) {
    const { version, start, end } = item;
    const empty = kind === "audited_empty";
    outbox.mark({ kind, version, start, end, text: ALL_CODES }, empty ? "nothing here" : "something to code");
    this.answered.push({ item, given: this.given });
    this.item = null;
    flash(empty ? "Nothing here" : "All codes given", { label: "Take back", run: () => this.back() });
    this.goOn();
  }

  /** Lay the sentence open that was answered last; its new answer takes the place of the old one. */
  back() {
    const last = this.given.length ? { item: this.item, given: this.given } : this.answered.pop();
    if (!last) return flash("Nothing to take back on this page");
    for (const { entry } of last.given.toReversed()) outbox.undo(entry);
    this.round += 1;
    const answered = last.item === this.item ? 0 : 1;
    this.show({ ...last.item, done: Math.max(0, Number(here("audited").textContent) - answered) });
    return flash("Answer it anew");
  }
}

/** @param {Audit} audit @returns {import("../shared/keys.js").Binding[]} */
function keysOf(audit) {
  const open = () => Boolean(audit.item);
  const key = (keys, does, run, when = open) => ({ keys, does, run: (event) => void run(event), group: "Audit", when });
  return [
    key(["0"], "nothing to code here", (event) => audit.empty(event)),
    key(["c"], "give it a code", () => audit.code()),
    key(["n"], "these are all its codes", () => audit.all()),
    key(["e"], "see it in the text", () => here("in-text").click()),
    key(
      ["z"],
      "take the last answer back",
      () => audit.back(),
      () => true,
    ),
  ];
}

async function start() {
  const { codebook } = await loadStudy();
  const audit = new Audit(codebook);
  const table = keysOf(audit);
  bindKeys(table);
  bindButtons(table);
  audit.goOn();
}

hold(start());
