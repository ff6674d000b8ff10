"""Clauses of talk that goes on without full stops, as speech recognisers and hasty transcribers write it.

A sentence is cut here only if it is very long, or long and without a mark at its end. Where it is cut is the cheapest
way to have pieces of about the length of spoken sentences: cuts where a clause begins cost little, others much, and
least of all those behind a pause or at the end of a cue, where talk has no marks to go by.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence

from corpus.transcript import Span
from pipeline.languages import ENGLISH, LANGUAGES
from pipeline.spacy_models import english_documents

LONGEST_SENTENCE = 40
"""Words from which even a sentence with a full stop is cut."""

LONGEST_UNMARKED = 18
"""Words from which talk without a mark at its end is cut."""

PIECE_WORDS = 10
"""Words of a piece as it should be: a spoken sentence."""

MOST_WORDS = 36
"""Words of a piece at the most."""

CLAUSE, SUBORDINATE, COMMA, BREAK, ANYWHERE = 0.15, 0.5, 0.3, 0.0, 6.0
"""What a cut costs where a main or a subordinate clause begins, after a comma, at a line's end, between any words."""

CUE, PAUSE = 0.1, 0.0
"""What a cut costs between two cues, and behind a silence."""

LONGEST_PARSED = 4_000
"""Code points that are parsed at once."""

_WORD = re.compile(r"\S+")
_TERMINAL = re.compile(r"[.?!\u2026\u3002\uff1f\uff01\u061f][\"'\u201d\u2019\u00bb)\]]*\s*$")
_COMMAS = ",;:\uff0c\u3001"
_SUBJECTS = frozenset({"nsubj", "nsubjpass", "expl"})
_INNER = frozenset({"relcl", "acl", "pcomp", "csubj"})
"""Clauses inside a noun phrase or in a place of one; no piece begins with them."""


def clause_starts(text: str, language: str, breaks: Sequence[int] = (), pauses: Sequence[int] = ()) -> list[int]:
    """Return the offsets at which pieces of a sentence begin, the first left out; none if it may stay as it is.

    Args:
        text: One sentence, or what a sentence splitter took for one.
        language: ISO 639-1.
        breaks: Offsets at which cues begin. They tell nothing in a sentence with a mark at its end.
        pauses: Offsets behind a silence, likewise.
    """
    words = [match.start() for match in _WORD.finditer(text)]
    marked = _TERMINAL.search(text) is not None
    if len(words) <= (LONGEST_SENTENCE if marked else LONGEST_UNMARKED):
        return []
    parsed = parsed_costs(text) if language == ENGLISH else {}
    cues = {} if marked else {**_before_words(words, breaks, CUE), **_before_words(words, pauses, PAUSE)}
    lines = {match.end(): BREAK for match in re.finditer(r"\n\s*(?=\S)", text)}
    return _cheapest(words, {**word_costs(text, language), **parsed, **cues, **lines})


def _before_words(words: Sequence[int], places: Iterable[int], cost: float) -> dict[int, float]:
    """Give a cost to the first word at or behind each place."""
    found = (bisect_left(words, place) for place in places)
    return {words[n]: cost for n in found if n < len(words)}


def word_costs(text: str, language: str) -> dict[int, float]:
    """Return the places before words that join clauses, and after commas."""
    known = LANGUAGES.get(language)
    joining, subordinate = (known.joining, known.subordinate) if known else (frozenset[str](), frozenset[str]())
    costs: dict[int, float] = {}
    before = ""
    for match in _WORD.finditer(text):
        word = match[0].strip(_COMMAS + "-\u2013\u2014").casefold()
        if before[-1:] and before[-1:] in _COMMAS:
            costs[match.start()] = CLAUSE if word in joining else COMMA
        elif word in joining | subordinate and language != ENGLISH:  # English is parsed
            costs[match.start()] = 2 * CLAUSE if word in joining else SUBORDINATE
        before = match[0]
    return costs


def parsed_costs(text: str) -> dict[int, float]:
    """Return where English clauses begin, by spaCy's parser: at their subject and the words that lead to it."""
    costs: dict[int, float] = {}
    english = LANGUAGES[ENGLISH]
    leading = english.joining | english.subordinate
    parts = _parts(text)
    for chunk, document in zip(parts, english_documents((part.of(text) for part in parts), "parser"), strict=True):
        for token in document:
            if token.dep_ not in _SUBJECTS or token.head.dep_ in _INNER:
                continue
            first = token.left_edge.i
            while first > 0 and document[first - 1].lower_ in leading:
                first -= 1
            if token.head.dep_ == "ccomp" and 0 < first - token.head.head.i <= 3:
                continue  # "I think | she knows" is one thought
            if first > 0:
                word = document[first]
                costs[chunk.start + word.idx] = SUBORDINATE if word.lower_ in english.subordinate else CLAUSE
    return costs


def _parts(text: str) -> list[Span]:
    """Cut a text at white space so that the parser's memory stays flat."""
    parts, start = [], 0
    while start < len(text):
        end = (
            len(text) if len(text) - start <= LONGEST_PARSED else text.rfind(" ", start + 1, start + LONGEST_PARSED) + 1
        )
        end = end if end > start else min(len(text), start + LONGEST_PARSED)
        parts.append(Span(start, end))
        start = end
    return parts


def _cheapest(words: list[int], costs: Mapping[int, float]) -> list[int]:
    """Return the cuts of least cost in all; a piece costs the more, the farther it is from the length of a sentence.

    Args:
        words: Where each word begins.
        costs: Of the cuts that have a reason; every other word is a place, too, at the cost of ``ANYWHERE``.
    """
    best = [0.0]  # of the first n words
    back = [0]  # where the last piece of these begins
    for end in range(1, len(words) + 1):
        cut = costs.get(words[end], ANYWHERE) if end < len(words) else 0.0
        first = max(0, end - MOST_WORDS)
        options = [(best[n] + cut + ((end - n) / PIECE_WORDS - 1) ** 2, n) for n in range(first, end)]
        cost, start = min(options)
        best.append(cost)
        back.append(start)
    cuts, end = [], back[-1]
    while end > 0:
        cuts.append(words[end])
        end = back[end]
    return cuts[::-1]
