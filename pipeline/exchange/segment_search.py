"""Looks for the words of coded segments in the transcripts of a study, as tools write such words into tables."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from corpus.codings import NOWHERE, REPEATED, QuoteFinder, Selector, named_transcript
from corpus.solid_text import without_space
from corpus.transcript import Span, Transcript

NEAR = 3
"""Characters by which a table's position may miss the words."""
ABSENT = "its document is not in the study"
SHORTEST = 8
"""Characters, without white space, that a piece of a shortened quotation must have to say where it stands."""
_CUT = re.compile(r"\s*[\[(]?(?:\.{3,}|\u2026)[\])]?\s*")
_NUMBERED = re.compile(r"(?:D\s*)?\d+\s*[:.]?\s+(?=\S)")
"""Before the name of a document in ATLAS.ti."""
_MARKS = str.maketrans(
    {
        mark: plain
        for plain, marks in {
            "'": "\u2018\u2019\u201a\u201b\u02bc\u2032\u00b4`",
            '"': "\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033",
            "-": "\u2010\u2011\u2012\u2013\u2014\u2212",
        }.items()
        for mark in marks
    }
)
"""Typographic marks that programs exchange for plain ones, one character for one."""
Hit = tuple[Transcript, Span]


class SegmentSearch:
    """Looks for words in the transcripts of a study.

    Args:
        transcripts: By name.
    """

    def __init__(self, transcripts: Mapping[str, Transcript]) -> None:
        self._transcripts = transcripts
        self._finders: dict[str, QuoteFinder] = {}
        self.shortened = 0
        """Segments so far of which the table had only the beginning, or the end, or both."""

    def place(self, named: str, words: str, position: str) -> tuple[Transcript | None, Span | None, str]:
        """Return the transcript and the span of words, or what keeps them from being found.

        Args:
            named: The transcript as the table names it; where it names none, all are searched.
            words: Those that were coded.
            position: Where the table says they begin: a character, or a paragraph counted from one.
        """
        asked = named_transcript(named, self._transcripts) if named else None
        if named and asked is None:
            asked = named_transcript(_NUMBERED.sub("", named, count=1), self._transcripts)
        if named and asked is None:
            return None, None, ABSENT
        number = re.match(r"\s*(\d{1,12})(?!\d)", position)
        if asked and number and (span := _exactly_at(asked.text, words, int(number[1]))):
            return asked, span, ""
        searched = [asked] if asked else list(self._transcripts.values())
        hits = self._hits(searched, words) or self._hits(searched, html.unescape(words))
        whole = bool(hits)
        hits = hits or self._hits_of_pieces(searched, html.unescape(words))
        if len(hits) > 1 and number:
            hits = [hit for hit in hits if _is_at(*hit, int(number[1]))] or hits
        if len(hits) == 1:
            self.shortened += not whole
            return *hits[0], ""
        return None, None, REPEATED if hits else NOWHERE

    def _hits(self, transcripts: list[Transcript], words: str) -> list[Hit]:
        return [(transcript, span) for transcript in transcripts for span in self._find(transcript, words)]

    def _hits_of_pieces(self, transcripts: list[Transcript], words: str) -> list[Hit]:
        """Return where a quotation stands that was cut: from its first piece to its last one, as near as they are."""
        pieces = [piece for piece in _CUT.split(words) if piece]
        if not _CUT.search(words) or not pieces or any(len(without_space(piece)) < SHORTEST for piece in pieces):
            return []
        return [(transcript, span) for transcript in transcripts for span in self._stretches(transcript, pieces)]

    def _stretches(self, transcript: Transcript, pieces: list[str]) -> Iterator[Span]:
        for first in self._find(transcript, pieces[0]):
            end: int | None = first.end
            for piece in pieces[1:]:
                ends = (span.end for span in self._find(transcript, piece) if end is not None and span.start >= end)
                end = min(ends, default=None)
            if end is not None:
                yield Span(first.start, end)

    def _find(self, transcript: Transcript, words: str) -> list[Span]:
        if transcript.name not in self._finders:
            plain = replace(transcript, text=transcript.text.translate(_MARKS))
            self._finders[transcript.name] = QuoteFinder(plain)
        return self._finders[transcript.name].find(Selector(words.translate(_MARKS)))


def _exactly_at(text: str, words: str, place: int) -> Span | None:
    """Return the span of words of several characters that begin at a place, or behind the white space there."""
    start = place + len(text[place:]) - len(text[place:].lstrip())
    return Span(start, start + len(words)) if len(words) > NEAR and text.startswith(words, start) else None


def _is_at(transcript: Transcript, span: Span, number: int) -> bool:
    """Tell whether a span begins at a character, or in a paragraph counted with or without the empty ones."""
    before = transcript.text[: span.start]
    paragraphs = {before.count("\n") + 1, sum(1 for line in before.split("\n")[:-1] if line.strip()) + 1}
    return abs(span.start - number) <= NEAR or number in paragraphs
