"""The probability from which a code is suggested, set on unseen interviews to a stated precision."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.embedder import FloatArray
from models.examples import BoolArray

TARGET_PRECISION = 0.75
FEWEST = 20
"""Suggestions a threshold of its own must rest on; with fewer, a domain takes the threshold of all codes."""
NEVER = 0.95
"""Where no threshold reaches the precision: only what is nearly certain is suggested."""


def thresholds(probabilities: FloatArray, labels: BoolArray, domains: Sequence[str]) -> FloatArray:
    """Return one threshold per code: the lowest that keeps the target precision in the code's domain.

    Args:
        probabilities: Shape (rows, codes), of interviews the classifiers have not seen.
        labels: Shape (rows, codes).
        domains: The domain of each code.
    """
    overall = threshold_at_precision(probabilities.ravel(), labels.ravel())
    groups = np.array(domains)
    own = {}
    for name in dict.fromkeys(domains):
        columns = groups == name
        own[name] = threshold_at_precision(probabilities[:, columns].ravel(), labels[:, columns].ravel())
    candidates = ((own[name], overall, NEVER) for name in domains)
    found = [next(value for value in values if value is not None) for values in candidates]
    return np.array(found, dtype=np.float32)


def threshold_at_precision(
    probabilities: NDArray[np.floating], labels: BoolArray, *, precision: float = TARGET_PRECISION
) -> float | None:
    """Return the lowest threshold whose suggestions are right at least ``precision`` of the time.

    None if no threshold with at least ``FEWEST`` suggestions reaches it.

    Args:
        probabilities: Shape (n,), calibrated.
        labels: Shape (n,): whether a person gave the code.
        precision: Share of suggestions that must be right, 0 to 1.
    """
    order = np.argsort(-probabilities, kind="stable")
    right = np.cumsum(labels[order])
    taken = np.arange(1, len(order) + 1)
    falls = np.append(np.diff(probabilities[order]) != 0, True)  # equal probabilities are suggested together
    reached = np.flatnonzero(falls & (taken >= FEWEST) & (right / taken >= precision))
    return float(probabilities[order[reached[-1]]]) if len(reached) else None
