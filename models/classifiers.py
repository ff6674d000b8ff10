"""The two base classifiers that a suggester stacks: on embedding vectors (meaning) and on TF-IDF terms (words)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.embedder import FloatArray
from models.examples import Definitions, EncodedTexts, TrainingSet, sentences_of_interviews
from models.fitted_arrays import Arrays, nested, part
from models.softmax_regression import Labelled, SoftmaxRegression, fit_softmax
from models.terms import CountedTexts, TermWeights, is_content_term

DEFINITION_WEIGHT, DEFINITION_BESIDE_INTERVIEWS = 2.0, 5.0
"""How many quotations the definition of a code counts for in the classifier on vectors: among quotations, whatever
their number, and among interviews coded by hand, whose sentences are many and say little each."""

MEANING_STEPS, WORDS_STEPS = 12, 8
"""Steps of fitting to the vectors and to the terms of many texts: more of them change no measure
(docs/decisions/0005)."""

FEW_STEPS = 50_000
"""Steps beyond those with a single text, and an n-th part of them with n: where there are few, fitting comes to its
end."""


def classes_of(examples: TrainingSet) -> NDArray[np.intp]:
    """Return one class per row: its first code, or the number of codes where it has none."""
    labels = examples.labels
    return np.asarray(np.where(labels.any(axis=1), labels.argmax(axis=1), labels.shape[1]), dtype=np.intp)


@dataclass(frozen=True)
class TrainingRows:
    """What a classifier is fitted on: each example once for each of its codes, then each definition once.

    Attributes:
        rows: Shape (n,): the example; definitions are numbered on after the examples, and last comes a text of nothing.
        classes: Shape (n,): a code's column, or the number of codes for no code.
        weights: Shape (n,): the weight of an example is shared out among its codes.
    """

    rows: NDArray[np.intp]
    classes: NDArray[np.intp]
    weights: FloatArray


def training_rows(examples: TrainingSet, definitions: Definitions, *, definition_weight: float) -> TrainingRows:
    """Return a row for each (example, code) pair, for each example without a code and for each definition.

    Args:
        examples: May be none at all.
        definitions: Of every code.
        definition_weight: How many examples a definition counts for.
    """
    codes = len(definitions.texts)
    given = np.hstack([examples.labels, ~examples.labels.any(axis=1, keepdims=True)])
    rows, classes = np.nonzero(given)
    weights = (examples.weights / given.sum(axis=1))[rows]
    rows = np.concatenate([rows, len(examples) + np.arange(codes)])
    classes = np.concatenate([classes, np.arange(codes)])
    weights = np.concatenate([weights, np.full(codes, definition_weight)])
    if len(set(classes.tolist())) == 1:  # one code and nothing else: what is not it is anything at all
        rows, classes = np.append(rows, len(examples) + codes), np.append(classes, codes)
        weights = np.append(weights, definition_weight)
    return TrainingRows(rows, classes, weights.astype(np.float32))


def full_width(probabilities: NDArray[np.floating], classes: NDArray[np.intp], width: int) -> FloatArray:
    """Spread the columns of the classes that were seen over all classes; unseen ones get nearly nothing.

    Args:
        probabilities: Shape (rows, classes seen).
        classes: Shape (classes seen,): the column of each.
        width: Number of all classes, no code included.
    """
    full = np.full((len(probabilities), width), 1e-6, dtype=np.float32)
    full[:, classes] = probabilities
    return np.asarray(full / full.sum(axis=1, keepdims=True), dtype=np.float32)


class EmbeddingClassifier:
    """Multinomial logistic regression on embedding vectors, definitions among them.

    Args:
        strength: Inverse of the regularisation, as scikit-learn's ``C``.
    """

    model_: SoftmaxRegression

    def __init__(self, *, strength: float = 5.0) -> None:
        self.strength = strength

    def fit(self, examples: TrainingSet, definitions: Definitions, *, start: EmbeddingClassifier | None = None) -> Self:
        """Fit to vectors and all their codes; each definition is one more example of its code.

        Args:
            examples: What to learn from; none at all is enough where there is more than one definition.
            definitions: Of every code.
            start: A classifier fitted on most of the same examples; beginning from its weights saves half the time.
        """
        self.width_ = len(definitions.texts) + 1
        coded_by_hand = bool(sentences_of_interviews(examples).any())
        weight = DEFINITION_BESIDE_INTERVIEWS if coded_by_hand else DEFINITION_WEIGHT
        given = training_rows(examples, definitions, definition_weight=weight)
        nothing = np.zeros_like(definitions.vectors[:1])
        vectors = np.vstack([examples.encoded.vectors, definitions.vectors, nothing])[given.rows]
        labelled = Labelled(vectors, given.classes, given.weights)
        begun = start.model_ if start else None
        steps = MEANING_STEPS + FEW_STEPS // len(given.rows)
        self.model_ = fit_softmax(labelled, strength=self.strength, steps=steps, start=begun)
        return self

    def predict(self, encoded: EncodedTexts) -> FloatArray:
        """Return probabilities, shape (rows, codes + 1), the last column for no code."""
        return full_width(self.model_.predict(encoded.vectors), self.model_.classes, self.width_)

    def to_arrays(self) -> Arrays:
        """Return what fitting has found."""
        return {"width": np.array(self.width_), **self.model_.to_arrays()}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Return the classifier that ``to_arrays`` was called on, ready to predict."""
        restored = cls()
        restored.width_, restored.model_ = int(arrays["width"]), SoftmaxRegression.from_arrays(arrays)
        return restored


class TfidfClassifier:
    """Multinomial logistic regression on TF-IDF weights of words and word pairs.

    Args:
        strength: Inverse of the regularisation, as scikit-learn's ``C``.
    """

    def __init__(self, *, strength: float = 33.0) -> None:
        self.strength = strength

    def fit(self, examples: TrainingSet, definitions: Definitions, *, counted: CountedTexts | None = None) -> Self:
        """Fit to texts and all their codes; each definition is one more text of its code.

        Args:
            examples: What to learn from.
            definitions: Of every code.
            counted: Holds what `texts_to_count` gives for these examples or more of them.
        """
        self.width_ = len(definitions.texts) + 1
        given = training_rows(examples, definitions, definition_weight=1.0)
        texts = texts_to_count(examples.encoded.texts, definitions)
        known = counted or CountedTexts.of(texts)
        self.terms_ = TermWeights.learnt_from(texts, known)
        labelled = Labelled(self.terms_.of(texts, known)[given.rows], given.classes, given.weights)
        self.model_ = fit_softmax(labelled, strength=self.strength, steps=WORDS_STEPS + FEW_STEPS // len(given.rows))
        return self

    def predict(self, texts: Sequence[str], *, counted: CountedTexts | None = None) -> FloatArray:
        """Return probabilities, shape (texts, codes + 1), the last column for no code.

        Args:
            texts: Any.
            counted: Holds them all, where it is given.
        """
        return full_width(self.model_.predict(self.terms_.of(texts, counted)), self.model_.classes, self.width_)

    def words(self, text: str, column: int, *, most: int = 5, language: str = "en") -> tuple[str, ...]:
        """Return the terms of ``text`` that weigh most for a code, heaviest first, function words left out.

        Args:
            text: A passage.
            column: The code's place in the codebook.
            most: Terms at the most.
            language: Whose function words, ISO 639-1.
        """
        place = np.flatnonzero(self.model_.classes == column)
        if not len(place):
            return ()
        weights = self.terms_.of([text])
        pull = weights.data * self.model_.weights[weights.indices, place[0]]
        names = (self.terms_.terms[weights.indices[n]] for n in np.argsort(-pull) if pull[n] > 0)
        return tuple(islice((name for name in names if is_content_term(name, language)), most))

    def to_arrays(self) -> Arrays:
        """Return what fitting has found."""
        model = nested("model", self.model_.to_arrays())
        return {"width": np.array(self.width_), **nested("terms", self.terms_.to_arrays()), **model}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Return the classifier that ``to_arrays`` was called on, ready to predict."""
        restored = cls()
        restored.width_ = int(arrays["width"])
        restored.terms_ = TermWeights.from_arrays(part("terms", arrays))
        restored.model_ = SoftmaxRegression.from_arrays(part("model", arrays))
        return restored


def texts_to_count(texts: Iterable[str], definitions: Definitions) -> list[str]:
    """Return what a classifier of words is fitted to: texts, definitions and a text of nothing."""
    return [*texts, *definitions.texts, ""]
