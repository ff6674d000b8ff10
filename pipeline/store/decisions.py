"""The decision log in the store: written at its end, read from its start, nothing else."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from corpus.errors import UsageError
from corpus.transcript import Span
from pipeline.store import runs
from pipeline.store import transcripts as transcript_rows
from pipeline.store.database import BATCH, insert_row
from pipeline.store.fold import in_force
from pipeline.store.records import Action, Decision, NewDecision
from pipeline.store.schema import decisions


def append(connection: Connection, draft: NewDecision) -> Decision:
    """Write one decision at the end of the log, with the suggestion's span and code where it names none.

    What was written under the same key before is returned and not written again.
    """
    known = None if draft.key is None else keyed(connection, [draft.key]).get(draft.key)
    if known is not None:
        return _own(known, draft.coder)
    complete = _completed(connection, draft)
    transcript_rows.check_span(connection, complete.version, complete.span)
    if draft.previous is not None:
        _check_previous(draft, one(connection, draft.previous))
    time = datetime.now(UTC)
    new = insert_row(connection, decisions, {**_values(complete), "time": time})
    return Decision(id=new, time=time, **_fields(complete))


def undo(connection: Connection, decision: int, coder: str) -> Decision:
    """Append an entry that takes a decision back; taking back an undo brings the decision back."""
    target = one(connection, decision)
    log = list(stream(connection, version=target.version, coder=target.coder))
    if target not in in_force(log):
        raise UsageError(f"decision {decision} is undone already")
    draft = NewDecision(coder, target.version, Action.UNDO, previous=decision, blind=target.blind)
    return append(connection, draft)


def one(connection: Connection, decision: int) -> Decision:
    """Return one entry of the log."""
    row = connection.execute(select(decisions).where(decisions.c.id == decision)).one_or_none()
    if row is None:
        raise UsageError(f"the study has no decision {decision}")
    return _decision(row)


def last(connection: Connection) -> int:
    """Return the id of the newest entry of the log, 0 for an empty one."""
    return connection.scalar(select(func.max(decisions.c.id))) or 0


def keyed(connection: Connection, keys: Collection[str]) -> dict[str, Decision]:
    """Return what was written under these keys."""
    rows = connection.execute(select(decisions).where(decisions.c.key.in_(keys)))
    return {row.key: _decision(row) for row in rows}


def in_one_go(connection: Connection, key: str, separator: str) -> list[Decision]:
    """Return what was written under a key or under numbers of it, in order."""
    if not keyed(connection, [key, f"{key}{separator}0"]):  # by the index; what follows looks at every entry
        return []
    same = (decisions.c.key == key) | decisions.c.key.startswith(key + separator, autoescape=True)
    return [_decision(row) for row in connection.execute(select(decisions).where(same).order_by(decisions.c.id))]


def stream(connection: Connection, *, version: int | None, coder: str | None, after: int = 0) -> Iterator[Decision]:
    """Yield the log in order, from the entry behind ``after``."""
    query = select(decisions).where(decisions.c.id > after).order_by(decisions.c.id)
    query = query.execution_options(yield_per=BATCH)
    if version is not None:
        query = query.where(decisions.c.version == version)
    if coder is not None:
        query = query.where(decisions.c.coder == coder)
    with connection.execute(query) as rows:
        yield from map(_decision, rows)


def _own(known: Decision, coder: str) -> Decision:
    if coder not in {known.coder, known.recorder}:
        raise UsageError("the key of this decision is taken; make a new one")
    return known


def _completed(connection: Connection, draft: NewDecision) -> NewDecision:
    """Copy what was suggested into the decision, so that the log says everything by itself."""
    if draft.suggestion is None:
        return draft
    proposed = runs.candidate(connection, draft.suggestion)
    if proposed.version != draft.version:
        place = f"transcript version {proposed.version}, not {draft.version}"
        raise UsageError(f"suggestion {proposed.id} belongs to {place}")
    span = draft.span or Span(proposed.start, proposed.end)
    return replace(draft, span=span, code=draft.code or proposed.code)


def _check_previous(draft: NewDecision, previous: Decision) -> None:
    """Hold coders apart: what one decided only that coder can change."""
    if previous.coder != draft.coder:
        raise UsageError(f"decision {previous.id} was made by another coder; only that coder can change it")
    if previous.version != draft.version:
        raise UsageError(f"decision {previous.id} belongs to another transcript version")


def _fields(draft: NewDecision) -> dict[str, Any]:
    return {**asdict(draft), "span": draft.span}


def _values(draft: NewDecision) -> dict[str, Any]:
    values = _fields(draft)
    span = values.pop("span")
    return {**values, "start": span and span.start, "end": span and span.end}


def _decision(row: Row[Any]) -> Decision:
    # By place, because a page that opens reads the whole log.
    new, time, coder, version, action, suggestion, start, end, code, *rest = row
    span = None if start is None else Span(start, end)
    return Decision(new, time, coder, version, Action(action), suggestion, span, code, *rest)
