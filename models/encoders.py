"""The encoders by name. One table; a name that is not in it is a local folder or, if allowed, a hub model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from corpus.errors import UsageError
from models import onnx_encoder, sentence_encoder
from models.embedder import Embedder
from models.graph_runtimes import OnnxRuntime, OpenVino
from models.lexical_encoder import LexicalEncoder
from models.onnx_export import MANIFEST
from models.weights import packaged_model

DEFAULT_ENCODER = "openvino"
HUB = "hub:"

ENCODERS: Mapping[str, Callable[[Path | None], Embedder]] = MappingProxyType(
    {
        "openvino": lambda cache: onnx_encoder.from_model(packaged_model(), OpenVino(), cache=cache),
        "onnx-fp32": lambda cache: onnx_encoder.from_model(packaged_model(), OnnxRuntime("fp32"), cache=cache),
        "onnx-int8": lambda cache: onnx_encoder.from_model(packaged_model(), OnnxRuntime("int8"), cache=cache),
        "sentence-transformers": lambda _: sentence_encoder.from_folder(packaged_model()),
        "lexical": lambda _: LexicalEncoder(),
    }
)
"""Factories by name; each takes the folder for exported models, None for the user's cache."""


def load_encoder(name: str, *, cache_dir: Path | None = None, allow_network: bool = False) -> Embedder:
    """Return an encoder. Weights are verified now; libraries load and exports are made at the first text.

    Args:
        name: A key of ``ENCODERS``, a local model folder (sentence-transformers, or one that
            `models.onnx_export.export` wrote), or ``hub:NAME``.
        cache_dir: Where exported models are kept; the user's cache folder by default. Vectors are
            another matter: see `models.vector_cache.VectorCache`.
        allow_network: Must be set for a hub model; nothing else ever leaves the machine.

    Raises:
        UsageError: If there is no such encoder, or a hub model is named without ``allow_network``.
        IntegrityError: If weights differ from their recorded digest.
    """
    if name in ENCODERS:
        return ENCODERS[name](cache_dir)
    if name.startswith(HUB):
        return _from_hub(name.removeprefix(HUB), allow_network=allow_network)
    if Path(name).is_dir():
        return _from_folder(Path(name))
    raise UsageError(f"encoder {name!r} is none of {', '.join(ENCODERS)}, nor a model folder, nor {HUB}NAME")


def _from_hub(name: str, *, allow_network: bool) -> Embedder:
    if not allow_network:
        remedy = "a study may allow that ([model] allow_network = true); or name a local folder"
        raise UsageError(f"encoder {HUB}{name} would be fetched from the network; {remedy}")
    return sentence_encoder.from_hub(name)


def _from_folder(folder: Path) -> Embedder:
    if (folder / MANIFEST).is_file():
        return onnx_encoder.load(folder)
    return sentence_encoder.from_folder(folder)
