"""The suggester: fitted on coded examples, it gives sentences calibrated probabilities of every code.

Fitting: the base classifiers are fitted without a part of the interviews (or, where there are none, of the quotations),
the stackers and thresholds on their scores of that part; then the base classifiers are fitted again on everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.classifiers import EmbeddingClassifier, TfidfClassifier, classes_of
from models.embedder import FloatArray
from models.examples import BoolArray, EncodedTexts, TrainingSet
from models.fitted_arrays import Arrays, nested, part, text_list, texts_array
from models.stacking import BaseScores, PassageStacker, SentenceStacker
from models.thresholds import thresholds

VERSION = "suggester/v1"
HELD_OUT = 4
"""One interview in so many settles stackers and thresholds."""


@dataclass(frozen=True)
class Near:
    """A training quotation near a passage: its row among the examples and its cosine."""

    row: int
    similarity: float


class Suggester:
    """Proposes codes for sentences and passages.

    Args:
        domains: The domain of each code, in codebook order: codes of a domain share a threshold.
    """

    def __init__(self, domains: Sequence[str]) -> None:
        self.domains = domains

    def fit(self, examples: TrainingSet) -> Self:
        """Fit to examples; deterministic."""
        held = held_out(examples)
        rest, unseen = examples.take(np.flatnonzero(~held)), examples.take(np.flatnonzero(held))
        if is_trainable(rest) and is_trainable(unseen):
            self._fit_classifiers(rest)
            self._fit_stackers(unseen)
            self._fit_classifiers(examples, start=self.meaning_)
        else:  # too few examples of any code: nothing can be held out, the stackers see scores of known texts
            self._fit_classifiers(examples)
            self._fit_stackers(examples)
        self.vectors_ = examples.encoded.vectors
        self.labels_ = examples.labels
        return self

    def _fit_classifiers(self, examples: TrainingSet, *, start: EmbeddingClassifier | None = None) -> None:
        self.meaning_ = EmbeddingClassifier().fit(examples, start=start)
        self.words_ = TfidfClassifier().fit(examples)

    def _fit_stackers(self, unseen: TrainingSet) -> None:
        base = self._base_scores(unseen.encoded, turn_numbers(unseen))
        in_context, alone = np.flatnonzero(unseen.in_context), np.flatnonzero(~unseen.in_context)
        rows = in_context if is_trainable(unseen.take(in_context)) else np.arange(len(unseen))
        self.sentences_ = SentenceStacker().fit(base.take(rows), unseen.labels[rows])
        self.passages_ = PassageStacker().fit(base.take(alone), unseen.labels[alone])
        chances = self.sentences_.predict(base.take(rows))
        self.thresholds_ = thresholds(chances, unseen.labels[rows], self.domains)

    def score(self, encoded: EncodedTexts, turns: NDArray[np.intp]) -> FloatArray:
        """Return the chance of each code for sentences of one interview, shape (rows, codes).

        Args:
            encoded: Sentences in order.
            turns: The turn each sentence belongs to, shape (rows,).
        """
        return self.sentences_.predict(self._base_scores(encoded, turns))

    def rank(self, encoded: EncodedTexts) -> FloatArray:
        """Return a distribution over codes for passages known to be coded, shape (rows, codes)."""
        return self.passages_.predict(self._base_scores(encoded, np.arange(len(encoded))))

    def nearest(self, vector: FloatArray, column: int, *, most: int = 2) -> list[Near]:
        """Return the training quotations of a code that are nearest to a vector, nearest first.

        Args:
            vector: Shape (dimension,), of length 1.
            column: The code's, in codebook order.
            most: Quotations at most.
        """
        rows = np.flatnonzero(self.labels_[:, column])
        similar = self.vectors_[rows] @ vector
        return [Near(int(rows[n]), float(similar[n])) for n in np.argsort(-similar, kind="stable")[:most]]

    def words(self, text: str, column: int, language: str = "en") -> tuple[str, ...]:
        """Return the terms of a passage that weigh most for a code.

        Args:
            text: The passage.
            column: The code's place in the codebook.
            language: What is spoken, ISO 639-1: its function words tell nothing.
        """
        return self.words_.words(text, column, language=language)

    def to_arrays(self) -> Arrays:
        """Return everything that fitting has found, by name."""
        return {
            "domains": texts_array(self.domains),
            "thresholds": self.thresholds_,
            "vectors": self.vectors_,
            "labels": self.labels_,
            **nested("meaning", self.meaning_.to_arrays()),
            **nested("words", self.words_.to_arrays()),
            **nested("sentences", self.sentences_.to_arrays()),
            **nested("passages", self.passages_.to_arrays()),
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Return the suggester that ``to_arrays`` was called on: it gives the same probabilities, bit by bit.

        Raises:
            KeyError: If an array is missing.
            ValueError: If an array holds something else.
        """
        restored = cls(text_list(arrays["domains"]))
        restored.thresholds_, restored.vectors_ = arrays["thresholds"], arrays["vectors"]
        restored.labels_ = arrays["labels"]
        codes = (len(restored.domains),)
        if restored.thresholds_.shape != codes or restored.labels_.shape[1:] != codes:
            raise ValueError("thresholds and labels are not those of the domains")
        restored.meaning_ = EmbeddingClassifier.from_arrays(part("meaning", arrays))
        restored.words_ = TfidfClassifier.from_arrays(part("words", arrays))
        restored.sentences_ = SentenceStacker.from_arrays(part("sentences", arrays))
        restored.passages_ = PassageStacker.from_arrays(part("passages", arrays))
        return restored

    def _base_scores(self, encoded: EncodedTexts, turns: NDArray[np.intp]) -> BaseScores:
        words = self.words_.predict(encoded.texts)
        context = words if encoded.contexts is encoded.texts else self.words_.predict(encoded.contexts)
        return BaseScores(self.meaning_.predict(encoded), words, context, turns)


def is_trainable(examples: TrainingSet) -> bool:
    """Return whether there is a difference to learn: two codes, or a code and texts without one."""
    return len(np.unique(classes_of(examples))) > 1


def turn_numbers(examples: TrainingSet) -> NDArray[np.intp]:
    """Number the runs of sentences that follow one another in a turn.

    Training sentences carry no turn, but a sentence whose context holds the next one shares its turn.
    """
    texts, contexts = examples.encoded.texts, examples.encoded.contexts
    breaks = [
        not (examples.in_context[n] and texts[n] in contexts[n - 1] and texts[n - 1] in contexts[n])
        for n in range(1, len(examples))
    ]
    return np.concatenate([[0], np.cumsum(breaks)]).astype(np.intp)


def held_out(examples: TrainingSet) -> BoolArray:
    """Return which rows settle the stackers, shape (rows,): every fourth interview, else every fourth of each code."""
    names = sorted({name for name in examples.documents if name is not None})
    if len(names) >= HELD_OUT:
        chosen = set(names[::HELD_OUT])
        return np.array([name in chosen for name in examples.documents], dtype=np.bool_)
    return _every_fourth(classes_of(examples))


def _every_fourth(classes: NDArray[np.intp]) -> BoolArray:
    held = np.zeros(len(classes), dtype=np.bool_)
    for label in np.unique(classes):
        held[np.flatnonzero(classes == label)[HELD_OUT - 1 :: HELD_OUT]] = True
    return held
