"""The ONNX encoder. What needs no weights runs on a pretended export; the rest on the real model."""

import json
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import IntegrityError, UsageError
from models import onnx_export, onnx_folder, sentence_encoder
from models.encoders import load_encoder
from models.graph_runtimes import OnnxRuntime
from models.onnx_encoder import from_model
from models.onnx_export import export
from models.onnx_folder import exported, home_of
from models.onnx_manifest import GRAPH, MANIFEST, OnnxManifest, read_manifest
from models.token_batches import batches, padded
from models.weights import packaged_model, remembered_digest
from tests.models.tiny_models import SIZE, Kind, save_model

TEXTS = [
    "Nobody told the district nurse that he was home.",
    "",
    "Um.",
    "We hold a meeting every Tuesday with the pharmacist, the GP and the social worker. " * 30,
    "The money follows the provider, not the person.",
    "café ☕ naïve \ud800 end",
]
"""Short, empty, beyond 256 tokens, accented, with half a surrogate pair: in no order of length."""


def pretend(out, content=b"graph"):
    """Write what an export leaves, without a model."""
    out.mkdir()
    (out / GRAPH).write_bytes(content)
    (out / onnx_export.TOKENIZER).write_bytes(b"{}")
    digests = {path.name: remembered_digest(path) for path in out.iterdir()}
    manifest = {"source": "s" * 64, "precision": "fp32", "dimension": 4, "max_tokens": 9, "pad_id": 0}
    (out / MANIFEST).write_text(json.dumps({**manifest, "digests": digests}))


@pytest.fixture
def exports(monkeypatch):
    """Replace the exporting process by a pretended export; lists what was made."""
    made = []
    monkeypatch.setattr(onnx_folder, "_run_export", lambda _, out, __: made.append(out) or pretend(out))
    return made


# Batches


@given(st.lists(st.integers(1, 256), max_size=200), st.integers(1, 1_000))
def test_batches_hold_every_row_once_within_the_budget(lengths, budget):
    found = list(batches(lengths, budget))
    assert Counter(row for rows in found for row in rows) == Counter(range(len(lengths)))
    for rows in found:
        assert len(rows) == 1 or len(rows) * max(lengths[row] for row in rows) <= budget


@given(st.lists(st.integers(1, 256), min_size=1, max_size=50))
def test_batches_run_from_long_to_short(lengths):
    order = [lengths[row] for rows in batches(lengths, 256) for row in rows]
    assert order == sorted(lengths, reverse=True)


def test_padding_is_masked():
    batch = padded([[5, 6, 7], [8]], pad_id=1)
    assert batch["input_ids"].tolist() == [[5, 6, 7], [8, 1, 1]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1], [1, 0, 0]]


# The exported folder


def test_an_export_is_made_once(tmp_path, exports):
    home = tmp_path / "onnx" / "model"
    assert exported(tmp_path, "fp32", home) == exported(tmp_path, "fp32", home) == home
    assert len(exports) == 1
    assert [path.name for path in home.parent.iterdir()] == ["model"]


@pytest.mark.parametrize("name", [GRAPH, onnx_export.TOKENIZER, MANIFEST])
def test_a_damaged_export_is_made_again(tmp_path, exports, name):
    home = exported(tmp_path, "fp32", tmp_path / "home")
    (home / name).write_bytes(b"damage")
    read_manifest(exported(tmp_path, "fp32", home))
    assert len(exports) == 2


def test_an_unfinished_export_has_not_the_name_of_a_finished_one(tmp_path, monkeypatch):
    def killed(_, out, __):
        out.mkdir()
        (out / GRAPH).write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(onnx_folder, "_run_export", killed)
    with pytest.raises(KeyboardInterrupt):
        exported(tmp_path, "fp32", tmp_path / "home")
    assert not (tmp_path / "home").exists()


def test_what_a_killed_export_left_is_swept_a_day_later(tmp_path, exports, monkeypatch):
    for name in ("unfinished-old", "other"):
        (tmp_path / name).mkdir()
    exported(tmp_path, "fp32", tmp_path / "first")
    assert (tmp_path / "unfinished-old").exists()
    monkeypatch.setattr("corpus.files.STALE", -1.0)
    exported(tmp_path, "fp32", tmp_path / "second")
    assert not (tmp_path / "unfinished-old").exists()
    assert (tmp_path / "other").exists()


def test_of_two_exports_at_once_one_stands_whole(tmp_path, exports):
    home = tmp_path / "home"
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: exported(tmp_path, "fp32", home), range(4))) == {home}
    read_manifest(home)


def test_an_unwritable_cache_is_named(tmp_path, exports):
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"cannot be written .*PRECODE_CACHE"):
        exported(tmp_path, "fp32", tmp_path / "file" / "home")


def test_a_failed_export_is_one_line(tmp_path, monkeypatch):
    failed = SimpleNamespace(returncode=1, stderr="Traceback\n  many lines\nOSError: no model\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(UsageError, match=r"^\S+: cannot be exported to ONNX \(OSError: no model\); use encoder \S+$"):
        exported(tmp_path, "fp32", tmp_path / "home")


def test_a_damaged_folder_named_by_the_user_is_refused(tmp_path):
    pretend(tmp_path / "model")
    (tmp_path / "model" / GRAPH).write_bytes(b"damage")
    with pytest.raises(IntegrityError, match=r"model.onnx: SHA-256"):
        load_encoder(str(tmp_path / "model"))


def test_a_folder_of_another_version_is_refused(tmp_path):
    pretend(tmp_path / "model")
    manifest = json.loads((tmp_path / "model" / MANIFEST).read_text())
    (tmp_path / "model" / MANIFEST).write_text(json.dumps({**manifest, "version": 99}))
    with pytest.raises(IntegrityError, match="version 99, expected 1"):
        load_encoder(str(tmp_path / "model"))


def test_an_exported_folder_bears_its_source_in_its_fingerprint(tmp_path):
    pretend(tmp_path / "model")
    assert load_encoder(str(tmp_path / "model")).fingerprint in (
        "openvino/v1-f32:ssssssssssssssss",
        "openvino/v1-bf16:ssssssssssssssss",
    )


def test_an_unknown_precision_lists_the_valid_ones(tmp_path):
    with pytest.raises(UsageError, match="'fp8' is none of fp32, int8"):
        export(tmp_path, tmp_path / "out", "fp8")


def test_a_model_without_its_tokenizer_file_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"has no tokenizer.json; use encoder 'sentence-transformers'"):
        export(tmp_path, tmp_path / "out")


# The real model


@pytest.fixture(scope="module")
def reference():
    return load_encoder("sentence-transformers").encode(TEXTS[:-1])


def cosines(one, other):
    return (one * other).sum(axis=1)


@pytest.mark.model
@pytest.mark.parametrize("name", ["openvino", "onnx-fp32"])
def test_vectors_are_those_of_sentence_transformers(name, reference):
    vectors = load_encoder(name).encode(TEXTS[:-1])
    assert vectors.dtype == np.float32
    assert cosines(vectors, reference).min() >= 0.9999
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


@pytest.mark.model
def test_int8_vectors_are_near_those_of_sentence_transformers(reference):
    assert cosines(load_encoder("onnx-int8").encode(TEXTS[:-1]), reference).min() >= 0.95


@pytest.mark.model
@pytest.mark.parametrize("name", ["openvino", "onnx-fp32", "onnx-int8"])
def test_a_vector_does_not_depend_on_its_neighbours(name):
    encoder = load_encoder(name)
    together = encoder.encode(TEXTS)
    alone = np.vstack([encoder.encode([text]) for text in TEXTS])
    assert cosines(together, alone).min() >= 0.9999


@pytest.mark.model
def test_no_texts_give_no_rows():
    assert load_encoder("openvino").encode([]).shape == (0, 384)
    assert load_encoder("sentence-transformers").encode([]).shape == (0, 384)


@pytest.mark.model
def test_the_fingerprint_is_known_before_the_export(tmp_path):
    early = from_model(packaged_model(), OnnxRuntime("fp32")).fingerprint
    home = exported(packaged_model(), "fp32", home_of(packaged_model(), "fp32"))
    assert read_manifest(home).fingerprint == early


@pytest.mark.model
def test_running_it_never_imports_torch():
    program = (
        "import sys; from models.encoders import load_encoder; load_encoder('openvino').encode(['one']);"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


KINDS = {
    "cls, a prompt, short texts": Kind(pooling=("cls",), prompt="query: ", longest=20),
    "Dense on two poolings, lower case": Kind(pooling=("max", "weightedmean"), dense=8, lowers=True),
    "mpnet": Kind("mpnet"),
}
"""Each pitfall of an export in some model: what is pooled, put before texts, cut off, done to letters, laid on top."""


@pytest.mark.model
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_any_sentence_transformers_model_can_be_exported(tmp_path, kind):
    save_model(tmp_path / "model", kind)
    manifest = export(tmp_path / "model", tmp_path / "onnx")
    dimension = kind.dense or SIZE
    assert manifest == OnnxManifest(
        manifest.source, "fp32", dimension, kind.longest, 0, manifest.digests, prompt=kind.prompt
    )
    vectors = load_encoder(str(tmp_path / "onnx")).encode(TEXTS[:-1])
    assert np.allclose(vectors, sentence_encoder.from_folder(tmp_path / "model").encode(TEXTS[:-1]), atol=1e-5)


@pytest.mark.model
@pytest.mark.parametrize("file", ["model.safetensors", "pytorch_model.bin"])
def test_damaged_weights_are_refused_in_one_line(tmp_path, file):
    save_model(tmp_path / "model", Kind())
    (tmp_path / "model" / "model.safetensors").unlink()
    (tmp_path / "model" / file).write_bytes(b"\xff" * 1_000)
    with pytest.raises(UsageError, match="is not a model sentence-transformers can open") as caught:
        sentence_encoder.from_folder(tmp_path / "model").encode(["Nobody rang."])
    assert "\n" not in str(caught.value)
