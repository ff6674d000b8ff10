"""OpenDocument texts (LibreOffice, OpenOffice): paragraphs and tables in reading order."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.errors import InputError
from corpus.readers.archive import ArchiveKind, parse_archive
from corpus.readers.draft import Draft
from corpus.readers.paragraphs import Paragraph, WordRun, draft_of, pages_of, paragraph_of, row_paragraphs
from corpus.speakers import SpeakerSettings

if TYPE_CHECKING:
    from lxml.etree import _Element

OPEN_DOCUMENT = ArchiveKind("an OpenDocument text", ".odt")
MOST_BLANKS = 100
"""Largest run of blanks one element may stand for; files from outside may claim any number."""

_NAMESPACE = "urn:oasis:names:tc:opendocument:xmlns:{}:1.0"
_OFFICE, _TEXT, _TABLE, _STYLE, _DRAW = (
    f"{{{_NAMESPACE.format(name)}}}" for name in ("office", "text", "table", "style", "drawing")
)
_BOLD = f"{{{_NAMESPACE.format('xsl-fo-compatible')}}}font-weight"
_PARAGRAPHS = frozenset((_TEXT + "p", _TEXT + "h"))
_TRACKED = _TEXT + "tracked-changes"
_LEFT_OUT = {
    _DRAW + "text-box": ("text box", "text boxes"),
    _TEXT + "note": ("note", "notes"),
    _OFFICE + "annotation": ("comment", "comments"),
    _TEXT + "changed-region": ("tracked change", "tracked changes"),
}
# Containers whose content is no talk.
_CLOSED = frozenset((*_LEFT_OUT, _TRACKED, _DRAW + "frame", _TEXT + "table-of-content", _TEXT + "ruby-text"))


def read_open_document(path: Path, speakers: SpeakerSettings) -> Draft:
    """Read an ``.odt`` transcript; text boxes, notes, comments and tracked deletions are left out and counted.

    Raises:
        InputError: If the file is no sound OpenDocument text.
    """
    root = parse_archive(path, OPEN_DOCUMENT, lambda data: _content(path, data))
    body = root.find(f"{_OFFICE}body/{_OFFICE}text")
    if body is None:
        raise InputError(path, "is an OpenDocument file, but no text; save it as .odt")
    pages = pages_of(_paragraphs(body, _bold_styles(root)))
    return draft_of(pages, speakers, tuple(_left_out(body)))


def _content(path: Path, data: bytes) -> _Element:
    from lxml import etree

    unsound = InputError(path, "is a zip archive but no sound OpenDocument text; save it as .odt again")
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            root: _Element = etree.fromstring(archive.read("content.xml"), parser)
    except (KeyError, RuntimeError, etree.XMLSyntaxError):
        raise unsound from None
    return root


def _bold_styles(root: _Element) -> frozenset[str]:
    """Return the names of the automatic styles that set characters in bold."""
    styles = root.iterfind(f"{_OFFICE}automatic-styles/{_STYLE}style")
    weights = ((style.get(_STYLE + "name", ""), style.find(_STYLE + "text-properties")) for style in styles)
    return frozenset(name for name, weight in weights if weight is not None and weight.get(_BOLD) == "bold")


def _paragraphs(element: _Element, bold: frozenset[str]) -> Iterator[Paragraph]:
    for child in element:
        if child.tag in _PARAGRAPHS:
            paragraph = paragraph_of(_runs(child, bold, heavy=child.get(_TEXT + "style-name") in bold))
            yield replace(paragraph, heading=child.tag == _TEXT + "h")
        elif child.tag == _TABLE + "table-row":
            yield from row_paragraphs([list(_paragraphs(cell, bold)) for cell in child.iterfind(_TABLE + "table-cell")])
        elif isinstance(child.tag, str) and child.tag not in _CLOSED:
            yield from _paragraphs(child, bold)


def _runs(element: _Element, bold: frozenset[str], *, heavy: bool) -> Iterator[WordRun]:
    yield WordRun(_folded(element.text), heavy)
    for child in element:
        if child.tag == _TEXT + "s":
            yield WordRun(" " * _blanks(child), heavy)
        elif child.tag in _CHARACTERS:
            yield WordRun(_CHARACTERS[child.tag], heavy)
        elif isinstance(child.tag, str) and child.tag not in _CLOSED:
            yield from _runs(child, bold, heavy=heavy or child.get(_TEXT + "style-name") in bold)
        yield WordRun(_folded(child.tail), heavy)


_CHARACTERS = {_TEXT + "tab": "\t", _TEXT + "line-break": "\n"}


def _blanks(element: _Element) -> int:
    count = element.get(_TEXT + "c", "1")
    return min(int(count), MOST_BLANKS) if count.isdecimal() and len(count) < 10 else 1


def _folded(text: str | None) -> str:
    """White space in the file is one blank, by the format's rules; more of it is written as elements."""
    if not text or text.isspace():
        return " " if text else ""
    lead, trail = text[0].isspace(), text[-1].isspace()
    return " " * lead + " ".join(text.split()) + " " * trail


def _left_out(body: _Element) -> Iterator[str]:
    """Yield one line that counts what was not read."""
    counts = Counter(element.tag for element in body.iter(*_LEFT_OUT))
    if counts:
        listed = (f"{counts[tag]} {names[counts[tag] > 1]}" for tag, names in _LEFT_OUT.items() if counts[tag])
        yield f"left out: {', '.join(listed)}"
