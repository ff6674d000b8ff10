"""The codings of a study, gathered from its store: whose count, whose are asked for, and what nobody decided on yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING

from corpus.coders import CONSENSUS, MACHINE
from corpus.errors import UsageError
from corpus.participants import Participants
from corpus.transcript import Span, Transcript
from pipeline.carry import not_placed
from pipeline.export.coded import PENDING, CodedDocument, CodedPassage, CodedStudy, CodingStatus, GivenCode, stray
from pipeline.export.page import Document
from pipeline.export.rows import moment_at, origin_of

if TYPE_CHECKING:
    from corpus.codebook import Codebook
    from pipeline.session import StudySession
    from pipeline.store import CurrentDecision, Decision, Run, StoredSuggestion, TranscriptVersion

TRANSCRIPT = "transcript"
"""An attribute that every passage has, table of participants or not."""

Where = Mapping[str, frozenset[str]]
"""Values asked for by attribute, both in lower case."""


@dataclass(frozen=True, slots=True)
class CodingSelection:
    """What is asked for.

    Attributes:
        coder: Whose codings; empty for everybody's, where a consensus takes the place of those it was reached on.
        where: Which participants.
        suggestions: Whether suggestions that nobody decided on come along, marked as such.
    """

    coder: str = ""
    where: Where = field(default_factory=dict)
    suggestions: bool = False


def where_of(filters: Iterable[str], participants: Participants) -> Where:
    """Read filters like ``role=nurse``; of one attribute named twice either value will do.

    Raises:
        UsageError: If a filter is not of that form or names an attribute that the participants do not have.
    """
    asked: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
    for text in filters:
        name, equals, value = text.partition("=")
        if not equals or not value.strip():
            raise UsageError(f"--where {text!r}: write ATTRIBUTE=VALUE, for instance role=nurse")
        asked[attribute_of(name, participants).casefold()] |= {value.strip().casefold()}
    return dict(asked)


def attribute_of(name: str, participants: Participants) -> str:
    """Return the name of an attribute as the table of participants writes it.

    Raises:
        UsageError: If there is no such attribute; names those that there are.
    """
    known = TRANSCRIPT if name.strip().casefold() == TRANSCRIPT else participants.attribute(name)
    if known is None:
        there = ", ".join((*participants.attributes, TRANSCRIPT))
        raise UsageError(
            f"{name.strip()!r} is no attribute of the participants ({there}); they come from participants.csv"
        )
    return known


def asked_for(where: Where, transcript: str, person: Mapping[str, str]) -> bool:
    """Tell whether somebody, or the transcript, is as filters want it; without filters everybody is."""
    values = {name.casefold(): value.casefold() for name, value in person.items()}
    values[TRANSCRIPT] = transcript.casefold()
    return all(values.get(name, "") in wanted for name, wanted in where.items())


def suggested_to(where: Where, documents: Iterable[Document], participants: Participants) -> list[Document]:
    """Return documents of suggestions with those rows whose speakers are as filters want them."""
    found: list[Document] = []
    for one in documents:
        name = one.transcript.name
        rows = [row for row in one.rows if asked_for(where, name, participants.of(name, row.speaker))]
        if rows or asked_for(where, name, participants.of(name)):
            found.append(replace(one, rows=rows))
    return found


def gather(session: StudySession, choice: CodingSelection) -> CodedStudy:
    """Return the codings in force on the texts that the study has now.

    Raises:
        UsageError: If no participant is as asked for.
        InputError: If the table of participants cannot be read.
    """
    study, store = session.study, session.store
    runs = {run.id: run for run in store.runs.all()}
    reader = _Reader(session, choice, study.codebook(), study.participants(), runs)
    current = store.transcripts.versions()
    documents = tuple(one for version in current if (one := reader.document(version)) is not None)
    if choice.where and not documents:
        raise UsageError("no transcript is of a participant as --where asks for")
    newest = max(runs.values(), key=lambda run: run.id, default=None)
    origin = origin_of(study.settings.study.name, newest, reader.codebook)
    return CodedStudy(reader.codebook, documents, origin, reader.participants.attributes)


def left_behind(session: StudySession) -> int:
    """Return how many codings of earlier texts found no place in the current ones; no export of passages holds them."""
    return len(not_placed(session.store))


@dataclass(frozen=True)
class _Reader:
    """Reads transcript by transcript what was chosen."""

    session: StudySession
    choice: CodingSelection
    codebook: Codebook
    participants: Participants
    runs: Mapping[int, Run]

    def document(self, version: TranscriptVersion) -> CodedDocument | None:
        """Return what was chosen of one transcript; None if nobody in it is as asked for."""
        transcript = self.session.store.transcripts.get(version.id)
        speakers = {None, *(turn.speaker for turn in transcript.turns)}
        if not any(
            asked_for(self.choice.where, transcript.name, self._person(transcript.name, one)) for one in speakers
        ):
            return None
        passages = [*self._passages(transcript, version.id)]
        passages.sort(key=lambda one: (one.span.start, -one.span.end, one.pending, one.coder))
        return CodedDocument(transcript, self._person(transcript.name, None), tuple(passages))

    def _person(self, transcript: str, speaker: str | None) -> Mapping[str, str]:
        return self.participants.of(transcript, speaker)

    def _passages(self, transcript: Transcript, version: int) -> Iterator[CodedPassage]:
        stored = {one.id: one for one in self.session.store.suggestions.stream(version=version)}
        standings = self.session.store.decisions.current(version=version, coder=self.choice.coder or None)
        together: defaultdict[tuple[Span, str, bool], list[GivenCode]] = defaultdict(list)
        for span, coder, given in chain(self._codings(standings, stored), self._pending(standings, stored.values())):
            together[span, coder, given.status in PENDING].append(given)
        for (span, coder, _), codes in together.items():
            passage = self._passage(transcript, span, coder, codes)
            if asked_for(self.choice.where, transcript.name, passage.participant):
                yield passage

    def _codings(
        self, standings: Sequence[CurrentDecision], stored: Mapping[int, StoredSuggestion]
    ) -> Iterator[tuple[Span, str, GivenCode]]:
        for one in in_force(standings):
            decision = one.decision
            if decision.span is not None and decision.code is not None:
                answered = stored.get(decision.suggestion) if decision.suggestion is not None else None
                given = self._given(decision.code, status_of(decision), answered, one.memo, f"c{decision.id}")
                yield decision.span, decision.coder, given

    def _pending(
        self, standings: Sequence[CurrentDecision], stored: Iterable[StoredSuggestion]
    ) -> Iterator[tuple[Span, str, GivenCode]]:
        answers: defaultdict[int, list[CurrentDecision]] = defaultdict(list)
        for standing in standings:
            answers[standing.decision.suggestion or 0].append(standing)
        for one in stored if self.choice.suggestions else ():
            status = open_status(answers[one.id])
            if status is not None and self.runs[one.run].facts.codebook == self.codebook.digest:
                memo = "; ".join(answer.memo for answer in answers[one.id] if answer.memo)
                given = self._given(one.suggestion.code, status, one, memo, f"s{one.id}")
                yield one.suggestion.span, MACHINE, given

    def _given(
        self, code: str, status: CodingStatus, answered: StoredSuggestion | None, memo: str, key: str
    ) -> GivenCode:
        known = self.codebook.by_id.get(code) or stray(code)
        if answered is None:
            return GivenCode(known, status, memo=memo, key=key)
        suggestion, model = answered.suggestion, self.runs[answered.run].facts.model
        # The probability was that of the suggested code: for another one it says nothing.
        probability = suggestion.probability if suggestion.code == code else None
        evidence = tuple(one.text for one in suggestion.evidence)
        return GivenCode(known, status, probability, memo, evidence, model, answered.run, key)

    def _passage(self, transcript: Transcript, span: Span, coder: str, codes: Sequence[GivenCode]) -> CodedPassage:
        at = transcript.turn_at(span.start)
        turn = None if at is None else transcript.turns[at]
        speaker = turn.speaker if turn else None
        order = {name: n for n, name in enumerate(self.codebook.ids)}
        once = {one.code.id: one for one in reversed(codes)}.values()
        ordered = sorted(once, key=lambda one: (order.get(one.code.id, len(order)), one.code.id))
        return CodedPassage(
            transcript.name,
            span,
            span.of(transcript.text),
            speaker,
            moment_at(turn, span.start),
            self._person(transcript.name, speaker),
            coder,
            tuple(ordered),
        )


def in_force(standings: Iterable[CurrentDecision]) -> list[CurrentDecision]:
    """Return the codings that count: a consensus takes the place of whatever single coders said of its passage.

    Two passages are one if they share at least half of both, as on the page: what lies inside a long passage that was
    agreed on stands for itself. A consensus without a code is a note on the passage:
    nothing is coded there.
    """
    standings = list(standings)
    coded = [one for one in standings if one.coded]
    agreed = [one.decision.span for one in standings if one.decision.coder == CONSENSUS and one.decision.span]
    return [one for one in coded if one.decision.coder == CONSENSUS or not _is_of_any(one.decision, agreed)]


def _is_of_any(decision: Decision, passages: Iterable[Span]) -> bool:
    return decision.span is not None and any(decision.span.shares_half(one, of="both") for one in passages)


def status_of(decision: Decision) -> CodingStatus:
    """Return how a decision that leaves a coding behind came to it."""
    if decision.action == "accept":
        return CodingStatus.ACCEPTED
    return CodingStatus.CODED if decision.suggestion is None else CodingStatus.CHANGED


def open_status(answers: Iterable[CurrentDecision]) -> CodingStatus | None:
    """Return how a suggestion is still open; None once anybody accepted it, rejected it or put another in its place."""
    actions = {str(one.decision.action) for one in answers}
    if actions & {"accept", "reject", "code"}:
        return None
    return CodingStatus.UNSURE if "unsure" in actions else CodingStatus.SUGGESTED
