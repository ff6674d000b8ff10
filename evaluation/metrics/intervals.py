"""Scores with intervals: a percentile bootstrap that resamples whole documents.

Sentences of one interview are not independent, so whole interviews are drawn with replacement. With few documents
the interval is wide and itself uncertain: four interviews allow 35 different draws, and the 95% interval is then
little more than the range over interviews. Read it as a warning, not as a guarantee.

A statistic is computed for all draws at once: it takes weights of shape (draws, documents), how often each document
was drawn, and returns one value a draw. The first row of weights is the data as they are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics.grouping import Floats

LEVEL = 0.95
"""Confidence of every bootstrap interval."""
DRAWS = 1_000
"""Resamples of whole documents behind every bootstrap interval."""
FEWEST = 5
"""Under this many cases a score is not given: "insufficient" instead."""


@dataclass(frozen=True, slots=True)
class Score:
    """A score with its 95% interval.

    Attributes:
        value: None where the evidence is insufficient.
        low: None also where there is one document only, which allows no interval.
        n: The cases the score rests on: its denominator, or the positives of a ranking.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int

    def to_json(self) -> dict[str, float | int | None]:
        """Return ``{"value", "low", "high", "n"}``, or ``{"insufficient": n}``."""
        if self.value is None:
            return {"insufficient": self.n}
        return {"value": self.value, "low": self.low, "high": self.high, "n": self.n}


Block = Mapping[str, "Block | Score | int"]
"""Scores by name, nested as docs/formats.md lays them out; plain numbers are counts."""


@dataclass(frozen=True)
class Bootstrap:
    """Draws of whole documents, the same for every score of a benchmark.

    Attributes:
        documents: Number of documents.
        draws: Number of resamples.
        seed: Of the random generator.
    """

    documents: int
    draws: int = DRAWS
    seed: int = 0

    @cached_property
    def _drawn(self) -> tuple[Floats, NDArray[np.intp]]:
        """Return the different draws and, for each draw, which of them it is."""
        chances = np.full(self.documents, 1 / self.documents)
        draws = np.random.default_rng(self.seed).multinomial(self.documents, chances, size=self.draws)
        different, index = np.unique(draws, axis=0, return_inverse=True)
        return different.astype(np.float64), index.reshape(-1)

    @cached_property
    def weights(self) -> Floats:
        """Shape (1 + different draws, documents): the data as they are, then each draw once."""
        return np.vstack([np.ones(self.documents), self._drawn[0]])

    def score(self, values: Floats, n: int) -> Score:
        """Return the score for the values a statistic gave for ``weights``.

        Args:
            values: Shape (1 + different draws,); nan where a draw leaves the statistic undefined.
            n: The cases behind the score; fewer than ``FEWEST`` are insufficient.
        """
        value = float(values[0])
        if n < FEWEST or math.isnan(value):
            return Score(None, None, None, n)
        low, high = self._interval(values[1:][self._drawn[1]])
        return Score(value, low, high, n)

    def _interval(self, drawn: Floats) -> tuple[float | None, float | None]:
        defined = drawn[~np.isnan(drawn)]
        if self.documents < 2 or not len(defined):
            return None, None
        tail = round(50 * (1 - LEVEL), 9)
        low, high = np.percentile(defined, [tail, 100 - tail])
        return float(low), float(high)


def ratio(numerator: Floats, denominator: Floats) -> Floats:
    """Divide where the denominator is not 0; nan elsewhere."""
    undefined = np.full(np.broadcast_shapes(numerator.shape, denominator.shape), np.nan)
    return np.asarray(np.divide(numerator, denominator, out=undefined, where=denominator != 0))
