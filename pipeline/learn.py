"""What people decided, as seed quotations: talk that was coded speaks for its code, talk that was rejected for none.

A sentence bears a code if a coding of it and the sentence share at least half of one of them; codings of all coders
count. Sentences that nobody decided on teach nothing, because the log does not say whether anybody read them; in an
interview that a coder marked as done, and in an audit, somebody did, and those without a code get none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.codebook import Codebook
from corpus.codings import Coding, load_codings
from corpus.seeds import SeedBank, SeedQuote
from corpus.transcript import Span, Transcript
from pipeline.embed import contexts, participant_sentences, questions
from pipeline.languages import ENGLISH
from pipeline.notes import without_notes

if TYPE_CHECKING:
    from pipeline.store import CurrentDecision, StudyStore

DECISIONS, CODINGS = "decisions", "codings"
"""Where a learned quotation comes from, its ``source``: the study's decision log, or a file of human codings."""


@dataclass(frozen=True)
class CodedTranscript:
    """What people made of one transcript.

    Attributes:
        codings: What they coded.
        rejected: Stretches without a code wherever ``codings`` say nothing else.
        source: ``DECISIONS`` or ``CODINGS``.
    """

    transcript: Transcript
    codings: Sequence[Coding]
    rejected: Sequence[Span]
    source: str

    @property
    def judgements(self) -> int:
        """How many codings and rejections there are; a whole coded interview counts by its codings."""
        return len(self.codings) + (len(self.rejected) if self.source == DECISIONS else 0)


def decided(store: StudyStore, codebook: Codebook) -> list[CodedTranscript]:
    """Return what the decision log says, version by version; decisions on codes of other codebooks are left out."""
    found: list[CodedTranscript] = []
    done = {version for versions in finished_versions(store).values() for version in versions}
    empty = _found_empty(store)
    for version in store.transcripts.versions(superseded=True):
        current = store.decisions.current(version=version.id)
        codings = [coding for coding in _codings(version.name, current, codebook) if coding.code in codebook.by_id]
        rejected = [*_rejected(store, current), *empty[version.id]]
        if version.id in done:
            rejected.append(Span(0, len(store.transcripts.get(version.id).text)))
        if codings or rejected:
            found.append(CodedTranscript(store.transcripts.get(version.id), codings, rejected, DECISIONS))
    return found


def finished_versions(store: StudyStore) -> dict[str, list[int]]:
    """Return by coder the current transcript versions that the coder marked as done and did not reopen."""
    from pipeline.store import EventKind

    current = {version.id for version in store.transcripts.versions()}
    last = {
        (event.coder, event.version): event.kind
        for event in store.events.stream()
        if event.version in current and event.kind in {EventKind.DONE, EventKind.REOPENED}
    }
    finished: defaultdict[str, list[int]] = defaultdict(list)
    for (coder, version), kind in last.items():
        if version is not None and kind is EventKind.DONE:
            finished[coder].append(version)
    return dict(finished)


def _found_empty(store: StudyStore) -> defaultdict[int, list[Span]]:
    """Return by version the sentences in which an audit found nothing to code."""
    from pipeline.store import EventKind

    empty: defaultdict[int, list[Span]] = defaultdict(list)
    for event in store.events.stream():
        if event.kind is EventKind.AUDITED_EMPTY and event.version is not None and event.span is not None:
            empty[event.version].append(event.span)
    return empty


def coded_in(path: Path, transcripts: Iterable[Transcript], codebook: Codebook) -> list[CodedTranscript]:
    """Return what a file of human codings says of the interviews it codes, which it is taken to code completely.

    Args:
        path: Codings as JSONL or CSV.
        transcripts: The interviews that may be coded there.
        codebook: Its codes are the only ones known.

    Raises:
        InputError: If the file cannot be read or a coding fits no transcript; see ``load_codings``.
    """
    known = {transcript.name: transcript for transcript in transcripts}
    codings = sorted(load_codings(path, known, codebook), key=lambda coding: coding.transcript)
    interviews = ((known[name], [*group]) for name, group in groupby(codings, key=lambda coding: coding.transcript))
    return [
        CodedTranscript(interview, group, [Span(0, len(interview.text))], CODINGS) for interview, group in interviews
    ]


def learned(
    readings: Iterable[CodedTranscript], codebook: Codebook, *, earlier: SeedBank | None = None, language: str = ENGLISH
) -> SeedBank:
    """Return the quotations that readings teach, interview by interview.

    Decisions are read from the log anew each time. Codings of a file are not: those learned ``earlier`` stay, unless
    a reading of the same interview from a file replaces them. A decision on a sentence overrules a file.

    Args:
        readings: What people made of transcripts.
        codebook: The framework.
        earlier: What was learned before.
        language: What is spoken, ISO 639-1.
    """
    fresh = [quote for reading in readings for quote in quotes_of(reading, codebook, language)]
    files = [quote for quote in fresh if quote.source == CODINGS]
    replaced = {quote.document for quote in files}
    kept = [q for q in (earlier.quotes if earlier else ()) if q.source == CODINGS and q.document not in replaced]
    return SeedBank(_overruled([*files, *kept], [quote for quote in fresh if quote.source == DECISIONS]))


def quotes_of(reading: CodedTranscript, codebook: Codebook, language: str = ENGLISH) -> Iterator[SeedQuote]:
    """Yield the participant sentences that people decided on, in order, each with the words around it.

    Args:
        reading: What people made of one transcript.
        codebook: The framework.
        language: What is spoken, ISO 639-1.
    """
    transcript = reading.transcript
    segments = participant_sentences(transcript, language)
    around = zip(segments, contexts(transcript, segments), questions(transcript, segments), strict=True)
    for sentence, context, question in around:
        present = {coding.code for coding in reading.codings if sentence.span.shares_half(coding.span, of="either")}
        codes = [code for code in codebook.ids if code in present]
        if codes or any(sentence.span.shares_half(span, of="either") for span in reading.rejected):
            text = without_notes(sentence.span.of(transcript.text))
            bare = SeedQuote(text, None, None, "rejected", reading.source, context, transcript.name, question or None)
            yield from _quotes(bare, codes)


def _quotes(bare: SeedQuote, codes: Sequence[str]) -> Iterator[SeedQuote]:
    """Yield a quotation with its codes: one for every two, which is what a quotation can bear; itself without any."""
    if not codes:
        yield bare
    for code, also in zip_longest(codes[::2], codes[1::2]):
        yield replace(bare, code=code, also=also, provenance="accepted")


def _codings(name: str, current: Iterable[CurrentDecision], codebook: Codebook) -> Iterator[Coding]:
    for decision in (subject.decision for subject in current if subject.coded):
        if decision.span is not None and decision.code is not None:
            yield Coding(name, decision.span, codebook.current_id(decision.code), decision.coder)


def _rejected(store: StudyStore, current: Iterable[CurrentDecision]) -> Iterator[Span]:
    """Yield the spans of suggestions that were rejected or that another coding took the place of."""
    from pipeline.store import Action

    for decision in (subject.decision for subject in current):
        if decision.suggestion is not None and decision.action in {Action.REJECT, Action.CODE}:
            yield store.suggestions.get(decision.suggestion).suggestion.span


def _overruled(filed: Sequence[SeedQuote], decisions: Sequence[SeedQuote]) -> tuple[SeedQuote, ...]:
    """Put decisions in the place of what a file says of the same sentences."""
    newer: defaultdict[object, list[SeedQuote]] = defaultdict(list)
    for quote in decisions:
        newer[_sentence(quote)].append(quote)
    overruled = set(newer)
    kept = [newer.pop(_sentence(q), []) if _sentence(q) in overruled else [q] for q in filed]
    merged = [*chain.from_iterable(kept), *chain.from_iterable(newer.values())]
    return tuple(sorted(merged, key=lambda quote: quote.document or ""))


def _sentence(quote: SeedQuote) -> tuple[str | None, str | None, str]:
    return quote.document, quote.context, quote.text
