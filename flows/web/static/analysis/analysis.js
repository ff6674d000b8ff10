/** Reading tools over the whole study: one view at a time, all under the filter that the other pages share. */

import { get, watchPulse } from "../shared/api.js";
import { loadStudy } from "../shared/codebook.js";
import { announce, counted, el, fill } from "../shared/dom.js";
import { filterControls, narrows, put, shared } from "../shared/filter.js";
import { hold } from "../shared/keys.js";
import { selectOf } from "../shared/pair.js";
import {
  codesFigures,
  courseFigures,
  groupsFigures,
  keywordsFigures,
  memosFigures,
  togetherFigures,
  trailFigures,
  wordsFigures,
} from "./views.js";

const here = (id) => document.getElementById(id);
const USUAL = { show: "codes", by: "", unit: "sentence", suggestions: "", language: "", limit: "100" };
const CODINGS = ["domain", "code", "version", "coder", "where"];
const VIEWS = {
  codes: { label: "Codes", path: "/analysis/codes", own: [], figures: codesFigures },
  groups: { label: "By group", path: "/analysis/groups", own: ["by", "suggestions"], figures: groupsFigures },
  course: { label: "Over the course", path: "/analysis/course", own: ["suggestions"], figures: courseFigures },
  together: { label: "Together", path: "/analysis/together", own: ["unit", "suggestions"], figures: togetherFigures },
  words: { label: "Words", path: "/analysis/words", own: ["language"], figures: wordsFigures },
  keywords: { label: "Keywords", path: "/analysis/keywords", own: ["by", "language"], figures: keywordsFigures },
  memos: { label: "Memos", path: "/memos", own: [], figures: memosFigures },
  trail: { label: "Audit trail", path: "/trail", own: ["limit"], figures: trailFigures },
};
const UNITS = ["sentence", "turn", "transcript"].map((unit) => [unit === "sentence" ? "" : unit, `${unit}s`]);

class AnalysisPage {
  constructor(study, codebook) {
    Object.assign(this, { study, codebook, asking: 0 });
    this.attributes = [...Object.keys(study.attributes), "transcript"];
    this.draw();
  }

  /** What the page's own controls say; the filter is the address's alone. */
  get chosen() {
    const asked = new URLSearchParams(location.search);
    const own = Object.fromEntries(Object.entries(USUAL).map(([name, usual]) => [name, asked.get(name) || usual]));
    const show = own.show in VIEWS ? own.show : USUAL.show;
    return { ...own, show, by: own.by || this.attributes[0] };
  }

  draw() {
    const { show } = this.chosen;
    const link = ([name, { label }]) => {
      const go = (event) => {
        event.preventDefault();
        this.change("show", { show: name === USUAL.show ? "" : name, limit: "" });
      };
      const current = name === show ? "page" : null;
      return el(
        "a",
        { href: `?show=${name}`, "aria-current": current, data: { view: name }, on: { click: go } },
        label,
      );
    };
    fill(here("views"), Object.entries(VIEWS).map(link));
    const change = (name, what) => this.change(name, what);
    fill(
      here("filters"),
      VIEWS[show].own.map((name) => this.#own(name)),
      filterControls(this.study, CODINGS, change),
      narrows() &&
        el("button.link", { type: "button", name: "clear", on: { click: () => this.clear() } }, "Clear filters"),
    );
  }

  #own(name) {
    const { chosen } = this;
    const control = (label, options, value) =>
      selectOf(label, name, options, value, (given) => this.change(name, { [name]: given }));
    if (name === "by")
      return control(
        "Groups",
        this.attributes.map((one) => [one, one]),
        chosen.by,
      );
    if (name === "unit") return control("In the same", UNITS, chosen.unit === USUAL.unit ? "" : chosen.unit);
    if (name === "language")
      return control(
        "Stop words",
        [
          ["", "left out"],
          ["none", "counted"],
        ],
        chosen.language,
      );
    if (name !== "suggestions") return null;
    const options = [
      ["", "coded passages"],
      ["true", "with open suggestions"],
    ];
    return control("Count", options, chosen.suggestions);
  }

  change(name, what) {
    put(what);
    this.draw();
    const view = document.querySelector(`[data-view="${this.chosen.show}"]`);
    const control = name === "show" ? view : here("filters").querySelector(`[name=${name}]`);
    /** @type {HTMLElement|null} */ (control)?.focus();
    hold(this.load());
  }

  clear() {
    put({ domain: "", code: "", version: "", coder: "", where: "" });
    this.draw();
    here("filters").querySelector("select").focus();
    hold(this.load());
  }

  async load() {
    const number = ++this.asking;
    const { chosen } = this;
    here("figures").setAttribute("aria-busy", "true");
    const view = VIEWS[chosen.show];
    const own = Object.fromEntries(view.own.map((name) => [name, chosen[name]]));
    const query = new URLSearchParams();
    if (chosen.language === "none" && "language" in own) {
      delete own.language;
      query.set("language", "");
    }
    try {
      const found = await get(`${view.path}${query.size ? `?${query}` : ""}`, { ...own, ...shared() });
      if (number !== this.asking) return;
      here("trouble").hidden = true;
      this.show(view, found);
    } catch (error) {
      if (number === this.asking) fill(here("trouble"), `Not up to date: ${error.message}.`).hidden = false;
    }
  }

  show(view, found) {
    const { transcripts, hidden, total, entries } = found;
    const figures = view.figures(found, this);
    here("figures").removeAttribute("aria-busy");
    fill(here("figures"), figures.length ? figures : el("p.lead.quiet", {}, "There is nothing that the filter means."));
    const looked = transcripts === undefined ? "" : `${counted(transcripts, "transcript")} looked at`;
    const left = hidden ? `${looked ? "; " : ""}${hidden} that you code blind left out` : "";
    fill(here("about"), looked, left);
    const rest = entries && total > entries.length;
    const further = () => {
      put({ limit: String(Math.min(1000, 2 * Number(this.chosen.limit))) });
      hold(this.load());
    };
    here("further").hidden = !rest || entries.length >= 1000;
    fill(here("further"), el("button", { type: "button", on: { click: further } }, "Show more"));
    announce(`${view.label} shown`);
  }
}

async function start() {
  const { study, codebook } = await loadStudy();
  const page = new AnalysisPage(study, codebook);
  await page.load();
  watchPulse((_, before) => before && page.load());
}

hold(start());
