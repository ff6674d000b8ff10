"""Highlights as Taguette exports them: a table of document, tag and the words, without a place in the document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from corpus.codings import NOWHERE, REPEATED, QuoteFinder, Selector, named_transcript
from corpus.rows import TableRow
from corpus.transcript import Span, Transcript

COLUMNS = ("document", "tag", "content")


@dataclass(frozen=True, slots=True)
class Highlight:
    """One highlight with one of its tags.

    Attributes:
        span: Into the transcript; None where the words do not say where they stand.
        problem: Why there is no span, empty if there is one.
    """

    transcript: str
    tag: str
    words: str
    span: Span | None
    problem: str = ""


def highlights_in(rows: Iterable[TableRow], transcripts: Mapping[str, Transcript]) -> list[Highlight]:
    """Return the tagged highlights of a table, each at its place where the words occur once in their transcript.

    Raises:
        InputError: If a row lacks its document or its words.
    """
    finders = {name: QuoteFinder(transcript) for name, transcript in transcripts.items()}
    return [_highlight(row, transcripts, finders) for row in rows if row.optional("tag")]


def _highlight(row: TableRow, known: Mapping[str, Transcript], finders: Mapping[str, QuoteFinder]) -> Highlight:
    named, tag, words = row.text("document"), row.text("tag").strip(), row.text("content")
    transcript = named_transcript(named, known)
    if transcript is None:
        return Highlight(named, tag, words, None, "its document is not in the study")
    spans = finders[transcript.name].find(Selector(words))
    if len(spans) == 1:
        return Highlight(transcript.name, tag, words, spans[0])
    return Highlight(transcript.name, tag, words, None, REPEATED if spans else NOWHERE)
