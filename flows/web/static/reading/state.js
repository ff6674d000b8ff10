/** One transcript as it stands: asked from the server, with what is on its way put on top, kept up to date. */

import { get, watchPulse } from "../shared/api.js";
import { outbox, provisional } from "../shared/outbox.js";
import { after, passages, shelve } from "./passages.js";

/** Events: `loaded` (the first answer), `change` (passages or marks), `marks` (somebody noted something, the codebook among it), `refused` ({error}), `undone` ({answer, path}), `failed` ({error}). */
export class Reading extends EventTarget {
  /** @param {number} version @param {string} coder */
  constructor(version, coder) {
    super();
    Object.assign(this, {
      version,
      coder,
      transcript: null,
      shelf: null,
      passages: [],
      marks: [],
      seeds: [],
      loading: null,
      stale: false,
    });
    /** @type {Set<number>} Decisions written from here: what the pulse says of them is no news. */
    this.own = new Set();
  }

  /** Listen first, then ask: what is saved while the server answers is asked for again. */
  async start() {
    outbox.addEventListener("change", () => this.#refresh());
    outbox.addEventListener("saved", ({ detail }) => this.#saved(detail));
    outbox.addEventListener("refused", ({ detail }) => {
      this.#emit("refused", detail);
      this.load();
    });
    outbox.addEventListener("elsewhere", () => this.load());
    watchPulse((now, before) => {
      if (before && now.marks !== before.marks) this.#emit("marks");
      if (before && this.#news(now, before)) this.load();
    });
    await this.load();
  }

  /** Ask the server anew; what changes while it answers is asked for again. */
  async load() {
    this.stale = true;
    this.loading ??= this.#load().finally(() => {
      this.loading = null;
    });
    await this.loading;
  }

  async #load() {
    while (this.stale) {
      this.stale = false;
      const asked = Promise.all([get(`/transcripts/${this.version}`), get("/marks"), get(`/seeds/${this.version}`)]);
      const answers = await asked.catch((error) => this.#emit("failed", { error }));
      if (!answers) return;
      this.#take(...answers);
    }
  }

  #take(answer, { marks }, { seeds }) {
    this.seeds = seeds;
    const first = this.transcript === null;
    this.marks = marks;
    this.transcript = answer;
    this.shelf = shelve(answer);
    this.#fold();
    this.#emit(first ? "loaded" : "change");
  }

  #news(now, before) {
    const mine = [...this.own].filter((id) => id > before.decisions && id <= now.decisions).length;
    return now.marks !== before.marks || now.outcomes !== before.outcomes || now.decisions - before.decisions !== mine;
  }

  #saved({ entry, answer }) {
    if (this.loading) this.stale = true;
    const decision = answer.decisions?.[0] ?? answer.decision;
    for (const { id } of answer.decisions ?? (decision ? [decision] : [])) this.own.add(id);
    if (!this.shelf) return undefined;
    if (entry.path === "/undo" || entry.path === "/redo") this.#emit("undone", { answer, path: entry.path });
    const next = entry.path === "/decisions" ? after(this.shelf, { ...decision, key: entry.key }, written) : null;
    if (!next) return this.load();
    if (decision.version === this.version) this.shelf = next;
    return this.#refresh();
  }

  #refresh() {
    if (!this.shelf) return;
    this.#fold();
    this.#emit("change");
  }

  #fold() {
    const waiting = outbox.waiting().filter(({ path, body }) => path === "/decisions" && body.version === this.version);
    const shelf = waiting.reduce(
      (held, entry) => after(held, provisional(entry, this.coder), written) ?? held,
      this.shelf,
    );
    this.passages = passages(shelf, this.coder);
  }

  /** @param {Object} draft A decision on this transcript, without version. @param {string} says */
  decide(draft, says) {
    return outbox.decide({ ...draft, version: this.version }, says);
  }

  /** Whether a passage is an example quotation that suggestions are made from. @param {import("./passages.js").Passage} passage */
  isSeed({ start, end, code }) {
    return this.seeds.some((seed) => seed.start === start && seed.end === end && seed.code === code);
  }

  /** @param {{start: number, end: number, code: string}[]} seeds */
  takeSeeds(seeds) {
    this.seeds = seeds;
    this.#emit("change");
  }

  /** The memo on the transcript or a code that the coder wrote, as it will stand. @param {string|null} code */
  memo(code = null) {
    const waiting = outbox
      .waiting()
      .filter(
        ({ path, body }) =>
          path === "/marks" &&
          body.kind === "memo" &&
          (code ? body.code === code : body.version === this.version && !body.code),
      );
    if (waiting.length) return waiting.at(-1).body.text;
    const held = this.marks.filter(
      (one) =>
        one.kind === "memo" && one.coder === this.coder && (code ? one.code === code : one.version === this.version),
    );
    return held.at(-1)?.text ?? "";
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

const written = (key) => outbox.written.get(key);
