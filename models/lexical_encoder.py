"""A deterministic embedder without weights: hashed words and character n-grams. For tests and for demonstrations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from models.embedder import FloatArray

DIMENSION = 256
_GRAM = 4
_WORDS_REMEMBERED = 50_000


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
        vectors[:, 0] = 1e-3  # an empty text has a direction too
        for row, text in zip(vectors, texts, strict=True):
            words = [_hashed(word) for word in text.lower().split()]
            if words:
                np.add.at(row, np.concatenate([columns for columns, _ in words]), np.concatenate([w for _, w in words]))
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


@lru_cache(_WORDS_REMEMBERED)
def _hashed(word: str) -> tuple[NDArray[np.intp], FloatArray]:
    """Return the columns of a word's features and what each adds; talk has few words, said often."""
    features = [*_features(word)]
    digests = [blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest() for name, _ in features]
    columns = [int.from_bytes(digest[:4], "little") % DIMENSION for digest in digests]
    weights = [weight if digest[4] & 1 else -weight for digest, (_, weight) in zip(digests, features, strict=True)]
    return np.array(columns, np.intp), np.array(weights, np.float32)


def _features(word: str) -> Iterator[tuple[str, float]]:
    """Yield a word and its 4-grams, each with its weight."""
    yield word, 1.0
    padded = f"<{word}>"
    grams = [padded[i : i + _GRAM] for i in range(len(padded) - _GRAM + 1)]
    yield from ((f"#{gram}", 1 / len(grams)) for gram in grams)
