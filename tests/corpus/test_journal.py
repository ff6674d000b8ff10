"""Which journal an SQLite file gets: by where it is, and by what SQLite says."""

import sqlite3
from contextlib import closing

import pytest

from corpus import journal
from corpus.journal import is_on_share, set_journal

LINUX = [("/", "ext4"), ("/mnt/team", "nfs4"), ("/mnt/team/local", "ext4"), ("/media/dav", "fuse.davfs")]


@pytest.mark.parametrize(
    ("path", "share"),
    [("/home/a/study.db", False), ("/mnt/team/study.db", True), ("/mnt/team/local/study.db", False),
     ("/mnt/teams/study.db", False), ("/media/dav/deep/study.db", True)],
)  # fmt: skip
def test_is_on_share_goes_by_the_nearest_mount(monkeypatch, path, share):
    monkeypatch.setattr(journal, "_mounts", lambda: LINUX)
    assert is_on_share(journal.Path(path)) is share


def test_mounts_of_macos_are_read(monkeypatch):
    told = "/dev/disk1 on / (apfs, local)\n//ann@server/share on /Volumes/a share (smbfs, nodev)\n"
    monkeypatch.setattr(journal.platform, "system", lambda: "Darwin")
    monkeypatch.setattr(journal.subprocess, "run", lambda *_, **__: type("Done", (), {"stdout": told}))
    assert journal._mounts() == [("/", "apfs"), ("/Volumes/a share", "smbfs")]


def mode(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("PRAGMA journal_mode").fetchone()[0]


def test_set_journal_takes_the_log_on_a_disk_of_this_machine(tmp_path):
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        set_journal(connection, tmp_path / "a.db")
    assert mode(tmp_path / "a.db") == "wal"


@pytest.mark.parametrize("before", ["wal", "delete"])
def test_set_journal_takes_no_log_on_a_share_even_if_there_was_one(tmp_path, monkeypatch, before):
    path = tmp_path / "a.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA journal_mode = {before}")
        connection.execute("CREATE TABLE t (n)")
    monkeypatch.setattr(journal, "is_on_share", lambda _: True)
    with closing(sqlite3.connect(path)) as first, closing(sqlite3.connect(path)) as second:
        set_journal(first, path)
        set_journal(second, path)
        for connection in (first, second):
            with connection:
                connection.execute("INSERT INTO t VALUES (1)")
    assert mode(path) == "delete"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.db"]


class Stubborn:
    """A connection to a place where memory cannot be shared."""

    def __init__(self, code):
        self.code = code
        self.asked = []

    def execute(self, statement):
        self.asked.append(statement)
        if statement.endswith("WAL"):
            error = sqlite3.OperationalError("x")
            error.sqlite_errorcode = self.code
            raise error
        return closing(sqlite3.connect(":memory:")).thing


def test_set_journal_takes_an_error_for_an_answer(tmp_path):
    connection = Stubborn(sqlite3.SQLITE_PROTOCOL)
    set_journal(connection, tmp_path / "a.db")
    assert connection.asked[-1] == "PRAGMA journal_mode = DELETE"


def test_set_journal_leaves_a_locked_file_to_who_locked_it(tmp_path):
    with pytest.raises(sqlite3.OperationalError):
        set_journal(Stubborn(sqlite3.SQLITE_BUSY), tmp_path / "a.db")
