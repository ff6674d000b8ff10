"""The study store: what a study remembers, in typed records."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from types import TracebackType
from typing import Self

from corpus.suggestion import Suggestion
from corpus.transcript import Segment, Transcript
from pipeline.store import counts, runs
from pipeline.store import decisions as decision_rows
from pipeline.store import events as event_rows
from pipeline.store import transcripts as transcript_rows
from pipeline.store.database import Database
from pipeline.store.event_records import Event, NewEvent
from pipeline.store.fold import fold
from pipeline.store.migrate import prepare
from pipeline.store.records import (
    Added,
    ChangeCounters,
    CurrentDecision,
    Decision,
    NewDecision,
    Run,
    RunFacts,
    RunState,
    Sentence,
    StoredCandidate,
    StoredOutcome,
    StoredSuggestion,
    TranscriptVersion,
)
from pipeline.study import Source


class StudyStore:
    """Transcripts, runs, suggestions and decisions of one study.

    Every method that writes does so in one transaction: killed at any moment, the store holds all of it or
    nothing. Threads and processes may share a store. Every method may raise what the database raises:
    ``UsageError`` (cannot be read or written now) and ``IntegrityError`` (damaged).

    Args:
        place: ``Study.database``: the path of an SQLite file, made when absent, or a database URL.

    Raises:
        UsageError: If the database cannot be opened or was written by a newer precode.
    """

    def __init__(self, place: str) -> None:
        self._database = Database(place)
        prepare(self._database)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._database.close()

    # Transcripts

    def add_transcript(self, transcript: Transcript, source: Source) -> Added:
        """Make a transcript's text the current version under its name.

        The same text is the same version. A changed text is a new one and the old one is superseded; decisions
        stay with the text they were made on, and the answer says how many.

        Raises:
            InputError: If the file is gone or the text holds characters no database stores.
        """
        with self._database.writing() as connection:
            return transcript_rows.add(connection, transcript, source)

    def transcript(self, version: int) -> Transcript:
        """Return the transcript of a version, superseded or not.

        Raises:
            UsageError: If there is no such version.
        """
        with self._database.reading() as connection:
            return transcript_rows.load(connection, version)

    def transcripts(self, *, superseded: bool = False) -> list[TranscriptVersion]:
        """Return the current versions by name, or all versions ever."""
        with self._database.reading() as connection:
            return transcript_rows.versions(connection, superseded=superseded)

    # Runs

    def start_run(self, facts: RunFacts) -> int:
        """Record that a run begins and return its id."""
        with self._database.writing() as connection:
            return runs.start(connection, facts)

    def is_done(self, version: int, recipe: str) -> bool:
        """Tell whether the listed suggestions of a version are what this recipe would make of it again."""
        with self._database.reading() as connection:
            return runs.is_done(connection, version, recipe)

    def save_outcome(
        self, run: int, version: int, suggestions: Iterable[Suggestion], sentences: Iterable[Sentence | Segment] = ()
    ) -> int:
        """Store all suggestions of one transcript in place of earlier ones and return how many there are.

        Kept with them are the participant ``sentences`` that were scored. Earlier suggestions that somebody decided
        on stay, and new ones that would ask the same again are left out.

        Raises:
            UsageError: If there is no such version.
        """
        with self._database.writing() as connection:
            return runs.save(connection, run, version, suggestions, sentences)

    def sentences(self, version: int) -> list[Sentence]:
        """Return the participant sentences that the newest run scored, in order; cut anew for runs that kept none.

        Raises:
            UsageError: If there is no such version.
        """
        with self._database.reading() as connection:
            stored = runs.sentences_of(connection, version)
        return stored or _sentences(self.transcript(version))

    def save_refusal(self, run: int, transcript: str, error: str) -> None:
        """Record that a transcript could not be used, with the line that says why (no transcript text)."""
        with self._database.writing() as connection:
            runs.refuse(connection, run, transcript, error)

    def finish_run(self, run: int, state: RunState = RunState.FINISHED) -> None:
        """Record how a run ended.

        Raises:
            UsageError: If there is no such run.
        """
        with self._database.writing() as connection:
            runs.finish(connection, run, state)

    def runs(self) -> list[Run]:
        """Return all runs, oldest first; one that was killed is still in state RUNNING."""
        with self._database.reading() as connection:
            return runs.listing(connection)

    def outcomes(self, run: int) -> list[StoredOutcome]:
        """Return what became of each transcript that a run worked on, by name."""
        with self._database.reading() as connection:
            return runs.outcomes_of(connection, run)

    # Suggestions

    def suggestions(self, *, version: int | None = None, run: int | None = None) -> Iterator[StoredSuggestion]:
        """Yield suggestions by transcript name and position, a consistent view in flat memory.

        Args:
            version: Only this version's; by default those of every current version.
            run: What this run made and no later one replaced; by default what the newest run of each version made,
                and what earlier ones made that somebody decided on.
        """
        with self._database.reading() as connection:
            yield from runs.stream(connection, version=version, run=run)

    def suggestion(self, suggestion: int) -> StoredSuggestion:
        """Return one suggestion, listed or kept for its decisions.

        Raises:
            UsageError: If a newer run took its place.
        """
        with self._database.reading() as connection:
            return runs.one(connection, suggestion)

    def suggestions_by_id(self, wanted: Collection[int]) -> dict[int, StoredSuggestion]:
        """Return those of the wanted suggestions that no newer run replaced."""
        with self._database.reading() as connection:
            return runs.several(connection, wanted)

    def candidates(self, codebook: str, *, versions: Collection[int] | None = None) -> Iterator[StoredCandidate]:
        """Yield what coders may be asked about, by id, without what only shows when they are asked.

        That is what the newest run of each current version made with the codebook of this digest, and whatever of
        current versions somebody decided on; of all versions, or of some.
        """
        with self._database.reading() as connection:
            yield from runs.reviewable(connection, codebook, versions)

    def coded_since(self, outcome: int) -> frozenset[int]:
        """Return the versions that runs have worked on since an outcome of that id."""
        with self._database.reading() as connection:
            return counts.coded_since(connection, outcome)

    def precoded(self, codebook: str) -> frozenset[int]:
        """Return the versions whose newest suggestions, if any, were made with the codebook of this digest."""
        with self._database.reading() as connection:
            return counts.precoded(connection, codebook)

    # Decisions

    def decide(self, *drafts: NewDecision) -> list[Decision]:
        """Append decisions to the log, all or none, and return them as written.

        A draft whose key is in the log already is answered with what was written then.

        Raises:
            UsageError: If one names a suggestion, version, span or earlier decision that it cannot be about, or
                another coder's key.
        """
        with self._database.writing() as connection:
            return [decision_rows.append(connection, draft) for draft in drafts]

    def decide_after(self, last: int, *drafts: NewDecision) -> list[Decision] | None:
        """Append decisions like ``decide`` if ``last`` is still the end of the log; else write nothing, return None.

        Whoever decides on the grounds of what the log says learns so that it says more by now.
        """
        with self._database.writing() as connection:
            if decision_rows.last(connection) != last:
                return None
            return [decision_rows.append(connection, draft) for draft in drafts]

    def keyed(self, keys: Collection[str]) -> dict[str, Decision]:
        """Return the decisions that were written under these keys, whoever made them."""
        with self._database.reading() as connection:
            return decision_rows.keyed(connection, keys)

    def in_one_go(self, key: str, separator: str) -> list[Decision]:
        """Return what was written under a key, or under the key, the separator and a number, in order."""
        with self._database.reading() as connection:
            return decision_rows.in_one_go(connection, key, separator)

    def undo(self, decision: int, *, coder: str) -> Decision:
        """Take back one of the coder's decisions, at any depth; undoing an undo brings the decision back.

        Raises:
            UsageError: If it is not there, another coder's, or undone already.
        """
        with self._database.writing() as connection:
            return decision_rows.undo(connection, decision, coder)

    def decisions(self, *, version: int | None = None, coder: str | None = None, after: int = 0) -> Iterator[Decision]:
        """Yield the log in order, or what came after one entry. A blind coder's page asks for that coder's only."""
        with self._database.reading() as connection:
            yield from decision_rows.stream(connection, version=version, coder=coder, after=after)

    def standings(self, *, version: int | None = None, coder: str | None = None) -> list[CurrentDecision]:
        """Return where coders stand on every suggestion and passage they decided on."""
        return fold(list(self.decisions(version=version, coder=coder)))

    def current_codings(self, *, version: int | None = None, coder: str | None = None) -> list[CurrentDecision]:
        """Return the standings that are codings now."""
        return [standing for standing in self.standings(version=version, coder=coder) if standing.coded]

    # Marks

    def mark(self, draft: NewEvent) -> Event:
        """Append one mark.

        Raises:
            UsageError: If it names a version or span that is not there.
        """
        with self._database.writing() as connection:
            return event_rows.append(connection, draft)

    def marks(self, *, version: int | None = None, coder: str | None = None, after: int = 0) -> Iterator[Event]:
        """Yield marks in the order they were made; the last one per coder and subject holds."""
        with self._database.reading() as connection:
            yield from event_rows.stream(connection, version=version, coder=coder, after=after)

    def pulse(self) -> ChangeCounters:
        """Return how far log, marks and outcomes go."""
        with self._database.reading() as connection:
            return counts.pulse(connection)


def _sentences(transcript: Transcript) -> list[Sentence]:
    from pipeline.embed import participant_segments
    from pipeline.segment import segment

    return [Sentence(one.span, one.turn) for one in participant_segments(segment(transcript))]
