"""A study in one file: all of it, safe while others write, and no archive does harm."""

import json
import os
import sqlite3
import stat
import threading
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import InputError, UsageError
from corpus.transcript import Span
from pipeline.backup import LIST, _is_inside, backup_study, restore_study
from pipeline.store import Action, NewDecision, StudyStore
from pipeline.study import open_study
from tests.pipeline.store_support import add


def coding(version, n, coder="Ada"):
    return NewDecision(coder, version, Action.CODE, span=Span(n, n + 1), code="a")


@pytest.fixture
def filled(study):
    (study.transcripts / "P01.txt").write_text("INT: x\nAnna: Ünïcode.\n", encoding="utf-8")
    for name in ("learned/seeds.jsonl", "imports/a/codings.jsonl", "participants.csv", "exports/latest/mine.docx"):
        (study.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (study.folder / name).write_text(name, encoding="utf-8")
    (study.cache / "vectors.db").write_bytes(b"0" * 1_000)
    with StudyStore(study.database) as store:
        store.decisions.add(*(coding(add(store), n) for n in range(20)))
    return study


def contents(folder):
    kept = (path for path in folder.rglob("*") if path.is_file() and "cache" not in path.parts)
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in kept if not path.name.startswith("study.db")
    }


def decisions(place):
    with StudyStore(str(place)) as store:
        return list(store.decisions.stream())


def test_restore_brings_back_what_backup_wrote(filled, tmp_path):
    made = backup_study(filled, tmp_path / "b.zip")
    restored = tmp_path / "restored"
    assert restore_study(made.path, restored).files == made.files == 7
    assert contents(restored) == contents(filled.folder)
    assert decisions(restored / "study.db") == decisions(filled.database)
    assert open_study(restored).settings == filled.settings
    assert not (restored / "cache" / "vectors.db").exists()


@pytest.mark.skipif(os.name == "nt", reason="POSIX modes")
def test_backup_and_what_is_restored_are_private(filled, tmp_path):
    made = backup_study(filled, tmp_path / "b.zip")
    restore_study(made.path, tmp_path / "restored")
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "restored").rglob("*")}
    assert {mode & 0o077 for mode in modes.values()} == {0}


def test_backup_holds_every_decision_acknowledged_before_it_while_others_write(filled, tmp_path):
    stop, acknowledged = threading.Event(), []

    def write():
        with StudyStore(filled.database) as store:
            version = add(store, "P77")
            while not stop.is_set():
                acknowledged.extend(each.id for each in store.decisions.add(coding(version, 0, coder="Bob")))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for n in range(3):
            before = list(acknowledged)
            made = backup_study(filled, tmp_path / f"{n}.zip")
            restore_study(made.path, tmp_path / str(n))
            held = {each.id for each in decisions(tmp_path / str(n) / "study.db")}
            assert set(before) <= held
    finally:
        stop.set()
        writer.join()
    assert acknowledged


def test_backup_into_the_study_itself_is_refused(filled):
    with pytest.raises(UsageError, match="lies in the study itself"):
        backup_study(filled, filled.folder / "exports" / "b.zip")


def test_backup_names_what_it_does_not_hold(filled, tmp_path):
    if os.name != "nt":
        (filled.transcripts / "P09.txt").symlink_to(tmp_path / "elsewhere.txt")
        assert [remark for remark in backup_study(filled, tmp_path / "b.zip").remarks if "P09.txt" in remark]


# Archives from whomever


def rewritten(archive, target, change):
    """Write an archive again with members and list changed."""
    with zipfile.ZipFile(archive) as source:
        members = {name: source.read(name) for name in source.namelist()}
    listed = json.loads(members.pop(LIST))
    change(members, listed)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(name, data)
        made.writestr(LIST, json.dumps(listed))
    return target


def with_member(name):
    def change(members, listed):
        members[name] = b"x"
        listed["files"][name] = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"

    return change


HARM = {
    "a way up": with_member("../evil.txt"),
    "deep way up": with_member("transcripts/../../evil.txt"),
    "absolute": with_member("/tmp/evil.txt"),
    "a drive": with_member("C:/evil.txt"),
    "a backslash": with_member("..\\evil.txt"),
    "the same in capitals": with_member("STUDY.TOML"),
    "not listed": lambda members, listed: members.update({"extra.txt": b"x"}),
    "not there": lambda members, listed: members.pop("participants.csv"),
    "changed": lambda members, listed: members.update({"participants.csv": b"x"}),
    "no settings": lambda members, listed: (members.pop("study.toml"), listed["files"].pop("study.toml")),
    "another version": lambda members, listed: listed.update(backup_version=99),
    "no files": lambda members, listed: listed.update(files=None),
    "a bomb": lambda members, listed: members.update({"bomb": bytes(300_000_000)}),
}


@pytest.mark.parametrize("change", HARM.values(), ids=HARM)
def test_restore_refuses_harm_and_leaves_nothing(filled, tmp_path, change):
    made = backup_study(filled, tmp_path / "b.zip")
    harmful = rewritten(made.path, tmp_path / "harm.zip", change)
    before = set(tmp_path.rglob("*"))
    with pytest.raises(InputError) as refusal:
        restore_study(harmful, tmp_path / "deep" / "restored")
    assert "\n" not in str(refusal.value)
    assert {path for path in set(tmp_path.rglob("*")) - before if path.is_file()} == set()
    assert not (tmp_path / "deep" / "restored").exists()


@pytest.mark.skipif(os.name == "nt", reason="POSIX links")
def test_a_link_in_an_archive_becomes_an_ordinary_file(filled, tmp_path):
    def change(members, listed):
        with_member("transcripts/P02.txt")(members, listed)

    made = backup_study(filled, tmp_path / "b.zip")
    archive = rewritten(made.path, tmp_path / "link.zip", change)
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(tmp_path / "made.zip", "w") as target:
        for member in source.infolist():
            data = source.read(member)
            if member.filename == "transcripts/P02.txt":
                member.external_attr = (stat.S_IFLNK | 0o777) << 16
            target.writestr(member, data)
    restore_study(tmp_path / "made.zip", tmp_path / "restored")
    assert not (tmp_path / "restored" / "transcripts" / "P02.txt").is_symlink()


@given(st.integers(0, 2_000), st.integers(0, 255))
def test_restore_takes_any_damage_in_one_line(tmp_path_factory, place, value):
    folder = tmp_path_factory.mktemp("damage")
    archive = folder / "b.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("study.toml", "")
        empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        made.writestr(LIST, json.dumps({"backup_version": 1, "files": {"study.toml": empty}}))
    data = bytearray(archive.read_bytes())
    data[place % len(data)] = value
    archive.write_bytes(data)
    try:
        assert restore_study(archive, folder / "out").files == 1
    except InputError as error:
        assert "\n" not in str(error)
        assert not (folder / "out").exists()


@pytest.mark.parametrize("name", ["a/../b", "/a", "a\\b", "c:a", "", "a//b", "a/.", "b\0", "x" * 2_000, "a /b", "a/b."])
def test_names_that_stay_in_no_folder(name):
    assert not _is_inside(name)


def test_restore_over_something_is_refused(filled, tmp_path):
    made = backup_study(filled, tmp_path / "b.zip")
    with pytest.raises(UsageError, match="holds something already"):
        restore_study(made.path, filled.folder)


def test_commands_back_up_and_restore(filled, tmp_path, precode):
    code, out, _ = precode("backup", filled.folder, "--json")
    archive = json.loads(out)["backup"]
    assert (code, archive.endswith(".zip")) == (0, True)
    assert precode("restore", archive, tmp_path / "again")[0] == 0
    assert decisions(tmp_path / "again" / "study.db") == decisions(filled.database)


# One file


@pytest.mark.parametrize("other", [False, True], ids=["alone", "while another has it open"])
def test_close_leaves_all_in_the_database_file(filled, tmp_path, other):
    stays = StudyStore(filled.database) if other else None
    if stays:
        list(stays.decisions.stream())
    with StudyStore(filled.database) as store:
        store.decisions.add(coding(add(store, "P55"), 0, coder="last"))
    alone = tmp_path / "alone.db"
    alone.write_bytes((filled.folder / "study.db").read_bytes())
    with sqlite3.connect(alone) as connection:
        assert connection.execute("SELECT COUNT(*) FROM decisions WHERE coder = 'last'").fetchone() == (1,)
    connection.close()
    if stays:
        stays.close()
    assert not (filled.folder / "study.db-wal").exists()
