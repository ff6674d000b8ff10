"""Tables with one row a turn or one row an answer: interviews kept in spreadsheets, free-text answers of surveys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path

from corpus.errors import InputError
from corpus.readers.decode import read_text
from corpus.readers.draft import Draft
from corpus.readers.limits import TABLE_ROWS
from corpus.readers.names import LONGEST, tidy
from corpus.readers.sheet import Cells, Columns, csv_rows, find_columns, sheets_of
from corpus.readers.spoken import SpokenWords, written
from corpus.readers.stamps import stamp_alone, stamp_at
from corpus.speakers import SpeakerSettings

_NO_WORDS = "has no column of words; head it 'text' (or answer, comment, response)"
_ORDER = ("words", "speaker", "id", "start", "end", "span")
_WHISPER = {"start": "start", "end": "end", "words": "text"}
_MOST_DIGITS = 10


def read_csv(path: Path, speakers: SpeakerSettings) -> Draft:
    """Read a ``.csv`` or ``.tsv`` table: each row with words is a turn.

    Raises:
        InputError: If the file is no CSV, or its headings do not say which column holds the words.
    """
    decoded = read_text(path)
    rows = csv_rows(path, decoded.text)
    columns = find_columns(path, rows)
    if columns is None:
        raise InputError(path, _NO_WORDS)
    return _draft(path, columns, rows, decoded.warnings)


def read_workbook(path: Path, speakers: SpeakerSettings) -> Draft:
    """Read the first sheet of an ``.xlsx`` workbook whose headings name a column of words.

    Raises:
        InputError: If the file is no sound workbook, or no sheet has such a heading.
    """
    with sheets_of(path) as sheets:
        for rows in sheets:
            columns = find_columns(path, rows)
            if columns is not None:
                others = (f"left out other sheets: {len(sheets) - 1}",) if len(sheets) > 1 else ()
                return _draft(path, columns, rows, others)
    raise InputError(path, _NO_WORDS)


def _draft(path: Path, columns: Columns, rows: Iterator[Cells], warnings: tuple[str, ...]) -> Draft:
    pieces: list[SpokenWords] = []
    wordless = longer = 0
    for cells in filter(any, rows):  # a sheet may hold a million rows of nothing
        # Words with the mark that divides cells in them stand beyond the last heading.
        beyond = [text for cell in cells[columns.width :] if (text := _text(cell))]
        said = _said(columns, cells, beyond)
        longer += bool(beyond)
        if said.words:
            pieces.append(said)
        else:
            wordless += 1
        if len(pieces) + wordless > TABLE_ROWS:
            raise InputError(path, f"has more than {TABLE_ROWS:,} rows; divide it")
    listed = (f"{name} from {columns.headings[name]!r}" for name in _ORDER if name in columns.headings)
    doubts = [f"columns taken: {', '.join(listed)}"]
    if path.suffix.lower() == ".tsv" and columns.headings == _WHISPER and _are_whole(pieces):
        pieces = [_in_seconds(said) for said in pieces]
        doubts.append("times taken for milliseconds, as whisper writes them")
    if longer:
        doubts.append(f"rows longer than their headings, whose last cells were added to the words: {longer}")
    if wordless:
        doubts.append(f"left out rows without words: {wordless}")
    return written(pieces, (*warnings, *doubts))


def _are_whole(pieces: Sequence[SpokenWords]) -> bool:
    times = [time for said in pieces for time in (said.started, said.ended) if time is not None]
    return all(time.is_integer() for time in times)


def _in_seconds(said: SpokenWords) -> SpokenWords:
    started, ended = (None if time is None else time / 1000 for time in (said.started, said.ended))
    return replace(said, started=started, ended=ended)


def _said(columns: Columns, cells: Cells, beyond: Sequence[str]) -> SpokenWords:
    """Return what a row says.

    Args:
        columns: Where it holds what.
        cells: The row.
        beyond: Its cells behind the last heading.
    """
    started, ended = (_seconds(_cell(columns, name, cells)) for name in ("start", "end"))
    span = stamp_at(_text(_cell(columns, "span", cells)), 0)
    if span is not None:
        started, ended = span.started, span.ended
    if started is not None and ended is not None:
        ended = max(started, ended)
    speaker = _text(_cell(columns, "speaker" if "speaker" in columns.numbers else "id", cells))
    whole = ", ".join([_text(_cell(columns, "words", cells)), *beyond])
    lines = (" ".join(line.split()) for line in whole.split("\n"))
    words = "\n".join(line for line in lines if line)
    return SpokenWords(tidy(speaker)[:LONGEST] or None, words, started, ended)


def _cell(columns: Columns, name: str, cells: Cells) -> object:
    number = columns.numbers.get(name)
    return cells[number] if number is not None and number < len(cells) else None


def _text(cell: object) -> str:
    """Return a cell as text: no ``.0`` at whole numbers, line breaks as line feeds."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).replace("_x000D_", "\n").replace("\r\n", "\n").replace("\r", "\n").strip()


def _seconds(cell: object) -> float | None:
    """Return seconds from the start: a number of them, ``00:01:02``, or a time as spreadsheets keep it.

    A date with a time is when an answer was given, not a place in a recording.
    """
    if isinstance(cell, timedelta):
        return max(0.0, cell.total_seconds())
    if isinstance(cell, time):
        return (datetime.combine(datetime.min, cell) - datetime.min).total_seconds()
    text = _text(cell)
    number = text.replace(",", ".", 1).removesuffix("s").strip()
    if number.replace(".", "", 1).isdecimal() and number.isascii() and len(number) <= _MOST_DIGITS:
        return float(number)
    return stamp_alone(text)
