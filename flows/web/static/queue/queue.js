/** The queue: one suggestion at a time, a key for every answer, the next one on screen in the same frame. */

import { get, watchPulse } from "../shared/api.js";
import { loadStudy } from "../shared/codebook.js";
import { announce, counted, flash } from "../shared/dom.js";
import { bindKeys, hold } from "../shared/keys.js";
import { noteDecision, offerLearning } from "../shared/learn_offer.js";
import { writeMemo } from "../shared/memo.js";
import { outbox, provisional } from "../shared/outbox.js";
import { pickCode } from "../shared/picker.js";
import { nowIn } from "../shared/presence.js";
import { DONE } from "../shared/suggestion.js";
import { acceptMany } from "./bulk.js";
import { inText, showItem, spoken, waitingOn } from "./card.js";
import { Deck } from "./deck.js";
import { showEnd } from "./end.js";
import { drawFilters, filters, widen } from "./filters.js";
import { History } from "./history.js";
import { bindButtons, keysOf } from "./keys.js";

const here = (id) => document.getElementById(id);
const OF_STATE = { undecided: "to decide", unsure: "unsure", all: "in all" };

/** Milliseconds until a server that did not answer is asked again. */
const AGAIN = 2000;

/** Suggestions whose decisions have not reached the server. */
const unheard = () =>
  outbox
    .waiting()
    .map(({ body }) => body.suggestion)
    .filter(Boolean);

export class Queue {
  constructor(study, codebook) {
    this.study = study;
    this.codebook = codebook;
    this.deck = new Deck((after, limit) => get("/queue", { ...filters(), after, limit }), unheard);
    this.history = new History(this);
    this.places = { text: here("reader"), card: here("item") };
    this.lastOwn = 0;
    /** @type {Set<number>} Suggestions on the open passage that are left out when several are decided together. */
    this.left = new Set();
    /** What is on the screen: also while what comes next is on its way. */
    this.shown = null;
    /** @type {Promise<void>|null} Settled when something lies open again. */
    this.awaited = null;
  }

  get current() {
    return this.deck.current;
  }

  /** Begin from the first item; keys wait for it. */
  open() {
    return hold(this.opened());
  }

  async opened() {
    await this.guarded(() => this.deck.open());
    this.show();
    if (this.current) announce(spoken(this.current, this.codebook));
  }

  async renew() {
    await this.guarded(() => this.deck.renew());
    this.show();
  }

  /** Show what lies open, now; fetch what comes behind it meanwhile. */
  show() {
    const item = this.current;
    const { pending } = this.deck;
    this.count();
    here("desk").inert = pending; // what was decided on is no longer to be clicked; keys wait for what comes next
    here("desk").setAttribute("aria-busy", String(pending));
    here("desk").hidden = here("verbs").hidden = !item && !(pending && this.shown);
    here("through").hidden = Boolean(item) || pending;
    if (item && item !== this.shown) this.turnUp(item);
    if (!item && !pending) showEnd(here("through"), this);
    if (!pending) this.shown = item;
    this.ahead();
  }

  count() {
    const { remaining, total } = this.deck;
    here("queue-remaining").textContent = remaining.toLocaleString("en");
    here("queue-of").textContent = OF_STATE[filters().state] ?? "to decide";
    here("queue-done").style.setProperty("--part", String(total ? 1 - remaining / total : 0));
  }

  turnUp(item) {
    nowIn(item.version);
    this.left.clear();
    this.draw(item);
    for (const how of ["adjust", "split"]) here(how).href = inText(item, how);
  }

  draw(item) {
    showItem(this.places, item, this.codebook, {
      left: this.left,
      leave: (id) => this.leave(id),
      runnerUp: (n) => this.runnerUp(n, item),
      acceptAll: () => this.together("accept"),
      rejectAll: () => this.together("reject"),
    });
  }

  /** Leave a suggestion out when those on the passage are decided together, or take it in again. @param {number} id */
  leave(id) {
    if (!this.left.delete(id)) this.left.add(id);
  }

  /** Fetch what comes next; where nothing lies open, keys wait until something does or the queue is through. */
  ahead() {
    if (this.deck.pending) this.awaited ??= hold(this.awaitNext());
    else this.guarded(() => this.deck.fill()).then(() => this.count());
  }

  async awaitNext() {
    while (this.deck.pending) {
      if (!(await this.guarded(() => this.deck.ready()))) await new Promise((later) => setTimeout(later, AGAIN));
    }
    this.awaited = null;
    this.show();
  }

  /** @returns {Promise<boolean>} Whether the server answered. */
  async guarded(ask) {
    try {
      await ask();
      here("trouble").hidden = true;
      return true;
    } catch (error) {
      here("trouble").hidden = false;
      here("trouble").textContent = `The queue cannot be read: ${error.message}. Your decisions are kept.`;
      return false;
    }
  }

  /** Say what was done and what lies open now. */
  tell(said, action) {
    flash(said, action);
    const next = this.current ? spoken(this.current, this.codebook) : "The queue is through.";
    announce(`${said}. ${next}`);
  }

  /** Decide on the item that lies open, or on one that lay open when a dialog was. */
  decide(action, extra = {}, item = this.current) {
    if (!item) return;
    const isOpen = item.id === this.current?.id;
    const said = `${DONE[action]}: ${this.codebook.name(extra.code ?? item.code)}`;
    const entry = outbox.decide(this.about(item, { action, ...extra }), said);
    const leaves = this.leaves(action);
    this.history.add({ item, entry, leaves });
    if (isOpen) this.deck.advance(leaves);
    this.show();
    this.tell(said, { label: "Undo", run: () => this.history.undo() });
    offerLearning(here("offer"), noteDecision());
  }

  about(item, more) {
    return { version: item.version, suggestion: item.id, previous: item.decision, ...more };
  }

  /** Whether a decision takes an item out of those the filter asks for. */
  leaves(action) {
    const { state } = filters();
    return state === "unsure" ? action !== "unsure" : state !== "all";
  }

  /** Give the passage another code than the suggested one. */
  recode(code, item = this.current) {
    const { start, end } = item;
    this.decide("code", { code, start, end }, item);
  }

  runnerUp(n, item = this.current) {
    const other = item?.alternatives[n];
    if (other) this.recode(other.code, item);
  }

  /** Give the passage a code beside the suggested one, which stays open. */
  async addCode() {
    const item = this.current;
    const first = item.alternatives.map(({ code }) => code);
    const code = await pickCode(this.codebook, { title: "Add a code to this passage", first });
    if (code) this.codeToo(code, item);
  }

  runnerUpToo(n, item = this.current) {
    const other = item?.alternatives[n];
    if (other) this.codeToo(other.code, item);
  }

  codeToo(code, item) {
    const name = this.codebook.name(code);
    if (item.given.includes(code)) return flash(`This passage bears ${name} already`);
    const { version, start, end } = item;
    const entry = outbox.decide({ action: "code", version, start, end, code, previous: null }, `code · ${name}`);
    this.history.add({ item, entry, leaves: false });
    this.put({ ...item, given: [...item.given, code] });
    return flash(`Coded, too: ${name}`, { label: "Undo", run: () => this.history.undo() });
  }

  /** Answer all suggestions on the open passage that are ticked. @param {"accept"|"reject"} action */
  together(action) {
    const item = this.current;
    const ids = waitingOn(item)
      .map(({ answers }) => answers)
      .filter((id) => !this.left.has(id));
    if (!ids.length) return announce("No suggestion on this passage is ticked");
    if (ids.length === 1 && ids[0] === item.id) return this.decide(action);
    const said = `${DONE[action]}: ${counted(ids.length, "suggestion")} on one passage`;
    return this.onPassage("together", { version: item.version, action, suggestions: ids }, said);
  }

  /** Join the passage with the next or previous one of its code. @param {"before"|"after"} direction */
  merge(direction) {
    const { version, id, code, decision } = this.current;
    const body = { version, suggestion: id, previous: decision, direction };
    this.onPassage("merge", body, `Merged: ${this.codebook.name(code)}`);
  }

  /** Do what only the server can: keys wait for its answer, unless it is away. */
  onPassage(act, body, says) {
    const entry = outbox.act(act, body, says);
    hold(Promise.race([this.afterAct(entry, says), outbox.untilStuck()]));
  }

  async afterAct(entry, says) {
    const answer = await outbox.answerTo(entry);
    if (!answer) return; // `refused` has said why
    this.history.add({ many: true });
    this.lastOwn = Math.max(this.lastOwn, ...answer.decisions.map(({ id }) => id));
    const decided = new Set(answer.decisions.map(({ suggestion }) => suggestion).filter(Boolean));
    const open = this.current && decided.has(this.current.id);
    this.deck.drop(decided);
    this.deck.sure = false;
    await this.guarded(() => (open ? this.deck.ready() : undefined));
    await this.renew();
    this.tell(says, { label: "Undo", run: () => this.history.undo() });
    offerLearning(here("offer"), noteDecision(decided.size));
  }

  async otherCode() {
    const item = this.current;
    const first = item.alternatives.map(({ code }) => code);
    const code = await pickCode(this.codebook, { title: "Another code for this passage", first });
    if (!code) return;
    if (code === item.code) this.decide("accept", {}, item);
    else this.recode(code, item);
  }

  async memo() {
    const item = this.current;
    const memo = await writeMemo({
      title: "Memo on this passage",
      about: `suggestion/${item.id}`,
      text: item.decision?.memo ?? "",
    });
    if (memo === null) return;
    const entry = outbox.decide(this.about(item, { action: "memo", memo }), "Memo");
    const now = provisional(entry, this.study.coder);
    this.history.add({ item, entry, leaves: false });
    this.put({ ...item, decision: { ...now, action: item.decision?.action ?? "memo" } });
    flash(memo ? "Memo kept" : "Memo withdrawn", { label: "Undo", run: () => this.history.undo() });
  }

  /** Lay an item open in the state it has now. */
  put(item, returns = false) {
    this.deck.bring(item, returns);
    this.show();
  }

  skip() {
    this.deck.advance(false);
    this.show();
    this.tell("Skipped");
  }

  nextTranscript() {
    return hold(this.skipTranscript(this.current.version));
  }

  async skipTranscript(version) {
    while (this.current?.version === version) {
      this.deck.advance(false);
      if (!this.current) await this.guarded(() => this.deck.ready());
    }
    this.show();
    this.tell(this.current ? `Next transcript: ${this.current.transcript}` : "That was the last transcript");
  }

  many() {
    return this.accepted().then((done) => done && hold(this.afterMany(done)));
  }

  accepted() {
    const code = this.current?.code ?? (filters().code || this.codebook.codes[0]?.id);
    if (!code) {
      announce("There are no codes yet");
      return Promise.resolve(null);
    }
    const { version, where } = filters();
    return acceptMany(this.codebook, { code, version, where });
  }

  async afterMany(done) {
    this.history.add({ many: true });
    this.lastOwn = Math.max(this.lastOwn, ...done.decisions);
    await this.open(); // first the count, then the word
    flash(`Accepted ${counted(done.count, "passage")}: ${this.codebook.name(done.code)}`, {
      label: "Undo",
      run: () => this.history.undo(),
    });
    offerLearning(here("offer"), noteDecision(done.count));
  }

  widen() {
    widen();
    this.drawControls();
    this.open();
  }

  drawControls() {
    drawFilters(here("filters"), this.study, () => this.open());
  }

  /** Somebody decided elsewhere, began blind, or a run made suggestions anew. */
  pulse(now, before) {
    if (!before) return undefined;
    if (now.outcomes !== before.outcomes) return this.open();
    const elsewhere = now.decisions > this.lastOwn || now.marks !== before.marks;
    return elsewhere && !unheard().length ? this.renew() : undefined;
  }

  saved({ detail: { answer } }) {
    const decision = answer.decisions?.[0] ?? answer.decision;
    if (decision) this.lastOwn = Math.max(this.lastOwn, decision.id);
    if (!this.deck.sure && !outbox.waiting().length) this.renew();
  }

  refused({ detail: { entry, error } }) {
    if (entry.path === "/marks") return;
    if (entry.path === "/passages/merge" && error.status === 404) {
      outbox.dismiss(entry);
      flash("No passage with the same code lies near this one.");
      return;
    }
    this.history.forget(entry);
    flash(error.status === 409 ? "Decided elsewhere meanwhile; nothing was changed." : `Not taken: ${error.message}.`);
    this.deck.sure = false;
    this.renew();
  }
}

async function start() {
  const { study, codebook } = await loadStudy();
  const queue = new Queue(study, codebook);
  const table = keysOf(queue);
  bindKeys(table);
  bindButtons(table);
  queue.drawControls();
  outbox.addEventListener("saved", (event) => queue.saved(event));
  outbox.addEventListener("refused", (event) => queue.refused(event));
  await queue.open();
  watchPulse((now, before) => queue.pulse(now, before));
}

hold(start());
