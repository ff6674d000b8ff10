"""Models of Hugging Face: which files are taken, where they lie, and fetching them whole or not at all."""

import os
import signal
import subprocess
import sys
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import UsageError
from models import hub
from models.hub import BY_NEED, HUB, MEGABYTES, encoders_home, folder_of, repository_of, wanted_files
from models.weights import model_digest
from tests.models.pretended_hub import pretended_hub

FILES = {
    "config.json": b"{}",
    "tokenizer.json": b"{}",
    "1_Pooling/config.json": b"{}",
    "model.safetensors": b"w" * 2_000_000 + b".",
    "pytorch_model.bin": b"pickle",
    "2_Dense/pytorch_model.bin": b"only form",
    "train.py": b"import os",
    "onnx/model.onnx": b"graph",
    ".gitattributes": b"lfs",
}
WANTED = {"config.json", "tokenizer.json", "1_Pooling/config.json", "model.safetensors", "2_Dense/pytorch_model.bin"}
PARTS = st.sampled_from(["a", "1_Pooling", "onnx", "openvino", "..", ".cache", "b"])
NAMES = st.sampled_from(
    ["config.json", "vocab.txt", "model.safetensors", "pytorch_model.bin", "modeling.py", "run.sh", "optimizer.bin"]
)
PATHS = st.builds(lambda parts, name: "/".join([*parts, name]), st.lists(PARTS, max_size=2), NAMES)


@pytest.fixture
def hub_here(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECODE_CACHE", str(tmp_path / "cache"))
    with pretended_hub({"someone/model": FILES, "someone/empty": {"config.json": b"{}"}}) as (served, address):
        monkeypatch.setenv("HF_ENDPOINT", address)
        monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
        yield served


def files_in(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


# Names and places


@pytest.mark.parametrize(
    "name",
    ["", "../x", "a/../b", "a//b", "a/b/c", "/etc", "a--b/c", "-a", "a/.b", "a b", "a\n", "ä/b", "a\\b", "a" * 97],
)
def test_folder_of_what_can_be_no_model_is_refused(name):
    with pytest.raises(UsageError, match="is no name of a model; write hub:OWNER/MODEL"):
        folder_of(HUB + name)


@given(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_]{0,8}(/[A-Za-z0-9][A-Za-z0-9_.]{0,8})?", fullmatch=True))
def test_folder_of_a_model_is_one_of_its_own_inside_the_cache(name):
    if ".." not in name:
        folder = folder_of(HUB + name)
        assert folder.parent == encoders_home() / "hub"
        assert folder.name.replace("--", "/") == name == repository_of(HUB + name)


def test_folder_of_names_by_need_is_called_so():
    assert [folder_of(name) for name in BY_NEED] == [encoders_home() / name for name in BY_NEED]
    assert MEGABYTES.keys() == BY_NEED.keys()


# Files


@given(st.lists(PATHS, unique=True))
def test_wanted_files_are_no_programs_and_nothing_outside(files):
    for file in wanted_files(files):
        path = PurePosixPath(file)
        assert file in files
        assert path.suffix in {".json", ".txt", ".safetensors", ".bin"}
        assert path.name != "optimizer.bin"
        assert not {"..", "onnx", "openvino"} & set(path.parts)
        assert not file.startswith(".cache")


@given(st.lists(PATHS, unique=True))
def test_wanted_files_hold_pickled_weights_only_where_there_are_no_others(files):
    wanted = wanted_files(files)
    for folder in {PurePosixPath(file).parent for file in wanted}:
        assert not {str(folder / "model.safetensors"), str(folder / "pytorch_model.bin")} <= set(wanted)


def test_wanted_files_of_a_repository():
    assert set(wanted_files(FILES)) == WANTED


# Fetching


def test_fetch_takes_the_model_and_nothing_else(hub_here):
    folder = folder_of("hub:someone/model")
    hub.fetch("someone/model", folder)
    assert files_in(folder) == WANTED
    assert (folder / "model.safetensors").read_bytes() == FILES["model.safetensors"]
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    assert not [path for path in hub_here.asked if path.endswith((".py", ".onnx"))]
    assert model_digest(folder)


def test_fetch_goes_online_where_this_process_was_told_not_to(hub_here, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("TRANSFORMERS_OFFLINE", "1")
    hub.fetch("someone/model", folder_of("base"))
    assert files_in(folder_of("base")) == WANTED


@pytest.mark.parametrize(
    ("repository", "reason"),
    [("someone/other", "has no such model, or it is not public"), ("someone/empty", "has no weights")],
)
def test_fetch_of_what_is_not_there_says_so_and_leaves_nothing(hub_here, repository, reason):
    with pytest.raises(UsageError, match=reason):
        hub.fetch(repository, folder_of(f"hub:{repository}"))
    assert [*(encoders_home() / "hub").iterdir()] == []


def test_fetch_believes_no_file_that_is_not_what_was_announced(hub_here):
    hub_here.damaged.add("model.safetensors")
    with pytest.raises(UsageError, match=r"model\.safetensors arrived damaged"):
        hub.fetch("someone/model", folder_of("base"))
    assert not folder_of("base").exists()


def test_fetch_of_what_does_not_fit_is_refused_before_it_is_begun(hub_here):
    hub_here.announces = 10**15
    with pytest.raises(UsageError, match=r"MB do not fit on the disk; make room, or set PRECODE_CACHE"):
        hub.fetch("someone/model", folder_of("base"))
    assert not [path for path in hub_here.asked if "/resolve/" in path]


def test_fetch_without_a_network_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECODE_CACHE", str(tmp_path))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(UsageError) as caught:
        hub.fetch(BY_NEED["base"], folder_of("base"))
    told = str(caught.value)
    assert "Hugging Face cannot be reached" in told
    assert f"copy the model's folder from a machine that has it to {folder_of('base')}" in told
    assert "\n" not in told


def test_fetch_that_is_killed_leaves_nothing_that_is_believed(hub_here):
    folder = folder_of("hub:someone/model")
    program = f"from pathlib import Path; from models.hub import fetch; fetch('someone/model', Path({str(folder)!r}))"
    hub_here.stalls = ".safetensors"
    fetching = subprocess.Popen([sys.executable, "-c", program], start_new_session=True)
    assert hub_here.stalled.wait(60)
    os.killpg(fetching.pid, signal.SIGKILL)
    fetching.wait()
    assert not folder.exists()
    hub_here.stalls = None
    hub.fetch("someone/model", folder)
    assert files_in(folder) == WANTED
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
