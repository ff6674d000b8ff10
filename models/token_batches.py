"""Texts to padded batches of tokens: what every runtime of an exported graph is fed with."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.onnx_manifest import TOKENIZER, OnnxManifest

if TYPE_CHECKING:
    from tokenizers import Tokenizer

TOKENISED_AT_ONCE = 4_096  # texts; bounds memory however long the input


def open_tokenizer(folder: Path, manifest: OnnxManifest) -> Tokenizer:
    """Return the tokenizer of an exported folder; it cuts texts where the model does and leaves padding to us."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    tokenizer.no_padding()
    tokenizer.enable_truncation(manifest.max_tokens)
    return tokenizer


def tokenised(tokenizer: Tokenizer, texts: Sequence[str]) -> list[list[int]]:
    """Return the token ids of each text, on every core at once."""
    clean = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]  # lone surrogates have no tokens
    return [encoding.ids for encoding in tokenizer.encode_batch_fast(clean)]


def batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Yield row numbers, longest first, so that little is padding and no thread ends on a long batch.

    Args:
        lengths: Tokens of each row.
        budget: Padded tokens of a batch; a longer row goes alone.
    """
    order = sorted(range(len(lengths)), key=lambda row: -lengths[row])
    start = 0
    while start < len(order):
        size = max(1, budget // max(1, lengths[order[start]]))
        yield order[start : start + size]
        start += size


def padded(tokens: Sequence[Sequence[int]], pad_id: int) -> dict[str, NDArray[Any]]:
    """Return the graph's inputs for some rows, each of shape (rows, tokens of the longest)."""
    shape = (len(tokens), max(map(len, tokens)))
    ids, mask = np.full(shape, pad_id, np.int64), np.zeros(shape, np.int64)
    for row, text in enumerate(tokens):
        ids[row, : len(text)] = text
        mask[row, : len(text)] = 1
    return {"input_ids": ids, "attention_mask": mask}


def cores() -> int:
    """Return how many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # Linux; a container may be given fewer than there are
    return len(affinity(0)) if affinity else os.cpu_count() or 1
