"""Coded passages as an Excel workbook: one row a passage, and 0/1 matrices for counting and for statistics."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.codebook import Code
from corpus.files import replace_file
from pipeline.export import sheets
from pipeline.export.coded import CodedPassage, CodedStudy, GivenCode, domains_of, labels_of, path_of
from pipeline.export.flat import Cell
from pipeline.export.palette import palette
from pipeline.export.sheets import (
    BASE,
    LINE_HEIGHT,
    STYLES,
    TALLEST,
    about_sheet,
    header,
    landscape,
    open_workbook,
    sheet_title,
    write_text,
)

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

CHARACTERS = 58
"""About how many there are in a line of a passage."""

MORE_STYLES: dict[str, dict[str, object]] = {
    "upright": {"bold": True, "font_size": 10, "rotation": 90, "align": "center", "valign": "bottom", "bottom": 5},
    # A zero stays a zero: programs save what they show as CSV.
    "0": {"num_format": "0", "align": "center", "font_color": "#c9cdd5"},
    "1": {"num_format": "0", "align": "center", "bold": True, "bg_color": "#e9ecf1"},
    "pending": {"italic": True, "font_color": "#5c626d", "text_wrap": True, "num_format": "0", "align": "left"},
    "pending percent": {"italic": True, "font_color": "#5c626d", "num_format": "0%", "align": "left"},
}
ABOUT = (
    (
        "Passages",
        "One row for each passage that a coder coded, with all the codes that this coder gave it. Where "
        "a cell of codes has several lines, the cells beside it have the same lines in the same order.",
    ),
    (
        "Decision",
        "accepted: a suggestion of precode that a person took over. changed: a suggestion that a person gave another "
        "code or other limits. coded: a person's own coding. suggested, unsure: no coding, a suggestion that nobody "
        "decided on; only there if asked for, in grey italics.",
    ),
    (
        "Probability",
        "The chance that a human coder would give this code here, as precode saw it before anyone decided. Empty for "
        "a person's own codings.",
    ),
    (
        "Uncertain",
        "yes where no coded interview showed that suggestions as probable as this one are right as often as the study "
        "asks for.",
    ),
    (
        "Passages x codes, Transcripts x codes",
        "1 where the passage bears the code, or any passage of the transcript does; else 0. Codings only, never open "
        "suggestions. The first line names the codes, so that R, SPSS or Excel can take the sheets as they are.",
    ),
    (
        "Leading apostrophe",
        "A text that begins with = + - or @ has an apostrophe before it, so that it is never taken for a formula.",
    ),
    ("Offsets", "Start and End count characters (Unicode code points) from 0 in the text as precode read it."),
    ("Confidential", "This file holds words of participants. Treat it like the transcripts."),
)


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column of the first sheet: its heading, its width in characters, what stands in it."""

    title: str
    width: int
    cell: Callable[[CodedPassage], Cell]
    style: str = "text"


def write_passages(path: Path, study: CodedStudy) -> int:
    """Write the coded passages of a study as a workbook and return how many there are.

    Raises:
        UsageError: If the file cannot be written.
    """
    rows = list(study.passages())
    with replace_file(path) as draft, open_workbook(draft) as book:
        styles = {name: book.add_format(BASE | style) for name, style in (STYLES | MORE_STYLES).items()}
        for number, batch in enumerate(batched(rows), start=1):
            sheet = book.add_worksheet(sheet_title("Passages", number))
            _passages_sheet(sheet, batch, columns_of(study), styles)
        coded = [row for row in rows if not row.pending]
        heads = _heads(book, study.codes)
        for number, batch in enumerate(batched(coded), start=1):
            passage_rows = (
                ((row.transcript, row.span.start, row.span.end, row.coder), {given.code.id for given in row.codes})
                for row in batch
            )
            _matrix(book.add_worksheet(sheet_title("Passages x codes", number)), PLACE, passage_rows, heads, styles)
        _matrix(book.add_worksheet("Transcripts x codes"), ("Document",), _transcripts(study), heads, styles)
        _memos_sheet(book, study, styles)
        about_sheet(book.add_worksheet("About this file"), "Coded passages", (*study.origin.facts, *ABOUT), styles)
    return len(rows)


def batched(rows: Sequence[CodedPassage]) -> Iterator[Sequence[CodedPassage]]:
    """Yield what fits on one sheet each, in order; one batch at least."""
    for start in range(0, max(len(rows), 1), sheets.MOST_ROWS):
        yield rows[start : start + sheets.MOST_ROWS]


def columns_of(study: CodedStudy) -> tuple[SheetColumn, ...]:
    """Return the columns: who and where, the words, the codes and how they came there, then what machines need."""
    people = tuple(
        SheetColumn("Participant" if name == "id" else name[:1].upper() + name[1:], 14, partial(_attribute, name))
        for name in study.attributes
    )
    return (
        SheetColumn("Document", 22, lambda row: row.transcript),
        *people,
        SheetColumn("Speaker", 12, lambda row: row.speaker),
        SheetColumn("Time", 9, lambda row: row.timestamp),
        SheetColumn("Passage", 64, lambda row: row.text),
        SheetColumn("Codes", 30, lambda row: _lines(given.code.name for given in row.codes), "bold"),
        SheetColumn("Path", 44, lambda row: _lines(given.path for given in row.codes)),
        SheetColumn("Probability", 12, _probabilities, "percent"),
        SheetColumn("Uncertain", 10, _uncertain),
        SheetColumn("Decision", 12, lambda row: _lines(given.status for given in row.codes)),
        SheetColumn("Memo", 30, lambda row: _lines(dict.fromkeys(given.memo for given in row.codes if given.memo))),
        SheetColumn("Coder", 14, lambda row: row.coder),
        SheetColumn("Code ids", 30, lambda row: _lines(given.code.id for given in row.codes)),
        SheetColumn("Start", 9, lambda row: row.span.start, "number"),
        SheetColumn("End", 9, lambda row: row.span.end, "number"),
        SheetColumn("Model", 24, lambda row: _lines(dict.fromkeys(given.model for given in row.codes if given.model))),
        SheetColumn("Run", 8, lambda row: _lines(dict.fromkeys(str(given.run) for given in row.codes if given.run))),
    )


MEMO_HEADINGS = ("Transcript or code", "Coder", "Date", "Memo")
"""Of the sheet of memos, by which it is known again."""
PLACE = ("Document", "Start", "End", "Coder")
"""What leads a row of the matrix of passages."""


def _attribute(name: str, row: CodedPassage) -> Cell:
    """Return what the table of participants says of whoever speaks."""
    return row.participant.get(name, "")


def _lines(texts: Iterable[str]) -> str:
    return "\n".join(texts)


def _probabilities(row: CodedPassage) -> Cell:
    """Return a number where there is one code, else a line for each."""
    if len(row.codes) == 1:
        return row.codes[0].probability
    return _lines(map(percent, row.codes)) if any(given.probability is not None for given in row.codes) else None


def _uncertain(row: CodedPassage) -> Cell:
    """Return ``yes`` where the suggestion was an uncertain one, a line for each code; nothing where none was."""
    return _lines("yes" if given.uncertain else "" for given in row.codes).rstrip("\n") or None


def percent(given: GivenCode) -> str:
    """Return a probability as people read it: ``73%``; nothing where there is none."""
    return "" if given.probability is None else f"{given.probability:.0%}"


def _passages_sheet(
    sheet: Worksheet, rows: Sequence[CodedPassage], columns: Sequence[SheetColumn], styles: Mapping[str, Format]
) -> None:
    for n, column in enumerate(columns):
        sheet.set_column(n, n, column.width)
    header(sheet, [column.title for column in columns], styles["head"])
    for line, row in enumerate(rows, start=1):
        lines = max(sum(1 + len(text) // CHARACTERS for text in row.text.split("\n")), 2 * len(row.codes))
        sheet.set_row(line, min(TALLEST, LINE_HEIGHT * lines))
        for n, column in enumerate(columns):
            write_text(sheet, line, n, column.cell(row), styles[_style(column, row)])
    sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)
    landscape(sheet)
    last = next(n for n, column in enumerate(columns) if column.title == "Coder")
    sheet.print_area(0, 0, max(len(rows), 1), last)  # what follows is for machines


def _memos_sheet(book: Workbook, study: CodedStudy, styles: Mapping[str, Format]) -> None:
    """Write the memos on transcripts and codes, if there are any; those on passages stand beside them."""
    names = {code.id: path_of(code) for code in study.codes}
    memos = [(document.transcript.name, memo) for document in study.documents for memo in document.memos]
    memos += [(names.get(memo.code, memo.code), memo) for memo in study.memos]
    if not memos:
        return
    sheet = book.add_worksheet("Memos")
    for column, width in enumerate((44, 14, 12, 80)):
        sheet.set_column(column, column, width)
    header(sheet, MEMO_HEADINGS, styles["head"])
    for line, (about, memo) in enumerate(memos, start=1):
        for column, cell in enumerate((about, memo.coder, f"{memo.time:%Y-%m-%d}", memo.text)):
            write_text(sheet, line, column, cell, styles["text"])


def _style(column: SheetColumn, row: CodedPassage) -> str:
    if not row.pending:
        return column.style
    return "pending percent" if column.style == "percent" else "pending"


def _transcripts(study: CodedStudy) -> Iterator[tuple[Sequence[Cell], set[str]]]:
    for document in study.documents:
        coded = (row for row in document.passages if not row.pending)
        yield (document.transcript.name,), {given.code.id for row in coded for given in row.codes}


Head = tuple[str, str, "Format"]
"""Id, heading and format of a column of the matrix."""


def _heads(book: Workbook, codes: Sequence[Code]) -> list[Head]:
    """Return the columns of the matrix in the colours of their domains."""
    names, colours = labels_of(codes), palette(domains_of(codes))
    style = BASE | MORE_STYLES["upright"]
    formats = {
        name: book.add_format(style | {"font_color": colour.light, "bottom_color": colour.light})
        for name, colour in colours.items()
    }
    return [(code.id, names[code.id], formats[code.domain]) for code in codes]


def _matrix(
    sheet: Worksheet,
    place: Sequence[str],
    rows: Iterable[tuple[Sequence[Cell], set[str]]],
    heads: Sequence[Head],
    styles: Mapping[str, Format],
) -> None:
    sheet.set_column(0, 0, 24)
    sheet.set_column(3, 3, 14)
    sheet.set_column(len(place), len(place) + len(heads), 4)
    header(sheet, place, styles["head"])
    sheet.set_row(0, 270)
    for n, (_, title, style) in enumerate(heads, start=len(place)):
        write_text(sheet, 0, n, title, style)
    for line, (cells, present) in enumerate(rows, start=1):
        for n, cell in enumerate(cells):
            write_text(sheet, line, n, cell, styles["plain"])
        for n, (code, _, _) in enumerate(heads, start=len(place)):
            mark = int(code in present)
            write_text(sheet, line, n, mark, styles[str(mark)])
    sheet.freeze_panes(1, len(place))
    landscape(sheet)
