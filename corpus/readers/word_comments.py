"""Comments of a Word transcript that carry codes: coding as people do it without a tool."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.errors import InputError
from corpus.readers.paragraphs import PageTexts
from corpus.readers.word import W, chunks_of, styles_of, word_pages
from corpus.readers.word_package import open_document
from corpus.transcript import Span

if TYPE_CHECKING:
    from docx.document import Document
    from lxml.etree import _Element

_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_W15 = "{http://schemas.microsoft.com/office/word/2012/wordml}"
_BREAKS = re.compile(r"[;\n]")


@dataclass(frozen=True, slots=True)
class CommentCoding:
    """A comment on a passage of a Word transcript.

    Attributes:
        span: What is commented on, in the canonical text of the transcript that ``read_transcript`` reads from the
            same file, without white space around it; the whole paragraph where the comment stands on no text.
        text: The words of the comment; its paragraphs are lines.
        codes: Its parts between semicolons and line breaks: names or ids of codes, not checked against any codebook.
        author: The coder, empty where the file does not say.
        date: As the file says, ISO 8601, None where it does not.
        reply: Whether it answers another comment; its span is then that comment's.
    """

    span: Span
    text: str
    codes: tuple[str, ...]
    author: str
    date: str | None = None
    reply: bool = False


def codings_in(path: Path) -> list[CommentCoding]:
    """Return the comments of a ``.docx`` transcript in the order in which the file lists them.

    Comments without a word, and comments on no text at all (in headers, notes or text boxes), are no codings.

    Raises:
        InputError: If the file is no sound Word document.
    """
    document = open_document(path)
    pages = word_pages(document.element.body, styles_of(document), chunks_of(document))
    root = _part(path, document, "/comments")
    comments = [] if root is None else list(root.iter(W + "comment"))
    parents = _parents(comments, _part(path, document, "/commentsExtended"))
    return list(_codings(pages, comments, parents))


def _codings(pages: PageTexts, comments: list[_Element], parents: Mapping[str, str]) -> Iterator[CommentCoding]:
    spans = _spans(pages)
    for comment in comments:
        key = comment.get(W + "id", "")
        text = _text(comment)
        span = spans.get(parents.get(key, key)) or spans.get(key)
        if span is not None and text:
            codes = tuple(part.strip() for part in _BREAKS.split(text) if part.strip())
            author, date = comment.get(W + "author", "").strip(), comment.get(W + "date")
            yield CommentCoding(span, text, codes, author, date, key in parents)


def _spans(pages: PageTexts) -> dict[str, Span]:
    """Return what each comment is about, by the comment's number."""
    opened = {mark.key: mark.offset for mark in reversed(pages.marks) if mark.opens}
    closed = {mark.key: mark.offset for mark in pages.marks if not mark.opens}
    found: dict[str, Span] = {}
    for key in dict.fromkeys(mark.key.removeprefix("@") for mark in pages.marks):
        place = closed.get("@" + key, opened.get(key, closed.get(key, 0)))
        span = _trimmed(pages.text, opened.get(key, place), closed.get(key, place)) or _paragraph(pages.text, place)
        if span is not None:
            found[key] = span
    return found


def _paragraph(text: str, place: int) -> Span | None:
    start = text.rfind("\n", 0, place) + 1
    end = text.find("\n", place)
    return _trimmed(text, start, len(text) if end < 0 else end)


def _trimmed(text: str, start: int, end: int) -> Span | None:
    stretch = text[start:end]
    if not stretch.strip():
        return None
    start += len(stretch) - len(stretch.lstrip())
    return Span(start, start + len(stretch.strip()))


def _part(path: Path, document: Document, ending: str) -> _Element | None:
    """Return the root of the part that the document relates to by a kind of relation, None without one."""
    from lxml import etree

    parts = (
        relation.target_part
        for relation in document.part.rels.values()
        if not relation.is_external and relation.reltype.endswith(ending)
    )
    blob = next((part.blob for part in parts), None)
    if blob is None:
        return None
    try:
        root: _Element = etree.fromstring(blob, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        raise InputError(path, "has comments that cannot be read; open it in Word and save it again") from None
    return root


def _text(comment: _Element) -> str:
    lines = ("".join(piece.text or "" for piece in line.iter(W + "t")).strip() for line in comment.iter(W + "p"))
    return "\n".join(lines).strip()


def _parents(comments: list[_Element], extended: _Element | None) -> dict[str, str]:
    """Return the number of the comment that each reply answers; replies are told by their last paragraph."""
    if extended is None:
        return {}
    numbers = {
        line.get(_W14 + "paraId"): comment.get(W + "id", "") for comment in comments for line in comment.iter(W + "p")
    }
    above = {line.get(_W15 + "paraId"): line.get(_W15 + "paraIdParent") for line in extended.iter(_W15 + "commentEx")}
    return {numbers[own]: numbers[parent] for own, parent in above.items() if own in numbers and parent in numbers}
