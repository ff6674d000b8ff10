/** What is known of the code or domain that is chosen, and what can be done with it. */

import { labelled } from "../shared/book_edits.js";
import { counted, el } from "../shared/dom.js";

const LEVELS = ["core", "micro", "meso", "macro"];

const button = (name, key, run, properties = {}) =>
  el(
    "button",
    { type: "button", on: { click: run }, ...properties },
    name,
    key && el("kbd", { "aria-hidden": "true" }, key),
  );

const area = (name, value, rows) => el("textarea", { name, rows, maxlength: 10_000, dir: "auto", value });

/** @param {Object} code As /api/codebook gives it. @returns {Object} The same as the fields of the form have it. */
const written = (code) => ({
  definition: code.definition,
  include: code.include,
  exclude: code.exclude,
  level: code.level ?? "",
  aliases: code.aliases.join("; "),
});

/**
 * The panel of a code.
 *
 * @param {Object} code As /api/codebook gives it.
 * @param {{light: string, dark: string}} domain Its colours.
 * @param {Object<string, function(...*): *>} acts
 * @param {Object|null} draft What was typed and not saved yet.
 */
export function codePanel(code, domain, acts, draft) {
  return [
    el(
      "header",
      { colour: domain },
      el("p.kind", {}, el("i.dot", { "aria-hidden": "true" }), " ", code.domain),
      el("h2", { id: "panel-title" }, code.name),
      el("p.quiet", {}, `${counted(code.coded, "coding")}, ${counted(code.open, "suggestion")} to decide`),
    ),
    el(
      "p.acts",
      { role: "group", "aria-label": "Change the code" },
      button("Rename", "r", acts.rename),
      button("Move", "v", acts.move),
      button("Up", "Alt ↑", acts.up),
      button("Down", "Alt ↓", acts.down),
      button("Merge", "g", acts.merge),
      button("Split", "s", acts.split),
      button("Take out", "x", acts.remove),
    ),
    describing(code, acts, draft),
    code.memos.map((memo) => el("section.memo", {}, el("h3", {}, "Memo"), el("p.words", { dir: "auto" }, memo))),
    code.coded > 0 && el("p", {}, el("a", { href: "/matrix?columns=given" }, "See its passages in the matrix")),
  ];
}

function describing(code, acts, draft) {
  const says = draft ?? written(code);
  const level = el(
    "select",
    { name: "level" },
    ["", ...LEVELS].map((each) => el("option", { value: each }, each || "none")),
  );
  level.value = says.level;
  const form = el(
    "form.filling",
    { id: "describe" },
    labelled(
      "Definition",
      area("definition", says.definition, 4),
      "what it means, as people would say it; precode reads it",
    ),
    labelled("Include", area("include", says.include, 2), "what belongs here although it may not look so"),
    labelled("Exclude", area("exclude", says.exclude, 2), "what belongs elsewhere"),
    labelled(
      "Other names",
      el("input", { name: "aliases", type: "text", value: says.aliases, autocomplete: "off" }),
      "divided by “;”",
    ),
    labelled("Level", level),
    el("p.acts", {}, el("button.main", {}, "Save"), el("span.quiet", {}, "Ctrl+Enter saves")),
  );
  const now = () => Object.fromEntries(new FormData(form));
  form.addEventListener("input", () => acts.draft(now()));
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { aliases, ...rest } = now();
    acts.describe({
      ...rest,
      aliases: aliases
        .split(";")
        .map((name) => name.trim())
        .filter(Boolean),
    });
  });
  return form;
}

/**
 * The panel of a domain or group.
 *
 * @param {string} path Its whole name.
 * @param {{coded: number, open: number}} count
 * @param {{light: string, dark: string, chosen?: string}|undefined} colours None where only groups stand in it.
 * @param {string} chosen The colour that somebody chose; empty for none.
 * @param {Object<string, function(...*): *>} acts
 */
export function domainPanel(path, count, colours, chosen, acts) {
  const field = el("input", {
    type: "color",
    value: chosen || colours?.light || "#455ef8",
    on: { change: () => acts.colour(field.value) },
  });
  return [
    el(
      "header",
      { colour: colours },
      el("p.kind", {}, el("i.dot", { "aria-hidden": "true" }), " Domain"),
      el("h2", { id: "panel-title" }, path),
      el("p.quiet", {}, `${counted(count.coded, "coding")}, ${counted(count.open, "suggestion")} to decide`),
    ),
    el(
      "p.acts",
      { role: "group", "aria-label": "Change the domain" },
      button("New code here", "n", acts.add, { class: "main" }),
      button("Rename", "r", acts.rename),
      el("label.check", {}, "Colour", field),
      chosen && button("Usual colour", "", () => acts.colour("")),
    ),
    el("p.quiet", {}, "A colour that would be hard to read on light or dark ground is shown in a shade that is not."),
  ];
}
