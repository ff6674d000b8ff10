"""What the machine does not find, from sentences without a suggestion that a coder looked at.

The audited sentences are a random sample of those that no suggestion touches. The share of them that bears a code
after all has an exact interval (Clopper-Pearson); times the number of such sentences it gives those missed. Sentences
whose suggestion led to a coding are those found. Suggestions without a decision yet count by their probability.
"""

from __future__ import annotations

import numpy as np

from evaluation.metrics.grouping import Flags, Floats
from evaluation.study_quality.columns import Suggested
from evaluation.study_quality.progress import ACCEPTED, RECODED, UNDECIDED, UNSURE
from evaluation.study_quality.sentences import LENGTH, Numbers, SentenceRow
from evaluation.study_quality.shares import clopper_pearson
from evaluation.study_quality.types import Missed
from pipeline.review.event_log import Audits

FEWEST = 20
"""Audited sentences under which the interval says next to nothing."""


def missed(row: SentenceRow, suggested: Suggested, found: Numbers, audits: Audits) -> Missed:
    """Estimate what was missed.

    Args:
        row: The participant sentences of the versions that were pre-coded.
        suggested: All suggestions there.
        found: Shape (suggestions,), from ``verdicts``.
        audits: The coder's audits; those of sentences that a suggestion touches by now do not count.
    """
    free = np.ones(len(row), dtype=np.bool_)
    free[row.touching(suggested.marks)[0]] = False
    results = _results(row, free, audits)
    if len(results) < FEWEST:
        return Missed(len(results), sum(results), insufficient=len(results))
    pending = np.isin(found, (UNDECIDED, UNSURE))
    coded = np.isin(found, (ACCEPTED, RECODED)).astype(np.float64)
    right = _right(row, suggested, np.where(pending, suggested.chances, coded))
    return _estimate(results, int(free.sum()), right, int(pending.sum()))


def _results(row: SentenceRow, free: Flags, audits: Audits) -> list[bool]:
    """Return what was found in the audited sentences that are still without a suggestion."""
    versions, sentences = row.versions[row.documents[free]], np.column_stack([row.starts, row.ends])[free] % LENGTH
    still = set(zip(versions.tolist(), *sentences.T.tolist(), strict=True))
    return [hit for (version, span), hit in audits.items() if (version, span.start, span.end) in still]


def _right(row: SentenceRow, suggested: Suggested, chances: Floats) -> float:
    """Return how many sentences bear a code that was suggested: each counts by the best of its suggestions."""
    best = np.zeros(len(row))
    sentence, mark = row.bearing(suggested.marks)
    np.maximum.at(best, sentence, chances[mark])
    return float(best.sum())


def _estimate(results: list[bool], unsuggested: int, right: float, undecided: int) -> Missed:
    audited, hits = len(results), sum(results)
    low, high = clopper_pearson(hits, audited) or (0.0, 1.0)
    recall, most, least = (_recall(right, share * unsuggested) for share in (hits / audited, low, high))
    return Missed(audited, hits, None, unsuggested, low, high, right, undecided, recall, least, most)


def _recall(right: float, lost: float) -> float | None:
    return right / (right + lost) if right + lost > 0 else None
