"""What the machine does not find, code by code, from sentences of which a coder gave all codes.

Sentences with and without a suggestion are audited as two samples. In each, the codes that a coder gave and no
suggestion had are counted; the mean of each sample times the number of its sentences gives the codes that were missed.
Codes that were suggested rightly are known where they were decided on; others count by their probability.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from evaluation.metrics.grouping import Flags, Floats
from evaluation.study_quality.columns import Suggested
from evaluation.study_quality.judged import Subject, cells_of, rows_at
from evaluation.study_quality.progress import ACCEPTED, UNDECIDED, UNSURE
from evaluation.study_quality.sentences import CodedSpans, Numbers, SentenceRow
from evaluation.study_quality.shares import mean_of_counts, ratio_interval, sum_interval
from evaluation.study_quality.types import MissedCodes

FEWEST = 20
"""Audited sentences without a suggestion under which the interval says next to nothing."""
FEWEST_SUGGESTED = 10
"""Audited sentences with a suggestion that it takes beside them, or all where there are not so many."""
Z = 1.959964
"""Standard errors in half a 95% interval."""


def missed_codes(
    row: SentenceRow, suggested: Suggested, found: Numbers, audited: Collection[Subject], codings: CodedSpans
) -> MissedCodes:
    """Estimate which codes were missed.

    Args:
        row: The participant sentences of the versions that were pre-coded.
        suggested: All suggestions there.
        found: Shape (suggestions,), from ``progress.verdicts``.
        audited: Sentences of which the coder gave all codes.
        codings: What the coder coded on these versions.
    """
    touched = np.zeros(len(row), dtype=np.bool_)
    touched[row.touching(suggested.marks)[0]] = True
    counts = _not_suggested(row, suggested, codings)
    rows = rows_at(row, audited)
    free, marked = counts[rows[~touched[rows]]], counts[rows[touched[rows]]]
    few = len(free) < min(FEWEST, (~touched).sum()) or len(marked) < min(FEWEST_SUGGESTED, touched.sum())
    if few or not len(rows):
        return MissedCodes(len(rows), len(marked), int(counts[rows].sum()), insufficient=len(rows))
    right = _right(row, suggested, found)
    lost = sum_interval([_scaled(free, ~touched), _scaled(marked, touched)])
    recall, low, high = _recall(right, lost)
    return MissedCodes(len(rows), len(marked), int(counts[rows].sum()), None, right[0], lost[0], recall, low, high)


def _not_suggested(row: SentenceRow, suggested: Suggested, codings: CodedSpans) -> Numbers:
    """Return how many codes each sentence was given that no suggestion had there, shape (sentences,)."""
    every = np.ones(len(row), dtype=np.bool_)
    width = 1 + int(max(codings.codes.max(initial=0), suggested.marks.codes.max(initial=0)))
    given, proposed = (cells_of(row, marks, every) for marks in (codings, suggested.marks))
    missed = np.setdiff1d(given.sentences * width + given.codes, proposed.sentences * width + proposed.codes)
    return np.bincount(missed // width, minlength=len(row))


def _right(row: SentenceRow, suggested: Suggested, found: Numbers) -> tuple[float, float, float]:
    """Return how many suggested codes of sentences are right, with the 95% interval that undecided ones leave."""
    pending = np.isin(found, (UNDECIDED, UNSURE))
    chances: Floats = np.where(pending, suggested.chances, (found == ACCEPTED).astype(np.float64))
    lengths = np.bincount(row.bearing(suggested.marks)[1], minlength=len(found))
    right = float(chances @ lengths)
    off = Z * float(np.sqrt((chances * (1 - chances) * pending) @ lengths.astype(np.float64) ** 2))
    return right, max(0.0, right - off), right + off


def _scaled(counts: Numbers, kind: Flags) -> tuple[float, float, float]:
    middle, low, high = (end * float(kind.sum()) for end in mean_of_counts(counts))
    return (middle, low, high) if kind.any() else (0.0, 0.0, 0.0)


def _recall(
    right: tuple[float, float, float], lost: tuple[float, float, float]
) -> tuple[float | None, float | None, float | None]:
    """Return the share of codes that was found, from what is right and what was lost."""
    if right[0] + lost[0] <= 0:
        return None, None, None
    if right[1] <= 0:
        return right[0] / (right[0] + lost[0]), 0.0, 1.0
    least, most = ratio_interval(lost, right)
    return right[0] / (right[0] + lost[0]), 1 / (1 + most), 1 / (1 + least)
