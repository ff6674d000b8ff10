/** Writing a memo. What was written and not saved is kept as a draft in this browser. */

import { ask } from "./dialog.js";
import { el } from "./dom.js";

/** Text that is not saved yet, under what it is about. */
export class Draft {
  /** @param {string} about Names the subject among all of this study and coder. @param {string} saved */
  constructor(about, saved) {
    const { study, coder } = document.body.dataset;
    this.place = `precode.draft/${study}/${encodeURIComponent(coder ?? "")}/${about}`;
    this.saved = saved;
  }

  /** @returns {string|null} null where nothing waits to be saved. */
  get text() {
    return localStorage.getItem(this.place);
  }

  /** @param {string} text */
  keep(text) {
    if (text.trim() === this.saved) this.drop();
    else localStorage.setItem(this.place, text);
  }

  drop() {
    localStorage.removeItem(this.place);
  }
}

/**
 * Let the coder write a memo. Escape closes the dialog and keeps what was written as a draft, which is there again when the
 * memo is opened anew; Discard throws it away.
 *
 * @param {{title: string, about: string, text?: string}} options `about` names what the memo is on, `text` is what it
 *   says now.
 * @returns {Promise<string|null>} What it should say; null when nothing is to change.
 */
export function writeMemo({ title, about, text = "" }) {
  const draft = new Draft(about, text);
  const area = el("textarea", { rows: 6, maxlength: 10_000, "aria-label": title, "data-testid": "memo", dir: "auto" });
  area.value = draft.text ?? text;
  const save = el("button.main", { value: "save" }, "Save memo");
  const discard = el("button", { value: "" }, "Discard");
  const hint = el("span.quiet", {}, "Ctrl+Enter saves, Esc keeps a draft");
  const form = el("form", { method: "dialog" }, area, el("p.acts", {}, save, discard, hint));
  const unsaved = draft.text !== null && el("p.quiet", { "data-testid": "draft" }, "A draft: this is not saved yet.");
  const dialog = el("dialog.sheet", { "aria-label": title }, el("header", {}, el("h2", {}, title)), unsaved, form);
  return new Promise((resolve) => {
    const close = ask(dialog, resolve);
    const done = (answer) => {
      draft.drop();
      close(answer);
    };
    const keep = () => done(area.value.trim() === text ? null : area.value.trim());
    form.addEventListener("submit", ({ submitter }) => (submitter === save ? keep() : done(null)));
    area.addEventListener("input", () => draft.keep(area.value));
    area.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) keep();
    });
    area.focus();
  });
}
