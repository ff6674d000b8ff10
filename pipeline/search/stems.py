"""The forms of a word that a text has: those with its stem, by the Snowball stemmer of the language."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from types import MappingProxyType

from corpus.errors import UsageError
from pipeline.languages import LANGUAGES

STEMMERS: Mapping[str, str] = MappingProxyType(
    {
        **{"da": "danish", "de": "german", "en": "english", "es": "spanish", "fr": "french", "hu": "hungarian"},
        **{"it": "italian", "nb": "norwegian", "nl": "dutch", "pt": "portuguese", "sv": "swedish"},
    }
)
"""Snowball's names by ISO 639-1."""

PREFIXES: Mapping[str, str] = MappingProxyType({"nl": "ge"})
"""What a stemmer takes off the beginning; else all forms of a word share its first letter, though not always more:
*uur* and *uren*, *die* and *dying*."""

_WORD = re.compile(r"\w+")


class Vocabulary:
    """The words of folded texts. Not locked: its owner is."""

    def __init__(self) -> None:
        self._words: set[str] = set()
        self._sorted: list[str] = []

    def add(self, folded: str) -> None:
        """Take in the words of a text."""
        self._words.update(_WORD.findall(folded))

    def forms(self, word: str, language: str) -> list[str]:
        """Return the words with the stem of a word, itself among them, in order.

        Args:
            word: Folded.
            language: ISO 639-1.

        Raises:
            UsageError: If no stems are known of the language.
        """
        if len(self._sorted) != len(self._words):
            self._sorted = sorted(self._words)
        stem = stemmer(language)
        wanted = stem(word)
        begins = {wanted[:1], PREFIXES.get(language, wanted[:1])}
        near = (found for begin in begins for found in self._beginning(begin))
        return sorted({word, *(found for found in near if stem(found) == wanted)})

    def _beginning(self, begin: str) -> Sequence[str]:
        first = bisect_left(self._sorted, begin)
        return self._sorted[first : bisect_left(self._sorted, begin + chr(0x10FFFF), first)]


@cache
def stemmer(language: str) -> Callable[[str], str]:
    """Return what gives the stem of a word.

    Raises:
        UsageError: If no stems are known of the language.
    """
    from snowballstemmer import stemmer as snowball

    if language not in STEMMERS:
        name = LANGUAGES[language].name if language in LANGUAGES else language
        raise UsageError(f"no word forms are known of {name}; end a word with * instead")
    return lru_cache(maxsize=65_536)(snowball(STEMMERS[language]).stemWord)


def any_of(words: Sequence[str]) -> tuple[str, str]:
    """Return what words begin with, all of them, and a pattern of how they go on."""
    shortest, longest = min(words), max(words)
    common = next((n for n, letter in enumerate(shortest) if letter != longest[n]), len(shortest))
    endings = sorted((re.escape(word[common:]) for word in words), key=len, reverse=True)
    return shortest[:common], f"(?:{'|'.join(endings)})"
