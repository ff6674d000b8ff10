"""The probability from which a code is suggested, set on unseen interviews to a stated precision."""

from __future__ import annotations

import math
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
PRECISIONS = np.arange(50, 100) / 100
"""Precisions that can be asked for: every whole percentage from the lowest to the highest."""


def thresholds(probabilities: FloatArray, labels: BoolArray, domains: Sequence[str]) -> FloatArray:
    """Return one threshold per code: the lowest that keeps the target precision in the code's domain.

    Args:
        probabilities: Shape (rows, codes), of interviews the classifiers have not seen.
        labels: Shape (rows, codes).
        domains: The domain of each code.
    """
    row: FloatArray = threshold_table(probabilities, labels, domains)[row_of_precision(TARGET_PRECISION)]
    return row


def threshold_table(probabilities: FloatArray, labels: BoolArray, domains: Sequence[str]) -> FloatArray:
    """Return the thresholds for each of ``PRECISIONS``, shape (precisions, codes).

    Args:
        probabilities: Shape (rows, codes), of interviews the classifiers have not seen.
        labels: Shape (rows, codes).
        domains: The domain of each code.
    """
    overall = _lowest(probabilities.ravel(), labels.ravel(), PRECISIONS)
    overall = np.where(np.isnan(overall), NEVER, overall)
    groups, table = np.array(domains), np.empty((len(PRECISIONS), len(domains)), dtype=np.float32)
    for name in dict.fromkeys(domains):
        columns = groups == name
        own = _lowest(probabilities[:, columns].ravel(), labels[:, columns].ravel(), PRECISIONS)
        table[:, columns] = np.where(np.isnan(own), overall, own)[:, np.newaxis]
    return table


def no_evidence(codes: int) -> FloatArray:
    """Return the table of thresholds that nothing supports, shape (precisions, codes)."""
    return np.full((len(PRECISIONS), codes), NEVER, dtype=np.float32)


def row_of_precision(precision: float) -> int:
    """Return the row of a table of thresholds that promises a precision, 0.5 to 0.99; between two rows the stricter."""
    return min(len(PRECISIONS) - 1, max(0, math.ceil(round(100 * (precision - float(PRECISIONS[0])), 6))))


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
    (found,) = _lowest(probabilities, labels, [precision])
    return None if math.isnan(found) else float(found)


def _lowest(
    probabilities: NDArray[np.floating], labels: BoolArray, precisions: Sequence[float] | NDArray[np.floating]
) -> NDArray[np.float64]:
    """Return the lowest threshold for each precision, shape (precisions,); nan where none reaches it."""
    order = np.argsort(-probabilities, kind="stable")
    taken = np.arange(1, len(order) + 1)
    falls = np.append(np.diff(probabilities[order]) != 0, True)  # equal probabilities are suggested together
    ends = np.flatnonzero(falls[: len(order)] & (taken >= FEWEST))
    right, values = np.cumsum(labels[order])[ends] / taken[ends], probabilities[order][ends]
    reached = (np.flatnonzero(right >= precision) for precision in precisions)
    return np.array([values[rows[-1]] if len(rows) else math.nan for rows in reached], dtype=np.float64)
