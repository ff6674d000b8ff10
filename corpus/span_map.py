"""Where a stretch of a text is in another text that was made from it, when it is known what became of each part.

Where that is not known, because somebody edited the text, see `corpus.revision`; how other tools count positions in
one and the same text is a matter of `corpus.refi.offsets`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.solid_text import SolidText
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


class SpanMap:
    """Moves spans from an old text to a new one.

    What is kept moves character by character; whoever touches a replaced stretch gets all of what replaced it. What
    lies between pieces (speaker labels, blank lines) is left out at the ends of a span.

    Args:
        pieces: In order in both texts.
    """

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = tuple(pieces)
        self._starts = [piece.old.start for piece in pieces]
        self._ends = [piece.old.end for piece in pieces]

    @classmethod
    def across_white_space(cls, old: str, new: str) -> SpanMap:
        """Return the map between two texts that differ in white space only; characters are matched in their order."""
        return cls(list(_runs(SolidText(old).offsets, SolidText(new).offsets)))

    def move(self, span: Span) -> Span | None:
        """Return where a span of the old text is in the new one, None for a span that touches no piece."""
        first, last = bisect_right(self._ends, span.start), bisect_left(self._starts, span.end) - 1
        if first > last:
            return None
        start, end = self._pieces[first], self._pieces[last]
        shift = max(0, span.start - start.old.start) if start.kept else 0
        cut = max(0, end.old.end - span.end) if end.kept else 0
        return Span(start.new.start + shift, end.new.end - cut)

    def move_near(self, span: Span) -> Span:
        """Return where a span is; for one that touches no piece, the piece after it, or the last one.

        There must be a piece at least; the answer is never empty.
        """
        following = bisect_right(self._ends, span.start)
        return self.move(span) or self._pieces[min(following, len(self._pieces) - 1)].new


def _runs(old: Sequence[int], new: Sequence[int]) -> Iterator[Piece]:
    """Yield stretches in which the offsets of matched characters go up by one in both texts."""
    begin, matched = 0, min(len(old), len(new))
    for n in range(1, matched + 1):
        if n == matched or (old[n] - old[n - 1], new[n] - new[n - 1]) != (1, 1):
            length = n - begin
            yield Piece(Span(old[begin], old[begin] + length), Span(new[begin], new[begin] + length), kept=True)
            begin = n
