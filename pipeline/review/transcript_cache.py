"""The transcripts that were read last, and the words around a passage."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

from cachetools import LRUCache

from corpus.transcript import Span, Transcript, Turn
from pipeline.review.views import PieceView

if TYPE_CHECKING:
    from pipeline.store import Sentence, StudyStore

TEXTS = 64
"""Transcripts at hand: the next item may be in any of them."""

CUT = 16
"""Transcripts whose sentences are at hand: they take more room and are asked for less."""

LONG = 2_000
"""Characters of a turn that are shown around a passage; a shorter turn is shown whole."""

BLANK = re.compile(r"\s+")
T = TypeVar("T")


class TranscriptCache:
    """Transcripts and their sentences, the last used at hand. Not locked: its owner is.

    Args:
        store: Where they are.
    """

    def __init__(self, store: StudyStore) -> None:
        self._store = store
        self._texts: LRUCache[int, Transcript] = LRUCache(TEXTS)
        self._sentences: LRUCache[int, list[Sentence]] = LRUCache(CUT)

    def forget(self, versions: Iterable[int]) -> None:
        """Read these versions anew when they are asked for again: a run may have read their turns otherwise."""
        for version in versions:
            self._texts.pop(version, None)
            self._sentences.pop(version, None)

    def transcript(self, version: int) -> Transcript:
        """Return the transcript of a version."""
        return _at_hand(self._texts, version, self._store.transcripts.get)

    def sentences(self, version: int) -> list[Sentence]:
        """Return its participant sentences."""
        return _at_hand(self._sentences, version, self._store.runs.sentences)

    def has_sentences(self, version: int) -> bool:
        """Tell whether its sentences are at hand."""
        return version in self._sentences

    def keep_sentences(self, version: int, sentences: list[Sentence]) -> None:
        """Keep sentences that were read elsewhere."""
        self._sentences[version] = sentences

    def context(self, version: int, span: Span) -> tuple[PieceView, ...]:
        """Return the turn in which a passage begins, between its neighbours."""
        transcript = self.transcript(version)
        here = transcript.turn_at(span.start) or 0
        long = len(transcript.turns[here].span) > LONG
        sentences = [sentence.span for sentence in self.sentences(version) if sentence.turn == here] if long else []
        return pieces(transcript, here, span, sentences)


def pieces(transcript: Transcript, here: int, span: Span, sentences: Sequence[Span]) -> tuple[PieceView, ...]:
    """Return a turn with a passage, the turn before it and the turn after it.

    Args:
        transcript: Where they are.
        here: Number of the turn.
        span: The passage.
        sentences: The turn's, at whose ends it may be cut; without any it is cut at blanks.
    """
    turns = transcript.turns
    found = [_piece(transcript.text, turns[here], span, sentences)]
    if here > 0:
        end = turns[here - 1].span.end
        found.insert(0, _piece(transcript.text, turns[here - 1], Span(end - 1, end)))
    if here + 1 < len(turns):
        start = turns[here + 1].span.start
        found.append(_piece(transcript.text, turns[here + 1], Span(start, start + 1)))
    return tuple(found)


def _piece(text: str, turn: Turn, around: Span, sentences: Sequence[Span] = ()) -> PieceView:
    shown = _shown(text, turn.span, around, sentences)
    return PieceView(shown.start, shown.end, turn.speaker, turn.role, shown.of(text))


def _shown(text: str, turn: Span, around: Span, sentences: Sequence[Span]) -> Span:
    """Return what is shown of a turn: all of it, or the sentences within reach of the passage."""
    if len(turn) <= LONG:
        return turn
    room = max(0, LONG - len(around)) // 2
    first, last = max(turn.start, around.start - room), min(turn.end, around.end + room)
    starts = [sentence.start for sentence in sentences] or [
        turn.start + at.end() for at in BLANK.finditer(turn.of(text))
    ]
    ends = [sentence.end for sentence in sentences] or [turn.start + at.start() for at in BLANK.finditer(turn.of(text))]
    begin = min((at for at in [turn.start, *starts] if first <= at <= around.start), default=around.start)
    return Span(begin, max((at for at in [turn.end, *ends] if around.end <= at <= last), default=around.end))


def _at_hand(cache: LRUCache[int, T], version: int, read: Callable[[int], T]) -> T:
    found = cache.get(version)
    if found is None:
        found = cache[version] = read(version)
    return found
