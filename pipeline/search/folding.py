"""Text folded for searching: neither case, accents nor the form of quotation marks and dashes decide."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import lru_cache

from corpus.transcript import Span

ALIKE = dict.fromkeys("\u2018\u2019\u201a\u201b`\u00b4", "'") | dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"')
ALIKE |= dict.fromkeys("\u2010\u2011\u2012\u2013\u2014", "-") | {"\u00ad": ""}
"""Marks that are written in several ways."""


@dataclass(frozen=True, slots=True)
class FoldedText:
    """A folded text that knows where its characters come from.

    Attributes:
        text: The folded text.
        places: Offsets into it from which the shift is another, ascending.
        shifts: By how much an offset into it exceeds that into the original, from each place on.
    """

    text: str
    places: tuple[int, ...] = ()
    shifts: tuple[int, ...] = ()

    def original(self, start: int, end: int) -> Span:
        """Return the stretch of the original that a stretch of the folded text, not empty, was made from."""
        return Span(self._at(start), max(self._at(end), self._at(end - 1) + 1))

    def folded(self, offset: int) -> int:
        """Return where the folded text of what begins at an offset of the original begins."""
        return bisect_left(range(len(self.text) + 1), offset, key=self._at) if self.places else offset

    def _at(self, offset: int) -> int:
        place = bisect_right(self.places, offset)
        return offset - (self.shifts[place - 1] if place else 0)


def fold(text: str) -> FoldedText:
    """Return a text folded."""
    if text.isascii():
        return FoldedText(text.lower())
    folded = {character: _folded(character) for character in set(text)}
    changed = str.maketrans(folded)
    odd = "".join(map(re.escape, sorted(character for character in folded if len(folded[character]) != 1)))
    if not odd:
        return FoldedText(text.translate(changed))
    places, shifts, shift = [], [], 0
    for found in re.finditer(f"[{odd}]", text):
        start, length = found.start() + shift, len(folded[found[0]])
        for step in range(1, length) if length else [0]:  # characters beyond the first come from the same one
            shift += 1 if length else -1
            places.append(start + step)
            shifts.append(shift)
    return FoldedText(text.translate(changed), tuple(places), tuple(shifts))


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    if character in ALIKE:
        return ALIKE[character]
    parts = unicodedata.normalize("NFD", unicodedata.normalize("NFD", character).casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))
