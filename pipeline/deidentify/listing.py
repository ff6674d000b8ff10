"""The list of candidates as a workbook and as CSV: written for a researcher, read back as edited."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.errors import InputError
from corpus.files import replace_file
from corpus.readers.archive import ArchiveKind as Archive
from corpus.readers.archive import parse_archive
from corpus.rows import read_rows
from pipeline.deidentify.candidates import ReplacementCandidate
from pipeline.deidentify.kinds import IdentifierKind
from pipeline.deidentify.matcher import plain
from pipeline.export.flat import Cell
from pipeline.export.safety import inert, printable, without_guard

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

COLUMNS = ("hide", "replacement", "kind", "text", "count", "transcripts", "context_1", "context_2", "context_3", "note")
WIDTHS = (7, 24, 14, 34, 8, 12, 60, 60, 60, 34)
YES, NO = frozenset({"yes", "y", "true", "1", "x", ""}), frozenset({"no", "n", "false", "0"})

ABOUT = (
    ("What this is", "What may identify somebody in your transcripts, found by rules and by a small language model."),
    ("What to do", "Say yes or no under 'hide' in each line. Equal replacements mean the same person or thing."),
    ("What is missing", "The list is never complete. Read the transcripts; add a line for each one missed: its text."),
    ("Confidential", "This file names people. Keep it where the original transcripts are, and delete it with them."),
)


def write_list(folder: Path, candidates: Sequence[ReplacementCandidate], name: str = "candidates") -> tuple[Path, Path]:
    """Write the list as XLSX and CSV that only their owner may read, and return both paths.

    Args:
        folder: Where to.
        candidates: The list.
        name: Of both files, without suffix.

    Raises:
        UsageError: If the files cannot be written.
    """
    book, table = folder / f"{name}.xlsx", folder / f"{name}.csv"
    with replace_file(book) as draft:
        _write_book(draft, candidates)
    write_csv_list(table, candidates)
    moment = table.stat().st_mtime_ns
    for path in (book, table):
        os.utime(path, ns=(moment, moment))
    return book, table


def write_csv_list(path: Path, candidates: Iterable[ReplacementCandidate]) -> None:
    """Write the list as CSV that only its owner may read.

    Raises:
        UsageError: If the file cannot be written.
    """
    with replace_file(path) as draft, draft.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        rows.writerows([inert(str(cell)) for cell in _cells(candidate)] for candidate in candidates)


def edited(folder: Path, name: str = "candidates") -> Path | None:
    """Return the list that was edited last; the workbook if neither was, None if there is none."""
    paths = [path for path in (folder / f"{name}.xlsx", folder / f"{name}.csv") if path.exists()]
    return max(paths, key=lambda path: path.stat().st_mtime_ns, default=None)


def read_list(path: Path, *, with_places: bool = False) -> list[ReplacementCandidate]:
    """Read a list as its researcher left it.

    A line needs its text only: without a word under ``hide`` it is hidden, without a kind it is a person, and without
    a replacement it gets one.

    Args:
        path: The workbook or the CSV.
        with_places: Read counts and contexts, too; they are as of when the list was written.

    Raises:
        InputError: If the file is no such list, or a line says neither yes nor no or names no kind.
    """
    found: dict[str, ReplacementCandidate] = {}
    for place, cells in _book_rows(path) if path.suffix.lower() == ".xlsx" else _csv_rows(path):
        if cells.get("text"):
            candidate = _candidate(place, cells)
            if with_places:
                candidate = replace(candidate, **_places(cells))
            found.setdefault(plain(candidate.text), candidate)
    return list(found.values())


def _candidate(place: str, cells: Mapping[str, str]) -> ReplacementCandidate:
    hide, kind = cells.get("hide", "").casefold(), cells.get("kind", "").casefold() or IdentifierKind.PERSON
    if hide not in YES | NO:
        raise InputError(place, "says neither yes nor no under 'hide'")
    if kind not in set(IdentifierKind):
        raise InputError(place, f"names no kind; there are {', '.join(IdentifierKind)}")
    return ReplacementCandidate(
        cells["text"], IdentifierKind(kind), cells.get("replacement", ""), hide=hide in YES, note=cells.get("note", "")
    )


def _places(cells: Mapping[str, str]) -> dict[str, Any]:
    """Return how often a line's text was found, and where."""
    counts = {name: cells.get(name, "").partition(".")[0] for name in ("count", "transcripts")}
    contexts = tuple(context for n in (1, 2, 3) if (context := cells.get(f"context_{n}", "")))
    return {name: int(text) if text.isdecimal() else 0 for name, text in counts.items()} | {"contexts": contexts}


def _csv_rows(path: Path) -> Iterator[tuple[str, Mapping[str, str]]]:
    for row in read_rows(path):
        if "text" not in row.data:
            raise InputError(path, "has no column 'text'; it is no list of candidates")
        yield row.place, {name: _bare(value) for name, value in row.data.items() if isinstance(value, str)}


def _book_rows(path: Path) -> Iterator[tuple[str, Mapping[str, str]]]:
    rows = parse_archive(path, Archive("an Excel workbook", ".xlsx"), _first_sheet)
    head = [_bare(cell) for cell in rows[0]] if rows else []
    if "text" not in head:
        raise InputError(path, "has no column 'text'; it is no list of candidates")
    for number, cells in enumerate(rows[1:], start=2):
        yield f"{path}:{number}", dict(zip(head, map(_bare, cells), strict=False))


def _first_sheet(data: bytes) -> list[Sequence[object]]:
    import io

    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    return [tuple(row) for row in book.worksheets[0].iter_rows(values_only=True)]


def _bare(cell: object) -> str:
    """Return a cell's text without the apostrophe that keeps spreadsheets from calculating."""
    return "" if cell is None else without_guard(plain(str(cell)))


def _cells(candidate: ReplacementCandidate) -> tuple[Cell, ...]:
    contexts = (*candidate.contexts, "", "", "")[:3]
    counts = (candidate.count, candidate.transcripts)
    return (
        "yes" if candidate.hide else "no",
        candidate.replacement,
        candidate.kind.value,
        candidate.text,
        *counts,
        *contexts,
        candidate.note,
    )


def _write_book(draft: Path, candidates: Sequence[ReplacementCandidate]) -> None:
    from pipeline.export.sheets import BASE, STYLES, about_sheet, open_workbook

    with open_workbook(draft, streaming=False) as book:
        sheet = book.add_worksheet("Candidates")
        _sheet(book, candidates)
        about_sheet(
            book.add_worksheet("About this file"),
            "What may identify people",
            ABOUT,
            {name: book.add_format(BASE | style) for name, style in STYLES.items()},
        )
        sheet.activate()


def _sheet(book: Workbook, candidates: Sequence[ReplacementCandidate]) -> None:
    from pipeline.export.sheets import BASE, STYLES, header, landscape, write_cell

    sheet = book.worksheets()[0]
    text = book.add_format(BASE | STYLES["text"] | {"num_format": "@"})
    number = book.add_format(BASE | STYLES["number"])
    header(sheet, COLUMNS, book.add_format(BASE | STYLES["head"]))
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width, text)
    for line, candidate in enumerate(candidates, start=1):
        for column, cell in enumerate(_cells(candidate)):
            shown = printable(cell) if isinstance(cell, str) else cell
            write_cell(sheet, line, column, shown, text if isinstance(cell, str) else number)
    sheet.autofilter(0, 0, max(1, len(candidates)), len(COLUMNS) - 1)
    sheet.data_validation(1, 0, len(candidates) + 1000, 0, {"validate": "list", "source": ["yes", "no"]})
    landscape(sheet)
