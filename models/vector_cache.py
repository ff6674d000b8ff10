"""Vectors by content: a text is encoded once per model, whatever the transcript, run or process.

One SQLite file. It is a cache: a damaged, locked or unwritable file costs time, never a run.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TypeVar
from zlib import crc32

import numpy as np

from corpus.files import private_file
from corpus.journal import set_journal
from models.embedder import Embedder, FloatArray

FILE_NAME = "vectors.db"

_SCHEMA = "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, checksum INTEGER NOT NULL, vector BLOB NOT NULL)"
_ENCODED_AT_ONCE = 2_048  # texts between two commits: what a kill can cost
_ASKED_AT_ONCE = 500  # keys in one SELECT; SQLite allows 999 even where it was built long ago
_WAIT = 30.0  # seconds for another process's commit

_NOT_NOW = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
}
"""Errors that say nothing against the file's content; any other means that it is damaged."""

Vectors = dict[bytes, bytes]
"""Vectors as float32 bytes, by key."""

T = TypeVar("T")

log = logging.getLogger(__name__)


class VectorCache:
    """An embedder that remembers. Safe for several threads and processes on one folder.

    Args:
        embedder: Encodes what is not known yet.
        folder: Where the cache file lives; made when the first vector is kept.
    """

    def __init__(self, embedder: Embedder, folder: Path) -> None:
        self.embedder = embedder
        self.folder = folder

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the embedder behind the cache: the vectors are the same."""
        return self.embedder.fingerprint

    @property
    def file(self) -> Path:
        """The cache file."""
        return self.folder / FILE_NAME

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return the embedder's vectors, shape (len(texts), dimension), encoding each unknown text once."""
        if not texts:
            return self.embedder.encode(texts)
        known_as = (f"{self.fingerprint}\0{text}".encode("utf-8", "surrogatepass") for text in texts)
        keys = [sha256(name).digest() for name in known_as]
        wanted = dict(zip(keys, texts, strict=True))
        known = self._guarded(lambda: self._read(list(wanted)), Vectors())
        unknown = {key: text for key, text in wanted.items() if key not in known}
        known.update(self._encode_unknown(unknown))
        return np.frombuffer(bytearray().join(known[key] for key in keys), np.float32).reshape(len(keys), -1)

    def _encode_unknown(self, unknown: Mapping[bytes, str]) -> Vectors:
        """Encode and keep, in portions, so that a kill loses little."""
        vectors: Vectors = {}
        for keys in _portions(list(unknown), _ENCODED_AT_ONCE):
            rows = self.embedder.encode([unknown[key] for key in keys])
            fresh = {key: row.tobytes() for key, row in zip(keys, rows, strict=True)}
            self._guarded(partial(self._write, fresh), None)
            vectors.update(fresh)
        return vectors

    def _read(self, keys: Sequence[bytes]) -> Vectors:
        if not self.file.exists():
            return {}
        with closing(self._open()) as connection:
            rows = (row for portion in _portions(keys, _ASKED_AT_ONCE) for row in _select(connection, portion))
            return {key: vector for key, checksum, vector in rows if crc32(vector) == checksum}

    def _write(self, vectors: Vectors) -> None:
        private_file(self.file)
        with closing(self._open()) as connection, connection:
            rows = ((key, crc32(vector), vector) for key, vector in vectors.items())
            connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.file, timeout=_WAIT)
        try:
            set_journal(connection, self.file)
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(_SCHEMA)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _guarded(self, action: Callable[[], T], otherwise: T) -> T:
        """Run a database action; whatever is wrong with the file, the caller goes on without it."""
        try:
            return action()
        except OSError as error:
            log.warning("%s: cannot be used (%s); vectors are not kept", self.file, error.strerror)
        except sqlite3.DatabaseError as error:
            self._recover(error)
        return otherwise

    def _recover(self, error: sqlite3.DatabaseError) -> None:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF  # the rest is detail
        if code in _NOT_NOW:
            log.warning("%s: cannot be used now (%s); vectors are not kept", self.file, error)
            return
        log.warning("%s: is damaged (%s); starting it afresh", self.file, error)
        with contextlib.suppress(OSError):  # another process on Windows may hold it open
            for suffix in ("", "-wal", "-shm"):
                Path(f"{self.file}{suffix}").unlink(missing_ok=True)


def _portions(keys: Sequence[bytes], size: int) -> Iterator[Sequence[bytes]]:
    return (keys[start : start + size] for start in range(0, len(keys), size))


def _select(connection: sqlite3.Connection, keys: Sequence[bytes]) -> Iterator[tuple[bytes, int, bytes]]:
    places = ", ".join("?" * len(keys))
    query = f"SELECT key, checksum, vector FROM vectors WHERE key IN ({places})"  # noqa: S608 - question marks only
    yield from connection.execute(query, keys)
