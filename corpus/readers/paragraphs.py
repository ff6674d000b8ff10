"""Paragraphs of word processors: runs of characters, rows of tables, and marks that stay where they are in the text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from corpus.readers.draft import Draft
from corpus.readers.names import LONGEST, could_be_name, looks_like_name, says_role, tidy
from corpus.readers.sheet import HEADINGS
from corpus.readers.stamps import stamp_alone
from corpus.readers.talk import find_talk, lines_of
from corpus.speakers import SpeakerSettings


@dataclass(frozen=True, slots=True)
class NoteMark:
    """A place between two characters that something else points at: where a comment begins or ends.

    Attributes:
        key: What points at it.
        opens: Whether a stretch begins here.
        offset: Characters of the paragraph (or of the text) before it.
    """

    key: str
    opens: bool
    offset: int = 0

    def moved(self, distance: int) -> NoteMark:
        """Return the mark that many characters further on."""
        return NoteMark(self.key, self.opens, self.offset + distance)


@dataclass(frozen=True, slots=True)
class WordRun:
    """Characters of one format, or a mark between two of them."""

    text: str
    bold: bool = False
    mark: NoteMark | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph's text and the number of characters at its start that are bold.

    Attributes:
        marks: Places in it that something points at.
        heading: Whether it is set as a heading.
        given: Whether it begins with a speaker who stood in a cell of a table.
    """

    text: str
    bold: int = 0
    marks: tuple[NoteMark, ...] = ()
    heading: bool = False
    given: bool = False


@dataclass(frozen=True, slots=True)
class PageTexts:
    """The canonical text of a document with its marks, their offsets counted from the start of the text.

    Attributes:
        bold: Number of bold characters at the start of a line, by line number.
        headings: Numbers of lines that are headings.
        given: Numbers of lines whose label stood in a cell of its own.
    """

    text: str
    bold: dict[int, int]
    marks: tuple[NoteMark, ...]
    headings: frozenset[int] = frozenset()
    given: frozenset[int] = frozenset()


def paragraph_of(runs: Iterable[WordRun]) -> Paragraph:
    """Put the runs of a paragraph together."""
    filled = [run for run in runs if run.text or run.mark]
    marks, length = [], 0
    for run in filled:
        if run.mark is not None:
            marks.append(run.mark.moved(length))
        length += len(run.text)
    bold = takewhile(lambda run: run.bold, (run for run in filled if run.text))
    return Paragraph("".join(run.text for run in filled), sum(len(run.text) for run in bold), tuple(marks))


def settled(items: Iterable[Paragraph | NoteMark]) -> Iterator[Paragraph]:
    """Give marks that stand between paragraphs to the end of the one before, else to the start of the one after."""
    waiting: list[NoteMark] = []
    held: Paragraph | None = None
    for item in items:
        if isinstance(item, NoteMark):
            waiting.append(NoteMark(item.key, item.opens))
        else:
            if held is not None:
                yield _ended(held, waiting)
                waiting = []
            held = replace(item, marks=(*waiting, *item.marks)) if waiting else item
            waiting = []
    if held is not None:
        yield _ended(held, waiting)


def _ended(paragraph: Paragraph, marks: Sequence[NoteMark]) -> Paragraph:
    return replace(paragraph, marks=(*paragraph.marks, *(mark.moved(len(paragraph.text)) for mark in marks)))


def pages_of(paragraphs: Iterable[Paragraph]) -> PageTexts:
    """Write paragraphs as lines."""
    texts: list[str] = []
    bold: dict[int, int] = {}
    marks: list[NoteMark] = []
    headings: set[int] = set()
    given: set[int] = set()
    number = start = 0
    for paragraph in paragraphs:
        if paragraph.bold:
            bold[number] = min(paragraph.bold, len(paragraph.text.partition("\n")[0]))
        if paragraph.heading:
            headings.add(number)
        if paragraph.given:
            given.add(number)
        marks.extend(mark.moved(start) for mark in paragraph.marks)
        texts.append(paragraph.text)
        number += 1 + paragraph.text.count("\n")
        start += len(paragraph.text) + 1
    return PageTexts("\n".join(texts), bold, tuple(marks), frozenset(headings), frozenset(given))


def draft_of(pages: PageTexts, speakers: SpeakerSettings, warnings: tuple[str, ...] = ()) -> Draft:
    """Find who speaks where in a document.

    Args:
        pages: Its canonical text and what is known of its lines.
        speakers: What the study says about who asks and who answers.
        warnings: What there was to say before, for instance about parts that are left out.
    """
    lines = lines_of(pages.text, bold=pages.bold, headings=pages.headings, given=pages.given)
    talk = find_talk(lines, speakers, text=pages.text)
    return Draft(pages.text, talk.utterances, (*warnings, *talk.warnings))


def row_paragraphs(cells: Sequence[Sequence[Paragraph]]) -> Iterator[Paragraph]:
    """Write a table row as lines: ``time Name: words`` where one cell names the speaker of the next."""
    texts = [" ".join(paragraph.text for paragraph in cell).strip() for cell in cells]
    speaker = _speaker_cell(texts)
    if speaker is None:
        inside = (paragraph for cell in cells for paragraph in cell)
        # Blank paragraphs are left out, but not their marks.
        yield from settled(item for each in inside for item in ([each] if each.text.strip() else each.marks))
        return
    stamps = [text for text in texts if stamp_alone(text) is not None]
    following = list(zip(cells[speaker + 1 :], texts[speaker + 1 :], strict=True))
    words = [paragraph for cell, text in following if text not in stamps for paragraph in cell]
    others = [*cells[: speaker + 1], *(cell for cell, text in following if text in stamps)]
    lead = f"{' '.join([*stamps[:1], texts[speaker].rstrip(' :')])}: "
    # Marks of cells that became part of the lead stand before it.
    aside = tuple(NoteMark(mark.key, mark.opens) for cell in others for paragraph in cell for mark in paragraph.marks)
    first = words[0] if words else Paragraph("")
    yield Paragraph(lead + first.text, 0, (*aside, *(mark.moved(len(lead)) for mark in first.marks)), given=True)
    yield from (Paragraph(paragraph.text, 0, paragraph.marks) for paragraph in words[1:])


def _may_name_speaker(text: str) -> bool:
    """Tell whether a cell that stands before words could hold who says them."""
    if len(text) >= LONGEST or "\n" in text:
        return False
    named = could_be_name(text) and len(text.split()) <= 4 and text[:1].isalpha() and not text[:1].islower()
    return looks_like_name(text) or says_role(tidy(text)) or named


def in_order(rows: Sequence[Sequence[Sequence[Paragraph]]]) -> list[Sequence[Sequence[Paragraph]]]:
    """Return the rows of a table with time and speaker before the words, where its first row says which is which."""
    headings = [" ".join(p.text for p in cell).casefold().strip() for cell in rows[0]] if rows else []
    found = {
        name: next((n for n, heading in enumerate(headings) if heading in HEADINGS[name]), None)
        for name in ("span", "start", "speaker", "words")
    }
    if found["speaker"] is None or found["words"] is None:
        return list(rows)
    if found["speaker"] < found["words"]:
        return list(rows[1:])
    order = [n for n in found.values() if n is not None]
    return [[row[n] for n in order if n < len(row)] for row in rows[1:]]


def _speaker_cell(texts: Sequence[str]) -> int | None:
    """Return the first cell that looks like a name, if only times and numbers precede it and words follow."""
    for index, text in enumerate(texts):
        if _may_name_speaker(text):
            following = [later for later in texts[index + 1 :] if later and stamp_alone(later) is None]
            return index if following else None
        if text and not text.isdigit() and stamp_alone(text) is None:
            return None
    return None
