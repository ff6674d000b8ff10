"""Metrics that hold for many bootstrap draws at once.

scikit-learn has average precision and the area under the curve for one set of weights; a bootstrap needs a thousand.
``Ranking`` sorts once and answers for all draws; tests hold it equal to scikit-learn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics.grouping import Flags, Floats
from evaluation.metrics.intervals import ratio

CELLS_AT_ONCE = 4_000_000
BINS = 10
RECALL = 0.95


class Ranking:
    """Rows ordered by score, best first; rows with equal scores are read together.

    Args:
        labels: Shape (n,), true for rows that should come first.
        scores: Shape (n,).
        documents: Shape (n,), the document of each row.
    """

    def __init__(self, labels: Flags, scores: Floats, documents: NDArray[np.intp]) -> None:
        order = np.argsort(-scores, kind="stable")
        ordered = scores[order]
        self._labels = labels[order].astype(np.float64)
        self._documents = documents[order]
        self._ends = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))
        self.positives = int(labels.sum())

    def average_precision(self, weights: Floats) -> Floats:
        """Return average precision for each row of ``weights`` (draws, documents); nan without positives."""
        return self._each(weights, _average_precision)

    def auc(self, weights: Floats) -> Floats:
        """Return the area under the ROC curve for each draw; nan where one class is absent."""
        return self._each(weights, _auc)

    def work_saved(self, weights: Floats) -> Floats:
        """Return WSS@95 for each draw (Cohen et al. 2006).

        The share of rows one need not read to find 95% of the positives, less the 5% that random reading saves.
        """
        return self._each(weights, _work_saved)

    def _each(self, weights: Floats, measure: Callable[[Floats, Floats], Floats]) -> Floats:
        """Apply ``measure(found, read)`` to as many draws at once as memory allows."""
        parts = max(1, -(-len(weights) * len(self._labels) // CELLS_AT_ONCE))
        return np.concatenate([measure(*self._progress(part)) for part in np.array_split(weights, parts)])

    def _progress(self, weights: Floats) -> tuple[Floats, Floats]:
        """Return the weight of positives found and of rows read at each distinct score."""
        drawn = weights[:, self._documents]
        return np.cumsum(drawn * self._labels, axis=1)[:, self._ends], np.cumsum(drawn, axis=1)[:, self._ends]


def _average_precision(found: Floats, read: Floats) -> Floats:
    precision = np.nan_to_num(ratio(found, read))
    gained = np.diff(found, axis=1, prepend=0.0)
    return ratio((gained * precision).sum(axis=1), found[:, -1])


def _auc(found: Floats, read: Floats) -> Floats:
    wrong = read - found
    before = np.hstack([np.zeros((len(found), 1)), found[:, :-1]])
    area = (np.diff(wrong, axis=1, prepend=0.0) * (found + before) / 2).sum(axis=1)
    return ratio(area, found[:, -1] * wrong[:, -1])


def _work_saved(found: Floats, read: Floats) -> Floats:
    enough = found >= RECALL * found[:, -1:] - 1e-9
    first = enough.argmax(axis=1)
    share = ratio(read[np.arange(len(read)), first], read[:, -1])
    saved = RECALL - share
    saved[found[:, -1] == 0] = np.nan
    return saved


@dataclass(frozen=True)
class Hits:
    """What precision and recall are made of, by document and label, each of shape (documents, labels).

    Attributes:
        correct: Suggestions that a human coding confirms.
        suggested: All suggestions.
        found: Human codings that a suggestion meets.
        human: All human codings.
    """

    correct: Floats
    suggested: Floats
    found: Floats
    human: Floats

    def micro(self) -> Hits:
        """Return the sums over labels, shape (documents, 1)."""
        parts = (self.correct, self.suggested, self.found, self.human)
        return Hits(*(part.sum(axis=1, keepdims=True) for part in parts))

    def precision(self, weights: Floats) -> Floats:
        """Return precision, shape (draws, labels); nan without suggestions."""
        return ratio(weights @ self.correct, weights @ self.suggested)

    def recall(self, weights: Floats) -> Floats:
        """Return recall, shape (draws, labels); nan without human codings."""
        return ratio(weights @ self.found, weights @ self.human)

    def f1(self, weights: Floats) -> Floats:
        """Return the harmonic mean of both; 0 where nothing was suggested or nothing is right."""
        precision, recall = np.nan_to_num(self.precision(weights)), self.recall(weights)
        return np.asarray(np.where(precision + recall == 0, 0.0, ratio(2 * precision * recall, precision + recall)))


def indicator(documents: NDArray[np.intp], count: int) -> Floats:
    """Return shape (count, n): one where the row belongs to the document. ``indicator @ x`` sums by document."""
    return np.asarray(np.arange(count)[:, None] == documents[None, :], dtype=np.float64)


def in_top(truth: Flags, scores: Floats, k: int) -> Flags:
    """Return, shape (n,), whether any true label is among the ``k`` best scores of its row.

    Args:
        truth: Shape (n, labels).
        scores: Shape (n, labels).
        k: How many are looked at; of equal scores the first labels count.
    """
    best = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    return np.asarray(np.take_along_axis(truth, best, axis=1).any(axis=1))


def top_label(truth: Flags, probabilities: Floats) -> tuple[Flags, Floats]:
    """Return whether the most probable label of each row is true, and its probability."""
    best = probabilities.argmax(axis=1)
    rows = np.arange(len(best))
    return truth[rows, best], probabilities[rows, best]


def brier(right: Flags, confidence: Floats, sums: Floats, weights: Floats) -> Floats:
    """Return the mean squared distance of confidence from outcome for each draw.

    Args:
        right: Shape (n,).
        confidence: Shape (n,).
        sums: ``indicator`` of the rows' documents.
        weights: Shape (draws, documents).
    """
    return ratio(weights @ (sums @ (confidence - right) ** 2), weights @ sums.sum(axis=1))


def expected_calibration_error(right: Flags, confidence: Floats, sums: Floats, weights: Floats) -> Floats:
    """Return the expected calibration error over ten bins of equal width for each draw (Guo et al. 2017).

    Args:
        right: Shape (n,).
        confidence: Shape (n,).
        sums: ``indicator`` of the rows' documents.
        weights: Shape (draws, documents).
    """
    bins = np.minimum((confidence * BINS).astype(np.intp), BINS - 1)
    gaps = np.zeros((len(bins), BINS))
    gaps[np.arange(len(bins)), bins] = right - confidence
    return ratio(np.abs(weights @ (sums @ gaps)).sum(axis=1), weights @ sums.sum(axis=1))
