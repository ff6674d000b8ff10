"""Where a stretch of the old text is in the new one."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.transcript import Span


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the old text and the stretch of the new text that it became.

    Attributes:
        kept: Whether both hold the same characters.
    """

    old: Span
    new: Span
    kept: bool


class OffsetMap:
    """Moves spans from an old text to a new one.

    What is kept moves character by character; whoever touches a replaced stretch gets all of what replaced it. What
    lies between pieces (speaker labels, blank lines) is left out at the ends of a span.

    Args:
        pieces: In order in both texts; at least one.
    """

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = tuple(pieces)
        self._starts = [piece.old.start for piece in pieces]
        self._ends = [piece.old.end for piece in pieces]

    def moved(self, span: Span) -> Span:
        """Return where a span of the old text is in the new one; never empty."""
        first, last = bisect_right(self._ends, span.start), bisect_left(self._starts, span.end) - 1
        if first > last:
            return self._nearest(first)
        start, end = self._pieces[first], self._pieces[last]
        shift = max(0, span.start - start.old.start) if start.kept else 0
        cut = max(0, end.old.end - span.end) if end.kept else 0
        return Span(start.new.start + shift, end.new.end - cut)

    def _nearest(self, following: int) -> Span:
        """Return the piece after a span that touches none, or the last one."""
        return self._pieces[min(following, len(self._pieces) - 1)].new
