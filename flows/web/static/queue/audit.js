/** The audit: one sentence without a suggestion at a time, to learn how much was missed. */

import { get } from "../shared/api.js";
import { between } from "../shared/charts.js";
import { loadStudy } from "../shared/codebook.js";
import { announce, counted, el, fill, flash, percent } from "../shared/dom.js";
import { bindKeys, hold } from "../shared/keys.js";
import { outbox } from "../shared/outbox.js";
import { inContext, wordsAt } from "../shared/passage.js";
import { pickCode } from "../shared/picker.js";
import { bindButtons } from "./keys.js";

const here = (id) => document.getElementById(id);

class Audit {
  constructor(codebook) {
    this.codebook = codebook;
    /** @type {Object|null} As /api/audit/next gives it. */
    this.item = null;
    /** @type {{item: Object, coding: import("../shared/outbox.js").Entry|null}[]} What was answered on this page, to take it back. */
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
    if (progress) this.tellEstimate(progress.missed);
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
          : "No sentence is without a suggestion, or all transcripts are hidden while you code blind.",
      ),
      el("p.acts", {}, el("a.button.main", { href: "/progress#missed" }, "See what it says")),
    );
  }

  tellEstimate({ recall, low, high, audited, found }) {
    const known = recall !== null && `Recall about ${percent(recall)} (${between(low, high)})`;
    here("estimate").textContent = known || `${counted(found, "sentence")} with something to code among ${audited}`;
  }

  /**
   * What the sample says rests on sentences that were read: an answer from before its sentence was there is none.
   *
   * @param {Event} event The key or click.
   */
  empty({ timeStamp }) {
    if (timeStamp < this.shownAt)
      flash("Not counted: 0 was pressed before this sentence was there. Press it again once you have read it.");
    else this.mark("audited_empty", null);
  }

  async code() {
    const { item } = this;
    const code = await pickCode(this.codebook, { title: "A code for this sentence" });
    if (!code) return;
    const { version, start, end } = item;
    const coding = outbox.decide(
      { action: "code", version, start, end, code, previous: null },
      `Coded: ${this.codebook.name(code)}`,
    );
    this.mark("audited_found", coding, item);
  }

  mark(kind, coding, item = this.item) {
    const { version, start, end } = item;
    outbox.mark({ kind, version, start, end }, kind === "audited_empty" ? "nothing here" : "something to code");
    this.answered.push({ item, coding });
    this.item = null;
    flash(coding ? coding.says : "Nothing here", { label: "Take back", run: () => this.back() });
    this.goOn();
  }

  /** Lay the sentence open that was answered last; its new answer takes the place of the old one. */
  back() {
    const last = this.answered.pop();
    if (!last) return flash("Nothing to take back on this page");
    if (last.coding) outbox.undo(last.coding);
    this.round += 1;
    this.show({ ...last.item, done: Math.max(0, Number(here("audited").textContent) - 1) });
    return flash("Answer it anew");
  }
}

/** @param {Audit} audit @returns {import("../shared/keys.js").Binding[]} */
function keysOf(audit) {
  const open = () => Boolean(audit.item);
  const key = (keys, does, run, when = open) => ({ keys, does, run: (event) => void run(event), group: "Audit", when });
  return [
    key(["0"], "nothing to code here", (event) => audit.empty(event)),
    key(["c"], "code it", () => audit.code()),
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
