"""The sentences of a study in one row, so that what bears on them is found for all transcripts at once.

Every transcript has its own stretch of positions, ``LENGTH`` long; nothing reaches from one into the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics.grouping import Flags, Floats
from evaluation.metrics.spans import share_half

Numbers = NDArray[np.int64]
LENGTH = 1 << 32
"""More characters than any transcript has."""


@dataclass(frozen=True)
class CodedSpans:
    """Spans with what they mark, as columns of equal length.

    Attributes:
        versions: Transcript version of each.
        starts: First character, in code points.
        ends: The character after the last one.
        codes: Column of its code in the codebook.
    """

    versions: Numbers
    starts: Numbers
    ends: Numbers
    codes: Numbers

    def __len__(self) -> int:
        return len(self.starts)

    def only(self, kept: Flags) -> CodedSpans:
        """Return those that are ``kept``, shape (marks,)."""
        return CodedSpans(self.versions[kept], self.starts[kept], self.ends[kept], self.codes[kept])


@dataclass(frozen=True)
class SentenceRow:
    """Participant sentences of several transcript versions, in order.

    Attributes:
        versions: Shape (documents,), in rising order.
        documents: Shape (sentences,), the document of each, counted from 0.
        starts: Shape (sentences,), positions in the row.
        ends: Likewise, exclusive.
        turns: Shape (sentences,), number of the turn within its transcript.
    """

    versions: Numbers
    documents: Numbers
    starts: Numbers
    ends: Numbers
    turns: Numbers

    def __len__(self) -> int:
        return len(self.starts)

    @cached_property
    def sizes(self) -> Floats:
        """Shape (documents,): how many sentences each has."""
        return np.bincount(self.documents, minlength=len(self.versions)).astype(np.float64)

    def only(self, kept: Numbers) -> SentenceRow:
        """Return this row with some of its sentences, by their numbers in rising order."""
        columns = (self.documents, self.starts, self.ends, self.turns)
        return SentenceRow(self.versions, *(column[kept] for column in columns))

    def touching(self, marks: CodedSpans) -> tuple[Numbers, Numbers, Numbers]:
        """Return sentence, mark and shared characters of every pair that shares any.

        CodedSpans on versions that are not here must not be among them.
        """
        shift = np.searchsorted(self.versions, marks.versions) * LENGTH
        starts, ends = marks.starts + shift, marks.ends + shift
        first = np.searchsorted(self.ends, starts, side="right")
        many = np.searchsorted(self.starts, ends, side="left") - first
        mark = np.repeat(np.arange(len(marks)), many)
        sentence = np.arange(len(mark)) - np.repeat(np.cumsum(many) - many, many) + first[mark]
        shared = np.minimum(self.ends[sentence], ends[mark]) - np.maximum(self.starts[sentence], starts[mark])
        return sentence, mark, shared

    def bearing(self, marks: CodedSpans) -> tuple[Numbers, Numbers]:
        """Return sentence and mark of every pair that meets by rule ``half/v1``."""
        sentence, mark, shared = self.touching(marks)
        lengths = (self.ends - self.starts)[sentence], (marks.ends - marks.starts)[mark]
        meet = share_half(shared, *lengths, of="either")
        return sentence[meet], mark[meet]


def row_of(spans: Mapping[int, Numbers], turns: Mapping[int, Numbers] | None = None) -> SentenceRow:
    """Lay out sentences.

    Args:
        spans: Shape (sentences, 2) by version: start and end of each, in order, none overlapping.
        turns: Shape (sentences,) by version: the turn of each; by default every sentence is one by itself.
    """
    versions = sorted(spans)
    documents = np.repeat(np.arange(len(versions)), [len(spans[version]) for version in versions])
    laid = np.concatenate([np.zeros((0, 2), dtype=np.int64), *(spans[version] for version in versions)])
    laid = laid + (documents * LENGTH)[:, np.newaxis]
    numbers = np.arange(len(laid))
    if turns is not None and len(laid):
        numbers = np.concatenate([turns[version] for version in versions])
    return SentenceRow(np.array(versions, dtype=np.int64), documents, laid[:, 0], laid[:, 1], numbers)
