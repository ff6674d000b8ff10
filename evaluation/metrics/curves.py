"""Curves of a result as lists of points, thinned so that a result file stays small.

``precision_recall.*``   (recall, precision) over all (row, label) pairs, best score first
``precision_coverage``   (share of rows answered, share of those answered rightly): the most confident rows first
``reliability``          (mean confidence, share right, rows) in ten bins of equal width, of each row's first code
"""

from __future__ import annotations

import numpy as np

from evaluation.metrics.grouping import Flags, Floats
from evaluation.metrics.measures import GROUPINGS, Rows
from evaluation.metrics.ranking import BINS, top_label

Curve = tuple[tuple[float, ...], ...]
"""Points of a curve, each with one number for each axis."""

POINTS = 50


def curves_of(rows: Rows) -> dict[str, Curve]:
    """Return every curve of scored rows; a curve without a positive case is empty."""
    right, confidence = top_label(rows.truth, rows.scores)
    pairs = {
        f"precision_recall.{name}": precision_recall(
            group(rows.codebook).truth(rows.truth).ravel(), group(rows.codebook).chance_of_any(rows.scores).ravel()
        )
        for name, group in GROUPINGS.items()
    }
    coded = rows.coded
    coverage = {"precision_coverage": precision_coverage(right[coded], confidence[coded])}
    return pairs | coverage | {"reliability": reliability(right, confidence)}


def precision_recall(labels: Flags, scores: Floats) -> Curve:
    """Return (recall, precision) after each distinct score, best first; scores that are equal count together."""
    order = np.argsort(-scores, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
    found = np.cumsum(labels[order])[ends]
    if not len(found) or not found[-1]:
        return ()
    return _points(found / found[-1], found / (ends + 1))


def precision_coverage(right: Flags, confidence: Floats) -> Curve:
    """Return (coverage, precision) as ever less confident rows are answered."""
    order = np.argsort(-confidence, kind="stable")
    answered = np.arange(1, len(order) + 1)
    return _points(answered / max(1, len(order)), np.cumsum(right[order]) / answered)


def reliability(right: Flags, confidence: Floats) -> Curve:
    """Return (mean confidence, share right, rows) of each bin that holds a row."""
    bins = np.minimum((confidence * BINS).astype(np.intp), BINS - 1)
    members = [bins == n for n in range(BINS) if (bins == n).any()]
    return tuple(
        (_short(confidence[member].mean()), _short(right[member].mean()), float(member.sum())) for member in members
    )


def _points(across: Floats, up: Floats) -> Curve:
    """Return the points nearest to evenly spaced places on the first axis, first and last included."""
    if not len(across):
        return ()
    places = np.searchsorted(across, np.linspace(across[0], across[-1], POINTS))
    chosen = np.unique(np.append(np.clip(places, 0, len(across) - 1), [0, len(across) - 1]))
    return tuple((_short(across[n]), _short(up[n])) for n in chosen)


def _short(value: float) -> float:
    return round(float(value), 4)
