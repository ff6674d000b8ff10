"""The vectors of a study's participant sentences, in a quarter of their size, to be compared with a query.

They are the vectors that suggestions are made from (a sentence mixed with its neighbours), one byte a number: the
cosine is off by less than .005. One file for each transcript lies in the study's cache; it is read anew at every
search, which costs a tenth of a second for 300,000 sentences and no memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from corpus.files import replace_file
from corpus.transcript import Role, Segment, digest_of
from models.embedder import Embedder, FloatArray
from pipeline.embed import embed_segments

if TYPE_CHECKING:
    from pipeline.store import StudyStore, TranscriptVersion

FORMAT = "sentences/v1"
"""Numbers of one byte, row after row, without a head."""

STEPS = 127
"""The largest number of a stored vector."""

TURNS = 1 << 24
"""More turns than any transcript has: makes numbers of turns different in different transcripts."""


@dataclass(frozen=True)
class IndexedTranscript:
    """The sentences of one transcript version.

    Attributes:
        spans: Start and end of each, shape (sentences, 2).
        turns: Number of the turn each is in, shape (sentences,).
        file: Where their vectors are, or will be.
    """

    version: int
    spans: NDArray[np.int64]
    turns: NDArray[np.int64]
    file: Path


@dataclass(frozen=True)
class Scores:
    """How near sentences are to a query, row by row.

    Attributes:
        versions: Of each sentence, shape (sentences,), like all others.
        spans: Shape (sentences, 2).
        turns: Different in different transcripts.
        cosines: To the query.
    """

    versions: NDArray[np.int64]
    spans: NDArray[np.int64]
    turns: NDArray[np.int64]
    cosines: FloatArray


class SentenceIndex:
    """The sentences of a study that can be searched by meaning. Not locked: its owner is.

    Args:
        store: Where transcripts and sentences are.
        embedder: Text to unit vectors; one that remembers makes building quick.
        folder: Of the files.
    """

    def __init__(self, store: StudyStore, embedder: Embedder, folder: Path) -> None:
        self._store = store
        self._embedder = embedder
        self._folder = folder
        self._known: dict[int, IndexedTranscript] = {}
        self._lengths: dict[Path, FloatArray] = {}

    def forget(self, versions: Iterable[int]) -> None:
        """Read these versions anew when they are asked for again: a run may have cut them otherwise."""
        for version in versions:
            self._known.pop(version, None)

    def unready(self, versions: Sequence[TranscriptVersion]) -> list[TranscriptVersion]:
        """Return those versions with sentences whose vectors have not been put into a file yet."""
        indexed = ((version, self._indexed(version)) for version in versions)
        return [version for version, known in indexed if len(known.spans) and not known.file.exists()]

    def build(self, version: TranscriptVersion) -> None:
        """Put the vectors of a version's sentences into a file; those that a run has made are not made again.

        Raises:
            UsageError: If the file cannot be written.
        """
        known, transcript = self._indexed(version), self._store.transcripts.get(version.id)
        cut = self._store.runs.sentences(version.id)
        segments = [Segment("", sentence.span, sentence.turn, None, Role.PARTICIPANT) for sentence in cut]
        vectors = embed_segments(transcript, segments, self._embedder).vectors
        with replace_file(known.file) as draft:
            draft.write_bytes(in_bytes(vectors).tobytes())

    def scores(self, query: FloatArray, versions: Sequence[TranscriptVersion]) -> Scores:
        """Compare the sentences of those versions that are ready with a query.

        Args:
            query: Shape (dimension,), of length 1.
            versions: Where to search.
        """
        indexed = [self._indexed(version) for version in versions]
        found = [(known, cosines) for known in indexed for cosines in self._cosines(known, query)]
        sizes = [len(cosines) for _, cosines in found]
        return Scores(
            np.repeat(np.array([known.version for known, _ in found], dtype=np.int64), sizes),
            np.concatenate([np.zeros((0, 2), np.int64), *(known.spans for known, _ in found)]),
            np.concatenate([np.zeros(0, np.int64), *(known.version * TURNS + known.turns for known, _ in found)]),
            np.concatenate([np.zeros(0, np.float32), *(cosines for _, cosines in found)]),
        )

    def _cosines(self, known: IndexedTranscript, query: FloatArray) -> list[FloatArray]:
        """Return the cosines of a version's sentences, nothing while they are not ready."""
        try:
            numbers = np.fromfile(known.file, dtype=np.int8)
        except OSError:
            return []
        if len(numbers) != len(known.spans) * len(query):
            return []
        stored = numbers.reshape(-1, len(query)).astype(np.float32)
        if known.file not in self._lengths:
            self._lengths[known.file] = np.maximum(np.linalg.norm(stored, axis=1), 1e-12).astype(np.float32)
        return [np.asarray(stored @ query / self._lengths[known.file], dtype=np.float32)]

    def _indexed(self, version: TranscriptVersion) -> IndexedTranscript:
        if version.id not in self._known:
            cut = self._store.runs.sentence_rows(version.id)
            rows = np.array(cut, dtype=np.int64).reshape(-1, 3)
            name = digest_of("\n".join((FORMAT, self._embedder.fingerprint, version.digest, str(cut))))
            file = self._folder / f"{name[:32]}.i8"
            self._known[version.id] = IndexedTranscript(version.id, rows[:, :2], rows[:, 2], file)
        return self._known[version.id]


def in_bytes(vectors: FloatArray) -> NDArray[np.int8]:
    """Return vectors as whole numbers from -127 to 127, each row to its own scale, shape (rows, dimension)."""
    largest = np.abs(vectors).max(axis=1, initial=1e-12, keepdims=True)
    return np.asarray(np.rint(vectors / largest * STEPS), dtype=np.int8)
