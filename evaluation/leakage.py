"""The leakage guard: a benchmark does not score a text that the suggester has seen.

A seed gives a test text away if both are equal once case, punctuation and white space are left out, or if more than
a fifth of the test text's runs of eight words stand in one and the same seed. Texts of fewer than five words are
exempt: "and how did that come about" is found by anyone, anywhere.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from corpus.errors import UsageError
from corpus.seeds import SeedBank

RUN = 8
LARGEST_SHARE = 0.2
FEWEST_WORDS = 5
NAMED_AT_MOST = 10

Words = tuple[str, ...]


def refuse_leakage(seeds: SeedBank, texts: Mapping[str, str]) -> None:
    """Refuse to go on if a seed overlaps a test text.

    Args:
        seeds: What the suggester was made from.
        texts: Test texts by an id that may be shown.

    Raises:
        UsageError: Naming the ids of the texts, never their words.
    """
    leaked = leaked_ids(seeds, texts)
    if leaked:
        more = f" and {len(leaked) - NAMED_AT_MOST} more" if len(leaked) > NAMED_AT_MOST else ""
        named = ", ".join(leaked[:NAMED_AT_MOST])
        raise UsageError(f"seeds hold test texts, so no score would be honest; take out the seeds of: {named}{more}")


def leaked_ids(seeds: SeedBank, texts: Mapping[str, str]) -> list[str]:
    """Return the ids of the test texts that a seed gives away, in order."""
    known = [_words(quote.text) for quote in seeds.quotes]
    whole, runs = set(known), _seeds_of_runs(known)
    return [name for name, text in texts.items() if _gives_away(_words(text), whole, runs)]


def _gives_away(words: Words, whole: set[Words], runs: Mapping[Words, Sequence[int]]) -> bool:
    if len(words) < FEWEST_WORDS:
        return False
    mine = _runs(words)
    shared = Counter(seed for run in mine for seed in runs.get(run, ()))
    return words in whole or any(count > LARGEST_SHARE * len(mine) for count in shared.values())


def _seeds_of_runs(known: Iterable[Words]) -> Mapping[Words, Sequence[int]]:
    seeds: defaultdict[Words, list[int]] = defaultdict(list)
    for number, words in enumerate(known):
        for run in _runs(words):
            seeds[run].append(number)
    return seeds


def _runs(words: Words) -> set[Words]:
    return {words[n : n + RUN] for n in range(len(words) - RUN + 1)}


def _words(text: str) -> Words:
    return tuple(re.findall(r"\w+", text.replace("'", "").replace("\N{RIGHT SINGLE QUOTATION MARK}", "").casefold()))
