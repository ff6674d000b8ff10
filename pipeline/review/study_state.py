"""A study as it is now, in memory: kept current by looking how far log, marks and outcomes go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from pipeline.review.decision_log import DecisionLog, Subject
from pipeline.review.errors import Missing
from pipeline.review.event_log import EventLog
from pipeline.review.ordering import QueueOrder, Rows, teaching
from pipeline.review.suggestion_index import Stage, States, SuggestionIndex, index_of, stage_of
from pipeline.review.transcript_cache import TranscriptCache

if TYPE_CHECKING:
    from pipeline.session import StudySession
    from pipeline.store import TranscriptVersion


class StudyState:
    """What is known of a study. Not locked: its owner is.

    Args:
        session: The study.
        blind: Everybody codes blind until they are done with a version.

    Attributes:
        book: The study's codebook, as it is when this is made. All else is read at the first ``refresh``.
        models: Fingerprint of each run's model, by run.
    """

    def __init__(self, session: StudySession, *, blind: bool = False) -> None:
        self.store = session.store
        self.book = session.study.codebook()
        self.ledger = DecisionLog(self.store)
        self.marks = EventLog(self.store)
        self.models: Mapping[int, str] = {}
        self._blind = blind
        self._outcomes = 0
        self._versions: dict[int, TranscriptVersion] = {}
        self._texts: dict[int, list[int]] = {}
        self.index: SuggestionIndex = index_of((), self.book, ())
        self.shelf = TranscriptCache(self.store)
        self._stages: dict[str, States] = {}
        self._teaching: dict[str, Rows] = {}

    def refresh(self) -> None:
        """Take in what anybody has written since."""
        pulse = self.store.change_counters()
        if pulse.outcomes != self._outcomes:
            self._take_runs(pulse.outcomes)
        if pulse.marks != self.marks.last:
            self.marks.refresh()
        if pulse.decisions != self.ledger.last:
            for subject in self.ledger.refresh():
                self._restage(subject)

    def version(self, version: int) -> TranscriptVersion:
        """Return what is known of a transcript version.

        Raises:
            Missing: If there is none.
        """
        if version not in self._versions:
            self._read_versions()
        if version not in self._versions:
            raise Missing(f"the study has no transcript version {version}")
        return self._versions[version]

    def current(self) -> list[TranscriptVersion]:
        """Return the current versions by name."""
        return [one for one in self._versions.values() if one.superseded is None]

    def is_hidden(self, coder: str, version: int) -> bool:
        """Tell whether a coder may see nothing of a version but its text and their own codings.

        A corrected text is coded blind by whoever was about to code the other one blind.
        """
        if self.marks.is_done(coder, version):
            return False
        return self._blind or any(self._codes_blind(coder, one) for one in self._texts.get(version, (version,)))

    def hidden(self, coder: str) -> frozenset[int]:
        """Return all versions that are hidden from a coder."""
        known = self.ledger.versions | self._versions.keys()  # a version may be coded by hand before any run is over
        return frozenset(version for version in known if self.is_hidden(coder, version))

    def stages(self, coder: str) -> States:
        """Return how far a coder is with each suggestion, by row of the index; not to be changed."""
        if coder not in self._stages:
            self._stages[coder] = np.full(len(self.index), Stage.UNDECIDED, dtype=np.int8)
            for subject in self.ledger.of_suggestions():
                if subject.coder == coder:
                    self._restage(subject)
        return self._stages[coder]

    def order(self, order: QueueOrder, coder: str, *, anew: bool) -> Rows:
        """Return the rows in an order; that which teaches most stays as it is until it is asked for ``anew``."""
        if order is not QueueOrder.TEACH:
            return self.index.order(order)
        if anew or coder not in self._teaching:
            decided = self.stages(coder) != Stage.UNDECIDED
            self._teaching[coder] = teaching(self.index.code_numbers, self.index.probabilities, decided)
        return self._teaching[coder]

    def _codes_blind(self, coder: str, version: int) -> bool:
        return self.marks.begun_blind(coder, version) and not self.marks.is_done(coder, version)

    def _read_versions(self) -> None:
        self._versions = {one.id: one for one in self.store.transcripts.versions(superseded=True)}
        named: defaultdict[str, list[int]] = defaultdict(list)
        for one in self._versions.values():
            named[one.name].append(one.id)
        self._texts = {one.id: named[one.name] for one in self._versions.values()}

    def _restage(self, subject: Subject) -> None:
        stages = self._stages.get(subject.coder)
        row = None if subject.suggestion is None else self.index.row(subject.suggestion)
        if stages is not None and row is not None:
            stages[row] = stage_of(subject.standing)

    def _take_runs(self, newest: int) -> None:
        """Take in what runs have stored since; of other versions everything stays."""
        touched, before = self.store.runs.versions_since(self._outcomes), self.index
        self._read_versions()
        candidates = self.store.suggestions.candidates(self.book.digest, versions=touched if len(before) else None)
        fresh = index_of(candidates, self.book, [one.id for one in self.current()], before.codes)
        self.index = before.renewed(fresh, touched)
        self.models = {run.id: run.facts.model for run in self.store.runs.all()}
        self.shelf.forget(touched)
        self._stages = {coder: self.index.carried(before, stages) for coder, stages in self._stages.items()}
        for subject in chain.from_iterable(map(self.ledger.of_version, touched)):
            self._restage(subject)
        self._teaching.clear()
        self._outcomes = newest
