/**
 * Decisions on their way to the server. Each lies in localStorage, under a key of its own, before it is sent and until
 * the server has it; a repeated send bears the same key and is written once. So a closed lid, a reload, a second tab or
 * a dead server loses nothing. In order, one at a time; tabs take turns by a lock.
 */

import { ApiError, post } from "./api.js";
import { Drawer } from "./drawer.js";

/**
 * @typedef {Object} Entry
 * @property {string} key Made here; the server knows a repeated send by it.
 * @property {string} path `/decisions`, `/passages/split` and the like, `/undo`, `/redo`, `/marks`, `/consensus`.
 * @property {Object} body What the path takes; `previous` and `decision` may be `{key}` of an entry still waiting.
 * @property {string} time When it was made, ISO 8601.
 * @property {string} [says] A short line for people, without transcript text.
 * @property {string} [refused] Why the server did not take it.
 */

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;

/** Events: `change` (what waits), `saved` ({entry, answer}), `refused` ({entry, error}), `elsewhere` (another tab saved). */
export class Outbox extends EventTarget {
  /** @param {string} study @param {string} coder Whose decisions these are; each has an outbox of their own. */
  constructor(study, coder) {
    super();
    this.coder = coder;
    const place = `${encodeURIComponent(study)}/${encodeURIComponent(coder)}`;
    this.lock = `precode.outbox/${place}`;
    this.entries = new Drawer(`precode.outbox/${place}/`);
    this.refusals = new Drawer(`precode.refused/${place}/`);
    this.written = new Drawer(`precode.written/${place}/`);
    /** @type {""|"away"|"signed out"|"full"} Why nothing can be sent, or kept, now. */
    this.trouble = "";
    this.pause = FIRST_PAUSE;
    this.timer = 0;
    addEventListener("storage", (event) => this.#heard(event));
    addEventListener("online", () => this.send());
  }

  /** @returns {Entry[]} What the server does not have yet, oldest first. */
  waiting() {
    return this.entries.all();
  }

  /** @returns {Entry[]} What the server did not take; kept until the coder has seen it. */
  refused() {
    return this.refusals.all();
  }

  /**
   * Decide.
   *
   * @param {Object} decision As POST /api/decisions takes it, without key. `previous` is the decision that stands now
   *   (as the server gave it or as `provisional` made it), its id, or null.
   * @param {string} [says]
   * @returns {Entry}
   */
  decide(decision, says) {
    return this.#put("/decisions", { ...decision, previous: reference(decision.previous) }, says);
  }

  /**
   * Do with passages what takes several decisions, undone as one.
   *
   * @param {"split"|"merge"|"together"} act @param {Object} body As POST /api/passages/{act} takes it, without key.
   * @param {string} [says]
   * @returns {Entry}
   */
  act(act, body, says) {
    const rests = "previous" in body ? { previous: reference(body.previous) } : {};
    return this.#put(`/passages/${act}`, { ...body, ...rests }, says);
  }

  /**
   * Take back a decision, or the newest in force within a scope.
   *
   * @param {Object|number|null} [decision]
   * @param {{version?: number, suggestions?: boolean}} [scope] Only in a transcript, only answers to suggestions.
   * @returns {Entry}
   */
  undo(decision = null, scope = {}) {
    return this.#put("/undo", decision ? { decision: reference(decision) } : scope, "undo");
  }

  /** Take back the newest undo within a scope. @param {{version?: number, suggestions?: boolean}} [scope] @returns {Entry} */
  redo(scope = {}) {
    return this.#put("/redo", scope, "redo");
  }

  /** Write a mark: a memo on a transcript or code, begun blind, done, an audited sentence. @returns {Entry} */
  mark(mark, says) {
    return this.#put("/marks", mark, says ?? mark.kind);
  }

  /** Write down what coders agreed on for a passage, as POST /api/consensus takes it, without key. @returns {Entry} */
  agree(agreed, says) {
    return this.#put("/consensus", agreed, says);
  }

  /**
   * Take back what coders agreed on for a passage, or bring back what was taken back last.
   *
   * @param {"withdraw"|"restore"} act @param {{version: number, start: number, end: number}} passage @returns {Entry}
   */
  consensus(act, passage) {
    return this.#put(`/consensus/${act}`, passage, `${act} consensus`);
  }

  /** @param {Entry} entry @returns {Promise<Object|null>} What the server answers, however late; null where it refuses. */
  answerTo(entry) {
    return new Promise((resolve) => {
      const heard = ({ type, detail }) => {
        if (detail.entry.key !== entry.key) return;
        for (const name of ["saved", "refused"]) this.removeEventListener(name, heard);
        resolve(type === "saved" ? detail.answer : null);
      };
      for (const name of ["saved", "refused"]) this.addEventListener(name, heard);
    });
  }

  /** @returns {Promise<void>} Settled as soon as the server has everything, or nothing can be sent. */
  untilSaved() {
    return new Promise((resolve) => {
      const heard = () => {
        if (this.waiting().length && !this.trouble) return;
        this.removeEventListener("change", heard);
        resolve();
      };
      this.addEventListener("change", heard);
      heard();
    });
  }

  /** @returns {Promise<void>} Settled as soon as nothing can be sent. */
  untilStuck() {
    return new Promise((resolve) => {
      const heard = () => {
        if (!this.trouble) return;
        this.removeEventListener("change", heard);
        resolve();
      };
      this.addEventListener("change", heard);
      heard();
    });
  }

  /** Forget what was refused, once the coder has seen it. */
  clearRefused() {
    this.refusals.clear();
    this.#emit("change");
  }

  /** Forget one refusal that needs nobody's attention. @param {Entry} entry */
  dismiss(entry) {
    this.refusals.remove(entry.key);
    this.#emit("change");
  }

  /** Send what waits, now. */
  async send() {
    clearTimeout(this.timer);
    if (!this.entries.first()) return;
    const drain = () => this.#drain();
    await (navigator.locks ? navigator.locks.request(this.lock, drain) : drain());
  }

  #put(path, body, says = "") {
    const entry = { key: newKey(), path, body, time: new Date().toISOString(), says };
    this.#keep(entry);
    this.#emit("change");
    this.send();
    return entry;
  }

  /** Nothing is shown as decided that a closed lid could lose: a full storage stops the caller. */
  #keep(entry) {
    try {
      this.entries.add(entry.key, entry);
    } catch (error) {
      this.#stuck("full");
      throw error;
    }
  }

  async #drain() {
    for (let entry = this.entries.first(); entry; entry = this.entries.first()) {
      if (!(await this.#deliver(entry))) return this.#later();
    }
    this.written.trim();
  }

  /** @returns {Promise<boolean>} Whether the next one may go. */
  async #deliver(entry) {
    try {
      const answer = await post(entry.path, this.#letter(entry));
      this.#acknowledge(entry, answer);
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return this.#failed(entry, error);
    }
  }

  #letter({ key, path, body }) {
    const resolved = this.#resolved(body);
    if (path === "/marks") return resolved;
    return path === "/decisions" ? { decisions: [{ ...resolved, key }] } : { ...resolved, key };
  }

  /** Put ids in the place of keys, now that the earlier entries are written. */
  #resolved(body) {
    const out = { ...body };
    for (const field of ["previous", "decision"]) {
      if (!out[field]?.key) continue;
      const id = this.written.get(out[field].key);
      if (!id) throw new ApiError(409, "it builds on a decision that was not taken");
      out[field] = id;
    }
    return out;
  }

  #acknowledge(entry, answer) {
    const decision = answer.decisions?.[0] ?? answer.decision;
    if (decision) this.written.add(entry.key, decision.id);
    this.entries.remove(entry.key);
    this.trouble = "";
    this.pause = FIRST_PAUSE;
    this.#emit("saved", { entry, answer });
    this.#emit("change");
  }

  #failed(entry, error) {
    if (error.status === 0 || error.status >= 500 || error.status === 429) return this.#stuck("away");
    if (error.status === 401 || error.status === 403) return this.#stuck("signed out");
    this.refusals.add(entry.key, { ...entry, refused: error.message });
    this.entries.remove(entry.key);
    this.#emit("refused", { entry, error });
    this.#emit("change");
    return true;
  }

  #stuck(trouble) {
    this.trouble = trouble;
    this.#emit("change");
    return false;
  }

  #later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), this.pause);
    this.pause = Math.min(2 * this.pause, LONGEST_PAUSE);
  }

  #heard(event) {
    if (event.key === null || event.key.startsWith(this.entries.prefix)) {
      this.#emit("change");
      if (!event.newValue) this.#emit("elsewhere");
    }
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** What a later decision builds on: its id, or the key under which it still waits. */
function reference(decision) {
  if (decision === null || decision === undefined || typeof decision === "number") return decision ?? null;
  return decision.id ?? { key: decision.key };
}

/** A key that nobody else makes; the server knows a repeated send by it. */
export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * What the log will say of an entry, for showing it before the server has it.
 *
 * @param {Entry} entry A decision.
 * @param {string} coder
 * @returns {Object} A Decision with `id` null, `key` and `pending`.
 */
export function provisional(entry, coder) {
  const { action, version, suggestion = null, start = null, end = null, code = null, memo = "", previous } = entry.body;
  return {
    id: null,
    key: entry.key,
    pending: true,
    time: entry.time,
    coder,
    version,
    action,
    suggestion,
    start,
    end,
    code,
    memo,
    previous,
    blind: false,
    recorder: "",
  };
}

const here = document.body.dataset;

/** The outbox of who is signed in here. */
export const outbox = new Outbox(here.study ?? "", here.coder ?? "");
