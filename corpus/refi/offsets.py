"""Positions as other tools count them. The standard leaves line ends and units open, so tools differ.

A ``Hypothesis`` says how a tool counts; for a text it gives an ``PositionMap`` between the tool's positions and ours.
Which one holds is seen in the data: the quoted words that tools write beside a position, else word edges.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, product

_UNEVEN = re.compile("\r\n|[\r\n\U00010000-\U0010ffff]")
AS_STORED = 0
_LINE_FEED, _CR_LF, _ASTRAL = range(3)


def canonical(raw: str) -> str:
    """Return a text as our readers hold it: no byte order mark, line feeds only."""
    return raw.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


@dataclass(frozen=True)
class Scanned:
    """What of a stored text matters for counting, in a few bytes a character: texts from outside may be all line ends.

    Attributes:
        length: Of the canonical text.
        places: Offsets into it of the characters that may count otherwise, in order.
        kinds: What each of them is.
    """

    length: int
    places: array[int]
    kinds: bytes

    @cached_property
    def met(self) -> tuple[int, ...]:
        """The kinds that occur."""
        return tuple(sorted(set(self.kinds)))


def scanned(raw: str) -> Scanned:
    """Look through a text as stored."""
    body = raw.lstrip("\ufeff")
    places, kinds, folded = array("q"), bytearray(), 0
    for match in _UNEVEN.finditer(body):
        places.append(match.start() - folded)
        kinds.append(_CR_LF if len(match[0]) == 2 else _LINE_FEED if match[0] in "\r\n" else _ASTRAL)
        folded += len(match[0]) - 1
    return Scanned(len(body) - folded, places, bytes(kinds))


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One way to count.

    Attributes:
        line_end: Positions a line end takes: 1, 2, or ``AS_STORED`` (what the file has).
        utf16: Whether a character beyond the first plane (emoji) takes two positions.
        first: Position of the first character: 1 where a tool counts from one or counts the byte order mark.
        inclusive: Whether an end is the position of the last character, not of the one after it.
    """

    line_end: int = 1
    utf16: bool = False
    first: int = 0
    inclusive: bool = False

    @property
    def says(self) -> str:
        """What a person reads about it."""
        ends = {1: "a line end as one", 2: "a line end as two", AS_STORED: "line ends as stored"}[self.line_end]
        unit = "UTF-16 units" if self.utf16 else "code points"
        more = [f"counted from {self.first}"] * bool(self.first) + ["end included"] * self.inclusive
        return ", ".join([unit, ends, *more])

    def of(self, text: Scanned) -> PositionMap:
        """Return the map for one text."""
        surplus = self.surplus(text)
        extras = accumulate(map(surplus.__getitem__, text.kinds))
        return PositionMap(self, text.length, text.places, array("q", extras))

    def surplus(self, text: Scanned) -> dict[int, int]:
        """Return the positions beyond one that each kind of uneven character in a text takes."""
        widths = {_LINE_FEED: self.line_end or 1, _CR_LF: self.line_end or 2, _ASTRAL: 1 + self.utf16}
        return {kind: widths[kind] - 1 for kind in text.met}


@dataclass(frozen=True, slots=True)
class PositionMap:
    """Between a tool's positions and offsets into the canonical text.

    Attributes:
        length: Of the canonical text.
        places: Offsets of the characters that may count otherwise, in order.
        extras: For each of them, the surplus positions up to and with it.
    """

    hypothesis: Hypothesis
    length: int
    places: Sequence[int]
    extras: Sequence[int]

    def position(self, offset: int) -> int:
        """Return the tool's position of an offset."""
        before = bisect_left(self.places, offset)
        return offset + self.hypothesis.first + (self.extras[before - 1] if before else 0)

    def offset(self, position: int) -> int:
        """Return the offset of a tool's position; inside a character, that of the character after it."""
        return bisect_left(range(self.length + 1), position, key=self.position)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return start and end offset of a tool's stretch, which may leave the text."""
        last = end + self.hypothesis.inclusive
        return self._beyond(start), self._beyond(last)

    def stretch(self, start: int, end: int) -> tuple[int, int]:
        """Return the tool's positions of a span."""
        return self.position(start), self.position(end) - self.hypothesis.inclusive

    def _beyond(self, position: int) -> int:
        if position < self.hypothesis.first:
            return position - self.hypothesis.first
        return self.offset(position) + max(0, position - self.position(self.length))


PLAIN = Hypothesis()
"""What ATLAS.ti's data show, and what we write unless a tool wants otherwise."""

HYPOTHESES: tuple[Hypothesis, ...] = tuple(
    sorted(
        (Hypothesis(*each) for each in product((1, 2, AS_STORED), (False, True), (0, 1), (False, True))),
        key=lambda one: (one.line_end != 1) + one.utf16 + 2 * one.first + 2 * one.inclusive,
    )
)
"""The likely ones first: the order decides where the data cannot."""
