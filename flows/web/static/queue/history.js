/** What was decided on this page, so that undo shows it again at once; deeper than that the server knows. */

import { get } from "../shared/api.js";
import { counted, flash } from "../shared/dom.js";
import { hold } from "../shared/keys.js";
import { shareHalf } from "../shared/offsets.js";
import { outbox } from "../shared/outbox.js";
import { filters } from "./filters.js";

/**
 * @typedef {Object} Step One decision, or many made in one go.
 * @property {Object} [item] As it was before.
 * @property {import("../shared/outbox.js").Entry} [entry]
 * @property {boolean} [leaves] Whether the decision took the item out of those that remain.
 * @property {boolean} [many]
 */

export class History {
  /** @param {import("./queue.js").Queue} queue */
  constructor(queue) {
    this.queue = queue;
    /** @type {Step[]} */
    this.steps = [];
    /** @type {Step[]} */
    this.undone = [];
  }

  /** @param {Step} step */
  add(step) {
    this.steps.push(step);
    this.undone = [];
  }

  /** Take back the newest decision and lay its suggestion open again. */
  undo() {
    const step = this.steps.at(-1);
    const asked = step && !step.many ? outbox.undo(step.entry) : outbox.undo(null, this.#scope());
    this.steps.pop(); // only now: a full storage has stopped us before
    if (!step || step.many) return this.#ask(asked, "Undo");
    this.undone.push(step);
    this.queue.put(step.item, step.leaves);
    const where = `${this.queue.codebook.name(step.item.code)} in ${step.item.transcript}`;
    return this.queue.tell(`Undone: ${where}`, { label: "Redo", run: () => this.redo() });
  }

  /** Take back the newest undo. */
  redo() {
    const step = this.undone.pop();
    if (!step) return this.#ask(outbox.redo(this.#scope()), "Redo");
    this.steps.push(step);
    // A memo does not put its suggestion away; what holds then is asked of the server.
    if (step.entry.body.action === "memo") return this.#ask(outbox.redo(this.#scope()), "Redo");
    outbox.redo(this.#scope());
    if (this.queue.current?.id === step.item.id) this.queue.deck.advance(step.leaves);
    this.queue.show();
    return this.queue.tell("Done again", { label: "Undo", run: () => this.undo() });
  }

  /** Drop a decision that the server did not take. */
  forget(entry) {
    this.steps = this.steps.filter((step) => step.entry?.key !== entry.key);
    this.undone = this.undone.filter((step) => step.entry?.key !== entry.key);
  }

  /** Ask the server without knowing what its answer will be about: keys wait for it, unless the server is away. */
  #ask(entry, what) {
    const done = outbox.answerTo(entry).then((answer) => answer && this.#answered(entry, answer));
    const settled = done.catch(() => this.queue.renew()); // which says that the server does not answer
    hold(Promise.race([settled, outbox.untilStuck()])).then(() => {
      if (outbox.trouble) flash(`The server is away: ${what.toLowerCase()} is kept, and done when it is back.`);
    });
  }

  async #answered(entry, answer) {
    const undoing = entry.path === "/undo";
    if (!answer.decision) return flash(undoing ? "Nothing left to undo" : "Nothing to redo");
    if (answer.count > 1) await this.queue.open();
    else await this.#recall(answer, undoing);
    const other = undoing ? { label: "Redo", run: () => this.redo() } : { label: "Undo", run: () => this.undo() };
    this.queue.tell(`${undoing ? "Undone" : "Done again"}: ${this.#named(answer)}`, other);
  }

  #named({ undone, count, transcript }) {
    if (count > 1) return counted(count, "passage");
    return `${this.queue.codebook.name(undone?.code) ?? "a decision"} in ${transcript}`;
  }

  /** What the queue shows: suggestions, of one transcript where it is filtered. */
  #scope() {
    const version = Number(filters().version);
    return { suggestions: true, ...(version ? { version } : {}) };
  }

  /** Lay open what an answer is about; put it away again where a redo has decided it. */
  async #recall({ decision, undone }, undoing) {
    const { version, suggestion } = undone?.suggestion ? undone : decision;
    const item = suggestion && (await itemOf(version, suggestion));
    const decided = item?.decision && this.queue.leaves(item.decision.action) && item.decision.action !== "memo";
    if (item && (undoing || !decided)) this.queue.put(item);
    else if (this.queue.current?.id === suggestion) this.queue.deck.advance(false);
    await this.queue.renew();
  }
}

async function itemOf(version, suggestion) {
  const reading = await get(`/transcripts/${version}`);
  const item = reading.suggestions.find(({ id }) => id === suggestion);
  return item && { ...item, ...aboutIn(reading, item) };
}

const WAITS = new Set(["unsure", "memo"]);

/** What the queue tells of an item beside the suggestion itself, taken from its whole transcript. */
function aboutIn({ name, turns, suggestions, codings }, item) {
  const { id: open, start } = item;
  const at = turns.findIndex((turn) => turn.start <= start && start < turn.end);
  const { speaker = null, started = null } = turns[at] ?? {};
  const also = suggestions.filter(
    (one) => one.id !== open && (!one.decision || WAITS.has(one.decision.action)) && shareHalf(one, item),
  );
  const given = codings.filter((one) => one.mine && one.suggestion !== open && shareHalf(one, item));
  return {
    transcript: name,
    speaker,
    started,
    context: turns.slice(Math.max(0, at - 1), at + 2),
    also,
    given: [...new Set(given.map(({ code }) => code))],
  };
}
