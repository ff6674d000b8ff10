"""What a suggester sees: texts, the words around them, and the vectors that mix both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.codebook import Codebook
from corpus.seeds import SeedBank
from models.embedder import Embedder, FloatArray

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class EncodedTexts:
    """Texts to score, row by row.

    Attributes:
        texts: Sentences or passages.
        contexts: Each text with its neighbours; the text itself where it stands alone.
        vectors: Shape (n, dimension), unit rows.
    """

    texts: Sequence[str]
    contexts: Sequence[str]
    vectors: FloatArray

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, rows: NDArray[np.intp]) -> EncodedTexts:
        """Return the named rows."""
        return EncodedTexts([self.texts[i] for i in rows], [self.contexts[i] for i in rows], self.vectors[rows])


@dataclass(frozen=True)
class TrainingSet:
    """Encoded texts with the codes people gave them: what a suggester is fitted on.

    Attributes:
        labels: Shape (n, codes); a row without any True is an example of a text that gets no code.
        documents: The interview each row comes from, or None; rows of one interview stay together in splits.
        in_context: Shape (n,); True for sentences in their interview, False for quotations by themselves.
    """

    encoded: EncodedTexts
    labels: BoolArray
    documents: Sequence[str | None]
    in_context: BoolArray

    def __len__(self) -> int:
        return len(self.encoded)

    def take(self, rows: NDArray[np.intp]) -> TrainingSet:
        """Return the named rows."""
        documents = [self.documents[i] for i in rows]
        return TrainingSet(self.encoded.take(rows), self.labels[rows], documents, self.in_context[rows])


def encode_with_context(embedder: Embedder, texts: Sequence[str], contexts: Sequence[str]) -> EncodedTexts:
    """Embed texts with their contexts.

    A row's vector is the normalised sum of the text's and its context's vectors: the context helps when
    it is mixed in, not when it replaces the sentence.

    Args:
        embedder: Gives unit vectors of shape (texts, dimension).
        texts: Sentences or passages.
        contexts: Each text with its neighbours, in the same order.
    """
    unique = {text: row for row, text in enumerate(dict.fromkeys([*texts, *contexts]))}
    vectors = embedder.encode(list(unique))
    mixed = vectors[[unique[text] for text in texts]] + vectors[[unique[context] for context in contexts]]
    lengths = np.linalg.norm(mixed, axis=1, keepdims=True)
    return EncodedTexts(texts, contexts, (mixed / np.maximum(lengths, 1e-12)).astype(np.float32))


def labels_of(bank: SeedBank, codebook: Codebook) -> BoolArray:
    """Return the labels of a bank, shape (quotes, codes)."""
    column = {code: n for n, code in enumerate(codebook.ids)}
    labels = np.zeros((len(bank.quotes), len(column)), dtype=np.bool_)
    for row, quote in enumerate(bank.quotes):
        for code in (quote.code, quote.also):
            if code is not None:
                labels[row, column[code]] = True
    return labels
