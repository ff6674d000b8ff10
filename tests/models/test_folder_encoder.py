"""Any local model: as one graph where it can be one, else in torch, and known by what makes its vectors."""

import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import UsageError
from models import onnx_encoder, onnx_export
from models.embedder import Embedder
from models.encoders import load_encoder
from models.folder_encoder import FolderEncoder
from models.onnx_export import LEAST_COSINE, PROBES, main
from models.onnx_folder import REFUSED, UNFINISHED, UnexportableError, exported, home_of, refusal_of
from models.onnx_manifest import MANIFEST, TOKENIZER, read_manifest
from models.weights import model_digest
from tests.models.export_support import write_model

pytestmark = pytest.mark.usefixtures("own_cache")


@pytest.fixture
def model(tmp_path):
    return write_model(tmp_path / "model")


def test_a_model_that_can_be_exported_takes_the_fast_path(model, processes):
    encoder = FolderEncoder(model)
    assert processes.count == 0
    assert isinstance(encoder, Embedder)
    assert encoder.fingerprint in {f"openvino/v1-{kind}:{model_digest(model)[:16]}" for kind in ("f32", "bf16")}
    assert FolderEncoder(model).fingerprint == encoder.fingerprint
    assert processes.count == 1


def test_a_model_that_cannot_be_exported_is_run_in_torch_and_says_so_once_it_was_tried(model, processes, caplog):
    processes.code, processes.words = 1, "RuntimeError: no such operator"
    with caplog.at_level(logging.WARNING):
        fingerprints = {FolderEncoder(model).fingerprint for _ in range(3)}
    assert fingerprints == {f"sentence-transformers/v1:{model_digest(model)[:16]}"}
    assert processes.count == 1
    assert "several times slower than as a graph: RuntimeError: no such operator" in caplog.text


def test_a_model_without_a_tokenizer_file_is_run_in_torch_untried(model, processes):
    (model / TOKENIZER).unlink()
    assert FolderEncoder(model).fingerprint.startswith("sentence-transformers/v1:")
    assert processes.count == 0


@pytest.mark.parametrize("code", [UNFINISHED, -9])
def test_an_export_that_the_machine_stopped_is_an_error_and_tried_again(model, processes, code):
    processes.code, processes.words = code, "OSError: [Errno 28] No space left on device"
    with pytest.raises(UsageError, match=r"was not finished \(OSError.* make room"):
        FolderEncoder(model).encode(["text"])
    processes.code = 0
    assert FolderEncoder(model).fingerprint.startswith("openvino/v1-")


def test_a_changed_model_is_another_one(model, processes):
    processes.code = 1
    refused = FolderEncoder(model).fingerprint
    processes.code = 0
    (model / "model.safetensors").write_bytes(b"other")
    assert FolderEncoder(model).fingerprint.startswith("openvino/v1-")
    (model / "model.safetensors").write_bytes(b"weights")
    assert FolderEncoder(model).fingerprint == refused


def test_an_export_that_succeeds_takes_the_refusal_back(model, processes):
    home = home_of(model, "fp32")
    processes.code, processes.words = 1, "ValueError: x"
    with pytest.raises(UnexportableError):
        exported(model, "fp32", home)
    assert refusal_of(home) == "ValueError: x"
    processes.code = 0
    exported(model, "fp32", home)
    assert refusal_of(home) == ""


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"reason"', "\udcff"])
def test_refusal_of_a_damaged_note_is_none(model, content):
    home = home_of(model, "fp32")
    note = home.parent.with_name(REFUSED) / f"{home.name}.json"
    note.parent.mkdir(parents=True)
    note.write_text(content, encoding="utf-8", errors="surrogateescape")
    assert refusal_of(home) == ""


def test_threads_export_a_model_once(model, processes):
    encoder = FolderEncoder(model)
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: encoder.fingerprint, range(16)))) == 1
    assert processes.count == 1


def test_load_encoder_takes_a_folder_and_an_added_hub_model_alike(tmp_path, processes):
    folders = (tmp_path / "model", tmp_path / "cache" / "encoders" / "hub" / "someone--model")
    for folder in folders:
        write_model(folder)
    names = (str(folders[0]), "hub:someone/model")
    first, second = (load_encoder(name, allow_network=False) for name in names)
    assert first.fingerprint == second.fingerprint
    assert first.fingerprint.startswith("openvino/v1-")


# What an export is held against


class Pretended:
    """A sentence-transformers model as far as an export looks at it."""

    def __init__(self, vectors, prompt=""):
        self.vectors = vectors
        self.max_seq_length = None
        self.prompts = {"query": prompt} if prompt else {}
        self.default_prompt_name = "query" if prompt else None
        self.tokenizer = SimpleNamespace(
            pad_token_id=None, backend_tokenizer=SimpleNamespace(save=lambda path: Path(path).touch())
        )

    def encode(self, texts, **_):
        return self.vectors[: len(texts)]


def rows(*angles):
    return np.array([[np.cos(angle), np.sin(angle)] for angle in angles], np.float32)


def export_of(monkeypatch, model, own, graph, precision="fp32", **options):
    monkeypatch.setattr(onnx_export, "_load", lambda _: Pretended(own, **options))
    monkeypatch.setattr(onnx_export, "_write_graph", lambda _, path: path.write_bytes(b"graph"))
    monkeypatch.setattr(onnx_export, "_quantise", lambda _: None)
    monkeypatch.setattr(onnx_encoder, "load", lambda _: SimpleNamespace(encode=lambda texts: graph[: len(texts)]))
    return onnx_export.export(model, model.with_name("out"), precision)


@given(st.lists(st.floats(0, 0.2), min_size=len(PROBES), max_size=len(PROBES)))
def test_export_is_refused_where_any_vector_differs(tmp_path_factory, turns):
    model = write_model(tmp_path_factory.mktemp("turned") / "model")
    own, least = rows(*range(len(PROBES))), float(np.cos(max(turns)))
    with pytest.MonkeyPatch.context() as patched:
        graph = rows(*(n + turn for n, turn in enumerate(turns)))
        if least < LEAST_COSINE - 1e-6:
            with pytest.raises(UsageError, match=r"gives other vectors than the model: cosine 0\.\d+, expected 0.999"):
                export_of(patched, model, own, graph)
        elif least > LEAST_COSINE + 1e-6:
            manifest = export_of(patched, model, own, graph)
            assert read_manifest(model.with_name("out")).cosine == manifest.cosine == pytest.approx(least, abs=1e-5)


def test_export_of_vectors_that_are_no_numbers_is_refused(monkeypatch, model):
    own = rows(*range(len(PROBES)))
    with pytest.raises(UsageError, match="cosine nan"):
        export_of(monkeypatch, model, own, own * np.nan)


def test_export_to_whole_numbers_only_notes_how_near_it_comes(monkeypatch, model):
    own = rows(*range(len(PROBES)))
    assert export_of(monkeypatch, model, own, own[:, ::-1], "int8").cosine < LEAST_COSINE


def test_export_notes_what_the_model_puts_before_texts_and_where_it_was(monkeypatch, model):
    own = rows(*range(len(PROBES)))
    manifest = export_of(monkeypatch, model, own, own, prompt="query: ")
    assert (manifest.prompt, manifest.model, manifest.pad_id) == ("query: ", str(model), 0)
    assert manifest.max_tokens == 32_768  # of a model that names no limit
    assert (model.with_name("out") / MANIFEST).is_file()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("the graph gives other vectors"), 1),
        (RuntimeError("first line\n\nmany more" * 200), 1),
        (OSError("no file named config.json"), 1),
        (OSError(28, "No space left on device"), UNFINISHED),
        (MemoryError(), UNFINISHED),
    ],
    ids=lambda value: type(value).__name__,
)
def test_main_tells_a_model_in_the_way_from_a_machine_in_the_way(monkeypatch, capsys, error, code):
    def fail(*_):
        raise error

    monkeypatch.setattr(onnx_export, "export", fail)
    assert main("model", "out", "fp32") == code
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert 0 < len(told) <= 301
