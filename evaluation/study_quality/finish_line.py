"""The finish line: how reliable the coding would be if suggestions from a probability on were taken as they are.

A sentence with such a suggestion gets the codes suggested there, unread; a person codes all others. What that costs is
measured on sentences that a person coded completely without being shown what the machine says: transcripts coded
blind, and audited sentences. Sentences with a suggestion and those without one count by how many of each the study has,
however many of each were judged. Where fewer were judged than an interval needs, there is none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from evaluation.metrics.agreement import Counts, cohen_kappa
from evaluation.metrics.grouping import Flags, Floats
from evaluation.study_quality.sentences import Numbers
from evaluation.study_quality.shares import korn_graubard

FEWEST = 20
"""Judged codes, suggested or given, in sentences that would be taken as suggested, under which nothing is said."""
FEWEST_CLUSTERS = 3
"""Transcripts, or audited sentences, that these must come from."""
STEP = 0.05
"""Between thresholds."""


@dataclass(frozen=True)
class Cells:
    """Pairs of a sentence and a code.

    Attributes:
        sentences: Shape (pairs,), rows of sentences.
        codes: Shape (pairs,), columns of codes.
    """

    sentences: Numbers
    codes: Numbers

    def only(self, kept: Flags) -> Cells:
        """Return those that are ``kept``, shape (pairs,)."""
        return Cells(self.sentences[kept], self.codes[kept])


@dataclass(frozen=True)
class JudgedStudy:
    """All sentences of a study, what is suggested in them, and what a person says of some of them.

    Attributes:
        sentences: How many there are.
        codes: How many the codebook has.
        suggested: Every suggested pair.
        chances: Shape (pairs,), the probability of each.
        marks: Shape (pairs,), which suggestion each belongs to.
        judged: Shape (sentences,), which a person coded completely.
        clusters: Shape (sentences,), a number for each transcript coded blind and for each audited sentence: below
            ``documents`` for transcripts, from there on for single sentences.
        human: Every pair that the person gave, once; only those of judged sentences count.
    """

    sentences: int
    codes: int
    suggested: Cells
    chances: Floats
    marks: Numbers
    judged: Flags
    clusters: Numbers
    documents: int
    human: Cells


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95% interval; all None where too few sentences were judged."""

    value: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class FinishPoint:
    """What taking suggestions from one probability on would come to.

    Attributes:
        threshold: That probability.
        by_hand: Share of the study's sentences that a person still codes.
        taken: Suggested pairs of a sentence and a code that would be taken.
        judged: Codes, suggested or given, that the estimates rest on.
        kappa: Cohen's, of the finished coding with a person's own over all pairs; ``precision``, ``recall`` likewise.
    """

    threshold: float
    by_hand: float
    taken: int
    judged: int
    kappa: Estimate
    precision: Estimate
    recall: Estimate


def finish_points(study: JudgedStudy) -> tuple[FinishPoint, ...]:
    """Return a point for each threshold from the lowest probability of a suggestion on, lowest first."""
    if not len(study.chances):
        return ()
    last = round(1 / STEP)
    lowest = min(np.floor(round(study.chances.min() / STEP, 6)), last - 1)  # .15 is three steps; 1 gets a point, too
    steps = np.arange(lowest, last) * STEP
    weights = _weights(study)
    return tuple(_point(study, weights, float(round(step, 2))) for step in steps)


def _weights(study: JudgedStudy) -> Floats | None:
    """Return how many sentences of its kind each judged one stands for, shape (sentences,); None if a kind has none.

    The two kinds are sentences with and without a suggestion (post-stratification).
    """
    with_suggestion = np.zeros(study.sentences, dtype=np.bool_)
    with_suggestion[study.suggested.sentences] = True
    weights = np.zeros(study.sentences)
    for kind in (with_suggestion, ~with_suggestion):
        looked = int((kind & study.judged).sum())
        if kind.any() and not looked:
            return None
        weights[kind & study.judged] = kind.sum() / max(1, looked)
    return weights


def _point(study: JudgedStudy, weights: Floats | None, threshold: float) -> FinishPoint:
    kept = study.chances >= threshold
    suggested = study.suggested.only(kept)
    taken = np.zeros(study.sentences, dtype=np.bool_)
    taken[suggested.sentences] = True
    pairs = _numbers(study, suggested, taken)
    outcome = _outcome(study, suggested, taken)
    judged = int(outcome.pairs.sum())
    by_hand = 1 - float(taken.mean()) if study.sentences else 1.0
    estimates = _estimates(study, weights, taken, outcome)
    return FinishPoint(threshold, by_hand, len(pairs), judged, *estimates)


@dataclass(frozen=True)
class _Outcome:
    """What became of the pairs in judged sentences that would be taken, by cluster: shape (clusters,)."""

    right: Floats
    wrong: Floats
    missed: Floats

    @property
    def pairs(self) -> Floats:
        return self.right + self.wrong + self.missed


def _outcome(study: JudgedStudy, suggested: Cells, taken: Flags) -> _Outcome:
    machine = _numbers(study, suggested, taken & study.judged)
    human = _numbers(study, study.human, taken & study.judged)
    groups = int(study.clusters.max(initial=-1)) + 1
    by_cluster = (
        np.bincount(study.clusters[cells // study.codes], minlength=groups).astype(np.float64)
        for cells in (np.intersect1d(machine, human), np.setdiff1d(machine, human), np.setdiff1d(human, machine))
    )
    return _Outcome(*by_cluster)


def _numbers(study: JudgedStudy, cells: Cells, sentences: Flags) -> Numbers:
    """Return each pair in some sentences as one number, however many suggestions or codings say it."""
    inside = cells.only(sentences[cells.sentences])
    return np.unique(inside.sentences * study.codes + inside.codes)


def _estimates(study: JudgedStudy, weights: Floats | None, taken: Flags, outcome: _Outcome) -> tuple[Estimate, ...]:
    """Return kappa, precision and recall of the finished coding; none of them where too little was judged."""
    if weights is None or outcome.pairs.sum() < FEWEST or (outcome.pairs > 0).sum() < FEWEST_CLUSTERS:
        return Estimate(), Estimate(), Estimate()
    elsewhere = study.human.only((study.judged & ~taken)[study.human.sentences])
    scale = float(weights[taken & study.judged].max())  # all that would be taken bear a suggestion: one kind
    finished = _Finished(scale, float(weights[elsewhere.sentences].sum()), study.sentences * study.codes)
    errors, pairs = outcome.wrong + outcome.missed, float(outcome.pairs.sum())
    part_wrong = float(outcome.wrong.sum() / errors.sum()) if errors.any() else 0.5
    given = (outcome.right + outcome.wrong, outcome.right + outcome.missed)

    def kappa(share: float) -> float:
        return finished.kappa(pairs, part_wrong * share, (1 - part_wrong) * share)

    return (
        _mapped(kappa, errors, outcome.pairs),
        _mapped(lambda share: finished.share_right(given[0].sum(), share), outcome.wrong, given[0]),
        _mapped(lambda share: finished.share_right(given[1].sum(), share), outcome.missed, given[1]),
    )


@dataclass(frozen=True)
class _Finished:
    """The finished coding of a study.

    Attributes:
        scale: Sentences that each judged one stands for, of those that would be taken as suggested.
        elsewhere: Codes that a person gives in all other sentences.
        cells: Pairs of a sentence and a code in all.
    """

    scale: float
    elsewhere: float
    cells: int

    def kappa(self, pairs: float, wrong: float, missed: float) -> float:
        """Return kappa where shares of the judged pairs are ``wrong`` or ``missed``."""
        first, second = self.scale * pairs * wrong, self.scale * pairs * missed
        both = self.scale * pairs - first - second + self.elsewhere
        neither = self.cells - both - first - second
        counts = Counts(*(np.asarray(cell, dtype=np.float64) for cell in (both, first, second, neither)))
        return float(cohen_kappa(counts))

    def share_right(self, pairs: float, off: float) -> float:
        """Return which share is right of judged pairs, ``off`` of which are not, and of those coded elsewhere."""
        whole = self.scale * pairs + self.elsewhere
        return 1 - self.scale * pairs * off / whole if whole else 1.0


def _mapped(figure: Callable[[float], float], errors: Floats, pairs: Floats) -> Estimate:
    """Return a figure that falls with the share of errors at that share, and at both ends of the share's interval."""
    share = float(errors.sum() / pairs.sum()) if pairs.any() else 0.0
    interval = korn_graubard(errors, pairs)
    return Estimate(figure(share), *(map(figure, interval[::-1]) if interval else ()))
