"""Which encoders are here, and making another one ready."""

import errno
import json

import pytest

from corpus.errors import UsageError
from models import added_encoders as added
from models.added_encoders import GRAPH, TORCH, UNTRIED, added_encoders, facts_of, is_here, make_ready
from models.encoders import load_encoder
from models.hub import folder_of
from models.onnx_folder import REFUSED, exports_home, home_of
from models.onnx_manifest import MANIFEST
from models.weights import model_digest
from tests.models.export_support import rewritten, write_export, write_model

pytestmark = pytest.mark.usefixtures("own_cache")


@pytest.fixture(autouse=True)
def asked(monkeypatch):
    """Texts that encoders were asked for: pretended exports can be opened, not run."""
    texts = []

    def encode(self, asked):
        texts.append((self.settled().fingerprint.partition("/")[0], *asked))

    monkeypatch.setattr(added.FolderEncoder, "encode", encode)
    return texts


def write_verified(folder, home, cosine=0.99999):
    write_export(home, source=model_digest(folder))
    rewritten(home, cosine=cosine, model=str(folder))


def test_added_encoders_of_a_new_machine_is_the_one_that_ships():
    (small,) = added_encoders()
    assert (small.name, small.runtime) == ("small", UNTRIED)
    assert 80 < small.megabytes < 110


def test_added_encoders_name_every_kind_in_order(tmp_path):
    places = {
        "base": folder_of("base"),
        "hub:a/model": folder_of("hub:a/model"),
        "hub:model": folder_of("hub:model"),
        str(tmp_path / "mine"): tmp_path / "mine",
    }
    for n, folder in enumerate(places.values()):
        write_model(folder, content=b"w" * n)
        write_verified(folder, home_of(folder, "fp32"))
    (tmp_path / "cache" / "encoders" / "hub" / ".precode-draft").mkdir()
    facts = added_encoders()
    assert [each.name for each in facts] == ["small", *places]
    assert [each.folder for each in facts[1:]] == [*places.values()]
    assert {(each.runtime, each.dimension, each.max_tokens, each.cosine) for each in facts[1:]} == {
        (GRAPH, 384, 256, 0.99999)
    }


def test_added_encoders_leave_out_a_folder_that_is_gone_or_of_which_nothing_is_known(tmp_path):
    folder = write_model(tmp_path / "gone")
    write_verified(folder, home_of(folder, "fp32"))
    notes = exports_home().with_name(REFUSED)
    notes.mkdir()
    for name, content in (("damaged", "["), ("of another kind", "[]"), ("empty", "{}"), ("wrong", '{"model": 5}')):
        (notes / f"{name}.json").write_text(content, encoding="utf-8")
    folder.rename(tmp_path / "elsewhere")
    assert [each.name for each in added_encoders()] == ["small"]


def test_facts_of_a_model_in_torch_say_why(tmp_path, processes):
    processes.code, processes.words = 1, "RuntimeError: no such operator"
    folder = write_model(tmp_path / "model")
    assert facts_of(str(folder)).runtime == UNTRIED
    facts = make_ready(str(folder))
    assert (facts.runtime, facts.reason, facts.cosine) == (TORCH, "RuntimeError: no such operator", None)
    assert added_encoders()[1] == facts


def test_facts_of_a_folder_without_tokenizer_file(tmp_path):
    folder = write_model(tmp_path / "model")
    (folder / "tokenizer.json").unlink()
    assert (facts_of(str(folder)).runtime, facts_of(str(folder)).reason) == (TORCH, "it has no tokenizer.json")


def test_facts_of_a_folder_that_is_no_model_say_so():
    folder_of("base").mkdir(parents=True)
    assert "is not a model folder" in added_encoders()[1].reason
    with pytest.raises(UsageError, match="is not a model folder"):
        make_ready("base")


@pytest.mark.parametrize("file", ["P01.txt", "notes.json", "deep/config.json", "weights.bin"])
def test_facts_of_a_folder_of_something_else_are_refused_before_it_is_read(tmp_path, monkeypatch, file):
    monkeypatch.setattr("models.weights.digest_file", lambda path: pytest.fail(f"reads {path}"))
    path = tmp_path / "study" / file
    path.parent.mkdir(parents=True)
    path.write_text("The nurse rings me.", encoding="utf-8")
    for look in (facts_of, make_ready):
        with pytest.raises(UsageError, match=r"is not a model folder: it has neither modules\.json nor config\.json$"):
            look(str(tmp_path / "study"))


def test_facts_of_an_export_say_that_it_is_one(tmp_path):
    write_export(tmp_path / "export")
    for look in (facts_of, make_ready):
        with pytest.raises(UsageError, match="is an exported model; there is nothing to add"):
            look(str(tmp_path / "export"))


@pytest.mark.parametrize("name", ["", "a" * 5000, "a/" * 3000, "hub:", "no\udcffwhere", "no\0where", "~nobody"])
def test_is_here_of_what_no_folder_is_called_is_refused(name):
    for look in (is_here, load_encoder):
        with pytest.raises(UsageError, match=r"nor a model folder|is no name of a model"):
            look(name)


@pytest.fixture
def unwritable(monkeypatch):
    """A disk that refuses to remove anything, what is not there included."""

    def refuse(path, **_):
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    def begin():
        monkeypatch.setattr("pathlib.Path.unlink", refuse)

    return begin


def test_make_ready_takes_an_export_from_a_cache_that_cannot_be_written(tmp_path, unwritable):
    folder = write_model(tmp_path / "model")
    write_verified(folder, home_of(folder, "fp32"))
    unwritable()
    assert make_ready(str(folder)).runtime == GRAPH


def test_make_ready_says_that_a_cache_cannot_be_written(tmp_path, processes, unwritable):
    refused, uncompared = write_model(tmp_path / "refused"), write_model(tmp_path / "uncompared", b"others")
    processes.code = 1
    assert make_ready(str(refused)).runtime == TORCH
    write_verified(uncompared, home_of(uncompared, "fp32"), cosine=None)
    unwritable()
    for folder in (refused, uncompared):
        with pytest.raises(UsageError, match=r"cannot be written \(Read-only file system\)"):
            make_ready(str(folder))


def test_make_ready_tries_again_what_was_refused(tmp_path, processes, asked):
    processes.code = 1
    folder = write_model(tmp_path / "model")
    assert make_ready(str(folder)).runtime == TORCH
    processes.code = 0
    assert make_ready(str(folder)).runtime == GRAPH
    assert [runtime for runtime, *_ in asked] == ["sentence-transformers", "openvino"]


def test_make_ready_of_what_nothing_can_open_leaves_no_trace(tmp_path, processes, monkeypatch):
    def fail(self, _):
        self.settled()
        raise UsageError("is not a model")

    monkeypatch.setattr(added.FolderEncoder, "encode", fail)
    processes.code = 1
    with pytest.raises(UsageError, match="is not a model"):
        make_ready(str(write_model(tmp_path / "model")))
    assert [each.name for each in added_encoders()] == ["small"]


def test_make_ready_exports_again_only_what_was_never_compared(tmp_path, processes):
    folder = write_model(tmp_path / "model")
    home = home_of(folder, "fp32")
    write_verified(folder, home)
    make_ready(str(folder))
    assert processes.count == 0
    write_verified(folder, home, cosine=None)
    make_ready(str(folder))
    assert processes.count == 1
    assert json.loads((home / MANIFEST).read_text(encoding="utf-8"))["source"] == model_digest(folder)


def test_facts_of_a_folder_name_it_whole(tmp_path, monkeypatch):
    write_model(tmp_path / "model")
    monkeypatch.chdir(tmp_path)
    assert facts_of("model").name == str(tmp_path / "model")


def test_is_here_of_names_and_folders(tmp_path):
    assert not is_here("base")
    assert not is_here("hub:someone/model")
    write_model(folder_of("base"))
    assert is_here("base")
    assert is_here(str(tmp_path))


@pytest.mark.parametrize("name", ["", "no-such-folder", "sentence-transformers/all-mpnet-base-v2"])
def test_is_here_of_what_is_neither_lists_the_choices(name):
    with pytest.raises(UsageError, match="is none of base, multilingual, nor a model folder, nor hub:OWNER/MODEL"):
        is_here(name)
