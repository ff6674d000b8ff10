"""Participant sentences of a study as arrays, for what looks at all of them: figures of quality, the audit."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock
from typing import TYPE_CHECKING

from pipeline.review.audit import Spans, spans_of

if TYPE_CHECKING:
    from pipeline.store import StudyStore


class SentenceCache:
    """The spans of participant sentences, read once a version. Threads may share one, without any other lock.

    Args:
        store: Where they are.
    """

    def __init__(self, store: StudyStore) -> None:
        self._store = store
        self._lock = Lock()
        self._spans: dict[int, Spans] = {}

    def spans(self, version: int) -> Spans:
        """Return start and end of each sentence of a version in text order, of shape (sentences, 2)."""
        with self._lock:
            if version not in self._spans:
                self._spans[version] = spans_of(sentence.span for sentence in self._store.runs.sentences(version))
            return self._spans[version]

    def forget(self, versions: Iterable[int]) -> None:
        """Read these versions anew when they are asked for again: a run may have cut them otherwise."""
        with self._lock:
            for version in versions:
                self._spans.pop(version, None)
