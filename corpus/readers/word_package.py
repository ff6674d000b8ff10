"""Checks a Word file before anything parses it: a ``.docx`` is a zip archive from outside, hence hostile."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from corpus.errors import InputError
from corpus.readers.limits import PACKAGE_PARTS, UNPACKED_BYTES
from corpus.readers.source import ZIP, kind_of, read_bytes

if TYPE_CHECKING:
    from lxml.etree import _Element

CHUNK_BYTES = 1_000_000
_ENCRYPTED = 0x1
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGED = "is damaged; open it in Word and save it again as .docx"


def open_body(path: Path) -> _Element:
    """Return the body of a Word document: the element that holds its paragraphs and tables.

    Raises:
        InputError: If the file is no sound, unprotected ``.docx`` of sane size.
    """
    data = read_bytes(path)
    if not data.startswith(ZIP):
        kind = kind_of(data) or "something else"
        raise InputError(path, f"is not a Word document but {kind}; save it as .docx without a password")
    try:
        _check(path, data)
        return _parse(path, data)
    # ValueError: zipfile on a directory whose names or offsets are garbage.
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError):
        raise InputError(path, _DAMAGED) from None


def _check(path: Path, data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        _check_directory(path, parts)
        unpacked = 0
        for part in parts:
            unpacked += _unpacked_bytes(path, archive, part, UNPACKED_BYTES - unpacked)


def _check_directory(path: Path, parts: list[zipfile.ZipInfo]) -> None:
    """Judge the archive by what it declares, before a byte is unpacked."""
    if len(parts) > PACKAGE_PARTS:
        raise InputError(path, f"has more than {PACKAGE_PARTS} parts; this is no interview")
    if sum(part.file_size for part in parts) > UNPACKED_BYTES:
        raise InputError(path, _too_large())
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise InputError(path, "is encrypted; save it without a password")
    if any(part.compress_type not in _COMPRESSIONS for part in parts):
        raise InputError(path, "is packed in a way no word processor uses; save it again as .docx")
    if any(_leaves(part.filename) for part in parts):
        raise InputError(path, "holds a part that points outside the file; it was not made by a word processor")


def _unpacked_bytes(path: Path, archive: zipfile.ZipFile, part: zipfile.ZipInfo, allowed: int) -> int:
    """Unpack one part piecemeal, because a declared size can lie, and return its real size."""
    size = 0
    with archive.open(part) as stream:
        while chunk := stream.read(CHUNK_BYTES):
            if size == 0 and b"<!DOCTYPE" in chunk:
                raise InputError(path, "declares XML entities, which no word processor writes")
            size += len(chunk)
            if size > allowed:
                raise InputError(path, _too_large())
    return size


def _leaves(name: str) -> bool:
    return name.startswith(("/", "\\")) or ":" in name or ".." in PurePosixPath(name.replace("\\", "/")).parts


def _too_large() -> str:
    return f"unpacks to more than {UNPACKED_BYTES // 1_000_000} MB; remove its pictures or recordings"


def _parse(path: Path, data: bytes) -> _Element:
    import docx  # noqa: PLC0415 - a tenth of a second that light commands spare
    from docx.opc.exceptions import OpcError  # noqa: PLC0415
    from lxml.etree import XMLSyntaxError  # noqa: PLC0415

    unsound = InputError(path, "is a zip archive but no sound Word document; save it as .docx again")
    try:
        body = docx.Document(io.BytesIO(data)).element.body
    # What python-docx lets through when parts or attributes it relies on are absent.
    except (OpcError, XMLSyntaxError, KeyError, ValueError, AttributeError, IndexError, TypeError, RuntimeError):
        raise unsound from None
    if body is None:
        raise unsound
    return body
