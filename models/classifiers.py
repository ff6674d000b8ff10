"""The two base classifiers that a suggester stacks: on embedding vectors (meaning) and on TF-IDF terms (words)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from itertools import islice
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from models.embedder import FloatArray
from models.examples import EncodedTexts, TrainingSet
from models.fitted_arrays import Arrays, linear_arrays, restore_linear, text_list, texts_array

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

NONE = "no code"
"""The class of sentences that get no code; always the last column of a classifier."""


PENALTY = 0.03
"""Regularisation of the TF-IDF classifier (``alpha``), shared out over its examples: small banks need more of it."""

STEPS, FEWEST_PASSES = 50_000, 8
"""Gradient steps the TF-IDF classifier takes, and how often it sees each example at the least."""


def classes_of(examples: TrainingSet) -> NDArray[np.intp]:
    """Return one class per row: its first code, or the number of codes where it has none."""
    labels = examples.labels
    return np.asarray(np.where(labels.any(axis=1), labels.argmax(axis=1), labels.shape[1]), dtype=np.intp)


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


def vocabulary(analyse: Callable[[str], list[str]], texts: Sequence[str]) -> list[str]:
    """Return the terms of at least two texts; a bank too small to share any keeps all it has, and never none."""
    counts = Counter(term for text in texts for term in set(analyse(text)))
    shared = [term for term, count in counts.items() if count > 1]
    return sorted(shared or counts or [NONE])


def is_content_term(term: str, language: str = "en") -> bool:
    """Return whether a term has a word beyond those that hold any sentence of a language together."""
    return any(word not in stop_words(language) for word in term.split())


@cache
def stop_words(language: str) -> frozenset[str]:
    """Return the function words of a language by its ISO 639-1 code, and those of English, since seeds may be English.

    They are written as the terms of the word scorer are, without accents.
    """
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, strip_accents_unicode

    if language == "en":
        return frozenset(ENGLISH_STOP_WORDS)
    words = import_module(f"spacy.lang.{language}.stop_words").STOP_WORDS
    return frozenset(ENGLISH_STOP_WORDS | set(map(strip_accents_unicode, words)))


class EmbeddingClassifier:
    """Multinomial logistic regression on embedding vectors.

    Args:
        strength: Inverse of the regularisation, as scikit-learn's ``C``.
    """

    model_: LogisticRegression

    def __init__(self, *, strength: float = 5.0) -> None:
        self.strength = strength

    def fit(self, examples: TrainingSet, *, start: EmbeddingClassifier | None = None) -> Self:
        """Fit to vectors and first codes.

        Args:
            examples: What to learn from.
            start: A classifier fitted on most of the same examples; beginning from its weights saves half the time.
        """
        from sklearn.linear_model import LogisticRegression

        self.width_ = examples.labels.shape[1] + 1
        classes = classes_of(examples)
        model = LogisticRegression(C=self.strength, max_iter=150, tol=1e-3, warm_start=True)
        if start is not None and np.array_equal(start.model_.classes_, np.unique(classes)):
            model.coef_, model.intercept_ = start.model_.coef_.copy(), start.model_.intercept_.copy()
        self.model_ = model.fit(examples.encoded.vectors, classes)
        return self

    def predict(self, encoded: EncodedTexts) -> FloatArray:
        """Return probabilities, shape (rows, codes + 1), the last column for no code."""
        return full_width(self.model_.predict_proba(encoded.vectors), self.model_.classes_, self.width_)

    def to_arrays(self) -> Arrays:
        """Return what fitting has found."""
        return {"width": np.array(self.width_), **linear_arrays(self.model_)}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Return the classifier that ``to_arrays`` was called on, ready to predict."""
        from sklearn.linear_model import LogisticRegression

        restored = cls()
        restored.width_ = int(arrays["width"])
        restored.model_ = restore_linear(LogisticRegression(), arrays)
        return restored


class TfidfClassifier:
    """Logistic regression on TF-IDF weights of words and word pairs, one code against the rest.

    Args:
        seed: Of the stochastic gradient descent.
    """

    def __init__(self, *, seed: int = 0) -> None:
        self.seed = seed

    def fit(self, examples: TrainingSet) -> Self:
        """Fit to texts and first codes."""
        from sklearn.linear_model import SGDClassifier

        self.width_ = examples.labels.shape[1] + 1
        terms = word_weights()
        self.terms_ = terms.set_params(vocabulary=vocabulary(terms.build_analyzer(), examples.encoded.texts))
        weights = self.terms_.fit_transform(examples.encoded.texts)
        model = SGDClassifier(
            loss="log_loss",
            alpha=PENALTY / len(examples),
            max_iter=max(FEWEST_PASSES, STEPS // len(examples)),
            tol=None,
            random_state=self.seed,
            n_jobs=2,
        )
        self.model_ = model.fit(weights, classes_of(examples))
        self.names_ = self.terms_.get_feature_names_out()
        return self

    def predict(self, texts: Sequence[str]) -> FloatArray:
        """Return probabilities, shape (texts, codes + 1), the last column for no code."""
        from scipy.special import expit

        odds = self.model_.decision_function(self.terms_.transform(texts))
        each = np.maximum(expit(odds if odds.ndim == 2 else np.column_stack([-odds, odds])), 1e-9)
        return full_width(each / each.sum(axis=1, keepdims=True), self.model_.classes_, self.width_)

    def words(self, text: str, column: int, *, most: int = 5, language: str = "en") -> tuple[str, ...]:
        """Return the terms of ``text`` that weigh most for a code, heaviest first, function words left out.

        Args:
            text: A passage.
            column: The code's place in the codebook.
            most: Terms at the most.
            language: Whose function words, ISO 639-1.
        """
        place = np.flatnonzero(self.model_.classes_ == column)
        if not len(place):
            return ()
        weights: csr_matrix = self.terms_.transform([text])
        coefficients = self.model_.coef_
        each = coefficients if len(coefficients) > 1 else np.vstack([-coefficients, coefficients])
        pull = weights.data * each[place[0], weights.indices]
        names = (str(self.names_[weights.indices[n]]) for n in np.argsort(-pull) if pull[n] > 0)
        return tuple(islice((name for name in names if is_content_term(name, language)), most))

    def to_arrays(self) -> Arrays:
        """Return what fitting has found."""
        terms = {"terms": texts_array(self.names_.tolist()), "idf": self.terms_.idf_}
        return {"width": np.array(self.width_), **terms, **linear_arrays(self.model_)}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Return the classifier that ``to_arrays`` was called on, ready to predict."""
        from sklearn.linear_model import SGDClassifier

        restored = cls()
        restored.width_ = int(arrays["width"])
        restored.terms_ = word_weights().set_params(vocabulary=text_list(arrays["terms"]))
        restored.terms_.idf_ = arrays["idf"]
        restored.names_ = restored.terms_.get_feature_names_out()
        restored.model_ = restore_linear(SGDClassifier(loss="log_loss"), arrays)
        return restored


def word_weights() -> TfidfVectorizer:
    """Return what counts words and word pairs, its vocabulary not yet set."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), strip_accents="unicode")
