/** Handles at the ends of a stretch: pulled with mouse or finger they move it, over turns, too. */

import { el } from "../shared/dom.js";

export class Handles {
  /** @param {import("./paper.js").Paper} paper @param {import("./caret.js").Caret} caret */
  constructor(paper, caret) {
    Object.assign(this, { paper, caret, grip: null });
    this.ends = ["start", "end"].map((side) => this.#handle(side));
    document.body.append(...this.ends);
    addEventListener("resize", () => this.show());
  }

  /** Put them where the stretch begins and ends; none while there is nothing to pull. */
  show() {
    const { purpose, stretch } = this.caret;
    const moving = purpose?.kind === "adjust" || purpose?.kind === "split";
    const boxes = moving ? [...this.paper.spots.range(...stretch).getClientRects()].filter((box) => box.width) : [];
    for (const [n, handle] of this.ends.entries()) {
      handle.hidden = !boxes.length || (n === 0 && purpose.kind === "split");
      if (!handle.hidden) place(handle, n ? boxes.at(-1).right : boxes[0].left, n ? boxes.at(-1) : boxes[0]);
    }
  }

  /** Keys move the ends from the text itself, so that handles need no focus. */
  #handle(side) {
    const handle = el("i.handle", { "aria-hidden": "true", class: `handle ${side}`, hidden: true });
    handle.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      handle.setPointerCapture(event.pointerId);
      const box = handle.getBoundingClientRect();
      // What is pulled is the end of the words, which lies above the handle.
      this.grip = { x: box.left + box.width / 2 - event.clientX, y: box.top - 6 - event.clientY };
    });
    handle.addEventListener("pointermove", (event) => this.grip && this.#pulled(side, event));
    for (const name of ["pointerup", "pointercancel"])
      handle.addEventListener(name, () => {
        this.grip = null;
      });
    return handle;
  }

  #pulled(side, { clientX, clientY }) {
    const spot = spotAt(clientX + this.grip.x, clientY + this.grip.y);
    const at = spot && this.paper.spots.at(...spot);
    if (at !== null && at !== undefined) this.caret.pull(side, at);
  }
}

function place(handle, x, { bottom }) {
  handle.style.left = `${x + scrollX}px`;
  handle.style.top = `${bottom + scrollY}px`;
}

/** @returns {[Node, number]|null} The place in the text under a point. */
function spotAt(x, y) {
  if (document.caretPositionFromPoint) {
    const found = document.caretPositionFromPoint(x, y);
    return found && [found.offsetNode, found.offset];
  }
  const range = document.caretRangeFromPoint?.(x, y);
  return range ? [range.startContainer, range.startOffset] : null;
}
