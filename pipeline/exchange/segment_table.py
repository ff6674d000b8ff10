"""Tables of coded segments, as analysis software exports them: the words, their codes, mostly no exact place.

The words are looked for in the transcripts of the study; where they stand more than once, the table's own position or
paragraph number decides. What is found nowhere is listed and never guessed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

from corpus.errors import InputError
from corpus.refi import QdaCode
from corpus.transcript import Transcript
from pipeline.exchange.found import FoundCoding, FoundMemo, ImportBundle, ImportRequest, by_people, coder_called
from pipeline.exchange.segment_columns import APPLIED, columns_in, plain, times_of
from pipeline.exchange.segment_search import SegmentSearch
from pipeline.exchange.tables import tables_in
from pipeline.export.passages_sheet import MEMO_HEADINGS
from pipeline.export.qda_project import book_of, name_key
from pipeline.export.safety import without_guard

HEADING_ROWS = 20
"""Rows among which the headings are looked for; titles may stand above them."""
_BETWEEN_CODES, _IN_DEDOOSE = re.compile(r"[\n;]"), re.compile(r"[\n;,]")
_STEPS = re.compile(r"\s*(?:\\|::| > )\s*")
_ROOTS = frozenset({"nodes", "codes", "knoten", "knooppunten", "nœuds", "nodos", "codebook"})


@dataclass(frozen=True)
class SegmentTable:
    """A table whose headings are known.

    Attributes:
        columns: Number of the column that holds each thing.
        applied: Codes by the column that says with True and False whether they were given.
        rows: Below the headings; cells are texts.
        commas: Whether codes in a cell are divided by commas.
    """

    path: Path
    columns: Mapping[str, int]
    applied: Mapping[int, str]
    rows: Sequence[Sequence[str]]
    commas: bool = False

    def at(self, row: Sequence[str], what: str) -> str:
        """Return what a row holds; empty where it holds nothing."""
        number = self.columns.get(what, len(row))
        return without_guard(row[number].strip()).strip() if number < len(row) else ""

    def codes(self, row: Sequence[str]) -> tuple[str, ...]:
        """Return the paths of the codes of a row, steps divided as ATLAS.ti divides them."""
        marks = _IN_DEDOOSE if self.commas else _BETWEEN_CODES
        written = [part.strip() for part in marks.split(self.at(row, "code")) if part.strip()]
        given = [code for number, code in self.applied.items() if number < len(row) and _is_true(row[number])]
        paths = ("::".join(_path(code)) for code in (*written, *given))
        return tuple({name_key(path): self.spellings.setdefault(name_key(path), path) for path in paths}.values())

    @cached_property
    def spellings(self) -> dict[str, str]:
        """How each code is written where the table first has it: neither case nor blanks make another one."""
        return {}

    @cached_property
    def times(self) -> list[datetime | None]:
        """When each row was coded."""
        return times_of(self.at(row, "time") for row in self.rows)


def from_segments(path: Path, request: ImportRequest) -> ImportBundle:
    """Read a table of coded segments.

    Raises:
        InputError: If it has no column of words or none of codes.
    """
    table = segment_table(path, request.columns)
    if table is None:
        raise InputError(
            path, "has no headings that are known; say --columns text=HEADING,code=HEADING,transcript=HEADING"
        )
    noted, transcripts = list(_memos_in(path)), request.transcripts()
    about_codes = {about: "::".join(_path(about)) for about, _, _ in noted if about not in transcripts}
    on_codes = {about: table.spellings.setdefault(name_key(path), path) for about, path in about_codes.items()}
    codes = dict.fromkeys((*(code for row in table.rows for code in table.codes(row)), *on_codes.values()))
    book, ids = book_of(path.stem, tuple(QdaCode(code, code) for code in codes))
    if book is None:
        raise InputError(path, "holds no codings")
    placed = _placed(table, ids, transcripts)
    people, machine = by_people(placed.found)
    memos = tuple(
        FoundMemo(text, coder, transcript=about)
        if about in transcripts
        else FoundMemo(text, coder, code=ids[on_codes[about]])
        for about, coder, text in noted
    )
    told = (*placed.remarks, *machine)
    return ImportBundle(path, path.stem, book=book, found=people, memos=memos, notes=tuple(placed.notes), remarks=told)


@dataclass
class _Segments:
    """The segments of a table: those that were found, those that were not, and what a person should know."""

    found: list[FoundCoding] = field(default_factory=list)
    notes: list[dict[str, str]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def _placed(table: SegmentTable, ids: Mapping[str, str], transcripts: Mapping[str, Transcript]) -> _Segments:
    """Look for each segment of a table.

    Args:
        table: Its headings are known.
        ids: Of codes by their paths.
        transcripts: Of the study, by name.
    """
    search, problems, segments = SegmentSearch(transcripts), Counter[str](), _Segments()
    for row, time in zip(table.rows, table.times, strict=True):
        words, named, codes = table.at(row, "text"), table.at(row, "transcript"), table.codes(row)
        if not words or not codes:
            continue
        transcript, span, problem = search.place(named, words, table.at(row, "start"))
        coder, memo = coder_called(table.at(row, "coder")), table.at(row, "comment")
        if transcript is not None and span is not None:
            name, exact = transcript.name, span.of(transcript.text)
            segments.found += [FoundCoding(name, span, ids[code], coder, exact, memo, time) for code in codes]
            continue
        problems[problem] += 1
        about = {"transcript": named, "code": "; ".join(codes), "coder": coder}
        segments.notes.append({"kind": "segment", **about, "text": words})
    segments.remarks += [f"{count} segments left out: {problem}" for problem, count in problems.items()]
    if search.shortened:
        segments.remarks.append(
            f"{search.shortened} segments are shortened in the table; as much as it quotes is coded"
        )
    return segments


def _memos_in(path: Path) -> Iterator[tuple[str, str, str]]:
    """Yield what each memo of our own workbook is on, its coder and its text."""
    for rows in tables_in(path) if path.suffix.lower() == ".xlsx" else ():
        if rows and tuple(rows[0][: len(MEMO_HEADINGS)]) == MEMO_HEADINGS:
            for row in rows[1:]:
                about, coder, _, text = map(without_guard, row[: len(MEMO_HEADINGS)])
                if about and text.strip():
                    yield about, coder_called(coder), text


def segment_table(path: Path, named: Mapping[str, str]) -> SegmentTable | None:
    """Return the first table of a file that has headings for words and codes, None if there is none.

    Args:
        path: A ``.csv``, ``.tsv`` or ``.xlsx`` file.
        named: Headings by what they hold, as somebody said.

    Raises:
        InputError: If the file cannot be read or a heading that was named is not there.
    """
    for rows in tables_in(path):
        for number, row in enumerate(rows[:HEADING_ROWS]):
            columns = columns_in(row, named)
            applied = {n: str(cell) for n, cell in enumerate(row) if APPLIED.fullmatch(plain(cell))}
            if "text" in columns and ("code" in columns or applied):
                _check_named(path, named, columns)
                names = {n: re.sub(r"(?i)^\s*code:?\s*|\s*applied\s*$", "", cell) for n, cell in applied.items()}
                commas = "code" in columns and plain(row[columns["code"]]).startswith("codes applied")
                return SegmentTable(path, columns, names, rows[number + 1 :], commas)
    _check_named(path, named, {})
    return None


def _check_named(path: Path, named: Mapping[str, str], columns: Mapping[str, int]) -> None:
    lacking = [what for what in named if what not in columns]
    if lacking:
        raise InputError(path, f"has no column headed as --columns says for {', '.join(lacking)}")


def _is_true(cell: str) -> bool:
    return cell.strip().casefold() in {"true", "1", "yes", "x", "wahr", "vrai", "verdadero", "waar"}


def _path(code: str) -> list[str]:
    steps = [step for step in _STEPS.split(code) if step]
    return steps[1:] if len(steps) > 1 and steps[0].casefold() in _ROOTS else steps or [code]
