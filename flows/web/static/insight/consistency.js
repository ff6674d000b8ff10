/** Codings that look unlike the others with their code. */

import { get } from "../shared/api.js";
import { codeChip } from "../shared/codebook.js";
import { counted, el, fill, percent } from "../shared/dom.js";

function passage(odd, codebook) {
  const nearer = odd.nearer && [" It looks more like ", codeChip(codebook, odd.nearer), "."];
  return el(
    "li",
    {},
    el("a", { href: `/read/${odd.version}#at-${odd.start}` }, el("bdi", {}, odd.transcript)),
    el("blockquote", { dir: "auto" }, odd.text),
    el(
      "p.quiet",
      {},
      `${percent(Math.max(0, odd.similarity))} similar to the nearest others, ${percent(odd.usual)} is usual here.`,
      nearer,
    ),
  );
}

/** What is shown of one code. */
function ofCode({ code, codings, odd }, codebook) {
  const these = odd.length === 1 ? "This passage looks" : `These ${odd.length} passages look`;
  return el(
    "section",
    {},
    el("h3", {}, codeChip(codebook, code)),
    el("p", {}, `${these} unlike the others of ${counted(codings, "coding")}.`),
    el(
      "ul.odd",
      {},
      odd.map((each) => passage(each, codebook)),
    ),
  );
}

/**
 * Ask for them and show them.
 *
 * @param {HTMLElement} box
 * @param {import("../shared/codebook.js").Codebook} codebook
 */
export async function lookAgain(box, codebook) {
  fill(box, el("p.quiet", {}, "Comparing …"));
  try {
    const found = await get("/consistency");
    const none =
      "No coding of yours looks unlike the others with its code. Codes with fewer than 6 codings are not compared.";
    fill(box, found.length ? found.map((code) => ofCode(code, codebook)) : el("p", {}, none));
  } catch (error) {
    fill(box, el("p.notice", {}, `They cannot be compared: ${error.message}. Try again.`));
  }
}
