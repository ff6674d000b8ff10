/** Editing the codebook from any page: what was edited holds at once, here and for everybody. */

import { ApiError, get, post } from "./api.js";
import { ask } from "./dialog.js";
import { el } from "./dom.js";
import { newKey } from "./outbox.js";

/** @typedef {import("./codebook.js").Codebook} Codebook */

/** Where codes stand that were made of selected words. */
export const IN_VIVO = "In vivo";

/** Where the last code of this tab was made: the next one often belongs there, too. */
const LAST_DOMAIN = "precode.last-domain";

/** Let the page's codebook be what the server says. @param {Codebook} codebook @param {Object} book As /api/codebook gives it. */
export function follow(codebook, book) {
  const removed = Object.fromEntries(book.removed.map(({ id, name }) => [id, name]));
  codebook.take({ digest: book.digest, domains: book.domains, codes: book.codes, removed });
}

/** Ask for the codebook again, and go on with it if somebody edited it. @param {Codebook} codebook */
export async function refresh(codebook) {
  const { codebook: now } = await get("/study");
  const told = ({ domains, codes, removed }) => JSON.stringify([domains, codes, removed]);
  if (told(now) !== told(codebook)) codebook.take(now);
}

/** @param {string} name @returns {string} What spellings of one name share. */
const folded = (name) =>
  name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().split(/\s+/).filter(Boolean).join(" ");

/** @param {Codebook} codebook @param {string} name @returns {import("./codebook.js").Code|undefined} The code that is called so. */
export const codeCalled = (codebook, name) => codebook.codes.find((code) => folded(code.name) === folded(name));

/**
 * Make a code. Where somebody made one of this name in its domain meanwhile, that is it.
 *
 * @param {Codebook} codebook
 * @param {{name: string, domain: string, definition?: string, in_vivo?: boolean}} code
 * @returns {Promise<string>} Its id.
 */
export async function makeCode(codebook, code) {
  try {
    const { about, codebook: book } = await post("/codebook/edits", {
      key: newKey(),
      edit: { kind: "add", ...code },
    });
    follow(codebook, book);
    return about;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 400) throw error;
    await refresh(codebook);
    const there = codeCalled(codebook, code.name);
    if (there?.domain !== code.domain) throw error;
    return there.id;
  }
}

/** A field with what it is called above it. @param {string} label @param {HTMLElement} field @param {string} [hint] */
export const labelled = (label, field, hint) =>
  el("label.choice", {}, el("span", {}, label, hint && el("small.quiet", {}, ` ${hint}`)), field);

/** A field for a domain that offers those that there are. @param {Codebook} codebook @param {string} value */
export function domainField(codebook, value) {
  const list = el(
    "datalist",
    { id: `domains-${newKey()}` },
    codebook.domains.map(({ name }) => el("option", { value: name })),
  );
  const input = el("input", {
    name: "domain",
    required: true,
    maxlength: 200,
    value,
    list: list.id,
    autocomplete: "off",
  });
  return el("span.with-list", {}, input, list);
}

/**
 * A dialog with fields whose answer is sent to the server: it stays open, with what was typed, while that refuses.
 *
 * @template Result
 * @param {{title: string, testid: string, fields: (HTMLElement|string|null|false)[], yes: string}} about
 * @param {function(Object<string, string>): Promise<Result>} send Takes the fields by name.
 * @returns {Promise<Result|null>} What `send` came to; null where the dialog was left.
 */
export function fillIn({ title, testid, fields, yes }, send) {
  const trouble = el("p.notice", { role: "alert", hidden: true });
  const button = el("button.main", {}, yes);
  const form = el("form.filling", {}, fields, trouble, el("p.acts", {}, button));
  const head = el(
    "header",
    {},
    el("h2", { id: `${testid}-title` }, title),
    el("button.icon", { type: "button", "aria-label": "Close", on: { click: () => close(null) } }, "×"),
  );
  const dialog = el("dialog.sheet", { "data-testid": testid, "aria-labelledby": `${testid}-title` }, head, form);
  let close = (_answer) => {};
  return new Promise((resolve) => {
    close = ask(dialog, resolve);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      button.disabled = true;
      trouble.hidden = true;
      try {
        close(await send(Object.fromEntries(new FormData(form))));
      } catch (error) {
        trouble.textContent = `${error.message}.`;
        trouble.hidden = false;
        button.disabled = false;
      }
    });
    const first = form.querySelector("input, textarea, select");
    first?.focus();
    if (first instanceof HTMLInputElement && first.type === "text") first.select();
  });
}

/**
 * Ask for what a new code needs, and make it.
 *
 * @param {Codebook} codebook
 * @param {{name?: string, domain?: string}} [begun] What is known already.
 * @returns {Promise<string|null>} The code's id; null where nobody made one.
 */
export function newCode(codebook, { name = "", domain = "" } = {}) {
  const here = domain || sessionStorage.getItem(LAST_DOMAIN) || codebook.domains.at(-1)?.name || "";
  return fillIn(
    {
      title: "A new code",
      testid: "new-code",
      yes: "Make it",
      fields: [
        labelled(
          "Name",
          el("input", { name: "name", type: "text", required: true, maxlength: 200, value: name, autocomplete: "off" }),
        ),
        labelled("Domain", domainField(codebook, here), "groups divided by “ / ”"),
        labelled("Definition", el("textarea", { name: "definition", rows: 3, maxlength: 10_000 }), "may come later"),
      ],
    },
    (code) => {
      sessionStorage.setItem(LAST_DOMAIN, code.domain);
      return makeCode(codebook, code);
    },
  );
}
