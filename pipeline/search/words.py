"""Searching for words: a query as words and phrases, and where they stand in a text.

``waiting room`` asks for both words in one turn, ``"waiting room"`` for the phrase, ``wait*`` for words that begin so.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from corpus.errors import UsageError
from corpus.transcript import Span
from pipeline.search.folding import FoldedText, fold
from pipeline.search.stems import any_of

LONGEST_QUERY = 500
"""Characters."""

_PART = re.compile(r'"([^"]*)"?|(\S+)')
_WORD = re.compile(r"\w+\*?")


@dataclass(frozen=True)
class Term:
    """A word or phrase to look for in folded text.

    Attributes:
        first: Its first word, which is looked for as it is.
        rest: What must follow the first word.
    """

    first: str
    rest: re.Pattern[str]

    def places(self, text: str, start: int, end: int) -> Iterator[Span]:
        """Yield where the term stands between two offsets of a folded text, in order.

        Args:
            text: Folded.
            start: Where to begin.
            end: Where to stop.
        """
        at = text.find(self.first, start, end)
        while at >= 0:
            after = at + len(self.first)
            inside = at > 0 and (text[at - 1].isalnum() or text[at - 1] == "_")
            found = None if inside else self.rest.match(text, after, end)
            if found:
                yield Span(at, found.end())
            at = text.find(self.first, found.end() if found else at + 1, end)


Forms = Callable[[str], Sequence[str]]
"""Returns the forms of a word that are looked for."""


def parse_query(query: str, forms: Forms = lambda word: [word]) -> tuple[Term, ...]:
    """Return the words and phrases of a query.

    Args:
        query: As the user typed it.
        forms: Gives the forms of each word, by default that which was typed; a word with a star has none.

    Raises:
        UsageError: If it holds no word or is too long.
    """
    if len(query) > LONGEST_QUERY:
        raise UsageError(f"a search takes at most {LONGEST_QUERY} characters")
    folded = fold(query).text
    terms = [
        _term(words, forms)
        for phrase, word in _PART.findall(folded)
        for words in [_WORD.findall(phrase or word)]
        if words
    ]
    if not terms:
        raise UsageError("say at least one word to search for")
    return tuple(sorted(terms, key=lambda term: len(term.first), reverse=True))  # the rarest first


def occurrences(terms: Sequence[Term], folded: FoldedText, turns: Sequence[Span]) -> Iterator[tuple[int, list[Span]]]:
    """Yield each turn in which all terms stand, by its number, with the places of all of them in order.

    Args:
        terms: Of ``parse_query``.
        folded: The text of a transcript.
        turns: Their spans in the original text, in order.
    """
    starts = [turn.start for turn in turns]
    rarest = terms[0].first
    at = folded.text.find(rarest)
    while at >= 0:
        start = folded.original(at, at + 1).start
        turn = bisect_right(starts, start) - 1
        after = at + 1
        if turn >= 0 and start < turns[turn].end:
            begin, after = folded.folded(turns[turn].start), folded.folded(turns[turn].end)
            everywhere = [list(term.places(folded.text, begin, after)) for term in terms]
            if all(everywhere):
                yield turn, sorted(folded.original(found.start, found.end) for found in chain.from_iterable(everywhere))
        at = folded.text.find(rarest, after)


def _term(words: Sequence[str], forms: Forms) -> Term:
    """Return what looks for words that stand next to one another; a star ends a word in any way."""
    first, *rest = (_begun(word, forms) for word in words)
    return Term(first[0], re.compile(first[1] + "".join(rf"[\W_]+{re.escape(begin)}{end}" for begin, end in rest)))


def _begun(word: str, forms: Forms) -> tuple[str, str]:
    """Return what a word begins with, and a pattern of how it goes on."""
    if word.endswith("*"):
        return word.rstrip("*"), r"\w*"
    begin, end = any_of(forms(word))
    return begin, rf"{end}(?!\w)"
