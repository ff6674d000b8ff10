"""Opens a Word file with python-docx, once its archive is known to be harmless."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from corpus.errors import InputError
from corpus.readers.archive import ArchiveKind, parse_archive

WORD = ArchiveKind("a Word document", ".docx")


def open_document(path: Path) -> Any:  # noqa: ANN401 - python-docx ships no types
    """Return a Word document as python-docx reads it.

    Raises:
        InputError: If the file is no sound, unprotected ``.docx`` of sane size.
    """
    return parse_archive(path, WORD, lambda data: _parse(path, data))


def _parse(path: Path, data: bytes) -> Any:  # noqa: ANN401 - as above
    import docx
    from docx.opc.exceptions import OpcError
    from lxml.etree import XMLSyntaxError

    try:
        document = docx.Document(io.BytesIO(data))
        document.element.body  # noqa: B018 - raises here, where its errors are told, if there is none
    # What python-docx lets through when parts or attributes it relies on are absent.
    except (OpcError, XMLSyntaxError, KeyError, ValueError, AttributeError, IndexError, TypeError, RuntimeError):
        raise _unsound(path) from None
    return document


def _unsound(path: Path) -> InputError:
    return InputError(path, "is a zip archive but no sound Word document; save it as .docx again")
