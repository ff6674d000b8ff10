"""A file or folder is replaced whole, is its owner's only, and is on the disk before anything can refer to it."""

import hashlib
import os
import stat
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import files
from corpus.errors import InputError, UsageError
from corpus.files import (
    digest_file,
    draft_folder,
    move_files,
    private_file,
    private_folder,
    replace_file,
    replace_folder,
    replace_text,
    sweep,
)

CONTENT = st.binary(max_size=200)
UMASKS = st.integers(0, 0o777)
posix = pytest.mark.skipif(os.name == "nt", reason="modes and signals are those of POSIX")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def drafts(folder):
    return list(folder.rglob(".precode-*"))


@pytest.fixture(scope="module")
def dead():
    """The number of a process that has ended."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


# replace_file


@given(old=CONTENT, new=CONTENT)
def test_replace_file_puts_new_content_in_the_place_of_old(tmp_path_factory, old, new):
    path = tmp_path_factory.mktemp("folder") / "file"
    for content in (old, new):
        with replace_file(path) as draft:
            draft.write_bytes(content)
    assert path.read_bytes() == new
    assert list(path.parent.iterdir()) == [path]


def test_a_replacement_that_fails_leaves_the_old_file_and_no_draft(tmp_path):
    path = tmp_path / "kept"
    path.write_text("old")
    with pytest.raises(RuntimeError), replace_file(path) as draft:
        draft.write_text("half")
        raise RuntimeError
    assert [file.name for file in tmp_path.iterdir()] == ["kept"]
    assert path.read_text() == "old"


def test_missing_folders_are_made(tmp_path):
    with replace_file(tmp_path / "a" / "b" / "file") as draft:
        draft.write_text("new")
    assert (tmp_path / "a" / "b" / "file").read_text() == "new"


@posix
@given(umask=UMASKS)
def test_replace_file_is_for_its_owner_only_whatever_the_umask(tmp_path_factory, umask):
    path = tmp_path_factory.mktemp("folder") / "file"
    before = os.umask(umask & 0o077)  # a umask that takes the owner's own rights away lets nobody write
    try:
        with replace_file(path) as draft:
            draft.write_text("words")
            draft.chmod(0o666)
            assert mode(draft.parent) == 0o700
    finally:
        os.umask(before)
    assert mode(path) == 0o600


@posix
def test_replace_file_makes_an_open_file_private(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    path.chmod(0o666)
    replace_text(path, "new")
    assert mode(path) == 0o600


def test_replace_file_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    path, events = tmp_path / "file", []
    fsync, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda handle: events.append("fsync") or fsync(handle))
    monkeypatch.setattr(Path, "replace", lambda draft, target: events.append("rename") or replace(draft, target))
    replace_text(path, "words")
    assert events[:2] == ["fsync", "rename"]


@pytest.mark.parametrize("errors", ["strict", "replace"])
def test_replace_text_writes_the_characters_as_they_are(tmp_path, errors):
    replace_text(tmp_path / "file", "one\ntwo\r\n\N{PILE OF POO}", errors=errors)
    assert (tmp_path / "file").read_bytes() == "one\ntwo\r\n\N{PILE OF POO}".encode()


def test_replace_text_leaves_the_old_file_where_a_text_has_no_utf_8(tmp_path):
    replace_text(tmp_path / "file", "old")
    with pytest.raises(UnicodeEncodeError):
        replace_text(tmp_path / "file", "\ud800")
    assert (tmp_path / "file").read_text() == "old"


def test_replace_file_says_in_one_line_what_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"cannot be written \(.+\); make room") as caught:
        replace_text(tmp_path / "file" / "in it", "words")
    assert "\n" not in str(caught.value)


KILLED = """
import os, sys, threading, time
from pathlib import Path
from corpus.files import replace_text, replace_folder
folder = Path(sys.argv[1])
threading.Timer(float(sys.argv[2]), lambda: os.kill(os.getpid(), 9)).start()
for n in range(10**9):
    replace_text(folder / "file", str(n % 10) * 50_000)
    with replace_folder(folder / "folder") as draft:
        for name in "ab":
            (draft / name).write_text(str(n % 10) * 10_000)
"""


@posix
def test_a_kill_at_any_moment_leaves_whole_files_and_drafts_that_the_next_writer_removes(tmp_path):
    for n in range(8):
        subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), str(0.02 + 0.013 * n)], check=False)
        for path in [tmp_path / "file", *(tmp_path / "folder").glob("*")]:
            with suppress(FileNotFoundError):
                assert len(set(path.read_text())) == 1
        parts = {path.read_text()[0] for path in (tmp_path / "folder").glob("*")}
        assert len(parts) <= 1
    replace_text(tmp_path / "file", "new")
    assert not drafts(tmp_path)


# replace_folder


# move_files


@given(names=st.sets(st.sampled_from(["a", "b", "sub/a", "sub/b", "other/c"])), old=CONTENT, new=CONTENT)
def test_move_files_puts_each_draft_in_its_place_private_and_leaves_no_draft(tmp_path_factory, names, old, new):
    folder = tmp_path_factory.mktemp("moved")
    replace_text(folder / "a", old.hex())
    with draft_folder(folder / "drafts") as draft:
        for name in names:
            (private_folder((draft / name).parent) / Path(name).name).write_bytes(new)
        move_files({draft / name: folder / name for name in names})
    assert {name: (folder / name).read_bytes() for name in names} == dict.fromkeys(names, new)
    assert (folder / "a").read_bytes() == (new if "a" in names else old.hex().encode())
    assert os.name == "nt" or {mode(folder / name) for name in names} <= {0o600}
    assert not drafts(folder)


def test_move_files_has_all_on_the_disk_before_any_has_its_name_and_flushes_a_folder_once(tmp_path, monkeypatch):
    made = {tmp_path / f"draft{n}": tmp_path / "folder" / f"file{n}" for n in range(9)}
    for draft in made:
        draft.write_text("words")
    events, fsync, replace = [], os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda handle: events.append("fsync") or fsync(handle))
    monkeypatch.setattr(Path, "replace", lambda draft, target: events.append("rename") or replace(draft, target))
    move_files(made)
    assert events == ["fsync"] * 9 + ["rename"] * 9 + ["fsync"]


def test_move_files_says_in_one_line_what_cannot_be_written(tmp_path):
    (tmp_path / "folder").write_text("a file")
    (tmp_path / "draft").write_text("words")
    with pytest.raises(UsageError, match="folder: cannot be written") as caught:
        move_files({tmp_path / "draft": tmp_path / "folder" / "file"})
    assert "\n" not in str(caught.value)


def test_a_file_within_a_draft_is_written_in_its_place_and_no_draft_of_its_own_is_made(tmp_path):
    with draft_folder(tmp_path / "draft") as draft, replace_file(draft / "sub" / "file") as path:
        assert path == draft / "sub" / "file"
        path.write_text("words")
        assert drafts(draft) == []


def test_replace_folder_takes_the_place_of_all_that_was_there(tmp_path):
    for names in ("ab", "bc"):
        with replace_folder(tmp_path / "folder") as draft:
            for name in names:
                (draft / name).write_text(names)
    assert {path.name: path.read_text() for path in (tmp_path / "folder").iterdir()} == {"b": "bc", "c": "bc"}
    assert list(tmp_path.iterdir()) == [tmp_path / "folder"]


def test_replace_folder_leaves_the_old_one_when_the_block_fails(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "old").touch()
    with pytest.raises(UsageError, match="cannot be written"), replace_folder(tmp_path / "folder") as draft:
        (draft / "new").touch()
        raise OSError(28, "No space left on device")
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["old"]
    assert not drafts(tmp_path)


def test_replace_folder_puts_the_old_one_back_when_the_exchange_fails(tmp_path, monkeypatch):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "old").touch()
    original = Path.replace

    def refused(path, target):
        if path.name == "folder" and path.parent != tmp_path:
            raise PermissionError(13, "Permission denied")
        return original(path, target)

    monkeypatch.setattr(Path, "replace", refused)
    with pytest.raises(UsageError, match="Permission denied"), replace_folder(tmp_path / "folder") as draft:
        (draft / "new").touch()
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["old"]


@posix
def test_replace_folder_is_private_to_its_last_file(tmp_path):
    with replace_folder(tmp_path / "folder") as draft:
        (draft / "inner").mkdir(mode=0o755)
        (draft / "inner" / "file").touch(mode=0o644)
    assert mode(tmp_path / "folder") == mode(tmp_path / "folder" / "inner") == 0o700
    assert mode(tmp_path / "folder" / "inner" / "file") == 0o600


# private_folder, private_file


@posix
def test_private_folder_makes_private_what_is_missing_and_leaves_what_is_there(tmp_path):
    tmp_path.chmod(0o755)
    assert private_folder(tmp_path / "a" / "b") == tmp_path / "a" / "b"
    assert [mode(tmp_path), mode(tmp_path / "a"), mode(tmp_path / "a" / "b")] == [0o755, 0o700, 0o700]
    private_folder(tmp_path)
    assert mode(tmp_path) == 0o755


def test_private_folder_refuses_a_name_that_a_file_has(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="exists"):
        private_folder(tmp_path / "file")


@posix
def test_private_file_is_made_once_and_never_emptied(tmp_path):
    path = private_file(tmp_path / "folder" / "file")
    assert mode(path) == 0o600
    path.write_text("words")
    private_file(path)
    assert path.read_text() == "words"


# sweep


@posix
def test_sweep_removes_at_once_what_a_dead_process_of_this_machine_left(tmp_path, dead):
    here, elsewhere = files._host(), "0" * 8
    for owner in (f"{here}-{dead}", f"{here}-{os.getpid()}", f"{elsewhere}-{dead}"):
        (tmp_path / f".precode-{owner}-x").mkdir()
    sweep(tmp_path)
    assert {path.name.split("-")[2] for path in tmp_path.iterdir()} == {str(os.getpid()), str(dead)}
    assert not (tmp_path / f".precode-{here}-{dead}-x").exists()


@pytest.mark.parametrize(("hours", "left"), [(1, True), (48, False)])
def test_sweep_removes_what_nobody_can_be_asked_about_after_a_day(tmp_path, hours, left):
    draft = tmp_path / ".precode-abc"
    draft.mkdir()
    os.utime(draft, (time.time() - hours * 3600,) * 2)
    sweep(tmp_path)
    assert draft.exists() is left


def test_sweep_leaves_what_is_no_draft(tmp_path, monkeypatch):
    (tmp_path / "precode-abc").mkdir()
    monkeypatch.setattr(files, "STALE", -1.0)
    sweep(tmp_path)
    assert (tmp_path / "precode-abc").exists()


def test_a_sweep_passes_over_what_its_owner_removes_at_that_moment(tmp_path, monkeypatch):
    (tmp_path / "unfinished-1").mkdir()

    def finished(folder, _):
        yield from list(folder.iterdir())
        yield folder / "unfinished-gone"

    monkeypatch.setattr(type(tmp_path), "glob", finished)
    sweep(tmp_path, "unfinished-*")
    assert (tmp_path / "unfinished-1").exists()


# digest_file


@given(content=CONTENT)
def test_digest_file_is_the_sha_256_of_the_bytes(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("folder") / "file"
    path.write_bytes(content)
    assert digest_file(path) == hashlib.sha256(content).hexdigest()


def test_digest_file_names_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(InputError, match=r"absent: cannot be read \("):
        digest_file(tmp_path / "absent")
