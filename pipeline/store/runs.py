"""Runs, and what became of each transcript in them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from corpus.errors import UsageError
from corpus.suggestion import Suggestion
from corpus.transcript import Segment, Span
from pipeline.store.database import BATCH, Database, insert_row
from pipeline.store.records import OutcomeState, Run, RunFacts, RunState, Sentence, StoredOutcome
from pipeline.store.schema import decisions, outcomes, runs, suggestions, transcripts
from pipeline.store.suggestions import decided_on, move_all, newest, save_all
from pipeline.store.transcripts import TranscriptStore, unknown


class RunStore:
    """The runs of a study.

    Args:
        database: Where they are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def start(self, facts: RunFacts) -> int:
        """Record that a run begins and return its id."""
        beginning = {"started": datetime.now(UTC), "state": RunState.RUNNING}
        with self._database.writing() as connection:
            return insert_row(connection, runs, {**asdict(facts), **beginning})

    def finish(self, run: int, state: RunState = RunState.FINISHED) -> None:
        """Record how a run ended.

        Raises:
            UsageError: If there is no such run.
        """
        ended = update(runs).where(runs.c.id == run).values(state=state, finished=datetime.now(UTC))
        with self._database.writing() as connection:
            if connection.execute(ended).rowcount != 1:
                raise UsageError(f"the study has no run {run}")

    def all(self) -> list[Run]:
        """Return all runs, oldest first; one that was killed is still in state RUNNING."""
        with self._database.reading() as connection:
            return [
                Run(
                    row.id,
                    RunFacts(row.recipe, row.model, row.codebook, row.seeds, row.versions),
                    row.started,
                    row.finished,
                    RunState(row.state),
                )
                for row in connection.execute(select(runs).order_by(runs.c.id))
            ]

    def save(
        self, run: int, version: int, suggestions: Iterable[Suggestion], sentences: Iterable[Sentence | Segment] = ()
    ) -> int:
        """Store all suggestions of one transcript in place of earlier ones and return how many there are.

        Earlier suggestions that somebody decided on stay, and new ones that would ask the same again are left out.

        Args:
            run: The run that made them.
            version: The transcript version they are about.
            suggestions: What was found.
            sentences: The participant sentences that were scored.

        Raises:
            UsageError: If there is no such version.
        """
        scored = [[sentence.span.start, sentence.span.end, sentence.turn] for sentence in sentences]
        about = select(transcripts.c.name, transcripts.c.turns_digest).where(transcripts.c.id == version)
        with self._database.writing() as connection:
            row = connection.execute(about).one_or_none()
            if row is None:
                raise unknown(version)
            decided = decided_on(connection, version)
            done = {"state": OutcomeState.DONE, "version": version, "turns_digest": row.turns_digest}
            outcome = _record(connection, run, row.name, {**done, "sentences": scored})
            fresh = (  # people were not asked before: about the same code for at least half of the passage
                made
                for made in suggestions
                if not any(code == made.code and made.span.shares_half(span, of="self") for span, code in decided)
            )
            count = save_all(connection, outcome, fresh)
            connection.execute(update(outcomes).where(outcomes.c.id == outcome).values(suggestions=count))
            _prune(connection, version, outcome)
        return count

    def move(self, old: int, new: int, place: Callable[[Span], Span | None]) -> None:
        """Put the suggestions of a text onto the one that took its place, until a run makes them anew.

        Nothing happens where there are none, or the other text has its own.

        Args:
            old: Version of the earlier text.
            new: Version of the current one, for which ``is_done`` goes on to say no.
            place: Where a passage is in the current text, None where it is not.
        """
        with self._database.writing() as connection:
            found = list(connection.scalars(newest().where(outcomes.c.version.in_([old, new]))))
            rows = connection.execute(select(outcomes).where(outcomes.c.id.in_(found))).mappings().all()
            if len(rows) != 1 or rows[0]["version"] == new:
                return
            scored = [
                [span.start, span.end, turn]
                for start, end, turn in rows[0]["sentences"]
                if (span := place(Span(start, end))) is not None
            ]
            fresh = {"state": OutcomeState.DONE, "version": new, "sentences": scored}
            outcome = _record(connection, rows[0]["run"], rows[0]["transcript"], fresh)
            count = move_all(connection, old, outcome, place)
            connection.execute(update(outcomes).where(outcomes.c.id == outcome).values(suggestions=count))

    def save_error(self, run: int, transcript: str, error: str) -> None:
        """Record that a transcript could not be used, with the line that says why (no transcript text).

        Args:
            run: Id of the run.
            transcript: Name of the transcript.
            error: Why, in one line without transcript text.
        """
        with self._database.writing() as connection:
            _record(connection, run, transcript, {"state": OutcomeState.REFUSED, "error": error})

    def outcomes(self, run: int, names: Collection[str] | None = None) -> list[StoredOutcome]:
        """Return what became of each transcript that a run worked on, by name: the last outcome of each.

        Args:
            run: Id of the run.
            names: Of these transcripts only.
        """
        last = select(func.max(outcomes.c.id)).where(outcomes.c.run == run).group_by(outcomes.c.transcript)
        if names is not None:
            last = last.where(outcomes.c.transcript.in_(names))
        columns = [column for column in outcomes.c if column.name not in {"turns_digest", "sentences"}]
        query = select(*columns).where(outcomes.c.id.in_(last)).order_by(outcomes.c.transcript)
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings()
            return [StoredOutcome(**{**row, "state": OutcomeState(row["state"])}) for row in rows]

    def is_done(self, version: int, recipe: str) -> bool:
        """Return whether the newest suggestions of a version came from this recipe and from its turns as they are."""
        return self.recipes(version=version).get(version) == recipe

    def recipes(self, *, version: int | None = None) -> dict[int, str]:
        """Return the recipe of the newest suggestions of each version, where they are of its turns as they are.

        Args:
            version: Only this one.
        """
        last = newest() if version is None else newest().where(outcomes.c.version == version)
        query = (
            select(outcomes.c.version, runs.c.recipe)
            .join_from(outcomes, runs, runs.c.id == outcomes.c.run)
            .join(transcripts, transcripts.c.id == outcomes.c.version)
            .where(outcomes.c.id.in_(last))
            .where(outcomes.c.turns_digest == transcripts.c.turns_digest)
        )
        with self._database.reading() as connection:
            return {row.version: row.recipe for row in connection.execute(query)}

    def sentences(self, version: int) -> list[Sentence]:
        """Return the participant sentences that the newest run scored, in order; cut anew for runs that kept none.

        Raises:
            UsageError: If there is no such version.
        """
        return [Sentence(Span(start, end), turn) for start, end, turn in self.sentence_rows(version)]

    def sentence_rows(self, version: int) -> list[tuple[int, int, int]]:
        """Return start, end and turn of each of these sentences, for what reads those of a whole study.

        Raises:
            UsageError: If there is no such version.
        """
        return next(self.sentence_rows_of([version]))[1]

    def sentence_rows_of(self, versions: Collection[int]) -> Iterator[tuple[int, list[tuple[int, int, int]]]]:
        """Yield versions with start, end and turn of each of their sentences, read a thousand versions at once.

        Raises:
            UsageError: If there is no such version.
        """
        wanted = list(versions)
        for first in range(0, len(wanted), BATCH):
            some = wanted[first : first + BATCH]
            last = newest().where(outcomes.c.version.in_(some))
            query = select(outcomes.c.version, outcomes.c.sentences).where(outcomes.c.id.in_(last))
            with self._database.reading() as connection:
                stored = {row.version: row.sentences for row in connection.execute(query)}
            for version in some:
                kept = stored.get(version)
                yield version, [(start, end, turn) for start, end, turn in kept] if kept else self._cut(version)

    def _cut(self, version: int) -> list[tuple[int, int, int]]:
        """Return the sentences of a version whose run kept none."""
        from pipeline.embed import participant_sentences

        transcript = TranscriptStore(self._database).get(version)
        return [(found.span.start, found.span.end, found.turn) for found in participant_sentences(transcript)]

    def versions_since(self, outcome: int) -> frozenset[int]:
        """Return the transcript versions that runs have worked on since an outcome of that id."""
        query = select(outcomes.c.version).where(outcomes.c.id > outcome, outcomes.c.state == OutcomeState.DONE)
        with self._database.reading() as connection:
            return frozenset(connection.scalars(query))

    def precoded(self, *codebooks: str) -> frozenset[int]:
        """Return the versions whose newest suggestions, if any, were made with a codebook of one of these digests."""
        query = (
            select(outcomes.c.version)
            .join(runs, runs.c.id == outcomes.c.run)
            .where(outcomes.c.id.in_(newest()), runs.c.codebook.in_(codebooks))
        )
        with self._database.reading() as connection:
            return frozenset(connection.scalars(query))


def _record(connection: Connection, run: int, transcript: str, values: dict[str, Any]) -> int:
    blank = {"turns_digest": "", "error": "", "suggestions": 0, "recorded": datetime.now(UTC)}
    return insert_row(connection, outcomes, {**blank, **values, "run": run, "transcript": transcript})


def _prune(connection: Connection, version: int, outcome: int) -> None:
    """Drop what the new outcome replaces, its sentences too, except what somebody has decided on."""
    earlier = select(outcomes.c.id).where(outcomes.c.version == version, outcomes.c.id < outcome)
    replaced = list(connection.scalars(earlier))
    if not replaced:
        return
    decided = select(decisions.c.id).where(decisions.c.suggestion == suggestions.c.id)
    connection.execute(delete(suggestions).where(suggestions.c.outcome.in_(replaced), ~decided.exists()))
    connection.execute(update(outcomes).where(outcomes.c.id.in_(replaced)).values(sentences=[]))
