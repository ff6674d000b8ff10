"""What a study may choose by its name, for those who only offer the choice: nothing is imported for it."""

from __future__ import annotations

from enum import StrEnum

DEFAULT_CODEBOOK = "selfie"
"""The framework of a study that names none."""
NO_CODEBOOK = "none"
"""What a study is coded with whose codes are made while it is read."""


class ThresholdRule(StrEnum):
    """Which suggestions a study gets.

    SURE: those that are right as often as asked for, where coded interviews show it; THOROUGH: all from a floor on;
    BEST: so many of each transcript, whatever their probability. AUTO is SURE where there is evidence, else BEST.
    """

    AUTO = "auto"
    SURE = "sure"
    THOROUGH = "thorough"
    BEST = "best"
