/** Which words are selected, and when. */

/**
 * Selecting words with mouse or finger chooses them; a click elsewhere in the text lets them go. Nothing else does: a
 * dialog that takes the focus collapses the selection, too, and what it was opened for must still be there.
 *
 * @param {{place: HTMLElement, spots: import("./spots.js").Spots}} paper
 * @param {import("./caret.js").Caret} caret
 * @param {AbortSignal} [signal] Ends it.
 */
export function watchSelection(paper, caret, signal) {
  const choose = (done = false) => {
    const span = document.querySelector("dialog[open]") ? null : selectedIn(paper);
    const same = span && caret.purpose && span.every((at, n) => at === caret.stretch[n]);
    if (!span || same || caret.purpose?.kind === "split") return;
    if (caret.purpose?.kind !== "adjust") caret.begin(span, { kind: "mouse" });
    else if (done) caret.choose(span); // the passage is given these words instead
  };
  let pressed = false;
  const listen = (name, run) => document.addEventListener(name, run, { signal });
  listen("pointerdown", () => {
    pressed = true;
  });
  for (const name of ["pointerup", "pointercancel"])
    listen(name, ({ target }) => {
      pressed = false;
      choose(true);
      // The browser lets a selection go only after the button is up.
      if (paper.place.contains(target))
        requestAnimationFrame(() => {
          if (getSelection().isCollapsed && caret.purpose?.kind === "mouse" && !document.querySelector("dialog[open]"))
            caret.clear();
        });
    });
  // Handles of a touch screen and the browser's own keys select without a pointer in the text.
  listen("selectionchange", () => {
    if (!pressed) choose();
  });
}

/** @returns {[number, number]|null} The words that are selected. */
function selectedIn(paper) {
  const selection = getSelection();
  if (selection.isCollapsed || !selection.rangeCount) return null;
  const range = selection.getRangeAt(0);
  return range.intersectsNode(paper.place) ? paper.spots.span(range, paper.place) : null;
}
