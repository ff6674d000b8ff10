"""Chance-corrected agreement of two coders as closed forms on 2 x 2 counts.

Closed forms take arrays, so that a thousand bootstrap draws cost one call; tests hold them equal to scikit-learn,
krippendorff and Gwet's worked example. Rare codes make kappa and alpha low and AC1 and PABAK high whatever the
coders do, so the prevalence always stands beside them.
"""

from __future__ import annotations

from dataclasses import dataclass

from evaluation.metrics.grouping import Flags, Floats
from evaluation.metrics.intervals import ratio


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
    share = ratio(2 * counts.both + counts.first + counts.second, 2 * counts.n)
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


def _observed(counts: Counts) -> Floats:
    return ratio(counts.both + counts.neither, counts.n)


def _corrected(counts: Counts, expected: Floats) -> Floats:
    return ratio(_observed(counts) - expected, 1 - expected)
