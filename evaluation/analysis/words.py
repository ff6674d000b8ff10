"""The words of a text, and those that say little about what it is about, by language."""

from __future__ import annotations

import re
import runpy
import unicodedata
from functools import cache
from importlib.util import find_spec
from pathlib import Path

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

    They are spaCy's lists, read from its files: spaCy itself need not be loaded for them.

    Args:
        language: ISO 639-1, as ``pipeline.languages`` has it.
    """
    spacy = find_spec("spacy")
    if language not in LANGUAGES or spacy is None or not spacy.submodule_search_locations:
        return frozenset()
    listed = Path(spacy.submodule_search_locations[0]) / "lang" / language / "stop_words.py"
    words = {word.lower().replace("\u2019", "'") for word in runpy.run_path(str(listed))["STOP_WORDS"]}
    return frozenset(words | SPOKEN)
