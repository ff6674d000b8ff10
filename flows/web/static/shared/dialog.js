// @ts-check
/** Dialogs that are there for one answer. */

import { el } from "./dom.js";

/**
 * Open a dialog. It closes at once, not with the browser's later event: the next key, however fast it comes, already
 * meets the page as it was.
 *
 * @param {HTMLDialogElement} dialog
 * @param {function(*): void} answer Receives what the dialog is closed with; null for Escape and the like.
 * @returns {function(*): void} Closes it.
 */
export function ask(dialog, answer) {
  const before = document.activeElement;
  const close = (value) => {
    if (!dialog.isConnected) return;
    dialog.close();
    dialog.remove();
    if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    answer(value);
  };
  dialog.addEventListener("close", () => close(null));
  document.body.append(dialog);
  dialog.showModal();
  return close;
}

/**
 * Ask before what no key takes back.
 *
 * @param {{title: string, says: string, yes: string, no?: string}} question
 * @returns {Promise<boolean>} Whether the coder said yes; Escape says no.
 */
export function confirmed({ title, says, yes, no = "Cancel" }) {
  const agree = el("button.main", { type: "button" }, yes);
  const refuse = el("button", { type: "button" }, no);
  const dialog = /** @type {HTMLDialogElement} */ (
    el(
      "dialog.sheet",
      { "aria-label": title },
      el("header", {}, el("h2", {}, title)),
      el("p", {}, says),
      el("p.acts", {}, agree, refuse),
    )
  );
  return new Promise((resolve) => {
    const close = ask(dialog, (answer) => resolve(answer === true));
    agree.addEventListener("click", () => close(true));
    refuse.addEventListener("click", () => close(false));
    refuse.focus();
  });
}

/** Ask whether blind coding of a transcript is to end. @param {string} name */
export const endBlind = (name) =>
  confirmed({
    title: `Done with ${name}?`,
    says:
      "From now on you see the suggestions and everybody’s codings of this transcript. You can open it again, and that " +
      "is kept in the record, but what you code then does not count as blind.",
    yes: "I am done",
    no: "Go on coding",
  });
