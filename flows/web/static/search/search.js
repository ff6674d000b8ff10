/** Search over all transcripts, by words, by meaning, and for passages like one; ticked hits can be coded. */

import { get } from "../shared/api.js";
import { codeChip, loadStudy } from "../shared/codebook.js";
import { announce, counted, el, fill, flash, percent } from "../shared/dom.js";
import { filterControls, put, shared } from "../shared/filter.js";
import { bindKeys, hold } from "../shared/keys.js";
import { outbox } from "../shared/outbox.js";
import { selectOf } from "../shared/pair.js";
import { pickCode } from "../shared/picker.js";

const here = (id) => document.getElementById(id);
const FIRST = 50;
const MOST = 500;
const AGAIN = 1500;
const USUAL = { q: "", how: "words", everyone: "true", like: "" };
const HOW = [
  ["words", "words"],
  ["forms", "words in any form"],
  ["meaning", "meaning"],
];

/** What is searched for stands behind the # of the address: it is never sent with the address of a page. */
const asked = () => ({ ...USUAL, ...Object.fromEntries(new URLSearchParams(location.hash.slice(1))) });

class SearchPage {
  constructor(study, codebook) {
    Object.assign(this, { study, codebook, chosen: asked(), limit: FIRST, found: null, asking: 0 });
    /** @type {Set<string>} */
    this.ticked = new Set();
    this.drawForm();
    bindKeys([
      { keys: ["/"], does: "search", group: "Search", run: () => this.input.select() },
      { keys: ["c"], does: "code the ticked passages", group: "Search", run: () => void this.code() },
      { keys: ["z"], does: "undo", group: "Search", run: () => void outbox.undo() },
    ]);
    addEventListener("hashchange", () => {
      this.chosen = asked();
      this.drawForm();
      hold(this.load());
    });
    outbox.addEventListener("saved", () => outbox.waiting().length || hold(this.load()));
    outbox.addEventListener("refused", ({ detail }) => flash(`Not taken: ${detail.error.message}`));
  }

  drawForm() {
    const { q, how, everyone } = this.chosen;
    this.input = el("input", { type: "search", name: "q", maxlength: 500, autocomplete: "off", value: q });
    const talk = el("input", {
      type: "checkbox",
      checked: everyone === "true",
      on: { change: ({ target }) => this.choose({ everyone: String(target.checked) }) },
    });
    fill(
      here("asking"),
      el("label.choice.query", {}, el("span", {}, "What to look for"), this.input),
      selectOf("Find by", "how", HOW, how, (value) => this.choose({ how: value, q: this.input.value, like: "" })),
      filterControls(this.study, ["version", "where", "domain", "code"], (name, change) => this.narrow(name, change)),
      el("button.main", {}, "Search"),
      how !== "meaning" && el("label.check", {}, talk, "also what interviewers say"),
    );
    here("asking").onsubmit = (event) => {
      event.preventDefault();
      this.choose({ q: this.input.value, like: "" });
    };
  }

  /** A code asks for what is said near passages that bear it. */
  narrow(name, change) {
    put(change);
    const typed = this.input.value;
    this.drawForm();
    this.input.value = typed;
    here("asking").querySelector(`[name=${name}]`)?.focus();
    this.limit = FIRST;
    this.ticked.clear();
    hold(this.load());
  }

  choose(change) {
    this.limit = FIRST;
    this.ticked.clear();
    const next = { ...this.chosen, ...change };
    const told = Object.entries(next).filter(([name, value]) => value !== USUAL[name]);
    const hash = new URLSearchParams(told).toString();
    if (hash === location.hash.slice(1)) hold(this.load());
    else location.hash = hash;
  }

  #question() {
    const { q, how, everyone, like } = this.chosen;
    const { limit } = this;
    if (like) {
      const [of, start, end] = like.split("-");
      return get("/search/like", { version: of, start, end, limit, where: shared().where });
    }
    return q.trim() ? get("/search", { ...shared(), q, how, everyone, limit }) : null;
  }

  async load() {
    const number = ++this.asking;
    const question = this.#question();
    if (!question) return this.show(null);
    try {
      const found = await question;
      if (number !== this.asking) return undefined;
      here("trouble").hidden = true;
      this.show(found);
      if (found.unready) setTimeout(() => number === this.asking && this.load(), AGAIN);
    } catch (error) {
      if (number === this.asking) fill(here("trouble"), `Not found: ${error.message}.`).hidden = false;
    }
    return undefined;
  }

  show(found) {
    this.found = found;
    const hits = found?.hits ?? [];
    const total = found ? counted(found.total, "passage") : "";
    const first = this.byMeaning ? "nearest " : found?.more ? "more than " : "";
    fill(here("count"), found && el("b", {}, first, total));
    fill(here("about"), found ? this.#about(found) : hint(this.chosen.how));
    fill(
      here("hits"),
      hits.map((one) => this.#hit(one)),
    );
    const rest = found && hits.length < MOST && (found.total > hits.length || (this.byMeaning && found.more));
    fill(here("further"), el("button", { type: "button", on: { click: () => this.further() } }, "Show more"));
    here("further").hidden = !rest;
    this.showActs();
    if (found) announce(`${total} found`);
  }

  get byMeaning() {
    return Boolean(this.chosen.like) || this.chosen.how === "meaning";
  }

  #about({ searched, hidden, unready, query }) {
    return [
      this.chosen.like && ["Passages like: ", el("q", { dir: "auto" }, shortened(query)), ". "],
      `${counted(searched, "transcript")} searched`,
      this.byMeaning && ", what participants say, nearest first",
      !this.chosen.like && (shared().code || shared().domain) && ", in the turns of coded passages and beside them",
      hidden > 0 && `; ${hidden} that you code blind left out`,
      unready > 0 && `; ${unready} being made ready, the list will grow`,
      ".",
    ];
  }

  #hit({ hit, codes }) {
    const key = keyOf(hit);
    const tick = el("input", {
      type: "checkbox",
      checked: this.ticked.has(key),
      "aria-label": `Tick this passage of ${hit.transcript}`,
      on: { change: ({ target }) => this.tick(key, target.checked) },
    });
    const words = hit.pieces.map(({ text, marked }) => (marked ? el("mark", {}, text) : text));
    const place = `${hit.version}-${hit.start}-${hit.end}`;
    return el(
      "li",
      { data: { testid: "hit" } },
      el("span.tick", {}, tick),
      el(
        "div",
        {},
        el(
          "p.words",
          { dir: "auto" },
          el("span.around", {}, hit.before),
          el("span.passage", {}, words),
          el("span.around", {}, hit.after),
        ),
        el(
          "p.facts-of-hit.quiet",
          {},
          el("a", { href: `/read/${hit.version}#at-${hit.start}` }, "Read it in ", el("bdi", {}, hit.transcript)),
          hit.speaker && el("bdi", {}, hit.speaker),
          hit.similarity !== null &&
            el(
              "span",
              { title: "From 0%, nothing in common, to 100%, the same words" },
              `similarity ${percent(Math.max(0, hit.similarity))}`,
            ),
          el("a", { href: `#like=${place}` }, "More like this"),
          codes.map((code) => codeChip(this.codebook, code)),
        ),
      ),
    );
  }

  tick(key, on) {
    if (on) this.ticked.add(key);
    else this.ticked.delete(key);
    this.showActs();
  }

  showActs() {
    const hits = this.found?.hits ?? [];
    const all = hits.length > 0 && hits.every(({ hit }) => this.ticked.has(keyOf(hit)));
    const toggle = () => {
      for (const { hit } of hits) this.tick(keyOf(hit), !all);
      this.show(this.found);
    };
    fill(
      here("acts"),
      el(
        "button.main",
        { type: "button", disabled: !this.ticked.size, on: { click: () => void this.code() } },
        `Code ${counted(this.ticked.size, "ticked passage")} `,
        el("kbd", { "aria-hidden": "true" }, "c"),
      ),
      el("button", { type: "button", on: { click: toggle } }, all ? "Tick none" : `Tick all ${hits.length} shown`),
    );
    here("acts").hidden = !hits.length;
  }

  /** Give one code to all ticked passages that do not bear it yet. */
  async code() {
    const ticked = (this.found?.hits ?? []).filter(({ hit }) => this.ticked.has(keyOf(hit)));
    if (!ticked.length) return;
    const code = await pickCode(this.codebook, { title: `Code ${counted(ticked.length, "passage")}` });
    if (!code) return;
    const open = ticked.filter(({ codes }) => !codes.includes(code));
    for (const { hit } of open) {
      const { version, start, end } = hit;
      outbox.decide({ action: "code", version, start, end, code, previous: null }, this.codebook.name(code));
    }
    this.ticked.clear();
    this.showActs();
    flash(`Coded ${counted(open.length, "passage")}: ${this.codebook.name(code)}`);
  }

  further() {
    this.limit = MOST;
    hold(this.load());
  }
}

const keyOf = ({ version, start, end }) => `${version}-${start}-${end}`;
const shortened = (text) => (text.length > 160 ? `${text.slice(0, 160)}…` : text);

function hint(how) {
  return how === "meaning"
    ? "Say what passages shall be about, in words as people would say them. What participants say is searched."
    : 'All words must stand in one turn; "two words" is a phrase; word* has any ending. Case and accents do not matter.';
}

async function start() {
  const { study, codebook } = await loadStudy();
  const page = new SearchPage(study, codebook);
  await page.load();
  page.input.focus();
}

hold(start());
