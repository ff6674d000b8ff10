/** Who codes what, and how far everybody is: a box for each coder and transcript. */

import { get, post } from "../shared/api.js";
import { counted, el, fill, flash } from "../shared/dom.js";

function told(share, suggestions) {
  if (share.decided === null) return "hidden";
  const decided = suggestions ? `${share.decided} of ${suggestions} decided` : "";
  const codings = share.codings > 0 && counted(share.codings, "coding");
  return [decided, codings, share.done && "done"].filter(Boolean).join(" · ") || "–";
}

export class TeamTable {
  /** @param {HTMLElement} box @param {function(): void} changed Called when transcripts were given to somebody. */
  constructor(box, changed) {
    Object.assign(this, { box, changed, added: [] });
  }

  /** Ask who codes what and show it. */
  async load() {
    try {
      this.#draw(await get("/team"));
    } catch (error) {
      fill(this.box, el("p.notice", {}, `Who codes what cannot be read: ${error.message}.`));
    }
  }

  async #assign(coder, versions, assigned) {
    const says = `${counted(versions.length, "transcript")} ${assigned ? "given to" : "taken from"} ${coder}`;
    try {
      this.#draw(await post("/team/assign", { coder, versions, assigned }));
      flash(says, { label: "Undo", run: () => this.#assign(coder, versions, !assigned) });
      this.changed();
    } catch (error) {
      flash(`Not taken: ${error.message}`);
      await this.load();
    }
  }

  #draw({ coders, transcripts }) {
    this.added = this.added.filter((name) => !coders.includes(name));
    const held = /** @type {HTMLElement} */ (document.activeElement);
    const focused = this.box.contains(held) ? held.dataset.at : null;
    const names = [...coders, ...this.added];
    const heads = names.map((name) => el("th", { scope: "col" }, el("bdi", {}, name), this.#all(name, transcripts)));
    const table = el(
      "table.listing.team",
      {},
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Transcript"), heads)),
      el(
        "tbody",
        {},
        transcripts.map((one) => this.#row(one, names)),
      ),
    );
    fill(
      this.box,
      el("p.quiet", {}, "Whose a transcript is comes first in their list. Nobody is kept from any other."),
      el("div.scroll", { tabindex: "0", role: "region", "aria-label": "Who codes what" }, table),
      this.#adding({ coders, transcripts }),
    );
    if (focused) this.box.querySelector(`[data-at="${CSS.escape(focused)}"]`)?.focus();
  }

  #row(one, names) {
    const nobody = { assigned: false, decided: one.suggestions === null ? null : 0, codings: 0, done: false };
    const cell = (name) => {
      const share = one.coders.find(({ coder }) => coder === name) ?? nobody;
      const box = el("input", {
        type: "checkbox",
        checked: share.assigned,
        "aria-label": `${one.name} is for ${name}`,
        data: { at: `${one.version}/${name}` },
        on: { change: ({ target }) => this.#assign(name, [one.version], target.checked) },
      });
      return el("td", {}, el("label", {}, box, el("span.quiet", {}, told(share, one.suggestions))));
    };
    const name = el("th", { scope: "row" }, el("a", { href: `/read/${one.version}` }, el("bdi", {}, one.name)));
    return el("tr", {}, name, names.map(cell));
  }

  /** All transcripts for somebody, or none any more. */
  #all(name, transcripts) {
    const own = (one) => one.coders.some(({ coder, assigned }) => coder === name && assigned);
    const open = transcripts.filter((one) => !own(one)).map(({ version }) => version);
    const assigned = open.length > 0;
    const versions = assigned ? open : transcripts.map(({ version }) => version);
    const label = assigned ? "All" : "None";
    const properties = { type: "button", "aria-label": `${label} for ${name}`, data: { at: `all/${name}` } };
    if (!versions.length) return null;
    return el("button.link", { ...properties, on: { click: () => this.#assign(name, versions, assigned) } }, label);
  }

  #adding(shown) {
    const input = el("input", { name: "coder", maxlength: 80, required: true, "aria-label": "Name of another coder" });
    const add = (event) => {
      event.preventDefault();
      const name = input.value.trim();
      if (name && ![...shown.coders, ...this.added].includes(name)) this.added.push(name);
      this.#draw(shown);
    };
    return el("form.acts", { on: { submit: add } }, input, el("button", {}, "Add a coder"));
  }
}
