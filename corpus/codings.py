"""Human codings of transcripts: a span, a code, a coder.

A file gives each span either as offsets (``start``, ``end``) or as a text quote selector of the W3C Web
Annotation model (``exact``, ``prefix``, ``suffix``). A selector is resolved against the canonical text with white
space left out on both sides, so that line breaks and double blanks never decide.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from corpus.codebook import Codebook
from corpus.errors import CodingError
from corpus.rows import TableRow, read_rows
from corpus.solid_text import PlainText, plain_words
from corpus.transcript import Span, Transcript

NOWHERE = "quotation found nowhere in its transcript"
REPEATED = "quotation found more than once (add prefix and suffix)"
OUTSIDE = "start and end are no span of the transcript"
DISAGREES = "the text at start and end is not the quotation in 'exact'"


@dataclass(frozen=True, slots=True)
class Coding:
    """A code that a person gave to a passage.

    Attributes:
        transcript: Name of the transcript.
        span: Into the transcript's canonical text.
    """

    transcript: str
    span: Span
    code: str
    coder: str = "human"


@dataclass(frozen=True, slots=True)
class Selector:
    """A text quote selector; ``speaker`` tells equal quotations of two people apart."""

    exact: str
    prefix: str = ""
    suffix: str = ""
    speaker: str | None = None


class QuoteFinder:
    """Finds quotations in one transcript, whatever white space, hidden marks and forms of accents they have.

    Args:
        transcript: The transcript to search; it is read once, every search after that is linear.
    """

    def __init__(self, transcript: Transcript) -> None:
        self._transcript = transcript
        self._text = PlainText(transcript.text)
        self._turn_starts = [turn.span.start for turn in transcript.turns]

    def find(self, selector: Selector) -> list[Span]:
        """Return every span the selector fits: one if it is a good selector.

        Prefix and suffix decide between equal quotations; where both together fit nowhere they are ignored, since
        a tool may take them across a speaker label. The speaker decides last.
        """
        exact, prefix, suffix = map(plain_words, (selector.exact, selector.prefix, selector.suffix))
        if not exact:
            return []
        in_context = [place + len(prefix) for place in self._text.find(prefix + exact + suffix)]
        spans = [self._text.span(place, len(exact)) for place in in_context or self._text.find(exact)]
        if len(spans) > 1 and selector.speaker:
            return [span for span in spans if self._speaker(span) == selector.speaker] or spans
        return spans

    def _speaker(self, span: Span) -> str | None:
        turn = bisect_right(self._turn_starts, span.start) - 1
        return self._transcript.turns[turn].speaker if turn >= 0 else None


def load_codings(path: Path, transcripts: Mapping[str, Transcript], codebook: Codebook) -> list[Coding]:
    """Read the human codings of ``transcripts`` from JSONL or CSV, in file order.

    Args:
        path: The file.
        transcripts: Every transcript of the study by its name.
        codebook: The framework whose codes the file may use.

    Raises:
        InputError: If the file cannot be read or a line lacks a key.
        CodingError: Listing every line that names an unknown transcript or code, or whose quotation matches
            nothing or more than once. Nothing is dropped silently.
    """
    finders = _Finders()
    codings: list[Coding] = []
    problems: dict[str, list[str]] = {}
    for row in read_rows(path):
        try:
            codings.append(_coding_from(row, transcripts, codebook, finders))
        except _MisfitError as misfit:
            problems.setdefault(str(misfit), []).append(row.place.rpartition(":")[2])
    if problems:
        listed = (f"{problem}: line {', '.join(lines)}" for problem, lines in problems.items())
        raise CodingError(path, "; ".join(listed))
    return codings


def named_transcript(named: str, transcripts: Mapping[str, Transcript]) -> Transcript | None:
    """Return the transcript that a file means: by its name or the path of its file, whatever the accents' form."""
    known = {unicodedata.normalize("NFC", name): transcript for name, transcript in transcripts.items()}
    name = PureWindowsPath(unicodedata.normalize("NFC", named)).name  # knows both ways to write a path
    return transcripts.get(named) or known.get(name) or known.get(PureWindowsPath(name).stem)


class _MisfitError(Exception):
    """What keeps one row from being a coding; collected by ``load_codings``, never seen outside."""


class _Finders(dict[str, QuoteFinder]):
    """One finder for each transcript, made when first asked for."""

    def of(self, transcript: Transcript) -> QuoteFinder:
        if transcript.name not in self:
            self[transcript.name] = QuoteFinder(transcript)
        return self[transcript.name]


def _coding_from(row: TableRow, transcripts: Mapping[str, Transcript], codebook: Codebook, finders: _Finders) -> Coding:
    named, code = row.text("transcript"), row.text("code")
    transcript = named_transcript(named, transcripts)
    if transcript is None:
        raise _MisfitError(f"transcript {named!r} is not in the study")
    code = codebook.current_id(code)
    if code not in codebook.by_id:
        raise _MisfitError(codebook.lacks(code))
    span = _at_offsets(row, transcript) if row.optional("start") else _at_quotation(row, finders.of(transcript))
    return Coding(transcript.name, span, code, row.optional("coder") or "human")


def _at_offsets(row: TableRow, transcript: Transcript) -> Span:
    start, end, exact = row.whole("start"), row.whole("end"), row.optional("exact")
    if not 0 <= start < end <= len(transcript.text):
        raise _MisfitError(OUTSIDE)
    span = Span(start, end)
    if exact and plain_words(exact) != plain_words(span.of(transcript.text)):
        raise _MisfitError(DISAGREES)
    return span


def _at_quotation(row: TableRow, finder: QuoteFinder) -> Span:
    prefix, suffix = row.optional("prefix") or "", row.optional("suffix") or ""
    spans = finder.find(Selector(row.text("exact"), prefix, suffix, row.optional("speaker")))
    if len(spans) != 1:
        raise _MisfitError(REPEATED if spans else NOWHERE)
    return spans[0]
