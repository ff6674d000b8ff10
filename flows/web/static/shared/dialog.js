// @ts-check
/** Dialogs that are there for one answer. */

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
