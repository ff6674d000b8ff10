"""The decision log in the store: written at its end, read from its start, nothing else."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime
from sys import intern
from typing import Any

from sqlalchemy import Connection, Row, func, select

from corpus.errors import UsageError
from corpus.transcript import Span
from pipeline.store.coder_names import CoderNames
from pipeline.store.database import BATCH, Database, insert_row
from pipeline.store.fold import fold, in_force
from pipeline.store.records import Action, CurrentDecision, Decision, NewDecision
from pipeline.store.schema import decisions
from pipeline.store.suggestions import candidate
from pipeline.store.transcripts import check_span

COLUMNS = tuple(column.name for column in decisions.c)


class DecisionStore:
    """The decision log of a study.

    Args:
        database: Where it is.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._names = CoderNames()

    def add(self, *drafts: NewDecision) -> list[Decision]:
        """Append decisions to the log, all or none, and return them as written.

        A draft whose key is in the log already is answered with what was written then.

        Raises:
            UsageError: If one names a suggestion, version, span or earlier decision that it cannot be about, or
                another coder's key.
        """
        with self._database.writing() as connection:
            names = self._names.now(connection)
            return [_append(connection, draft, names) for draft in drafts]

    def add_after(self, last: int, *drafts: NewDecision) -> list[Decision] | None:
        """Append decisions like ``add`` if ``last`` is still the end of the log; else write nothing, return None.

        Whoever decides on the grounds of what the log says learns so that it says more by now.
        """
        with self._database.writing() as connection:
            end = connection.scalar(select(func.max(decisions.c.id))) or 0
            names = self._names.now(connection)
            return [_append(connection, draft, names) for draft in drafts] if end == last else None

    def undo(self, decision: int, *, coder: str) -> Decision:
        """Take back one of the coder's decisions, at any depth; undoing an undo brings the decision back.

        Raises:
            UsageError: If it is not there, another coder's, or undone already.
        """
        with self._database.writing() as connection:
            names = self._names.now(connection)
            target = _get(connection, decision, names)
            if target not in in_force(list(self._stream(connection, version=target.version, coder=target.coder))):
                raise UsageError(f"decision {decision} is undone already")
            draft = NewDecision(coder, target.version, Action.UNDO, previous=decision, blind=target.blind)
            return _append(connection, draft, names)

    def by_key(self, keys: Collection[str]) -> dict[str, Decision]:
        """Return the decisions that were written under these keys, whoever made them."""
        with self._database.reading() as connection:
            return _by_key(connection, keys, self._names.now(connection))

    def of_request(self, key: str, separator: str) -> list[Decision]:
        """Return what was written under a key, or under the key, the separator and a number, in order."""
        same = (decisions.c.key == key) | decisions.c.key.startswith(key + separator, autoescape=True)
        with self._database.reading() as connection:
            names = self._names.now(connection)
            if not _by_key(connection, [key, f"{key}{separator}0"], names):  # by the index; the query looks at all
                return []
            rows = connection.execute(select(decisions).where(same).order_by(decisions.c.id))
            return [_decision(row, names) for row in rows]

    def codes(self) -> frozenset[str]:
        """Return the ids of codes that any entry of the log names."""
        with self._database.reading() as connection:
            return frozenset(
                connection.scalars(select(decisions.c.code).where(decisions.c.code.is_not(None)).distinct())
            )

    def stream(self, *, version: int | None = None, coder: str | None = None, after: int = 0) -> Iterator[Decision]:
        """Yield the log in order. A blind coder's page asks for that coder's only.

        Args:
            version: Only decisions on this transcript version.
            coder: Only this coder's.
            after: Only entries behind the one of this id.
        """
        with self._database.reading() as connection:
            yield from self._stream(connection, version=version, coder=coder, after=after)

    def versions(self) -> frozenset[int]:
        """Return the transcript versions that anybody decided anything on."""
        with self._database.reading() as connection:
            return frozenset(connection.scalars(select(decisions.c.version).distinct()))

    def current(self, *, version: int | None = None, coder: str | None = None) -> list[CurrentDecision]:
        """Return where coders stand on every suggestion and passage they decided on."""
        return fold(list(self.stream(version=version, coder=coder)))

    def codings(self, *, version: int | None = None, coder: str | None = None) -> list[CurrentDecision]:
        """Return the current decisions that are codings."""
        return [current for current in self.current(version=version, coder=coder) if current.coded]

    def _stream(
        self, connection: Connection, *, version: int | None, coder: str | None, after: int = 0
    ) -> Iterator[Decision]:
        query = select(decisions).where(decisions.c.id > after).order_by(decisions.c.id)
        query = query.execution_options(yield_per=BATCH)
        if version is not None:
            query = query.where(decisions.c.version == version)
        if coder is not None:
            query = query.where(decisions.c.coder.in_(self._names.before(connection, coder)))
        names = self._names.now(connection)
        with connection.execute(query) as rows:
            yield from (_decision(row, names) for row in rows)


def _append(connection: Connection, draft: NewDecision, names: Mapping[str, str]) -> Decision:
    """Write one decision at the end of the log, with the suggestion's span and code where it names none."""
    known = None if draft.key is None else _by_key(connection, [draft.key], names).get(draft.key)
    if known is not None:
        if draft.coder not in {known.coder, known.recorder}:
            raise UsageError("the key of this decision is taken; make a new one")
        return known
    complete = _completed(connection, draft)
    check_span(connection, complete.version, complete.span)
    if draft.previous is not None:
        _check_previous(draft, _get(connection, draft.previous, names))
    time, span = complete.time or datetime.now(UTC), complete.span
    values = {field.name: getattr(complete, field.name) for field in fields(complete)} | {"time": time}
    place = {"start": span and span.start, "end": span and span.end}
    stored = {name: value for name, value in values.items() if name != "span"}
    new = insert_row(connection, decisions, {**stored, **place})
    return Decision(**values, id=new)


def _get(connection: Connection, decision: int, names: Mapping[str, str]) -> Decision:
    row = connection.execute(select(decisions).where(decisions.c.id == decision)).one_or_none()
    if row is None:
        raise UsageError(f"the study has no decision {decision}")
    return _decision(row, names)


def _by_key(connection: Connection, keys: Collection[str], names: Mapping[str, str]) -> dict[str, Decision]:
    rows = connection.execute(select(decisions).where(decisions.c.key.in_(keys)))
    return {row.key: _decision(row, names) for row in rows}


def _completed(connection: Connection, draft: NewDecision) -> NewDecision:
    """Copy what was suggested into the decision, so that the log says everything by itself."""
    if draft.suggestion is None:
        return draft
    proposed = candidate(connection, draft.suggestion)
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


def _decision(row: Row[Any], names: Mapping[str, str]) -> Decision:
    values = dict(zip(COLUMNS, row, strict=True))  # what row._asdict() does, but many times faster: logs are long
    start, end, code = values.pop("start"), values.pop("end"), values["code"]
    values["span"] = None if start is None else Span(start, end)
    values["action"] = Action(values["action"])
    coder, recorder = (names.get(values[by], values[by]) for by in ("coder", "recorder"))
    values["coder"], values["code"] = intern(coder), code and intern(code)  # a long log repeats them
    values["recorder"] = recorder
    return Decision(**values)
