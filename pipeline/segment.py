"""Sentences inside turns: the units that are embedded, scored and merged into passages."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from corpus.transcript import Segment, Span, Transcript, Turn
from pipeline.clauses import clause_starts
from pipeline.languages import ENGLISH
from pipeline.notes import is_spoken, whole_spans
from pipeline.spacy_models import english_documents, ruled_documents

if TYPE_CHECKING:
    from spacy.tokens import Doc

SEGMENTER = "clauses/v2"
LONGEST_CHUNK = 20_000
"""Code points spaCy sees at once; longer turns are cut at white space so that memory stays flat."""

Splitter = Callable[[str], list[int]]
"""Gives the offsets at which sentences start; the first is 0."""


def segment(transcript: Transcript, *, language: str = ENGLISH, starts_of: Splitter | None = None) -> list[Segment]:
    """Cut every turn into sentences, and what goes on without full stops into clauses.

    Segments lie inside turns, never overlap, and together cover every character that is not white space. None cuts a
    transcriber's note in two or consists of marks and notes alone, unless the turn does.

    Args:
        transcript: The transcript to cut.
        language: ISO 639-1; English is cut by spaCy's ``senter``, any other by rules.
        starts_of: Another sentence splitter.
    """
    whole = senter_starts if language == ENGLISH else partial(ruled_starts, language=language)
    talk = list(transcript.talk())
    chunks = [list(_chunks(words)) for _, words in talk]
    texts = [chunk.of(words) for (_, words), cut in zip(talk, chunks, strict=True) for chunk in cut]
    found = iter(map(starts_of, texts) if starts_of else whole(texts))
    starts = [[chunk.start + start for chunk in cut for start in next(found)] for cut in chunks]
    return segments_of(
        transcript,
        [list(_sentences(turn, words, begun, language)) for (turn, words), begun in zip(talk, starts, strict=True)],
    )


def segments_of(transcript: Transcript, pieces: Sequence[Sequence[Span]]) -> list[Segment]:
    """Return the segments of a transcript that is cut already.

    Args:
        transcript: The transcript.
        pieces: For each of its turns, which stretches of the text its segments cover, in order.
    """
    return [
        Segment(
            id=f"t{index:04d}s{n:03d}",
            span=span,
            turn=index,
            speaker=turn.speaker,
            role=turn.role,
            started=moment(turn, (span.start - turn.span.start) / len(turn.span)),
        )
        for index, (turn, spans) in enumerate(zip(transcript.turns, pieces, strict=True))
        for n, span in enumerate(spans)
    ]


def _sentences(turn: Turn, words: str, begun: Sequence[int], language: str) -> Iterator[Span]:
    """Yield the trimmed sentences of a turn as spans of the transcript.

    Args:
        turn: Whose breaks and pauses are places to cut.
        words: Its text.
        begun: Where sentences start in it.
        language: ISO 639-1.
    """
    starts = _in_whole_notes(words, begun)
    pieces = [
        start + inner
        for start, end in pairwise([*starts, len(words)])
        for inner in (0, *_clause_starts(turn, words, Span(start, end), language))
    ]
    for start, end in pairwise([*_spoken(words, _in_whole_notes(words, pieces)), len(words)]):
        piece = words[start:end]
        if piece.strip():
            first = turn.span.start + start
            yield Span(first + len(piece) - len(piece.lstrip()), first + len(piece.rstrip()))


def _clause_starts(turn: Turn, words: str, sentence: Span, language: str) -> list[int]:
    """Return where clauses of a sentence begin, relative to the sentence.

    Args:
        turn: The turn it is in.
        words: The turn's text.
        sentence: Relative to the turn.
        language: ISO 639-1.
    """
    first, last = turn.span.start + sentence.start, turn.span.start + sentence.end
    breaks, pauses = (
        [place - first for place in places[bisect_left(places, first) : bisect_left(places, last)]]
        for places in (turn.breaks, turn.pauses)
    )
    return clause_starts(sentence.of(words), language, breaks, pauses)


def _in_whole_notes(words: str, starts: Sequence[int]) -> list[int]:
    """Leave out the starts that would cut a note."""
    inside = {place for note in whole_spans(words) for place in range(note.start + 1, note.end)}
    return [start for start in starts if start not in inside]


def _spoken(words: str, starts: Sequence[int]) -> Iterator[int]:
    """Join a piece without a spoken word to the one before, at the beginning of a turn to the one after."""
    begun = False
    for start, end in pairwise([*starts, len(words)]):
        spoken = is_spoken(words[start:end])
        if not begun:
            yield 0
            begun = True
            waiting = not spoken
        elif waiting:
            waiting = not spoken
        elif spoken:
            yield start


def _chunks(words: str) -> Iterator[Span]:
    """Cut long talk at the last white space before the limit."""
    start = 0
    while len(words) - start > LONGEST_CHUNK:
        limit = start + LONGEST_CHUNK
        spaces = [match.end() for match in re.finditer(r"\s", words[start:limit])]
        end = start + spaces[-1] if spaces else limit
        yield Span(start, end)
        start = end
    if start < len(words):
        yield Span(start, len(words))


def moment(turn: Turn, share: float) -> float | None:
    """Return the time at ``share`` (0 to 1) of a turn; talk is taken to run at an even pace."""
    if turn.started is None:
        return None
    return turn.started + share * ((turn.ended or turn.started) - turn.started)


def senter_starts(texts: Sequence[str]) -> Iterator[list[int]]:
    """Yield the sentence starts of English texts, by spaCy's ``senter``."""
    return map(_sentence_starts, english_documents(texts, "senter"))


def ruled_starts(texts: Sequence[str], *, language: str) -> Iterator[list[int]]:
    """Yield the sentence starts of texts of any language that spaCy has data for, by its marks and abbreviations."""
    return map(_sentence_starts, ruled_documents(texts, language))


def _sentence_starts(document: Doc) -> list[int]:
    return [0, *(sentence.start_char for sentence in document.sents if sentence.start_char > 0)]
