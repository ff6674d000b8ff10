"""Coded passages that look unlike the others with their code: worth a second look, for coders drift and slip.

Every passage is compared with the others that bear its code, itself left out. What is far less like them than passages
of that code usually are stands out. That is no mistake by itself: it may be the one passage that shows another side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.study_quality.sentences import Numbers

Vectors = NDArray[np.float32]

FEWEST = 6
"""Passages of a code under which none can stand out."""
NEAREST = 3
"""Passages that one is compared with: the most similar, for a code may have several sides."""
ODD = 2.0
"""Spreads below the usual similarity from which a passage stands out."""
LEAST_SPREAD = 0.02
"""Cosine; passages of a code that are all alike differ by less, and nothing is to be said of that."""
SAME = 0.999
"""Cosine from which two passages are the same words."""
MOST = 5
"""Passages that are shown of a code."""


@dataclass(frozen=True, slots=True)
class OddPassage:
    """A passage that looks unlike the others with its code.

    Attributes:
        row: Which of the passages.
        similarity: Mean cosine to the most similar others with the code.
        usual: The same of the code's passages in the median.
        nearer: Column of the code whose passages it looks more like, if any.
    """

    row: int
    similarity: float
    usual: float
    nearer: int | None


def odd_passages(vectors: Vectors, codes: Numbers) -> dict[int, list[OddPassage]]:
    """Return by code which passages look unlike the others, the oddest first; codes without any are left out.

    Args:
        vectors: Of the passages, shape (passages, dimension), of length 1.
        codes: Column of the code of each, shape (passages,); a passage with two codes is two rows.
    """
    likeness = {code: _likeness(vectors, vectors[codes == code]) for code in np.unique(codes).tolist()}
    found = {code: _odd(np.flatnonzero(codes == code), code, likeness) for code in likeness}
    return {code: odd for code, odd in found.items() if odd}


def _likeness(vectors: Vectors, members: Vectors) -> Vectors:
    """Return how much each passage looks like those of a code, the same words left out, shape (passages,)."""
    cosines = vectors @ members.T
    cosines[cosines >= SAME] = -np.inf
    nearest = min(NEAREST, len(members))
    best = np.partition(cosines, -nearest, axis=1)[:, -nearest:]
    told = np.isfinite(best)
    sums = np.where(told, best, 0).sum(axis=1)
    mean: Vectors = np.divide(
        sums, told.sum(axis=1), out=np.full(len(vectors), np.nan, np.float32), where=told.any(axis=1)
    )
    return mean


def _odd(rows: Numbers, code: int, likeness: dict[int, Vectors]) -> list[OddPassage]:
    own = likeness[code][rows]
    if np.isfinite(own).sum() < FEWEST:
        return []
    usual = float(np.nanmedian(own))
    spread = max(LEAST_SPREAD, 1.4826 * float(np.nanmedian(np.abs(own - usual))))
    order = np.argsort(own, kind="stable")  # nan, which is compared with nothing, comes last
    odd = [n for n in order.tolist() if own[n] <= usual - ODD * spread]
    return [OddPassage(int(rows[n]), float(own[n]), usual, _nearer(int(rows[n]), code, likeness)) for n in odd[:MOST]]


def _nearer(row: int, code: int, likeness: dict[int, Vectors]) -> int | None:
    others = {other: float(like[row]) for other, like in likeness.items() if other != code and np.isfinite(like[row])}
    best = max(others, key=others.__getitem__, default=None)
    return best if best is not None and others[best] > likeness[code][row] else None
