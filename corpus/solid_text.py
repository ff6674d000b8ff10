"""A text with white space left out, so that line breaks and double blanks never decide where words stand.

`PlainText` leaves out what does not show as well, and takes accents' forms (NFC, NFD) for the same: tools copy
quotations with and without soft hyphens, zero-width marks and composed letters.
"""

from __future__ import annotations

import re
import unicodedata
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


_HIDDEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
"""Soft hyphens, zero-width marks and marks of direction: on no screen, and not in every copy."""


def plain_words(text: str) -> str:
    """Return a text without white space and hidden marks, its letters taken apart (NFD)."""
    solid = without_space(_HIDDEN.sub("", text))
    return solid if solid.isascii() else "".join(unicodedata.normalize("NFD", character) for character in solid)


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


class PlainText(SolidText):
    """The same for ``plain_words``: each of its characters knows the offset of the letter that it is a part of."""

    @cached_property
    def characters(self) -> str:
        """The text as ``plain_words`` has it."""
        return plain_words(self.text)

    @cached_property
    def offsets(self) -> array[int]:
        """Offset of the letter of each of ``characters`` in the text."""
        if self.text.isascii():
            return SolidText(self.text).offsets
        return array(
            "q",
            (
                offset
                for offset, character in enumerate(self.text)
                if not character.isspace() and not _HIDDEN.match(character)
                for _ in unicodedata.normalize("NFD", character)
            ),
        )

    def find(self, words: str) -> Iterator[int]:
        """Yield every place of words, but not where they end at a letter whose accent they lack."""
        for place in super().find(words):
            after = place + len(words)
            if after == len(self.characters) or not unicodedata.combining(self.characters[after]):
                yield place
