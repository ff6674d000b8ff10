"""Tables of coded segments, as analysis software exports them: the words, their codes, mostly no exact place.

The words are looked for in the transcripts of the study; where they stand more than once, the table's own position or
paragraph number decides. What is found nowhere is listed and never guessed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from corpus.codings import NOWHERE, REPEATED, QuoteFinder, Selector, named_transcript
from corpus.errors import InputError
from corpus.refi import QdaCode
from corpus.transcript import Span, Transcript
from pipeline.exchange.found import FoundCoding, FoundMemo, ImportBundle, ImportRequest, by_people, coder_called
from pipeline.exchange.segment_columns import APPLIED, columns_in, plain, times_of
from pipeline.exchange.tables import tables_in
from pipeline.export.passages_sheet import MEMO_HEADINGS
from pipeline.export.qda_project import book_of
from pipeline.export.safety import FORMULA

HEADING_ROWS = 20
"""Rows among which the headings are looked for; titles may stand above them."""
NEAR = 3
"""Characters by which a table's position may miss the words."""
ABSENT = "its document is not in the study"
_BETWEEN_CODES = re.compile(r"[\n;]")
_STEPS = re.compile(r"\s*(?:\\|::| > )\s*")
_ROOTS = frozenset({"nodes", "codes", "knoten", "knooppunten", "nœuds", "nodos", "codebook"})
_FORMULA = re.compile(f"'(?={FORMULA.pattern})")


@dataclass(frozen=True)
class SegmentTable:
    """A table whose headings are known.

    Attributes:
        columns: Number of the column that holds each thing.
        applied: Codes by the column that says with True and False whether they were given.
        rows: Below the headings; cells are texts.
    """

    path: Path
    columns: Mapping[str, int]
    applied: Mapping[int, str]
    rows: Sequence[Sequence[str]]

    def at(self, row: Sequence[str], what: str) -> str:
        """Return what a row holds; empty where it holds nothing."""
        number = self.columns.get(what, len(row))
        return _FORMULA.sub("", row[number].strip(), count=1).strip() if number < len(row) else ""

    def codes(self, row: Sequence[str]) -> tuple[str, ...]:
        """Return the paths of the codes of a row, steps divided as ATLAS.ti divides them."""
        written = [part.strip() for part in _BETWEEN_CODES.split(self.at(row, "code")) if part.strip()]
        given = [code for number, code in self.applied.items() if number < len(row) and _is_true(row[number])]
        return tuple(dict.fromkeys("::".join(_path(code)) for code in (*written, *given)))

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
    noted = list(_memos_in(path))
    transcripts = request.transcripts()
    on_codes = ("::".join(_path(about)) for about, _, _ in noted if about not in transcripts)
    codes = dict.fromkeys((*(code for row in table.rows for code in table.codes(row)), *on_codes))
    book, ids = book_of(path.stem, tuple(QdaCode(code, code) for code in codes))
    if book is None:
        raise InputError(path, "holds no codings")
    search = _Search(transcripts)
    found, notes, problems = [], [], Counter[str]()
    for row, time in zip(table.rows, table.times, strict=True):
        words, named = table.at(row, "text"), table.at(row, "transcript")
        if not words or not table.codes(row):
            continue
        transcript, span, problem = search.place(named, words, table.at(row, "start"))
        coder, memo = coder_called(table.at(row, "coder")), table.at(row, "comment")
        if transcript is not None and span is not None:
            exact = span.of(transcript.text)
            given = (ids[code] for code in table.codes(row))
            found += [FoundCoding(transcript.name, span, code, coder, exact, memo, time) for code in given]
            continue
        problems[problem] += 1
        codes_text = "; ".join(table.codes(row))
        notes.append({"kind": "segment", "transcript": named, "code": codes_text, "coder": coder, "text": words})
    people, machine = by_people(found)
    remarks = (f"{count} segments left out: {problem}" for problem, count in problems.items())
    memos = tuple(
        FoundMemo(text, coder, transcript=about)
        if about in transcripts
        else FoundMemo(text, coder, code=ids["::".join(_path(about))])
        for about, coder, text in noted
    )
    told = (*remarks, *machine)
    return ImportBundle(path, path.stem, book=book, found=people, memos=memos, notes=tuple(notes), remarks=told)


def _memos_in(path: Path) -> Iterator[tuple[str, str, str]]:
    """Yield what each memo of our own workbook is on, its coder and its text."""
    for rows in tables_in(path) if path.suffix.lower() == ".xlsx" else ():
        if rows and tuple(rows[0][: len(MEMO_HEADINGS)]) == MEMO_HEADINGS:
            for row in rows[1:]:
                about, coder, _, text = (_FORMULA.sub("", cell, count=1) for cell in row[: len(MEMO_HEADINGS)])
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
                return SegmentTable(path, columns, names, rows[number + 1 :])
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


class _Search:
    """Looks for words in the transcripts of a study.

    Args:
        transcripts: By name.
    """

    def __init__(self, transcripts: Mapping[str, Transcript]) -> None:
        self._transcripts = transcripts
        self._finders: dict[str, QuoteFinder] = {}

    def place(self, named: str, words: str, position: str) -> tuple[Transcript | None, Span | None, str]:
        """Return the transcript and the span of words, or what keeps them from being found.

        Args:
            named: The transcript as the table names it; where it names none, all are searched.
            words: Those that were coded.
            position: Where the table says they begin: a character, or a paragraph counted from one.
        """
        asked = named_transcript(named, self._transcripts) if named else None
        if named and asked is None:
            return None, None, ABSENT
        number = re.match(r"\s*(\d+)", position)
        if asked and number and (span := _exactly_at(asked.text, words, int(number[1]))):
            return asked, span, ""
        hits = [
            (transcript, span)
            for transcript in ((asked,) if asked else self._transcripts.values())
            for span in self._finder(transcript).find(Selector(words))
        ]
        if len(hits) > 1 and number:
            hits = [hit for hit in hits if _is_at(*hit, int(number[1]))] or hits
        if len(hits) == 1:
            return *hits[0], ""
        return None, None, REPEATED if hits else NOWHERE

    def _finder(self, transcript: Transcript) -> QuoteFinder:
        if transcript.name not in self._finders:
            self._finders[transcript.name] = QuoteFinder(transcript)
        return self._finders[transcript.name]


def _exactly_at(text: str, words: str, place: int) -> Span | None:
    """Return the span of words of several characters that begin at a place, or behind the white space there."""
    start = place + len(text[place:]) - len(text[place:].lstrip())
    return Span(start, start + len(words)) if len(words) > NEAR and text.startswith(words, start) else None


def _is_at(transcript: Transcript, span: Span, number: int) -> bool:
    """Tell whether a span begins at a character, or in a paragraph counted with or without the empty ones."""
    before = transcript.text[: span.start]
    paragraphs = {before.count("\n") + 1, sum(1 for line in before.split("\n")[:-1] if line.strip()) + 1}
    return abs(span.start - number) <= NEAR or number in paragraphs
