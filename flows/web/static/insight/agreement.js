/** How far two coders agree: all codes, each domain, and on demand the codes of a domain. */

import { get } from "../shared/api.js";
import { between, decimal } from "../shared/charts.js";
import { codeChip, GONE } from "../shared/codebook.js";
import { announce, counted, el, fill } from "../shared/dom.js";
import { coders, codersAndModel, nameOf, selectOf } from "../shared/pair.js";

/** What each measure says, in one sentence. */
const MEASURES = [
  ["Given", "how often the code was given, as a share of all units; read it before the others."],
  ["Percent", "the share of units treated alike; easy to read and flattering, since most codes fit few of them."],
  [
    "Kappa",
    "how much better than chance, if both gave the code as often but at random: 1 is full agreement, 0 is chance.",
  ],
  ["AC1", "the same with another idea of chance, which stays steady where a code is rare."],
  ["Alpha", "Krippendorff's version of kappa, nearly the same with two coders and many units."],
  [
    "Coded only",
    "all of it again for units that at least one of the two gave any code: which code, once somebody sees something.",
  ],
];

/** What coders are compared on: the value, its choice, how many of it, and what it means. */
const UNITS = [
  ["sentence", "Sentences", "each sentence of what participants say"],
  ["passage", "Passages", "each passage that at least one of the two coded; talk that nobody coded does not enter"],
  ["turn", "Turns", "each turn of a participant, which bears every code that is in it"],
  ["transcript", "Transcripts", "each transcript, which bears every code that is in it"],
];

/** Shares of units lie near nothing or all: a tenth of a percent counts. */
const fine = (value) => (value === null ? "–" : `${(100 * value).toFixed(1)}%`);
const figures = (one) => [fine(one.percent), decimal(one.kappa), decimal(one.ac1), decimal(one.alpha)];
const ENDS = [null, ["low", "high"], ["ac1_low", "ac1_high"], ["alpha_low", "alpha_high"]];

/** A figure over its interval. */
function withEnds(one, text, ends) {
  const told = ends && between(one[ends[0]], one[ends[1]], decimal);
  return el("td.n", {}, text, told && el("small.quiet", {}, told));
}

function cells(one) {
  const plain = [
    el("td.n", {}, fine(one.prevalence)),
    figures(one).map((text, n) => withEnds(one, text, ENDS[n])),
  ].flat();
  const only = [one.coded_only.n.toLocaleString("en"), ...figures(one.coded_only)];
  return [plain, only.map((text, n) => el(n ? "td.n" : "td.n.only", {}, text))];
}

function heads(all) {
  const names = ["Percent", "Kappa", "AC1", "Alpha"];
  const head = (text) => el("th.n", { scope: "col" }, text);
  return el(
    "thead",
    {},
    el(
      "tr",
      {},
      el("td"),
      el("th.group", { scope: "colgroup", colspan: "5" }, all),
      el("th.group.only", { scope: "colgroup", colspan: "5" }, "Coded only"),
    ),
    el(
      "tr",
      {},
      el("th", { scope: "col" }, "Codes"),
      head("Given"),
      names.map(head),
      el("th.n.only", { scope: "col" }, "n"),
      names.map(head),
    ),
  );
}

export class AgreementTable {
  /** @param {HTMLElement} section @param {Object} study @param {import("../shared/codebook.js").Codebook} codebook */
  constructor(section, study, codebook) {
    Object.assign(this, { study, codebook, open: new Set() });
    this.form = section.querySelector("form");
    this.box = section.querySelector(".filled");
    const [first, second] = coders(study);
    this.asked = { first: study.coder, second: first === study.coder ? second : first, versions: "", unit: "sentence" };
    this.#drawForm();
    fill(section.querySelector(".explaining"), explained());
  }

  /** Ask for what is chosen and show it. */
  async load() {
    const asked = this.asked;
    try {
      const found = await get("/agreement", asked);
      if (asked === this.asked) this.#show(found);
    } catch (error) {
      fill(this.box, el("p.notice", {}, `No figures: ${error.message}.`));
    }
  }

  async #choose(name, value) {
    this.asked = { ...this.asked, [name]: value };
    await this.load();
    announce(this.box.querySelector("p")?.textContent ?? "");
  }

  #drawForm() {
    const names = codersAndModel(this.study).map((name) => [name, nameOf(name, this.study)]);
    const transcripts = this.study.transcripts
      .filter((one) => !one.blind)
      .map((one) => [String(one.version), one.name]);
    const control = (label, name, options) =>
      selectOf(label, name, options, this.asked[name], (value) => this.#choose(name, value));
    fill(
      this.form,
      control("Coder", "first", names),
      control("and", "second", names),
      control("Transcripts", "versions", [["", "all that count"], ...transcripts]),
      control(
        "Unit",
        "unit",
        UNITS.map(([unit, name]) => [unit, name]),
      ),
    );
  }

  #show(found) {
    if (!found.units || !found.overall.n) return fill(this.box, this.#nothing(found));
    const held = this.box.contains(document.activeElement) && document.activeElement.closest("tr")?.dataset.domain;
    fill(this.box, this.#summary(found), this.#table(found), forThePaper(found));
    if (held)
      [...this.box.querySelectorAll("tr.domain")]
        .find((row) => row.dataset.domain === held)
        ?.querySelector("button")
        .focus();
    return undefined;
  }

  #nothing({ first, second }) {
    const [one, other] = [first, second].map((name) => nameOf(name, this.study));
    if (first === second) return el("p.quiet", {}, "Choose two different coders.");
    return el(
      "p.quiet",
      {},
      `Insufficient: there is no transcript yet that both ${one} and ${other} have coded and that you may see. Transcripts count as soon as both have marked them as done, or else have begun them.`,
    );
  }

  #summary({ overall, unit, units, transcripts, provisional, drawn_over }) {
    const interval = between(overall.low, overall.high, decimal);
    const few = transcripts < 5 ? ` With ${counted(transcripts, "transcript")} the interval says little.` : "";
    const sentence = `Kappa over all codes is ${decimal(overall.kappa)}${interval ? ` (95% interval ${interval})` : ""}, from ${counted(units, unit)} of ${counted(transcripts, "transcript")}.${interval ? few : ""}`;
    const warning =
      provisional && el("p.notice", {}, "Provisional: not all of these transcripts are marked as done by both.");
    const [, , meaning] = UNITS.find(([name]) => name === unit);
    const rests = { transcripts: "draws of whole transcripts", units: "single units, for want of transcripts to draw" };
    const note = `Compared is ${meaning}. Intervals by domain rest on ${rests[drawn_over]}.`;
    return [warning, el("p.lead", { data: { testid: "agreement-overall" } }, sentence), el("p.quiet", {}, note)];
  }

  #table({ overall, domains, codes, unit }) {
    const body = el(
      "tbody",
      {},
      el("tr.overall", {}, el("th", { scope: "row" }, "All codes"), cells(overall)),
      domains.map((one) => this.#domain(one, codes)),
    );
    return el(
      "div.scroll",
      { tabindex: "0", role: "region", "aria-label": "Agreement by domain and code" },
      el("table.figures", {}, heads(`All ${unit}s`), body),
    );
  }

  #domain(one, codes) {
    const inside = codes.filter(({ label }) => (this.codebook.byId.get(label)?.domain ?? GONE.name) === one.label);
    const rows = inside.map((code) =>
      el(
        "tr.code",
        { data: { code: code.label } },
        el("th", { scope: "row" }, codeChip(this.codebook, code.label)),
        cells(code),
      ),
    );
    const button = el(
      "button.opens",
      { type: "button", colour: this.codebook.byName.get(one.label) },
      el("i.turn", { "aria-hidden": "true" }, "›"),
      el("i.dot", { "aria-hidden": "true" }),
      el("span", {}, one.label),
    );
    const turn = () => {
      const opened = this.open.has(one.label);
      button.setAttribute("aria-expanded", String(opened));
      for (const row of rows) row.hidden = !opened;
    };
    button.addEventListener("click", () => {
      if (!this.open.delete(one.label)) this.open.add(one.label);
      turn();
    });
    turn();
    return [el("tr.domain", { data: { domain: one.label } }, el("th", { scope: "row" }, button), cells(one)), rows];
  }
}

const forThePaper = ({ methods }) =>
  methods && el("details.explained", {}, el("summary", {}, "For the paper"), el("p", {}, methods));

function explained() {
  const lines = MEASURES.map(([name, meaning]) => el("div", {}, el("dt", {}, name), el("dd", {}, meaning)));
  return el(
    "details.explained",
    {},
    el("summary", {}, "What these figures mean"),
    el("dl.facts", {}, lines),
    el("p.quiet", {}, "A dash: not defined, such as kappa for a code that nobody gave."),
  );
}
