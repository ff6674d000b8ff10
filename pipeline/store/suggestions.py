"""Suggestions in the store: what runs left, and what coders may be asked about."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from corpus.errors import UsageError
from corpus.suggestion import Evidence, Suggestion
from corpus.transcript import Span
from pipeline.store.database import BATCH, Database, insert_rows
from pipeline.store.records import OutcomeState, StoredCandidate, StoredSuggestion
from pipeline.store.schema import decisions, outcomes, runs, suggestions, transcripts

MOST_NAMED = 10_000
"""Ids in one query; SQLite takes 32,766 values, PostgreSQL 65,535. With more, all rows are looked at."""


class SuggestionStore:
    """The suggestions of a study. What was replaced and nobody decided on is gone.

    Args:
        database: Where they are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def stream(self, *, version: int | None = None, run: int | None = None) -> Iterator[StoredSuggestion]:
        """Yield suggestions by transcript name and position, a consistent view in flat memory.

        Args:
            version: Only this version's; by default those of every current version.
            run: What this run made and no later one replaced; by default what the newest run of each version made,
                and what earlier ones made that somebody decided on.
        """
        query = _stored()
        if run is not None:
            query = query.where(suggestions.c.outcome.in_(newest().where(outcomes.c.run == run)))
        if version is not None:
            query = query.where(outcomes.c.version == version)
        elif run is None:
            query = query.where(transcripts.c.superseded.is_(None))
        ordered = query.order_by(
            transcripts.c.name, outcomes.c.version, suggestions.c.start, suggestions.c.end, suggestions.c.id
        ).execution_options(yield_per=BATCH)
        with self._database.reading() as connection, connection.execute(ordered) as rows:
            yield from map(_stored_suggestion, rows)

    def get(self, suggestion: int) -> StoredSuggestion:
        """Return one suggestion, listed or kept for its decisions.

        Raises:
            UsageError: If a newer run took its place.
        """
        found = self.by_id([suggestion])
        if not found:
            raise _replaced(suggestion)
        return found[suggestion]

    def by_id(self, wanted: Collection[int]) -> dict[int, StoredSuggestion]:
        """Return those of the wanted suggestions that no newer run replaced."""
        with self._database.reading() as connection:
            rows = connection.execute(_stored().where(suggestions.c.id.in_(wanted)))
            return {row.id: _stored_suggestion(row) for row in rows}

    def candidates(
        self, *codebooks: str, codes: Collection[str] | None = None, versions: Collection[int] | None = None
    ) -> Iterator[StoredCandidate]:
        """Yield what coders may be asked about, by id, without what only shows when they are asked (no JSON is read).

        That is what the newest run of each current version made with one of some codebooks, and whatever of current
        versions somebody decided on.

        Args:
            codebooks: Digests of the codebooks.
            codes: Only these codes of what nobody decided on; all by default.
            versions: Only these transcript versions; all by default.
        """
        decided = select(decisions.c.id).where(decisions.c.suggestion == suggestions.c.id).exists()
        current = outcomes.c.id.in_(newest()) & runs.c.codebook.in_(codebooks)
        if codes is not None:
            current &= suggestions.c.code.in_(codes)
        query = (
            _lean()
            .join(runs, runs.c.id == outcomes.c.run)
            .join(transcripts, transcripts.c.id == outcomes.c.version)
            .where(transcripts.c.superseded.is_(None), current | decided)
            .order_by(suggestions.c.id)
            .execution_options(yield_per=BATCH)
        )
        named = versions is not None and len(versions) <= MOST_NAMED
        if versions is not None and named:
            query = query.where(outcomes.c.version.in_(versions))
        with self._database.reading() as connection, connection.execute(query) as rows:
            for row in rows:
                if versions is None or named or row.version in versions:
                    yield StoredCandidate(*row)


def candidate(connection: Connection, suggestion: int) -> StoredCandidate:
    """Return what a decision needs of one suggestion, of whatever run.

    Raises:
        UsageError: If a newer run took its place.
    """
    row = connection.execute(_lean().where(suggestions.c.id == suggestion)).one_or_none()
    if row is None:
        raise _replaced(suggestion)
    return StoredCandidate(*row)


def newest() -> Select[tuple[int]]:
    """Select the newest finished outcome of every version."""
    return select(func.max(outcomes.c.id)).where(outcomes.c.state == OutcomeState.DONE).group_by(outcomes.c.version)


def save_all(connection: Connection, outcome: int, found: Iterable[Suggestion]) -> int:
    """Store the suggestions of an outcome and return how many there are.

    Args:
        connection: A writing one.
        outcome: Id of the outcome they belong to.
        found: The suggestions.
    """
    rows = (_row(outcome, suggestion) for suggestion in found)
    count = 0
    while batch := list(islice(rows, BATCH)):
        insert_rows(connection, suggestions, batch)
        count += len(batch)
    return count


def move_all(connection: Connection, version: int, outcome: int, place: Callable[[Span], Span | None]) -> int:
    """Copy the suggestions of a version to an outcome of the text that took its place, and return how many.

    Args:
        connection: A writing one.
        version: The earlier text.
        outcome: Of the current text.
        place: Where a passage is in the current text; what is nowhere is left out.
    """
    of_version = select(suggestions).join(outcomes, outcomes.c.id == suggestions.c.outcome)
    query = of_version.where(outcomes.c.version == version).order_by(suggestions.c.id)
    rows = [
        {**row, "outcome": outcome, "start": span.start, "end": span.end}
        for row in connection.execute(query).mappings().all()
        if (span := place(Span(row["start"], row["end"]))) is not None
    ]
    copies = [{name: value for name, value in row.items() if name != "id"} for row in rows]
    if copies:
        insert_rows(connection, suggestions, copies)
    return len(copies)


def decided_on(connection: Connection, version: int) -> list[tuple[Span, str]]:
    """Return span and code of the suggestions of a version that somebody decided on."""
    query = (
        select(suggestions.c.start, suggestions.c.end, suggestions.c.code)
        .join(decisions, decisions.c.suggestion == suggestions.c.id)
        .where(decisions.c.version == version)
        .distinct()
    )
    return [(Span(row.start, row.end), row.code) for row in connection.execute(query)]


def _replaced(suggestion: int) -> UsageError:
    return UsageError(f"suggestion {suggestion} is not there any more; a newer run took its place")


def _lean() -> Select[Any]:
    """Select the columns of a ``StoredCandidate``."""
    s = suggestions.c
    return select(s.id, outcomes.c.version, s.start, s.end, s.code, s.probability).join_from(
        suggestions, outcomes, outcomes.c.id == s.outcome
    )


def _stored() -> Select[Any]:
    return (
        select(suggestions, outcomes.c.run, outcomes.c.version, transcripts.c.name)
        .join_from(suggestions, outcomes, outcomes.c.id == suggestions.c.outcome)
        .join(transcripts, transcripts.c.id == outcomes.c.version)
    )


def _row(outcome: int, suggestion: Suggestion) -> dict[str, Any]:
    return {
        "outcome": outcome,
        "start": suggestion.span.start,
        "end": suggestion.span.end,
        "code": suggestion.code,
        "probability": float(suggestion.probability),  # plain: a numpy scalar means nothing to a database
        "rank": int(suggestion.rank),
        "segments": list(suggestion.segments),
        "evidence": [[e.text, float(e.similarity), e.provenance] for e in suggestion.evidence],
        "words": list(suggestion.words),
        "alternatives": [[code, float(probability)] for code, probability in suggestion.alternatives],
        "uncertain": suggestion.uncertain,
    }


def _stored_suggestion(row: Row[Any]) -> StoredSuggestion:
    suggestion = Suggestion(
        span=Span(row.start, row.end),
        segments=tuple(row.segments),
        code=row.code,
        probability=row.probability,
        rank=row.rank,
        evidence=tuple(Evidence(*values) for values in row.evidence),
        words=tuple(row.words),
        alternatives=tuple((code, probability) for code, probability in row.alternatives),
        uncertain=row.uncertain,
    )
    return StoredSuggestion(row.id, row.run, row.version, row.name, suggestion)
