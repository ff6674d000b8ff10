"""Text to vectors with any local sentence-transformers model: as one graph where it can be exported, else in torch."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from threading import Lock

from models import onnx_encoder, sentence_encoder
from models.embedder import Embedder, FloatArray
from models.graph_runtimes import OpenVino
from models.onnx_folder import UnexportableError, exported, home_of, refusal_of
from models.onnx_manifest import TOKENIZER
from models.weights import model_digest

log = logging.getLogger(__name__)


class FolderEncoder:
    """An embedder that takes the fast path where the model can go it, and says so where it cannot.

    Which of the two it is comes out when the fingerprint or a vector is first asked for, since the fingerprint names
    the runtime: the model is exported then, unless it was before, or that was refused before.

    Args:
        folder: Of the model.
        cache: Where exports are kept; the user's cache folder by default.

    Raises:
        UsageError: If the folder holds no model files.
    """

    def __init__(self, folder: Path, cache: Path | None = None) -> None:
        model_digest(folder)
        self.folder = folder
        self.cache = cache
        self._lock = Lock()
        self._settled: Embedder | None = None

    @property
    def fingerprint(self) -> str:
        """What the vectors are known by: the runtime that makes them, its precision and the model's digest."""
        return self.settled().fingerprint

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return float32 vectors of shape (len(texts), dimension), rows of length 1, in input order.

        Raises:
            UsageError: If the model cannot be opened, or its export cannot be written.
        """
        return self.settled().encode(texts)

    def settled(self) -> Embedder:
        """Return the encoder over the graph, exporting it if need be, or the one in torch.

        Raises:
            UsageError: If an export cannot be written.
        """
        with self._lock:
            if self._settled is None:
                reason = self._reason_against()
                if reason:
                    log.warning("%s: is run in torch, several times slower than as a graph: %s", self.folder, reason)
                    self._settled = sentence_encoder.from_folder(self.folder)
                else:
                    self._settled = onnx_encoder.from_model(self.folder, OpenVino(), cache=self.cache)
            return self._settled

    def _reason_against(self) -> str:
        """Return why there is no graph of this model; empty if there is one now."""
        if not (self.folder / TOKENIZER).is_file():
            return f"it has no {TOKENIZER}"
        precision = OpenVino().export
        home = home_of(self.folder, precision, self.cache)
        refused = refusal_of(home)
        if refused:
            return refused
        try:
            exported(self.folder, precision, home)
        except UnexportableError as error:
            return error.reason
        return ""
