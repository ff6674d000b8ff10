"""Opens a Word file with python-docx, once its archive is known to be harmless."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.errors import InputError
from corpus.readers.archive import ArchiveKind, parse_archive

if TYPE_CHECKING:
    from docx.document import Document

WORD = ArchiveKind("a Word document", ".docx")


def open_document(path: Path) -> Document:
    """Return a Word document as python-docx reads it.

    Raises:
        InputError: If the file is no sound, unprotected ``.docx`` of sane size.
    """
    return parse_archive(path, WORD, lambda data: _parse(path, data))


def _parse(path: Path, data: bytes) -> Document:
    import docx
    from docx.opc.exceptions import OpcError
    from lxml.etree import XMLSyntaxError

    unsound = InputError(path, "is a zip archive but no sound Word document; save it as .docx again")
    try:
        document: Document = docx.Document(io.BytesIO(data))
        is_empty = document.element.body is None  # also raises if there is none
    # What python-docx lets through when parts or attributes it relies on are absent.
    except (OpcError, XMLSyntaxError, KeyError, ValueError, AttributeError, IndexError, TypeError, RuntimeError):
        raise unsound from None
    if is_empty:
        raise unsound
    return document
