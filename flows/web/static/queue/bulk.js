/** Accepting many at once: one code, above a probability, after a sample was seen. */

import { ApiError, post } from "../shared/api.js";
import { codeChip } from "../shared/codebook.js";
import { ask } from "../shared/dialog.js";
import { announce, counted, el, fill, meter } from "../shared/dom.js";
import { newKey, outbox } from "../shared/outbox.js";
import { wordsAt } from "../shared/passage.js";

const STEPS = [95, 90, 85, 80, 75, 70, 65, 60, 55, 50];
const AT_FIRST = 0.9;

/**
 * Open the dialog.
 *
 * @param {import("../shared/codebook.js").Codebook} codebook
 * @param {{code: string, version: string, where: string[]}} first What is chosen when it opens; `version` empty for
 *   all transcripts, `where` for all participants.
 * @returns {Promise<{count: number, decisions: number[], code: string}|null>} What was accepted; null for nothing.
 */
export function acceptMany(codebook, first) {
  return new Bulk(codebook, first).opened();
}

class Bulk {
  constructor(codebook, { code, version, where }) {
    Object.assign(this, { codebook, version, where, seen: null, committing: false, key: newKey() });
    this.code = select(
      "Code",
      codebook.codes.map(({ id, name }) => [id, name]),
      code,
    );
    this.least = select(
      "Probability at least",
      STEPS.map((step) => [String(step / 100), `${step}%`]),
      String(AT_FIRST),
    );
    this.sample = el("div.sample", { "aria-live": "polite" });
    this.confirm = el(
      "button.main",
      { type: "button", "aria-disabled": "true", autofocus: true, on: { click: () => this.commit() } },
      "Accept",
    );
    const leave = { click: () => this.committing || this.close(null) };
    const close = el("button.icon", { type: "button", "aria-label": "Close", on: leave }, "×");
    const cancel = el("button", { type: "button", on: leave }, "Cancel");
    this.dialog = el(
      "dialog.sheet.bulk",
      { "aria-labelledby": "bulk-title" },
      el("header", {}, el("h2", { id: "bulk-title" }, "Accept many"), close),
      el("div.choices", {}, this.code.label, this.least.label),
      this.sample,
      el("p.acts", {}, this.confirm, cancel),
    );
    for (const { field } of [this.code, this.least]) field.addEventListener("change", () => this.choose());
  }

  /** Another selection is another decision: a repeated key would be answered with what the first one wrote. */
  choose() {
    this.key = newKey();
    return this.preview();
  }

  /** The button keeps the focus while it waits, so that a key meant for it does not close the dialog. */
  ready(now) {
    this.confirm.setAttribute("aria-disabled", String(!now));
  }

  opened() {
    // What is on its way is not given up by closing: the page would not know what was accepted.
    this.dialog.addEventListener("cancel", (event) => this.committing && event.preventDefault());
    return new Promise((resolve) => {
      this.close = ask(this.dialog, resolve);
      this.preview();
    });
  }

  asked() {
    const version = this.version ? { version: Number(this.version) } : {};
    return { code: this.code.field.value, at_least: Number(this.least.field.value), where: this.where, ...version };
  }

  /** Decisions on their way go first, or the server would count them among the undecided. */
  async ask(path, body) {
    await outbox.send();
    if (outbox.waiting().length) throw new ApiError(0, "Some decisions are not saved yet; try again when they are.");
    return post(path, body);
  }

  async preview() {
    this.ready(false);
    const asked = this.asked();
    try {
      const seen = await this.ask("/bulk/preview", asked);
      if (JSON.stringify(asked) === JSON.stringify(this.asked())) this.show(seen);
    } catch (error) {
      this.told(error);
    }
  }

  show(seen) {
    this.seen = seen;
    this.ready(seen.count > 0);
    this.confirm.textContent = seen.count ? `Accept all ${seen.count}` : "Accept";
    const rows = seen.sample.map((item) =>
      el(
        "li",
        {},
        meter(item.probability),
        el("p.words", { dir: "auto" }, wordsAt(item.context, item)),
        el("p.quiet", {}, el("bdi", {}, item.transcript)),
      ),
    );
    const head =
      seen.count > rows.length
        ? `${counted(rows.length, "passage")} of ${seen.count}, drawn at random:`
        : `${counted(seen.count, "passage")}:`;
    fill(
      this.sample,
      seen.count
        ? [
            el("p", {}, codeChip(this.codebook, this.code.field.value), ` · ${head}`),
            el("ol", { colour: this.codebook.domainOf(this.code.field.value), tabindex: "0" }, rows),
          ]
        : el("p.quiet", {}, "No undecided suggestion of this code is that probable."),
    );
  }

  async commit() {
    if (this.confirm.getAttribute("aria-disabled") === "true") return announce("Look at the sample first");
    this.ready(false);
    this.committing = true;
    try {
      const answer = await this.ask("/bulk", { ...this.asked(), count: this.seen.count, key: this.key });
      this.close({ ...answer, code: this.code.field.value });
    } catch (error) {
      if (error.status === 409) await this.preview();
      else this.ready(true);
      this.told(error);
    } finally {
      this.committing = false;
    }
    return undefined;
  }

  told(error) {
    if (!(error instanceof ApiError)) throw error;
    const line = error.status === 409 ? "Meanwhile something was decided; this is how it stands now." : error.message;
    this.sample.prepend(el("p.notice", { role: "alert" }, line));
  }
}

function select(label, options, value) {
  const made = options.map(([given, text]) => el("option", { value: given, selected: given === value }, text));
  const field = el("select", {}, made);
  return { field, label: el("label.choice", {}, el("span", {}, label), field) };
}
