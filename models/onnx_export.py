"""Export of a sentence-transformers model to one ONNX graph: token ids in, unit vectors out.

Run as ``python -m models.onnx_export MODEL_FOLDER OUT_FOLDER PRECISION``: the encoder starts this in a
process of its own, so that torch's memory and import time never add to a run's.

The folder it writes holds ``model.onnx``, ``tokenizer.json`` and ``encoder.json`` (an `OnnxManifest`).
"""

from __future__ import annotations

import json
import shutil
import sys
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.errors import IntegrityError, UsageError
from models.weights import model_digest, remembered_digest, stay_offline, verify

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

PRECISIONS = ("fp32", "int8")
MANIFEST = "encoder.json"
GRAPH = "model.onnx"
TOKENIZER = "tokenizer.json"

_OPSET = 23  # the first with Attention as one operator
_LONGEST_BATCH = 1_024
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
    """

    source: str
    precision: str
    dimension: int
    max_tokens: int
    pad_id: int
    digests: dict[str, str]
    version: int = _VERSION

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


def export(model_folder: Path, out: Path, precision: str = "fp32") -> OnnxManifest:
    """Write the ONNX form of any local sentence-transformers model into the empty folder ``out``.

    Pooling and normalisation are part of the graph; batch and length are free. ``int8`` quantises weights
    ahead and activations as they come (per channel, signed).

    Args:
        model_folder: With the weights and a ``tokenizer.json``.
        out: Made when absent.
        precision: ``fp32`` or ``int8``.

    Raises:
        UsageError: If the precision is unknown or the model has no ``tokenizer.json``.
    """
    if precision not in PRECISIONS:
        raise UsageError(f"precision {precision!r} is none of {', '.join(PRECISIONS)}")
    if not (model_folder / TOKENIZER).is_file():
        raise UsageError(f"{model_folder}: has no {TOKENIZER}; use encoder 'sentence-transformers' for it")
    model = _load(model_folder)
    out.mkdir(parents=True, exist_ok=True)
    _write_graph(model, out / GRAPH)
    if precision == "int8":
        _quantise(out / GRAPH)
    shutil.copyfile(model_folder / TOKENIZER, out / TOKENIZER)
    manifest = _describe(model, model_digest(model_folder), precision, out)
    (out / MANIFEST).write_text(json.dumps(asdict(manifest), indent=2), encoding="utf-8")
    return manifest


def _load(folder: Path) -> SentenceTransformer:
    stay_offline()
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(folder), device="cpu", local_files_only=True).float().eval()


def _describe(model: SentenceTransformer, source: str, precision: str, out: Path) -> OnnxManifest:
    return OnnxManifest(
        source=source,
        precision=precision,
        dimension=int(model.get_embedding_dimension()),
        max_tokens=int(model.max_seq_length),
        pad_id=int(model.tokenizer.pad_token_id),
        digests={name: remembered_digest(out / name) for name in (GRAPH, TOKENIZER)},
    )


def _write_graph(model: SentenceTransformer, path: Path) -> None:
    import torch

    ids = torch.tensor([[101, 2000, 2001, 102], [101, 2000, 102, 0]])
    mask = torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]])
    axes = {
        0: torch.export.Dim("batch", min=1, max=_LONGEST_BATCH),
        1: torch.export.Dim("length", min=2, max=int(model.max_seq_length)),
    }
    with torch.inference_mode(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of its own internals
        torch.onnx.export(
            _graph_of(model),
            (ids, mask),
            path,
            input_names=["input_ids", "attention_mask"],
            output_names=["vectors"],
            dynamic_shapes=(axes, axes),
            opset_version=_OPSET,
            external_data=False,
            dynamo=True,
            verbose=False,
        )


def _graph_of(model: SentenceTransformer) -> torch.nn.Module:
    import torch

    class Graph(torch.nn.Module):  # type: ignore[misc]  # torch is not followed: see pyproject.toml
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            features: dict[str, Any] = {"input_ids": input_ids, "attention_mask": attention_mask}
            return torch.nn.functional.normalize(self.model(features)["sentence_embedding"], dim=1)

    return Graph().eval()


def _quantise(path: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    full = path.with_suffix(".fp32")
    path.rename(full)
    quantize_dynamic(
        full, path, weight_type=QuantType.QInt8, per_channel=True, op_types_to_quantize=["MatMul", "Gather"]
    )
    full.unlink()


if __name__ == "__main__":
    export(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
