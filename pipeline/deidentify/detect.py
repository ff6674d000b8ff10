"""Finding what may identify people in one transcript: rules of shape first, names in what is left."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from corpus.readers.names import is_known_shape
from corpus.readers.roles import DEFAULT_INTERVIEWERS, folded, is_interviewer
from corpus.transcript import Role, Span, Transcript
from pipeline.deidentify.kinds import FoundIdentifier, IdentifierKind
from pipeline.deidentify.names import names_in
from pipeline.deidentify.patterns import by_shape

_BEFORE = re.compile(
    r"(?<![\w.,:/\u20ac$\u00a3-])(?:(?:Flat|Apt|Apartment|Unit|Block|Plot|House) [\w/-]{1,6},? )?"
    r"(?:No\.? ?)?\d{1,4}(?:[a-zA-Z]|[/-]\d{1,3})?,? $"
)
_AFTER = re.compile(
    r",? (?:No\.? ?)?\d{1,4}(?:[a-zA-Z]|[/-]\d{1,3})?(?![\w%]|[.,:]\d| ?(?:%|per\b|years?\b|people\b|hours?\b))"
)
LONGEST = 5_000
"""Code points that spaCy sees at once."""


def detect(text: str) -> list[FoundIdentifier]:
    """Return what may identify somebody in a stretch of talk, in order, never overlapping."""
    shaped = list(by_shape(text))
    names = [name for name in names_in(text) if not any(name.span.overlap(other.span) for other in shaped)]
    names = [_with_number(text, name, shaped) for name in names]
    return sorted((*shaped, *names), key=lambda found: found.span)


def _with_number(text: str, name: FoundIdentifier, shaped: Sequence[FoundIdentifier]) -> FoundIdentifier:
    """Take a name with a house number beside it for an address."""
    before, after = _BEFORE.search(text[: name.span.start]), _AFTER.match(text, name.span.end)
    start = before.start() if before else name.span.start
    span = Span(start, after.end() if after else name.span.end)
    if len(span) == len(name.span) or any(span.overlap(other.span) for other in shaped):
        return name
    return FoundIdentifier(span, IdentifierKind.ADDRESS)


def detect_in(transcript: Transcript) -> list[FoundIdentifier]:
    """Return what may identify somebody in a transcript: in each turn, and in what stands between the turns."""
    return [
        FoundIdentifier(Span(found.span.start + piece.start, found.span.end + piece.start), found.kind, found.weak)
        for piece in _pieces(transcript)
        for found in detect(piece.of(transcript.text))
    ]


def named_speakers(transcript: Transcript) -> dict[str, IdentifierKind]:
    """Return the speaker labels that name somebody; ``P01`` and ``Interviewer`` do not."""
    usual = folded(DEFAULT_INTERVIEWERS)
    return {
        turn.speaker: IdentifierKind.INTERVIEWER if turn.role is Role.INTERVIEWER else IdentifierKind.PERSON
        for turn in transcript.turns
        if turn.speaker and not is_known_shape(turn.speaker) and not is_interviewer(turn.speaker, usual)
    }


def _pieces(transcript: Transcript) -> Iterator[Span]:
    """Yield turns, and the lines between them without the labels that open turns."""
    text, position = transcript.text, 0
    for turn in transcript.turns:
        yield from _between(text, position, text.rfind("\n", position, turn.span.start) + 1 or position)
        yield from _cut(text, turn.span)
        position = turn.span.end
    yield from _between(text, position, len(text))


def _between(text: str, start: int, end: int) -> Iterator[Span]:
    for match in re.finditer(r"[^\n]*\S[^\n]*", text[start:end]):
        yield from _cut(text, Span(start + match.start(), start + match.end()))


def _cut(text: str, span: Span) -> Iterator[Span]:
    """Cut long talk at white space."""
    starts = [span.start]
    while span.end - starts[-1] > LONGEST:
        limit = starts[-1] + LONGEST
        blank = text.rfind(" ", starts[-1] + 1, limit)
        starts.append(blank if blank > 0 else limit)
    yield from (Span(start, end) for start, end in pairwise([*starts, span.end]))
