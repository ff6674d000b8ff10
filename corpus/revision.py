"""How one text became another: where the words of a passage are after a transcript was corrected.

Words are matched, not characters, so that line breaks and blanks never decide. Runs of words that occur once in both
texts are found wherever they are, so that paragraphs may have moved (Heckel 1978, "A technique for isolating
differences between files", with runs in place of lines); they are extended word by word, and what is left between
neighbours is settled by difflib.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from corpus.transcript import Span

ANCHOR_WORDS = 4
"""Words in a row that, occurring once in both texts, are taken for the same place."""

SETTLED_WORDS = 400
"""Largest gap between matched runs that is compared word by word; work grows with its square."""

FEWEST_KEPT = 0.6
"""Share of a passage's characters that must be found again, or it is not moved."""

MOST_GROWN = 1.5
"""A passage may become so much longer, a few words aside, before it is taken for another one."""

WORD = re.compile(r"\w+(?:['\u2019-]\w+)*|[^\w\s]+")


@dataclass(frozen=True, slots=True)
class MovedSpan:
    """Where a passage is in the new text.

    Attributes:
        span: Into the new text.
        changed: Whether words inside differ, so that a person should look.
    """

    span: Span
    changed: bool


class Revision:
    """An old and a new text, word by word.

    Args:
        old: The text that passages point into.
        new: The text that took its place.
    """

    def __init__(self, old: str, new: str) -> None:
        self._same = old == new
        self._old, self._old_words = words_of(old)
        self._new, self._new_words = words_of(new)
        self._to = np.arange(len(self._old)) if self._same else match_words(self._old_words, self._new_words)
        self._from = np.full(len(self._new), -1, dtype=np.intp)
        self._from[self._to[self._to >= 0]] = np.flatnonzero(self._to >= 0)

    @property
    def kept(self) -> float:
        """Share of the old text's words that stand in the new one; 0 for a text without words."""
        return float(np.mean(self._to >= 0)) if len(self._to) else 0.0

    def move(self, span: Span) -> MovedSpan | None:
        """Return where a span of the old text is in the new one; None if too little of it is left or it fell apart."""
        if self._same:
            return MovedSpan(span, changed=False)
        first = bisect_right(self._old, span.start, key=lambda word: word.end)
        last = bisect_left(self._old, span.end, key=lambda word: word.start)
        if first >= last:
            return None
        to = self._to[first:last]
        kept = self._largest_run(first, to)
        if kept is None:
            return None
        begin, end = self._ends(first, last, kept)
        same = self._old_words[first:last] == self._new_words[begin:end]
        return MovedSpan(self._span(span, first, last, begin, end), changed=not same)

    def _largest_run(self, first: int, to: NDArray[np.intp]) -> NDArray[np.intp] | None:
        """Return the numbers of the old words that are together in the new text, if they are enough of the passage."""
        lengths = np.array([len(self._old[first + n]) for n in range(len(to))])
        room = MOST_GROWN * len(to) + ANCHOR_WORDS
        best: NDArray[np.intp] | None = None
        for run in self._runs(first, to, room):
            if best is None or lengths[run].sum() > lengths[best].sum():
                best = run
        if best is None or lengths[best].sum() < FEWEST_KEPT * lengths.sum():
            return None
        return best + first

    def _runs(self, first: int, to: NDArray[np.intp], room: float) -> Iterator[NDArray[np.intp]]:
        """Yield groups of matched words that follow one another in the new text, no word from elsewhere among them.

        Neighbours of a group lie within ``room`` words of each other there, and a single word at its end within a few:
        the question mark of a sentence may have found its like behind a sentence that was put in between.
        """
        matched = np.flatnonzero(to >= 0)
        if not len(matched):
            return
        places = to[matched]
        covered = self._from[places.min() : places.max() + 1]
        foreign = np.cumsum((covered >= 0) & ((covered < first) | (covered >= first + len(to))))
        steps = np.diff(places)
        breaks = (steps <= 0) | (steps > room) | (np.diff(foreign[places - places.min()]) > 0)
        breaks[[0, -1][: len(breaks)]] |= (steps - np.diff(matched))[[0, -1][: len(breaks)]] > ANCHOR_WORDS
        yield from np.split(matched, np.flatnonzero(breaks) + 1)

    def _ends(self, first: int, last: int, kept: NDArray[np.intp]) -> tuple[int, int]:
        """Return first new word and the one after the last, replaced words at the ends of the passage included."""
        begin, end = int(self._to[kept[0]]), int(self._to[kept[-1]]) + 1
        lost_before, lost_after = int(kept[0]) - first, last - 1 - int(kept[-1])
        taken = set(self._to[self._to >= 0].tolist()) if lost_before or lost_after else set()
        while (
            lost_before
            and begin > 0
            and (begin - 1 not in taken or self._is_same_mark(first + lost_before - 1, begin - 1))
        ):
            begin, lost_before = begin - 1, lost_before - 1
        while lost_after and end < len(self._new) and (end not in taken or self._is_same_mark(last - lost_after, end)):
            end, lost_after = end + 1, lost_after - 1
        return begin, end

    def _is_same_mark(self, old: int, new: int) -> bool:
        """Return whether a mark stands where its like was: a neighbour's anchor may have taken it."""
        mark = self._old_words[old]
        return mark == self._new_words[new] and not mark[0].isalnum()

    def _span(self, span: Span, first: int, last: int, begin: int, end: int) -> Span:
        """Return the new span; one that began or ended inside a word that is kept does so again."""
        start, stop = self._new[begin].start, self._new[end - 1].end
        if self._to[first] == begin:
            start += max(0, span.start - self._old[first].start)
        if self._to[last - 1] == end - 1:
            stop -= max(0, self._old[last - 1].end - span.end)
        return Span(start, max(stop, start + 1))


def words_of(text: str) -> tuple[list[Span], list[str]]:
    """Return the words and marks of a text: where they are, and what they are whatever the case and accents' form."""
    found = list(WORD.finditer(text))
    return [Span(*match.span()) for match in found], [unicodedata.normalize("NFC", m[0]) for m in found]


def match_words(old: Sequence[str], new: Sequence[str]) -> NDArray[np.intp]:
    """Return for each old word the number of the new word it became, -1 where it is gone; shape (old words,)."""
    matching = _Matching(old, new)
    for at, place in _anchors(old, new):
        matching.extend(at, place)
    for gap in list(matching.gaps()):
        matching.settle(*gap)
    return matching.to


class _Matching:
    """Which old word became which new one; each new word serves one old word."""

    def __init__(self, old: Sequence[str], new: Sequence[str]) -> None:
        self._old, self._new = old, new
        self.to = np.full(len(old), -1, dtype=np.intp)
        self._free = np.ones(len(new), dtype=np.bool_)

    def extend(self, at: int, place: int) -> None:
        """Match the words around an anchor, both ways, as far as they are equal and not matched yet."""
        for step, start in ((1, 0), (-1, -1)):
            steps = start
            while self._matches(at + steps, place + steps):
                self.to[at + steps], self._free[place + steps] = place + steps, False
                steps += step

    def gaps(self) -> Iterator[tuple[range, range]]:
        """Yield stretches of unmatched old words with the new words between what their neighbours became."""
        bounds = [-1, *np.flatnonzero(self.to >= 0).tolist(), len(self._old)]
        for left, right in pairwise(bounds):
            if right - left > 1:
                start = int(self.to[left]) + 1 if left >= 0 else 0
                stop = int(self.to[right]) if right < len(self._old) else len(self._new)
                yield range(left + 1, right), range(start, stop)

    def settle(self, gap_old: range, gap_new: range) -> None:
        """Match the words of a gap in their order, unless they are too many or serve others."""
        if not 0 < len(gap_new) <= SETTLED_WORDS or len(gap_old) > SETTLED_WORDS or not self._free[gap_new].all():
            return
        ours, theirs = [self._old[n] for n in gap_old], [self._new[n] for n in gap_new]
        for block in SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks():
            for n in range(block.size):
                self.to[gap_old[block.a + n]] = gap_new[block.b + n]
                self._free[gap_new[block.b + n]] = False

    def _matches(self, at: int, place: int) -> bool:
        inside = 0 <= at < len(self._old) and 0 <= place < len(self._new)
        return inside and self.to[at] < 0 and bool(self._free[place]) and self._old[at] == self._new[place]


def _anchors(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield places of runs of words that occur once in both texts."""
    there = _runs_once(new)
    for run, at in _runs_once(old).items():
        if run in there:
            yield at, there[run]


def _runs_once(words: Sequence[str]) -> dict[tuple[str, ...], int]:
    places: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for n in range(len(words) - ANCHOR_WORDS + 1):
        places[tuple(words[n : n + ANCHOR_WORDS])].append(n)
    return {run: found[0] for run, found in places.items() if len(found) == 1}
