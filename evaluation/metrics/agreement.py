"""Chance-corrected agreement of two coders as closed forms on 2 x 2 counts.

Closed forms take arrays, so that a thousand bootstrap draws cost one call; tests hold them equal to scikit-learn,
krippendorff, irrCAC and Gwet's worked example. Rare codes make kappa and alpha low and AC1 and PABAK high whatever the
coders do, so the prevalence always stands beside them.

Standard errors are Gwet's (*Handbook of Inter-Rater Reliability*, 4th edition, 2014, chapter 5): linear in what each
unit adds to observed and expected agreement. They take units as independent, which sentences of one interview are not;
where transcripts can be drawn, ``evaluation.metrics.intervals`` is the better guide.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from evaluation.metrics.grouping import Flags, Floats
from evaluation.metrics.intervals import LEVEL, ratio


@dataclass(frozen=True)
class Counts:
    """A 2 x 2 table, or many: the arrays broadcast.

    Attributes:
        both: Both coders gave the code.
        first: Only the first did (the machine).
        second: Only the second did (the human).
        neither: None did.
    """

    both: Floats
    first: Floats
    second: Floats
    neither: Floats

    @property
    def n(self) -> Floats:
        """Number of decisions."""
        return self.both + self.first + self.second + self.neither

    def weighted(self, weights: Floats) -> Counts:
        """Return the tables of draws from tables of documents: ``weights @ counts``."""
        return Counts(weights @ self.both, weights @ self.first, weights @ self.second, weights @ self.neither)


def counts_by_document(machine: Flags, human: Flags, documents: Floats) -> Counts:
    """Count decisions over all labels, one table for each document.

    Args:
        machine: Shape (n, labels).
        human: Shape (n, labels).
        documents: Shape (documents, n), one where the row belongs to the document (see ``indicator``).
    """
    cells = (machine & human, machine & ~human, ~machine & human, ~machine & ~human)
    return Counts(*(documents @ cell.sum(axis=1) for cell in cells))


def prevalence(counts: Counts) -> Floats:
    """Return the share of decisions in which the second coder gave the code."""
    return ratio(counts.both + counts.second, counts.n)


def cohen_kappa(counts: Counts) -> Floats:
    """Return Cohen's kappa (Cohen 1960)."""
    first, second = counts.both + counts.first, counts.both + counts.second
    expected = ratio(first * second + (counts.n - first) * (counts.n - second), counts.n**2)
    return _corrected(counts, expected)


def gwet_ac1(counts: Counts) -> Floats:
    """Return Gwet's AC1 (Gwet 2008)."""
    share = _share(counts)
    return _corrected(counts, 2 * share * (1 - share))


def pabak(counts: Counts) -> Floats:
    """Return the prevalence-adjusted bias-adjusted kappa (Byrt et al. 1993): ``2 * observed - 1``."""
    return 2 * _observed(counts) - 1


def krippendorff_alpha(counts: Counts) -> Floats:
    """Return Krippendorff's alpha for nominal data without gaps."""
    given = 2 * counts.both + counts.first + counts.second
    values = 2 * counts.n
    expected = ratio(2 * given * (values - given), values * (values - 1))
    return 1 - ratio(1 - _observed(counts), expected)


def kappa_error(counts: Counts) -> Floats:
    """Return the standard error of Cohen's kappa."""
    first, second = ratio(counts.both + counts.first, counts.n), ratio(counts.both + counts.second, counts.n)
    expected = first * second + (1 - first) * (1 - second)
    alike = (first + second) / 2
    units = Counts(alike, (1 + (second - first)) / 2, (1 + (first - second)) / 2, 1 - alike)
    return _error(counts, expected, units)


def ac1_error(counts: Counts) -> Floats:
    """Return the standard error of Gwet's AC1."""
    share = _share(counts)
    half = np.full_like(share, 0.5)
    return _error(counts, 2 * share * (1 - share), Counts(1 - share, half, half, share))


def alpha_error(counts: Counts) -> Floats:
    """Return the standard error of Krippendorff's alpha."""
    share = _share(counts)
    half = np.full_like(share, 0.5)
    return _error(counts, share**2 + (1 - share) ** 2, Counts(share, half, half, 1 - share))


def interval_over_units(value: float, error: float, units: int) -> tuple[float, float] | None:
    """Return the interval of a coefficient by Student's t over units, which are taken as independent.

    Args:
        value: The coefficient.
        error: Its standard error.
        units: How many units were judged.

    Returns:
        The two ends, the upper one at most 1; None where there is no error.
    """
    from scipy.stats import t

    if units < 2 or math.isnan(value) or math.isnan(error):
        return None
    reach = float(t.ppf((1 + LEVEL) / 2, units - 1)) * error
    return value - reach, min(1.0, value + reach)


def _error(counts: Counts, expected: Floats, units: Counts) -> Floats:
    """Return the standard error of ``(observed - expected) / (1 - expected)``.

    Args:
        counts: How many units fell into each cell.
        expected: Agreement by chance.
        units: What one unit of each cell adds to the agreement by chance.
    """
    n, observed = counts.n, _observed(counts)
    coefficient = ratio(observed - expected, 1 - expected)

    def squared(agrees: int, unit: Floats) -> Floats:
        own = ratio(agrees - expected, 1 - expected) - 2 * (1 - coefficient) * ratio(unit - expected, 1 - expected)
        return np.asarray((own - coefficient) ** 2)

    alike = counts.both * squared(1, units.both) + counts.neither * squared(1, units.neither)
    differ = counts.first * squared(0, units.first) + counts.second * squared(0, units.second)
    return np.sqrt(ratio(alike + differ, n * (n - 1)))


def _share(counts: Counts) -> Floats:
    """Return how often the code was given, the mean of both coders."""
    return ratio(2 * counts.both + counts.first + counts.second, 2 * counts.n)


def _observed(counts: Counts) -> Floats:
    return ratio(counts.both + counts.neither, counts.n)


def _corrected(counts: Counts, expected: Floats) -> Floats:
    return ratio(_observed(counts) - expected, 1 - expected)
