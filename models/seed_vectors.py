"""Seed banks as training examples. The vectors of a shipped bank are shipped too, so that fitting takes seconds.

A vectors file belongs to one bank and one set of weights; its name says which, and any other pair is embedded afresh.
A bank that begins with a shipped one, because a study added what it learned, has only the rest embedded.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from corpus.codebook import Codebook
from corpus.seeds import SeedBank
from models.embedder import Embedder, FloatArray
from models.examples import EncodedTexts, TrainingSet, encode_with_context, labels_of, weights_of_rows


def weights_of(embedder: Embedder) -> str:
    """Return the part of a fingerprint that names the weights; precisions of one model share it."""
    return embedder.fingerprint.rpartition(":")[2].replace("/", "-")


def vectors_file(folder: Path, bank: SeedBank, embedder: Embedder) -> Path:
    """Return where the vectors of a bank are kept, whether or not they are there.

    Args:
        folder: Of vectors files.
        bank: Its digest is part of the name.
        embedder: Its weights are part of the name.
    """
    return folder / f"{bank.digest[:16]}-{weights_of(embedder)}.npz"


def save_vectors(folder: Path, bank: SeedBank, embedder: Embedder) -> Path:
    """Embed a bank and keep its vectors in half precision; return the file.

    Args:
        folder: Of vectors files.
        bank: What is embedded.
        embedder: Text to unit vectors.
    """
    path = vectors_file(folder, bank, embedder)
    np.savez_compressed(path, vectors=_encoded(bank, embedder).vectors.astype(np.float16))
    return path


def examples_of(bank: SeedBank, codebook: Codebook, embedder: Embedder, *, shipped: Path | None = None) -> TrainingSet:
    """Return a bank as training examples.

    Args:
        bank: Quotations with and without codes.
        codebook: Gives the columns of the labels.
        embedder: Makes the vectors that are not shipped.
        shipped: Folder to look for ready vectors in.
    """
    encoded = _encoded(bank, embedder, _ready(bank, embedder, shipped) if shipped else None)
    in_context = np.array([quote.context is not None for quote in bank.quotes], dtype=np.bool_)
    documents = [quote.document for quote in bank.quotes]
    return TrainingSet(encoded, labels_of(bank, codebook), documents, in_context, weights_of_rows(bank))


def _encoded(bank: SeedBank, embedder: Embedder, ready: FloatArray | None = None) -> EncodedTexts:
    """Return the texts of a bank, encoded; ``ready`` are the vectors of its first quotations."""
    if ready is None:
        return encode_with_context(embedder, *_texts(bank))
    rest = SeedBank(bank.quotes[len(ready) :])
    vectors = np.vstack([ready, _encoded(rest, embedder).vectors]) if rest.quotes else ready
    return EncodedTexts(*_texts(bank), vectors)


def _ready(bank: SeedBank, embedder: Embedder, folder: Path) -> FloatArray | None:
    """Return the shipped vectors of the bank that this one is or begins with, if there are any."""
    for path in sorted(folder.glob(f"*-{weights_of(embedder)}.npz")):
        with np.load(path, allow_pickle=False) as stored:
            vectors: FloatArray = stored["vectors"].astype(np.float32)
        if vectors_file(folder, SeedBank(bank.quotes[: len(vectors)]), embedder) == path:
            return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
    return None


def _texts(bank: SeedBank) -> tuple[list[str], list[str]]:
    return [quote.text for quote in bank.quotes], [quote.context or quote.text for quote in bank.quotes]
