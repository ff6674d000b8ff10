/** What the queue shows when nothing lies open any more. */

import { announce, counted, el, fill } from "../shared/dom.js";
import { filters, narrowed } from "./filters.js";

/** @param {HTMLElement} place @param {import("./queue.js").Queue} queue */
export function showEnd(place, queue) {
  const narrow = narrowed(filters());
  const left = queue.deck.remaining;
  const button = (does, run, tag = "button") => el(tag, { type: "button", on: { click: run } }, does);
  const line = lineOf(left, narrow, queue.study.transcripts);
  fill(
    place,
    el("h2", {}, left ? "That was the last one" : narrow ? "Nothing left here" : "All decided"),
    el("p.lead", {}, line),
    el(
      "p.acts",
      {},
      left > 0 && button("Go through the skipped ones", () => queue.open(), "button.main"),
      narrow && button("Show everything undecided", () => queue.widen(), left ? "button" : "button.main"),
      el("a.button", { href: "/progress" }, "See progress"),
      el("a.button", { href: "/audit" }, "Look for what was missed"),
    ),
  );
  announce(line);
}

function lineOf(left, narrow, transcripts) {
  if (left) return `${counted(left, "suggestion was", "suggestions were")} skipped or decided another time.`;
  if (narrow) return "No suggestion fits these filters.";
  const blind = transcripts.filter((one) => one.blind).length;
  const hidden = blind ? ` ${counted(blind, "transcript is", "transcripts are")} hidden while you code blind.` : "";
  return `There is no suggestion to decide.${hidden}`;
}
