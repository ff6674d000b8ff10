"""Runs, what became of each transcript in them, and the suggestions they left."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from corpus.errors import UsageError
from corpus.suggestion import Evidence, Suggestion
from corpus.transcript import Segment, Span
from pipeline.store import transcripts as transcript_rows
from pipeline.store.database import BATCH, insert_row
from pipeline.store.records import (
    OutcomeState,
    Run,
    RunFacts,
    RunState,
    Sentence,
    StoredCandidate,
    StoredOutcome,
    StoredSuggestion,
)
from pipeline.store.schema import decisions, outcomes, runs, suggestions, transcripts


def start(connection: Connection, facts: RunFacts) -> int:
    """Record that a run begins and return its id."""
    beginning = {"started": datetime.now(UTC), "state": RunState.RUNNING}
    return insert_row(connection, runs, {**asdict(facts), **beginning})


def finish(connection: Connection, run: int, state: RunState) -> None:
    """Record how a run ended."""
    ended = update(runs).where(runs.c.id == run).values(state=state, finished=datetime.now(UTC))
    if connection.execute(ended).rowcount != 1:
        raise UsageError(f"the study has no run {run}")


def listing(connection: Connection) -> list[Run]:
    """Return all runs, oldest first."""
    return [_run(row) for row in connection.execute(select(runs).order_by(runs.c.id))]


def outcomes_of(connection: Connection, run: int) -> list[StoredOutcome]:
    """Return the last outcome of each transcript in a run, by name."""
    last = select(func.max(outcomes.c.id)).where(outcomes.c.run == run).group_by(outcomes.c.transcript)
    columns = [column for column in outcomes.c if column.name not in {"turns_digest", "sentences"}]
    query = select(*columns).where(outcomes.c.id.in_(last)).order_by(outcomes.c.transcript)
    return [_outcome(row) for row in connection.execute(query)]


def is_done(connection: Connection, version: int, recipe: str) -> bool:
    """Tell whether the newest suggestions of a version came from this recipe and from its turns as they are now."""
    last = newest().where(outcomes.c.version == version)
    query = (
        select(runs.c.recipe)
        .join_from(outcomes, runs, runs.c.id == outcomes.c.run)
        .join(transcripts, transcripts.c.id == outcomes.c.version)
        .where(outcomes.c.id.in_(last), outcomes.c.turns_digest == transcripts.c.turns_digest)
    )
    return connection.scalar(query) == recipe


def save(
    connection: Connection, run: int, version: int, found: Iterable[Suggestion], scored: Iterable[Sentence | Segment]
) -> int:
    """Store a transcript's suggestions, take the place of earlier ones, and return how many there are."""
    about = select(transcripts.c.name, transcripts.c.turns_digest).where(transcripts.c.id == version)
    row = connection.execute(about).one_or_none()
    if row is None:
        raise transcript_rows.unknown(version)
    sentences = [[one.span.start, one.span.end, one.turn] for one in scored]
    done = {"state": OutcomeState.DONE, "version": version, "turns_digest": row.turns_digest, "sentences": sentences}
    outcome = _record(connection, run, row.name, done)
    decided = _decided(connection, version)
    count = _save_all(connection, outcome, (one for one in found if not _is_settled(one, decided)))
    connection.execute(update(outcomes).where(outcomes.c.id == outcome).values(suggestions=count))
    _prune(connection, version, outcome)
    return count


def refuse(connection: Connection, run: int, transcript: str, error: str) -> None:
    """Record that a transcript could not be used."""
    _record(connection, run, transcript, {"state": OutcomeState.REFUSED, "error": error})


def stream(connection: Connection, *, version: int | None, run: int | None) -> Iterator[StoredSuggestion]:
    """Yield suggestions by transcript and position; see ``StudyStore.suggestions``."""
    query = _stored()  # what was replaced and nobody decided on is gone: all that is left is listed
    if run is not None:
        query = query.where(suggestions.c.outcome.in_(newest().where(outcomes.c.run == run)))
    if version is not None:
        query = query.where(outcomes.c.version == version)
    elif run is None:
        query = query.where(transcripts.c.superseded.is_(None))
    ordered = query.order_by(
        transcripts.c.name, outcomes.c.version, suggestions.c.start, suggestions.c.end, suggestions.c.id
    )
    with connection.execute(ordered.execution_options(yield_per=BATCH)) as rows:
        yield from map(_stored_suggestion, rows)


def several(connection: Connection, wanted: Collection[int]) -> dict[int, StoredSuggestion]:
    """Return suggestions by id; those that a newer run replaced are left out."""
    rows = connection.execute(_stored().where(suggestions.c.id.in_(wanted)))
    return {row.id: _stored_suggestion(row) for row in rows}


def sentences_of(connection: Connection, version: int) -> list[Sentence]:
    """Return the sentences that the newest run of a version scored; none for runs that did not keep them."""
    last = newest().where(outcomes.c.version == version)
    stored = connection.scalar(select(outcomes.c.sentences).where(outcomes.c.id.in_(last)))
    return [Sentence(Span(start, end), turn) for start, end, turn in stored or ()]


def reviewable(connection: Connection, codebook: str, versions: Collection[int] | None) -> Iterator[StoredCandidate]:
    """Yield what coders may be asked about, by id; reads no column that is JSON."""
    decided = select(decisions.c.id).where(decisions.c.suggestion == suggestions.c.id).exists()
    current = outcomes.c.id.in_(newest()) & (runs.c.codebook == codebook)
    query = (
        _lean()
        .join(runs, runs.c.id == outcomes.c.run)
        .join(transcripts, transcripts.c.id == outcomes.c.version)
        .where(transcripts.c.superseded.is_(None), current | decided)
        .order_by(suggestions.c.id)
    )
    if versions is not None:
        query = query.where(outcomes.c.version.in_(versions))
    with connection.execute(query.execution_options(yield_per=BATCH)) as rows:
        yield from (StoredCandidate(*row) for row in rows)


def one(connection: Connection, suggestion: int) -> StoredSuggestion:
    """Return one suggestion, of whatever run."""
    row = connection.execute(_stored().where(suggestions.c.id == suggestion)).one_or_none()
    if row is None:
        raise _replaced(suggestion)
    return _stored_suggestion(row)


def candidate(connection: Connection, suggestion: int) -> StoredCandidate:
    """Return what a decision needs of one suggestion, of whatever run."""
    row = connection.execute(_lean().where(suggestions.c.id == suggestion)).one_or_none()
    if row is None:
        raise _replaced(suggestion)
    return StoredCandidate(*row)


def _replaced(suggestion: int) -> UsageError:
    return UsageError(f"suggestion {suggestion} is not there any more; a newer run took its place")


def _lean() -> Select[Any]:
    """Select the columns of a ``StoredCandidate``."""
    s = suggestions.c
    return select(s.id, outcomes.c.version, s.start, s.end, s.code, s.probability).join_from(
        suggestions, outcomes, outcomes.c.id == s.outcome
    )


def newest() -> Select[tuple[int]]:
    """Select the newest finished outcome of every version."""
    return select(func.max(outcomes.c.id)).where(outcomes.c.state == OutcomeState.DONE).group_by(outcomes.c.version)


def _stored() -> Select[Any]:
    return (
        select(suggestions, outcomes.c.run, outcomes.c.version, transcripts.c.name)
        .join_from(suggestions, outcomes, outcomes.c.id == suggestions.c.outcome)
        .join(transcripts, transcripts.c.id == outcomes.c.version)
    )


def _record(connection: Connection, run: int, transcript: str, values: dict[str, Any]) -> int:
    blank = {"turns_digest": "", "error": "", "suggestions": 0, "recorded": datetime.now(UTC)}
    return insert_row(connection, outcomes, {**blank, **values, "run": run, "transcript": transcript})


def _save_all(connection: Connection, outcome: int, found: Iterable[Suggestion]) -> int:
    rows = (_row(outcome, suggestion) for suggestion in found)
    count = 0
    while batch := list(islice(rows, BATCH)):
        connection.execute(insert(suggestions), batch)
        count += len(batch)
    return count


def _decided(connection: Connection, version: int) -> list[tuple[Span, str]]:
    """Return span and code of the suggestions that somebody decided on."""
    query = (
        select(suggestions.c.start, suggestions.c.end, suggestions.c.code)
        .join(decisions, decisions.c.suggestion == suggestions.c.id)
        .where(decisions.c.version == version)
        .distinct()
    )
    return [(Span(row.start, row.end), row.code) for row in connection.execute(query)]


def _is_settled(suggestion: Suggestion, decided: Iterable[tuple[Span, str]]) -> bool:
    """Tell whether people were asked before: about the same code for at least half of the passage."""
    shared = (suggestion.span.overlap(span) for span, code in decided if code == suggestion.code)
    return 2 * max(shared, default=0) >= len(suggestion.span)


def _prune(connection: Connection, version: int, outcome: int) -> None:
    """Drop what the new outcome replaces, its sentences too, except what somebody has decided on."""
    replaced = select(outcomes.c.id).where(outcomes.c.version == version, outcomes.c.id < outcome)
    decided = select(decisions.c.id).where(decisions.c.suggestion == suggestions.c.id)
    connection.execute(delete(suggestions).where(suggestions.c.outcome.in_(replaced), ~decided.exists()))
    connection.execute(update(outcomes).where(outcomes.c.id.in_(replaced)).values(sentences=[]))


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
    )
    return StoredSuggestion(row.id, row.run, row.version, row.name, suggestion)


def _run(row: Row[Any]) -> Run:
    facts = RunFacts(row.recipe, row.model, row.codebook, row.seeds, row.versions)
    return Run(row.id, facts, row.started, row.finished, RunState(row.state))


def _outcome(row: Row[Any]) -> StoredOutcome:
    values = dict(row._mapping)
    return StoredOutcome(**{**values, "state": OutcomeState(row.state)})
