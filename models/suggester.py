"""The suggester: fitted on definitions and any number of coded examples, it gives sentences probabilities of codes.

One path for none to thousands of examples. The base classifiers are fitted without a part of the interviews and of the
quotations (one fold after the other; of many, one fold is enough), the stackers and thresholds on their scores of what
they have not seen; then the base classifiers are fitted again on everything. What there is no evidence for keeps its
start weights. Definitions are examples too and never held out.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from models.classifiers import DEFINITION_WEIGHT, EmbeddingClassifier, TfidfClassifier, classes_of, texts_to_count
from models.embedder import FloatArray
from models.examples import (
    BoolArray,
    Definitions,
    EncodedTexts,
    TrainingSet,
    sentences_of_interviews,
    turn_numbers,
)
from models.fitted_arrays import Arrays, nested, part, text_list, texts_array
from models.stacking import BaseScores, PassageStacker, SeedSentenceStacker, SentenceStacker
from models.surroundings import Surroundings
from models.terms import CountedTexts
from models.thresholds import NEVER, PRECISIONS, TARGET_PRECISION, no_evidence, row_of_precision, threshold_table

VERSION = "suggester/v5"

FOLDS = 4
"""One interview or quotation in so many is held out at a time."""

MANY = 8
"""Interviews of which one fold settles stackers and thresholds, and whose words help to judge sentences; of fewer, each
fold is held out in turn and words are left out."""

MANY_QUOTATIONS = 1_000
"""Coded quotations of which one fold is enough."""

FEWEST_EACH = 8
"""Quotations a code from which they settle the weights of passages; with fewer, the start weights are as good."""

BACKGROUND = 0.1
"""What quotations without a code count for together, for each example that there is of the study's own."""


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

    meaning_: EmbeddingClassifier
    situated_: EmbeddingClassifier

    def __init__(self, domains: Sequence[str]) -> None:
        self.domains = domains

    def fit(self, examples: TrainingSet, definitions: Definitions) -> Self:
        """Fit to examples, however few, and to the definition of every code; deterministic."""
        with threadpool_limits(1, user_api="blas"):  # threads cost more than such products do
            self._fit(weighted(examples), definitions)
        return self

    def _fit(self, examples: TrainingSet, definitions: Definitions) -> None:
        self.vectors_, self.labels_ = examples.encoded.vectors, _told_once(examples)
        self.surroundings_ = Surroundings.taught_by(examples)
        folds = folds_of(examples)
        held = examples.encoded.take(np.flatnonzero(folds >= 0))
        texts = texts_to_count((*examples.encoded.texts, *held.contexts), definitions)
        with ThreadPoolExecutor(1) as beside:
            counted = beside.submit(CountedTexts.of, texts)  # while the classifiers of meaning are fitted
            base = self._unseen_scores(examples, definitions, folds, counted)
            stacked = beside.submit(self._fit_stackers, examples, folds, base)  # while classifiers see everything
            self._fit_classifiers(examples, definitions, counted, further=bool((folds >= 0).any()))
            stacked.result()

    def _unseen_scores(
        self,
        examples: TrainingSet,
        definitions: Definitions,
        folds: NDArray[np.intp],
        counted: Future[CountedTexts],
    ) -> BaseScores:
        """Score every fold without having seen it; rows of no fold are not scored.

        Args:
            examples: Those of a fold are held out, then scored.
            definitions: Of every code.
            folds: Shape (rows,), -1 for rows that are always learnt from.
            counted: Holds all texts, and the contexts of rows that are held out.
        """
        shape, turns = (len(examples), len(self.domains) + 1), turn_numbers(examples)
        meaning, words, context = np.zeros((3, *shape), dtype=np.float32)
        for fold in np.unique(folds[folds >= 0]):
            self._fit_classifiers(examples.take(np.flatnonzero(folds != fold)), definitions, counted)
            for kind in (True, False):
                rows = np.flatnonzero((folds == fold) & (examples.in_context == kind))
                if not len(rows):
                    continue
                encoded = examples.encoded.take(rows)
                scored = self._base_scores(encoded, turns[rows], in_context=kind, counted=counted.result())
                meaning[rows], words[rows], context[rows] = scored.meaning, scored.words, scored.context
        return BaseScores(meaning, words, context, turns)

    def _fit_stackers(self, examples: TrainingSet, folds: NDArray[np.intp], base: BaseScores) -> None:
        """Settle how base scores become probabilities, and the thresholds of these.

        Args:
            examples: What was scored.
            folds: Shape (rows,), -1 for rows that were not.
            base: Their scores by classifiers that had not seen them.
        """
        quotations = quotations_of(examples)
        alone = np.flatnonzero((folds >= 0) & ~examples.in_context)
        self.passages_ = PassageStacker().fit(base.take(alone), examples.labels[alone], quotations=quotations)
        self.sentences_: SentenceStacker | SeedSentenceStacker = SeedSentenceStacker(quotations)
        self.threshold_table_ = no_evidence(len(self.domains))
        in_context = np.flatnonzero((folds >= 0) & examples.in_context)
        if is_trainable(examples.take(in_context)):
            unseen, labels = base.take(in_context), examples.labels[in_context]
            self.sentences_ = SentenceStacker(words=len({*examples.documents} - {None}) >= MANY).fit(unseen, labels)
            self.threshold_table_ = threshold_table(self.sentences_.predict(unseen), labels, self.domains)

    def _fit_classifiers(
        self,
        examples: TrainingSet,
        definitions: Definitions,
        counted: Future[CountedTexts],
        *,
        further: bool = False,
    ) -> None:
        """Fit the classifiers of words, of what a text means by itself, and of what it means where it was said.

        Args:
            examples: What they are fitted to.
            definitions: Of every code.
            counted: Holds the texts of both.
            further: Go on from the classifiers that were fitted last; they must not have seen what these are to score.
        """

        def fit_words() -> TfidfClassifier:
            return TfidfClassifier().fit(examples, definitions, counted=counted.result())

        with ThreadPoolExecutor(1) as other:  # words beside meaning, which take about as long
            words = other.submit(fit_words)
            meaning, situated = (self.meaning_, self.situated_) if further else (None, None)
            self.meaning_ = self.situated_ = EmbeddingClassifier().fit(examples, definitions, start=meaning)
            mixed = self.surroundings_.mixed(examples.encoded, turn_numbers(examples))
            if mixed is not examples.encoded:
                aware = replace(examples, encoded=mixed)
                self.situated_ = EmbeddingClassifier().fit(aware, definitions, start=situated)
            self.words_ = words.result()

    @property
    def thresholds_(self) -> FloatArray:
        """The probability from which each code is suggested at the target precision, shape (codes,)."""
        return self.thresholds_at(TARGET_PRECISION)

    @property
    def has_evidence(self) -> bool:
        """Whether coded interviews show that suggestions above the thresholds keep the target precision."""
        return bool((self.thresholds_ != np.float32(NEVER)).any())

    def thresholds_at(self, precision: float) -> FloatArray:
        """Return the probability from which suggestions of each code are right so often, shape (codes,)."""
        row: FloatArray = self.threshold_table_[row_of_precision(precision)]
        return row

    def score(self, encoded: EncodedTexts, turns: NDArray[np.intp]) -> FloatArray:
        """Return the chance of each code for sentences of one interview, shape (rows, codes).

        Args:
            encoded: Sentences in order.
            turns: The turn each sentence belongs to, shape (rows,).
        """
        return self.sentences_.predict(self._base_scores(encoded, turns, in_context=True))

    def rank(self, encoded: EncodedTexts) -> FloatArray:
        """Return a distribution over codes for passages known to be coded, each by itself, shape (rows, codes)."""
        return self.passages_.predict(self._base_scores(encoded, np.arange(len(encoded)), in_context=False))

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
            "thresholds": self.threshold_table_,
            "vectors": self.vectors_,
            "labels": self.labels_,
            **nested("surroundings", self.surroundings_.to_arrays()),
            **nested("meaning", self.meaning_.to_arrays()),
            **nested("situated", self.situated_.to_arrays()),
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
        restored.threshold_table_, restored.vectors_ = arrays["thresholds"], arrays["vectors"]
        restored.labels_ = arrays["labels"]
        codes = (len(restored.domains),)
        if restored.threshold_table_.shape != (len(PRECISIONS), *codes) or restored.labels_.shape[1:] != codes:
            raise ValueError("thresholds and labels are not those of the domains")
        restored.surroundings_ = Surroundings.from_arrays(part("surroundings", arrays))
        restored.meaning_ = EmbeddingClassifier.from_arrays(part("meaning", arrays))
        restored.situated_ = EmbeddingClassifier.from_arrays(part("situated", arrays))
        restored.words_ = TfidfClassifier.from_arrays(part("words", arrays))
        sentences = part("sentences", arrays)
        restored.sentences_ = (SeedSentenceStacker if "weights" in sentences else SentenceStacker).from_arrays(
            sentences
        )
        restored.passages_ = PassageStacker.from_arrays(part("passages", arrays))
        return restored

    def _base_scores(
        self, encoded: EncodedTexts, turns: NDArray[np.intp], *, in_context: bool, counted: CountedTexts | None = None
    ) -> BaseScores:
        """Score texts as sentences of an interview, whose surroundings count, or as passages by themselves.

        Args:
            encoded: In order.
            turns: Shape (rows,).
            in_context: Whether they are sentences of an interview.
            counted: Holds texts and contexts, if they have been counted.
        """
        words = self.words_.predict(encoded.texts, counted=counted)
        context = words if encoded.contexts is encoded.texts else self.words_.predict(encoded.contexts, counted=counted)
        meaning = (
            self.situated_.predict(self.surroundings_.mixed(encoded, turns))
            if in_context
            else self.meaning_.predict(encoded)
        )
        return BaseScores(meaning, words, context, turns)


def is_trainable(examples: TrainingSet) -> bool:
    """Return whether there is a difference to learn: two codes, or a code and texts without one."""
    return len(np.unique(classes_of(examples))) > 1


def _told_once(examples: TrainingSet) -> BoolArray:
    """Return the labels of every passage, on the first of its rows only, shape (rows, codes)."""
    labels, passages = examples.labels.copy(), list(zip(examples.encoded.texts, examples.encoded.contexts, strict=True))
    first = {passage: row for row, passage in reversed([*enumerate(passages)]) if labels[row].any()}
    labels[[row for row, passage in enumerate(passages) if first.get(passage) != row]] = False
    return labels


def quotations_of(examples: TrainingSet) -> float:
    """Return how many quotations a code has in the mean."""
    return float(examples.weights @ examples.labels.sum(axis=1) / examples.labels.shape[1])


def weighted(examples: TrainingSet) -> TrainingSet:
    """Return examples in which talk without a code that comes from no interview is a light background.

    Such talk was said elsewhere. It shows what no code sounds like as long as there is little else, and must not
    outweigh what is the study's own: its quotations and definitions or, once interviews are coded, their sentences
    without a code.
    """
    labels, inside = examples.labels, sentences_of_interviews(examples)
    coded = labels.any(axis=1)
    other = ~coded & ~examples.in_context
    weights = examples.weights
    own = weights[~coded & inside].sum() if inside.any() else weights[coded].sum() + DEFINITION_WEIGHT * labels.shape[1]
    share = min(1.0, BACKGROUND * float(own) / max(1.0, float(weights[other].sum())))
    return replace(examples, weights=np.where(other, share * weights, weights).astype(np.float32))


def folds_of(examples: TrainingSet) -> NDArray[np.intp]:
    """Return the fold each row is held out in, shape (rows,); -1 for rows that are always learnt from.

    Interviews stay whole, except a single one, which is cut into stretches of turns. Quotations of no interview are
    dealt out code by code. A few quotations a code settle nothing, nor does talk without a code by itself.
    """
    inside = sentences_of_interviews(examples)
    alone = examples.labels.any(axis=1) & ~examples.in_context
    names = sorted({name for name in examples.documents if name is not None})
    numbers = {name: n % FOLDS for n, name in enumerate(names)} if len(names) > 1 else {}
    folds = np.array([numbers.get(name or "", -1) for name in examples.documents], dtype=np.intp)
    if not numbers:
        turns, places = np.unique(turn_numbers(examples)[inside], return_inverse=True)
        folds[inside] = places * FOLDS // max(1, len(turns))
    unnamed = alone & (folds < 0)
    folds[unnamed] = _dealt_out(examples.take(np.flatnonzero(unnamed)))
    if alone.sum() < FEWEST_EACH * examples.labels.shape[1]:
        alone[:] = False
    enough = (inside & (len(names) >= MANY)) | (alone & (alone.sum() >= MANY_QUOTATIONS))
    return np.where((inside | alone) & ~(enough & (folds > 0)), folds, -1)


def _dealt_out(examples: TrainingSet) -> NDArray[np.intp]:
    """Deal rows of each class out to the folds in turn, beginning at another fold for each class; equal texts meet."""
    classes, folds = classes_of(examples), np.zeros(len(examples), dtype=np.intp)
    for label in np.unique(classes):
        rows = np.flatnonzero(classes == label)
        folds[rows] = (np.arange(len(rows)) + label) % FOLDS
    first = dict(reversed([*zip(examples.encoded.texts, folds.tolist(), strict=True)]))
    return np.array([first[text] for text in examples.encoded.texts], dtype=np.intp)
