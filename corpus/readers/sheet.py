"""Rows of CSV files and Excel workbooks, and the columns that hold what a transcript needs."""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import MappingProxyType

from corpus.errors import InputError
from corpus.readers.archive import ArchiveKind, parse_archive
from corpus.readers.limits import TABLE_CHARACTERS, TABLE_COLUMNS

WORKBOOK = ArchiveKind(
    "an Excel workbook",
    ".xlsx",
    marks=(("xl/worksheets/sheet", 2_000_000), ("xl/sharedStrings", 1_000_000), ("", 100_000)),
)
LAST_ROW = 1_048_576
"""The last row an Excel sheet can have; a file may name rows beyond it."""
HEADING_ROWS = 20
"""Rows at the top of a sheet among which the headings are looked for; titles may stand above them."""

HEADINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "words": (
            *("text", "answer", "comment", "comments", "response", "utterance", "words", "talk", "transcript"),
            *(
                "transcription",
                "verbatim",
                "quote",
                "quotation",
                "content",
                "feedback",
                "reply",
                "statement",
                "message",
            ),
            *("answer text", "comment text", "response text", "free text", "free text comment", "open answer"),
        ),
        "speaker": ("speaker", "speaker name", "speaker label", "who", "name", "role"),
        "id": (
            *("id", "participant", "participant id", "respondent", "respondent id", "response id", "record id", "case"),
            *("case id", "pid", "interviewee", "subject", "user", "user id", "person"),
        ),
        "start": (
            "start",
            "start time",
            "started",
            "begin",
            "time",
            "timestamp",
            "timecode",
            "start s",
            "start seconds",
        ),
        "end": ("end", "end time", "ended", "stop", "end s", "end seconds"),
    }
)
"""Headings by what their columns hold, in lower case with blanks for all marks; the first that is there is taken."""

Cells = Sequence[object]


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a table holds what, by column number, under the headings of ``HEADINGS``; the words are always there."""

    numbers: Mapping[str, int]
    headings: Mapping[str, str]


def csv_rows(path: Path, text: str) -> Iterator[Cells]:
    """Yield the rows of a CSV file, whatever divides its cells.

    Raises:
        InputError: If it is too large or no CSV.
    """
    if len(text) > TABLE_CHARACTERS:
        raise InputError(path, f"is larger than {TABLE_CHARACTERS // 1_000_000} MB; divide it")
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t|", key=head.count))
    try:
        yield from reader
    except csv.Error:
        raise InputError(f"{path}:{reader.line_num}", "is not CSV; a cell is endless or not closed") from None


@contextmanager
def sheets_of(path: Path) -> Iterator[list[Iterator[Cells]]]:
    """Give the rows of each visible sheet of a workbook; a sheet is read as its rows are taken.

    Raises:
        InputError: If the file is no sound, unprotected workbook of sane size.
    """
    from openpyxl import load_workbook

    data = parse_archive(path, WORKBOOK, bytes)
    with _sound(path), closing(load_workbook(io.BytesIO(data), read_only=True, data_only=True)) as book:
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        for sheet in sheets:
            sheet.reset_dimensions()  # what a file declares may be a million empty rows
        yield [sheet.iter_rows(max_row=LAST_ROW, max_col=TABLE_COLUMNS, values_only=True) for sheet in sheets]


@contextmanager
def _sound(path: Path) -> Iterator[None]:
    try:
        with warnings.catch_warnings(action="ignore"):  # openpyxl's, on styles and links that do not matter here
            yield
    # What openpyxl and zipfile let through when parts are absent or are not what they should be; an unsound part
    # is a SyntaxError.
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError, OSError,
            ArithmeticError, EOFError, RecursionError, AssertionError):  # fmt: skip
        raise InputError(path, "is no sound Excel workbook; save it as .xlsx again, or as CSV") from None


def find_columns(path: Path, rows: Iterator[Cells]) -> Columns | None:
    """Take rows up to the headings and return what the columns hold, None if no row of them heads words.

    Raises:
        InputError: If several columns could hold the words.
    """
    for cells in islice(rows, HEADING_ROWS):
        plain = [_plain(cell) for cell in cells[:TABLE_COLUMNS]]
        words = [heading for heading in plain if heading in HEADINGS["words"]]
        if len(words) > 1:
            listed = ", ".join(words)
            raise InputError(path, f"has several columns that could hold the words ({listed}); rename all but one")
        if words:
            taken = {name: _first(plain, synonyms) for name, synonyms in HEADINGS.items()}
            numbers = {name: number for name, number in taken.items() if number is not None}
            return Columns(numbers, {name: plain[number] for name, number in numbers.items()})
    return None


def _first(plain: Sequence[str], synonyms: Sequence[str]) -> int | None:
    return next((plain.index(synonym) for synonym in synonyms if synonym in plain), None)


def _plain(cell: object) -> str:
    return " ".join(re.split(r"[\W_]+", cell[:100].casefold())).strip() if isinstance(cell, str) else ""
