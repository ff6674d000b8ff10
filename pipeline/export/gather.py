"""The codings of a study, gathered from its store: whose count, whose are asked for, and what nobody decided on yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

from corpus.coders import MACHINE
from corpus.errors import UsageError
from corpus.transcript import Span, Transcript
from pipeline.carry import not_placed
from pipeline.codebook.standing import holding, lineage_of
from pipeline.counting import in_force
from pipeline.export.coded import PENDING, CodedDocument, CodedPassage, CodedStudy, CodingStatus, GivenCode, Memo
from pipeline.export.page import Document
from pipeline.export.rows import moment_at, origin_of
from pipeline.study_filter import EVERYTHING, Filter
from pipeline.summaries import CellKey, Summary, current_summaries, histories

if TYPE_CHECKING:
    from corpus.codebook import Codebook
    from corpus.participants import Participants
    from pipeline.session import StudySession
    from pipeline.store import CurrentDecision, Decision, Run, StoredSuggestion, TranscriptVersion


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What somebody wants exported.

    Attributes:
        formats: Names of formats.
        filter: Whose codings of whom. Without a coder everybody's, where a consensus takes the place of those it was
            reached on.
        suggestions: Whether suggestions that nobody decided on come along, marked as such.
        by: The attribute of participants that makes the rows of the framework matrix; empty for the participants.
        tool: For which analysis software a project is written.
    """

    formats: tuple[str, ...] = ()
    filter: Filter = EVERYTHING
    suggestions: bool = False
    by: str = ""
    tool: str = "generic"


def suggested_to(request: ExportRequest, documents: Iterable[Document], participants: Participants) -> list[Document]:
    """Return documents of suggestions with those rows whose speakers a request is about.

    Args:
        request: Says which participants.
        documents: One for each transcript.
        participants: Who spoke.
    """
    found: list[Document] = []
    for document in documents:
        name = document.transcript.name
        rows = [
            row
            for row in document.rows
            if request.filter.is_about(name, participants.of(name, row.speaker))
            and request.filter.takes(row.code, row.domain)
        ]
        if rows or request.filter.is_about(name, participants.of(name)):
            found.append(replace(document, rows=rows))
    return found


def gather(session: StudySession, request: ExportRequest) -> CodedStudy:
    """Return the codings in force on the texts that the study has now.

    Raises:
        UsageError: If no participant is as asked for.
        InputError: If the table of participants cannot be read.
    """
    study, store = session.study, session.store
    runs = {run.id: run for run in store.runs.all()}
    codebook, memos = study.codebook(), memos_of(session, request.filter.coder)
    summaries, lineage = current_summaries(histories(store.events.stream(), codebook)), lineage_of(session, codebook)
    reader = _Reader(session, request, codebook, study.participants(), runs, memos, lineage, summaries)
    current = [version for version in store.transcripts.versions() if request.filter.version in {None, version.id}]
    documents = tuple(document for version in current if (document := reader.document(version)) is not None)
    if request.filter.where and not documents:
        raise UsageError("no transcript is of a participant as --where asks for")
    newest = max(runs.values(), key=lambda run: run.id, default=None)
    origin = origin_of(study.settings.study.name, newest, reader.codebook)
    return CodedStudy(
        reader.codebook, documents, origin, reader.participants.attributes, memos=tuple(reader.memos.get(None, ()))
    )


def memos_of(session: StudySession, coder: str | None = None) -> Mapping[int | None, list[Memo]]:
    """Return the memos in force by the transcript version that they are on; those on codes under None.

    Args:
        session: The study.
        coder: Whose; None for everybody's.
    """
    from pipeline.store import EventKind

    codebook = session.study.codebook()
    held: dict[tuple[str, int | None, str | None], Memo] = {}
    for event in session.store.events.stream(coder=coder):
        if event.kind is EventKind.MEMO:
            about = event.code and codebook.current_id(event.code)
            held[event.coder, event.version, event.code] = Memo(event.coder, event.text, event.time, about or "")
    found: defaultdict[int | None, list[Memo]] = defaultdict(list)
    for (_, version, _), memo in held.items():
        if memo.text:
            found[version].append(memo)
    return found


def left_behind(session: StudySession) -> int:
    """Return how many codings of earlier texts found no place in the current ones; no export of passages holds them."""
    return len(not_placed(session.store))


@dataclass(frozen=True)
class _Reader:
    """Reads transcript by transcript what was asked for."""

    session: StudySession
    request: ExportRequest
    codebook: Codebook
    participants: Participants
    runs: Mapping[int, Run]
    memos: Mapping[int | None, list[Memo]]
    lineage: frozenset[str]
    summaries: Mapping[CellKey, Summary]

    def document(self, version: TranscriptVersion) -> CodedDocument | None:
        """Return what was asked for of one transcript; None if nobody in it is as asked for."""
        transcript = self.session.store.transcripts.get(version.id)
        whole = self._person(transcript.name, None)
        people = [self._person(transcript.name, speaker) for speaker in {turn.speaker for turn in transcript.turns}]
        if not any(self.request.filter.is_about(transcript.name, person) for person in (*people, whole)):
            return None
        passages = [*self._passages(transcript, version.id)]
        passages.sort(key=lambda passage: (passage.span.start, -passage.span.end, passage.pending, passage.coder))
        memos = tuple(self.memos.get(version.id, ()))
        return CodedDocument(transcript, whole, tuple(passages), memos, tuple(self._summaries(version.id)))

    def _summaries(self, version: int) -> Iterator[Summary]:
        """Yield what the cells of a transcript say, whoever wrote it: summaries are the team's."""
        for (transcript, code), summary in self.summaries.items():
            if transcript == version and self.request.filter.takes_code(self.codebook.find(code)):
                yield summary

    def _person(self, transcript: str, speaker: str | None) -> Mapping[str, str]:
        return self.participants.of(transcript, speaker)

    def _passages(self, transcript: Transcript, version: int) -> Iterator[CodedPassage]:
        stored = {suggested.id: suggested for suggested in self.session.store.suggestions.stream(version=version)}
        standings = self.session.store.decisions.current(version=version, coder=self.request.filter.coder)
        together: defaultdict[tuple[Span, str, bool], list[GivenCode]] = defaultdict(list)
        for span, coder, given in chain(self._codings(standings, stored), self._pending(standings, stored.values())):
            if self.request.filter.takes_code(given.code):
                together[span, coder, given.status in PENDING].append(given)
        for (span, coder, _), codes in together.items():
            passage = self._passage(transcript, span, coder, codes)
            if self.request.filter.is_about(transcript.name, passage.participant):
                yield passage

    def _codings(
        self, standings: Sequence[CurrentDecision], stored: Mapping[int, StoredSuggestion]
    ) -> Iterator[tuple[Span, str, GivenCode]]:
        for standing in in_force(standings):
            decision = standing.decision
            if decision.span is not None and decision.code is not None:
                answered = stored.get(decision.suggestion) if decision.suggestion is not None else None
                given = self._given(decision.code, status_of(decision), answered, standing.memo, f"c{decision.id}")
                yield decision.span, decision.coder, replace(given, time=decision.time)

    def _pending(
        self, standings: Sequence[CurrentDecision], stored: Iterable[StoredSuggestion]
    ) -> Iterator[tuple[Span, str, GivenCode]]:
        answers: defaultdict[int, list[CurrentDecision]] = defaultdict(list)
        for standing in standings:
            answers[standing.decision.suggestion or 0].append(standing)
        asked_for = stored if self.request.suggestions else ()
        for suggested in holding(asked_for, self.codebook, self.runs, self.lineage):
            status = open_status(answers[suggested.id])
            if status is not None:
                memo = "; ".join(answer.memo for answer in answers[suggested.id] if answer.memo)
                given = self._given(suggested.suggestion.code, status, suggested, memo, f"s{suggested.id}")
                yield suggested.suggestion.span, MACHINE, given

    def _given(
        self, code: str, status: CodingStatus, answered: StoredSuggestion | None, memo: str, key: str
    ) -> GivenCode:
        known = self.codebook.find(code)
        if answered is None:
            return GivenCode(known, status, memo=memo, key=key)
        suggestion, model = answered.suggestion, self.runs[answered.run].facts.model
        # The probability was that of the suggested code: for another one it says nothing.
        probability = suggestion.probability if self.codebook.current_id(suggestion.code) == known.id else None
        evidence = tuple(seed.text for seed in suggestion.evidence)
        uncertain = None if probability is None else suggestion.uncertain
        return GivenCode(known, status, probability, memo, evidence, model, answered.run, key, uncertain=uncertain)

    def _passage(self, transcript: Transcript, span: Span, coder: str, codes: Sequence[GivenCode]) -> CodedPassage:
        at = transcript.turn_at(span.start)
        turn = None if at is None else transcript.turns[at]
        speaker = turn.speaker if turn else None
        order = {name: n for n, name in enumerate(self.codebook.ids)}
        once = {given.code.id: given for given in reversed(codes)}.values()
        ordered = sorted(once, key=lambda given: (order.get(given.code.id, len(order)), given.code.id))
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


def status_of(decision: Decision) -> CodingStatus:
    """Return how a decision that leaves a coding behind came to it."""
    if decision.action == "accept":
        return CodingStatus.ACCEPTED
    return CodingStatus.CODED if decision.suggestion is None else CodingStatus.CHANGED


def open_status(answers: Iterable[CurrentDecision]) -> CodingStatus | None:
    """Return how a suggestion is still open; None once anybody accepted it, rejected it or put another in its place."""
    actions = {str(answer.decision.action) for answer in answers}
    if actions & {"accept", "reject", "code"}:
        return None
    return CodingStatus.UNSURE if "unsure" in actions else CodingStatus.SUGGESTED
