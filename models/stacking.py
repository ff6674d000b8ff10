"""How the scores of two base classifiers become one probability (stacking, Wolpert 1992).

All stackers have a handful of weights, shared by all codes, so that a few coded interviews settle them and a code
with three examples is treated like one with three hundred. Where there is little to settle them on they stay near
start weights, which were measured by the number of quotations a code has (docs/decisions/0005).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.embedder import FloatArray
from models.examples import BoolArray
from models.fitted_arrays import Arrays, nested, part
from models.softmax_regression import Labelled, SoftmaxRegression, fit_softmax

CLIP = 1e-5
LIMIT = {"maxiter": 60}
START_QUOTATIONS = (0.5, 1, 2, 4, 8, 16, 32)
START_WEIGHTS = (3.0, 2.5, 2.2, 1.7, 1.35, 1.15, 1.0)
"""Weight of the log probability by meaning at so many quotations a code: with few of them regularisation leaves the
classifier far too unsure. That of the words is 1."""

RIDGE = 100.0
"""Passages that speak for the start weights of a passage (penalty on the squared log of a weight's change)."""

STRENGTH = 0.003
"""Inverse of the regularisation of the sentence stacker. Sentences of a turn share their codes, so a few interviews
hold far less evidence than they have pairs of sentence and code."""
STEPS = 40
"""Of fitting the sentence stacker: to the end, where it settles."""
LEAST_SCALE = 1e-6
LEAST_EVIDENCE = 15
"""Pairs that are believed in full, however few there are."""

COVERED = 0.4
"""Share of sentences taken to bear a code where no interview is coded by hand. It cannot be learnt from quotations;
in studies coded by hand it is .3 to .8."""

NEIGHBOURS = 0.3
"""Weight of the sentences beside one, where that of the sentence itself is 1."""

AT_ONCE = 2_000
"""Rows combined at once, so that memory stays flat for an interview of any length."""


@dataclass(frozen=True)
class BaseScores:
    """Class probabilities of the same rows by each base classifier, each of shape (rows, codes + 1).

    Attributes:
        meaning: By the vectors.
        words: By the terms of the text itself.
        context: By the terms of the text with its neighbours.
        turns: Shape (rows,): rows with equal numbers that follow one another are neighbours in a turn.
    """

    meaning: FloatArray
    words: FloatArray
    context: FloatArray
    turns: NDArray[np.intp]

    def take(self, rows: NDArray[np.intp]) -> BaseScores:
        """Return the named rows."""
        return BaseScores(self.meaning[rows], self.words[rows], self.context[rows], self.turns[rows])


def logit(probability: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return log odds, clipped so that certainty stays finite."""
    clipped = np.clip(probability.astype(np.float64), CLIP, 1 - CLIP)
    return np.asarray(np.log(clipped / (1 - clipped)))


class SentenceStacker:
    """Calibrated chance that a sentence bears a code: logistic regression over (sentence, code) pairs.

    Its inputs are the log odds of the code by each base classifier, of no code at all, and of the same code in the
    sentences before and after. Fitted on interviews that the base classifiers have not seen, its output is calibrated
    for them (Platt's scaling with several inputs; Platt 1999).

    Args:
        words: Whether words count, too. Those of a few interviews are mostly their own: there words cost precision and
            make probabilities too sure (docs/decisions/0005).
    """

    def __init__(self, *, words: bool = True) -> None:
        self.words = words

    def fit(self, base: BaseScores, labels: BoolArray) -> Self:
        """Fit to the base scores on unseen interviews, labels of shape (rows, codes)."""
        pairs = _pairs(base, words=self.words)
        self.mean_, self.scale_ = pairs.mean(axis=0), np.maximum(pairs.std(axis=0), LEAST_SCALE)
        strength = max(STRENGTH, LEAST_EVIDENCE / labels.size) / 2  # both classes bear a ridge
        labelled = Labelled(self._standard(pairs), labels.ravel().astype(np.intp), np.ones(labels.size, np.float32))
        self.model_ = fit_softmax(labelled, strength=strength, steps=STEPS)
        return self

    def predict(self, base: BaseScores) -> FloatArray:
        """Return probabilities of shape (rows, codes)."""
        starts = range(0, len(base.turns), AT_ONCE)
        return np.vstack([self._part(base, start, start + AT_ONCE) for start in starts])

    def _part(self, base: BaseScores, start: int, stop: int) -> FloatArray:
        """Return the probabilities of some rows, which see the row before and the row after them."""
        rows = np.arange(len(base.turns))
        near = rows[max(0, start - 1) : stop + 1]
        pairs = self._standard(_pairs(base.take(near), words=self.words))
        chance: FloatArray = self.model_.predict(pairs)[:, 1].reshape(len(near), -1)
        return chance[(near >= start) & (near < stop)]

    def _standard(self, pairs: NDArray[np.float64]) -> FloatArray:
        return np.asarray((pairs - self.mean_) / self.scale_, dtype=np.float32)

    def to_arrays(self) -> Arrays:
        """Return what fitting has found."""
        scaling = {"mean": self.mean_, "scale": self.scale_}
        return {"words": np.array(self.words), **scaling, **nested("model", self.model_.to_arrays())}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Return the stacker that ``to_arrays`` was called on, ready to predict."""
        restored = cls(words=bool(arrays["words"]))
        restored.mean_, restored.scale_ = arrays["mean"], arrays["scale"]
        restored.model_ = SoftmaxRegression.from_arrays(part("model", arrays))
        return restored


class SeedSentenceStacker:
    """Modest chance that a sentence bears a code, where no interview is coded by hand and so nothing can be fitted.

    The share of a code among all codes and "no code", a weighted product of the base scores of a sentence and its
    neighbours, times the share of sentences that bear a code at all (``COVERED``).

    Args:
        quotations: That a code has in the mean.
    """

    def __init__(self, quotations: float) -> None:
        meaning, _ = start_weights(quotations)
        self.weights_ = np.array([meaning, np.interp(quotations, [8, 32], [0.15, 0.3])])

    def predict(self, base: BaseScores) -> FloatArray:
        """Return probabilities of shape (rows, codes)."""
        own = np.tensordot(self.weights_, _logs(base), 1)
        joined = np.concatenate([[False], base.turns[1:] == base.turns[:-1], [False]])
        before, after = joined[:-1, None], joined[1:, None]
        near = before * np.roll(own, 1, axis=0) + after * np.roll(own, -1, axis=0)
        beside = (before.astype(np.intp) + after).clip(1)
        mixed = np.where(before | after, (own + NEIGHBOURS * near / beside) / (1 + NEIGHBOURS), own)
        return (COVERED * _softmax(mixed)[:, :-1]).astype(np.float32)

    def to_arrays(self) -> Arrays:
        """Return its weights."""
        return {"weights": self.weights_}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Return the stacker that ``to_arrays`` was called on."""
        restored = cls(0)
        restored.weights_ = arrays["weights"]
        return restored


def _pairs(base: BaseScores, *, words: bool) -> NDArray[np.float64]:
    """Return one row of inputs for each (sentence, code) pair; with or without what the words say."""
    parts = (base.meaning, base.words, base.context) if words else (base.meaning,)
    mean = sum(parts[1:], start=parts[0]) / len(parts)
    codes = mean.shape[1] - 1
    before, after = _neighbours(logit(mean[:, :codes]), base.turns)
    columns = [
        *(logit(part[:, :codes]) for part in parts),
        np.repeat(logit(mean[:, codes:]), codes, axis=1),
        before,
        after,
    ]
    return np.stack(columns, axis=2).reshape(-1, len(columns))


def _neighbours(odds: NDArray[np.float64], turns: NDArray[np.intp]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the odds of the row before and of the row after; at the ends of a turn, those of a rare code."""
    rare = np.full_like(odds[:1], logit(np.array(0.003)))
    joined = (turns[1:] == turns[:-1])[:, None]
    before = np.vstack([rare, np.where(joined, odds[:-1], rare)])
    after = np.vstack([np.where(joined, odds[1:], rare), rare])
    return before, after


def start_weights(quotations: float) -> NDArray[np.float64]:
    """Return the weights of meaning and words for so many quotations a code."""
    place = np.log2(max(quotations, START_QUOTATIONS[0]))
    return np.array([np.interp(place, np.log2(START_QUOTATIONS), START_WEIGHTS), 1.0])


class PassageStacker:
    """Distribution over the codes of a passage that is known to be coded: a weighted product of the base scores.

    ``p(code) ~ meaning ** a * words ** b``: a and b begin at `start_weights`, and maximum likelihood on unseen passages
    moves them as far as there is evidence.
    """

    def fit(self, base: BaseScores, labels: BoolArray, *, quotations: float) -> Self:
        """Fit to the base scores on unseen passages; rows without a code are ignored.

        Args:
            base: Of n passages.
            labels: Shape (n, codes); of several codes of a passage, any may come first.
            quotations: That a code has in the mean, among what the base classifiers learnt from.
        """
        from scipy.optimize import minimize

        coded = labels.any(axis=1)
        inputs, truth = _logs(base)[:, coded, :-1], labels[coded]
        start = start_weights(quotations)

        def loss(change: NDArray[np.float64]) -> float:
            chosen = (_softmax(np.tensordot(start * np.exp(change), inputs, 1)) * truth).sum(axis=1)
            return float(-np.log(np.maximum(chosen, 1e-12)).sum() + RIDGE * (change**2).sum())

        change = minimize(loss, np.zeros(2), method="L-BFGS-B", options=LIMIT).x if len(truth) else np.zeros(2)
        self.weights_ = start * np.exp(change)
        return self

    def predict(self, base: BaseScores) -> FloatArray:
        """Return probabilities of shape (rows, codes); rows sum to 1."""
        return _softmax(np.tensordot(self.weights_, _logs(base)[:, :, :-1], 1)).astype(np.float32)

    def to_arrays(self) -> Arrays:
        """Return what fitting has found."""
        return {"weights": self.weights_}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Return the stacker that ``to_arrays`` was called on, ready to predict."""
        restored = cls()
        restored.weights_ = arrays["weights"]
        return restored


def _logs(base: BaseScores) -> NDArray[np.float64]:
    """Return log probabilities of meaning and words, shape (2, rows, codes + 1)."""
    return np.asarray(np.log(np.maximum(np.stack([base.meaning, base.words]).astype(np.float64), CLIP)))


def _softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
