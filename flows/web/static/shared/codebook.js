/** The codebook on the page: what its codes are called and coloured, its tree with counts and search. */

import { get } from "./api.js";
import { el, fill } from "./dom.js";

/** @typedef {{id: string, name: string, domain: string, level: string, definition: string, include: string, exclude: string, aliases?: string[]}} Code */

/** @typedef {{digest?: string, domains: {name: string, light: string, dark: string}[], codes: Code[], removed?: Object<string, string>}} View */

/** Where codes stand that people gave and the codebook no longer has. */
export const GONE = { name: "No longer in the codebook", light: "#5c626d", dark: "#a6adbb" };

/** Emits `change` when it was edited, here or elsewhere. */
export class Codebook extends EventTarget {
  /** @param {View} codebook As /api/study gives it. */
  constructor(codebook) {
    super();
    this.#hold(codebook);
  }

  /** Go on with another version. @param {View} codebook */
  take(codebook) {
    this.#hold(codebook);
    this.dispatchEvent(new Event("change"));
  }

  /** @param {View} codebook */
  #hold(codebook) {
    this.digest = codebook.digest;
    /** Whether its example quotations come with precode. */
    this.shipsQuotations = codebook.ships_quotations ?? false;
    this.domains = codebook.domains;
    this.codes = codebook.codes;
    this.removed = codebook.removed ?? {};
    this.byId = new Map(codebook.codes.map((code) => [code.id, code]));
    this.byName = new Map(codebook.domains.map((domain) => [domain.name, domain]));
  }

  /** @param {string} id @returns {string} The code's name, also of one that was taken out; its id where nobody knows it. */
  name(id) {
    return this.byId.get(id)?.name ?? this.removed[id] ?? id;
  }

  /** @param {string} id Of a code. @returns {{name: string, light: string, dark: string}|undefined} Its domain. */
  domainOf(id) {
    return this.byName.get(this.byId.get(id)?.domain);
  }

  /** @param {string} domain Its name. @returns {Code[]} */
  codesOf(domain) {
    return this.codes.filter((code) => code.domain === domain);
  }

  /**
   * The codes that bear every word asked for: those with all words in their names first, then in their other names, then
   * in domain, level and id, then in what describes them.
   *
   * @param {string} asked Empty for all of them.
   * @returns {Code[]}
   */
  search(asked) {
    return this.hits(asked).map(({ code }) => code);
  }

  /**
   * The same, each with where its words were found.
   *
   * @param {string} asked Empty for all of them.
   * @returns {{code: Code, at: "name"|"alias"|"place"|"description", text: string}[]} `text`: what holds the word that
   *   the name has not.
   */
  hits(asked) {
    const words = wordsOf(asked);
    const found = this.codes.map((code) => hitOf(code, words)).filter((hit) => hit !== null);
    return found.sort((one, other) => one.tier - other.tier || other.points - one.points);
  }
}

const plain = (text) => (text ?? "").normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

const wordsOf = (asked) => plain(asked).split(/\s+/).filter(Boolean);

/** Where words are looked for, in this order. */
const PLACES = ["name", "alias", "place", "description"];

function hitOf(code, words) {
  const texts = [
    [code.name],
    code.aliases ?? [],
    [`${code.domain} ${code.level ?? ""} ${code.id}`],
    [code.definition, code.include].flat(),
  ];
  const found = words.map((word) => placeOf(word, texts));
  if (found.some((hit) => hit === null)) return null;
  const worst = found.reduce((one, hit) => (hit.tier > one.tier ? hit : one), { tier: 0, text: code.name });
  const points = found.reduce((sum, hit) => sum + hit.points, 0);
  return { code, at: PLACES[worst.tier], text: worst.text, tier: worst.tier, points };
}

/** The first of the texts that holds a word, and how well it does: at its beginning, at that of a word, inside one. */
function placeOf(word, texts) {
  for (const [tier, of] of texts.entries()) {
    const text = of.find((each) => plain(each).includes(word));
    if (text !== undefined) return { tier, text, points: points(word, plain(text)) };
  }
  return null;
}

function points(word, text) {
  if (text.startsWith(word)) return 3;
  return text.includes(` ${word}`) ? 2 : 1;
}

/** Words of a text before the first one that was asked for, where the text is long. */
const BEFORE = 4;
const SHOWN = 14;

/**
 * A text in pieces, each with whether it holds a word that was asked for; cut around the first of them where it is long.
 *
 * @param {string} text
 * @param {string} asked
 * @returns {{text: string, hit: boolean}[]}
 */
export function matches(text, asked) {
  const words = wordsOf(asked);
  const tokens = text.split(/\s+/).filter(Boolean);
  const holds = (token) => words.some((word) => plain(token).includes(word));
  const first = Math.max(0, tokens.findIndex(holds) - BEFORE);
  const shown = tokens.slice(first, first + SHOWN).map((token) => ({ text: token, hit: holds(token) }));
  const cut = { text: "…", hit: false };
  return [first > 0 && cut, ...shown, first + SHOWN < tokens.length && cut].filter(Boolean);
}

/** @type {Promise<{study: Object, codebook: Codebook}>|undefined} */
let loading;

/** The study and its codebook, asked for once a page. @param {boolean} [again] Ask anew. */
export function loadStudy(again = false) {
  if (again || !loading) loading = get("/study").then((study) => ({ study, codebook: new Codebook(study.codebook) }));
  return loading;
}

/** A code's name behind a dot in its domain's colour. @param {Codebook} codebook @param {string} id */
export function codeChip(codebook, id) {
  return el(
    "span.chip",
    { colour: codebook.domainOf(id) },
    el("i.dot", { "aria-hidden": "true" }),
    el("span", {}, codebook.name(id)),
  );
}

/** What a code means, for cards and dialogs. @param {Code} code @returns {HTMLElement} */
export function codeFacts(code) {
  const lines = [
    ["Domain", code.domain],
    ["Level", code.level],
    ["Definition", code.definition],
    ["Include", code.include],
    ["Exclude", code.exclude],
  ];
  const text = (value) => (Array.isArray(value) ? value.join("; ") : value);
  return el(
    "dl.facts",
    {},
    lines
      .filter(([, value]) => value?.length)
      .map(([label, value]) => el("div", {}, el("dt", {}, label), el("dd", {}, text(value)))),
  );
}

/**
 * The codebook as a tree with counts; a click on a domain or code shows only that, another click shows all again.
 *
 * @typedef {{coded: number, open: number}} Count Passages coded, and suggestions to decide.
 */
export class CodeTree {
  /**
   * @param {HTMLElement} place
   * @param {Codebook} codebook
   * @param {{filter: function({domain?: string, code?: string}|null): void, about: function(Code): void}} acts
   */
  constructor(place, codebook, acts) {
    this.codebook = codebook;
    this.acts = acts;
    /** @type {{domain?: string, code?: string}|null} */
    this.filter = null;
    /** @type {Map<string, Count>} */
    this.counts = new Map();
    this.search = el("input", {
      type: "search",
      placeholder: "Find a code",
      "aria-label": "Find a code",
      autocomplete: "off",
    });
    this.search.addEventListener("input", () => this.show());
    this.list = el("ul.tree");
    fill(place, el("div.find", {}, this.search), this.list);
  }

  /** @param {Map<string, Count>} counts By code id. */
  update(counts) {
    this.counts = counts;
    this.show();
  }

  /** Show only a domain or code; null for all. @param {{domain?: string, code?: string}|null} filter */
  choose(filter) {
    this.filter = filter;
    this.acts.filter(filter);
    this.show();
  }

  show() {
    const found = new Set(this.codebook.search(this.search.value));
    const focused = document.activeElement?.closest?.(".tree button")?.dataset.key;
    fill(
      this.list,
      this.codebook.domains.map((domain) =>
        this.#domain(
          domain,
          this.codebook.codesOf(domain.name).filter((code) => found.has(code)),
        ),
      ),
    );
    if (focused) this.list.querySelector(`button[data-key="${CSS.escape(focused)}"]`)?.focus();
  }

  #domain(domain, codes) {
    if (!codes.length) return null;
    const sum = (field) => codes.reduce((total, code) => total + (this.counts.get(code.id)?.[field] ?? 0), 0);
    const head = this.#row(
      { domain: domain.name },
      domain.name,
      { coded: sum("coded"), open: sum("open") },
      el("i.dot", { "aria-hidden": "true" }),
    );
    return el(
      "li",
      { colour: domain },
      el("div.row.head", {}, head),
      el(
        "ul",
        {},
        codes.map((code) => this.#code(code)),
      ),
    );
  }

  #code(code) {
    const about = el(
      "button.icon",
      { type: "button", "aria-label": `About ${code.name}`, on: { click: () => this.acts.about(code) } },
      "i",
    );
    return el(
      "li.row",
      { class: this.counts.has(code.id) ? "row" : "row none" },
      this.#row({ code: code.id }, code.name, this.counts.get(code.id)),
      about,
    );
  }

  #row(filter, name, count = { coded: 0, open: 0 }, sign = null) {
    const chosen = this.filter !== null && this.filter.code === filter.code && this.filter.domain === filter.domain;
    const said = `${name}: ${count.coded} coded, ${count.open} to decide`;
    const click = () => this.choose(chosen ? null : filter);
    return el(
      "button.pick",
      {
        type: "button",
        "aria-pressed": String(chosen),
        "aria-label": said,
        data: { key: filter.code ?? `domain ${filter.domain}` },
        on: { click },
      },
      sign,
      el("span.label", {}, name),
      el("span.counts", {}, el("b", {}, String(count.coded || "")), el("i", {}, String(count.open || ""))),
    );
  }
}
