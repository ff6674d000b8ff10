"""The encoders by name. One table; a name that is not in it is a local folder or, if allowed, a hub model.

``small``, ``base`` and ``multilingual`` name encoders by need (docs/encoders.md). The first ships with precode. The
others are looked for in the cache folder, where ``allow_network`` lets them be fetched to, once.
"""

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
from models.weights import cache_home, packaged_model

DEFAULT_ENCODER = "openvino"
HUB = "hub:"
SMALL = "small"
BY_NEED: Mapping[str, str] = MappingProxyType(
    {
        "base": "sentence-transformers/all-mpnet-base-v2",
        "multilingual": "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2",
    }
)
"""Hub names of encoders that do not ship, by what they are for."""

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
        name: A key of ``ENCODERS`` or ``BY_NEED``, ``small`` for the default, a local model folder
            (sentence-transformers, or one that `models.onnx_export.export` wrote), or ``hub:NAME``.
        cache_dir: Where exported models are kept; the user's cache folder by default. Vectors are
            another matter: see `models.vector_cache.VectorCache`.
        allow_network: Must be set for a hub model; nothing else ever leaves the machine.

    Raises:
        UsageError: If there is no such encoder, or a hub model is named without ``allow_network``.
        IntegrityError: If weights differ from their recorded digest.
    """
    if name in ENCODERS or name == SMALL:
        return ENCODERS[DEFAULT_ENCODER if name == SMALL else name](cache_dir)
    if name in BY_NEED:
        return onnx_encoder.from_model(_by_need(name, allow_network=allow_network), OpenVino(), cache=cache_dir)
    if name.startswith(HUB):
        return _from_hub(name.removeprefix(HUB), allow_network=allow_network)
    if name and Path(name).is_dir():  # no name at all is the folder where we stand
        return _from_folder(Path(name))
    known = ", ".join((*ENCODERS, SMALL, *BY_NEED))
    raise UsageError(f"encoder {name!r} is none of {known}, nor a model folder, nor {HUB}NAME")


def _by_need(name: str, *, allow_network: bool) -> Path:
    """Return the folder of an encoder named by need; it is fetched only where it is not there and that is allowed."""
    folder = cache_home() / "encoders" / name
    if not folder.is_dir():
        if not allow_network:
            raise UsageError(
                f"encoder {name} ({BY_NEED[name]}) is not on this machine; copy the model's folder to {folder}, or let "
                "the study fetch it once ([model] allow_network = true)"
            )
        sentence_encoder.fetch(BY_NEED[name], folder)
    return folder


def _from_hub(name: str, *, allow_network: bool) -> Embedder:
    if not allow_network:
        remedy = "a study may allow that ([model] allow_network = true); or name a local folder"
        raise UsageError(f"encoder {HUB}{name} would be fetched from the network; {remedy}")
    return sentence_encoder.from_hub(name)


def _from_folder(folder: Path) -> Embedder:
    if (folder / MANIFEST).is_file():
        return onnx_encoder.load(folder)
    return sentence_encoder.from_folder(folder)
