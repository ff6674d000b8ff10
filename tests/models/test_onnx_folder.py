"""Exports of models: made once, never half, made again where they are damaged."""

import subprocess
from types import SimpleNamespace

import pytest

from corpus.errors import IntegrityError, UsageError
from corpus.files import digest_file
from models import onnx_folder
from models.onnx_folder import exported, home_of
from models.onnx_manifest import GRAPH, MANIFEST, PRECISIONS, TOKENIZER, read_manifest
from tests.models.export_support import rewritten, write_export


@pytest.fixture
def exports(monkeypatch):
    """Exports that only write files, and a note of each."""
    made = []

    def run(_, out, precision):
        made.append(precision)
        write_export(out)

    monkeypatch.setattr(onnx_folder, "_run_export", run)
    return made


@pytest.fixture
def model(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text("{}", encoding="utf-8")
    return folder


def test_home_of_changes_with_model_and_precision_and_is_one_name(model, tmp_path):
    homes = {home_of(model, precision, tmp_path / "cache") for precision in PRECISIONS}
    (model / "config.json").write_text('{"a": 1}', encoding="utf-8")
    homes |= {home_of(model, precision, tmp_path / "cache") for precision in PRECISIONS}
    assert len(homes) == 4
    assert {home.parent for home in homes} == {tmp_path / "cache" / "onnx"}
    assert not any(set('/:\\*?"<>|') & set(home.name) for home in homes)


def test_home_of_is_in_the_users_cache_by_default(model, monkeypatch, tmp_path):
    monkeypatch.setenv("PRECODE_CACHE", str(tmp_path / "own"))
    assert home_of(model, "fp32").is_relative_to(tmp_path / "own")


def test_exported_makes_an_export_once_and_leaves_no_draft(exports, model, tmp_path):
    home = tmp_path / "cache" / "onnx" / "name"
    assert exported(model, "int8", home) == exported(model, "int8", home) == home
    assert exports == ["int8"]
    assert [path.name for path in home.parent.iterdir()] == ["name"]
    assert read_manifest(home).source == "s" * 64


DAMAGES = {
    "no manifest": lambda home: (home / MANIFEST).unlink(),
    "half a manifest": lambda home: (home / MANIFEST).write_text('{"source": "s', encoding="utf-8"),
    "a list": lambda home: (home / MANIFEST).write_text("[]", encoding="utf-8"),
    "more keys": lambda home: (home / MANIFEST).write_text('{"unknown": 1}', encoding="utf-8"),
    "no digests": lambda home: rewritten(home, digests=None),
    "digests in a list": lambda home: rewritten(home, digests=[GRAPH]),
    "digests of another kind": lambda home: rewritten(home, digests={GRAPH: 1, TOKENIZER: None}),
    "no digest of the tokenizer": lambda home: rewritten(home, digests={GRAPH: digest_file(home / GRAPH)}),
    "another version": lambda home: rewritten(home, version=99),
    "a changed graph": lambda home: (home / GRAPH).write_bytes(b"other"),
    "no graph": lambda home: (home / GRAPH).unlink(),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_exported_makes_a_damaged_export_again(exports, model, tmp_path, damage):
    home = tmp_path / "onnx" / "name"
    write_export(home)
    damage(home)
    with pytest.raises(IntegrityError):
        read_manifest(home)
    exported(model, "fp32", home)
    assert exports == ["fp32"]
    assert read_manifest(home).precision == "fp32"


def test_exported_lets_the_export_of_a_faster_process_stand(monkeypatch, model, tmp_path):
    home = tmp_path / "onnx" / "name"

    def run(_, out, __):
        write_export(out, content=b"slower")
        write_export(home, content=b"faster")

    monkeypatch.setattr(onnx_folder, "_run_export", run)
    exported(model, "fp32", home)
    assert (home / GRAPH).read_bytes() == b"faster"
    assert [path.name for path in home.parent.iterdir()] == ["name"]


def test_exported_that_fails_leaves_nothing_behind(monkeypatch, model, tmp_path):
    failed = SimpleNamespace(returncode=1, stderr="Traceback\nValueError: no such operator\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    home = tmp_path / "onnx" / "name"
    with pytest.raises(UsageError, match=r"cannot be exported to ONNX \(ValueError: no such operator\)"):
        exported(model, "fp32", home)
    assert [*home.parent.iterdir()] == []


def test_exported_without_a_word_of_why_still_says_what_to_do(monkeypatch, model, tmp_path):
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: SimpleNamespace(returncode=-9, stderr=" \n"))
    with pytest.raises(UsageError, match=r"\(no message\); use encoder 'sentence-transformers'"):
        exported(model, "fp32", tmp_path / "onnx" / "name")


def test_exported_where_nothing_can_be_written_names_another_place(exports, model, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="set PRECODE_CACHE to another folder"):
        exported(model, "fp32", tmp_path / "file" / "name")
    assert exports == []


def test_exported_runs_offline_and_away_from_the_users_folder(monkeypatch, model, tmp_path):
    calls = []

    def run(arguments, **options):
        calls.append((arguments, options["env"]))
        write_export(tmp_path / "onnx" / arguments[5].rsplit("/", 1)[-1])
        return SimpleNamespace(returncode=0, stderr="")

    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    monkeypatch.setattr(subprocess, "run", run)
    exported(model, "int8", tmp_path / "onnx" / "name")
    (arguments, environment) = calls[0]
    assert arguments[1:4] == ["-P", "-m", "models.onnx_export"]
    assert arguments[-1] == "int8"
    assert environment["HF_HUB_OFFLINE"] == "1"
    assert environment["PYTHONPATH"].endswith("elsewhere")
