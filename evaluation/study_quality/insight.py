"""What the review page knows about quality, answered from the study's store and kept until the store changes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from functools import cached_property
from threading import RLock
from typing import TypeVar

import numpy as np

from corpus.coders import CONSENSUS, MACHINE
from evaluation.metrics.grouping import by_domain
from evaluation.study_quality.agreement import Pair, agreement_of
from evaluation.study_quality.differences import (
    ComparedPassage,
    codings_of,
    differences_of,
    suggested_in,
    with_consensus,
)
from evaluation.study_quality.live_study import Kept, LiveStudy
from evaluation.study_quality.missed import missed
from evaluation.study_quality.progress import band_acceptance, by_transcript, domain_acceptance, pace, total, verdicts
from evaluation.study_quality.sentences import CodedSpans
from evaluation.study_quality.types import Agreement, Difference, Progress
from pipeline.session import StudySession

T = TypeVar("T")
ANSWERS = 64
"""How many answers are kept."""


class StudyInsight:
    """The ``Insight`` of a study under review. Threads may share one; they take turns.

    Args:
        session: The study at work.
    """

    def __init__(self, session: StudySession) -> None:
        self._bench = session
        self._turn = RLock()
        self._answers = Kept(ANSWERS)

    @cached_property
    def _live(self) -> LiveStudy:
        return LiveStudy(self._bench.store, self._bench.study.codebook())

    def agreement(
        self, first: str, second: str, *, versions: Collection[int] | None = None, hidden: Collection[int] = ()
    ) -> Agreement:
        """Return how far two coders agree on the sentences of transcripts that both have marked as done.

        As long as there is no such transcript, those count that both have begun, and the answer is provisional.
        """
        wanted = None if versions is None else frozenset(versions)
        key = (first, second, wanted, frozenset(hidden))
        return self._answer(("agreement", *key), lambda: self._agreement(*key))

    def progress(self, coder: str, *, hidden: Collection[int] = ()) -> Progress:
        """Return what a coder has done with the suggestions, and what that says about these."""
        unseen = frozenset(hidden)
        return self._answer(("progress", coder, unseen), lambda: self._progress(coder, unseen))

    def differences(self, version: int, first: str, second: str) -> list[Difference]:
        """Return the passages of two coders in one transcript side by side, in text order.

        Raises:
            UsageError: If there is no such version.
        """
        store = self._bench.store
        store.transcripts.get(version)  # the error for a version that is not there
        agreed = store.decisions.current(version=version, coder=CONSENSUS)
        found = differences_of(self._passages(version, first), self._passages(version, second))
        return [with_consensus(one, agreed) for one in found]

    def _answer(self, key: Hashable, make: Callable[[], T]) -> T:
        with self._turn:
            return self._answers.get(key, self._live.look(), make)

    def _agreement(self, first: str, second: str, wanted: frozenset[int] | None, hidden: frozenset[int]) -> Agreement:
        seen = frozenset(self._seen(hidden))
        chosen = seen if wanted is None else seen & wanted
        done = chosen & self._done(first) & self._done(second)
        versions = done or chosen & self._begun(first) & self._begun(second)
        ours, theirs = self._marks(first, versions), self._marks(second, versions)
        pair = Pair((first, second), self._live.row(versions), ours, theirs, provisional=not done)
        return agreement_of(pair, self._live.codebook)

    def _progress(self, coder: str, hidden: frozenset[int]) -> Progress:
        names, domains = self._seen(hidden), by_domain(self._live.codebook)
        suggested, scored = self._live.suggested(names), self._live.precoded() & names.keys()
        found = verdicts(suggested, self._live.standings(coder), self._live.codebook.ids)
        tally, inside = total(found), np.isin(suggested.marks.versions, [*scored])
        return Progress(
            total=tally,
            transcripts=by_transcript(suggested, found, names, domains),
            domains=domain_acceptance(suggested, found, domains),
            bands=band_acceptance(suggested, found),
            pace=pace(self._live.moments(coder), tally.suggested - tally.decided),
            missed=missed(self._live.row(scored), suggested.only(inside), found[inside], self._live.audits(coder)),
        )

    def _seen(self, hidden: frozenset[int]) -> dict[int, str]:
        """Return the names of the current versions that are not hidden."""
        return {version: name for version, name in self._live.versions.items() if version not in hidden}

    def _done(self, coder: str) -> frozenset[int]:
        return self._live.precoded() if coder == MACHINE else self._live.done(coder)

    def _begun(self, coder: str) -> frozenset[int]:
        return self._live.precoded() if coder == MACHINE else self._live.begun(coder)

    def _marks(self, coder: str, versions: Collection[int]) -> CodedSpans:
        if coder == MACHINE:
            return self._live.suggested(versions).marks
        return self._live.coded(coder, versions)

    def _passages(self, version: int, coder: str) -> list[ComparedPassage]:
        if coder == MACHINE:
            return self._answer(("suggested", version), lambda: self._suggested(version))
        return codings_of(self._bench.store.decisions.codings(version=version, coder=coder))

    def _suggested(self, version: int) -> list[ComparedPassage]:
        return suggested_in(self._live.suggested([version]).marks, self._live.codebook)
