"""How human codings, sentences and suggested passages meet.

Rule ``half/v1``: two spans meet if what they share is at least half of one of them. So a sentence bears a code if
at least half of it lies in the coded span or it holds at least half of the span, and a suggestion is right if it
meets a human span of the same label. Spans of one label that overlap count as one passage.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from corpus.codebook import Codebook
from corpus.codings import Coding
from corpus.suggestion import Suggestion
from corpus.transcript import Segment, Span
from evaluation.metrics.grouping import Flags, Floats
from evaluation.metrics.ranking import Hits
from evaluation.metrics.spans import share_half

RULE = "half/v1: two spans meet if what they share is at least half of one of them"

Mark = Coding | Suggestion
"""Both have a span and a code; that is all alignment looks at."""
Passages = Mapping[int, Sequence[Span]]
"""The passages of one document by label column."""


@dataclass(frozen=True)
class AlignedPassages:
    """Suggested against human passages, by document and label: arrays of shape (documents, labels).

    Attributes:
        hits: Counts of passages.
        shared: Characters that both mark with the label.
        suggested: Characters that suggestions mark.
        human: Characters that humans mark.
    """

    hits: Hits
    shared: Floats
    suggested: Floats
    human: Floats


def sentence_codes(segments: Sequence[Segment], marks: Iterable[Mark], codebook: Codebook) -> Flags:
    """Return which sentences bear which codes, shape (sentences, codes), by the rule of this module.

    Args:
        segments: The sentences.
        marks: Spans with their codes, in any order.
        codebook: Gives the columns.
    """
    column = {code: n for n, code in enumerate(codebook.ids)}
    flags = np.zeros((len(segments), len(column)), dtype=np.bool_)
    sentences = [segment.span for segment in segments]
    for mark in marks:
        flags[:, column[mark.code]] |= _meetings(sentences, [mark.span])[:, 0]
    return flags


def passages_of(marks: Iterable[Mark], column_of: Mapping[str, int]) -> Passages:
    """Return the merged passages of each label; codes without a label are left out."""
    spans: dict[int, list[Span]] = {}
    for mark in marks:
        if mark.code in column_of:
            spans.setdefault(column_of[mark.code], []).append(mark.span)
    return {column: merged(found) for column, found in spans.items()}


def merged(spans: Iterable[Span]) -> list[Span]:
    """Join spans that overlap; the result is in order and shares no character."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.start < joined[-1].end:
            joined[-1] = joined[-1].join(span)
        else:
            joined.append(span)
    return joined


def compare(suggested: Sequence[Passages], human: Sequence[Passages], labels: int) -> AlignedPassages:
    """Compare passages document by document.

    Args:
        suggested: For each document, from ``passages_of``.
        human: Likewise, in the same order.
        labels: Number of label columns.
    """
    cells = np.zeros((7, len(human), labels))
    for document, (ours, theirs) in enumerate(zip(suggested, human, strict=True)):
        for label in ours.keys() | theirs.keys():
            cells[:, document, label] = _cell(ours.get(label, ()), theirs.get(label, ()))
    return AlignedPassages(Hits(*cells[:4]), *cells[4:])


def _cell(ours: Sequence[Span], theirs: Sequence[Span]) -> tuple[int, ...]:
    meet = _meetings(ours, theirs)
    correct, found = int(meet.any(axis=1).sum()), int(meet.any(axis=0).sum())
    shared = int(_overlaps(ours, theirs).sum())
    return correct, len(ours), found, len(theirs), shared, sum(map(len, ours)), sum(map(len, theirs))


def _meetings(first: Sequence[Span], second: Sequence[Span]) -> Flags:
    """Return which spans meet, shape (first, second)."""
    ours, theirs = (np.array([len(span) for span in spans]) for spans in (first, second))
    return share_half(_overlaps(first, second), ours[:, np.newaxis], theirs[np.newaxis, :], of="either")


def _overlaps(first: Sequence[Span], second: Sequence[Span]) -> Floats:
    """Return how many characters the spans share, shape (first, second)."""
    starts = np.maximum.outer([span.start for span in first], [span.start for span in second])
    ends = np.minimum.outer([span.end for span in first], [span.end for span in second])
    return np.asarray(np.maximum(ends - starts, 0), dtype=np.float64)
