/** The keys of the queue; its buttons do the same. */

import { inTurn } from "../shared/keys.js";

/** @param {import("./queue.js").Queue} queue @returns {import("../shared/keys.js").Binding[]} */
export function keysOf(queue) {
  const some = () => Boolean(queue.current);
  const key = (keys, does, run, group = "Decide", when = some) => ({
    keys,
    does,
    run: (event) => void run(event),
    group,
    when,
  });
  return [
    key(["a"], "accept", () => queue.decide("accept")),
    key(["r"], "reject", () => queue.decide("reject")),
    key(["u"], "unsure", () => queue.decide("unsure")),
    key(["1", "2", "3", "4", "5"], "a runner-up instead", ({ key: n }) => queue.runnerUp(Number(n) - 1)),
    key(["c"], "another code", () => queue.otherCode()),
    key(["+"], "add a code to the passage", () => queue.addCode()),
    key(["Shift+1", "Shift+2", "Shift+3", "Shift+4", "Shift+5"], "a runner-up, too", ({ code }) =>
      queue.runnerUpToo(Number(code.slice(-1)) - 1),
    ),
    key(["Shift+A"], "accept all suggestions on the passage that are ticked", () => queue.together("accept")),
    key(["Shift+R"], "reject all suggestions on the passage that are ticked", () => queue.together("reject")),
    key(["m"], "memo", () => queue.memo()),
    key(["e"], "adjust the ends, in the text", () => document.getElementById("adjust").click(), "Passage"),
    key(["d"], "split in two, in the text", () => document.getElementById("split").click(), "Passage"),
    key(["g"], "merge with the next of the same code", () => queue.merge("after"), "Passage"),
    key(["Shift+G"], "merge with the one before", () => queue.merge("before"), "Passage"),
    key(["s", "ArrowRight"], "skip", () => queue.skip(), "Move"),
    key(["n"], "next transcript", () => queue.nextTranscript(), "Move"),
    key(
      ["z"],
      "undo",
      () => queue.history.undo(),
      "Take back",
      () => true,
    ),
    key(
      ["Shift+Z"],
      "redo",
      () => queue.history.redo(),
      "Take back",
      () => true,
    ),
    key(
      ["b"],
      "accept many of one code",
      () => queue.many(),
      "Many",
      () => true,
    ),
  ];
}

/** @param {import("../shared/keys.js").Binding[]} table */
export function bindButtons(table) {
  for (const button of document.querySelectorAll("[data-key]")) {
    const binding = table.find(({ keys }) => keys.includes(button.dataset.key));
    button.addEventListener("click", (event) => inTurn(() => binding.when() && binding.run(event)));
  }
}
