"""Word documents: paragraphs and tables in reading order, as text lines with the bold at their start."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.readers.draft import Draft
from corpus.readers.paragraphs import (
    NoteMark,
    PageTexts,
    Paragraph,
    WordRun,
    draft_of,
    pages_of,
    paragraph_of,
    row_paragraphs,
    settled,
)
from corpus.readers.word_package import open_body
from corpus.speakers import SpeakerSettings

if TYPE_CHECKING:
    from lxml.etree import _Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
# Containers whose content is part of the text: insertions, links, content controls, fields.
# Deletions and text boxes are not among them, which is what leaves them out.
_OPEN = frozenset(
    W + name
    for name in ("ins", "moveTo", "hyperlink", "smartTag", "sdt", "sdtContent", "fldSimple", "customXml", "dir", "bdo")
)
_COMMENTS = frozenset((W + "commentRangeStart", W + "commentRangeEnd"))
_CHARACTERS = {W + "tab": "\t", W + "br": "\n", W + "cr": "\n", W + "noBreakHyphen": "-"}
_LEFT_OUT = {
    W + "txbxContent": ("text box", "text boxes"),
    W + "footnoteReference": ("footnote", "footnotes"),
    W + "endnoteReference": ("endnote", "endnotes"),
    W + "commentReference": ("comment", "comments"),
    W + "delText": ("tracked deletion", "tracked deletions"),
}


def read_word(path: Path, speakers: SpeakerSettings) -> Draft:
    """Read a ``.docx`` transcript; text boxes, notes, comments and tracked deletions are left out and counted.

    Raises:
        InputError: If the file is no sound Word document.
    """
    body = open_body(path)
    return draft_of(word_pages(body), speakers, tuple(_left_out(body)))


def word_pages(body: _Element) -> PageTexts:
    """Return the canonical text of a document's body, with a mark wherever a comment begins, ends or is referred to."""
    return pages_of(_paragraphs(body))


def _paragraphs(element: _Element) -> Iterator[Paragraph]:
    return settled(_items(element))


def _items(element: _Element) -> Iterator[Paragraph | NoteMark]:
    for child in element:
        if child.tag == W + "p":
            yield paragraph_of(_runs(child))
        elif child.tag == W + "tbl":
            for row in _rows(child):
                yield from row_paragraphs([list(_paragraphs(cell)) for cell in _children(row, "tc")])
        elif child.tag in _COMMENTS:
            yield _mark(child)
        elif child.tag in _OPEN:
            yield from _items(child)


def _rows(table: _Element) -> Iterator[_Element]:
    return _children(table, "tr")


def _children(element: _Element, name: str) -> Iterator[_Element]:
    """Yield children of one kind, also those inside content controls and insertions."""
    for child in element:
        if child.tag == W + name:
            yield child
        elif child.tag in _OPEN:
            yield from _children(child, name)


def _runs(element: _Element) -> Iterator[WordRun]:
    for child in element:
        if child.tag == W + "r":
            yield WordRun("".join(_characters(child)), _is_bold(child))
            yield from (WordRun("", mark=_mark(reference)) for reference in child.iterfind(W + "commentReference"))
        elif child.tag in _COMMENTS:
            yield WordRun("", mark=_mark(child))
        elif child.tag in _OPEN:
            yield from _runs(child)


def _mark(element: _Element) -> NoteMark:
    """Return where a comment begins or ends, under its number; a reference marks a place under ``@`` and the number."""
    lead = "@" if element.tag == W + "commentReference" else ""
    return NoteMark(lead + element.get(W + "id", ""), element.tag == W + "commentRangeStart")


def _characters(run: _Element) -> Iterator[str]:
    for child in run:
        if child.tag == W + "t":
            yield (child.text or "").replace("\r", " ").replace("\n", " ")
        else:
            yield _CHARACTERS.get(child.tag, "")


def _is_bold(run: _Element) -> bool:
    mark = run.find(f"{W}rPr/{W}b")
    return mark is not None and mark.get(W + "val") not in ("0", "false", "off")


def _left_out(body: _Element) -> Iterator[str]:
    """Yield one line that counts what was not read."""
    found = (element for element in body.iter(*_LEFT_OUT) if next(element.iterancestors(_FALLBACK), None) is None)
    counts = Counter(element.tag for element in found)
    if counts:
        listed = (f"{counts[tag]} {names[counts[tag] > 1]}" for tag, names in _LEFT_OUT.items() if counts[tag])
        yield f"left out: {', '.join(listed)}"
