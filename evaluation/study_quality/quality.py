"""What a study's own decisions say about its quality; answers are kept until the study changes."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, TypeVar, cast

import numpy as np

from corpus.codebook import with_gone
from corpus.coders import CONSENSUS, MACHINE, SECOND
from corpus.transcript import Span
from evaluation.metrics.grouping import by_domain
from evaluation.study_quality.agreement import Pair, agreement_of
from evaluation.study_quality.columns import chosen_in, coded_in, suggested_in
from evaluation.study_quality.differences import (
    ComparedPassage,
    codings_of,
    differences_of,
    passages_of,
    with_consensus,
)
from evaluation.study_quality.finish import FinishLine, finish_line
from evaluation.study_quality.judged import Judgements, judged_study
from evaluation.study_quality.missed import missed
from evaluation.study_quality.missed_codes import missed_codes
from evaluation.study_quality.progress import band_acceptance, by_transcript, domain_acceptance, pace, total, verdicts
from evaluation.study_quality.sentences import CodedSpans, SentenceRow, row_of
from evaluation.study_quality.types import Agreement, Difference, PlacedDifference, Progress, Unit
from pipeline.review.consensus import withdrawn
from pipeline.store.fold import fold
from pipeline.store.records import Action, Decision

if TYPE_CHECKING:
    from corpus.codebook import Codebook
    from pipeline.review.decision_log import Subject
    from pipeline.review.sentence_cache import SentenceCache
    from pipeline.review.service import ReviewService
    from pipeline.review.study_state import StudyState
    from pipeline.store.records import CurrentDecision

T = TypeVar("T")
ANSWERS = 64
"""How many answers are kept."""
COMPARED_TEXTS = 2_000
"""Of how many transcripts the passages of two coders are kept: one decision makes those of one transcript anew."""


class StudyQuality:
    """Answers about the quality of a study under review. Threads may share one.

    What an answer rests on is taken from the state at once; the figures are computed while others review on.

    Args:
        service: The study under review.
    """

    def __init__(self, service: ReviewService) -> None:
        self._service = service
        self._answers = AnswerCache(ANSWERS)
        self._compared_texts = AnswerCache(COMPARED_TEXTS)

    def agreement(
        self,
        first: str,
        second: str,
        *,
        unit: Unit = Unit.SENTENCE,
        versions: Collection[int] | None = None,
        hidden: Collection[int] = (),
    ) -> Agreement:
        """Return how far two coders agree on transcripts that both have marked as done.

        As long as there is no such transcript, those count that both have begun, and the answer is provisional.

        Args:
            first: A coder; ``coders.MACHINE`` and ``coders.CONSENSUS`` are coders, too.
            second: Another one.
            unit: What they are compared on.
            versions: Only these transcript versions; all current ones by default.
            hidden: Versions that may not enter, because the one who asks codes them blind.
        """
        wanted = None if versions is None else frozenset(versions)
        unseen = frozenset(hidden)
        question = ("agreement", first, second, unit, wanted, unseen)
        return self._answers.get(
            question, self._revision(), lambda: agreement_of(*self._pair(first, second, unit, wanted, unseen))
        )

    def progress(self, coder: str, *, hidden: Collection[int] = ()) -> Progress:
        """Return what a coder has done with the suggestions, and what that says about these.

        Args:
            coder: Who has decided.
            hidden: Versions whose suggestions do not enter.
        """
        unseen = frozenset(hidden)
        return self._answers.get(("progress", coder, unseen), self._revision(), lambda: self._progress(coder, unseen))

    def finish_line(self, coder: str, *, precision: float, hidden: Collection[int] = ()) -> FinishLine:
        """Return how reliable the coding would be if suggestions were taken as they are, judged by one coder.

        Args:
            coder: Who coded transcripts blind and audited sentences.
            precision: Share of a code's suggestions that should be right.
            hidden: Versions that do not enter.
        """
        question = ("finish", coder, precision, frozenset(hidden))
        return self._answers.get(question, self._revision(), lambda: self._finish_line(coder, precision, hidden))

    def differences(self, version: int, first: str, second: str) -> list[Difference]:
        """Return the passages of two coders in one transcript side by side, in text order.

        The caller refuses versions that are hidden from the one who asks.

        Args:
            version: The transcript version.
            first: A coder, ``coders.MACHINE`` too.
            second: Another one.

        Raises:
            UsageError: If there is no such version.
        """
        with self._service.now() as state:
            state.version(version)  # the error for a version that is not there
            compared = _compared(state, version, first, second)
        return compared.differences()

    def comparison(self, first: str, second: str, *, hidden: Collection[int] = ()) -> list[PlacedDifference]:
        """Return the passages of two coders side by side in all current transcripts, by name and in text order.

        Args:
            first: A coder, ``coders.MACHINE`` too.
            second: Another one.
            hidden: Versions that may not enter, because the one who asks codes them blind.
        """
        with self._service.now() as state:
            basis, names = state.basis, _names(state, hidden)
            newest = dict.fromkeys(names, state.revision)
            if SECOND not in {first, second}:  # opinions are no decisions
                newest = {version: state.decision_log.last_of(version) for version in names}
        return [
            PlacedDifference(version, name, difference)
            for version, name in names.items()
            for difference in self._compared_texts.get(
                (version, first, second, basis), newest[version], partial(self.differences, version, first, second)
            )
        ]

    def _revision(self) -> int:
        with self._service.now() as state:
            return state.revision

    def _pair(
        self, first: str, second: str, unit: Unit, wanted: frozenset[int] | None, hidden: frozenset[int]
    ) -> tuple[Pair, Codebook]:
        """Return what two coders coded in the transcripts that count, and the codebook of all codes they gave.

        Args:
            first: A coder.
            second: Another one.
            unit: What they are compared on.
            wanted: Only these transcript versions.
            hidden: Versions that may not enter.
        """
        with self._service.now() as state:
            codebook, sentences = state.codebook, state.sentence_cache
            chosen = frozenset(version for version in _names(state, hidden) if wanted is None or version in wanted)
            done = chosen & _done(state, first) & _done(state, second)
            compared = done or chosen & _begun(state, first) & _begun(state, second)
            given = (standing for coder in (first, second) for standing in state.decision_log.current(coder))
            codes = {now.decision.code for now in given if now.coded and now.decision.version in compared}
            codebook = with_gone(codebook, filter(None, codes))
            ours, theirs = (_coded_spans(state, coder, compared, codebook) for coder in (first, second))
            asked = _asked_spans(state, compared) if SECOND in {first, second} else None
        row = _row(sentences, compared)
        if asked is not None:  # what the model was not asked about it has not left uncoded
            row = row.only(np.unique(row.bearing(asked)[0]))
        return Pair((first, second), row, ours, theirs, provisional=not done, unit=unit), codebook

    def _progress(self, coder: str, hidden: frozenset[int]) -> Progress:
        with self._service.now() as state:
            codebook, index, sentences = state.codebook, state.index, state.sentence_cache
            names = _names(state, hidden)
            scored = state.precoded & names.keys()
            standings, audits = state.decision_log.current(coder), state.event_log.audits(coder)
            complete = state.event_log.complete_audits(coder)
            codings = coded_in(standings, codebook, scored)
            times = [entry.time for entry in state.decision_log.entries(coder) if entry.suggestion is not None]
        suggested, domains = suggested_in(index, codebook, names), by_domain(codebook)
        found = verdicts(suggested, standings, codebook.ids)
        counts, inside = total(found), np.isin(suggested.marks.versions, [*scored])
        row, asked, answers = _row(sentences, scored), suggested.only(inside), found[inside]
        return Progress(
            total=counts,
            transcripts=by_transcript(suggested, found, names, domains),
            domains=domain_acceptance(suggested, found, domains),
            bands=band_acceptance(suggested, found),
            pace=pace(times, counts.suggested - counts.decided),
            missed=missed(row, asked, answers, audits),
            missed_codes=missed_codes(row, asked, answers, complete, codings),
        )

    def _finish_line(self, coder: str, precision: float, hidden: Collection[int]) -> FinishLine:
        with self._service.now() as state:
            codebook, index, sentences = state.codebook, state.index, state.sentence_cache
            scored = state.precoded & _names(state, hidden).keys()
            judgements = _judgements(state, coder, scored)
        study = judged_study(
            _row(sentences, scored), suggested_in(index, codebook, scored), judgements, len(codebook.ids)
        )
        return finish_line(study, codebook.ids, precision)


@dataclass(frozen=True)
class _Compared:
    """What two coders coded in one transcript, and what they ever agreed on there."""

    first: Sequence[ComparedPassage]
    second: Sequence[ComparedPassage]
    agreed: Sequence[CurrentDecision]
    consensus: Sequence[Subject]

    def differences(self) -> list[Difference]:
        found = (with_consensus(each, self.agreed) for each in differences_of(self.first, self.second))
        return [
            each
            if each.consensus or not self.consensus
            else replace(each, withdrawn=withdrawn(self.consensus, Span(each.start, each.end)))
            for each in found
        ]


class AnswerCache:
    """Remembers answers until what they rest on has changed. Threads may share one; they take turns.

    Args:
        limit: How many answers; those that were asked for longest ago are forgotten.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = Lock()
        self._answers: OrderedDict[Hashable, tuple[int, object]] = OrderedDict()

    def get(self, question: Hashable, revision: int, answer: Callable[[], T]) -> T:
        """Return the answer of this revision to a question, or find it.

        Args:
            question: Always stands for one kind of answer.
            revision: Of what the answer rests on.
            answer: Finds it.
        """
        with self._lock:
            known = self._answers.get(question)
            if known is None or known[0] != revision:
                known = self._answers[question] = (revision, answer())
            self._answers.move_to_end(question)
            while len(self._answers) > self._limit:
                self._answers.popitem(last=False)
            return cast("T", known[1])  # a question always stands for one kind of answer


def _names(state: StudyState, hidden: Collection[int]) -> dict[int, str]:
    """Return the names of the current versions that are not hidden, in the order of names."""
    return {version.id: version.name for version in state.current() if version.id not in hidden}


def _done(state: StudyState, coder: str) -> frozenset[int]:
    if coder == SECOND:
        return state.opinions.versions
    return state.precoded if coder == MACHINE else state.event_log.done(coder)


def _begun(state: StudyState, coder: str) -> frozenset[int]:
    if coder in {MACHINE, SECOND}:
        return _done(state, coder)
    decisions = (standing.decision for standing in state.decision_log.current(coder))
    return frozenset(decision.version for decision in decisions if decision.action is not Action.MEMO)


def _coded_spans(state: StudyState, coder: str, versions: Collection[int], codebook: Codebook) -> CodedSpans:
    if coder == MACHINE:
        return suggested_in(state.index, state.codebook, versions).marks
    if coder == SECOND:
        return chosen_in(state.opinions, state.codebook, versions)
    return coded_in(state.decision_log.current(coder), codebook, versions)


def _judgements(state: StudyState, coder: str, versions: Collection[int]) -> Judgements:
    """Return what a coder judged without sight of suggestions: transcripts to their end, and audited sentences."""
    of_version: defaultdict[int, list[Decision]] = defaultdict(list)
    for entry in state.decision_log.entries(coder):
        if entry.version in versions and entry.blind:
            of_version[entry.version].append(entry)
    ended = {version for version in versions if state.event_log.ended(coder, version) is not None}
    blind = frozenset(v for v in ended if of_version[v] or state.event_log.begun_blind(coder, v))
    unseen = (current for version in blind for current in fold(of_version[version]))
    others = (version for version in versions if version not in blind)
    elsewhere = (current for version in others for current in state.decision_log.current(coder, version))
    codings = coded_in([*unseen, *elsewhere], state.codebook, versions)
    return Judgements(blind, state.event_log.complete_audits(coder), codings)


def _asked_spans(state: StudyState, versions: Collection[int]) -> CodedSpans:
    """Return every stretch that the language model was asked about, whatever it chose."""
    rows = [(each, span.start, span.end, 0) for each in versions for span, _ in state.opinions.choices(each)]
    return CodedSpans(*np.array(rows, dtype=np.int64).reshape(-1, 4).T)


def _row(sentences: SentenceCache, versions: Collection[int]) -> SentenceRow:
    sentences.read(versions)
    spans, turns = ({version: of(version) for version in versions} for of in (sentences.spans, sentences.turns))
    return row_of(spans, turns)


def _compared(state: StudyState, version: int, first: str, second: str) -> _Compared:
    subjects = [subject for subject in state.decision_log.of_version(version) if subject.coder == CONSENSUS]
    standings = (subject.standing for subject in subjects)
    return _Compared(
        _passages(state, version, first),
        _passages(state, version, second),
        [standing for standing in standings if standing is not None],
        [replace(subject) for subject in subjects],  # others may review on
    )


def _passages(state: StudyState, version: int, coder: str) -> list[ComparedPassage]:
    if coder == MACHINE:
        return passages_of(suggested_in(state.index, state.codebook, [version]).marks, state.codebook)
    if coder == SECOND:
        return passages_of(chosen_in(state.opinions, state.codebook, [version]), state.codebook)
    return codings_of(state.decision_log.current(coder, version))
