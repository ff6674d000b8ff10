"""Blobs by key: what is wrong with the file costs time, never a run, and never what others have in it."""

import sqlite3
from contextlib import closing

import pytest

from corpus.blob_cache import BlobCache

KEY = b"k"


@pytest.mark.parametrize("foreign", ["words", 5, 5.5, None], ids=["text", "integer", "real", "null"])
def test_blob_cache_passes_over_what_is_no_blob_and_keeps_blobs_again(tmp_path, foreign):
    cache = BlobCache(tmp_path / "cache.db", "piece")
    with closing(sqlite3.connect(cache.file)) as connection, connection:
        connection.execute("CREATE TABLE pieces (key PRIMARY KEY, checksum, piece)")
        connection.execute("INSERT INTO pieces VALUES (?, 0, ?)", (KEY, foreign))
    assert cache.read([KEY]) == {}
    cache.write({KEY: b"piece"})
    assert cache.read([KEY]) == {KEY: b"piece"}


@pytest.mark.parametrize("code", ["BUSY", "LOCKED", "READONLY", "FULL", "IOERR", "CANTOPEN", "PERM", "PROTOCOL"])
def test_blob_cache_that_cannot_be_used_now_keeps_what_is_in_it(tmp_path, monkeypatch, code):
    cache = BlobCache(tmp_path / "cache.db", "piece")
    cache.write({KEY: b"piece"})

    def refused():
        error = sqlite3.OperationalError("not now")
        error.sqlite_errorcode = getattr(sqlite3, f"SQLITE_{code}")
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(cache, "_open", refused)
        assert cache.read([KEY]) == {}
        cache.write({b"other": b"piece"})
    assert cache.read([KEY, b"other"]) == {KEY: b"piece"}
