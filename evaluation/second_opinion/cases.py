"""Passages that people judged without sight of a second opinion, scored by a suggester that has not learned them.

That is what was coded in a file, blind or before opinions were shown, and what audits looked at. A decision made after
its coder could see the opinion is anchored on it and would make any model look good.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.codings import Coding
from corpus.seeds import PAGE, SeedBank
from corpus.transcript import Span, digest_of
from pipeline.learn import coded_in
from pipeline.learned import LearnedSeeds
from pipeline.precoder import Precoder, make_precoder
from pipeline.second.passages import AskedPassage, is_young, passages_of, worth_asking
from pipeline.store import Action, EventKind
from pipeline.store.event_records import AUDITED

if TYPE_CHECKING:
    from pipeline.session import StudySession
    from pipeline.store import CurrentDecision, Event, StoredOpinion

PARTS = 3
"""Interviews are scored by a suggester that has not learned from their third."""


@dataclass(frozen=True)
class Case:
    """A passage with what people made of it.

    Attributes:
        document: Name of its transcript.
        codes: The codes that were given; empty where none was.
    """

    passage: AskedPassage
    document: str
    codes: frozenset[str]


@dataclass
class JudgedTranscript:
    """What people made of one transcript without sight of an opinion.

    Attributes:
        looked_at: Stretches that bear no code wherever ``codings`` say nothing else.
    """

    codings: list[Coding] = field(default_factory=list)
    looked_at: list[Span] = field(default_factory=list)

    def codes_of(self, span: Span) -> frozenset[str] | None:
        """Return the codes of a passage; None where nobody judged."""
        codes = frozenset(coding.code for coding in self.codings if span.shares_half(coding.span, of="either"))
        known = codes or any(span.shares_half(looked, of="either") for looked in self.looked_at)
        return codes if known else None


def cases_of(session: StudySession, human: Path | None = None) -> list[Case]:
    """Return the judged passages that a pass would ask about, in an order that is arbitrary and always the same.

    Args:
        session: The study; a run has been over it.
        human: A file of human codings; what it leaves uncoded in its interviews counts, too.

    Raises:
        InputError: If the file cannot be read or fits no transcript.
    """
    judged, versions = judgements(session, human), {v.name: v.id for v in session.store.transcripts.versions()}
    found: list[Case] = []
    for names, precoder in _unseen(session, sorted(judged)):
        for name in names:
            transcript = session.store.transcripts.get(versions[name])
            passages = passages_of(versions[name], transcript, precoder.precode(transcript))
            asked = worth_asking(passages, young=is_young(precoder))
            known = ((passage, judged[name].codes_of(passage.span)) for passage in asked)
            found += [Case(passage, name, codes) for passage, codes in known if codes is not None]
    return sorted(found, key=lambda case: digest_of(f"{case.document} {case.passage.span}"))


def _unseen(session: StudySession, names: Sequence[str]) -> Iterator[tuple[Sequence[str], Precoder]]:
    """Yield interviews with a precoder that has learned nothing from them."""
    study, precoder = session.study, session.precoder
    learned = LearnedSeeds(study.folder).seeds(precoder.codebook)
    taught = {quote.document for quote in learned.quotes}
    fresh = [name for name in names if name not in taught]
    if fresh:
        yield fresh, precoder
    others = [name for name in names if name in taught]
    for part in range(PARTS if others else 0):
        held = others[part::PARTS]
        rest = SeedBank(tuple(quote for quote in learned.quotes if quote.document not in held))
        language = study.settings.study.language
        if held:
            yield (
                held,
                make_precoder(
                    precoder.codebook, study.seeds().without(PAGE), precoder.embedder, learned=rest, language=language
                ),
            )


def judgements(session: StudySession, human: Path | None = None) -> dict[str, JudgedTranscript]:
    """Return by transcript what people judged without sight of an opinion.

    Args:
        session: The study.
        human: A file of human codings.

    Raises:
        InputError: If the file cannot be read or fits no transcript.
    """
    store, codebook = session.store, session.study.codebook()
    judged: defaultdict[str, JudgedTranscript] = defaultdict(JudgedTranscript)
    current = {version.id: version.name for version in store.transcripts.versions()}
    if human is not None:
        for reading in coded_in(human, map(store.transcripts.get, current), codebook):
            judged[reading.transcript.name].codings += reading.codings
            judged[reading.transcript.name].looked_at += reading.rejected
    events = list(store.events.stream())
    exposure = Exposure(session, events)
    for version, name in current.items():
        for standing in store.decisions.current(version=version):
            if standing.decision.blind or not exposure.had_seen(standing):
                _take(session, judged[name], name, standing, frozenset(codebook.ids))
    for event in events:
        if event.version in current and event.kind in AUDITED and event.span is not None:
            judged[current[event.version]].looked_at.append(event.span)
    for version in _coded_blind(current, events):
        judged[current[version]].looked_at.append(Span(0, len(store.transcripts.get(version).text)))
    return {name: found for name, found in judged.items() if found.codings or found.looked_at}


def _take(
    session: StudySession, judged: JudgedTranscript, name: str, standing: CurrentDecision, codes: frozenset[str]
) -> None:
    """Take in where a coder stands on one subject."""
    decision = standing.decision
    if standing.coded and decision.span is not None and decision.code in codes:
        judged.codings.append(Coding(name, decision.span, decision.code, decision.coder))
    if decision.suggestion is not None and decision.action in {Action.REJECT, Action.CODE}:
        judged.looked_at.append(session.store.suggestions.get(decision.suggestion).suggestion.span)


def _coded_blind(current: Iterable[int], events: Sequence[Event]) -> set[int]:
    """Return the current versions that somebody coded blind and is done with: their codings are all there is."""
    blind = {(event.coder, event.version) for event in events if event.kind is EventKind.BLIND}
    endings = {EventKind.DONE, EventKind.REOPENED}
    last = {(event.coder, event.version): event.kind for event in events if event.kind in endings}
    done = {version for (coder, version), kind in last.items() if kind is EventKind.DONE and (coder, version) in blind}
    return {version for version in current if version in done}


class Exposure:
    """Which decisions were made when their coder could see an opinion: it was kept, and opinions were shown.

    Args:
        session: The study.
        events: All of its events, in order.
    """

    def __init__(self, session: StudySession, events: Sequence[Event]) -> None:
        self._session = session
        self._shown: dict[str, datetime] = {}
        for event in events:
            if event.kind is EventKind.SECOND and event.text:
                self._shown.setdefault(event.text, event.time)

    def had_seen(self, standing: CurrentDecision) -> bool:
        """Tell whether an opinion on the passage was on the page when a coder decided.

        Args:
            standing: Where the coder stands.
        """
        decision = standing.decision
        span = decision.span
        if span is None and decision.suggestion is not None:
            span = self._session.store.suggestions.get(decision.suggestion).suggestion.span
        return any(
            span is None or opinion.span.overlap(span) > 0
            for opinion in self._opinions.get(decision.version, ())
            if max(opinion.time, self._shown[opinion.model]) <= decision.time
        )

    @cached_property
    def _opinions(self) -> dict[int, list[StoredOpinion]]:
        by_version: defaultdict[int, list[StoredOpinion]] = defaultdict(list)
        for model in self._shown:
            for opinion in self._session.store.opinions.stream(model):
                by_version[opinion.version].append(opinion)
        return dict(by_version)
