"""The orders in which suggestions are asked, as permutations of their rows."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.intp]
Floats = NDArray[np.float64]


class QueueOrder(StrEnum):
    """What comes first: the most or the least certain, by codebook or transcript, what teaches most or is disputed.

    DISAGREE is where a language model thinks otherwise than precode.
    """

    CERTAIN = "certain"
    UNCERTAIN = "uncertain"
    CODE = "code"
    DOMAIN = "domain"
    TRANSCRIPT = "transcript"
    TEACH = "teach"
    DISAGREE = "disagree"


def by(*keys: NDArray[np.generic]) -> Rows:
    """Return the rows sorted by several keys, the first one weighing most."""
    return np.lexsort(keys[::-1])


def distance(codes: Rows, probabilities: Floats) -> Floats:
    """Return how far each suggestion is from where the model is least sure, shape (rows,).

    That is a probability of one half, or the code's threshold; the lowest probability of any of its suggestions stands
    for the threshold, because whatever lies under that is not suggested.
    """
    lowest = np.full(int(codes.max(initial=-1)) + 1, np.inf)
    np.minimum.at(lowest, codes, probabilities)
    off: Floats = np.minimum(np.abs(probabilities - lowest[codes]), np.abs(probabilities - 0.5))
    return off


def teaching(codes: Rows, probabilities: Floats, decided: NDArray[np.bool_]) -> Rows:
    """Return the order that teaches most: one suggestion of each code in turn, the least sure ones first.

    A code joins in the turn that its decisions so far have brought it to, so codes with few decisions come first.
    What is decided already is last.

    Args:
        codes: Code number of each row.
        probabilities: Of each row.
        decided: Which rows the coder has decided on.
    """
    unsure = distance(codes, probabilities)
    order = by(decided, codes, unsure)
    place = np.empty(len(order), dtype=np.intp)
    place[order] = _places(codes[order], decided[order])
    so_far = np.bincount(codes[decided], minlength=int(codes.max(initial=-1)) + 1)
    return by(decided, place + so_far[codes], unsure)


def _places(codes: Rows, decided: NDArray[np.bool_]) -> Rows:
    """Return each row's place within its group; groups are adjacent."""
    if not len(codes):
        return np.zeros(0, dtype=np.intp)
    begins = np.ones(len(codes), dtype=np.bool_)
    begins[1:] = (codes[1:] != codes[:-1]) | (decided[1:] != decided[:-1])
    rows = np.arange(len(codes))
    return rows - np.maximum.accumulate(np.where(begins, rows, 0))
