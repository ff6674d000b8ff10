"""The two base classifiers that a suggester stacks: on embedding vectors (meaning) and on TF-IDF terms (words)."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from itertools import chain, islice
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from corpus.fillers import is_filler
from models.embedder import FloatArray
from models.examples import Definitions, EncodedTexts, TrainingSet, sentences_of_interviews
from models.fitted_arrays import Arrays, linear_arrays, restore_linear, text_list, texts_array

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

TermsOf = Callable[[str], list[str]]
"""Text to its words and word pairs."""

NONE = "no code"
"""The class of sentences that get no code; always the last column of a classifier."""


PENALTY = 0.03
"""Regularisation of the TF-IDF classifier (``alpha``), shared out over its examples: small banks need more of it."""

STEPS, FEWEST_PASSES = 50_000, 8
"""Gradient steps the TF-IDF classifier takes, and how often it sees each example at the least."""


DEFINITION_WEIGHT, DEFINITION_BESIDE_INTERVIEWS = 2.0, 5.0
"""How many quotations the definition of a code counts for in the classifier on vectors: among quotations, whatever
their number, and among interviews coded by hand, whose sentences are many and say little each."""

FEW_TEXTS = 2_000
"""Up to so many texts every term is kept; with more, only those that two texts share."""


CONTRACTED = frozenset(
    {"ain", "aren", "couldn", "didn", "doesn", "don", "hadn", "hasn", "haven", "isn", "ll", "mustn", "needn"}
    | {"shan", "shouldn", "ve", "wasn", "weren", "won", "wouldn"}
)
"""What is left of "don't" or "we've", where words end at an apostrophe."""


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


@contextmanager
def few_of_each_class() -> Iterator[None]:
    """Silence scikit-learn's doubt whether classes with an example or two are classes: definitions are such."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The number of unique classes is greater than 50%")
        yield


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


def vocabulary(analyse: TermsOf, texts: Sequence[str], *, few: int = FEW_TEXTS) -> list[str]:
    """Return the terms to weigh: all terms of few texts, those that two texts share of many, and never none.

    Args:
        analyse: Text to terms.
        texts: What the classifier learns from.
        few: How many texts are few.
    """
    found = (set(analyse(text)) for text in texts)
    counts = Counter(term for terms in found for term in terms if term == term.lower())  # an unfolded sign may be "TM"
    shared = [term for term, count in counts.items() if count > 1 or len(texts) <= few]
    return sorted(shared or counts or [NONE])


def is_content_term(term: str, language: str = "en") -> bool:
    """Return whether a term has a word beyond those that hold any sentence of a language together, or fill it."""
    return any(word not in stop_words(language) and not is_filler(word, language) for word in term.split())


@cache
def stop_words(language: str) -> frozenset[str]:
    """Return the function words of a language by its ISO 639-1 code, and those of English, since seeds may be English.

    They are written as the terms of the word scorer are: without accents, and in parts where an apostrophe stands.
    """
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, strip_accents_unicode

    words = set() if language == "en" else import_module(f"spacy.lang.{language}.stop_words").STOP_WORDS
    parts = (re.findall(r"\w+", strip_accents_unicode(word)) for word in words)
    return frozenset(ENGLISH_STOP_WORDS | CONTRACTED | set(chain.from_iterable(parts)))


class EmbeddingClassifier:
    """Multinomial logistic regression on embedding vectors, definitions among them.

    Args:
        strength: Inverse of the regularisation, as scikit-learn's ``C``.
    """

    model_: LogisticRegression

    def __init__(self, *, strength: float = 5.0) -> None:
        self.strength = strength

    def fit(self, examples: TrainingSet, definitions: Definitions, *, start: EmbeddingClassifier | None = None) -> Self:
        """Fit to vectors and all their codes; each definition is one more example of its code.

        Args:
            examples: What to learn from; none at all is enough where there is more than one definition.
            definitions: Of every code.
            start: A classifier fitted on most of the same examples; beginning from its weights saves half the time.
        """
        from sklearn.linear_model import LogisticRegression
        from threadpoolctl import threadpool_limits

        self.width_ = len(definitions.texts) + 1
        coded_by_hand = bool(sentences_of_interviews(examples).any())
        weight = DEFINITION_BESIDE_INTERVIEWS if coded_by_hand else DEFINITION_WEIGHT
        given = training_rows(examples, definitions, definition_weight=weight)
        nothing = np.zeros_like(definitions.vectors[:1])
        vectors = np.vstack([examples.encoded.vectors, definitions.vectors, nothing])[given.rows]
        model = LogisticRegression(C=self.strength, max_iter=150, tol=1e-3, warm_start=True)
        if start is not None and np.array_equal(start.model_.classes_, np.unique(given.classes)):
            model.coef_, model.intercept_ = start.model_.coef_.copy(), start.model_.intercept_.copy()
        with few_of_each_class(), threadpool_limits(1, user_api="blas"):  # threads cost more than such products do
            self.model_ = model.fit(vectors, given.classes, sample_weight=given.weights)
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
        terms_of: Text to terms, as `word_weights` analyses it; classifiers that are fitted to much the same texts share
            one that remembers.
    """

    def __init__(self, *, seed: int = 0, terms_of: TermsOf | None = None) -> None:
        self.seed = seed
        self.terms_of = terms_of

    def fit(self, examples: TrainingSet, definitions: Definitions) -> Self:
        """Fit to texts and all their codes; each definition is one more text of its code."""
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import SGDClassifier

        self.width_ = len(definitions.texts) + 1
        given = training_rows(examples, definitions, definition_weight=1.0)
        texts = [*examples.encoded.texts, *definitions.texts, ""]
        terms_of = self.terms_of or word_weights().build_analyzer()
        terms = vocabulary(terms_of, texts)
        weigher = TfidfVectorizer(sublinear_tf=True, analyzer=terms_of, vocabulary=terms)
        counts = weigher.fit_transform(texts)[given.rows]
        model = SGDClassifier(
            loss="log_loss",
            alpha=PENALTY / len(given.rows),
            max_iter=max(FEWEST_PASSES, STEPS // len(given.rows)),
            tol=None,
            random_state=self.seed,
            n_jobs=2,
        )
        with few_of_each_class():
            self.model_ = model.fit(counts, given.classes, sample_weight=given.weights)
        self.terms_, self.names_ = _weigher(terms, weigher.idf_)
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
        restored.terms_, restored.names_ = _weigher(text_list(arrays["terms"]), arrays["idf"])
        restored.model_ = restore_linear(SGDClassifier(loss="log_loss"), arrays)
        return restored


def _weigher(terms: Sequence[str], idf: NDArray[np.floating]) -> tuple[TfidfVectorizer, NDArray[np.str_]]:
    """Return what weighs the terms of any text, and the names of its columns."""
    weigher = word_weights().set_params(vocabulary=terms)
    weigher.idf_ = idf
    return weigher, weigher.get_feature_names_out()


def word_weights() -> TfidfVectorizer:
    """Return what counts words and word pairs, its vocabulary not yet set."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), strip_accents="unicode")
