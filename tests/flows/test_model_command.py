"""``precode model``: nothing is fetched unasked, what is added is ready, and it says what to type next."""

import json
import sys
from io import StringIO

import pytest

from flows.cli.doctor import LOOKS
from models import added_encoders, hub
from models.added_encoders import GRAPH, TORCH, EncoderFacts
from models.encoders import load_encoder
from models.hub import folder_of
from tests.models.tiny_models import Kind, save_model


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECODE_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def fetched(monkeypatch):
    """What was fetched, with a model that is ready at once."""
    names = []
    monkeypatch.setattr(hub, "fetch", lambda repository, folder: names.append((repository, folder)))
    monkeypatch.setattr(
        added_encoders, "make_ready", lambda name: EncoderFacts(name, folder_of(name), 440.0, GRAPH, 768, 384, 0.99998)
    )
    return names


class Terminal(StringIO):
    def isatty(self):
        return True


def test_add_asks_nobody_and_fetches_nothing_without_a_terminal(precode, fetched, monkeypatch):
    monkeypatch.setattr(sys, "stdin", StringIO("y\n"))
    code, _, errors = precode("model", "add", "base")
    assert code == 2
    assert "type: precode model add base --yes" in errors
    assert fetched == []


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 1), ("", 1)])
def test_add_asks_before_it_fetches(precode, fetched, monkeypatch, answer, code):
    monkeypatch.setattr(sys, "stdin", Terminal(f"{answer}\n"))
    ended, _, errors = precode("model", "add", "base")
    assert ended == code
    assert len(fetched) == (answer == "y")
    question = "sentence-transformers/all-mpnet-base-v2, about 440 MB, would be fetched from huggingface.co to"
    assert f"{question} {folder_of('base')}" in errors
    assert ("Nothing was fetched." in errors) == (code == 1)


def test_add_with_yes_fetches_and_says_what_to_write(precode, fetched):
    code, out, _ = precode("model", "add", "hub:someone/model", "--yes")
    assert code == 0
    assert fetched == [("someone/model", folder_of("hub:someone/model"))]
    assert "768 dimensions, texts up to 384 tokens" in out
    assert 'encoder = "hub:someone/model" under [model] in study.toml' in out
    assert "precode trust STUDY" in out


def test_add_of_what_is_here_asks_nothing(precode, fetched):
    folder_of("multilingual").mkdir(parents=True)
    code, out, _ = precode("model", "add", "multilingual", "--json")
    assert code == 0
    assert fetched == []
    assert json.loads(out)["runtime"] == GRAPH


def test_add_says_that_a_model_is_run_in_torch_and_why(precode, fetched, monkeypatch):
    facts = EncoderFacts("hub:a/b", folder_of("hub:a/b"), 10.0, TORCH, reason="no such operator")
    monkeypatch.setattr(added_encoders, "make_ready", lambda _: facts)
    code, out, _ = precode("model", "add", "hub:a/b", "--yes")
    assert code == 0
    assert "is run in torch, several times slower than as a graph: no such operator" in out


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("small", "ships with precode; there is nothing to add"),
        ("openvino", "ships with precode; there is nothing to add"),
        ("hub:../x", "is no name of a model"),
        ("no/such", "nor a model folder"),
    ],
)
def test_add_of_what_cannot_be_added_is_refused_in_one_line(precode, fetched, name, told):
    code, _, errors = precode("model", "add", name, "--yes")
    assert code == 2
    assert told in errors
    assert errors.count("\n") == 1
    assert fetched == []


def test_add_of_a_folder_that_is_no_model_is_refused(precode, tmp_path):
    (tmp_path / "talk.docx").touch()
    code, _, errors = precode("model", "add", tmp_path)
    assert code == 2
    assert "is not a model folder" in errors


def test_list_names_what_is_here_and_what_could_be(precode):
    code, out, _ = precode("model", "list")
    assert code == 0
    assert "small" in out
    assert "Not on this machine: base, multilingual" in out
    _, out, _ = precode("model", "list", "--json")
    assert [facts["name"] for facts in json.loads(out)] == ["small"]


@pytest.mark.model
def test_a_folder_is_added_listed_and_used_offline(precode, tmp_path):
    """The one journey through an exporting process: a model whose texts get a prompt, and no token types."""
    save_model(tmp_path / "model", Kind("mpnet", prompt="query: "))
    code, out, errors = precode("model", "add", tmp_path / "model")
    assert code == 0, errors
    assert f'encoder = "{tmp_path / "model"}"' in out
    _, out, _ = precode("model", "list", "--json")
    facts = json.loads(out)[1]
    assert (facts["name"], facts["runtime"], facts["dimension"]) == (str(tmp_path / "model"), GRAPH, 32)
    assert facts["cosine"] > 0.999
    assert LOOKS["encoders here"]() == f"small (not exported yet), {tmp_path / 'model'} (OpenVINO)"
    assert load_encoder(str(tmp_path / "model")).fingerprint.startswith("openvino/v1-")
