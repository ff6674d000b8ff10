"""Codings of earlier texts that found no place in the current ones, as a table, so that no export loses them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.files import replace_file
from pipeline.carry import not_placed
from pipeline.export.flat import safe_cell

if TYPE_CHECKING:
    from pipeline.export.gather import ExportRequest
    from pipeline.session import StudySession

NAME = "not_placed.csv"
COLUMNS = ("transcript", "coder", "code", "words", "memo", "why")
WHY = "its words are not in the transcript's current text"


def write_not_placed(path: Path, rows: Iterable[dict[str, str]]) -> None:
    """Write the table, as CSV that Excel opens as UTF-8.

    Raises:
        UsageError: If the file cannot be written.
    """
    with replace_file(path) as draft, draft.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows({name: safe_cell(cell) for name, cell in row.items()} for row in rows)


def not_placed_rows(session: StudySession, request: ExportRequest) -> Iterator[dict[str, str]]:
    """Yield a row for each coding that waits for a place, of the coder and the participants that are asked for."""
    people = session.study.participants()
    for found in not_placed(session.store):
        decision, name = found.current.decision, found.version.name
        wanted = request.filter.coder in {None, decision.coder} and request.filter.is_about(name, people.of(name))
        if wanted and decision.span is not None:
            words = decision.span.of(session.store.transcripts.get(decision.version).text)
            yield {
                "transcript": name,
                "coder": decision.coder,
                "code": decision.code or "",
                "words": words,
                "memo": found.current.memo,
                "why": WHY,
            }
