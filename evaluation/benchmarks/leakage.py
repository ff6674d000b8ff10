"""The leakage guard: a benchmark does not score a text that the suggester has seen.

A seed gives a test text away if both are equal once case, punctuation and white space are left out, or if more than
half of the test text's runs of eight words stand in one and the same seed. People use stock phrases, so texts of
fewer than six words are never equal enough, and runs are counted from twelve words on: of 44 practice interviews each
held against the rest of the bank, none is refused by chance; with a fifth of the runs in texts of any length three in
fourteen were.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from corpus.errors import UsageError
from corpus.seeds import SeedBank

RUN = 8
LARGEST_SHARE = 0.5
FEWEST_WORDS = 6
FEWEST_FOR_RUNS = 12
NAMED_AT_MOST = 10

Words = tuple[str, ...]
Places = Mapping[Words, Sequence[int]]
"""Numbers of the seeds in which a stretch of words stands."""


def rule() -> str:
    """Return when a seed gives a test text away, in the words of a methods section."""
    return (
        f"both are equal (from {FEWEST_WORDS} words on) or one seed holds more than {LARGEST_SHARE:.0%} of the test "
        f"text's runs of {RUN} words (from {FEWEST_FOR_RUNS} words on); case, punctuation and white space do not count"
    )


def refuse_leakage(seeds: SeedBank, texts: Mapping[str, str]) -> None:
    """Refuse to go on if a seed overlaps a test text.

    Args:
        seeds: What the suggester was made from; the context of a seed counts as much as its text.
        texts: Test texts by an id that may be shown.

    Raises:
        UsageError: Naming texts by id and seeds by number (the first is 1), never their words.
    """
    leaks = find_leaks(seeds, texts)
    if leaks:
        named = ", ".join(f"{name} (seed {seed + 1})" for name, seed in [*leaks.items()][:NAMED_AT_MOST])
        more = f" and {len(leaks) - NAMED_AT_MOST} more" if len(leaks) > NAMED_AT_MOST else ""
        raise UsageError(f"seeds hold test texts, so no score would be honest; take out the seeds of: {named}{more}")


def find_leaks(seeds: SeedBank, texts: Mapping[str, str]) -> dict[str, int]:
    """Return the test texts that a seed gives away, each with the index of such a seed."""
    asked = {name: _words(text) for name, text in texts.items()}
    wanted_wholes, wanted_runs = set(asked.values()), {run for words in asked.values() for run in _runs(words)}
    known = [(n, _words(text)) for n, quote in enumerate(seeds.quotes) for text in (quote.text, quote.context) if text]
    wholes = _places((n, wanted_wholes.intersection([words])) for n, words in known)
    runs = _places((n, wanted_runs.intersection(_runs(words))) for n, words in known)
    found = ((name, _giving_away(words, wholes, runs)) for name, words in asked.items())
    return {name: seed for name, seed in found if seed is not None}


def _giving_away(words: Words, wholes: Places, runs: Places) -> int | None:
    """Return the first seed that holds too much of the words."""
    mine = set(_runs(words)) if len(words) >= FEWEST_FOR_RUNS else set()
    shared = Counter(seed for run in mine for seed in set(runs.get(run, ())))
    whole = wholes.get(words, ()) if len(words) >= FEWEST_WORDS else ()
    return min((*whole, *(seed for seed, n in shared.items() if n > LARGEST_SHARE * len(mine))), default=None)


def _places(stretches: Iterable[tuple[int, Iterable[Words]]]) -> Places:
    seeds: defaultdict[Words, list[int]] = defaultdict(list)
    for number, found in stretches:
        for words in found:
            seeds[words].append(number)
    return seeds


def _runs(words: Words) -> Iterator[Words]:
    """Yield the runs of ``RUN`` words; none of a shorter text."""
    return (words[n : n + RUN] for n in range(len(words) - RUN + 1))


def _words(text: str) -> Words:
    return tuple(re.findall(r"\w+", text.replace("'", "").replace("\N{RIGHT SINGLE QUOTATION MARK}", "").casefold()))
