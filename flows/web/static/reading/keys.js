/** The keys of the reading view. */

/** @param {import("./reading.js").ReadingView} view @returns {import("../shared/keys.js").Binding[]} */
export function readingKeys(view) {
  const { acts, caret } = view;
  const choosing = () => Boolean(caret.purpose);
  const reading = () => !caret.purpose;
  const looking = () => reading() && view.chosen !== null;
  const adjusting = () => caret.purpose?.kind === "adjust";
  const splitting = () => caret.purpose?.kind === "split";
  const moving = () => adjusting() || splitting();
  const selecting = () => choosing() && !moving();
  return [
    ...group("Go", [
      [["ArrowRight", "j"], "next passage", () => view.go(1), reading],
      [["ArrowLeft", "k"], "previous passage", () => view.go(-1), reading],
      [["n"], "next passage to decide", acts.next, reading],
      [["/"], "find a code", () => view.tree.search.focus(), reading],
      [["f"], "find passages like this one", acts.alike, () => looking() || selecting()],
      [["Escape"], "back to the text", () => view.leave()],
    ]),
    ...group("Decide", [
      [["a"], "accept", acts.accept, looking],
      [["r"], "reject", acts.reject, looking],
      [["u"], "unsure", acts.unsure, looking],
      [["1", "2", "3", "4", "5"], "this runner-up instead", (event) => runnerUp(view, event.key), looking],
      [["c"], "another code instead", acts.other, looking],
      [["+"], "add a code to the passage", acts.add, looking],
      [
        ["Shift+1", "Shift+2", "Shift+3", "Shift+4", "Shift+5"],
        "this runner-up, too",
        (event) => too(view, event),
        looking,
      ],
      [["Shift+A"], "accept all suggestions on the passage that are ticked", acts.acceptAll, looking],
      [["Shift+R"], "reject all suggestions on the passage that are ticked", acts.rejectAll, looking],
      [["x", "Delete"], "remove the coding", acts.remove, looking],
      [["q"], "an example quotation for suggestions, or none any more", acts.seed, looking],
      [["l"], "right as it is, though it moved with a corrected text", acts.looked, looking],
      [["m"], "memo on the passage, or on the transcript", acts.memo, reading],
    ]),
    ...group("Passage", [
      [["e"], "adjust the ends", acts.adjust, looking],
      [["d"], "split in two", acts.split, looking],
      [["g"], "merge with the next of the same code", () => acts.merge("after"), looking],
      [["Shift+G"], "merge with the one before", () => acts.merge("before"), looking],
      [["z"], "undo", acts.undo],
      [["Shift+Z"], "redo", acts.redo],
    ]),
    ...group("Code by hand", [
      [["t"], "select by keys, beginning here", acts.selectByKeys, reading],
      [["ArrowRight"], "next word", () => caret.move("word", 1), selecting],
      [["ArrowLeft"], "previous word", () => caret.move("word", -1), selecting],
      [["ArrowDown"], "next sentence", () => caret.move("sentence", 1), selecting],
      [["ArrowUp"], "previous sentence", () => caret.move("sentence", -1), selecting],
      [["Shift+ArrowRight"], "end on by a word", () => caret.extend("word", 1), choosing],
      [["Shift+ArrowLeft"], "end back by a word", () => caret.extend("word", -1), choosing],
      [["Shift+ArrowDown"], "end on by a sentence", () => caret.extend("sentence", 1), choosing],
      [["Shift+ArrowUp"], "end back by a sentence", () => caret.extend("sentence", -1), choosing],
      [["s"], "move the other end", () => caret.turn(), () => choosing() && !splitting()],
      [["Enter", "c"], "choose the code", () => acts.codeStretch(), selecting],
      [["i"], "make a code of these words", acts.inVivo, selecting],
      [["1", "2", "3", "4", "5"], "code used lately", (event) => lately(view, event.key), selecting],
    ]),
    ...group("Correct the text", [
      [["w"], "correct the selected words, or those of the passage", acts.correct, () => !moving()],
    ]),
    ...group("Adjust ends, or split", [
      [["ArrowRight"], "on by a word", () => caret.extend("word", 1), moving],
      [["ArrowLeft"], "back by a word", () => caret.extend("word", -1), moving],
      [["ArrowDown"], "on by a sentence", () => caret.extend("sentence", 1), moving],
      [["ArrowUp"], "back by a sentence", () => caret.extend("sentence", -1), moving],
      [["Enter"], "save the ends, or split here", () => (adjusting() ? acts.saveEnds() : acts.saveSplit()), moving],
    ]),
  ];
}

function group(name, rows) {
  return rows.map(([keys, does, run, when]) => ({ keys, does, run: (event) => void run(event), when, group: name }));
}

function runnerUp(view, key) {
  const other = view.chosen?.suggestion?.alternatives?.[Number(key) - 1];
  if (other) view.acts.instead(other.code);
}

function too(view, { code }) {
  const other = view.chosen?.suggestion?.alternatives?.[Number(code.slice(-1)) - 1];
  if (other) view.acts.too(other.code);
}

function lately(view, key) {
  const code = view.quick()[Number(key) - 1];
  if (code) view.acts.codeAs(code);
}
