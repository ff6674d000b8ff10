/** Corrections that find no place in their file any more, to be made anew or let go. */

import { get, post } from "../shared/api.js";
import { el, fill, flash } from "../shared/dom.js";
import { hold } from "../shared/keys.js";
import { newKey } from "../shared/outbox.js";

/** List them. @param {HTMLElement} place @returns {Promise<number>} How many there are. */
export async function showLostCorrections(place) {
  const { corrections } = await get("/corrections");
  const lost = corrections.filter((one) => one.fit === "lost");
  place.hidden = lost.length === 0;
  fill(
    place,
    el("h2", {}, "Corrections without a place"),
    el(
      "p.quiet",
      {},
      "Their files changed, or are gone. Correct the words anew where they stand now, or let the correction go.",
    ),
    el(
      "ul",
      {},
      lost.map((one) => item(one, place)),
    ),
  );
  return lost.length;
}

function item(one, place) {
  const letGo = async () => {
    try {
      await post("/corrections/take-back", { key: newKey(), correction: one.id });
      flash("Let go");
      await showLostCorrections(place);
    } catch (error) {
      flash(`Not taken: ${error.message}`);
    }
  };
  return el(
    "li",
    { data: { testid: "lost-correction" } },
    el("bdi.quiet", {}, one.transcript),
    el("p.difference", { dir: "auto" }, one.before, el("del", {}, one.words), el("ins", {}, one.right), one.after),
    el(
      "p.acts",
      {},
      el("span.quiet", {}, "by ", el("bdi", {}, one.coder)),
      one.version && el("a.button", { href: `/read/${one.version}` }, "Read the text"),
      el("button", { type: "button", on: { click: () => hold(letGo()) } }, "Let it go"),
    ),
  );
}
