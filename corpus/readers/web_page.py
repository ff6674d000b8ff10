"""Transcripts saved as web pages: noScribe's ``.html``, exports of other tools, and pages inside Word documents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.errors import InputError
from corpus.readers.decode import read_text
from corpus.readers.draft import Draft
from corpus.readers.limits import MARKS, PAGE_CHARACTERS
from corpus.readers.paragraphs import Paragraph, WordRun, draft_of, pages_of, paragraph_of, row_paragraphs
from corpus.speakers import SpeakerSettings

if TYPE_CHECKING:
    from lxml.etree import _Element

_BLOCKS = frozenset(
    ("p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "blockquote", "dt", "dd", "pre", "td",
     "th", "body", "main", "ul", "ol", "dl", "table", "tbody", "thead", "caption")
)  # fmt: skip
_NOT_TALK = frozenset(("script", "style", "head", "title", "noscript", "template", "svg", "nav"))
_BOLD = frozenset(("b", "strong"))
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_SPACES = re.compile(r"[ \t\r\n\f]+")


def read_web_page(path: Path, speakers: SpeakerSettings) -> Draft:
    """Read a ``.html`` transcript.

    Raises:
        InputError: If the file is no text or too large.
    """
    decoded = read_text(path)
    if "<" not in decoded.text:
        raise InputError(path, "is no web page; save plain text as .txt")
    paragraphs = page_paragraphs(decoded.text)
    if paragraphs is None:
        raise InputError(path, "is too large or too deep for a transcript; save it as .docx or .txt")
    return draft_of(pages_of(paragraphs), speakers, decoded.warnings)


def page_paragraphs(source: str) -> list[Paragraph] | None:
    """Return the paragraphs of a web page that are not blank, None if it is too large or no page."""
    from lxml import etree

    if len(source) > PAGE_CHARACTERS or source.count("<") > MARKS:
        return None
    clean = re.sub(r"^\s*<\?xml[^>]*\?>", "", source).replace("\0", "")
    try:
        parser = etree.HTMLParser(no_network=True, encoding="utf-8", huge_tree=False)
        root = etree.fromstring(clean.encode("utf-8", "replace"), parser)
        found = [] if root is None else list(_paragraphs(root))
    except (etree.XMLSyntaxError, ValueError, RecursionError):
        return None
    return [paragraph for paragraph in found if paragraph.text.strip()]


def _paragraphs(element: _Element) -> Iterator[Paragraph]:
    """Yield the paragraphs of a block: its own words, and those of the blocks in it."""
    runs: list[WordRun] = []
    for part in _parts(element, bold=False):
        if isinstance(part, WordRun):
            runs.append(part)
        else:
            yield _tidied(runs, heading=element.tag in _HEADINGS)
            runs = []
            if part.tag == "tr":
                cells = [
                    [line for line in _paragraphs(cell) if line.text.strip()]
                    for cell in part
                    if cell.tag in ("td", "th")
                ]
                yield from row_paragraphs(cells)
            else:
                yield from _paragraphs(part)
    yield _tidied(runs, heading=element.tag in _HEADINGS)


def _parts(element: _Element, *, bold: bool) -> Iterator[WordRun | _Element]:
    """Yield runs of words and the blocks between them."""
    yield WordRun(_SPACES.sub(" ", element.text or ""), bold)
    for child in element:
        if child.tag in _BLOCKS or child.tag == "tr":
            yield child
        elif child.tag == "br":
            yield WordRun("\n")
        elif isinstance(child.tag, str) and child.tag not in _NOT_TALK:
            style = (child.get("style") or "").replace(" ", "").casefold()
            yield from _parts(child, bold=bold or child.tag in _BOLD or "font-weight:bold" in style
                              or re.search(r"font-weight:[6-9]00", style) is not None)  # fmt: skip
        yield WordRun(_SPACES.sub(" ", child.tail or ""), bold)


def _tidied(runs: list[WordRun], *, heading: bool) -> Paragraph:
    """Put runs together; blanks around a line break and at the start are the page's, not the talk's."""
    filled = list(runs)
    while filled and not filled[0].text.strip():
        filled.pop(0)
    if filled:
        filled[0] = WordRun(filled[0].text.lstrip(), filled[0].bold)
    paragraph = paragraph_of(filled)
    text = re.sub(r" *\n *", "\n", paragraph.text).rstrip()
    return Paragraph(text, min(paragraph.bold, len(text)), heading=heading)
