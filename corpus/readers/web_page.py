"""Transcripts saved as web pages: noScribe's ``.html``, exports of other tools, and pages inside Word documents."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import dropwhile, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.errors import InputError
from corpus.readers.decode import read_text
from corpus.readers.draft import Draft, Utterance
from corpus.readers.limits import MARKS, PAGE_CHARACTERS
from corpus.readers.paragraphs import NoteMark, Paragraph, WordRun, draft_of, pages_of, paragraph_of, row_paragraphs
from corpus.readers.spoken import SHORT_PAUSE_SECONDS
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
_PIECE = re.compile(r"ts_\d{1,9}_\d{1,9}(?:_|$)")
"""How noScribe names a piece: from and to in milliseconds, and whose it is."""
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
    pages = pages_of(paragraphs)
    draft = draft_of(pages, speakers, decoded.warnings)
    return replace(draft, utterances=tuple(_timed(draft, pages.marks)))


def page_paragraphs(source: str) -> list[Paragraph] | None:
    """Return the paragraphs of a web page that are not blank, None if it is too large or no page.

    Marks in them are noScribe's: where pieces that it recognised begin, with their times.
    """
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


def _timed(draft: Draft, marks: Sequence[NoteMark]) -> Iterator[Utterance]:
    """Yield the utterances of a page with the times and pieces that noScribe marks in it."""
    times = [tuple(int(n) / 1000 for n in mark.key.split("_")[1:3]) for mark in marks]
    pieces = [(mark.offset, begun, over) for mark, (begun, over) in zip(marks, times, strict=True)]
    begin = 0
    for said in draft.utterances:
        own = [piece for piece in pieces if begin <= piece[0] < said.span.end]
        begin = said.span.end
        if not own or said.started is not None:
            yield said
            continue
        at = [place + len(draft.text[place:]) - len(draft.text[place:].lstrip()) for place, _, _ in own[1:]]
        inside = [place if said.span.start < place < said.span.end else None for place in at]
        silent = [after[1] - before[2] > SHORT_PAUSE_SECONDS for before, after in pairwise(own)]
        yield replace(
            said,
            started=own[0][1],
            ended=max(own[0][1], *(end for _, _, end in own)),
            breaks=tuple(place for place in inside if place is not None),
            pauses=tuple(place for place, held in zip(inside, silent, strict=True) if place is not None and held),
        )


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
            if child.tag == "a" and _PIECE.match(child.get("name") or ""):
                yield WordRun("", mark=NoteMark(str(child.get("name")), opens=True))
            style = (child.get("style") or "").replace(" ", "").casefold()
            yield from _parts(child, bold=bold or child.tag in _BOLD or "font-weight:bold" in style
                              or re.search(r"font-weight:[6-9]00", style) is not None)  # fmt: skip
        yield WordRun(_SPACES.sub(" ", child.tail or ""), bold)


def _tidied(runs: list[WordRun], *, heading: bool) -> Paragraph:
    """Put runs together; blanks around a line break and at the start are the page's, not the talk's."""
    filled = list(dropwhile(lambda run: not run.text.strip(), runs))
    marks = tuple(run.mark for run in runs[: len(runs) - len(filled)] if run.mark)
    if filled:
        filled[0] = WordRun(filled[0].text.lstrip(), filled[0].bold)
    paragraph = paragraph_of(filled)
    text = _at_breaks(paragraph.text).rstrip()
    marks += tuple(replace(mark, offset=len(_at_breaks(paragraph.text[: mark.offset]))) for mark in paragraph.marks)
    return Paragraph(text, min(paragraph.bold, len(text)), marks, heading=heading)


def _at_breaks(text: str) -> str:
    return re.sub(r" *\n *", "\n", text)
