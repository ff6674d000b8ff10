"""What runs an exported graph on this machine: OpenVINO (the default) or onnxruntime.

A runtime says which export it reads and what its vectors are known by, and opens a graph as a function that threads may
call at once, one batch each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from models.embedder import FloatArray
from models.onnx_manifest import fingerprint
from models.token_batches import cores

if TYPE_CHECKING:
    from openvino import InferRequest

Batch = Mapping[str, NDArray[np.int64]]
"""Inputs of the graph by name, each of shape (rows, tokens)."""

RunGraph = Callable[[Batch], FloatArray]
"""Batch to unit vectors of shape (rows, dimension)."""

_FIRST_ARRAY = Lock()
"""OpenVINO's binding makes itself ready for NumPy at the first array that it meets. Two threads that meet it at once
wait for each other for ever: one holds the interpreter's lock, the other the binding's."""


class GraphRuntime(Protocol):
    """Runs exported graphs."""

    @property
    def export(self) -> str:
        """Precision of the export that it reads, see `models.onnx_export.PRECISIONS`."""

    @property
    def batch_tokens(self) -> int:
        """Padded tokens that it is best given at once."""

    @property
    def batches_at_once(self) -> int:
        """How many batches it is best asked for at once."""

    def fingerprint(self, source: str) -> str:
        """Return what vectors of the model ``source`` are known by: weights and arithmetic."""

    def open(self, graph: Path) -> RunGraph:
        """Return the graph of a file as a function that any number of threads may call."""


class OnnxRuntime:
    """onnxruntime, on its own export of the model.

    Small batches stay in a core's own cache. int8 takes one text at a time: it scales activations by the largest of the
    batch, so that a vector would otherwise depend on its neighbours.

    Args:
        precision: ``fp32``, or ``int8`` where speed counts for more than the last percent.
    """

    def __init__(self, precision: str) -> None:
        self.export = precision
        self.batch_tokens = 1 if precision == "int8" else 256
        self.batches_at_once = cores()

    def fingerprint(self, source: str) -> str:
        """Return the fingerprint that the export itself bears."""
        return fingerprint(source, self.export)

    def open(self, graph: Path) -> RunGraph:
        """Return a session's run: a session is safe for threads."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # batches run side by side: no waiting for each other inside an operator
        options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors only; its warnings are about fusions it did not need
        session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])

        def run(batch: Batch) -> FloatArray:
            vectors: FloatArray = session.run(None, dict(batch))[0]
            return vectors

        return run


class OpenVino:
    """OpenVINO at bf16 where the processor computes with it natively (AMX, AVX512_BF16), at f32 elsewhere.

    A vector at bf16 is the one at f32 to a cosine of .99996 at the worst, so that a bank embedded at either serves both
    (docs/decisions/0004). There are two batches at once a core: while one is computed, the next is made ready.
    """

    def __init__(self) -> None:
        self.export = "fp32"
        self.batches_at_once = 2 * cores()

    @property
    def batch_tokens(self) -> int:
        """Units that compute bf16 want much at once; at f32 what stays in a core's own cache is a quarter faster."""
        return 2_048 if self.precision == "bf16" else 512

    @cached_property
    def precision(self) -> str:
        """``bf16`` or ``f32``: emulated bf16 would be slower than f32 and no nearer to anything."""
        from openvino import Core

        return "bf16" if "BF16" in Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES") else "f32"

    def fingerprint(self, source: str) -> str:
        """Return the fingerprint, which names the precision that this machine works at."""
        return f"openvino/v1-{self.precision}:{source[:16]}"

    def open(self, graph: Path) -> RunGraph:
        """Return the compiled graph with one stream a core; threads wait for one of its requests."""
        from openvino import Core, Tensor

        with _FIRST_ARRAY:
            Tensor(np.zeros(1, dtype=np.int64))
        streams = cores()
        settings: dict[str, Any] = {
            "INFERENCE_PRECISION_HINT": self.precision,
            "NUM_STREAMS": streams,
            "INFERENCE_NUM_THREADS": streams,
        }
        compiled = Core().compile_model(str(graph), "CPU", settings)
        idle: SimpleQueue[InferRequest] = SimpleQueue()
        for _ in range(self.batches_at_once):
            idle.put(compiled.create_infer_request())

        def run(batch: Batch) -> FloatArray:
            request = idle.get()
            try:
                request.infer(dict(batch), share_inputs=True)
                return np.array(request.get_output_tensor(0).data)
            finally:
                idle.put(request)

        return run
