/** The transcript on the page: turns with their words, marks in the words, bars and labels in the margin. */

import { clock, el, fill, percent } from "../shared/dom.js";
import { UNCERTAIN, uncertainMark } from "../shared/suggestion.js";
import { lanesOf, lookOf, runsOf, touching } from "./marks.js";
import { Spots } from "./spots.js";

const FIRST = 40;
const CHUNK = 60;
const NEAR = "400px 0px";

export class Paper {
  /**
   * @param {HTMLElement} place
   * @param {import("../shared/codebook.js").Codebook} codebook
   * @param {{choose: function(string, {card?: boolean}): void}} acts A passage was clicked or focused.
   */
  constructor(place, codebook, acts) {
    Object.assign(this, { place, codebook, acts, pieces: [], passages: [], drawn: 0, now: null });
    /** @type {Map<import("./marks.js").Piece, Object>} */
    this.sheets = new Map();
    this.dirty = new Set();
    this.near = new IntersectionObserver((seen) => this.#seen(seen), { rootMargin: NEAR });
    new ResizeObserver(() => this.#all()).observe(place);
    place.addEventListener("click", (event) => this.#clicked(event));
  }

  /** @param {import("./marks.js").Piece[]} pieces Draws the first at once, the others when there is time. */
  load(pieces) {
    this.pieces = pieces;
    this.spots = new Spots(pieces, (piece) => this.sheet(piece).words);
    this.place.replaceChildren();
    this.place.setAttribute("aria-busy", "true");
    this.#draw(FIRST);
    this.#later();
  }

  #later() {
    if (this.drawn >= this.pieces.length) return this.place.setAttribute("aria-busy", "false");
    const idle = window.requestIdleCallback ?? ((run) => setTimeout(run, 16));
    return idle(
      () => {
        this.#draw(this.drawn + CHUNK);
        this.#later();
      },
      { timeout: 200 },
    );
  }

  #draw(until) {
    const fresh = this.pieces.slice(this.drawn, until).map((piece) => this.#sheet(piece));
    this.drawn = Math.min(until, this.pieces.length);
    this.place.append(...fresh.map((one) => one.element));
    for (const one of fresh) this.near.observe(one.element);
  }

  /** The sheet of a piece, drawn now if it was not yet. */
  sheet(piece) {
    if (!this.sheets.has(piece)) this.#draw(this.pieces.indexOf(piece) + 1);
    return this.sheets.get(piece);
  }

  #sheet(piece) {
    const { turn, first } = piece;
    const words = el("p.words", { dir: "auto" });
    const lanes = el("div.lanes", { "aria-hidden": "true" });
    const labels = el("ul.labels", { "aria-label": "Passages" });
    const element = el("div", { class: `turn ${turn.role}` }, first && who(turn), words, lanes, labels);
    const sheet = { piece, element, words, lanes, labels, look: null, marks: new Map(), near: false };
    this.sheets.set(piece, sheet);
    element.sheet = sheet;
    words.sheet = sheet;
    this.#mark(sheet);
    return sheet;
  }

  /** @param {import("./passages.js").Passage[]} passages Only pieces that look different are drawn anew. */
  show(passages) {
    this.passages = passages;
    for (const sheet of this.sheets.values()) this.#mark(sheet);
  }

  #mark(sheet) {
    const over = touching(this.passages, sheet.piece);
    const look = lookOf(over);
    if (look === sheet.look) return;
    const focused = sheet.labels.contains(document.activeElement) && document.activeElement.dataset.passage;
    Object.assign(sheet, { look, over, marks: new Map(), depths: lanesOf(over) });
    fill(
      sheet.words,
      runsOf(sheet.piece, over).map((run) => this.#run(sheet, run)),
    );
    this.#labels(sheet);
    if (focused) sheet.labels.querySelector(`[data-passage="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    this.#due(sheet);
  }

  #run(sheet, { text, over }) {
    let node = document.createTextNode(text);
    const { depths } = sheet;
    for (const one of [...over].sort((a, b) => depths.get(b.id) - depths.get(a.id))) {
      const mark = el(
        "mark",
        { class: classOf(one), colour: this.codebook.domainOf(one.code), data: { passage: one.id } },
        node,
      );
      mark.style.setProperty("--lane", String(Math.min(depths.get(one.id), 3)));
      mark.classList.toggle("now", one.id === this.now);
      sheet.marks.set(one.id, [...(sheet.marks.get(one.id) ?? []), mark]);
      node = mark;
    }
    return node;
  }

  #labels(sheet) {
    const begun = sheet.over.filter((one) => one.start >= sheet.piece.start);
    fill(
      sheet.labels,
      begun.map((one) => el("li", {}, this.#label(one, sheet))),
    );
    sheet.labels.hidden = !begun.length;
    fill(
      sheet.lanes,
      sheet.over.map((one) => this.#bar(one)),
    );
  }

  #bar(one) {
    const bar = el("i", {
      class: `bar ${classOf(one)}`,
      colour: this.codebook.domainOf(one.code),
      data: { passage: one.id },
      hidden: true,
    });
    bar.style.setProperty("--lane", String(Math.min(one.lane, 5)));
    return bar;
  }

  #label(one, { piece }) {
    const name = this.codebook.name(one.code);
    const side =
      one.kind === "other"
        ? one.coder
        : one.kind === "suggestion" && !one.state
          ? percent(one.suggestion.probability)
          : one.state === "reject"
            ? "rejected"
            : one.state === "unsure"
              ? "unsure"
              : "";
    const data = { passage: one.id, testid: one.kind === "suggestion" ? "suggestion" : "coding", ...ids(one) };
    return el(
      "button",
      {
        type: "button",
        class: `tag ${classOf(one)}`,
        colour: this.codebook.domainOf(one.code),
        data,
        "aria-label": spoken(one, name, piece),
        on: { focus: () => this.acts.choose(one.id, {}), click: () => this.acts.choose(one.id, { card: true }) },
      },
      el("i.dot", { "aria-hidden": "true" }),
      el("span.name", {}, name),
      one.memo && el("span.has-memo", { title: "has a memo" }, "✎"),
      one.moved && el("span.look", { title: "moved with a corrected text, please look" }, "look"),
      isUncertain(one) && uncertainMark(),
      side && el("span.side", {}, el("bdi", {}, side)),
    );
  }

  /** @param {string|null} id Shows which passage is looked at. */
  point(id) {
    for (const element of this.#elementsOf(this.now)) element.classList.remove("now");
    this.now = id;
    for (const element of this.#elementsOf(id)) element.classList.add("now");
  }

  #elementsOf(id) {
    return id === null ? [] : this.place.querySelectorAll(`[data-passage="${CSS.escape(id)}"]`);
  }

  /** Bring a passage into view. @param {import("./passages.js").Passage} passage @param {boolean} [focus] Its label, too. */
  reveal(passage, focus = false) {
    const piece = this.spots.pieceAt(passage.start);
    const sheet = this.sheet(piece);
    const quiet = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const mark = sheet.marks.get(passage.id)?.[0] ?? sheet.element;
    if (focus) sheet.labels.querySelector(`[data-passage="${CSS.escape(passage.id)}"]`)?.focus({ preventScroll: true });
    mark.scrollIntoView({ block: "center", behavior: quiet || far(mark) ? "instant" : "smooth" });
  }

  /** @returns {import("./marks.js").Piece|undefined} The first piece that is on the screen. */
  topPiece() {
    return this.pieces.find(
      (piece) => this.sheets.has(piece) && this.sheets.get(piece).element.getBoundingClientRect().bottom > 120,
    );
  }

  #clicked(event) {
    if (!getSelection().isCollapsed || !(event.target instanceof Element)) return;
    const over = marksAround(event.target).map((mark) => mark.dataset.passage);
    if (!over.length) return;
    const next = over[(over.indexOf(this.now) + 1) % over.length];
    this.acts.choose(next, { card: true });
  }

  #seen(entries) {
    for (const { target, isIntersecting } of entries) {
      target.sheet.near = isIntersecting;
      if (isIntersecting) this.#due(target.sheet);
    }
  }

  #all() {
    for (const sheet of this.sheets.values()) this.#due(sheet);
  }

  /** Bars are placed once a frame: first every position is read, then everything is written. */
  #due(sheet) {
    if (!sheet.near || !sheet.over?.length) return;
    if (!this.dirty.size) requestAnimationFrame(() => this.#place());
    this.dirty.add(sheet);
  }

  #place() {
    const read = [...this.dirty].map((sheet) => [sheet, extents(sheet)]);
    this.dirty.clear();
    for (const [sheet, extent] of read) place(sheet, extent);
  }
}

function who({ speaker, started }) {
  return el(
    "p.who",
    {},
    speaker && el("b", {}, el("bdi", {}, speaker)),
    started !== null && started !== undefined && el("time", {}, clock(started)),
  );
}

/** Whether it waits for a decision and no evidence carries it. */
const isUncertain = (one) => one.kind === "suggestion" && !one.state && one.suggestion.uncertain;

const classOf = (one) =>
  [one.kind, one.state, one.pending && "pending", one.moved && "moved", isUncertain(one) && "doubtful"]
    .filter(Boolean)
    .join(" ");

function ids(one) {
  const decision = one.standing?.id ?? one.standing?.key;
  return {
    ...(one.suggestion ? { id: one.suggestion.id } : {}),
    ...(one.kind === "coding" && decision ? { decision } : {}),
  };
}

function spoken(one, name, piece) {
  const words = piece.offsets.slice(one.start - piece.start, Math.min(one.end, piece.end) - piece.start);
  const begins = words.split(/\s+/).slice(0, 8).join(" ");
  const kind = { suggestion: "Suggested", coding: "Coded", other: `Coded by ${one.coder}` }[one.kind];
  const likely = one.kind === "suggestion" && percent(one.suggestion.probability);
  const more = [likely, isUncertain(one) && UNCERTAIN, one.state]
    .filter((part) => likely && part)
    .map((part) => `, ${part}`)
    .join("");
  const moved = one.moved ? ", moved with a corrected text, please look" : "";
  return `${kind}: ${name}${more}${moved}: ${begins}`;
}

function marksAround(target) {
  const mark = target.closest("mark");
  return mark ? [mark, ...marksAround(mark.parentElement)] : [];
}

function far(element) {
  const { top } = element.getBoundingClientRect();
  return Math.abs(top) > 3 * innerHeight;
}

function extents(sheet) {
  const { top } = sheet.lanes.getBoundingClientRect();
  return sheet.over.map((one) => {
    const marks = sheet.marks.get(one.id);
    return [marks[0].getClientRects()[0].top - top, [...marks.at(-1).getClientRects()].at(-1).bottom - top];
  });
}

/** Height of a label and the space under it, in pixels, as the style sheet sets it. */
const labelHeight = () => parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--label-px")) || 28;

function place(sheet, extent) {
  for (const [n, bar] of [...sheet.lanes.children].entries()) {
    const [top, bottom] = extent[n];
    bar.hidden = false;
    bar.style.setProperty("--from", `${Math.round(top)}px`);
    bar.style.setProperty("--long", `${Math.round(bottom - top)}px`);
  }
  const begun = sheet.over.map((one, n) => [one, extent[n][0]]).filter(([one]) => one.start >= sheet.piece.start);
  const height = labelHeight();
  let foot = 0;
  for (const [n, [, top]] of begun.entries()) {
    const gap = Math.max(0, Math.round(top) - foot);
    sheet.labels.children[n].style.setProperty("--gap", `${gap}px`);
    foot += gap + height;
  }
}
