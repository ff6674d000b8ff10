"""Rows of tables from outside, whatever program wrote them: CSV with any divider and encoding, and Excel."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice
from pathlib import Path

from corpus.errors import InputError
from corpus.readers.decode import read_text
from corpus.readers.limits import TABLE_CHARACTERS
from corpus.readers.sheet import sheets_of

MOST_ROWS = 500_000
_DIVIDERS = (",", ";", "\t", "|")


def tables_in(path: Path) -> Iterator[list[list[str]]]:
    """Yield the tables of a file, a sheet each, as rows of texts.

    Raises:
        InputError: If the file cannot be read.
    """
    if path.suffix.lower() == ".xlsx":
        with sheets_of(path) as sheets:
            for sheet in sheets:
                yield [[_text(cell) for cell in row] for row in islice(sheet, MOST_ROWS)]
        return
    yield from text_tables(path)


def text_tables(path: Path) -> Iterator[list[list[str]]]:
    """Yield a text file as a table for each mark that may divide its cells, the likeliest first.

    Raises:
        InputError: If the file cannot be read or is no table.
    """
    text = read_text(path).text
    head = text[:2_000]
    before = csv.field_size_limit(TABLE_CHARACTERS)
    try:
        for divider in sorted(_DIVIDERS, key=lambda mark: -head.count(mark)):
            if divider in head:
                yield list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=divider), MOST_ROWS))
    except csv.Error:
        raise InputError(path, "is no table; export it as .csv or .xlsx again") from None
    finally:
        csv.field_size_limit(before)


def _text(cell: object) -> str:
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return "" if cell is None else str(cell).replace("_x000D_", "").replace("\r\n", "\n")
