"""The words of participants, counted once a transcript and speaker; memory holds numbers, never the talk."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from corpus.transcript import Role, Span
from evaluation.analysis.crossing import Numbers
from evaluation.analysis.words import words_of

if TYPE_CHECKING:
    from corpus.transcript import Transcript
    from pipeline.review.speaker_index import Spoken
    from pipeline.store import StudyStore


@dataclass(frozen=True)
class CountedWords:
    """How often one speaker of a transcript says each word.

    Attributes:
        stretch: The first stretch of the transcript in which they speak, see ``Spoken``.
        words: Numbers of words, shape (words,).
        counts: How often each, likewise.
    """

    stretch: int
    words: Numbers
    counts: Numbers


class WordIndex:
    """Counts words. Threads may share one.

    Args:
        store: Where the transcripts are.
    """

    def __init__(self, store: StudyStore) -> None:
        self._store = store
        self._lock = Lock()
        self._numbers: dict[str, int] = {}
        self._known: dict[int, tuple[Spoken, list[CountedWords]]] = {}

    @property
    def vocabulary(self) -> list[str]:
        """All words that were met, by number."""
        with self._lock:
            return [*self._numbers]

    def of(self, version: int, spoken: Spoken) -> list[CountedWords]:
        """Return how often each speaker of a version says each word.

        Args:
            version: Id of the transcript version.
            spoken: Who speaks in it; looked up anew, it is counted anew.
        """
        with self._lock:
            known = self._known.get(version)
            if known is None or known[0] is not spoken:
                transcript = self._store.transcripts.get(version)
                whole = [Span(0, len(transcript.text))] if transcript.text else []
                known = self._known[version] = spoken, self._numbered(_said(transcript, whole), spoken)
            return known[1]

    def within(self, version: int, spoken: Spoken, spans: Iterable[Span]) -> list[CountedWords]:
        """Return the same of what participants say in some passages.

        Args:
            version: Id of the transcript version.
            spoken: Who speaks in it.
            spans: The passages in order, none overlapping.
        """
        said = _said(self._store.transcripts.get(version), spans)
        with self._lock:
            return self._numbered(said, spoken)

    def _numbered(self, said: Iterable[tuple[int, str]], spoken: Spoken) -> list[CountedWords]:
        counters: defaultdict[int, Counter[str]] = defaultdict(Counter)
        first: dict[tuple[tuple[str, str], ...], int] = {}
        for start, text in said:
            stretch = int(spoken.at(np.array([start]))[0])
            counters[first.setdefault(tuple(sorted(spoken.people[stretch].items())), stretch)].update(words_of(text))
        return [
            CountedWords(
                stretch,
                np.array([self._numbers.setdefault(word, len(self._numbers)) for word in counted], dtype=np.int64),
                np.array([*counted.values()], dtype=np.int64),
            )
            for stretch, counted in counters.items()
        ]


def _said(transcript: Transcript, spans: Iterable[Span]) -> Iterator[tuple[int, str]]:
    """Yield where participants begin to speak in passages, and what they say there: no label, no question."""
    turns = [turn.span for turn in transcript.turns if turn.role is Role.PARTICIPANT]
    starts, ends = [turn.start for turn in turns], [turn.end for turn in turns]
    for span in spans:
        for turn in turns[bisect_right(ends, span.start) : bisect_left(starts, span.end)]:
            start = max(turn.start, span.start)
            yield start, transcript.text[start : min(turn.end, span.end)]
