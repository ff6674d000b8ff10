"""From which probability on suggestions of a code may be taken as they are, at a stated risk of being wrong too often.

Learn then Test (Angelopoulos, Bates, Candes, Jordan and Lei 2021) with one risk: the share of suggestions that are
wrong. Whether it is above what is allowed is tested by the exact binomial tail for one threshold after the other, from
high to low, until the first that does not pass (fixed sequence testing); so the chance that a code gets a threshold
whose suggestions are wrong more often than allowed is at most ``RISK``. Each code is tested by itself, and suggestions
of one transcript are taken as independent.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from evaluation.metrics.grouping import Flags, Floats

RISK = 0.05
"""Chance that a code gets a threshold that does not keep the precision."""


@dataclass(frozen=True, slots=True)
class CodeThreshold:
    """From which probability on suggestions of one code keep the precision asked for.

    Attributes:
        code: Its id.
        judged: Suggestions of the code that a person judged without being shown them; ``right`` of them were right.
        insufficient: ``judged`` where that is too few to pass even without a mistake, else None.
        threshold: None where no threshold passes.
        taken: All suggestions of the code in the study from there on.
    """

    code: str
    judged: int
    right: int
    insufficient: int | None
    threshold: float | None
    taken: int


def fewest_judged(precision: float) -> int:
    """Return how many judged suggestions it takes at least: so many right in a row are rarer than the risk."""
    return math.ceil(math.log(RISK) / math.log(precision))


def lowest_safe_threshold(chances: Floats, right: Flags, precision: float) -> float | None:
    """Return the lowest threshold that passes; None where the first one does not.

    Args:
        chances: Probabilities of judged suggestions, shape (suggestions,).
        right: Which of them a person coded so, too, shape (suggestions,).
        precision: Share of suggestions that must be right.
    """
    from scipy.stats import binom

    order = np.argsort(-chances, kind="stable")
    ordered, wrong = chances[order], np.cumsum(~right[order])
    ends = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)[: len(ordered)]  # equal ones go together
    tested = ends[ends + 1 >= fewest_judged(precision)]
    passes = binom.cdf(wrong[tested], tested + 1, 1 - precision) <= RISK
    first_failure = int(np.argmin(passes)) if not passes.all() else len(passes)
    return float(ordered[tested[first_failure - 1]]) if first_failure else None
