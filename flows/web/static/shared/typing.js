// @ts-check
/** Keys that were typed ahead into a field or dialog that was not open yet. */

const FIELD = "input:not([type=checkbox], [type=radio]), textarea";

/**
 * Do with a key what the browser would have done, had the field had the focus when the key was pressed.
 *
 * @param {KeyboardEvent} event As it came, before its turn.
 * @returns {boolean} Whether there is a field or dialog that takes it.
 */
export function typeInto(event) {
  const field = document.activeElement?.closest(FIELD) ?? null;
  const dialog = /** @type {HTMLDialogElement|null} */ (document.querySelector("dialog[open]"));
  if (!field && !dialog) return false;
  const target = field ?? document.activeElement ?? dialog;
  const { key, code, shiftKey, ctrlKey, metaKey, altKey } = event;
  const again = new KeyboardEvent("keydown", {
    key,
    code,
    shiftKey,
    ctrlKey,
    metaKey,
    altKey,
    bubbles: true,
    cancelable: true,
  });
  if (!target?.dispatchEvent(again)) return true; // whoever listens has done something with it
  if (key === "Escape") dialog?.close();
  else if (field) type(key, field);
  else if ((key === "Enter" || key === " ") && target instanceof HTMLElement) target.click();
  return true;
}

/** `execCommand` is the one way to type that fires the events of typing and can be undone by the person. */
function type(key, field) {
  if (key.length === 1) document.execCommand("insertText", false, key);
  else if (key === "Backspace" || key === "Delete") document.execCommand(key === "Delete" ? "forwardDelete" : "delete");
  else if (key === "Enter" && field instanceof HTMLTextAreaElement) document.execCommand("insertText", false, "\n");
}
