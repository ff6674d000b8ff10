"""Checks a zip archive before anything parses its parts: files from outside are hostile.

Word, OpenDocument and Excel files are all such archives of XML parts.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, TypeVar

from corpus.errors import InputError
from corpus.readers.limits import MARKS, PACKAGE_PARTS, UNPACKED_BYTES
from corpus.readers.source import ZIP, kind_of, read_bytes

Parsed = TypeVar("Parsed")

CHUNK_BYTES = 1_000_000
ENCRYPTED = 0x1
COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# Whether a part is XML is not for its name to say; no picture holds these by chance. No XML writer of an office
# program uses UTF-16, which would hide them.
_DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")
_UTF16 = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
_BEFORE_XML = b"\xef\xbb\xbf \t\r\n"
_OVERLAP = max(map(len, _DECLARATIONS)) - 1


@dataclass(frozen=True, slots=True)
class ArchiveKind:
    """What an archive is meant to be.

    Attributes:
        name: With its article, for messages.
        suffix: What to save it as.
        marks: Most elements and attributes in a part, by the beginning of its name; the first that fits counts.
    """

    name: str
    suffix: str
    marks: tuple[tuple[str, int], ...] = ()

    def most_marks(self, part: str) -> int:
        """Return how many elements and attributes a part may have."""
        return next((most for start, most in self.marks if part.startswith(start)), MARKS)


def parse_archive(path: Path, kind: ArchiveKind, parse: Callable[[bytes], Parsed]) -> Parsed:
    """Return what ``parse`` makes of an archive, once the archive is known to be harmless.

    Args:
        path: The file.
        kind: What it is meant to be.
        parse: Takes the bytes of the file; may raise whatever zipfile raises on damage.

    Raises:
        InputError: If the file is no sound, unprotected archive of sane size.
    """
    data = read_bytes(path)
    if not data.startswith(ZIP):
        found = kind_of(data) or "something else"
        raise InputError(path, f"is not {kind.name} but {found}; save it as {kind.suffix} without a password")
    try:
        check_archive(path, kind, data)
        return parse(data)
    # ValueError: zipfile on a directory whose names or offsets are garbage.
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError):
        raise InputError(path, f"is damaged; open it and save it again as {kind.suffix}") from None


def check_archive(path: Path, kind: ArchiveKind, data: bytes) -> None:
    """Unpack every part once and keep none, to see that all of them are of sane size and declare no entities.

    Args:
        path: Where the archive came from, for errors.
        kind: What it should be.
        data: The whole archive.

    Raises:
        InputError: If the archive is a bomb, encrypted, leads outside, or declares XML entities.
        zipfile.BadZipFile: As do other errors of zipfile, if it is damaged.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        _check_directory(path, kind, parts)
        unpacked = 0
        for part in parts:
            with archive.open(part) as stream:
                unpacked += _unpacked_bytes(path, stream, UNPACKED_BYTES - unpacked, kind.most_marks(part.filename))


def _check_directory(path: Path, kind: ArchiveKind, parts: list[zipfile.ZipInfo]) -> None:
    """Judge the archive by what it declares, before a byte is unpacked."""
    if len(parts) > PACKAGE_PARTS:
        raise InputError(path, f"has more than {PACKAGE_PARTS} parts; this is no interview")
    if sum(part.file_size for part in parts) > UNPACKED_BYTES:
        raise InputError(path, _too_large())
    if any(part.flag_bits & ENCRYPTED for part in parts):
        raise InputError(path, "is encrypted; save it without a password")
    if any(part.compress_type not in COMPRESSIONS for part in parts):
        raise InputError(path, f"is packed in a way no word processor uses; save it again as {kind.suffix}")
    if any(leaves(part.filename) for part in parts):
        raise InputError(path, "holds a part that points outside the file; it was not made by a word processor")


def _unpacked_bytes(path: Path, stream: IO[bytes], allowed: int, most_marks: int) -> int:
    """Unpack one part piecemeal, because a declared size can lie, and return its real size."""
    size, marks, tail, is_xml = 0, 0, b"", False
    while chunk := stream.read(CHUNK_BYTES):
        is_xml = is_xml or (size == 0 and chunk.lstrip(_BEFORE_XML).startswith(b"<"))
        if any(mark in tail + chunk for mark in _DECLARATIONS) or (size == 0 and chunk.startswith(_UTF16)):
            raise InputError(path, "declares XML entities or hides its XML, which no word processor does")
        size += len(chunk)
        marks += is_xml and chunk.count(b"<") + chunk.count(b"=")
        tail = chunk[-_OVERLAP:]
        if size > allowed or marks > most_marks:
            raise InputError(path, _too_large())
    return size


def leaves(name: str) -> bool:
    """Tell whether the name of a part points outside its archive."""
    return name.startswith(("/", "\\")) or ":" in name or ".." in PurePosixPath(name.replace("\\", "/")).parts


def _too_large() -> str:
    return f"unpacks to more than {UNPACKED_BYTES // 1_000_000} MB or {MARKS:,} elements; remove what is not talk"
