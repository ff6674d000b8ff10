"""Text to vectors with sentence-transformers: the reference, and the way to use any model it can load."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from pickle import UnpicklingError
from typing import TYPE_CHECKING

import numpy as np

from corpus.errors import UsageError
from models.embedder import FloatArray
from models.weights import model_digest, stay_offline

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BATCH_SIZE = 32


class SentenceEncoder:
    """An embedder over a sentence-transformers model, opened when the first text comes.

    Args:
        model: A local model folder, or a hub name where the user allowed the network.
        fingerprint: Identifies the weights.
        allow_network: Lets the library fetch what it lacks.
    """

    def __init__(self, model: str, fingerprint: str, *, allow_network: bool = False) -> None:
        self.model = model
        self.fingerprint = fingerprint
        self.allow_network = allow_network

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return float32 vectors of shape (len(texts), dimension), rows of length 1, in input order.

        Raises:
            UsageError: If the model cannot be opened.
        """
        if not texts:
            return np.empty((0, int(self._opened.get_embedding_dimension() or 0)), np.float32)
        vectors = self._opened.encode(
            list(texts), batch_size=BATCH_SIZE, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(vectors, np.float32)

    @cached_property
    def _opened(self) -> SentenceTransformer:
        if not self.allow_network:
            stay_offline()
        from safetensors import SafetensorError
        from sentence_transformers import SentenceTransformer

        damaged = (SafetensorError, UnpicklingError, EOFError)  # of weights in either form
        try:
            return SentenceTransformer(self.model, device="cpu", local_files_only=not self.allow_network)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, ImportError, *damaged) as error:
            line = (str(error).splitlines() or [type(error).__name__])[0]
            raise UsageError(f"{self.model}: is not a model sentence-transformers can open ({line})") from None


def from_folder(folder: Path) -> SentenceEncoder:
    """Return the encoder over a local model folder.

    Raises:
        UsageError: If the folder holds no model files.
    """
    return SentenceEncoder(str(folder), f"sentence-transformers/v1:{model_digest(folder)[:16]}")


def from_hub(name: str) -> SentenceEncoder:
    """Return the encoder over a hub model; its first use goes to the network."""
    return SentenceEncoder(name, f"sentence-transformers/v1:hub:{name}", allow_network=True)
