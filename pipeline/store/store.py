"""The study store: what a study remembers, in typed records."""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

from sqlalchemy import func, select

from pipeline.store.database import Database
from pipeline.store.decisions import DecisionStore
from pipeline.store.events import EventStore
from pipeline.store.migrate import prepare
from pipeline.store.opinions import OpinionStore
from pipeline.store.records import ChangeCounters
from pipeline.store.runs import RunStore
from pipeline.store.schema import decisions, marks, outcomes
from pipeline.store.suggestions import SuggestionStore
from pipeline.store.transcripts import TranscriptStore

NEWEST = select(*(select(func.max(table.c.id)).scalar_subquery() for table in (decisions, marks, outcomes)))
"""Made once: every request of the page asks."""


class StudyStore:
    """Transcripts, runs, suggestions, decisions and events of one study.

    Every method that writes does so in one transaction: killed at any moment, the store holds all of it or
    nothing; so it is with all of ``one_transaction``. Threads and processes may share a store. Every method may raise
    what the database raises: ``UsageError`` (cannot be read or written now) and ``IntegrityError`` (damaged).

    Attributes:
        transcripts: Texts and their versions.
        runs: Runs and what became of each transcript in them.
        suggestions: What runs suggested.
        decisions: The log of what coders decided.
        events: The log of what coders noted beside.
        opinions: Answers of language models.

    Args:
        place: ``Study.database``: the path of an SQLite file, made when absent, or a database URL.

    Raises:
        UsageError: If the database cannot be opened or was written by a newer precode.
    """

    def __init__(self, place: str) -> None:
        self._database = Database(place)
        prepare(self._database)
        self.transcripts = TranscriptStore(self._database)
        self.runs = RunStore(self._database)
        self.suggestions = SuggestionStore(self._database)
        self.decisions = DecisionStore(self._database)
        self.events = EventStore(self._database)
        self.opinions = OpinionStore(self._database)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._database.close()

    def one_transaction(self) -> AbstractContextManager[None]:
        """Make all that this thread writes in the block happen whole or not at all; others wait meanwhile."""
        return self._database.one_transaction()

    def change_counters(self) -> ChangeCounters:
        """Return how far decisions, events and outcomes go."""
        with self._database.reading() as connection:
            return ChangeCounters(*(last or 0 for last in connection.execute(NEWEST).one()))
