"""Word documents: paragraphs and tables in reading order, as text lines with the bold at their start."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.readers.draft import Draft
from corpus.readers.labels import find_label
from corpus.readers.names import says_role
from corpus.readers.paragraphs import (
    NoteMark,
    PageTexts,
    Paragraph,
    WordRun,
    draft_of,
    in_order,
    pages_of,
    paragraph_of,
    row_paragraphs,
    settled,
)
from corpus.readers.symbols import UNKNOWN, symbol
from corpus.readers.web_page import page_paragraphs
from corpus.readers.word_package import open_document
from corpus.speakers import SpeakerSettings

if TYPE_CHECKING:
    from docx.document import Document
    from lxml.etree import _Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_FALLBACK = _MC + "Fallback"
_EMOJI = "{http://schemas.microsoft.com/office/word/2015/wordml/symex}symEx"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
# Containers whose content is part of the text: insertions, links, content controls, fields.
# Deletions and text boxes are not among them, which is what leaves them out.
_OPEN = frozenset(
    W + name
    for name in ("ins", "moveTo", "hyperlink", "smartTag", "sdt", "sdtContent", "fldSimple", "customXml", "dir", "bdo")
)
_COMMENTS = frozenset((W + "commentRangeStart", W + "commentRangeEnd"))
_CHARACTERS = {W + "tab": "\t", W + "br": "\n", W + "cr": "\n", W + "noBreakHyphen": "-",
               W + "ptab": "\t"}  # fmt: skip
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
    document = open_document(path)
    body = document.element.body
    chunks = chunks_of(document)
    pages = word_pages(body, styles_of(document), chunks)
    unread = sum(chunk.get(_RELATION, "") not in chunks for chunk in body.iter(W + "altChunk"))
    embedded = (f"left out files embedded in it: {unread}; open it in Word and save it again",) if unread else ()
    return draft_of(pages, speakers, (*_left_out(body, pages.text), *embedded))


def word_pages(
    body: _Element, styles: Mapping[str, str] | None = None, chunks: Mapping[str, Sequence[Paragraph]] | None = None
) -> PageTexts:
    """Return the canonical text of a document's body, with a mark wherever a comment begins, ends or is referred to.

    Args:
        body: The element that holds paragraphs and tables.
        styles: Names of paragraph styles by their ids.
        chunks: Paragraphs of embedded files by the ids of their relations; others are left out.
    """
    return pages_of(settled(_Body(styles or {}, chunks or {}).items(body)))


def styles_of(document: Document) -> dict[str, str]:
    """Return the names of a document's paragraph styles by their ids, in lower case."""
    try:
        return {str(style.style_id): str(style.name).casefold() for style in document.styles}
    except (KeyError, ValueError, AttributeError, TypeError):
        return {}  # a document without sound styles


def chunks_of(document: Document) -> dict[str, Sequence[Paragraph]]:
    """Return the paragraphs of the web pages and plain texts that a document embeds, by the ids of their relations."""
    found: dict[str, Sequence[Paragraph]] = {}
    for key, relation in document.part.rels.items():
        if relation.is_external or not relation.reltype.endswith("/aFChunk"):
            continue
        name, blob = str(relation.target_part.partname).casefold(), relation.target_part.blob
        text = blob.decode("utf-16" if blob[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "replace")
        if name.endswith((".html", ".htm", ".xhtml", ".mht")):
            found[str(key)] = page_paragraphs(text) or ()
        elif name.endswith(".txt"):
            found[str(key)] = [Paragraph(line) for line in text.replace("\r\n", "\n").split("\n") if line.strip()]
    return {key: paragraphs for key, paragraphs in found.items() if paragraphs}


class _Body:
    """Walks through a document's body in reading order."""

    def __init__(self, styles: Mapping[str, str], chunks: Mapping[str, Sequence[Paragraph]]) -> None:
        self._styles = styles
        self._chunks = chunks

    def items(self, element: _Element) -> Iterator[Paragraph | NoteMark]:
        """Yield the paragraphs of an element, and the marks between them."""
        for child in element:
            if child.tag == W + "p":
                yield self._paragraph(child)
            elif child.tag == W + "tbl":
                rows = [
                    [list(settled(self.items(cell))) for cell in _children(row, "tc")] for row in _children(child, "tr")
                ]
                for cells in in_order(rows):
                    yield from row_paragraphs(cells)
            elif child.tag == W + "altChunk":
                yield from self._chunks.get(child.get(_RELATION, ""), ())
            elif child.tag in _COMMENTS:
                yield _mark(child)
            elif child.tag in _OPEN:
                yield from self.items(child)
            elif child.tag == _MC + "AlternateContent":
                yield from self.items(_alternative(child))

    def _paragraph(self, element: _Element) -> Paragraph:
        """Return a paragraph; where its style says who speaks, with that as its label."""
        paragraph = paragraph_of(_runs(element))
        style = element.find(f"{W}pPr/{W}pStyle")
        key = style.get(W + "val", "") if style is not None else ""
        name = self._styles.get(key, key.casefold())
        if name.startswith(("heading", "title", "speaker", "berschrift", "\u00fcberschrift", "kop ", "overskrift")):
            return replace(paragraph, heading=True)
        if says_role(name) and paragraph.text.strip() and find_label(paragraph.text, paragraph.bold) is None:
            lead = f"{name.title()}: "
            marks = tuple(mark.moved(len(lead)) for mark in paragraph.marks)
            return Paragraph(lead + paragraph.text, 0, marks, given=True)
        return paragraph


def _alternative(element: _Element) -> _Element:
    """Return what stands for a choice between two ways of saying the same: the one that every program reads."""
    fallback = element.find(_FALLBACK)
    choice = element.find(_MC + "Choice")
    if choice is not None and choice.find(_EMOJI) is not None:
        return choice
    found = fallback if fallback is not None else choice
    return element if found is None else found


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
        elif child.tag in (_MATH + "oMath", _MATH + "oMathPara"):
            yield WordRun("".join(text.text or "" for text in child.iter(_MATH + "t")))
        elif child.tag == _MC + "AlternateContent":
            yield from _runs(_alternative(child))


def _mark(element: _Element) -> NoteMark:
    """Return where a comment begins or ends, under its number; a reference marks a place under ``@`` and the number."""
    lead = "@" if element.tag == W + "commentReference" else ""
    return NoteMark(lead + element.get(W + "id", ""), element.tag == W + "commentRangeStart")


def _characters(run: _Element) -> Iterator[str]:
    for child in run:
        if child.tag == W + "t":
            yield (child.text or "").replace("_x000D_", " ").replace("\r", " ").replace("\n", " ")
        elif child.tag == W + "sym":
            yield symbol(child.get(W + "font", ""), child.get(W + "char", ""))
        elif child.tag == _EMOJI:
            yield symbol("", next((value for key, value in child.items() if key.endswith("char")), ""))
        elif child.tag == _MC + "AlternateContent":
            yield from _characters(_alternative(child))
        elif child.tag == W + "ruby":
            base = child.find(W + "rubyBase")
            yield from (text for inner in (base if base is not None else ()) for text in _characters(inner))
        else:
            yield _CHARACTERS.get(child.tag, "")


def _is_bold(run: _Element) -> bool:
    mark = run.find(f"{W}rPr/{W}b")
    return mark is not None and mark.get(W + "val") not in ("0", "false", "off")


def _left_out(body: _Element, text: str) -> Iterator[str]:
    """Yield one line that counts what was not read."""
    found = (element for element in body.iter(*_LEFT_OUT) if next(element.iterancestors(_FALLBACK), None) is None)
    counts = Counter(element.tag for element in found)
    if counts:
        listed = (f"{counts[tag]} {names[counts[tag] > 1]}" for tag, names in _LEFT_OUT.items() if counts[tag])
        yield f"left out: {', '.join(listed)}"
    if unknown := text.count(UNKNOWN):
        yield f"symbols of a font whose meaning is not known: {unknown}; look at them in Word"
