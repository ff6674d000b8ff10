"""Intervals for a share that was counted: how sure few cases make us."""

from __future__ import annotations

from math import sqrt

Interval = tuple[float, float]
Z = 1.959963984540054
"""The normal quantile of a 95% interval."""


def wilson(successes: int, n: int) -> Interval | None:
    """Return the 95% score interval of a share (Wilson 1927), or None without any case."""
    if n == 0:
        return None
    share, spread = successes / n, Z * Z / n
    middle, half = share + spread / 2, Z * sqrt((share * (1 - share) + spread / 4) / n)
    low, high = (middle - half) / (1 + spread), (middle + half) / (1 + spread)
    return (0.0 if successes == 0 else low), (1.0 if successes == n else high)


def clopper_pearson(successes: int, n: int) -> Interval | None:
    """Return the exact 95% interval of a share (Clopper and Pearson 1934), or None without any case."""
    from scipy.special import betaincinv

    if n == 0:
        return None
    low = betaincinv(successes, n - successes + 1, 0.025) if successes > 0 else 0.0
    high = betaincinv(successes + 1, n - successes, 0.975) if successes < n else 1.0
    return float(low), float(high)
