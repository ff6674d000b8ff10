"""A text with white space left out, so that line breaks and double blanks never decide where words stand."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from functools import cached_property

from corpus.transcript import Span


def without_space(text: str) -> str:
    """Return a text without its white space."""
    return "".join(text.split())


def equal_words(text: str, other: str) -> bool:
    """Return whether two texts differ in white space at most."""
    return without_space(text) == without_space(other)


class SolidText:
    """The characters of a text that are no white space, and the way back to their offsets.

    Args:
        text: It is read when first searched; every search after that is linear.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def characters(self) -> str:
        """The text without its white space."""
        return without_space(self.text)

    @cached_property
    def offsets(self) -> array[int]:
        """Offset of each of ``characters`` in the text."""
        return array("q", (offset for offset, character in enumerate(self.text) if not character.isspace()))

    def find(self, words: str) -> Iterator[int]:
        """Yield every place in ``characters`` at which words begin, those that overlap included."""
        place = self.characters.find(words)
        while place >= 0:
            yield place
            place = self.characters.find(words, place + 1)

    def span(self, place: int, length: int) -> Span:
        """Return the span of the text that a stretch of ``characters`` takes, white space at its ends left out."""
        return Span(self.offsets[place], self.offsets[place + length - 1] + 1)
