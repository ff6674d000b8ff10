"""Files and folders that are replaced whole, kept private, and known by their digests.

Whatever is written goes into a draft first: a folder beside the target that only its owner may read. When the draft is
whole it is put onto the disk (fsync) and takes the target's name in one step, so that a kill or a full disk leaves the
old content or the new one, never a half, and nothing that is written later can refer to what is not there. Drafts that
killed processes leave behind hold words of transcripts; the next writer in the same folder removes them.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from corpus.errors import InputError, UsageError

PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700
DRAFTS = ".precode-*"
STALE = 86_400.0
"""Seconds after which a draft is taken for one of a killed process, where nothing tells whose it is."""
FLUSHED_AT_ONCE = 8
"""Files that are put onto the disk side by side: a journal takes several in one go."""
_OWNER = re.compile(r"\.precode-(?P<host>[0-9a-f]{8})-(?P<process>\d+)-")


@contextmanager
def replace_file(path: Path) -> Iterator[Path]:
    """Give a path to write to; ``path`` is replaced only when the block ends well.

    The file is readable by its owner only. Scratch files that a library puts beside the draft vanish with it. Within a
    draft of ours the path itself is written to: the draft is made private, and put onto the disk, as a whole.

    Raises:
        UsageError: If the folder cannot be written to or the disk is full; an old file then stays as it was.
    """
    if any(_OWNER.match(folder.name) for folder in path.parents):
        with speaking_plainly(path):
            private_folder(path.parent)
            yield path
        return
    with _draft_of(path) as draft:
        yield draft
        _secure(draft)
        draft.replace(path)
        _flush(path.parent)


def move_files(moves: Mapping[Path, Path]) -> None:
    """Move finished drafts to their places on the same disk, each whole; as ``replace_file``, but for many at once.

    Thousands of files are put onto the disk side by side, and the names in a folder once for all of its files.

    Args:
        moves: Places by drafts.

    Raises:
        UsageError: If a folder cannot be written to; the files before are in their places then.
    """
    from concurrent.futures import ThreadPoolExecutor

    folders = {place.parent for place in moves.values()}
    for folder in folders:
        with speaking_plainly(folder):
            sweep(private_folder(folder))
    with ThreadPoolExecutor(FLUSHED_AT_ONCE) as pool:
        for place, done in [(place, pool.submit(_secure, draft)) for draft, place in moves.items()]:
            with speaking_plainly(place):
                done.result()
    for draft, place in moves.items():
        with speaking_plainly(place):
            draft.replace(place)
    for folder in folders:
        with speaking_plainly(folder):
            _flush(folder)


@contextmanager
def replace_folder(path: Path) -> Iterator[Path]:
    """Give a fresh folder that takes the place of ``path``, and of all that is in it, when the block ends well.

    A kill at the very moment of the exchange may leave no folder at all, never a half of one.

    Raises:
        UsageError: If the disk refuses; an old folder then stays as it was.
    """
    with _draft_of(path) as draft:
        draft.mkdir(mode=PRIVATE_FOLDER)
        yield draft
        for part in [*draft.rglob("*"), draft]:
            _secure(part)
        replaced = draft.with_name(f"{draft.name}.replaced")
        if path.exists():
            path.replace(replaced)
        try:
            draft.replace(path)
        except OSError:
            if replaced.exists():
                replaced.replace(path)
            raise
        _flush(path.parent)


@contextmanager
def draft_folder(path: Path) -> Iterator[Path]:
    """Give a fresh private folder on the disk of ``path``, gone when the block ends.

    Raises:
        UsageError: If the disk refuses.
    """
    with _draft_of(path) as draft:
        draft.mkdir(mode=PRIVATE_FOLDER)
        yield draft


def replace_text(path: Path, text: str, *, errors: str = "strict") -> None:
    """Write a text file in UTF-8, whole or not at all; line ends stay as they are.

    Args:
        path: The file.
        text: All it will hold.
        errors: What to do with lone surrogates, as `str.encode` has it.

    Raises:
        UsageError: If it cannot be written; an old file then stays as it was.
    """
    with replace_file(path) as draft:
        draft.write_bytes(text.encode("utf-8", errors))


def private_folder(path: Path) -> Path:
    """Make a folder, and those above it that are missing, for their owner only; what is there stays as it is.

    Raises:
        OSError: If it cannot be made.
    """
    for folder in [*reversed(path.parents), path]:
        if not folder.is_dir():
            folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    return path


def private_file(path: Path) -> Path:
    """Make an empty file for its owner only, where there is none: libraries that open it keep its mode.

    Raises:
        OSError: If it cannot be made.
    """
    private_folder(path.parent)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE_FILE))
    return path


def sweep(folder: Path, pattern: str = DRAFTS) -> None:
    """Remove what killed processes left behind: at once where the name tells the process, else a day later.

    Args:
        folder: Where to look; nothing happens if it is not there.
        pattern: Names of drafts, as `Path.glob` has it.

    Raises:
        OSError: If the folder cannot be read.
    """
    for path in folder.glob(pattern):
        with suppress(FileNotFoundError):  # whoever works in it may finish at this very moment
            if _is_abandoned(path):
                shutil.rmtree(path, ignore_errors=True)


def is_folder(name: str) -> bool:
    """Tell whether what somebody typed names a folder; what no folder can be called, or nobody may see, does not."""
    try:
        return bool(name) and Path(name).is_dir()  # no name at all would be the folder where we stand
    except OSError:
        return False


def digest_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal digits.

    Raises:
        InputError: If the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(path, f"cannot be read ({error.strerror})") from None


@contextmanager
def _draft_of(path: Path) -> Iterator[Path]:
    """Give a name of the same disk to write to, in a private folder that is gone afterwards."""
    with speaking_plainly(path):
        sweep(private_folder(path.parent))
        with TemporaryDirectory(prefix=f".precode-{_host()}-{os.getpid()}-", dir=path.parent) as folder:
            yield Path(folder) / path.name


@contextmanager
def speaking_plainly(path: Path) -> Iterator[None]:
    """Say in one line what the disk refused.

    Raises:
        UsageError: In place of what the system said.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(
            f"{path}: cannot be written ({reason}); make room, close it elsewhere or choose another place"
        ) from None


@cache
def _host() -> str:
    """Return eight digits that tell this machine from others that share a folder with it."""
    return hashlib.sha256(socket.gethostname().encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _is_abandoned(draft: Path) -> bool:
    owner = _OWNER.match(draft.name)
    if owner and owner["host"] == _host() and not _is_running(int(owner["process"])):
        return True
    return time.time() - draft.stat().st_mtime > STALE


def _is_running(process: int) -> bool:
    if os.name == "nt":  # there, signal 0 would end it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):  # of another user; no number of a process
        return True
    return True


def _secure(path: Path) -> None:
    """Make what was written private, whatever the umask, and put it onto the disk."""
    if path.is_dir():
        path.chmod(PRIVATE_FOLDER)
        _flush(path)
    else:
        path.chmod(PRIVATE_FILE)
        with path.open("rb+") as file:
            os.fsync(file.fileno())


def _flush(folder: Path) -> None:
    """Put the names in a folder onto the disk, where the system can."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
