"""Transcripts from an object store: fetched once, told apart by what changed, nothing written over or written back."""

import sys

import pytest
from fsspec.implementations.memory import MemoryFileSystem
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import UsageError
from corpus.files import digest_file
from pipeline import object_store
from pipeline.object_store import fetch_transcripts
from pipeline.trust import ways_out
from tests.pipeline.store_support import TALK

ROOT = "/bucket/interviews"


@pytest.fixture
def store(monkeypatch):
    """An object store in memory that refuses every write and counts what is read."""
    system = MemoryFileSystem()
    MemoryFileSystem.store.clear()
    monkeypatch.setattr(object_store, "PROTOCOLS", {"memory": "memory"})
    reads, get_file = [], MemoryFileSystem.get_file
    monkeypatch.setattr(
        MemoryFileSystem, "get_file", lambda *words, **o: reads.append(words[1]) or get_file(*words, **o)
    )
    system.reads = reads
    yield system
    MemoryFileSystem.store.clear()


@pytest.fixture
def remote(study):
    (study.folder / "study.toml").write_text(f'[transcripts]\nurl = "memory:/{ROOT}"\n', encoding="utf-8")
    return study.reread()


def put(system, name, words=TALK):
    system.pipe_file(f"{ROOT}/{name}", words.encode())


def names(study):
    return sorted(path.relative_to(study.transcripts).as_posix() for path in study.transcripts.rglob("*.*"))


def test_fetch_copies_what_is_new_once_and_leaves_the_originals_alone(store, remote):
    put(store, "P01.txt")
    put(store, "site/P02.txt", "Other talk.")
    put(store, "notes.tmp")
    before = store.find(ROOT, detail=True)
    assert fetch_transcripts(remote).files == ("transcripts/P01.txt", "transcripts/site/P02.txt")
    assert fetch_transcripts(remote).files == ()
    assert len(store.reads) == 2
    assert names(remote) == ["P01.txt", "site/P02.txt"]
    assert [source.name for source in remote.sources().accepted] == ["P01", "P02"]
    assert store.find(ROOT, detail=True) == before


def test_fetch_takes_what_changed_in_the_store_and_what_is_gone_here(store, remote):
    put(store, "P01.txt")
    put(store, "P02.txt")
    fetch_transcripts(remote)
    put(store, "P01.txt", "Corrected talk.")
    (remote.transcripts / "P02.txt").unlink()
    assert fetch_transcripts(remote).files == ("transcripts/P01.txt", "transcripts/P02.txt")
    assert (remote.transcripts / "P01.txt").read_text(encoding="utf-8") == "Corrected talk."


def test_fetch_never_writes_over_a_file_that_somebody_put_or_changed_here(store, remote):
    for name in ("P01.txt", "P02.txt"):
        put(store, name)
    (remote.transcripts / "P01.txt").write_text("Of somebody here.", encoding="utf-8")
    fetch_transcripts(remote)
    (remote.transcripts / "P02.txt").write_text("Changed here.", encoding="utf-8")
    put(store, "P02.txt", "Changed there.")
    refused = fetch_transcripts(remote).refused
    assert [error.place for error in refused] == ["transcripts/P01.txt", "transcripts/P02.txt"]
    assert (remote.transcripts / "P01.txt").read_text(encoding="utf-8") == "Of somebody here."
    assert (remote.transcripts / "P02.txt").read_text(encoding="utf-8") == "Changed here."


def test_fetch_knows_a_file_that_is_here_already_by_its_bytes(store, remote):
    put(store, "P01.txt")
    (remote.transcripts / "P01.txt").write_text(TALK, encoding="utf-8")
    fetched = fetch_transcripts(remote)
    assert (fetched.files, fetched.refused) == ((), ())
    (remote.cache / object_store.RECORD).write_text("[damaged", encoding="utf-8")
    assert fetch_transcripts(remote).refused == ()


def test_another_machine_that_shares_no_folder_has_the_same_bytes(store, remote, tmp_path):
    put(store, "P01.txt")
    fetch_transcripts(remote)
    other = remote.__class__(tmp_path / "other", remote.settings)
    for folder in (other.transcripts, other.cache):
        folder.mkdir(parents=True)
    fetch_transcripts(other)
    assert digest_file(other.transcripts / "P01.txt") == digest_file(remote.transcripts / "P01.txt")


PARTS = st.sampled_from(["..", ".", ".hidden", "a\\b", "C:", "site", "~$lock", "x"])


@given(st.lists(PARTS, min_size=1, max_size=3))
def test_no_name_leads_out_of_the_transcripts(parts):
    name = "/".join([*parts, "P01.txt"])
    try:
        wanted = object_store._is_wanted(name, {"size": 1})
    except object_store.InputError as error:
        assert "is no name for a file" in str(error)
    else:
        assert wanted == ("~$lock" not in parts)
        assert set(parts) <= {"site", "x", "~$lock"} or not wanted


def test_a_file_that_is_too_large_is_refused_by_its_name(store, remote, monkeypatch):
    monkeypatch.setattr(object_store, "LARGEST", 3)
    put(store, "P01.txt")
    assert [error.place for error in fetch_transcripts(remote).refused] == ["transcripts/P01.txt"]
    assert names(remote) == []


@pytest.mark.parametrize("url", ["http://host/x", "simplecache::s3://x", "file:///etc", "python://x", "nonsense"])
def test_urls_of_other_kinds_are_refused(study, url):
    (study.folder / "study.toml").write_text(f'[transcripts]\nurl = "{url}"\n', encoding="utf-8")
    with pytest.raises(UsageError, match="begins with none of s3://"):
        fetch_transcripts(study.reread())


def test_a_store_without_its_library_says_what_to_type(study, monkeypatch):
    monkeypatch.setitem(sys.modules, "s3fs", None)
    (study.folder / "study.toml").write_text('[transcripts]\nurl = "s3://bucket/x"\n', encoding="utf-8")
    with pytest.raises(UsageError, match=r"precode\[s3\]"):
        fetch_transcripts(study.reread())


def test_what_a_library_says_of_a_store_that_fails_is_not_quoted(store, remote, monkeypatch):
    def fails(*_words, **_options):
        raise RuntimeError("key AKIA-SECRET refused")

    monkeypatch.setattr(MemoryFileSystem, "find", fails)
    with pytest.raises(UsageError, match=r"cannot be read \(RuntimeError\)") as refusal:
        fetch_transcripts(remote)
    assert "SECRET" not in str(refusal.value)


def test_an_object_store_is_asked_about(study):
    (study.folder / "study.toml").write_text('[transcripts]\nurl = "s3://key:geheim@bucket/x"\n', encoding="utf-8")
    (way,) = ways_out(study.folder, study.reread().settings)
    assert "s3://bucket/x" in way
    assert "geheim" not in way


@pytest.mark.usefixtures("words")
def test_a_run_fetches_first_and_tells_of_what_it_could_not_take(store, remote, precode, monkeypatch):
    monkeypatch.setattr("pipeline.study.require_trust", lambda *_: None)
    put(store, "P01.txt", "INT: Tell me.\nAnna: The nurse rings me.\n")
    put(store, "P02.txt", "INT: Tell me.\nAnna: Money.\n")
    (remote.transcripts / "P02.txt").write_text("INT: Other.\nAnna: Nothing.\n", encoding="utf-8")
    code, out, errors = precode("run", "--study", remote.folder, "--no-prefect")
    assert code == 1
    assert "Fetched 1 transcripts" in errors
    assert errors.count("differs from what the object store has") == 1
    assert "P01" in out
