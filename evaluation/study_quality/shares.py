"""Intervals for a share that was counted: how sure few cases make us."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics.grouping import Floats

Interval = tuple[float, float]
Numbers = NDArray[np.int64]
LEVEL = 0.95
"""Confidence of every interval of a share."""


def wilson(successes: int, n: int) -> Interval | None:
    """Return the 95% score interval of a share (Wilson 1927), or None without any case."""
    return _interval(successes, n, "wilson")


def clopper_pearson(successes: int, n: int) -> Interval | None:
    """Return the exact 95% interval of a share (Clopper and Pearson 1934), or None without any case."""
    return _interval(successes, n, "exact")


def _interval(successes: int, n: int, method: Literal["wilson", "exact"]) -> Interval | None:
    from scipy.stats import binomtest

    if n == 0:
        return None
    found = binomtest(successes, n).proportion_ci(LEVEL, method)
    return float(found.low), float(found.high)


def mean_of_counts(counts: Numbers) -> tuple[float, float, float]:
    """Return the mean of small counts, such as codes a sentence, with its 95% interval; of no counts 0 to 1.

    The exact interval of the share that is not 0, times the mean of the others; wider where these vary, as the variance
    of a compound count is.

    Args:
        counts: Shape (cases,), none negative.
    """
    some = counts[counts > 0]
    share, size = len(some) / max(1, len(counts)), float(some.mean()) if len(some) else 1.0
    low, high = clopper_pearson(len(some), len(counts)) or (0.0, 1.0)
    varies = float(some.var()) / size**2 if len(some) else 0.0
    wider = math.sqrt(1 + varies / (1 - share)) if share < 1 else 1.0
    middle = share * size
    return middle, max(0.0, middle - (share - low) * size * wider), middle + (high - share) * size * wider


def sum_interval(parts: Sequence[tuple[float, float, float]]) -> tuple[float, float, float]:
    """Return the sum of independent figures with its interval, from theirs (MOVER, Zou and Donner 2008).

    Args:
        parts: Value, low and high of each.
    """
    value = sum(part[0] for part in parts)
    below = math.sqrt(sum((middle - low) ** 2 for middle, low, _ in parts))
    above = math.sqrt(sum((high - middle) ** 2 for middle, _, high in parts))
    return value, value - below, value + above


def ratio_interval(top: tuple[float, float, float], under: tuple[float, float, float]) -> Interval:
    """Return the interval of a ratio of two independent figures from theirs (MOVER-R, Donner and Zou 2012).

    Args:
        top: Value, low and high, none negative.
        under: Likewise, its low above 0.
    """
    (a, a_low, a_high), (b, b_low, b_high) = top, under
    low = a * b - math.sqrt(max(0.0, (a * b) ** 2 - a_low * b_high * (2 * a - a_low) * (2 * b - b_high)))
    high = a * b + math.sqrt(max(0.0, (a * b) ** 2 - a_high * b_low * (2 * a - a_high) * (2 * b - b_low)))
    # Where a figure is so vague that the root does not hold, the ends themselves are the safe answer.
    lowest = low / (b_high * (2 * b - b_high)) if 2 * b > b_high else a_low / b_high
    highest = high / (b_low * (2 * b - b_low))
    return max(0.0, lowest), max(highest, a / b)


def korn_graubard(successes: Floats, cases: Floats) -> Interval | None:
    """Return the 95% interval of a share over clusters (Korn and Graubard 1998), or None for fewer than two clusters.

    Clopper and Pearson's interval at the effective number of cases: as many independent cases as would vary as much as
    the clusters do (a ratio estimator), less what is lost by few clusters. Where all clusters say the same, every case
    counts as one.

    Args:
        successes: Shape (clusters,).
        cases: Shape (clusters,); clusters without a case do not count.
    """
    from scipy.stats import beta, t

    held = cases > 0
    total, clusters = float(cases[held].sum()), int(held.sum())
    if clusters < 2:
        return None
    share = float(successes[held].sum()) / total
    off = successes[held] - share * cases[held]
    variance = clusters / (clusters - 1) * float(off @ off) / total**2
    effective = min(total, share * (1 - share) / variance) if variance > 0 else total
    tail = (1 + LEVEL) / 2
    quantiles = t.ppf(tail, max(total - 1, 1)), t.ppf(tail, clusters - 1)
    effective *= float(quantiles[0] / quantiles[1]) ** 2
    hits = share * effective
    low = float(beta.ppf(1 - tail, hits, effective - hits + 1)) if hits > 0 else 0.0
    high = float(beta.ppf(tail, hits + 1, effective - hits)) if hits < effective else 1.0
    return low, high
