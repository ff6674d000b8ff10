"""``precode model``: nothing is fetched unasked, what is added is ready, and it says what to type next."""

import json
import sys
from io import StringIO

import pytest

from flows.cli.doctor import LOOKS
from models import added_encoders, hub, sentence_encoder
from models.added_encoders import GRAPH, TORCH, EncoderFacts
from models.encoders import load_encoder
from models.hub import folder_of
from tests.models.pretended_hub import pretended_hub
from tests.models.tiny_models import Kind, save_model


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECODE_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def fetched(monkeypatch):
    """What was fetched, with a model that is ready at once."""
    names = []
    monkeypatch.setattr(hub, "fetch", lambda repository, folder: names.append((repository, folder)))
    for look in ("facts_of", "make_ready"):
        monkeypatch.setattr(
            added_encoders, look, lambda name: EncoderFacts(name, folder_of(name), 440.0, GRAPH, 768, 384, 0.99998)
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
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.test")
    ended, _, errors = precode("model", "add", "base")
    assert ended == code
    assert len(fetched) == (answer == "y")
    question = "sentence-transformers/all-mpnet-base-v2, about 440 MB, would be fetched from https://hub.test to"
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


def test_add_of_a_folder_fetches_nothing_and_asks_for_trust(precode, fetched, tmp_path, monkeypatch):
    (tmp_path / "model").mkdir()
    monkeypatch.chdir(tmp_path)
    code, out, _ = precode("model", "add", "model")
    assert code == 0
    assert fetched == []
    assert "precode trust STUDY" in out


@pytest.mark.model
def test_a_model_is_fetched_exported_listed_and_used_offline(precode, tmp_path, monkeypatch):
    """The one journey through the processes: a model whose texts get a prompt, and that knows no token types."""
    name, source = "hub:someone/tiny", tmp_path / "model"
    save_model(source, Kind("mpnet", prompt="query: "))
    files = {path.relative_to(source).as_posix(): path.read_bytes() for path in source.rglob("*") if path.is_file()}
    with pretended_hub({"someone/tiny": files}) as (_, address):
        monkeypatch.setenv("HF_ENDPOINT", address)
        code, out, errors = precode("model", "add", name, "--yes")
    assert code == 0, errors
    assert "32 dimensions, texts up to 64 tokens" in out
    _, out, _ = precode("model", "list", "--json")
    facts = json.loads(out)[1]
    assert (facts["name"], facts["runtime"], facts["cosine"] > 0.999) == (name, GRAPH, True)
    assert LOOKS["encoders here"]() == f"small (not exported yet), {name} (OpenVINO)"
    added, own = load_encoder(name), sentence_encoder.from_folder(source)
    assert added.fingerprint.startswith("openvino/v1-")
    assert (added.encode(["Nobody rang."]) * own.encode(["Nobody rang."])).sum() > 0.999
