"""A study in one file: everything that is not made again by itself, safe to take while the page runs.

The archive has a list of its files with their digests. Restoring believes nothing else of it: what is not on the list,
lies outside the folder, is larger than the list says or has another digest is refused, and nothing is left behind.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from zlib import error as ZlibError  # noqa: N812 - a class, whatever its name

from corpus.errors import InputError, UsageError
from corpus.files import DRAFTS, replace_file, replace_folder
from pipeline.study import SETTINGS, Study

LIST = "precode-backup.json"
VERSION = 1
DATABASE = "study.db"
LEFT_OUT = ("cache",)
"""Folders whose content is made again."""

_LOG = (f"{DATABASE}-wal", f"{DATABASE}-shm", f"{DATABASE}-journal")
_MOST_FILES = 200_000
_LARGEST_LIST = 100_000_000
_RATIO = 500
"""How many times its size an archive may unpack to; text packs to a tenth, the emptiest tables to a hundredth."""
_ALWAYS_FINE = 100_000_000
_PORTION = 1 << 20
_DAMAGED = (
    *(zipfile.BadZipFile, ZlibError, EOFError, NotImplementedError, RuntimeError),
    *(ValueError, KeyError, TypeError, AttributeError),  # of a list that is none
)


@dataclass(frozen=True, slots=True)
class Backup:
    """What was written or restored.

    Attributes:
        remarks: What the archive does not hold, one line each.
    """

    path: Path
    files: int
    remarks: tuple[str, ...] = ()


def backup_study(study: Study, path: Path) -> Backup:
    """Write a study into one archive.

    Args:
        study: The study; its page and runs may go on.
        path: The archive; an old one is replaced when the new one is whole.

    Raises:
        UsageError: If it cannot be written, or lies in the study, or the database cannot be read.
    """
    if path.resolve().is_relative_to(study.folder.resolve()):
        raise UsageError(f"{path}: lies in the study itself; name a place outside it")
    digests: dict[str, str] = {}
    with (
        replace_file(path) as draft,
        TemporaryDirectory(prefix="precode-") as scratch,
        zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive,
    ):
        for name, file in _files(study.folder, Path(scratch)):
            with suppress(FileNotFoundError):  # a run that goes on replaces its files
                digests[name] = _pack(archive, name, file)
        archive.writestr(LIST, json.dumps(_list_of(study, digests), indent=1))
    return Backup(path, len(digests), tuple(left_out(study)))


def restore_study(path: Path, folder: Path) -> Backup:
    """Make a study from an archive that ``backup_study`` wrote; a refused one leaves nothing.

    Args:
        path: The archive, from whomever.
        folder: Absent or empty.

    Raises:
        InputError: If the archive is damaged, or made to do harm.
        UsageError: If the folder holds something or cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder}: holds something already; name a new folder")
    with _soundly(path), zipfile.ZipFile(path) as archive:
        digests = _checked(path, archive)
        with replace_folder(folder) as draft:
            for name, digest in digests.items():
                _unpack(archive, name, draft / name, digest)
    return Backup(folder, len(digests))


def _files(folder: Path, scratch: Path) -> Iterator[tuple[str, Path]]:
    """Yield names and files; in place of the database, a copy of it as it is at one moment."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        passed_over = name.parts[0] in LEFT_OUT or any(PurePosixPath(part).match(DRAFTS) for part in name.parts)
        if passed_over or path.is_symlink() or not path.is_file() or name.as_posix() in _LOG:
            continue
        yield name.as_posix(), _snapshot(path, scratch / DATABASE) if name.as_posix() == DATABASE else path


def _pack(archive: zipfile.ZipFile, name: str, path: Path) -> str:
    """Write one file and return the digest of what was written, whatever becomes of the file meanwhile."""
    found = hashlib.sha256()
    with path.open("rb") as source:
        member = zipfile.ZipInfo.from_file(path, name, strict_timestamps=False)
        member.compress_type = zipfile.ZIP_DEFLATED
        with archive.open(member, "w", force_zip64=True) as target:
            while portion := source.read(_PORTION):
                found.update(portion)
                target.write(portion)
    return found.hexdigest()


def _snapshot(database: Path, copy: Path) -> Path:
    try:
        with closing(sqlite3.connect(database, timeout=30)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode = DELETE").close()  # the copy is one file
    except sqlite3.Error as error:
        raise UsageError(
            f"{database}: cannot be read ({error.sqlite_errorname}); close what uses it, try again"
        ) from None
    return copy


def _list_of(study: Study, digests: dict[str, str]) -> dict[str, object]:
    created = datetime.now(UTC).isoformat(timespec="seconds")
    return {"backup_version": VERSION, "study": study.settings.study.name, "created": created, "files": digests}


def left_out(study: Study) -> Iterator[str]:
    """Yield what a backup of a study does not hold, one line each."""
    from pipeline.trust import ways_out

    if study.settings.store.url:
        yield "decisions are in the database of [store] url, which needs a backup of its own"
    yield from (f"not in the backup: {way}" for way in ways_out(study.folder, study.settings))
    yield from (f"not in the backup: {refusal.place} is a link" for refusal in study.links())


def _checked(path: Path, archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the digests of the files to unpack, by name.

    Raises:
        InputError: If the archive holds anything that ``backup_study`` does not write.
    """
    members = archive.infolist()
    if len(members) > _MOST_FILES or LIST not in archive.namelist() or archive.getinfo(LIST).file_size > _LARGEST_LIST:
        raise InputError(path, "is no backup of a study; precode backup writes one")
    if any(member.flag_bits & 1 for member in members):
        raise InputError(path, "is encrypted; unpack it and pack it again without a password")
    if sum(member.file_size for member in members) > max(_ALWAYS_FINE, _RATIO * path.stat().st_size):
        raise InputError(path, f"unpacks to more than {_RATIO} times its size; no study does")
    listed = json.loads(archive.read(LIST))
    digests = {str(name): str(digest) for name, digest in listed["files"].items()}
    names = [member.filename for member in members if member.filename != LIST]
    if listed["backup_version"] != VERSION:
        raise InputError(path, "was written by another version of precode; update precode to restore it")
    if sorted(names) != sorted(digests) or len({name.casefold() for name in names}) < len(names):
        raise InputError(path, "holds other files than its list says")
    if SETTINGS not in digests or not all(map(_is_inside, digests)):
        raise InputError(path, "holds a file that belongs nowhere in a study")
    return digests


def _is_inside(name: str) -> bool:
    """Tell whether a name stays in the folder on every system: no way up, no drive, no backslash, no device."""
    parts = name.split("/")
    strange = {"", ".", ".."} & set(parts) or any(character in name for character in "\\:\0") or len(name) > 1_000
    return not strange and not any(part.endswith((" ", ".")) or part != part.strip("\r\n\t") for part in parts)


def _unpack(archive: zipfile.ZipFile, name: str, target: Path, digest: str) -> None:
    """Write one file, as an ordinary file whatever the archive calls it."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    found, left = hashlib.sha256(), archive.getinfo(name).file_size
    with archive.open(name) as source, target.open("xb") as file:
        while portion := source.read(_PORTION):
            left -= len(portion)
            if left < 0:
                raise ValueError("is larger than it says")
            found.update(portion)
            file.write(portion)
    if found.hexdigest() != digest:
        raise ValueError("has another digest")


@contextmanager
def _soundly(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(path, f"cannot be read ({error.strerror})") from None
    except _DAMAGED:
        raise InputError(path, "is damaged; take another copy of the backup") from None
