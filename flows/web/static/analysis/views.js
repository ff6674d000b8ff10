/** The reading tools: what each asks the server for, and the figures that it makes of the answer. */

import { GONE } from "../shared/codebook.js";
import { counted } from "../shared/dom.js";
import { bars, colourOf, heatmap } from "./charts.js";
import { figure } from "./figure.js";

/** Codes and words in a chart; the table has all. */
const CHARTED = 40;
const TOGETHER = 25;
const WORDS = 30;
const GROUPS = 12;
const domainOf = (codebook, code) => codebook.domainOf(code)?.name ?? GONE.name;
const suggested = ({ suggestions }) => (suggestions === "true" ? ", open suggestions counted" : "");

/** How often each code was given. */
export function codesFigures({ codes }, { codebook }) {
  const used = codes.filter(({ passages, suggested: open }) => passages + open > 0);
  const ordered = used.toSorted((one, other) => other.passages - one.passages || other.suggested - one.suggested);
  const items = ordered.slice(0, CHARTED).map((one) => ({
    id: one.code,
    n: one.passages,
    more: one.suggested,
    colour: colourOf(codebook, one.code),
  }));
  const rows = codes.map(({ code, passages, transcripts, suggested: open }) => [
    codebook.name(code),
    domainOf(codebook, code),
    passages,
    transcripts,
    open,
    passages + open,
  ]);
  return [
    figure({
      title: "How often codes were given",
      file: "codes",
      note: `Filled: coded passages, each once whoever coded it. Outlined: suggestions that nobody decided on.${more(ordered, CHARTED)}`,
      header: ["Code", "Domain", "Passages", "Transcripts", "Open suggestions", "With suggestions"],
      rows,
      plot: items.length ? bars(items, (id) => codebook.name(id), "passages") : null,
    }),
  ];
}

/** Codes by the values of an attribute, or over the course of the interviews. */
function tableFigure(found, { codebook }, words) {
  const { codes, columns, sizes, passages, with_code: withCode } = found;
  const cells = codes.flatMap((code, n) =>
    columns.map((column, m) => ({ row: code, column, ...words.cell(passages[n][m], withCode[n][m], sizes[m]) })),
  );
  const rows = codes.map((code, n) => [
    codebook.name(code),
    domainOf(codebook, code),
    ...columns.flatMap((_, m) => [passages[n][m], withCode[n][m]]),
  ]);
  const names = { row: (id) => codebook.name(id), column: (id) => id, label: words.label };
  const header = columns.flatMap((column, m) => [`${column}: passages`, `${column}: transcripts of ${sizes[m]}`]);
  const shown = cells.filter(({ value }) => value > 0);
  return figure({
    ...words,
    header: ["Code", "Domain", ...header],
    rows,
    plot: shown.length ? heatmap(shown, codes, columns, names) : null,
  });
}

/** @param {Object} found @param {Object} page */
export function groupsFigures(found, page) {
  const words = {
    title: `Codes by ${page.chosen.by}`,
    file: `codes-by-${page.chosen.by}`,
    note: `Number: transcripts of the group with the code; shade: their share of the group${suggested(page.chosen)}.`,
    label: page.chosen.by,
    cell: (_, transcripts, size) => ({ value: transcripts / size, text: `${transcripts}/${size}` }),
  };
  return [tableFigure(found, page, words)];
}

/** @param {Object} found @param {Object} page */
export function courseFigures(found, page) {
  const words = {
    title: "Codes over the course of the interviews",
    file: "codes-over-the-course",
    note: `Each transcript is cut into ten equal parts; a passage counts where its middle lies${suggested(page.chosen)}.`,
    label: "part of the transcript",
    cell: (passages) => ({ value: passages, text: String(passages) }),
  };
  return [tableFigure(found, page, words)];
}

/** Codes that stand together. */
export function togetherFigures({ codes, units, pairs, unit }, { codebook, chosen }) {
  const size = new Map(codes.map((code, n) => [code, units[n]]));
  const paired = codes.filter((code) => pairs.some(({ first, second }) => code === first || code === second));
  const most = new Set(paired.toSorted((one, other) => size.get(other) - size.get(one)).slice(0, TOGETHER));
  const shown = codes.filter((code) => most.has(code));
  const cells = pairs
    .filter(({ first, second }) => most.has(first) && most.has(second))
    .flatMap(({ first, second, units: n, jaccard }) => [
      { row: first, column: second, value: jaccard, text: String(n) },
      { row: second, column: first, value: jaccard, text: String(n) },
    ]);
  const name = (id) => codebook.name(id);
  const rows = pairs.map(({ first, second, units: n, jaccard }) => [
    name(first),
    name(second),
    n,
    size.get(first),
    size.get(second),
    Number(jaccard.toFixed(3)),
  ]);
  return [
    figure({
      title: "Codes that stand together",
      file: `codes-together-by-${unit}`,
      note: `Number: ${unit}s with both codes; shade: their share of the ${unit}s with either (Jaccard, c-coefficient)${suggested(chosen)}.${more(paired, TOGETHER)}`,
      header: ["Code", "And", `${unit}s with both`, "with the first", "with the second", "Jaccard"],
      rows,
      plot: cells.length ? heatmap(cells, shown, shown, { row: name, column: name, label: null }) : null,
    }),
  ];
}

const searchFor = (word) => ({ text: word, href: `/search#${new URLSearchParams({ q: word })}` });

/** The words that participants say most. */
export function wordsFigures({ words, total, different }, { chosen }) {
  const items = words.slice(0, WORDS).map(({ word, count }) => ({ id: word, n: count, colour: "var(--heat)" }));
  return [
    figure({
      title: "Words that participants say most",
      file: "words",
      note: `${counted(total, "word")}, ${different.toLocaleString("en")} different ones${chosen.language === "none" ? "" : "; stop words are left out"}. Each leads to where it is said.`,
      header: ["Word", "Times", "In 10,000 words", "Transcripts"],
      rows: words.map(({ word, count, rate, transcripts }) => [searchFor(word), count, rate, transcripts]),
      plot: items.length ? bars(items, (word) => word, "times") : null,
    }),
  ];
}

/** The words that each group says more than the others. */
export function keywordsFigures({ groups }, { chosen }) {
  return groups.slice(0, GROUPS).map(({ group, transcripts, total, keywords }) => {
    const items = keywords.slice(0, 15).map(({ word, g2 }) => ({ id: word, n: g2, colour: "var(--heat)" }));
    return figure({
      title: `Keywords: ${group}`,
      file: `keywords-${chosen.by}-${group}`.replace(/[^\p{L}\p{N}-]+/gu, "-"),
      note: `${counted(total, "word")} in ${counted(transcripts, "transcript")}. Bars: log-likelihood against everybody else (Dunning 1993; Rayson and Garside 2000). Talk is no random sample of words: read it as an order, not as a test.`,
      header: ["Word", "Times", "In 10,000 words", "Elsewhere", "Transcripts", "Log-likelihood", "Log ratio"],
      rows: keywords.map((one) => [
        searchFor(one.word),
        one.count,
        one.rate,
        one.elsewhere,
        one.transcripts,
        one.g2,
        one.log_ratio,
      ]),
      plot: items.length ? bars(items, (word) => word, "log-likelihood") : null,
    });
  });
}

const dated = (time) => new Date(time).toLocaleString();
const placeOf = ({ version, start, transcript }) =>
  version ? { text: transcript, href: `/read/${version}${start === null ? "" : `#at-${start}`}` } : "";

/** All memos. */
export function memosFigures({ memos }, { codebook }) {
  return [
    figure({
      title: "Memos",
      file: "memos",
      note: `${counted(memos.length, "memo")}. Results, Memo list, has them with the words of their passages.`,
      header: ["On", "Transcript", "Code", "Memo", "Coder", "Date"],
      rows: memos.map((one) => [
        `${one.kind}${one.action ? `, ${one.action}` : ""}`,
        placeOf(one),
        one.code ? codebook.name(one.code) : "",
        one.text,
        one.coder,
        dated(one.time),
      ]),
      plot: null,
    }),
  ];
}

/** The audit trail, newest first. */
export function trailFigures({ entries, total }, { codebook }) {
  return [
    figure({
      title: "Audit trail",
      file: "audit-trail",
      note: `${counted(entries.length, "entry", "entries")} of ${total.toLocaleString("en")}, newest first. Results, Audit trail, has all of it as a file.`,
      header: ["Date", "Coder", "Did", "Transcript", "Code", "Text", "Holds"],
      rows: entries.map((one) => [
        dated(one.time),
        one.recorder && one.recorder !== one.coder ? `${one.coder} (written by ${one.recorder})` : one.coder,
        one.undid ? `undo of ${one.undid}` : one.did.replace("_", " "),
        placeOf(one),
        one.code ? codebook.name(one.code) : "",
        one.text,
        one.in_force ? "yes" : "no",
      ]),
      plot: null,
    }),
  ];
}

const more = (items, most) => (items.length > most ? ` The chart shows the first ${most}, the table all.` : "");
