"""Text to vectors with onnxruntime: the default encoder. Exports the model once, into the user's cache."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from corpus.errors import IntegrityError, UsageError
from corpus.files import private_folder, sweep
from models.embedder import FloatArray
from models.onnx_export import GRAPH, TOKENIZER, OnnxManifest, fingerprint, read_manifest
from models.weights import OFFLINE, cache_home, model_digest

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

TOKENS_PER_BATCH = {"fp32": 256, "int8": 1}
"""Padded tokens the graph sees at once; a longer text goes alone. Small batches stay in a core's own cache.
int8 takes one text at a time: it scales activations by the largest of the batch, so that a vector would
otherwise depend on its neighbours."""

_TOKENISED_AT_ONCE = 4_096  # texts; bounds memory however long the input

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Runtime:
    """An open graph and its tokenizer."""

    session: InferenceSession
    tokenizer: Tokenizer
    manifest: OnnxManifest


class OnnxEncoder:
    """An embedder over an exported folder, which is made or opened when the first text comes.

    Args:
        fingerprint: Known before the folder exists.
        folder: Gives the exported folder, making it if need be.
        threads: Batches at work at once; 0 means one for every core.
    """

    def __init__(self, fingerprint: str, folder: Callable[[], Path], *, threads: int = 0) -> None:
        self.fingerprint = fingerprint
        self.folder = folder
        self.threads = threads or _cores()
        self._lock = Lock()
        self._runtime: _Runtime | None = None

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return float32 vectors of shape (len(texts), dimension), rows of length 1, in input order.

        Raises:
            IntegrityError: If the exported files are damaged.
            UsageError: If the model cannot be exported or the cache folder cannot be written.
        """
        runtime = self._opened()
        vectors = np.empty((len(texts), runtime.manifest.dimension), np.float32)
        with ThreadPoolExecutor(self.threads) as pool:
            for start in range(0, len(texts), _TOKENISED_AT_ONCE):
                rows = slice(start, start + _TOKENISED_AT_ONCE)
                _encode_into(vectors[rows], texts[rows], runtime, pool)
        return vectors

    def _opened(self) -> _Runtime:
        with self._lock:
            if self._runtime is None:
                self._runtime = _open(self.folder())
            return self._runtime


def load(folder: Path, *, threads: int = 0) -> OnnxEncoder:
    """Return the encoder over a folder that `models.onnx_export.export` wrote.

    Raises:
        IntegrityError: If its files are not what its manifest says.
    """
    return OnnxEncoder(read_manifest(folder).fingerprint, lambda: folder, threads=threads)


def from_model(model_folder: Path, precision: str, *, cache: Path | None = None, threads: int = 0) -> OnnxEncoder:
    """Return the encoder over the ONNX form of a sentence-transformers model, exported on first use.

    Args:
        model_folder: Any local sentence-transformers model.
        precision: ``fp32`` or ``int8``.
        cache: Where exports are kept; the user's cache folder by default.
        threads: Batches at work at once; 0 means one for every core.
    """
    home = home_of(model_folder, precision, cache)
    prepare = partial(exported, model_folder, precision, home)
    return OnnxEncoder(fingerprint(model_digest(model_folder), precision), prepare, threads=threads)


def home_of(model_folder: Path, precision: str, cache: Path | None = None) -> Path:
    """Return where the export of a model is kept: a name that changes with the model and with the way of exporting.

    Args:
        model_folder: Any local sentence-transformers model.
        precision: ``fp32`` or ``int8``.
        cache: The user's cache folder by default.
    """
    name = fingerprint(model_digest(model_folder), precision)
    return (cache or cache_home()) / "onnx" / name.replace("/", "-").replace(":", "-")


def exported(model_folder: Path, precision: str, home: Path) -> Path:
    """Return ``home`` holding a whole and verified export, made now if it is absent or damaged.

    Args:
        model_folder: Any local sentence-transformers model.
        precision: ``fp32`` or ``int8``.
        home: Folder of this one export.

    Raises:
        UsageError: If the model cannot be exported or ``home`` cannot be written.
    """
    try:
        read_manifest(home)
    except IntegrityError:
        _export_to(home, model_folder, precision)
    return home


def _export_to(home: Path, model_folder: Path, precision: str) -> None:
    log.info("preparing encoder onnx-%s in %s; this happens once", precision, home)
    try:
        sweep(private_folder(home.parent), "unfinished-*")
        with tempfile.TemporaryDirectory(dir=home.parent, prefix="unfinished-", ignore_cleanup_errors=True) as draft:
            made = Path(draft) / home.name
            _run_export(model_folder, made, precision)
            _publish(made, home)
    except OSError as error:
        raise UsageError(f"{home}: cannot be written ({error.strerror}); set PRECODE_CACHE to another folder") from None


def _run_export(model_folder: Path, out: Path, precision: str) -> None:
    """Export in another process: torch costs a gigabyte that the run need not carry."""
    roots = [str(Path(__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
    done = subprocess.run(  # noqa: S603 - our own module on our own interpreter
        [sys.executable, "-P", "-m", "models.onnx_export", str(model_folder), str(out), precision],
        env={**os.environ, **OFFLINE, "PYTHONPATH": os.pathsep.join(roots)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise UsageError(f"{model_folder}: cannot be exported to ONNX ({reason}); use encoder 'sentence-transformers'")


def _publish(made: Path, home: Path) -> None:
    """Give a finished export its name; if another process was faster, its export stands."""
    try:
        made.rename(home)
    except OSError:
        try:
            read_manifest(home)
        except IntegrityError:
            shutil.rmtree(home)
            made.rename(home)


def _open(folder: Path) -> _Runtime:
    from tokenizers import Tokenizer

    manifest = read_manifest(folder)
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    tokenizer.no_padding()
    tokenizer.enable_truncation(manifest.max_tokens)
    return _Runtime(_session(folder / GRAPH), tokenizer, manifest)


def _session(graph: Path) -> InferenceSession:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # batches run side by side: no waiting for each other inside an operator
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors only; its warnings are about fusions it did not need
    return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])


def _encode_into(vectors: FloatArray, texts: Sequence[str], runtime: _Runtime, pool: Executor) -> None:
    clean = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]  # lone surrogates have no tokens
    tokens = [encoding.ids for encoding in runtime.tokenizer.encode_batch_fast(clean)]

    def encode_rows(rows: list[int]) -> None:
        batch = _padded([tokens[row] for row in rows], runtime.manifest.pad_id)
        vectors[rows] = runtime.session.run(None, batch)[0]

    budget = TOKENS_PER_BATCH[runtime.manifest.precision]
    for _ in pool.map(encode_rows, _batches([len(ids) for ids in tokens], budget)):
        pass  # the rows are in place; taking the result raises what went wrong


def _batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Yield row numbers, longest first, so that little is padding and no thread ends on a long batch."""
    order = sorted(range(len(lengths)), key=lambda row: -lengths[row])
    start = 0
    while start < len(order):
        size = max(1, budget // max(1, lengths[order[start]]))
        yield order[start : start + size]
        start += size


def _padded(tokens: Sequence[Sequence[int]], pad_id: int) -> dict[str, NDArray[Any]]:
    shape = (len(tokens), max(map(len, tokens)))
    ids, mask = np.full(shape, pad_id, np.int64), np.zeros(shape, np.int64)
    for row, text in enumerate(tokens):
        ids[row, : len(text)] = text
        mask[row, : len(text)] = 1
    return {"input_ids": ids, "attention_mask": mask}


def _cores() -> int:
    """Return how many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # Linux; a container may be given fewer than there are
    return len(affinity(0)) if affinity else os.cpu_count() or 1
