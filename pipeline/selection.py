"""Which probabilities become suggestions: the rule a study chose, and what evidence there is for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.thresholds import NEVER
from pipeline.choices import ThresholdRule
from pipeline.passages import threshold_of_best
from pipeline.settings import SuggestSettings

if TYPE_CHECKING:
    from models.embedder import FloatArray
    from models.suggester import Suggester


@dataclass(frozen=True)
class ChosenThresholds:
    """The thresholds of one transcript.

    Attributes:
        thresholds: Probability from which each code is suggested, shape (codes,).
        certain: Probability from which coded interviews show that suggestions keep the precision asked for, shape
            (codes,); infinite where none show it.
    """

    thresholds: FloatArray
    certain: FloatArray

    def is_uncertain(self, column: int, probability: float) -> bool:
        """Return whether no evidence carries a suggestion of a code at a probability."""
        return bool(np.float32(probability) < self.certain[column])


def select(probabilities: FloatArray, suggester: Suggester, chosen: SuggestSettings) -> ChosenThresholds:
    """Return the thresholds that a rule sets for one transcript.

    Args:
        probabilities: Of its sentences, shape (sentences, codes), at least one sentence.
        suggester: What gave them; knows which thresholds coded interviews support.
        chosen: The study's rule.
    """
    supported = suggester.thresholds_at(chosen.precision)
    supports = is_supported(supported)
    certain = supported if supports else np.full_like(supported, np.inf)
    match rule_in_force(chosen.threshold, has_evidence=supports):
        case ThresholdRule.SURE:
            thresholds = supported
        case ThresholdRule.THOROUGH:
            thresholds = np.full_like(supported, chosen.floor)
        case _:
            thresholds = threshold_of_best(probabilities, most=chosen.best)
    return ChosenThresholds(thresholds, certain)


def is_supported(thresholds: FloatArray) -> bool:
    """Return whether coded interviews support any of a suggester's thresholds, shape (codes,)."""
    return bool((thresholds != np.float32(NEVER)).any())


def rule_in_force(chosen: ThresholdRule, *, has_evidence: bool) -> ThresholdRule:
    """Return the rule that holds: the one chosen, or the one that the evidence supports."""
    if chosen is not ThresholdRule.AUTO:
        return chosen
    return ThresholdRule.SURE if has_evidence else ThresholdRule.BEST
