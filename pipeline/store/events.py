"""Events in the store (table ``marks``): memos, blind and finished versions, audited sentences. Only appended."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from corpus.transcript import Span
from pipeline.store.coder_names import CoderNames
from pipeline.store.database import BATCH, Database, insert_row
from pipeline.store.event_records import Event, EventKind, NewEvent
from pipeline.store.schema import marks
from pipeline.store.transcripts import check_span


class EventStore:
    """What coders noted beside their decisions.

    Args:
        database: Where it is.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._names = CoderNames()

    def coder_names(self) -> Mapping[str, str]:
        """Return the name of today by each name that a coder had before."""
        with self._database.reading() as connection:
            return self._names.now(connection)

    def add(self, draft: NewEvent, time: datetime | None = None) -> Event:
        """Append one event.

        Args:
            draft: The event.
            time: When it was noted, where that is not now: what comes from a copy of the study keeps its time.

        Raises:
            UsageError: If it names a version or span that is not there.
        """
        with self._database.writing() as connection:
            return _append(connection, draft, time)

    def add_from(self, kind: EventKind, drafts_of: Callable[[list[Event]], Iterable[NewEvent]]) -> list[Event]:
        """Append events that rest on those of a kind, and return them; nobody writes to the study meanwhile.

        Args:
            kind: Which events are looked at.
            drafts_of: Makes the new ones of them, or refuses; files too, by one process at a time.
        """
        with self._database.writing() as connection:
            rows = connection.execute(select(marks).where(marks.c.kind == kind).order_by(marks.c.id))
            names = self._names.now(connection)
            return [_append(connection, draft) for draft in drafts_of([_event(row, names) for row in rows])]

    def of_kind(self, kind: EventKind) -> list[Event]:
        """Return all events of a kind in the order they were noted."""
        query = select(marks).where(marks.c.kind == kind).order_by(marks.c.id)
        with self._database.reading() as connection:
            names = self._names.now(connection)
            return [_event(row, names) for row in connection.execute(query)]

    def stream(self, *, version: int | None = None, coder: str | None = None, after: int = 0) -> Iterator[Event]:
        """Yield events in the order they were noted; the last one per coder and subject holds.

        Args:
            version: Only those about this transcript version.
            coder: Only this coder's.
            after: Only those behind the event of this id.
        """
        query = select(marks).where(marks.c.id > after).order_by(marks.c.id).execution_options(yield_per=BATCH)
        if version is not None:
            query = query.where(marks.c.version == version)
        with self._database.reading() as connection:
            if coder is not None:
                query = query.where(marks.c.coder.in_(self._names.before(connection, coder)))
            names = self._names.now(connection)
            with connection.execute(query) as rows:
                yield from (_event(row, names) for row in rows)


def _append(connection: Connection, draft: NewEvent, time: datetime | None = None) -> Event:
    time = time or datetime.now(UTC)
    if draft.version is not None:
        check_span(connection, draft.version, draft.span)
    new = insert_row(connection, marks, {**_values(draft), "time": time})
    return Event(new, time, draft.coder, draft.kind, draft.version, draft.span, draft.code, draft.text)


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


def _event(row: Row[Any], names: Mapping[str, str]) -> Event:
    """Return an event as of today's name of its coder; a renaming is of the name it is about."""
    span, kind = None if row.start is None else Span(row.start, row.end), EventKind(row.kind)
    coder = row.coder if kind is EventKind.RENAMED else names.get(row.coder, row.coder)
    return Event(row.id, row.time, coder, kind, row.version, span, row.code, row.text)
