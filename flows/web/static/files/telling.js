// @ts-check
/** What a run is told as: pure words, so that they can be tested without a page. */

/** A line without what is meant for the terminal. @param {string} line */
export const plain = (line) => line.replace(/; type: precode .*$/, "").replace(/; put .* files there, or$/, "");

/** @param {number} n @param {string} word */
const several = (n, word) => `${n.toLocaleString("en")} ${word}${n === 1 ? "" : "s"}`;

const OTHERS = {
  learn: "It is learning from your decisions. A run can begin when that is over.",
  benchmark: "It compares suggestions with human coding. A run can begin when that is over.",
  "find names": "It looks for names. A run can begin when that is over.",
  "second try": "It asks the language model about passages you have coded. A run can begin when that is over.",
  "second ask": "It asks the language model about the last run. A run can begin when that is over.",
};

/**
 * Say where a run is, or how it ended.
 *
 * @param {{kind: string|null, state: string, planned: number, finished: {status: string, suggestions: number|null}[],
 *   message: string}} job As /api/job gives it.
 */
export function runLine({ kind, state, planned, finished, message }) {
  if (kind && kind !== "run") return state === "working" ? OTHERS[kind] : "";
  if (state === "idle") return "Suggestions are made for every transcript that is new or has changed.";
  const ready = finished.filter(({ status }) => status !== "refused" && status !== "failed").length;
  if (state === "working") {
    if (!planned) return "Getting ready. The first time this takes a minute; you may close this page meanwhile.";
    return `${finished.length} of ${several(planned, "transcript")} done. You may close this page; the work goes on.`;
  }
  if (state === "stopped") return `Stopped after ${several(finished.length, "transcript")}; what was done is kept.`;
  if (state === "failed") return `It did not work: ${plain(message)}.`;
  const refused = finished.length - ready;
  const made = finished.reduce((sum, one) => sum + (one.suggestions ?? 0), 0);
  const rest = refused ? ` ${several(refused, "file")} could not be used, see below.` : "";
  return `Done: ${several(made, "new suggestion")} in ${several(ready, "transcript")}.${rest}`;
}
