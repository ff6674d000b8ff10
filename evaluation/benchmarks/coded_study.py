"""A coded study as a benchmark sees it: sentences with scores and truth, passages, and coded spans as quotes."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from corpus.codebook import Codebook
from corpus.codings import Coding
from corpus.errors import UsageError
from corpus.quotes import QuoteItem
from corpus.transcript import Segment, Transcript, digest_of
from evaluation.benchmarks.scorer import ScoredTalk, Scorer
from evaluation.metrics.alignment import AlignedPassages, Mark, compare, passages_of, sentence_codes
from evaluation.metrics.grouping import Flags, Floats, Grouping
from evaluation.metrics.intervals import Bootstrap
from evaluation.metrics.measures import Rows


@dataclass(frozen=True)
class CodedTalk:
    """Everything a study benchmark measures.

    Attributes:
        rows: Participant sentences with scores and human codes.
        coded: Shape (n,), each sentence's chance of bearing any code.
        suggested: Shape (n, codes), the sentences that suggestions mark.
        texts: The sentences by ``transcript#segment``, in the order of the rows.
        quotes: The human-coded spans taken as given, one for each span.
        segments: The participant sentences, by transcript.
        suggestions: What the machine marks, by transcript in the same order.
        codings: What humans mark, likewise.
        digests: Of transcripts and codings.
        seconds: What scoring took.
    """

    rows: Rows
    coded: Floats
    suggested: Flags
    texts: Mapping[str, str]
    quotes: Sequence[QuoteItem]
    segments: Sequence[Sequence[Segment]]
    suggestions: Sequence[Sequence[Mark]]
    codings: Sequence[Sequence[Coding]]
    digests: Mapping[str, str]
    seconds: float

    @property
    def n_passages(self) -> int:
        """Number of different human codings."""
        return len({(coding.transcript, coding.span, coding.code) for codings in self.codings for coding in codings})

    def comparison(self, grouping: Grouping) -> AlignedPassages:
        """Compare suggested with human passages at the labels of ``grouping``."""
        column = grouping.of_code(self.rows.codebook)
        ours = [passages_of(suggestions, column) for suggestions in self.suggestions]
        theirs = [passages_of(codings, column) for codings in self.codings]
        return compare(ours, theirs, len(grouping.labels))

    def rescored(self, scores: Floats) -> CodedTalk:
        """Return the same study with other scores, say a baseline's, which has no threshold of its own.

        It may mark as many sentence and code pairs as the suggester did: those it scores highest. So both are
        compared at the same load of suggestions on the researcher.
        """
        suggested = best_cells(scores, int(self.suggested.sum()))
        ends = np.cumsum([len(segments) for segments in self.segments])[:-1]
        parts = zip(self.segments, np.split(suggested, ends), strict=True)
        return replace(
            self,
            rows=replace(self.rows, scores=scores),
            coded=scores.max(axis=1),
            suggested=suggested,
            suggestions=[runs_of(segments, flags, self.rows.codebook) for segments, flags in parts],
        )


def best_cells(scores: Floats, count: int) -> Flags:
    """Return the ``count`` highest cells as flags; the first wins among equals."""
    flags = np.zeros(scores.size, dtype=np.bool_)
    flags[np.argsort(-scores, axis=None, kind="stable")[:count]] = True
    return flags.reshape(scores.shape)


def runs_of(segments: Sequence[Segment], flags: Flags, codebook: Codebook) -> list[Coding]:
    """Join neighbouring sentences of one turn that are flagged with the same code to one passage.

    Args:
        segments: The sentences.
        flags: Shape (sentences, codes).
        codebook: Gives the columns.
    """
    passages: list[Coding] = []
    for column, code in enumerate(codebook.ids):
        previous: int | None = None
        for row in map(int, np.flatnonzero(flags[:, column])):
            span = segments[row].span
            if previous == row - 1 and segments[row].turn == segments[row - 1].turn:
                passages[-1] = replace(passages[-1], span=passages[-1].span.join(span))
            else:
                passages.append(Coding("", span, code))
            previous = row
    return passages


def coded_talk(scorer: Scorer, transcripts: Sequence[Transcript], codings: Sequence[Coding]) -> CodedTalk:
    """Score the coded transcripts and align them with their human codings.

    Args:
        scorer: What is measured.
        transcripts: Those that are coded and others, which are left out.
        codings: Human codings.

    Raises:
        UsageError: If none of the transcripts has a coding.
    """
    by_name = {
        name: [coding for coding in codings if coding.transcript == name] for name in {c.transcript for c in codings}
    }
    read = [transcript for transcript in transcripts if transcript.name in by_name]
    if not read:
        raise UsageError("no transcript has a human coding, so there is nothing to score")
    started = time.perf_counter()
    scored = [scorer.score(transcript) for transcript in read]
    seconds = time.perf_counter() - started
    suggestions = [scorer.suggest(transcript) for transcript in read]
    human = [by_name[transcript.name] for transcript in read]
    return CodedTalk(
        rows=_rows(scorer, scored, human),
        coded=np.concatenate([talk.coded for talk in scored]).astype(np.float64),
        suggested=_flags(scorer, scored, suggestions),
        texts=_texts(read, scored),
        quotes=[
            quote for transcript, marks in zip(read, human, strict=True) for quote in span_quotes(transcript, marks)
        ],
        segments=[talk.segments for talk in scored],
        suggestions=suggestions,
        codings=human,
        digests=_digests(read, human),
        seconds=seconds,
    )


def span_quotes(transcript: Transcript, codings: Sequence[Coding]) -> list[QuoteItem]:
    """Return each coded span as one quote with all its codes, white space folded, in order."""
    codes: dict[tuple[int, int], set[str]] = {}
    for coding in sorted(codings, key=lambda coding: coding.span):
        codes.setdefault((coding.span.start, coding.span.end), set()).add(coding.code)
    return [
        QuoteItem(
            f"{transcript.name}:{start}-{end}",
            " ".join(transcript.text[start:end].split()),
            frozenset(given),
            transcript.name,
        )
        for (start, end), given in codes.items()
    ]


def _rows(scorer: Scorer, scored: Sequence[ScoredTalk], human: Sequence[Sequence[Coding]]) -> Rows:
    scores = np.concatenate([talk.probabilities for talk in scored]).astype(np.float64)
    documents = np.repeat(np.arange(len(scored)), [len(talk.segments) for talk in scored])
    return Rows(scorer.codebook, _flags(scorer, scored, human), scores, documents, Bootstrap(len(scored)))


def _flags(scorer: Scorer, scored: Sequence[ScoredTalk], marks: Sequence[Sequence[Mark]]) -> Flags:
    pairs = zip(scored, marks, strict=True)
    return np.concatenate([sentence_codes(talk.segments, given, scorer.codebook) for talk, given in pairs])


def _texts(read: Sequence[Transcript], scored: Sequence[ScoredTalk]) -> dict[str, str]:
    return {
        f"{transcript.name}#{segment.id}": segment.span.of(transcript.text)
        for transcript, talk in zip(read, scored, strict=True)
        for segment in talk.segments
    }


def _digests(read: Sequence[Transcript], human: Sequence[Sequence[Coding]]) -> dict[str, str]:
    marks = [f"{c.transcript}\t{c.span.start}\t{c.span.end}\t{c.code}\t{c.coder}" for codings in human for c in codings]
    return {
        "transcripts": digest_of("\n".join(f"{transcript.name}\t{transcript.digest}" for transcript in read)),
        "codings": digest_of("\n".join(sorted(marks))),
    }
