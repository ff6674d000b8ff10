"""The rule of ``Span.shares_half`` over arrays."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics.grouping import Flags

Lengths = NDArray[np.number[Any]]


def share_half(shared: Lengths, first: Lengths, second: Lengths, *, of: Literal["either", "both"]) -> Flags:
    """Return for every pair of spans whether they share at least half of either or of both.

    Args:
        shared: Characters that the spans of each pair share, of any shape (pairs,).
        first: Length of the first span of each pair, in characters, of the same shape.
        second: Length of the second one, likewise.
        of: ``either`` compares with the shorter span, ``both`` with the longer one.
    """
    lengths = np.minimum(first, second) if of == "either" else np.maximum(first, second)
    return np.asarray((shared > 0) & (2 * shared >= lengths))
