"""From a score for each sentence to passages, best first: the pure core of searching by meaning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.embedder import FloatArray

NEAR = 0.1
"""How far below the best sentence of a passage a neighbour may score and belong to it."""

LONGEST = 5
"""Sentences in a passage."""


@dataclass(frozen=True, slots=True)
class RankedPassage:
    """Neighbouring sentences of one turn.

    Attributes:
        first: Row of the first sentence.
        end: Row after the last.
        score: Of its best sentence.
    """

    first: int
    end: int
    score: float


def best_passages(scores: FloatArray, turns: NDArray[np.int64], most: int) -> list[RankedPassage]:
    """Return the passages whose best sentences score highest, best first; asking for more only adds to the end.

    Args:
        scores: Of each sentence, shape (sentences,); -inf for one that is not wanted.
        turns: Number of the turn that each sentence is in, shape (sentences,); neighbours of a turn are in order.
        most: Passages at most.
    """
    taken = np.zeros(len(scores), dtype=np.bool_)
    found: list[RankedPassage] = []
    for best in _best_rows(scores, most * LONGEST):  # a passage takes LONGEST of them at most
        if len(found) == most or scores[best] == -np.inf:
            break
        if taken[best]:
            continue
        first, end = best, best + 1
        while end - first < LONGEST:
            sides = [row for row in (first - 1, end) if _joins(row, best, scores, turns) and not taken[row]]
            if not sides:
                break
            joining = max(sides, key=lambda row: scores[row])
            first, end = min(first, joining), max(end, joining + 1)
        taken[first:end] = True
        found.append(RankedPassage(first, end, float(scores[best])))
    return found


def _best_rows(scores: FloatArray, count: int) -> list[int]:
    """Return at least so many rows with the highest scores, highest first and equal ones in order."""
    least = np.partition(scores, len(scores) - count)[len(scores) - count] if len(scores) > count else -np.inf
    rows = np.flatnonzero(scores >= least)
    return [int(row) for row in rows[np.argsort(-scores[rows], kind="stable")]]


def _joins(row: int, best: int, scores: FloatArray, turns: Sequence[int] | NDArray[np.int64]) -> bool:
    """Tell whether a sentence beside a passage belongs to it.

    Args:
        row: The sentence.
        best: The passage's best sentence.
        scores: Of all sentences.
        turns: Of all sentences.
    """
    return 0 <= row < len(scores) and turns[row] == turns[best] and bool(scores[row] >= scores[best] - NEAR)
