"""The encoders by name. One table; a name that is not in it is a local folder or a model of Hugging Face.

Whatever opens a study passes here to compare names; what an encoder needs is imported when it is asked for.

``small``, ``base`` and ``multilingual`` name encoders by need (docs/encoders.md). The first ships with precode. The
others, and ``hub:NAME``, are looked for in the cache folder, where ``precode model add`` puts them; ``allow_network``
lets them be fetched by a run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from corpus.errors import UsageError
from corpus.files import is_folder
from models import hub
from models.hub import BY_NEED, HUB, folder_of, is_hub_name, repository_of
from models.onnx_manifest import MANIFEST
from models.weights import packaged_model

if TYPE_CHECKING:
    from models.embedder import Embedder

DEFAULT_ENCODER = "openvino"
SMALL = "small"


def _openvino(cache: Path | None) -> Embedder:
    from models.graph_runtimes import OpenVino
    from models.onnx_encoder import from_model

    return from_model(packaged_model(), OpenVino(), cache=cache)


def _onnxruntime(precision: str, cache: Path | None) -> Embedder:
    from models.graph_runtimes import OnnxRuntime
    from models.onnx_encoder import from_model

    return from_model(packaged_model(), OnnxRuntime(precision), cache=cache)


def _sentence_transformers(_: Path | None) -> Embedder:
    from models.sentence_encoder import from_folder

    return from_folder(packaged_model())


def _lexical(_: Path | None) -> Embedder:
    from models.lexical_encoder import LexicalEncoder

    return LexicalEncoder()


ENCODERS: Mapping[str, Callable[[Path | None], Embedder]] = MappingProxyType(
    {
        "openvino": _openvino,
        "onnx-fp32": partial(_onnxruntime, "fp32"),
        "onnx-int8": partial(_onnxruntime, "int8"),
        "sentence-transformers": _sentence_transformers,
        "lexical": _lexical,
    }
)
"""Factories by name; each takes the folder for exported models, None for the user's cache."""


def is_encoder_name(name: str) -> bool:
    """Return whether a name stands for an encoder by itself, whatever folder may be called the same."""
    return name in ENCODERS or name == SMALL or is_hub_name(name)


def load_encoder(name: str, *, cache_dir: Path | None = None, allow_network: bool = False) -> Embedder:
    """Return an encoder. Weights are verified now; libraries load and exports are made at the first text.

    Args:
        name: A key of ``ENCODERS`` or ``BY_NEED``, ``small`` for the default, a local model folder
            (sentence-transformers, or one that `models.onnx_export.export` wrote), or ``hub:NAME``.
        cache_dir: Where exported models are kept; the user's cache folder by default. Vectors are
            another matter: see `models.vector_cache.VectorCache`.
        allow_network: Lets a model be fetched that was not added; nothing else ever leaves the machine.

    Raises:
        UsageError: If there is no such encoder, or a model that was not added is named without ``allow_network``.
        IntegrityError: If weights differ from their recorded digest.
    """
    if name in ENCODERS or name == SMALL:
        return ENCODERS[DEFAULT_ENCODER if name == SMALL else name](cache_dir)
    if is_hub_name(name):
        return _from_hub(name, cache_dir, allow_network=allow_network)
    if is_folder(name):
        from models.folder_encoder import FolderEncoder
        from models.onnx_encoder import load

        folder = Path(name)
        return load(folder) if (folder / MANIFEST).is_file() else FolderEncoder(folder, cache_dir)
    known = ", ".join((*ENCODERS, SMALL, *BY_NEED))
    raise UsageError(f"encoder {name!r} is none of {known}, nor a model folder, nor {HUB}NAME")


def _from_hub(name: str, cache_dir: Path | None, *, allow_network: bool) -> Embedder:
    """Return the encoder over a model that was added, or that may be fetched now."""
    folder = folder_of(name)
    if not folder.is_dir() and not allow_network:
        state = f"({BY_NEED[name]}) is not on this machine" if name in BY_NEED else "would be fetched from the network"
        raise UsageError(
            f"encoder {name} {state}; type: precode model add {name}, which fetches it once; "
            f"or copy the model's folder to {folder}; "
            "or a study may allow that to its runs ([model] allow_network = true)"
        )
    if name in BY_NEED and not folder.is_dir():
        hub.fetch(BY_NEED[name], folder)
    from models import sentence_encoder
    from models.folder_encoder import FolderEncoder

    return FolderEncoder(folder, cache_dir) if folder.is_dir() else sentence_encoder.from_hub(repository_of(name))
