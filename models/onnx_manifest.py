"""What an exported folder holds and says of itself: ``model.onnx``, ``tokenizer.json`` and ``encoder.json``."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from corpus.errors import IntegrityError
from models.weights import verify

PRECISIONS = ("fp32", "int8")
MANIFEST = "encoder.json"
GRAPH = "model.onnx"
TOKENIZER = "tokenizer.json"

_VERSION = 1


@dataclass(frozen=True, slots=True)
class OnnxManifest:
    """What an exported folder says of itself.

    Attributes:
        source: `models.weights.model_digest` of the model it was exported from.
        precision: One of ``PRECISIONS``.
        dimension: Length of a vector.
        max_tokens: Longer texts are cut here, as the source model does.
        pad_id: Token that fills short rows of a batch; masked, yet some models count positions by it.
        digests: SHA-256 of each file of the folder by its name.
        prompt: What the source model puts before every text.
        cosine: Least cosine of the vectors on this machine to the model's own, when it was exported; None where an
            earlier version exported without looking.
        model: Folder that the source model was in then.
    """

    source: str
    precision: str
    dimension: int
    max_tokens: int
    pad_id: int
    digests: dict[str, str]
    version: int = _VERSION
    prompt: str = ""
    cosine: float | None = field(default=None, compare=False)
    model: str = field(default="", compare=False)

    @property
    def fingerprint(self) -> str:
        """Identifies weights and arithmetic."""
        return fingerprint(self.source, self.precision)


def fingerprint(source: str, precision: str) -> str:
    """Return the fingerprint that an export of model ``source`` will bear, before it is made."""
    return f"onnx-{precision}/v{_VERSION}:{source[:16]}"


def read_manifest(folder: Path) -> OnnxManifest:
    """Read and check an exported folder: every file is what the manifest says.

    Raises:
        IntegrityError: If the manifest cannot be read, is of another version, or a file differs.
    """
    try:
        manifest = OnnxManifest(**json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
        digests = dict(manifest.digests)
    except (OSError, ValueError, TypeError):
        raise IntegrityError(f"{folder / MANIFEST}: cannot be read; export the model again") from None
    if manifest.version != _VERSION:
        raise IntegrityError(f"{folder / MANIFEST}: version {manifest.version}, expected {_VERSION}; export again")
    for name in (GRAPH, TOKENIZER):
        verify(folder / name, str(digests.get(name, "")))
    return manifest
