"""A deterministic embedder without weights: hashed words and character n-grams. For tests and for demonstrations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain

import numpy as np

from models.embedder import FloatArray

DIMENSION = 256
_GRAM = 4


@dataclass(frozen=True, slots=True)
class LexicalEncoder:
    """Signed feature hashing of words and of the 4-grams inside them, scaled to unit length.

    A word weighs as much as all its 4-grams together, so that "nurse" and "nurses" are near but not equal.
    Source: Weinberger et al. 2009, Feature Hashing for Large Scale Multitask Learning.
    """

    fingerprint: str = "lexical/v1"

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return float32 vectors of shape (len(texts), 256), rows of length 1, in input order."""
        vectors = np.zeros((len(texts), DIMENSION), np.float32)
        for row, text in zip(vectors, texts, strict=True):
            _add_features(row, text)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


def _add_features(row: FloatArray, text: str) -> None:
    row[0] = 1e-3  # an empty text has a direction too
    for feature, weight in chain.from_iterable(_features(word) for word in text.lower().split()):
        digest = blake2b(feature.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        row[int.from_bytes(digest[:4], "little") % DIMENSION] += weight if digest[4] & 1 else -weight


def _features(word: str) -> Iterator[tuple[str, float]]:
    """Yield a word and its 4-grams, each with its weight."""
    yield word, 1.0
    padded = f"<{word}>"
    grams = [padded[i : i + _GRAM] for i in range(len(padded) - _GRAM + 1)]
    yield from ((f"#{gram}", 1 / len(grams)) for gram in grams)
