"""Text to vectors by a model that was exported to one ONNX graph: the default encoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from models.embedder import FloatArray
from models.graph_runtimes import GraphRuntime, OnnxRuntime, OpenVino, RunGraph
from models.onnx_folder import exported, home_of
from models.onnx_manifest import GRAPH, OnnxManifest, read_manifest
from models.token_batches import TOKENISED_AT_ONCE, batches, open_tokenizer, padded, tokenised
from models.weights import model_digest

if TYPE_CHECKING:
    from tokenizers import Tokenizer


@dataclass(frozen=True, slots=True)
class _OpenModel:
    """An open graph and its tokenizer."""

    run: RunGraph
    tokenizer: Tokenizer
    manifest: OnnxManifest


class OnnxEncoder:
    """An embedder over an exported folder, which is made or opened when the first text comes.

    Args:
        source: Digest of the model: with the runtime, it makes the fingerprint before the folder exists.
        folder: Gives the exported folder, making it if need be.
        runtime: What runs the graph.
    """

    def __init__(self, source: str, folder: Callable[[], Path], runtime: GraphRuntime) -> None:
        self.source = source
        self.folder = folder
        self.runtime = runtime
        self._lock = Lock()
        self._model: _OpenModel | None = None

    @cached_property
    def fingerprint(self) -> str:
        """What the vectors are known by."""
        return self.runtime.fingerprint(self.source)

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return float32 vectors of shape (len(texts), dimension), rows of length 1, in input order.

        Raises:
            IntegrityError: If the exported files are damaged.
            UsageError: If the model cannot be exported or the cache folder cannot be written.
        """
        model = self._opened()
        vectors = np.empty((len(texts), model.manifest.dimension), np.float32)
        with ThreadPoolExecutor(self.runtime.batches_at_once) as pool:
            for start in range(0, len(texts), TOKENISED_AT_ONCE):
                rows = slice(start, start + TOKENISED_AT_ONCE)
                self._encode_into(vectors[rows], texts[rows], model, pool)
        return vectors

    def _encode_into(self, vectors: FloatArray, texts: Sequence[str], model: _OpenModel, pool: Executor) -> None:
        prompt = model.manifest.prompt
        tokens = tokenised(model.tokenizer, [prompt + text for text in texts] if prompt else texts)

        def encode_rows(rows: list[int]) -> None:
            vectors[rows] = model.run(padded([tokens[row] for row in rows], model.manifest.pad_id))

        lengths = [len(ids) for ids in tokens]
        budget = min(self.runtime.batch_tokens, sum(lengths) // self.runtime.batches_at_once)  # few texts: work for all
        for _ in pool.map(encode_rows, batches(lengths, budget)):
            pass  # the rows are in place; taking the result raises what went wrong

    def _opened(self) -> _OpenModel:
        with self._lock:
            if self._model is None:
                folder = self.folder()
                manifest = read_manifest(folder)
                run = self.runtime.open(folder / GRAPH)
                self._model = _OpenModel(run, open_tokenizer(folder, manifest), manifest)
            return self._model


def load(folder: Path) -> OnnxEncoder:
    """Return the encoder over a folder that `models.onnx_export.export` wrote.

    Raises:
        IntegrityError: If its files are not what its manifest says.
    """
    manifest = read_manifest(folder)
    runtime = OnnxRuntime("int8") if manifest.precision == "int8" else OpenVino()
    return OnnxEncoder(manifest.source, lambda: folder, runtime)


def from_model(model_folder: Path, runtime: GraphRuntime, *, cache: Path | None = None) -> OnnxEncoder:
    """Return the encoder over the ONNX form of a sentence-transformers model, exported on first use.

    Args:
        model_folder: Any local sentence-transformers model.
        runtime: What runs the graph; it says which export it needs.
        cache: Where exports are kept; the user's cache folder by default.
    """
    home = home_of(model_folder, runtime.export, cache)
    prepare = partial(exported, model_folder, runtime.export, home)
    return OnnxEncoder(model_digest(model_folder), prepare, runtime)
