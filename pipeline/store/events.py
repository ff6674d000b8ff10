"""Marks in the store: memos, blind and finished versions, audited sentences. Appended like decisions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from corpus.transcript import Span
from pipeline.store import transcripts as transcript_rows
from pipeline.store.database import BATCH, insert_row
from pipeline.store.event_records import Event, EventKind, NewEvent
from pipeline.store.schema import marks


def append(connection: Connection, draft: NewEvent) -> Event:
    """Write one mark behind all others."""
    if draft.version is not None:
        transcript_rows.check_span(connection, draft.version, draft.span)
    time = datetime.now(UTC)
    new = insert_row(connection, marks, {**_values(draft), "time": time})
    return Event(new, time, draft.coder, draft.kind, draft.version, draft.span, draft.code, draft.text)


def stream(connection: Connection, *, version: int | None, coder: str | None, after: int = 0) -> Iterator[Event]:
    """Yield marks in the order they were made, from the one behind ``after``."""
    query = select(marks).where(marks.c.id > after).order_by(marks.c.id).execution_options(yield_per=BATCH)
    if version is not None:
        query = query.where(marks.c.version == version)
    if coder is not None:
        query = query.where(marks.c.coder == coder)
    with connection.execute(query) as rows:
        yield from map(_mark, rows)


def _values(draft: NewEvent) -> dict[str, Any]:
    return {
        "coder": draft.coder,
        "version": draft.version,
        "kind": draft.kind,
        "start": draft.span and draft.span.start,
        "end": draft.span and draft.span.end,
        "code": draft.code,
        "text": draft.text,
    }


def _mark(row: Row[Any]) -> Event:
    span = None if row.start is None else Span(row.start, row.end)
    return Event(row.id, row.time, row.coder, EventKind(row.kind), row.version, span, row.code, row.text)
