"""Intervals for a share that was counted: how sure few cases make us."""

from __future__ import annotations

from typing import Literal

Interval = tuple[float, float]
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
