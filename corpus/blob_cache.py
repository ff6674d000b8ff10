"""Bytes by key in one SQLite file, for what is dear to make and can be made again.

It is a cache: a damaged, locked or unwritable file costs time, never a run.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TypeVar
from zlib import crc32

from corpus.files import private_file
from corpus.journal import set_journal

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
    sqlite3.SQLITE_PROTOCOL,
}
"""Errors that say nothing against the file's content; any other means that it is damaged."""

Blobs = dict[bytes, bytes]

T = TypeVar("T")

log = logging.getLogger(__name__)


class BlobCache:
    """Blobs that outlive the process. Safe for several threads and processes on one file.

    Args:
        file: Made, with its folder, when the first blob is kept.
        kind: What a blob is, in one word: names column and table.
    """

    def __init__(self, file: Path, kind: str) -> None:
        self.file = file
        self._kind = kind

    def read(self, keys: Sequence[bytes]) -> Blobs:
        """Return what is kept under these keys, without what is damaged."""
        return self._guarded(partial(self._read, keys), Blobs())

    def write(self, blobs: Mapping[bytes, bytes]) -> None:
        """Keep blobs, in one transaction."""
        self._guarded(partial(self._write, blobs), None)

    def _read(self, keys: Sequence[bytes]) -> Blobs:
        if not self.file.exists():
            return {}
        with closing(self._open()) as connection:
            rows = (row for portion in portions(keys, _ASKED_AT_ONCE) for row in self._select(connection, portion))
            return {key: blob for key, checksum, blob in rows if isinstance(blob, bytes) and crc32(blob) == checksum}

    def _select(self, connection: sqlite3.Connection, keys: Sequence[bytes]) -> Iterator[tuple[bytes, int, bytes]]:
        places = ", ".join("?" * len(keys))
        query = f"SELECT key, checksum, {self._kind} FROM {self._kind}s WHERE key IN ({places})"  # noqa: S608 - our own name and question marks
        yield from connection.execute(query, keys)

    def _write(self, blobs: Mapping[bytes, bytes]) -> None:
        private_file(self.file)
        with closing(self._open()) as connection, connection:
            rows = ((key, crc32(blob), blob) for key, blob in blobs.items())
            connection.executemany(f"INSERT OR REPLACE INTO {self._kind}s VALUES (?, ?, ?)", rows)  # noqa: S608 - as above

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.file, timeout=_WAIT)
        try:
            set_journal(connection, self.file)
            connection.execute("PRAGMA synchronous = NORMAL")
            columns = f"key BLOB PRIMARY KEY, checksum INTEGER NOT NULL, {self._kind} BLOB NOT NULL"
            connection.execute(f"CREATE TABLE IF NOT EXISTS {self._kind}s ({columns})")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _guarded(self, action: Callable[[], T], otherwise: T) -> T:
        """Run a database action; whatever is wrong with the file, the caller goes on without it."""
        try:
            return action()
        except OSError as error:
            log.warning("%s: cannot be used (%s); %ss are not kept", self.file, error.strerror, self._kind)
        except sqlite3.DatabaseError as error:
            self._recover(error)
        return otherwise

    def _recover(self, error: sqlite3.DatabaseError) -> None:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF  # the rest is detail
        if code in _NOT_NOW:
            log.warning("%s: cannot be used now (%s); %ss are not kept", self.file, error, self._kind)
            return
        log.warning("%s: is damaged (%s); starting it afresh", self.file, error)
        with contextlib.suppress(OSError):  # another process on Windows may hold it open
            for suffix in ("", "-wal", "-shm"):
                Path(f"{self.file}{suffix}").unlink(missing_ok=True)


def portions(keys: Sequence[bytes], size: int) -> Iterator[Sequence[bytes]]:
    """Yield keys in portions of a size, in order."""
    return (keys[start : start + size] for start in range(0, len(keys), size))
