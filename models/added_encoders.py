"""Which encoders are on this machine beside the one that ships, and making another one ready."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import IntegrityError, PrecodeError, UsageError
from corpus.files import is_folder, speaking_plainly
from models.folder_encoder import FolderEncoder
from models.graph_runtimes import OpenVino
from models.hub import BY_NEED, HUB, encoders_home, folder_of, is_hub_name
from models.onnx_folder import REFUSED, exports_home, forget_refusal, home_of, refusal_of
from models.onnx_manifest import MANIFEST, TOKENIZER, OnnxManifest, read_manifest
from models.weights import packaged_model

GRAPH, TORCH, UNTRIED = "OpenVINO", "torch", ""
"""How a model is run; untried is one that nobody has asked for a vector yet."""

_PROBE = "The nurse rang on Monday."
_SETTINGS = "modules.json", "config.json"
"""Of a sentence-transformers model, and of one that transformers reads."""


@dataclass(frozen=True, slots=True)
class EncoderFacts:
    """An encoder on this machine.

    Attributes:
        name: What ``[model] encoder`` calls it.
        folder: Where its model lies.
        megabytes: Of the model, without its export.
        runtime: ``OpenVINO``, ``torch``, or empty before it was exported or that was refused.
        dimension: Length of a vector, once it was exported.
        max_tokens: Longer texts are cut here, once it was exported.
        cosine: Least cosine of its vectors to the model's own, where it was exported.
        reason: Why it is run in torch.
    """

    name: str
    folder: Path
    megabytes: float
    runtime: str
    dimension: int | None = None
    max_tokens: int | None = None
    cosine: float | None = None
    reason: str = ""


def is_here(name: str) -> bool:
    """Return whether the model of a name need not be fetched.

    Raises:
        UsageError: If there can be no such model.
    """
    return _model_folder(name).is_dir()


def make_ready(name: str) -> EncoderFacts:
    """Export a model that is on this machine, hold its vectors against its own, and return what is known of it.

    What was refused before is tried again: libraries learn.

    Args:
        name: Of a model that was fetched or copied to its place, or a folder.

    Raises:
        UsageError: If it is no model, or its export cannot be written.
    """
    folder = _whole_model(name)
    home = home_of(folder, OpenVino().export)
    forget_refusal(home)
    manifest = _manifest(home)
    if manifest is not None and manifest.cosine is None:  # of a version that did not look
        with speaking_plainly(home):
            (home / MANIFEST).unlink()
    try:
        FolderEncoder(folder).encode([_PROBE])
    except PrecodeError:
        forget_refusal(home)  # what cannot be opened is not run in torch either
        raise
    return facts_of(name)


def facts_of(name: str) -> EncoderFacts:
    """Return what is known of a model on this machine, without loading it.

    Raises:
        UsageError: If it is no model.
    """
    folder = _whole_model(name)
    return _facts(name if is_hub_name(name) else str(folder), folder)


def added_encoders() -> list[EncoderFacts]:
    """Return what is known of the encoder that ships, of those that were added, and of folders that were used."""
    home = encoders_home()
    hub = sorted((home / "hub").glob("*")) if (home / "hub").is_dir() else []
    named = [
        ("small", packaged_model()),
        *((name, folder_of(name)) for name in BY_NEED),
        *((HUB + folder.name.replace("--", "/"), folder) for folder in hub),
    ]
    known = {folder.resolve() for _, folder in named}
    folders = sorted({folder for folder in _exported_folders() if folder not in known})
    return [
        _facts(name, folder)
        for name, folder in [*named, *((str(folder), folder) for folder in folders)]
        if folder.is_dir() and not folder.name.startswith(".")
    ]


def _model_folder(name: str) -> Path:
    if is_hub_name(name):
        return folder_of(name)
    if is_folder(name):
        return Path(name).resolve()
    raise UsageError(f"{name!r} is none of {', '.join(BY_NEED)}, nor a model folder, nor {HUB}OWNER/MODEL")


def _whole_model(name: str) -> Path:
    """Return the folder of a model, looked at without reading what may be a folder of anything else.

    Raises:
        UsageError: If it is no model, or one that was exported already.
    """
    folder = _model_folder(name)
    if (folder / MANIFEST).is_file():
        raise UsageError(f"{folder}: is an exported model; there is nothing to add, write it as encoder as it is")
    if not any((folder / file).is_file() for file in _SETTINGS):
        raise UsageError(f"{folder}: is not a model folder: it has neither {' nor '.join(_SETTINGS)}")
    return folder


def _facts(name: str, folder: Path) -> EncoderFacts:
    megabytes = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
    try:
        home = home_of(folder, OpenVino().export)
    except PrecodeError as error:
        return EncoderFacts(name, folder, megabytes, UNTRIED, reason=str(error))
    manifest = _manifest(home)
    if manifest is not None:
        sizes = manifest.dimension, manifest.max_tokens, manifest.cosine
        return EncoderFacts(name, folder, megabytes, GRAPH, *sizes)
    reason = refusal_of(home) if (folder / TOKENIZER).is_file() else f"it has no {TOKENIZER}"
    return EncoderFacts(name, folder, megabytes, TORCH if reason else UNTRIED, reason=reason)


def _manifest(home: Path) -> OnnxManifest | None:
    try:
        return read_manifest(home)
    except IntegrityError:
        return None


def _exported_folders() -> Iterator[Path]:
    """Yield the folders of models that were exported, or that were to be."""
    exports = exports_home()
    for file in [*exports.glob(f"*/{MANIFEST}"), *exports.with_name(REFUSED).glob("*.json")]:
        try:
            named = json.loads(file.read_text(encoding="utf-8")).get("model", "")
        except (OSError, ValueError, AttributeError):
            continue
        if named and isinstance(named, str):
            yield Path(named)
