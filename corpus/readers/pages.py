"""From the lines of printed pages to paragraphs: headers out, lines joined, divided words made whole."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise

from corpus.readers.grammars import TalkLine, judged, pattern_of
from corpus.readers.labels import Label
from corpus.readers.names import is_known_shape, says_role
from corpus.readers.roles import interviewer_names
from corpus.readers.stamps import stamp_alone
from corpus.speakers import SpeakerSettings

EDGE = 3
"""Lines at the top and at the bottom of a page among which headers and footers are looked for."""
LONGEST_WORD = 80
"""Characters of a word that are looked at where a line divides it."""
SHORT = 0.75
"""Share of a full line below which a line that ends a sentence ends its paragraph, too."""

FEWEST_NUMBERS = 6
"""Numbers in a row that are taken for those of a margin."""

REPEATED = 30
"""Characters of lines that stand at the end of a page and again at the start of the next: fewer are said twice."""

_MARGINS = (
    re.compile(r"^(\d{1,5})(?:[.:)|]?\s+(?=\S)|[|:]?$)"),
    re.compile(r"(?:^|\s)(\d{1,5})$"),
)
_DIGITS = re.compile(r"\d+")
_NUMBER = re.compile(
    r"(?i)[-\u2013 ]*(?:page|p\.|pagina|seite)?\s*(\d{1,4})(?:\s*(?:of|/|van|von)\s*\d{1,4})?[-\u2013 ]*"
)
_STOPS = (".", "?", "!", ":", "\u2026", ")", "]", '"', "\u2019", "\u201d")
_DIVIDED = re.compile(r"([^\W\d_]+)([-\u2010\u00ad])$")
_WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")
_BEGINNING = re.compile(r"[^\W\d_]+")


def margins_removed(pages: Sequence[Sequence[str]]) -> tuple[list[list[str]], int]:
    """Leave out the numbers that count the lines of pages, as reports of hearings and some transcripts have them.

    Every line may have one, or every fifth; they may begin anew on each page, and stand before or behind the words or
    on lines of their own, as the PDF has drawn them.

    Args:
        pages: The lines of each page.

    Returns:
        The pages without them, and how many were left out.
    """
    for pattern in _MARGINS:
        found = [[int(match[1]) if (match := pattern.search(line)) else None for line in page] for page in pages]
        if _are_counted(found):
            left = [
                [line if number is None else pattern.sub("", line) for line, number in zip(page, own, strict=True)]
                for page, own in zip(pages, found, strict=True)
            ]
            numbers = sum(number is not None for own in found for number in own)
            return [[line for line in page if line] for page in left], numbers
    unblocked = [_without_blocks(page) for page in pages]
    return unblocked, sum(map(len, pages)) - sum(map(len, unblocked))


def _without_blocks(page: Sequence[str]) -> list[str]:
    """Leave out runs of numbers, each one more than the last: a PDF may hold the margin of a page by itself."""
    numbers = [int(line) if line.isdecimal() and len(line) <= len("99999") else None for line in page]
    kept: list[str] = []
    start = 0
    for n in range(1, len(page) + 1):
        before = numbers[n - 1]
        if n < len(page) and before is not None and numbers[n] == before + 1:
            continue
        if n - start < FEWEST_NUMBERS:
            kept += page[start:n]
        start = n
    return kept


def _are_counted(pages: Sequence[Sequence[int | None]]) -> bool:
    """Tell whether numbers count lines: each is as many more than the one before as there are lines between them."""
    flat = [(page, number) for page, numbers in enumerate(pages) for number in numbers]
    places = [(n, page, number) for n, (page, number) in enumerate(flat) if number is not None]
    if len(places) < FEWEST_NUMBERS:
        return False
    steps = list(pairwise(places))
    step, _ = Counter(after[2] - before[2] for before, after in steps).most_common(1)[0]
    fitting = sum(
        (after[2] - before[2] == step and after[0] - before[0] <= 2 * step)
        or (after[2] <= step and after[1] > before[1])
        for before, after in steps
    )
    return step in {1, 2, 5, 10} and fitting >= 0.85 * len(steps) and len(places) * step >= 0.3 * len(flat)


def repeats_removed(pages: Sequence[Sequence[str]]) -> tuple[list[list[str]], int]:
    """Leave out the lines with which a page begins if the page before ends with them: print from a browser is cut so.

    Args:
        pages: The lines of each page, without headers and footers.

    Returns:
        The pages without them, and how many lines were left out.
    """
    inner = [[*page] for page in pages[:1]]
    for before, page in pairwise(pages):
        most = range(min(EDGE, len(before), len(page)), 0, -1)
        same = (n for n in most if [*before[-n:]] == [*page[:n]] and sum(map(len, page[:n])) >= REPEATED)
        inner.append([*page[next(same, 0) :]])
    return inner, sum(map(len, pages)) - sum(map(len, inner))


def edges_removed(pages: Sequence[Sequence[str]]) -> tuple[list[list[str]], int]:
    """Leave out the headers, footers and page numbers of pages.

    Args:
        pages: The lines of each page.

    Returns:
        The pages without them, and how many lines were left out.
    """
    repeated = _repeated(pages)
    numbered = _numbered(pages)
    inner = [
        [line for n, line in enumerate(page) if not (_at_edge(n, page) and (_shape(line) in repeated or line in own))]
        for page, own in zip(pages, numbered, strict=True)
    ]
    return inner, sum(map(len, pages)) - sum(map(len, inner))


def _at_edge(n: int, page: Sequence[str]) -> bool:
    return n < EDGE or n >= len(page) - EDGE


def _shape(line: str) -> str:
    return _DIGITS.sub("#", line)


def _repeated(pages: Sequence[Sequence[str]]) -> frozenset[str]:
    """Return the lines, digits apart, that stand at the edge of more than half of three pages or more."""
    if len(pages) < 3:
        return frozenset()
    shapes = Counter(
        shape for page in pages for shape in {_shape(line) for n, line in enumerate(page) if _at_edge(n, page)}
    )
    # What stands inside pages as well is said again and again, not printed on each.
    inside = {_shape(line) for page in pages for n, line in enumerate(page) if not _at_edge(n, page)}
    often = {shape for shape, n in shapes.items() if n > len(pages) / 2} - inside
    return frozenset(often - _answers(pages, often)) if often else frozenset()


def _answers(pages: Sequence[Sequence[str]], often: AbstractSet[str]) -> set[str]:
    """Return the shapes of lines that begin with a speaker's label: two people can say "Yes." at the top of many pages.

    A label is one that says a role, or that speaks away from the edges of pages, too.
    """
    places = [(line, _at_edge(n, page)) for page in pages for n, line in enumerate(page)]
    labels = judged([TalkLine(0, line) for line, _ in places])
    inner = {
        label.name
        for (line, edge), label in zip(places, labels, strict=True)
        if label and not (edge and _shape(line) in often)
    }
    return {
        _shape(line)
        for (line, _), label in zip(places, labels, strict=True)
        if label and (label.name in inner or is_known_shape(label.name) or says_role(label.name))
    }


def _numbered(pages: Sequence[Sequence[str]]) -> list[frozenset[str]]:
    """Return for each page the first or last line if it is its number: one more than on the page before."""
    found = [
        {
            line: int(match[1]) - n
            for line in {*page[:1], *page[-1:]}
            if (match := _NUMBER.fullmatch(line[:LONGEST_WORD]))
        }
        for n, page in enumerate(pages)
    ]
    starts = Counter(start for page in found for start in set(page.values()))
    start, times = next(iter(starts.most_common(1)), (0, 0))
    return [frozenset(line for line, its in page.items() if times > 1 and its == start) for page in found]


def paragraphs_of(lines: Sequence[str], speakers: SpeakerSettings) -> tuple[list[str], int]:
    """Join printed lines to paragraphs.

    A speaker's label or a time stamp opens a paragraph; a short line that ends a sentence closes one.

    Args:
        lines: The lines of all pages, none blank.
        speakers: What the researcher says about them.

    Returns:
        The paragraphs, and how many words were made whole.
    """
    only = pattern_of(speakers.pattern) if speakers.pattern else None
    labels = judged([TalkLine(0, line) for line in lines], interviewer_names(speakers), only)
    full = sorted(map(len, lines))[int(0.9 * (len(lines) - 1))] if lines else 0
    words = Counter(word.casefold() for line in lines for word in _WORD.findall(line[: _undivided(line)]))
    paragraphs: list[list[str]] = []
    hyphens, closed = 0, True
    for line, label in zip(lines, labels, strict=True):
        if closed or label is not None or stamp_alone(line) is not None:
            paragraphs.append([line])
        else:
            whole = _whole(paragraphs[-1][-1], line, words)
            hyphens += whole is not None
            paragraphs[-1][-1:] = [paragraphs[-1][-1], line] if whole is None else [whole]
        closed = _closes(line, label, full)
    return [" ".join(paragraph) for paragraph in paragraphs], hyphens


def _divided(line: str) -> re.Match[str] | None:
    """Return the part of a word before a hyphen at the end of a line; of an endless word, its end."""
    return _DIVIDED.search(line, max(0, len(line) - LONGEST_WORD))


def _undivided(line: str) -> int:
    match = _divided(line)
    return match.start() if match else len(line)


def _closes(line: str, label: Label | None, full: int) -> bool:
    if stamp_alone(line) is not None or (label is not None and not line[label.words :].strip()):
        return True
    return line.endswith(_STOPS) and len(line) < SHORT * full


def _whole(line: str, following: str, words: Counter[str]) -> str | None:
    """Return two lines as one if a word is divided between them, else None.

    The document tells whether the hyphen belongs to the word: by the word as it is written elsewhere, or by two
    halves that are words by themselves.
    """
    divided, rest = _divided(line), _BEGINNING.match(following)
    if divided is None or rest is None or not rest[0][0].islower():
        return None
    start, end = divided[1].casefold(), rest[0].casefold()
    kept = (
        divided[2] != "\u00ad"
        and not words[start + end]
        and (words[f"{start}-{end}"] > 0 or (words[start] > 0 and words[end] > 0))
    )
    return (line if kept else line[:-1]) + following
