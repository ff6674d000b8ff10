"""Participant sentences of a study as arrays, for what looks at all of them: figures of quality, the audit, counts."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pipeline.review.audit import Spans

if TYPE_CHECKING:
    from pipeline.store import StudyStore


class SentenceCache:
    """Where participant sentences are, read once a version. Threads may share one, without any other lock.

    Args:
        store: Where they are.
    """

    def __init__(self, store: StudyStore) -> None:
        self._store = store
        self._lock = Lock()
        self._places: dict[int, NDArray[np.int64]] = {}

    def spans(self, version: int) -> Spans:
        """Return start and end of each sentence of a version in text order, of shape (sentences, 2)."""
        return self._of(version)[:, :2]

    def turns(self, version: int) -> NDArray[np.int64]:
        """Return the number of the turn that each sentence of a version is in, of shape (sentences,)."""
        return self._of(version)[:, 2]

    def forget(self, versions: Iterable[int]) -> None:
        """Read these versions anew when they are asked for again: a run may have cut them otherwise."""
        with self._lock:
            for version in versions:
                self._places.pop(version, None)

    def _of(self, version: int) -> NDArray[np.int64]:
        with self._lock:
            if version not in self._places:
                rows = self._store.runs.sentence_rows(version)
                self._places[version] = np.array(rows, dtype=np.int64).reshape(-1, 3)
            return self._places[version]
