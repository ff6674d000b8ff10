"""Export of a sentence-transformers model to one ONNX graph: token ids in, unit vectors out.

Run as ``python -m models.onnx_export MODEL_FOLDER OUT_FOLDER PRECISION``: the encoder starts this in a
process of its own, so that torch's memory and import time never add to a run's.

The graph is made by sentence-transformers' own modules, whatever their pooling and whatever follows it. What it gives
is then held against what the model itself gives, so that an export that differs is refused and never used.
"""

from __future__ import annotations

import json
import sys
import warnings
from dataclasses import asdict, replace
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from corpus.errors import UsageError
from models import onnx_encoder
from models.embedder import FloatArray
from models.module_process import is_of_the_machine
from models.onnx_folder import UNFINISHED
from models.onnx_manifest import GRAPH, MANIFEST, PRECISIONS, TOKENIZER, OnnxManifest
from models.weights import model_digest, remembered_digest, stay_offline

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

LEAST_COSINE = 0.999
"""Of an export's vectors, as this machine computes them, to the model's own; of int8 it is only noted."""
PROBES = (
    "Nobody told the district nurse that he was home.",
    "",
    "Um.",
    "  I ring   the SURGERY every Monday, twice!  ",
    "Die Hausärztin wusste nichts davon; mijn zoon regelt alles. Ça dépend…",
    "And then I waited, and I asked again, and I waited once more because the letter had gone to the old address. "
    * 40,
)
"""Short, empty, cut off at the end, in capitals, with white space around it, in other languages."""

_OPSET = 23  # the first with Attention as one operator
_LONGEST_BATCH = 1_024
_LONGEST_REASON = 300  # characters; the exporter can say pages
_LONGEST_TEXT = 32_768  # tokens; of a model that names no limit


def export(model_folder: Path, out: Path, precision: str = "fp32") -> OnnxManifest:
    """Write the ONNX form of any local sentence-transformers model into the empty folder ``out``.

    Pooling and normalisation are part of the graph; batch and length are free. ``int8`` quantises weights
    ahead and activations as they come (per channel, signed).

    Args:
        model_folder: With the weights and a ``tokenizer.json``.
        out: Made when absent.
        precision: ``fp32`` or ``int8``.

    Raises:
        UsageError: If the precision is unknown, the model has no ``tokenizer.json``, or the export gives other vectors
            than the model.
    """
    if precision not in PRECISIONS:
        raise UsageError(f"precision {precision!r} is none of {', '.join(PRECISIONS)}")
    if not (model_folder / TOKENIZER).is_file():
        raise UsageError(f"{model_folder}: has no {TOKENIZER}; use encoder 'sentence-transformers' for it")
    model = _load(model_folder)
    expected = model.encode(list(PROBES), normalize_embeddings=True, show_progress_bar=False)
    out.mkdir(parents=True, exist_ok=True)
    model.tokenizer.backend_tokenizer.save(str(out / TOKENIZER))  # as the model sets it up, not as the file has it
    _write_graph(model, out / GRAPH)
    if precision == "int8":
        _quantise(out / GRAPH)
    manifest = OnnxManifest(
        source=model_digest(model_folder),
        precision=precision,
        dimension=expected.shape[1],
        max_tokens=_longest_text(model),
        pad_id=int(model.tokenizer.pad_token_id or 0),
        digests={name: remembered_digest(out / name) for name in (GRAPH, TOKENIZER)},
        prompt=model.prompts.get(model.default_prompt_name, "") or "",
        model=str(model_folder.resolve()),
    )
    del model  # its memory is needed for the graph
    return _verified(manifest, out, expected)


def _load(folder: Path) -> SentenceTransformer:
    stay_offline()
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(folder), device="cpu", local_files_only=True).float().eval()


def _longest_text(model: SentenceTransformer) -> int:
    return int(min(model.max_seq_length or _LONGEST_TEXT, _LONGEST_TEXT))


def _write_graph(model: SentenceTransformer, path: Path) -> None:
    import torch

    ids = torch.tensor([[101, 2000, 2001, 102], [101, 2000, 102, 0]])
    mask = torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]])
    axes = {
        0: torch.export.Dim("batch", min=1, max=_LONGEST_BATCH),
        1: torch.export.Dim("length", min=2, max=_longest_text(model)),
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


def _verified(manifest: OnnxManifest, out: Path, expected: FloatArray) -> OnnxManifest:
    """Return the manifest with what the export's vectors are to the model's, and write it beside the graph.

    Args:
        manifest: Of the export.
        out: Its folder.
        expected: The model's own unit vectors of ``PROBES``, of shape (len(PROBES), dimension).

    Raises:
        UsageError: If they are not the same; NaN is not.
    """
    _write_manifest(manifest, out)
    cosine = float((onnx_encoder.load(out).encode(PROBES) * expected).sum(axis=1).min())
    if manifest.precision == "fp32" and not cosine >= LEAST_COSINE:
        raise UsageError(f"the graph gives other vectors than the model: cosine {cosine:.4f}, expected {LEAST_COSINE}")
    manifest = replace(manifest, cosine=round(cosine, 6))
    _write_manifest(manifest, out)
    return manifest


def _write_manifest(manifest: OnnxManifest, out: Path) -> None:
    (out / MANIFEST).write_text(json.dumps(asdict(manifest), indent=2), encoding="utf-8")


def main(model_folder: str, out: str, precision: str) -> int:
    """Export and return an exit code; what went wrong is the last line on standard error.

    Args:
        model_folder: Of the model.
        out: Of the export.
        precision: One of ``PRECISIONS``.
    """
    try:
        export(Path(model_folder), Path(out), precision)
    except (UsageError, OSError, MemoryError, RuntimeError, ValueError, TypeError, AttributeError, KeyError) as error:
        reason = str(error) if isinstance(error, UsageError) else f"{type(error).__name__}: {error}"
        sys.stderr.write(f"{shorten(reason, _LONGEST_REASON, placeholder=' ...')}\n")
        return UNFINISHED if is_of_the_machine(error) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
