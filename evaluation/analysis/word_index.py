"""The words of participants, counted once a transcript and speaker; memory holds numbers, never the talk."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from corpus.transcript import Role, Span
from evaluation.analysis.crossing import Numbers
from evaluation.analysis.words import words_of

if TYPE_CHECKING:
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
                turns = (turn.span for turn in transcript.turns if turn.role is Role.PARTICIPANT)
                said = ((span.start, span.of(transcript.text)) for span in turns)
                known = self._known[version] = spoken, self._numbered(said, spoken)
            return known[1]

    def within(self, version: int, spoken: Spoken, spans: Iterable[Span]) -> list[CountedWords]:
        """Return the same of some passages only.

        Args:
            version: Id of the transcript version.
            spoken: Who speaks in it.
            spans: The passages, none overlapping.
        """
        transcript = self._store.transcripts.get(version)
        said = [(span.start, span.of(transcript.text)) for span in spans]
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
