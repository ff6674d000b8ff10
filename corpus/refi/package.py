"""Opens a ``.qdpx``: a zip archive from outside, hence hostile. Only what is asked for is ever unpacked.

Recordings and pictures stay packed, so the archive itself may be large; its project file and texts may not.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import unquote

from corpus.errors import InputError
from corpus.readers.archive import COMPRESSIONS, ENCRYPTED, leaves
from corpus.readers.limits import FILE_BYTES, UNPACKED_BYTES
from corpus.readers.source import ZIP, check_is_file, kind_of, read_bytes

if TYPE_CHECKING:
    from lxml.etree import _Element

PARTS = 20_000
"""Most parts: three for each source and one for each memo leave room for thousands of interviews."""
DECLARED_BYTES = 2_000_000_000
"""Size from which the standard keeps a source outside the archive; a part that claims more lies."""
RATIO = 300
"""How far a text may be packed; talk packs to a fifth, deflate at its worst to a thousandth."""
SMALL_BYTES = 1_000_000
"""Below this a ratio says nothing."""
TAGS, ATTRIBUTES = 1_000_000, 3_000_000
"""Most tags and attributes of a project file: 200,000 codings, and a tree well below a gigabyte."""
_CHUNK = 1_000_000
_DAMAGED = "is damaged; export it again"
_INTERNAL, _RELATIVE = "internal://", "relative://"


class Package:
    """A project archive; a context manager.

    Args:
        path: The ``.qdpx`` file.

    Raises:
        InputError: If it is no sound, unprotected archive of sane size.
    """

    def __init__(self, path: Path) -> None:
        check_is_file(path)
        _check_signature(path)
        self._path = path
        with _soundly(path):
            self._archive = zipfile.ZipFile(path)
        self._parts = self._archive.infolist()
        self._left = UNPACKED_BYTES
        try:
            self._check()
        except InputError:
            self._archive.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._archive.close()

    def project(self) -> bytes:
        """Return the one project file, whatever its name.

        Raises:
            InputError: If there is none, or more than one.
        """
        found = [part for part in self._parts if part.filename.lower().endswith(".qde")]
        if len(found) != 1:
            raise InputError(self._path, f"holds {len(found) or 'no'} project files (.qde) in place of one")
        return self._read(found[0])

    def source(self, reference: str) -> bytes | None:
        """Return the file that a path of the project leads to; None if it is not here.

        ``internal://`` means the archive, ``relative://`` the folder the archive lies in. A path that leads anywhere
        else is not followed.

        Raises:
            InputError: If the file is too large.
        """
        name = PurePosixPath(unquote(reference).replace("\\", "/")).name
        part = self._part(name)
        if part is not None:
            return self._read(part)
        return self._beside(reference) if reference.startswith(_RELATIVE) else None

    def _part(self, name: str) -> zipfile.ZipInfo | None:
        """Return the part of a name, in whatever folder; tools spell the folder and its files in any case.

        Some programs of Windows put backslashes between a folder and its files.
        """
        names = (PurePosixPath(part.filename.replace("\\", "/")).name.casefold() for part in self._parts)
        return next((p for p, each in zip(self._parts, names, strict=True) if each == name.casefold()), None)

    def _beside(self, reference: str) -> bytes | None:
        folder = self._path.parent.resolve()
        relative = unquote(reference.removeprefix(_RELATIVE)).replace("\\", "/").lstrip("/")
        target = (folder / relative).resolve()
        inside = target.is_relative_to(folder) and "\0" not in relative
        return read_bytes(target) if inside and target.is_file() else None

    def _check(self) -> None:
        """Judge the archive by what it declares, before a byte is unpacked."""
        if len(self._parts) > PARTS:
            raise InputError(self._path, f"has more than {PARTS:,} parts; no project has")
        if sum(part.file_size for part in self._parts) >= DECLARED_BYTES:
            raise InputError(self._path, "declares 2 GB or more; export it without its recordings")
        if any(leaves(part.filename) for part in self._parts):
            raise InputError(self._path, "holds a part that points outside the file; no analysis software made it")

    def _read(self, part: zipfile.ZipInfo) -> bytes:
        if part.flag_bits & ENCRYPTED:
            raise InputError(self._path, "is encrypted; export it without a password")
        if part.compress_type not in COMPRESSIONS:
            raise InputError(self._path, "is packed in a way no analysis software uses; export it again")
        if part.file_size > self._left:
            raise InputError(self._path, f"unpacks to more than {UNPACKED_BYTES // 1_000_000} MB of text")
        if part.file_size > max(SMALL_BYTES, RATIO * part.compress_size):
            raise InputError(self._path, f"holds a part that unpacks to more than {RATIO} times its size")
        with _soundly(self._path):
            data = self._unpacked(part)
        self._left -= len(data)
        return data

    def _unpacked(self, part: zipfile.ZipInfo) -> bytes:
        """Unpack piecemeal and stop behind the declared size, because that can lie."""
        data = bytearray()
        with self._archive.open(part) as stream:
            while chunk := stream.read(_CHUNK):
                data += chunk
                if len(data) > part.file_size:
                    raise InputError(self._path, _DAMAGED)
        return bytes(data)


def parse(path: Path, data: bytes) -> _Element:
    """Return the root of an XML file from outside.

    Raises:
        InputError: If it is not XML, declares entities, nests absurdly or is absurdly large.
    """
    from lxml import etree

    if len(data) > FILE_BYTES or data.count(b"<") > 2 * TAGS or data.count(b"=") > ATTRIBUTES:
        raise InputError(path, "holds more than any project; export a part of it")
    # No DTD, no entity, no network; without huge_tree libxml2 stops at 256 levels and at 10 MB of text in one place.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        try:
            root = etree.fromstring(data, parser)
        except etree.XMLSyntaxError:
            root = etree.fromstring(_NOTE.sub(_escaped, data), parser)
    except (etree.XMLSyntaxError, ValueError, LookupError):  # LookupError: an encoding nobody knows
        raise InputError(path, "is not sound XML; export it again") from None
    if root.getroottree().docinfo.doctype or any(True for _ in root.iter(etree.Entity)):
        raise InputError(path, "declares XML entities, which no analysis software writes")
    return root


_NOTE = re.compile(rb"(?<=<PlainTextContent>).*?(?=</PlainTextContent>)", re.DOTALL)
_BARE_MARK = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9A-Fa-f]+);)")


def _escaped(note: re.Match[bytes]) -> bytes:
    """Return the words of a memo as XML; QualCoder writes them as they are."""
    return _BARE_MARK.sub(b"&amp;", note[0]).replace(b"<", b"&lt;")


def _check_signature(path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(len(ZIP))
    if start != ZIP:
        raise InputError(path, f"is no project archive but {kind_of(start) or 'something else'}; export a .qdpx")


@contextmanager
def _soundly(path: Path) -> Iterator[None]:
    try:
        yield
    # ValueError: zipfile on a directory whose names or offsets are garbage.
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, RuntimeError):
        raise InputError(path, _DAMAGED) from None
