/** One transcript on the page of speakers: its doubts, its speakers, and how else it could be read. */

import { counted, el, percent } from "../shared/dom.js";

/**
 * @typedef {Object} Acts
 * @property {function(string, string, boolean): void} role Transcript, label, whether this speaker asks.
 * @property {function(string, string, string): void} merge Transcript, label, the label it is kept under.
 * @property {function(string, string, string[]): void} rename Transcript, label, the other labels.
 * @property {function(string, {pattern?: string, first_line?: number}): void} layout
 */

/** @param {Object} check As /api/speakers gives it. @param {Acts} acts */
export function checked(check, acts) {
  const name = el("bdi", {}, check.name);
  return el(
    check.doubts ? "section.speaking.doubt" : "section.speaking",
    { "aria-label": check.name, data: { testid: "check", name: check.name } },
    el(
      "header",
      {},
      el("h2", {}, check.version ? el("a", { href: `/read/${check.version}` }, name) : name),
      el("p.quiet", {}, facts(check)),
    ),
    doubts(check, acts),
    check.speakers.length > 0 && speakersTable(check, acts),
    notes(check),
    !check.error && layout(check, acts),
  );
}

function facts({ error, turns, timed, speakers, waiting, source }) {
  if (error) return source;
  const times = timed ? `${timed === turns ? "all" : timed} with a time` : "no time stamps";
  return [counted(turns, "turn"), times, counted(speakers.length, "speaker"), waiting && "waits for the next run"]
    .filter(Boolean)
    .join(" · ");
}

function doubts({ name, error, similar, speakers }, acts) {
  const unsure = speakers.filter(({ doubtful }) => doubtful);
  const lines = [
    error && el("li", {}, "It cannot be read: ", error),
    unsure.map(({ label, reason }) =>
      el(
        "li",
        {},
        label ? el("bdi", {}, label) : "Talk without a label",
        ` may ask or answer (${reason}); suggestions on it are held back until you say.`,
      ),
    ),
    similar.map(([often, rarely]) =>
      el(
        "li",
        {},
        el("bdi", {}, rarely),
        " is probably ",
        el("bdi", {}, often),
        ". ",
        el(
          "button",
          {
            type: "button",
            data: { at: `${name}/merge/${rarely}` },
            on: { click: () => acts.merge(name, rarely, often) },
          },
          "Make them one",
        ),
      ),
    ),
  ].flat();
  return lines.some(Boolean) ? el("ul.doubts", {}, lines) : null;
}

const COLUMNS = ["Speaker", "Role", "Sure", "Turns", "Words", "First words", ""];

function speakersTable(check, acts) {
  const head = COLUMNS.map((text) =>
    el("th", { scope: "col", class: /Turns|Words$/.test(text) ? "n" : null }, text || el("span.unseen", {}, "Change")),
  );
  return el(
    "div.scroll",
    { tabindex: "0", role: "region", "aria-label": `Speakers of ${check.name}` },
    el(
      "table.speakers",
      {},
      el("thead", {}, el("tr", {}, head)),
      el(
        "tbody",
        {},
        check.speakers.map((speaker) => row(check, speaker, acts)),
      ),
    ),
  );
}

function row(check, speaker, acts) {
  const { label, turns, words, first_words, confidence, doubtful, reason } = speaker;
  const others = check.speakers.map((other) => other.label).filter((other) => other && other !== label);
  const rename = el(
    "button.link",
    {
      type: "button",
      "aria-label": `Rename ${label}`,
      data: { at: `${check.name}/rename/${label}` },
      on: { click: () => acts.rename(check.name, label, others) },
    },
    "Rename",
  );
  return el(
    doubtful ? "tr.doubtful" : "tr",
    { data: { testid: "speaker", label: label ?? "" } },
    el("th", { scope: "row" }, label ? el("bdi", {}, label) : el("span.quiet", {}, "no label")),
    el("td", {}, roleOf(check.name, speaker, acts)),
    el("td", { title: reason }, doubtful ? el("b", {}, "in doubt") : el("span.quiet", {}, percent(confidence))),
    el("td.n", {}, turns.toLocaleString("en")),
    el("td.n", {}, words.toLocaleString("en")),
    el("td.first", {}, el("span.words", { dir: "auto" }, first_words)),
    el("td", {}, label && rename),
  );
}

function roleOf(name, { label, role, doubtful }, acts) {
  if (!label) return role === "interviewer" ? "asks" : "answers";
  const choice = (asks, text) => {
    const held = !doubtful && (role === "interviewer") === asks;
    return el(
      "button",
      {
        type: "button",
        "aria-pressed": String(held),
        "aria-label": `${label} ${text}`,
        data: { at: `${name}/role/${label}/${text}` },
        on: { click: () => acts.role(name, label, asks) },
      },
      text,
    );
  };
  return el(
    "span.roles",
    { role: "group", "aria-label": `Role of ${label}` },
    choice(true, "asks"),
    choice(false, "answers"),
  );
}

function notes({ name, warnings }) {
  if (!warnings.length) return null;
  return el(
    "details",
    { data: { at: `${name}/notes` } },
    el("summary", {}, counted(warnings.length, "thing was left out or repaired", "things were left out or repaired")),
    el(
      "ul",
      {},
      warnings.map((line) => el("li", {}, line)),
    ),
  );
}

/** How labels look and where talk begins, for a file in which they were not found. */
function layout({ name, said }, acts) {
  const pattern = el("input", {
    name: "pattern",
    value: said.pattern,
    placeholder: "[NAME]",
    maxlength: 100,
    autocomplete: "off",
  });
  const line = el("input", {
    name: "first_line",
    type: "number",
    min: 1,
    value: said.first_line || "",
    placeholder: "1",
  });
  const submit = (event) => {
    event.preventDefault();
    const told = { pattern: pattern.value.trim(), first_line: Number(line.value) || 0 };
    if (told.pattern || told.first_line) acts.layout(name, told);
  };
  return el(
    "details",
    { data: { at: `${name}/layout` } },
    el("summary", {}, "Labels or the beginning were not found?"),
    el(
      "form.layout",
      { on: { submit } },
      el("label.choice", {}, el("span", {}, "Labels look like"), pattern),
      el("label.choice", {}, el("span", {}, "Talk begins on line"), line),
      el("button", { data: { at: `${name}/layout/read` } }, "Read it so"),
    ),
    el("p.quiet", {}, "Write NAME where the name stands, for instance [NAME], NAME - or [TIME] NAME:"),
  );
}
