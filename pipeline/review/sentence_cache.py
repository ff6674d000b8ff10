"""Participant sentences of a study as arrays, for what looks at all of them: figures of quality, the audit, counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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

    def read(self, versions: Iterable[int]) -> None:
        """Read many versions at once, before each of them is asked for."""
        with self._lock:
            self._read([version for version in versions if version not in self._places])

    def forget(self, versions: Iterable[int]) -> None:
        """Read these versions anew when they are asked for again: a run may have cut them otherwise."""
        with self._lock:
            for version in versions:
                self._places.pop(version, None)

    def _of(self, version: int) -> NDArray[np.int64]:
        with self._lock:
            if version not in self._places:
                self._read([version])
            return self._places[version]

    def _read(self, versions: Sequence[int]) -> None:
        for version, rows in self._store.runs.sentence_rows_of(versions):
            self._places[version] = np.array(rows, dtype=np.int64).reshape(-1, 3)
