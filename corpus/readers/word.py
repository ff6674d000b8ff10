"""Word documents: paragraphs and tables in reading order, as text lines with the bold at their start."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.readers.draft import Draft
from corpus.readers.labels import stamp_alone
from corpus.readers.names import looks_like_name
from corpus.readers.talk import lines_of, utterances_of
from corpus.readers.word_package import open_body

if TYPE_CHECKING:
    from lxml.etree import _Element

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
# Containers whose content is part of the text: insertions, links, content controls, fields.
# Deletions and text boxes are not among them, which is what leaves them out.
_OPEN = frozenset(
    _W + name
    for name in ("ins", "moveTo", "hyperlink", "smartTag", "sdt", "sdtContent", "fldSimple", "customXml", "dir", "bdo")
)
_CHARACTERS = {_W + "tab": "\t", _W + "br": "\n", _W + "cr": "\n", _W + "noBreakHyphen": "-"}
_LEFT_OUT = {
    _W + "txbxContent": ("text box", "text boxes"),
    _W + "footnoteReference": ("footnote", "footnotes"),
    _W + "endnoteReference": ("endnote", "endnotes"),
    _W + "commentReference": ("comment", "comments"),
    _W + "delText": ("tracked deletion", "tracked deletions"),
}


@dataclass(frozen=True, slots=True)
class _Run:
    """Characters of one format."""

    text: str
    bold: bool


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """A paragraph's text and the number of characters at its start that are bold."""

    text: str
    bold: int = 0


def read_word(path: Path, interviewers: Collection[str]) -> Draft:
    """Read a ``.docx`` transcript; text boxes, notes, comments and tracked deletions are left out and counted.

    Raises:
        InputError: If the file is no sound Word document.
    """
    body = open_body(path)
    paragraphs = list(_paragraphs(body))
    text = "\n".join(paragraph.text for paragraph in paragraphs)
    lines = lines_of(text, bold=_bold_by_line(paragraphs))
    return Draft(text, utterances_of(lines, interviewers), tuple(_left_out(body)))


def _bold_by_line(paragraphs: list[_Paragraph]) -> dict[int, int]:
    bold, number = {}, 0
    for paragraph in paragraphs:
        if paragraph.bold:
            bold[number] = min(paragraph.bold, len(paragraph.text.partition("\n")[0]))
        number += 1 + paragraph.text.count("\n")
    return bold


def _paragraphs(element: _Element) -> Iterator[_Paragraph]:
    for child in element:
        if child.tag == _W + "p":
            yield _paragraph(child)
        elif child.tag == _W + "tbl":
            for row in _rows(child):
                yield from _row_paragraphs([list(_paragraphs(cell)) for cell in _children(row, "tc")])
        elif child.tag in _OPEN:
            yield from _paragraphs(child)


def _rows(table: _Element) -> Iterator[_Element]:
    return _children(table, "tr")


def _children(element: _Element, name: str) -> Iterator[_Element]:
    """Yield children of one kind, also those inside content controls and insertions."""
    for child in element:
        if child.tag == _W + name:
            yield child
        elif child.tag in _OPEN:
            yield from _children(child, name)


def _paragraph(element: _Element) -> _Paragraph:
    runs = [run for run in _runs(element) if run.text]
    text = "".join(run.text for run in runs)
    return _Paragraph(text, sum(len(run.text) for run in takewhile(lambda run: run.bold, runs)))


def _runs(element: _Element) -> Iterator[_Run]:
    for child in element:
        if child.tag == _W + "r":
            yield _Run("".join(_characters(child)), _is_bold(child))
        elif child.tag in _OPEN:
            yield from _runs(child)


def _characters(run: _Element) -> Iterator[str]:
    for child in run:
        if child.tag == _W + "t":
            yield (child.text or "").replace("\r", " ").replace("\n", " ")
        else:
            yield _CHARACTERS.get(child.tag, "")


def _is_bold(run: _Element) -> bool:
    mark = run.find(f"{_W}rPr/{_W}b")
    return mark is not None and mark.get(_W + "val") not in ("0", "false", "off")


def _row_paragraphs(cells: list[list[_Paragraph]]) -> Iterator[_Paragraph]:
    """Write a table row as lines: ``time Name: words`` where one cell names the speaker of the next."""
    texts = [" ".join(paragraph.text for paragraph in cell).strip() for cell in cells]
    speaker = _speaker_cell(texts)
    if speaker is None:
        yield from (paragraph for cell in cells for paragraph in cell if paragraph.text.strip())
        return
    stamps = [text for text in texts if stamp_alone(text) is not None]
    following = zip(cells[speaker + 1 :], texts[speaker + 1 :], strict=True)
    words = [paragraph.text for cell, text in following if text not in stamps for paragraph in cell]
    name = texts[speaker].rstrip(" :")
    yield _Paragraph(f"{' '.join([*stamps[:1], name])}: {words[0] if words else ''}")
    yield from map(_Paragraph, words[1:])


def _speaker_cell(texts: list[str]) -> int | None:
    """Return the first cell that looks like a name, if only times and numbers precede it and words follow."""
    for index, text in enumerate(texts):
        if looks_like_name(text):
            following = [later for later in texts[index + 1 :] if later and stamp_alone(later) is None]
            return index if following else None
        if text and not text.isdigit() and stamp_alone(text) is None:
            return None
    return None


def _left_out(body: _Element) -> Iterator[str]:
    """Yield one line that counts what was not read."""
    found = (element for element in body.iter(*_LEFT_OUT) if next(element.iterancestors(_FALLBACK), None) is None)
    counts = Counter(element.tag for element in found)
    if counts:
        listed = (f"{counts[tag]} {names[counts[tag] > 1]}" for tag, names in _LEFT_OUT.items() if counts[tag])
        yield f"left out: {', '.join(listed)}"
