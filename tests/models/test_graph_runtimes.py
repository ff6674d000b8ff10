"""What runs an exported graph, told apart from what the model is."""

import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.encoders import load_encoder
from models.graph_runtimes import OnnxRuntime, OpenVino
from models.onnx_encoder import OnnxEncoder
from models.seed_vectors import weights_of
from models.token_batches import cores


def pretend_processor(monkeypatch, *capabilities):
    core = SimpleNamespace(get_property=lambda *_: list(capabilities))
    monkeypatch.setitem(sys.modules, "openvino", SimpleNamespace(Core=lambda: core))


@pytest.mark.parametrize(
    ("capabilities", "precision"),
    [(("FP32", "INT8"), "f32"), (("FP32", "FP16", "INT8"), "f32"), (("BF16", "FP32", "INT8"), "bf16")],
)
def test_openvino_precision_is_bf16_where_the_processor_computes_it(monkeypatch, capabilities, precision):
    pretend_processor(monkeypatch, *capabilities)
    assert OpenVino().fingerprint("s" * 64) == f"openvino/v1-{precision}:ssssssssssssssss"


def test_openvino_batches_are_larger_at_bf16(monkeypatch):
    pretend_processor(monkeypatch, "BF16")
    large = OpenVino().batch_tokens
    pretend_processor(monkeypatch)
    assert OpenVino().batch_tokens < large


def test_runtimes_of_one_model_share_the_vectors_of_its_banks(monkeypatch):
    pretend_processor(monkeypatch, "BF16")
    encoders = [OnnxEncoder("s" * 64, lambda: None, runtime) for runtime in (OpenVino(), OnnxRuntime("fp32"))]
    assert {weights_of(encoder) for encoder in encoders} == {"s" * 16}
    assert len({encoder.fingerprint for encoder in encoders}) == 2


class Counting:
    """A runtime whose vectors are the number of tokens of each row, and how often that was asked for."""

    export, batch_tokens, batches_at_once = "fp32", 64, 4

    def __init__(self):
        self.asked = []

    def run(self, batch):
        lengths = batch["attention_mask"].sum(axis=1)
        self.asked.append((len(lengths), int(lengths.max())))
        return np.stack([lengths, np.ones(len(lengths))], axis=1).astype(np.float32)


def counting_encoder():
    """An encoder whose tokens are the characters of a text."""
    runtime = Counting()
    encoder = OnnxEncoder("s" * 64, lambda: None, runtime)
    tokenizer = SimpleNamespace(
        encode_batch_fast=lambda texts: [SimpleNamespace(ids=[1] * len(text)) for text in texts]
    )
    encoder._model = SimpleNamespace(
        run=runtime.run, tokenizer=tokenizer, manifest=SimpleNamespace(dimension=2, pad_id=0, prompt="")
    )
    return encoder, runtime


@settings(max_examples=50)
@given(st.lists(st.text("ab", min_size=1, max_size=90), max_size=60))
def test_encode_gives_every_text_its_own_row_within_the_budget(texts):
    encoder, runtime = counting_encoder()
    assert encoder.encode(texts)[:, 0].tolist() == [len(text) for text in texts]
    assert sum(rows for rows, _ in runtime.asked) == len(texts)
    assert all(rows == 1 or rows * longest <= runtime.batch_tokens for rows, longest in runtime.asked)


def test_encode_gives_few_texts_to_every_core():
    encoder, runtime = counting_encoder()
    runtime.batch_tokens = 1_000_000
    encoder.encode(["word"] * 40)
    assert Counter(rows for rows, _ in runtime.asked) == {10: runtime.batches_at_once}


@pytest.mark.model
def test_openvino_meets_its_first_array_before_threads_can(monkeypatch):
    done = []

    def compile_model(*_):
        done.append("compiled")
        return SimpleNamespace(create_infer_request=object)

    core = SimpleNamespace(get_property=lambda *_: (), compile_model=compile_model)
    monkeypatch.setattr("openvino.Core", lambda: core)
    monkeypatch.setattr("openvino.Tensor", lambda array: done.append(array.dtype.name))
    OpenVino().open(Path("graph.onnx"))
    assert done == ["int64", "compiled"]


def test_openvino_serves_several_threads_at_once():
    encoder = load_encoder("openvino")
    texts = [[f"Text {n} of thread {thread}." for n in range(20)] for thread in range(2 * cores() + 1)]
    with ThreadPoolExecutor(len(texts)) as pool:
        together = list(pool.map(encoder.encode, texts))
    for vectors, asked in zip(together, texts, strict=True):
        assert np.einsum("nd,nd->n", vectors, encoder.encode(asked)).min() > 0.9999
