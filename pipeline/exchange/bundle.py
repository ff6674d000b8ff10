"""Reads what a file from another tool brings: one reader for each kind, by suffix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from corpus.codings import load_codings
from corpus.errors import InputError
from corpus.rows import read_rows
from pipeline.exchange.annotations import from_doccano, from_label_studio
from pipeline.exchange.cas_xmi import from_cas
from pipeline.exchange.codebook_table import from_codebook_table
from pipeline.exchange.comment_bundle import from_comments
from pipeline.exchange.found import (
    SOMEBODY,
    FoundCoding,
    ImportBundle,
    ImportRequest,
    bare_book,
    by_people,
    coder_called,
    time_called,
)
from pipeline.exchange.highlights import COLUMNS as HIGHLIGHT_COLUMNS
from pipeline.exchange.highlights import highlights_in
from pipeline.exchange.project_bundle import from_codebook, from_project
from pipeline.exchange.qualcoder import from_qualcoder
from pipeline.exchange.segment_table import from_segments, segment_table
from pipeline.exchange.tables import tables_in
from pipeline.exchange.taguette_database import from_taguette


def read_bundle(path: Path, request: ImportRequest | None = None) -> ImportBundle:
    """Read what a file brings.

    Args:
        path: A file whose suffix is one of ``KINDS``.
        request: What is known of the study that is to take it in.

    Raises:
        InputError: If the file cannot be used.
    """
    suffix = path.suffix.lower()
    kind = KINDS.get(suffix)
    closed = next((tool for ending, tool in CLOSED.items() if suffix.startswith(ending)), None)
    if kind is None and closed is not None:
        raise InputError(path, f"is a project that only {closed} can open; export it there as REFI-QDA (.qdpx)")
    if suffix in ELSEWHERE:
        raise InputError(path, ELSEWHERE[suffix])
    if kind is None:
        raise InputError(path, f"has a suffix that cannot be imported; these can: {', '.join(KINDS)}")
    return kind(path, request or ImportRequest())


OWN_COLUMNS = frozenset({"transcript", "code"})
"""Of our files of codings, beside ``exact`` or ``start``."""


def _from_table(path: Path, request: ImportRequest) -> ImportBundle:
    """Read a table: codings or highlights in a form of their own, segments by their headings, else a codebook."""
    rows: list[list[str]] = next(iter(tables_in(path)), [])
    headings = {cell.strip() for row in rows[:1] for cell in row}
    csv = path.suffix.lower() == ".csv" and not request.columns
    if csv and headings >= OWN_COLUMNS and headings & {"exact", "start"}:
        return _from_codings(path, request)
    if csv and headings.issuperset(HIGHLIGHT_COLUMNS):
        return _from_highlights(path, request)
    if request.columns or segment_table(path, {}) is not None:
        return from_segments(path, request)
    return from_codebook_table(path, request)


def _from_lines(path: Path, request: ImportRequest) -> ImportBundle:
    """Read JSONL: ours says where a coding is, doccano's holds texts with labels."""
    first = next(iter(read_rows(path)), None)
    texts = first is not None and "text" in first.data and bool({"label", "labels", "entities"} & first.data.keys())
    return from_doccano(path, request) if texts else _from_codings(path, request)


def _from_codings(path: Path, request: ImportRequest) -> ImportBundle:
    known = request.transcripts()
    book = bare_book(path.stem, (row.text("code") for row in read_rows(path)))
    if book is None:
        raise InputError(path, "holds no codings")
    codings = load_codings(path, known, book)
    rows = read_rows(path)  # a coding is a row, in the same order
    people, remarks = by_people(
        FoundCoding(
            coding.transcript,
            coding.span,
            coding.code,
            coder_called(coding.coder),
            coding.span.of(known[coding.transcript].text),
            row.optional("memo") or "",
            time_called(row.optional("time") or ""),
        )
        for coding, row in zip(codings, rows, strict=True)
    )
    return ImportBundle(path, path.stem, book=book, found=people, remarks=remarks)


def _from_highlights(path: Path, request: ImportRequest) -> ImportBundle:
    highlights = highlights_in(read_rows(path), request.transcripts())
    found = tuple(FoundCoding(h.transcript, h.span, h.tag, SOMEBODY, h.words) for h in highlights if h.span is not None)
    lost = [highlight for highlight in highlights if highlight.span is None]
    notes = ({"kind": "highlight", "transcript": h.transcript, "code": h.tag, "text": h.words} for h in lost)
    problems = Counter(highlight.problem for highlight in lost)
    remarks = tuple(f"{count} highlights left out: {problem}" for problem, count in problems.items())
    book = bare_book(path.stem, (highlight.tag for highlight in highlights))
    return ImportBundle(path, path.stem, book=book, found=found, notes=tuple(notes), remarks=remarks)


KINDS: Mapping[str, Callable[[Path, ImportRequest], ImportBundle]] = MappingProxyType(
    {
        ".qdpx": from_project,
        ".qde": from_project,
        ".qdc": from_codebook,
        ".docx": from_comments,
        ".jsonl": _from_lines,
        ".csv": _from_table,
        ".tsv": _from_table,
        ".xlsx": _from_table,
        ".json": from_label_studio,
        ".xmi": from_cas,
        ".qda": from_qualcoder,
        ".sqlite3": from_taguette,
        ".sqlite": from_taguette,
    }
)
"""What can be imported, by suffix."""

CLOSED: Mapping[str, str] = MappingProxyType(
    {
        ".nvp": "NVivo (Share > Export Project > REFI-QDA Project)",
        ".mx": "MAXQDA (Home > Export > Project for other QDA software)",
        ".mex": "MAXQDA (Home > Export > Project for other QDA software)",
        ".atlproj": "ATLAS.ti (File > Export > QDPX Project)",
        ".atlcb": "ATLAS.ti (Codes > Export > REFI-QDA codebook)",
    }
)
"""Tools whose own files nobody else can read, by how the suffix begins, and where they export."""

ELSEWHERE: Mapping[str, str] = MappingProxyType(
    {
        ".requal": "is a project of Requal; download its coded segments there as a table (.csv) and import that with "
        "--columns text=HEADING,code=HEADING,transcript=HEADING",
    }
)
"""What to import in place of a file, by its suffix."""
