"""Seed banks as training examples. The vectors of a shipped bank are shipped too, so that fitting takes seconds.

A vectors file belongs to one bank and one set of weights; its name says which, and any other pair is embedded afresh.
A bank that begins with a shipped one, because a study added what it learned, has only the rest embedded.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from corpus.codebook import Codebook
from corpus.seeds import SeedBank
from models.embedder import Embedder, FloatArray, unit_vectors
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
    """Embed a bank and keep its vectors in half precision, those of a question once; return the file.

    Args:
        folder: Of vectors files.
        bank: What is embedded.
        embedder: Text to unit vectors.
    """
    path = vectors_file(folder, bank, embedder)
    encoded, lines = _encoded(bank, embedder), _lines_of_questions(bank)
    first = {line: row for row, line in reversed([*enumerate(lines)])}
    rows = [first[line] for line in range(len(first) - (-1 in first))]
    asked = np.zeros((0, encoded.vectors.shape[1])) if encoded.questions is None else encoded.questions[rows]
    np.savez_compressed(path, vectors=encoded.vectors.astype(np.float16), questions=asked.astype(np.float16))
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


def _encoded(bank: SeedBank, embedder: Embedder, ready: EncodedTexts | None = None) -> EncodedTexts:
    """Return the texts of a bank, encoded; ``ready`` are its first quotations."""
    texts = [quote.text for quote in bank.quotes]
    contexts = [quote.context or quote.text for quote in bank.quotes]
    questions = [quote.question or "" for quote in bank.quotes]
    if ready is None:
        return encode_with_context(embedder, texts, contexts, questions)
    known = len(ready)
    if known == len(texts):
        return ready
    rest = encode_with_context(embedder, texts[known:], contexts[known:], questions[known:])
    return EncodedTexts(texts, contexts, np.vstack([ready.vectors, rest.vectors]), _stacked(ready, rest))


def _stacked(first: EncodedTexts, second: EncodedTexts) -> FloatArray | None:
    """Return the questions of both, zeros for the one that has none."""
    if first.questions is None and second.questions is None:
        return None
    parts = (first, second)
    return np.vstack([np.zeros_like(part.vectors) if part.questions is None else part.questions for part in parts])


def _ready(bank: SeedBank, embedder: Embedder, folder: Path) -> EncodedTexts | None:
    """Return the shipped bank that this one is or begins with, encoded, if there is any."""
    for path in sorted(folder.glob(f"*-{weights_of(embedder)}.npz")):
        with np.load(path, allow_pickle=False) as stored:
            vectors = unit_vectors(stored["vectors"].astype(np.float32))
            begun = SeedBank(bank.quotes[: len(vectors)])
            if vectors_file(folder, begun, embedder) != path:
                continue
            asked = unit_vectors(stored["questions"].astype(np.float32))
        questions = np.vstack([asked, np.zeros((1, vectors.shape[1]), np.float32)])[_lines_of_questions(begun)]
        texts = [quote.text for quote in begun.quotes]
        contexts = [quote.context or quote.text for quote in begun.quotes]
        return EncodedTexts(texts, contexts, vectors, questions if len(asked) else None)
    return None


def _lines_of_questions(bank: SeedBank) -> list[int]:
    """Return for each quotation which of the bank's different questions was asked before it; -1 for none."""
    numbers = {text: n for n, text in enumerate(dict.fromkeys(q.question for q in bank.quotes if q.question))}
    return [numbers.get(quote.question or "", -1) for quote in bank.quotes]
