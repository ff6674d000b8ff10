import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import IntegrityError, UsageError
from models import hub, weights
from models.embedder import Embedder
from models.encoders import BY_NEED, DEFAULT_ENCODER, ENCODERS, load_encoder
from models.lexical_encoder import LexicalEncoder
from models.weights import model_digest, packaged_model, remembered_digest, verify
from tests.models.export_support import write_model


@pytest.fixture
def large_file(tmp_path):
    path = tmp_path / "weights.safetensors"
    path.write_bytes(b"w" * 1_000_001)
    return path


@pytest.fixture
def readings(monkeypatch):
    seen = []
    original = weights.digest_file
    monkeypatch.setattr(weights, "digest_file", lambda path: seen.append(path) or original(path))
    return seen


# Names


@pytest.mark.parametrize("name", ENCODERS)
def test_every_name_gives_an_embedder_with_a_versioned_fingerprint(name):
    encoder = load_encoder(name)
    assert isinstance(encoder, Embedder)
    assert encoder.fingerprint.startswith(f"{name}/v1")


def test_no_two_encoders_share_a_fingerprint():
    assert len({load_encoder(name).fingerprint for name in ENCODERS}) == len(ENCODERS)


def test_the_default_is_in_the_table():
    assert DEFAULT_ENCODER in ENCODERS


def test_an_unknown_name_lists_the_valid_ones():
    with pytest.raises(
        UsageError, match=r"'onnx-fp23' is none of openvino, onnx-fp32, onnx-int8, sentence-transformers, lexical"
    ):
        load_encoder("onnx-fp23")


def test_a_hub_model_is_refused_unless_the_network_is_allowed():
    with pytest.raises(UsageError, match="would be fetched from the network"):
        load_encoder("hub:someone/some-model")


def test_a_hub_model_may_be_named_where_the_network_is_allowed():
    encoder = load_encoder("hub:someone/some-model", allow_network=True)
    assert encoder.fingerprint == "sentence-transformers/v1:hub:someone/some-model"


def test_load_encoder_small_is_the_default():
    assert load_encoder("small").fingerprint == load_encoder(DEFAULT_ENCODER).fingerprint


@pytest.mark.parametrize("name", BY_NEED)
def test_load_encoder_by_need_says_how_to_get_it(name, own_cache):
    with pytest.raises(UsageError, match=rf"encoder {name} .* is not on this machine; .*allow_network = true"):
        load_encoder(name)


@pytest.mark.parametrize("name", BY_NEED)
def test_load_encoder_by_need_takes_the_folder_that_is_there(name, own_cache, monkeypatch, processes):
    monkeypatch.setattr(hub, "fetch", lambda *_: pytest.fail("fetched what is there"))
    write_model(own_cache / "encoders" / name)
    assert load_encoder(name, allow_network=True).fingerprint.startswith("openvino/v1-")


def test_load_encoder_by_need_fetches_once_where_the_network_is_allowed(own_cache, monkeypatch, processes):
    fetched = []

    def fetch(name, folder):
        fetched.append(name)
        write_model(folder)

    monkeypatch.setattr(hub, "fetch", fetch)
    first, again = load_encoder("base", allow_network=True), load_encoder("base")
    assert first.fingerprint == again.fingerprint
    assert fetched == [BY_NEED["base"]]


def test_fetch_leaves_no_half_a_model(tmp_path, monkeypatch):
    def broken(_, __, draft, **___):
        (Path(draft) / "model.safetensors").write_bytes(b"half")
        return SimpleNamespace(returncode=1, stdout="the line is dead\n")

    monkeypatch.setattr(hub, "run_module", broken)
    with pytest.raises(UsageError, match="cannot be fetched"):
        hub.fetch("someone/model", tmp_path / "encoders" / "base")
    assert list((tmp_path / "encoders").iterdir()) == []


def test_fetch_where_nothing_can_be_written_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(hub, "run_module", lambda *_, **__: pytest.fail("fetched what has no place"))
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot be fetched"):
        hub.fetch("someone/model", tmp_path / "file" / "base")


def test_load_encoder_does_not_take_no_name_for_the_folder_where_it_runs(own_cache, tmp_path, monkeypatch):
    (tmp_path / "talk.txt").write_text("P: Nobody. I do it on Fridays.", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="encoder '' is none of"):
        load_encoder("")


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(UsageError, match="is not a model folder"):
        load_encoder(str(tmp_path))


def test_a_local_folder_is_known_by_its_content(own_cache, tmp_path):
    for name, content in (("a", b"one"), ("b", b"one"), ("c", b"two")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.safetensors").write_bytes(content)
    first, same, other = (load_encoder(str(tmp_path / name)).fingerprint for name in "abc")
    assert first == same != other


def test_loading_imports_nothing_heavy():
    heavy = "{'torch', 'openvino', 'onnxruntime', 'sentence_transformers', 'transformers', 'tokenizers', 'sklearn'}"
    names = list(ENCODERS)
    program = (
        f"import sys, models.encoders as e; [e.load_encoder(n) for n in {names}]; print({heavy} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# Weights


def test_the_packaged_weights_are_the_published_ones():
    assert remembered_digest(packaged_model() / "model.safetensors") == weights.WEIGHTS_SHA256


def test_other_weights_are_refused(own_cache, large_file):
    with pytest.raises(IntegrityError, match=r"weights.safetensors: SHA-256 is .* expected 53aa51172d14"):
        verify(large_file, weights.WEIGHTS_SHA256)


def test_absent_weights_are_refused(tmp_path):
    with pytest.raises(IntegrityError, match="cannot be read"):
        verify(tmp_path / "model.safetensors", weights.WEIGHTS_SHA256)


def test_a_missing_package_says_what_to_do(monkeypatch):
    monkeypatch.setattr(weights, "PACKAGE", "no_such_package")
    with pytest.raises(UsageError, match="no_such_package is not installed"):
        packaged_model()


def test_a_large_file_is_read_once(own_cache, large_file, readings):
    assert remembered_digest(large_file) == remembered_digest(large_file)
    assert readings == [large_file]


def test_a_changed_file_is_read_again(own_cache, large_file, readings):
    before = remembered_digest(large_file)
    large_file.write_bytes(b"v" * 1_000_002)
    assert remembered_digest(large_file) != before
    assert len(readings) == 2


def test_a_damaged_record_is_not_believed(own_cache, large_file):
    digest = remembered_digest(large_file)
    for record in (own_cache / "digests").iterdir():
        record.write_text(digest[:10])
    assert remembered_digest(large_file) == digest


def test_an_unwritable_cache_only_costs_time(tmp_path, monkeypatch, large_file, readings):
    (tmp_path / "file").touch()
    monkeypatch.setenv("PRECODE_CACHE", str(tmp_path / "file"))
    assert remembered_digest(large_file) == remembered_digest(large_file)
    assert len(readings) == 2


def test_a_model_is_its_weights_and_settings_not_its_notes(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    plain = model_digest(tmp_path)
    (tmp_path / "README.md").write_text("notes")
    assert model_digest(tmp_path) == plain
    (tmp_path / "config.json").rename(tmp_path / "other.json")
    assert model_digest(tmp_path) != plain


# The lexical encoder


def test_lexical_vectors_are_these_numbers():
    [vector] = LexicalEncoder().encode(["the nurse"])
    features = vector * np.sqrt(2.75)  # words weigh 1 each, "the" has two 4-grams (1/2 each), "nurse" four (1/4 each)
    weights = {int(place): round(float(features[place]), 2) for place in np.flatnonzero(vector) if place}
    assert weights == {7: 0.25, 14: -1.0, 17: -0.25, 20: -0.5, 36: 0.25, 94: -1.0, 160: 0.5, 209: 0.25}


def test_lexical_similarity_follows_shared_words_and_stems():
    nurse, nurses, ward, invoice = LexicalEncoder().encode(["the nurse came", "the nurses came", "the ward", "invoice"])
    assert nurse @ nurses > nurse @ ward > nurse @ invoice


@settings(max_examples=50)
@given(st.lists(st.text(st.characters(codec=None), max_size=40), max_size=8))
def test_lexical_rows_have_length_one_and_do_not_depend_on_their_neighbours(texts):
    vectors = LexicalEncoder().encode(texts)
    assert vectors.shape == (len(texts), 256)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert all(
        np.array_equal(LexicalEncoder().encode([text])[0], row) for text, row in zip(texts, vectors, strict=True)
    )
