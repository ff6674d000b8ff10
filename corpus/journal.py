"""How an SQLite file protects its transactions: by a write-ahead log, or on a network share by a rollback journal.

The write-ahead log needs memory that all who use the file share, so they must be on one machine. On a share SQLite may
not notice and damage the file; so we look where the file is, and also take an error for an answer.
"""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
from pathlib import Path

SHARES = frozenset(
    (
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "afpfs", "webdav", "davfs", "9p", "afs", "ceph", "lustre", "gpfs"),
        *("glusterfs", "vboxsf", "vmhgfs", "prl_fs", "drvfs"),
        *("fuse.sshfs", "fuse.glusterfs", "fuse.rclone", "fuse.gvfsd-fuse", "fuse.davfs"),
    )
)
"""File systems of other machines, by the names that Linux and macOS give them."""

_WAL = b"\x02\x02"
_DRIVE_REMOTE = 4
_SHARE_ERRORS = frozenset({sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_CANTOPEN})
"""What SQLite says where memory cannot be shared or locks do not work."""


def set_journal(connection: sqlite3.Connection, path: Path) -> None:
    """Choose the journal of a database for where its file is.

    Args:
        connection: Just opened, in no transaction.
        path: The file.

    Raises:
        sqlite3.Error: If the file cannot be used either way.
    """
    if not is_on_share(path):
        try:
            connection.execute("PRAGMA journal_mode = WAL").close()
            connection.execute("SELECT 1 FROM sqlite_master").close()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in _SHARE_ERRORS:
                raise
        else:
            return
    if _has_log(path):  # of another place; only who has the file to himself may change its journal there
        connection.execute("PRAGMA locking_mode = EXCLUSIVE").close()
        connection.execute("PRAGMA journal_mode = DELETE").close()
        connection.execute("PRAGMA locking_mode = NORMAL").close()
        connection.execute("SELECT 1 FROM sqlite_master").close()
    connection.execute("PRAGMA journal_mode = DELETE").close()


def is_on_share(path: Path) -> bool:
    """Tell whether a file is on another machine's disk; False where the system does not say."""
    place = os.path.realpath(path)
    if platform.system() == "Windows":
        return _is_remote_drive(place)
    # As text: every cache asks at each opening, and paths would take a millisecond for eighty mounts.
    below = [(point, kind) for point, kind in _mounts() if f"{place}/".startswith(f"{point.rstrip('/')}/")]
    return bool(below) and max(below, key=lambda mount: len(mount[0]))[1] in SHARES


def _mounts() -> list[tuple[str, str]]:
    """Return where file systems are mounted, and of what kind they are."""
    try:
        if platform.system() == "Linux":
            lines = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
            fields = [line.split(" ") for line in lines]
            return [(field[1].replace("\\040", " "), field[2]) for field in fields if len(field) > 2]
        told = subprocess.run(["/sbin/mount"], capture_output=True, text=True, check=True, timeout=10).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    named = (line.rpartition(" (") for line in told.splitlines())  # //user@server/share on /Volumes/share (smbfs, ...)
    return [(name.partition(" on ")[2], kind.partition(",")[0].rstrip(")")) for name, _, kind in named if name]


def _is_remote_drive(place: str) -> bool:
    import ctypes

    drive = os.path.splitdrive(place)[0]
    windows = getattr(ctypes, "windll", None)
    return drive.startswith("\\\\") or bool(windows and windows.kernel32.GetDriveTypeW(drive + "\\") == _DRIVE_REMOTE)


def _has_log(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(20)[18:20] == _WAL
    except OSError:
        return False
