"""Bytes of a file, once it is known to be a file of sane size."""

from __future__ import annotations

import stat
from pathlib import Path

from corpus.errors import InputError
from corpus.readers.limits import FILE_BYTES

ZIP = b"PK\x03\x04"
SIGNATURES = {
    b"%PDF": "a PDF",
    ZIP: "a Word document or another zip archive",
    b"\xd0\xcf\x11\xe0": "an old or password-protected Office file",
    b"{\\rtf": "a rich text (RTF) file",
}


def check_is_file(path: Path) -> None:
    """Make sure that a path leads to a regular file.

    Raises:
        InputError: If it leads to a folder, a device or nowhere.
    """
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise InputError(path, f"cannot be read ({error.strerror})") from None
    if stat.S_ISDIR(mode):
        raise InputError(path, "is a folder; name the files inside it")
    if not stat.S_ISREG(mode):
        raise InputError(path, "is not a regular file")


def read_bytes(path: Path) -> bytes:
    """Return the content of a file.

    Raises:
        InputError: If it is empty or too large, or the system refuses.
    """
    try:
        with path.open("rb") as file:
            data = file.read(FILE_BYTES + 1)
    except OSError as error:
        raise InputError(path, f"cannot be read ({error.strerror})") from None
    if not data:
        raise InputError(path, "is empty (0 bytes)")
    if len(data) > FILE_BYTES:
        raise InputError(path, f"is larger than {FILE_BYTES // 1_000_000} MB")
    return data


def kind_of(data: bytes) -> str | None:
    """Return what the first bytes give a file away as, None where they give nothing away."""
    return next((kind for start, kind in SIGNATURES.items() if data.startswith(start)), None)
