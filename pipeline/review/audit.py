"""The audit: random sentences with and without a suggestion, to see what the machine does not find.

Each coder gets an order of their own, the same at every call and in every process: sentences are sorted by a hash of
their place under a seed of study and coder. A new run that takes some sentences away does not reorder the others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.transcript import Span, digest_of

SAMPLE = 100
"""Sentences worth auditing: with none missed among them, at most 3.6% of the unsuggested ones are (95%)."""

SAMPLE_SUGGESTED = 50
"""Sentences with a suggestion worth auditing beside them, to see which codes were missed where another was found."""

EVERY = 3
"""One audited sentence in so many has a suggestion."""

WORD = 2**32
Numbers = NDArray[np.uint64]
Spans = NDArray[np.int64]
"""Shape (spans, 2)."""

Subject = tuple[int, Span]
"""Transcript version and sentence."""


@dataclass(frozen=True, slots=True)
class AuditSample:
    """The sentence to audit next.

    Attributes:
        subject: None when all have been audited.
        done: Audited by this coder already.
        of: How many are worth auditing.
    """

    subject: Subject | None
    done: int
    of: int


@dataclass(frozen=True, slots=True)
class AuditFrame:
    """The sentences an audit draws from.

    Attributes:
        places: Version and start of each sentence in one number, ascending.
        ends: Where each ends.
    """

    places: Numbers
    ends: NDArray[np.int64]

    def draw(
        self, seed: str, audited: Iterable[Subject], hidden: Collection[int], *, most: int = SAMPLE
    ) -> AuditSample:
        """Return the first sentence in the seed's order that is neither audited nor of a hidden version.

        Args:
            seed: Names the order.
            audited: Sentences that were audited already.
            hidden: Transcript versions that may not be asked about.
            most: How many are worth auditing.
        """
        heard = (version * WORD + span.start for version, span in audited)
        known = np.isin(self.places, np.fromiter(heard, np.uint64))
        open_ = ~known & ~np.isin(self.places // WORD, np.fromiter(hidden, np.uint64))
        done = int(known.sum())
        of = min(most, done + int(open_.sum()))
        if not open_.any():
            return AuditSample(None, done, of)
        left = np.flatnonzero(open_)
        row = int(left[_mixed(self.places[left], seed).argmin()])
        version, start = divmod(int(self.places[row]), WORD)
        return AuditSample((version, Span(start, int(self.ends[row]))), done, of)


@dataclass(frozen=True, slots=True)
class AuditFrames:
    """All sentences of a study: those that no suggestion touches, and the others."""

    free: AuditFrame
    suggested: AuditFrame

    def draw(self, seed: str, audited: Collection[Subject], hidden: Collection[int]) -> AuditSample:
        """Return the sentence to audit next: one in ``EVERY`` has a suggestion, as long as there are both kinds.

        Args:
            seed: Names the order.
            audited: Sentences that were audited already.
            hidden: Transcript versions that may not be asked about.
        """
        free = self.free.draw(seed, audited, hidden)
        suggested = self.suggested.draw(seed, audited, hidden, most=SAMPLE_SUGGESTED)
        due = (suggested.done + 1) * (EVERY - 1) <= free.done
        chosen = suggested if suggested.subject and (due or free.subject is None) else free
        return AuditSample(chosen.subject, free.done + suggested.done, free.of + suggested.of)


def frames_of(sentences: Iterable[tuple[int, Spans]], suggested: Mapping[int, Spans]) -> AuditFrames:
    """Return all sentences as two frames.

    Args:
        sentences: The participant sentences of each version, versions ascending.
        suggested: The spans of its suggestions.
    """
    read = list(sentences)
    return AuditFrames(frame_of(read, suggested), frame_of(read, suggested, touched=True))


def frame_of(
    sentences: Iterable[tuple[int, Spans]], suggested: Mapping[int, Spans], *, touched: bool = False
) -> AuditFrame:
    """Return the sentences that no suggestion touches, or those that one does.

    Args:
        sentences: The participant sentences of each version, versions ascending.
        suggested: The spans of its suggestions.
        touched: Which of the two.
    """
    empty = spans_of(())
    kept = [empty[:0].astype(np.uint64)]
    for version, spans in sentences:
        found = untouched(spans, suggested.get(version, empty), without=not touched).astype(np.uint64)
        kept.append(found + np.array([version * WORD, 0], dtype=np.uint64))
    table = np.concatenate(kept)
    return AuditFrame(table[:, 0], table[:, 1].astype(np.int64))


def untouched(sentences: Spans, suggested: Spans, *, without: bool = True) -> Spans:
    """Return the sentences that share no character with any suggested span, in text order.

    Args:
        sentences: Start and end of each, shape (sentences, 2).
        suggested: Likewise.
        without: False for the sentences that do share one.
    """
    ordered, marks = _in_order(sentences), _in_order(suggested)
    reach = np.concatenate([[0], np.maximum.accumulate(marks[:, 1])])
    before = np.searchsorted(marks[:, 0], ordered[:, 1])  # suggestions that begin before the sentence ends
    kept: Spans = ordered[(reach[before] <= ordered[:, 0]) == without]
    return kept


def spans_of(spans: Iterable[Span]) -> Spans:
    """Return spans as an array, one row each: start and end."""
    return np.array([(span.start, span.end) for span in spans], dtype=np.int64).reshape(-1, 2)


def _in_order(spans: Spans) -> Spans:
    return spans[np.lexsort((spans[:, 1], spans[:, 0]))]


def _mixed(places: Numbers, seed: str) -> Numbers:
    """Return a hash of each place: the finalizer of SplitMix64 (Steele, Lea and Flood 2014)."""
    mixed = places ^ np.uint64(int(digest_of(seed)[:16], 16))
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
