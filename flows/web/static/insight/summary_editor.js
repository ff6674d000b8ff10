/** The summary of a cell of the matrix: written beside its passages, kept as a draft until it is saved. */

import { ApiError, get, post } from "../shared/api.js";
import { el, fill, flash } from "../shared/dom.js";
import { Draft } from "../shared/memo.js";

/**
 * @typedef {{id: number, time: string, coder: string, version: number, code: string, text: string}} Summary
 * @typedef {{version: number, code: string, title: string}} Place A transcript and a code.
 */

const when = (time) => new Date(time).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });

/** Who wrote a summary, and when. @param {Summary} summary */
export const byline = ({ coder, time }) => [el("bdi", {}, coder), `, ${when(time)}`];

export class SummaryEditor {
  /**
   * @param {Place} place
   * @param {Summary|undefined} current What the cell says now.
   * @param {function(): void} changed Called when something was saved.
   */
  constructor(place, current, changed) {
    Object.assign(this, { place, changed, current: current ?? null });
    this.draft = new Draft(`summary/${place.version}/${place.code}`, current?.text ?? "");
    this.area = el("textarea", {
      rows: 7,
      maxlength: 20_000,
      "aria-label": `Summary: ${place.title}`,
      "data-testid": "summary",
      dir: "auto",
    });
    this.area.value = this.draft.text ?? this.draft.saved;
    this.state = el("p.quiet", { role: "status", "data-testid": "summary-state" });
    this.told = el("div", { "aria-live": "polite" });
    this.past = el("ol.history");
    this.area.addEventListener("input", () => this.typed());
    this.area.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.save();
    });
    this.tell();
  }

  /** @param {boolean} titled Whether it says what it is of. @returns {HTMLElement} */
  element(titled) {
    const save = el("button.main", { type: "button", on: { click: () => this.save() } }, "Save summary");
    const history = el("details", {}, el("summary", {}, "History"), this.past);
    history.addEventListener("toggle", () => history.open && this.showPast());
    return el(
      "section.summary",
      {},
      titled && el("h3", {}, this.place.title),
      this.area,
      el("p.acts", {}, save, el("span.quiet", {}, "Ctrl+Enter saves; what is not saved is kept as a draft")),
      this.state,
      this.told,
      history,
    );
  }

  typed() {
    this.draft.keep(this.area.value);
    this.tell();
  }

  tell() {
    const waits = this.draft.text !== null;
    const said = this.current ? ["Saved by ", ...byline(this.current)] : ["No summary yet"];
    fill(this.state, waits ? el("b", {}, "A draft: this is not saved yet. ") : null, said);
  }

  async save() {
    const text = this.area.value.trim();
    if (text === (this.current?.text ?? "")) return this.settle(this.current);
    const { version, code } = this.place;
    try {
      const written = await post("/summaries", { version, code, text, previous: this.current?.id ?? null });
      this.settle(text ? written : null);
      flash("Summary saved");
      this.changed();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 409) this.conflict(error.body.current);
      else fill(this.told, el("p.notice", { role: "alert" }, `Not saved: ${error.message}. The draft is kept.`));
    }
    return undefined;
  }

  /** Begin from what the cell says now. @param {Summary|null} current */
  settle(current) {
    this.draft.drop();
    this.current = current;
    this.draft.saved = current?.text ?? "";
    this.area.value = this.draft.saved;
    fill(this.told);
    this.tell();
  }

  /** Somebody wrote here meanwhile: both texts are shown, and nothing is replaced unasked. @param {Summary|null} theirs */
  conflict(theirs) {
    const replace = () => {
      this.current = theirs;
      return this.save();
    };
    const act = (name, run) => el("button", { type: "button", on: { click: run } }, name);
    const said = theirs
      ? [el("p", {}, "Meanwhile ", ...byline(theirs), " saved another summary:"), quoted(theirs.text)]
      : [el("p", {}, "Meanwhile somebody removed the summary that was here.")];
    fill(
      this.told,
      el(
        "div.notice",
        { role: "alert", "data-testid": "summary-conflict" },
        said,
        el(
          "p.acts",
          {},
          act("Replace it with mine", replace),
          act("Take theirs", () => this.settle(theirs)),
        ),
      ),
    );
  }

  async showPast() {
    const { version, code } = this.place;
    const { summaries } = await get("/summaries/history", { version, code });
    const back = (text) => {
      this.area.value = text;
      this.area.focus();
      this.typed();
    };
    const entry = (one) =>
      el(
        "li",
        {},
        el("p.quiet", {}, byline(one)),
        one.text ? quoted(one.text) : el("p", {}, "Removed"),
        one.text && el("button.link", { type: "button", on: { click: () => back(one.text) } }, "Bring back"),
      );
    fill(this.past, summaries.length ? summaries.map(entry) : el("li.quiet", {}, "Nothing was written here yet."));
  }
}

const quoted = (text) => el("blockquote.words", { dir: "auto" }, text);
