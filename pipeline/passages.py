"""From scored sentences to passages: adjacent sentences with the same code become one suggestion."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from corpus.transcript import Segment, Span
from pipeline.settings import SuggestSettings

ALTERNATIVES = 5
"""Runner-up codes that are shown with a passage: as many as have a key of their own."""

BEST = SuggestSettings().best
"""Suggestions a transcript gets where no threshold is supported by evidence and the study says nothing else."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of adjacent sentences of one turn that share a code.

    Attributes:
        rows: First row and row after the last, into the scored segments.
        column: Column of the code.
        probability: That of its most certain sentence.
        rank: 1 if the code is the most probable of that sentence.
    """

    rows: tuple[int, int]
    column: int
    probability: float
    rank: int

    def segments(self, segments: Sequence[Segment]) -> Sequence[Segment]:
        """Return the sentences the passage covers."""
        return segments[slice(*self.rows)]

    def span(self, segments: Sequence[Segment]) -> Span:
        """Return the stretch of text the passage covers."""
        first, last = segments[self.rows[0]], segments[self.rows[1] - 1]
        return first.span.join(last.span)


def merge_sentences(
    segments: Sequence[Segment], probabilities: NDArray[np.float32], thresholds: NDArray[np.float32]
) -> list[Passage]:
    """Merge the sentences that reach their code's threshold.

    Args:
        segments: Participant sentences of one transcript, in order.
        probabilities: Shape (segments, codes).
        thresholds: Shape (codes,).

    Returns:
        Passages in order of their first sentence, the most probable first where they begin together.
    """
    if not len(segments):
        return []
    reached = probabilities >= thresholds
    ranks = (-probabilities).argsort(axis=1, kind="stable").argsort(axis=1, kind="stable") + 1
    turns = np.array([sentence.turn for sentence in segments])
    merged = [
        _passage(run, column, probabilities, ranks)
        for column in np.flatnonzero(reached.any(axis=0)).tolist()
        for run in _runs(np.flatnonzero(reached[:, column]), turns)
    ]
    return sorted(merged, key=lambda passage: (passage.rows[0], -passage.probability, passage.column))


def threshold_of_best(probabilities: NDArray[np.float32], *, most: int = BEST) -> NDArray[np.float32]:
    """Return thresholds that the best (sentence, code) pairs of one transcript reach, shape (codes,).

    For suggesters whose own thresholds no evidence supports: the best of each transcript are worth a decision, whatever
    their probability. At most one pair for every three sentences is taken.

    Args:
        probabilities: Shape (segments, codes).
        most: Pairs at most; neighbours with one code are one passage, so there are as many suggestions or fewer.
    """
    sentences, codes = probabilities.shape
    wanted = min(most, -(-sentences // 3))
    lowest = np.partition(probabilities.ravel(), -wanted)[-wanted]
    return np.full(codes, lowest, dtype=np.float32)


def alternatives(passage: Passage, probabilities: NDArray[np.float32]) -> list[tuple[int, float]]:
    """Return the next best codes of a passage, best first: columns with the probability of its most certain sentence.

    Args:
        passage: One of ``merge_sentences``.
        probabilities: The matrix it was found in, shape (segments, codes).
    """
    best = probabilities[slice(*passage.rows)].max(axis=0)
    order = (-best).argsort(kind="stable")
    return [(column, float(best[column])) for column in order.tolist() if column != passage.column][:ALTERNATIVES]


def _runs(rows: NDArray[np.intp], turns: NDArray[np.intp]) -> Iterator[list[int]]:
    """Yield runs of consecutive rows within one turn."""
    for _, run in groupby(enumerate(rows.tolist()), key=lambda pair: (pair[1] - pair[0], turns[pair[1]])):
        yield [row for _, row in run]


def _passage(run: list[int], column: int, probabilities: NDArray[np.float32], ranks: NDArray[np.intp]) -> Passage:
    best = run[int(probabilities[run, column].argmax())]
    return Passage(
        rows=(run[0], run[-1] + 1),
        column=column,
        probability=float(probabilities[best, column]),
        rank=int(ranks[best, column]),
    )
