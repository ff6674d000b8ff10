"""The words of a text, and those that say little about what it is about, by language."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from models.terms import listed_stop_words
from pipeline.languages import LANGUAGES

WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")

SPOKEN = frozenset(["ah", "eh", "erm", "hm", "hmm", "mhm", "mm", "mmm", "oh", "uh", "uhm", "um", "yeah"])
"""Sounds of talk, in any language."""


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case, in order; numbers are none, and an apostrophe is part of a word."""
    plain = unicodedata.normalize("NFC", text).lower().replace("\u2019", "'")
    return [word for word in WORD.findall(plain) if not word.isdigit()]


@cache
def stop_words(language: str) -> frozenset[str]:
    """Return the words of a language that stand everywhere, and the sounds of talk; empty for no known language.

    Args:
        language: ISO 639-1, as ``pipeline.languages`` has it.
    """
    listed = listed_stop_words(language) if language in LANGUAGES else frozenset()
    return frozenset(word.lower().replace("\u2019", "'") for word in listed) | SPOKEN if listed else frozenset()
