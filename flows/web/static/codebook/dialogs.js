/** What is asked before a code is renamed, moved, merged, split or taken out: what happens to its codings is said. */

import { get } from "../shared/api.js";
import { domainField, fillIn, labelled } from "../shared/book_edits.js";
import { Codebook } from "../shared/codebook.js";
import { confirmed } from "../shared/dialog.js";
import { counted, el } from "../shared/dom.js";
import { pickCode } from "../shared/picker.js";

/** @typedef {(edit: Object) => Promise<*>} Send Sends an edit; fails with what the server said. */

const nameField = (value) =>
  labelled(
    "Name",
    el("input", { name: "name", type: "text", required: true, maxlength: 200, value, autocomplete: "off" }),
  );

const under = ({ coded, open }) => `${counted(coded, "coding")} and ${counted(open, "open suggestion")}`;

/** @param {Object} code @param {Send} send */
export const rename = (code, send) =>
  fillIn(
    {
      title: `Rename ${code.name}`,
      testid: "rename-code",
      yes: "Rename",
      fields: [nameField(code.name), el("p.quiet", {}, `${under(code)} stay; the old name is kept as another name.`)],
    },
    ({ name }) => send({ kind: "rename", code: code.id, name }),
  );

/** @param {string} domain @param {Send} send */
export const renameDomain = (domain, send) =>
  fillIn(
    {
      title: `Rename ${domain}`,
      testid: "rename-domain",
      yes: "Rename",
      fields: [
        nameField(domain),
        el(
          "p.quiet",
          {},
          "Groups are divided by “ / ”. All codes in it go along; a name that is there already joins both.",
        ),
      ],
    },
    ({ name }) => send({ kind: "rename_domain", domain, name }),
  );

/** @param {Object} code @param {Codebook} codebook @param {Send} send */
export const move = (code, codebook, send) =>
  fillIn(
    {
      title: `Move ${code.name}`,
      testid: "move-code",
      yes: "Move",
      fields: [
        labelled("To the domain", domainField(codebook, code.domain), "a new one, or one of those there are"),
        el("p.quiet", {}, `${under(code)} go along.`),
      ],
    },
    ({ domain }) => send({ kind: "move", code: code.id, domain }),
  );

/** Choose another code. @param {Object} code @param {Codebook} codebook @param {string} title */
const another = (code, codebook, title) =>
  pickCode(new Codebook({ domains: codebook.domains, codes: codebook.codes.filter(({ id }) => id !== code.id) }), {
    title,
    make: false,
  });

/** @param {Object} code @param {Codebook} codebook @param {Send} send */
export async function merge(code, codebook, send) {
  const into = await another(code, codebook, `Merge ${code.name} into …`);
  if (!into) return null;
  const name = codebook.name(into);
  const sure = await confirmed({
    title: `Merge ${code.name} into ${name}?`,
    says: `${under(code)} of ${code.name} stand under ${name} from then on, of all coders. It can be taken back.`,
    yes: "Merge",
  });
  return sure ? send({ kind: "merge", code: code.id, into }) : null;
}

/** @param {Object} code @param {Codebook} codebook @param {Send} send */
export function remove(code, codebook, send) {
  const choice = (value, text, checked) =>
    el("label.check", {}, el("input", { type: "radio", name: "then", value, checked }), text);
  const asked = fillIn(
    {
      title: `Take out ${code.name}?`,
      testid: "remove-code",
      yes: "Take out",
      fields: [
        el(
          "fieldset",
          {},
          el("legend", {}, `Its ${counted(code.coded, "coding")}`),
          el("p", {}, choice("gone", "stand under “No longer in the codebook”", true)),
          el("p", {}, choice("other", "go to another code", false)),
        ),
        el(
          "p.quiet",
          {},
          `${counted(code.open, "open suggestion")} of it go. It can be taken back, and put back later.`,
        ),
      ],
    },
    async ({ then }) => (then === "gone" ? send({ kind: "remove", code: code.id }) : then),
  );
  return asked.then((answer) => (answer === "other" ? merge(code, codebook, send) : answer));
}

/** A coding that may go to the new code. */
function coding(found) {
  const words = found.text.length > 300 ? `${found.text.slice(0, 299)}…` : found.text;
  return el(
    "li",
    {},
    el(
      "label.check",
      {},
      el("input", { type: "checkbox", name: `coding-${found.decision}` }),
      el(
        "span",
        {},
        el("q", { dir: "auto" }, words),
        el("small.quiet", {}, ` ${found.transcript} · `, el("bdi", {}, found.coder)),
      ),
    ),
  );
}

/** @param {Object} code @param {Codebook} codebook @param {Send} send */
export async function split(code, codebook, send) {
  const { codings } = await get("/codebook/codings", { code: code.id });
  const own = codings.filter(({ mine }) => mine);
  const others = codings.length - own.length;
  return fillIn(
    {
      title: `Split ${code.name}`,
      testid: "split-code",
      yes: "Split",
      fields: [
        labelled(
          "Name of the new code",
          el("input", { name: "name", type: "text", required: true, maxlength: 200, autocomplete: "off" }),
        ),
        labelled("Domain", domainField(codebook, code.domain)),
        own.length > 0 && [
          el("h3", {}, "Which codings go to the new code?"),
          el("ul.codings", { "aria-label": "Codings" }, own.map(coding)),
        ],
        el(
          "p.quiet",
          {},
          `The others stay with ${code.name}`,
          others > 0 && `, and so do ${counted(others, "coding")} of other coders: each decides on their own`,
          ".",
        ),
      ],
    },
    ({ name, domain, ...ticked }) => {
      const chosen = Object.keys(ticked).map((each) => Number(each.replace("coding-", "")));
      return send({ kind: "split", code: code.id, name, domain, codings: chosen });
    },
  );
}
