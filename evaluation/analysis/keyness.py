"""Which words a group uses more than the others: frequency profiling of two corpora.

The statistic is the log-likelihood ratio of Dunning (1993, Computational Linguistics 19:61-74) in the form of Rayson
and Garside (2000, Proc. Workshop on Comparing Corpora, 1-6); how large a difference is, is told by the log ratio of
Hardie (2014): the binary logarithm of the ratio of relative frequencies, with half an occurrence for none.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]


def log_likelihood(here: Numbers, elsewhere: Numbers, size_here: int, size_elsewhere: int) -> Floats:
    """Return G2 of each word: how much its two frequencies speak against one common rate.

    Args:
        here: Occurrences in the group, shape (words,).
        elsewhere: In all others, likewise.
        size_here: All words of the group, also those that are not among these.
        size_elsewhere: All words of the others.

    Returns:
        Shape (words,), never negative; 3.84 or more has p < .05 and 15.13 p < .0001 (chi-squared, one degree of
        freedom), were words drawn independently.
    """
    both, size = here + elsewhere, size_here + size_elsewhere
    if not size_here or not size_elsewhere:
        return np.zeros(len(here))
    expected_here, expected_elsewhere = size_here * both / size, size_elsewhere * both / size
    sums = _weighed(here, expected_here) + _weighed(elsewhere, expected_elsewhere)
    return np.maximum(2 * sums, 0.0)


def log_ratio(here: Numbers, elsewhere: Numbers, size_here: int, size_elsewhere: int) -> Floats:
    """Return by how many doublings each word is more frequent in the group than in the others.

    Args:
        here: Occurrences in the group, shape (words,).
        elsewhere: In all others, likewise.
        size_here: All words of the group.
        size_elsewhere: All words of the others.
    """
    own = np.maximum(here, 0.5) / max(size_here, 1)
    other = np.maximum(elsewhere, 0.5) / max(size_elsewhere, 1)
    return np.asarray(np.log2(own / other))


def _weighed(observed: Numbers, expected: Floats) -> Floats:
    """Return observed * ln(observed / expected), 0 where nothing was observed."""
    ratio = np.divide(observed, expected, out=np.ones(len(observed)), where=(observed > 0) & (expected > 0))
    return np.asarray(observed * np.log(ratio))
