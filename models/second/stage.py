"""The second stage: what a language model thinks moves a calibrated probability by as much as has been measured.

``log-odds' = a * log-odds + b * choice + c * fit + d``, with weights shared by all codes (stacking, Wolpert 1992). It
begins at a = 1 and b = c = d = 0, which changes nothing. A ridge holds it there as long as there is little evidence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from models.examples import BoolArray
from models.second.opinion import NONE, YES, Opinion
from models.stacking import CLIP, logit

Floats = NDArray[np.float64]

START = np.array([1.0, 0.0, 0.0, 0.0])
RIDGE = np.array([10.0, 4.0, 4.0, 2.0])
"""Penalty on the squared change of each weight, in units of summed log loss."""

STRONGEST = 4.0
"""No answer speaks louder than 55 to 1 for or against a code, however sure a model says that it is."""

BOUNDS = ((0.0, 3.0), (0.0, 3.0), (0.0, 3.0), (-3.0, 3.0))
"""An opinion never counts for its opposite: what is wrong more often than right gets no weight."""


@dataclass(frozen=True)
class Pairs:
    """Pairs of a passage and a code that was asked about.

    Attributes:
        calibrated: Shape (pairs,), precode's probability.
        choice: Shape (pairs,), from ``choice_evidence``.
        fit: Shape (pairs,), from ``fit_evidence``, 0 where it was not asked.
        given: Shape (pairs,), whether a person gave the code.
        groups: Shape (pairs,), the interview of each, or a stretch of it; held out together.
    """

    calibrated: Floats
    choice: Floats
    fit: Floats
    given: BoolArray
    groups: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.given)

    def take(self, rows: NDArray[Any]) -> Pairs:
        """Return the named rows."""
        columns = (self.calibrated, self.choice, self.fit, self.given, self.groups)
        return Pairs(*(column[rows] for column in columns))

    @property
    def inputs(self) -> Floats:
        """Shape (pairs, 4): what the weights are for."""
        return np.column_stack([logit(self.calibrated), self.choice, self.fit, np.ones(len(self))])


@dataclass(frozen=True)
class SecondStage:
    """A fitted second stage.

    Attributes:
        weights: Shape (4,): of the calibrated log-odds, of the choice, of the fit, and the offset.
    """

    weights: Floats

    @property
    def weight(self) -> float:
        """How much the model's choice counts, where precode's own log-odds count ``weights[0]``."""
        return float(self.weights[1])

    @property
    def is_used(self) -> bool:
        """Whether the model's answers count at all."""
        return bool((self.weights[1:3] > 0).any())

    @classmethod
    def fit(cls, pairs: Pairs, *, opinion: bool = True) -> Self:
        """Fit by penalised maximum likelihood.

        Args:
            pairs: Of passages that neither precode nor the model was taught with.
            opinion: Whether the model's answers may count; without them the calibration alone is refitted.
        """
        from scipy.optimize import minimize

        inputs, given = pairs.inputs, pairs.given
        bounds = BOUNDS if opinion else (BOUNDS[0], (0.0, 0.0), (0.0, 0.0), BOUNDS[3])

        def loss(weights: Floats) -> tuple[float, Floats]:
            odds, change = inputs @ weights, weights - START
            slope = inputs.T @ (_chance(odds) - given) + 2 * RIDGE * change
            return float(np.logaddexp(0, np.where(given, -odds, odds)).sum() + RIDGE @ change**2), slope

        return cls(np.asarray(minimize(loss, START, jac=True, method="L-BFGS-B", bounds=bounds).x))

    def mixed(self, calibrated: Floats, choice: Floats, fit: Floats) -> Floats:
        """Return probabilities with the opinion.

        Args:
            calibrated: Precode's, of any shape.
            choice: Of the same shape, from ``choice_evidence``.
            fit: Of the same shape, from ``fit_evidence``.
        """
        a, b, c, d = self.weights
        return _chance(a * logit(calibrated) + b * choice + c * fit + d)

    def losses(self, pairs: Pairs) -> Floats:
        """Return the log loss of each pair, shape (pairs,)."""
        odds = pairs.inputs @ self.weights
        return np.asarray(np.logaddexp(0, np.where(pairs.given, -odds, odds)))


UNCHANGED = SecondStage(START)
"""What changes nothing."""


def choice_evidence(opinion: Opinion) -> dict[str, float]:
    """Return by code how much more probable the model finds it than chance, as a logarithm; ``NONE`` is left out."""
    options = len(opinion.chances)
    strengths = {code: np.log(max(chance, CLIP) * options) for code, chance in opinion.chances.items() if code != NONE}
    return {code: float(np.clip(strength, -STRONGEST, STRONGEST)) for code, strength in strengths.items()}


def fit_evidence(opinion: Opinion) -> float:
    """Return the log-odds with which a model says that a code fits, too."""
    return float(np.clip(logit(np.array(opinion.chances[YES])), -STRONGEST, STRONGEST))


def stage_of(weights: Mapping[str, float]) -> SecondStage:
    """Return the stage that ``to_weights`` was called on.

    Raises:
        KeyError: If a weight is missing.
        ValueError: If one is no number.
    """
    found = np.array([float(weights[name]) for name in WEIGHTS])
    if not np.isfinite(found).all():
        raise ValueError("weights are no numbers")
    return SecondStage(found)


def to_weights(stage: SecondStage) -> dict[str, float]:
    """Return the weights by name."""
    return {name: round(float(weight), 6) for name, weight in zip(WEIGHTS, stage.weights, strict=True)}


WEIGHTS = ("calibrated", "choice", "fit", "offset")


def _chance(odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -40, 40))))
