"""What a suggester must beat: eight simple scorers, each a score matrix from the same seeds and texts.

Scores lie between 0 and 1, so that domains gather them as they gather probabilities; only their order carries
meaning. A baseline has no operating threshold of its own (see
``coded_study.CodedTalk.rescored``).
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.codebook import Codebook
from corpus.seeds import SeedBank
from corpus.shipped import SELFIE
from evaluation.metrics.grouping import Floats
from models.embedder import Embedder, FloatArray
from models.seed_vectors import examples_of

SEED = 0
MIDDLE, STEEPNESS = 0.5, 20.0
"""Of the logistic curve that turns a similarity into a score: order is kept, and a domain's sum is led by its
nearest codes instead of by how many codes it has."""
ENDINGS = re.compile(r"(?:ations?|ments?|ings?|ies|ied|ed|es|ly|s|y|e)$")


@dataclass(frozen=True)
class Task:
    """What every baseline is given.

    Attributes:
        texts: To be scored, in order.
    """

    codebook: Codebook
    seeds: SeedBank
    texts: Sequence[str]


Baseline = Callable[[Task], Floats]
"""Returns scores of shape (texts, codes), columns in codebook order."""
EmbeddingBaseline = Callable[[Task, Embedder], Floats]


def baseline_scores(task: Task, embedder: Embedder | None = None) -> dict[str, Floats]:
    """Score the texts with every baseline; without an encoder those that need one are left out."""
    scores = {name: baseline(task) for name, baseline in BASELINES.items()}
    if embedder is not None:
        scores |= {name: baseline(task, embedder) for name, baseline in EMBEDDING_BASELINES.items()}
    return scores


def random_scores(task: Task) -> Floats:
    """Score by chance, the same at every run."""
    return np.random.default_rng(SEED).random((len(task.texts), len(task.codebook.ids)))


def most_frequent(task: Task) -> Floats:
    """Score every text by how often the seed bank has each code."""
    counts = Counter(quote.code for quote in task.seeds.coded)
    shares = np.array([counts[code] for code in task.codebook.ids]) / max(1, len(task.seeds.coded))
    return np.tile(shares, (len(task.texts), 1))


def keyword(task: Task) -> Floats:
    """Score by the share of a text's words that stand in a code's name, aliases and definition."""
    codes = [" ".join((code.name, *code.aliases, code.definition)) for code in task.codebook.codes]
    return _shared_words(task.texts, codes, lambda text: text.split())


def pattern(task: Task) -> Floats:
    """Score by word stems shared with what is already coded, as pattern-based auto-coding does."""
    pooled = [" ".join(q.text for q in task.seeds.coded if q.code == code) for code in task.codebook.ids]
    return _shared_words(task.texts, pooled, lambda text: [ENDINGS.sub("", word) for word in text.split()])


@contextmanager
def few_of_each_class() -> Iterator[None]:
    """Silence scikit-learn's doubt whether classes with an example or two are classes: they are."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The number of unique classes is greater than 50%")
        yield


def tfidf(task: Task) -> Floats:
    """Score by TF-IDF of words and one logistic regression for each code, fitted on the seeds and the uncoded talk."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier

    labels = [quote.code or "" for quote in task.seeds.quotes]
    scores = np.zeros((len(task.texts), len(task.codebook.ids)))
    if len(set(labels)) < 2:
        return scores
    vectors = TfidfVectorizer(sublinear_tf=True)
    model = OneVsRestClassifier(LogisticRegression(C=10.0, solver="liblinear"))
    with few_of_each_class():
        model.fit(vectors.fit_transform([quote.text for quote in task.seeds.quotes]), labels)
    column = {code: n for n, code in enumerate(task.codebook.ids)}
    known = [n for n, label in enumerate(model.classes_) if label]
    scores[:, [column[model.classes_[n]] for n in known]] = model.predict_proba(vectors.transform(task.texts))[:, known]
    return scores


def definition(task: Task, embedder: Embedder) -> Floats:
    """Score by the cosine of the text and the code's name and definition."""
    codes = embedder.encode([f"{code.name}. {code.definition}" for code in task.codebook.codes])
    return _squashed(embedder.encode(task.texts) @ codes.T)


def logistic(task: Task, embedder: Embedder) -> Floats:
    """Score by one multinomial logistic regression on the embedding vectors of the seeds and the uncoded talk."""
    from sklearn.linear_model import LogisticRegression

    labels = [quote.code or "" for quote in task.seeds.quotes]
    scores = np.zeros((len(task.texts), len(task.codebook.ids)))
    if len(set(labels)) < 2:
        return scores
    model = LogisticRegression(C=10.0, max_iter=200, tol=1e-3)
    with few_of_each_class():
        model.fit(_seed_vectors(task, embedder), labels)
    column = {code: n for n, code in enumerate(task.codebook.ids)}
    known = [n for n, label in enumerate(model.classes_) if label]
    scores[:, [column[model.classes_[n]] for n in known]] = model.predict_proba(embedder.encode(task.texts))[:, known]
    return scores


def _seed_vectors(task: Task, embedder: Embedder) -> FloatArray:
    """Return the vectors the suggester itself is fitted on: those of the shipped bank are ready."""
    return examples_of(task.seeds, task.codebook, embedder, shipped=SELFIE).encoded.vectors


def nearest_seed(task: Task, embedder: Embedder) -> Floats:
    """Score by the cosine of the text and the code's nearest seed; 0 for a code without seeds."""
    scores = np.zeros((len(task.texts), len(task.codebook.ids)))
    if not task.seeds.coded:
        return scores
    coded = [quote.code is not None for quote in task.seeds.quotes]
    similarities = embedder.encode(task.texts) @ _seed_vectors(task, embedder)[coded].T
    for column, code in enumerate(task.codebook.ids):
        mine = [n for n, quote in enumerate(task.seeds.coded) if quote.code == code]
        if mine:
            scores[:, column] = _squashed(similarities[:, mine].max(axis=1))
    return scores


BASELINES: Mapping[str, Baseline] = {
    "random": random_scores,
    "most_frequent": most_frequent,
    "keyword": keyword,
    "pattern": pattern,
    "tfidf": tfidf,
}
EMBEDDING_BASELINES: Mapping[str, EmbeddingBaseline] = {
    "definition": definition,
    "nearest_seed": nearest_seed,
    "logistic": logistic,
}


def _shared_words(texts: Sequence[str], codes: Sequence[str], split: Callable[[str], list[str]]) -> Floats:
    """Return the cosine of word counts, English stop words left out."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer
    from sklearn.preprocessing import normalize

    def words(text: str) -> list[str]:
        plain = (word for word in re.findall(r"[^\W\d_]{2,}", text.casefold()) if word not in ENGLISH_STOP_WORDS)
        return split(" ".join(plain))

    vocabulary = sorted({word for code in codes for word in words(code)})
    if not vocabulary:
        return np.zeros((len(texts), len(codes)))
    counts = CountVectorizer(analyzer=words, vocabulary=vocabulary)
    described, found = normalize(counts.transform(codes)), normalize(counts.transform(texts))
    return np.asarray((found @ described.T).toarray(), dtype=np.float64)


def _squashed(similarities: NDArray[np.float32]) -> Floats:
    return np.asarray(1 / (1 + np.exp(-STEEPNESS * (similarities.astype(np.float64) - MIDDLE))))
