"""What a suggester sees: texts, the words around them, and the vectors that mix both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from corpus.codebook import Codebook
from corpus.seeds import SeedBank
from models.embedder import Embedder, FloatArray, unit_vectors

BoolArray = NDArray[np.bool_]

FEWEST_SENTENCES = 10
"""Sentences with a code, and without, that interviews must show to count as coded by hand."""


@dataclass(frozen=True)
class EncodedTexts:
    """Texts to score, row by row.

    Attributes:
        texts: Sentences or passages.
        contexts: Each text with its neighbours; the text itself where it stands alone.
        vectors: Shape (n, dimension), unit rows.
        questions: Shape (n, dimension), what was asked before each text: unit rows, zeros where nothing was; None where
            nothing was asked at all.
    """

    texts: Sequence[str]
    contexts: Sequence[str]
    vectors: FloatArray
    questions: FloatArray | None = None

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, rows: NDArray[np.intp]) -> EncodedTexts:
        """Return the named rows."""
        questions = None if self.questions is None else self.questions[rows]
        texts, contexts = [self.texts[i] for i in rows], [self.contexts[i] for i in rows]
        return EncodedTexts(texts, contexts, self.vectors[rows], questions)

    @property
    def asked(self) -> BoolArray:
        """Before which texts something was asked, shape (n,)."""
        return np.zeros(len(self), dtype=np.bool_) if self.questions is None else (self.questions != 0).any(axis=1)


@dataclass(frozen=True)
class TrainingSet:
    """Encoded texts with the codes people gave them: what a suggester is fitted on.

    Attributes:
        labels: Shape (n, codes); a row without any True is an example of a text that gets no code.
        documents: The interview each row comes from, or None; rows of one interview stay together in splits.
        in_context: Shape (n,); True for sentences in their interview, False for quotations by themselves.
        weights: Shape (n,); how much a row counts, at most 1: a text that stands on several rows counts once.
    """

    encoded: EncodedTexts
    labels: BoolArray
    documents: Sequence[str | None]
    in_context: BoolArray
    weights: FloatArray

    def __len__(self) -> int:
        return len(self.encoded)

    def take(self, rows: NDArray[np.intp]) -> TrainingSet:
        """Return the named rows."""
        documents = [self.documents[i] for i in rows]
        return TrainingSet(
            self.encoded.take(rows), self.labels[rows], documents, self.in_context[rows], self.weights[rows]
        )


@dataclass(frozen=True)
class Definitions:
    """What a codebook itself says of its codes, one row a code, in codebook order.

    Attributes:
        texts: Each code's name with its definition; the name alone where it has none.
        vectors: Shape (codes, dimension), unit rows: name, and name with definition, mixed in equal parts.
    """

    texts: Sequence[str]
    vectors: FloatArray


def definitions_of(codebook: Codebook, embedder: Embedder) -> Definitions:
    """Return the names and definitions of a codebook, embedded."""
    names = [code.name for code in codebook.codes]
    texts = [f"{code.name}. {code.definition}" if code.definition.strip() else code.name for code in codebook.codes]
    return Definitions(texts, encode_with_context(embedder, names, texts, parts=[[text] for text in texts]).vectors)


def encode_with_context(
    embedder: Embedder,
    texts: Sequence[str],
    contexts: Sequence[str],
    questions: Sequence[str] = (),
    *,
    parts: Sequence[Sequence[str]] | None = None,
) -> EncodedTexts:
    """Embed texts with their contexts, and what was asked before them, encoding each sentence once.

    A row's vector is the normalised sum of the text's and its context's vectors: the context helps when
    it is mixed in, not when it replaces the sentence. A context's vector is made of those of its parts, weighted
    by their length, as mean pooling weighs tokens: neighbours are rows of their own, so it costs no encoding.

    Args:
        embedder: Gives unit vectors of shape (texts, dimension).
        texts: Sentences or passages.
        contexts: Each text with its neighbours, in the same order.
        questions: What was asked before each text, empty where nothing was; none at all where nothing is known.
        parts: What each context is made of; else what stands in it before the text, the text, and what stands after.
    """
    parts = parts or [_parts(text, context) for text, context in zip(texts, contexts, strict=True)]
    asked = [question for question in questions if question]
    unique = {text: row for row, text in enumerate(dict.fromkeys(chain(texts, *parts, asked)))}
    vectors = embedder.encode(list(unique))
    own = vectors[[unique[text] for text in texts]]
    around = [[len(part) for part in near] @ vectors[[unique[part] for part in near]] for near in parts]
    before = np.zeros_like(own) if asked else None
    if before is not None:
        rows = [row for row, question in enumerate(questions) if question]
        before[rows] = vectors[[unique[question] for question in asked]]
    return EncodedTexts(texts, contexts, unit_vectors(own + unit_vectors(np.reshape(around, own.shape))), before)


def _parts(text: str, context: str) -> Sequence[str]:
    """Return what a context is made of: what stands before the text, the text, and what stands after it."""
    if not text or text not in context:
        return [context]
    before, _, after = context.partition(text)
    return [part for part in (before.strip(), text, after.strip()) if part]


def labels_of(bank: SeedBank, codebook: Codebook) -> BoolArray:
    """Return the labels of a bank, shape (quotes, codes).

    A quotation holds two codes; a passage with more of them stands on several lines, and each has them all.
    """
    column = {code: n for n, code in enumerate(codebook.ids)}
    labels = np.zeros((len(bank.quotes), len(column)), dtype=np.bool_)
    for row, quote in enumerate(bank.quotes):
        labels[row, [column[code] for code in (quote.code, quote.also) if code is not None]] = True
    for rows in _same_passage(bank):
        labels[rows] = labels[rows].any(axis=0)
    return labels


def weights_of_rows(bank: SeedBank) -> FloatArray:
    """Return how much each quotation counts, shape (quotes,): one that stands on n lines counts 1 / n on each."""
    weights = np.ones(len(bank.quotes), dtype=np.float32)
    for rows in _same_passage(bank):
        weights[rows] = 1 / len(rows)
    return weights


def _same_passage(bank: SeedBank) -> list[list[int]]:
    """Return the rows of every passage that stands on several lines; coded and uncoded lines are not the same."""
    rows: defaultdict[tuple[object, ...], list[int]] = defaultdict(list)
    for row, quote in enumerate(bank.quotes):
        rows[quote.text, quote.context, quote.document, quote.code is None].append(row)
    return [same for same in rows.values() if len(same) > 1]


def turn_numbers(examples: TrainingSet) -> NDArray[np.intp]:
    """Number the runs of sentences that follow one another in a turn.

    Training sentences carry no turn, but a sentence whose context holds the next one shares its turn.
    """
    texts, contexts = examples.encoded.texts, examples.encoded.contexts
    breaks = [
        not (examples.in_context[n] and texts[n] in contexts[n - 1] and texts[n - 1] in contexts[n])
        for n in range(1, len(examples))
    ]
    return np.cumsum([0, *breaks][: len(examples)]).astype(np.intp)


def sentences_of_interviews(examples: TrainingSet) -> BoolArray:
    """Return which rows are sentences of interviews coded by hand, shape (rows,).

    Those are interviews that show talk with and without codes; with few of either, none are.
    """
    inside = examples.in_context & np.array([name is not None for name in examples.documents], dtype=np.bool_)
    coded = examples.labels[inside].any(axis=1)
    return inside if min(coded.sum(), (~coded).sum()) >= FEWEST_SENTENCES else np.zeros_like(inside)
