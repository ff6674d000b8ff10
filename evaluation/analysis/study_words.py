"""What participants of a study say: the words they use most, and those that one group uses more than the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from corpus.transcript import Span
from evaluation.analysis.crossing import Numbers
from evaluation.analysis.keyness import log_likelihood, log_ratio
from evaluation.analysis.material import Material, material_of
from evaluation.analysis.types import GroupKeywords, Keyword, Keywords, WordCount, WordCounts
from evaluation.analysis.word_index import WordIndex
from evaluation.analysis.words import stop_words
from pipeline.framework import group_order

if TYPE_CHECKING:
    from pipeline.review.service import ReviewService
    from pipeline.store import StudyStore
    from pipeline.study_filter import Filter

RATE = 10_000
"""Rates are occurrences in so many words."""

LEAST_TRANSCRIPTS = 2
"""A keyword is said in so many transcripts of its group at least, where it has as many: one person's habit is none."""

TELLING = 3.84
"""Least log-likelihood of a keyword: p < .05 of chi-squared with one degree of freedom."""


@dataclass
class _Tally:
    """The words of a group: occurrences and transcripts by number of the word."""

    counts: Numbers
    transcripts: Numbers
    versions: set[int] = field(default_factory=set)

    @property
    def total(self) -> int:
        return int(self.counts.sum())


class StudyWords:
    """Counts the words of a study under review. Threads may share one.

    A filter by code or domain looks at the passages that bear such a code only.

    Args:
        service: The study under review.
        store: Where its transcripts are.
    """

    def __init__(self, service: ReviewService, store: StudyStore) -> None:
        self._service = service
        self._index = WordIndex(store)

    def words(self, wanted: Filter, coder: str, *, language: str, most: int) -> WordCounts:
        """Return the words that are said most.

        Args:
            wanted: Whose words, in which transcripts, under which codes.
            coder: Who asks; what they code blind does not enter.
            language: Whose stop words are left out; empty for none.
            most: Words at most.
        """
        found, tallies = self._tallies(wanted, coder, None)
        nothing = np.zeros(0, dtype=np.int64)
        tally, vocabulary = tallies.get("", _Tally(nothing, nothing)), self._index.vocabulary
        left_out = stop_words(language)
        order = np.lexsort((np.arange(len(tally.counts)), -tally.counts))
        kept = (n for n in order.tolist() if tally.counts[n] and vocabulary[n] not in left_out)
        listed = (
            WordCount(
                vocabulary[n], int(tally.counts[n]), _rate(tally.counts[n], tally.total), int(tally.transcripts[n])
            )
            for n, _ in zip(kept, range(most), strict=False)
        )
        return WordCounts(
            len(found.versions), found.hidden, tally.total, int(np.count_nonzero(tally.counts)), tuple(listed)
        )

    def keywords(self, wanted: Filter, coder: str, *, by: str, language: str, most: int) -> Keywords:
        """Return the words that each group says more than all others together.

        Args:
            wanted: Whose words, in which transcripts, under which codes.
            coder: Who asks; what they code blind does not enter.
            by: The attribute whose values make the groups; ``transcript`` for each transcript against the others.
            language: Whose stop words are left out; empty for none.
            most: Words a group at most.
        """
        found, tallies = self._tallies(wanted, coder, by)
        everyone = sum((tally.counts for tally in tallies.values()), np.zeros(1, dtype=np.int64))
        vocabulary, left_out = self._index.vocabulary, stop_words(language)
        groups = (
            GroupKeywords(
                label,
                len(tallies[label].versions),
                tallies[label].total,
                tuple(_keywords(tallies[label], everyone, vocabulary, left_out, most)),
            )
            for label in sorted(tallies, key=group_order)
        )
        return Keywords(len(found.versions), found.hidden, tuple(groups))

    def _tallies(self, wanted: Filter, coder: str, by: str | None) -> tuple[Material, dict[str, _Tally]]:
        """Return the words of each group; of everybody together, under an empty name, where none makes groups."""
        with self._service.now() as state:
            found = material_of(state, wanted, coder)
        within = _coded_spans(found) if wanted.code or wanted.domain else None
        said: defaultdict[str, list[tuple[int, Numbers, Numbers]]] = defaultdict(list)
        for version in found.versions:
            spoken, meant = found.places.found[version]
            labels = [""] * len(meant) if by is None else found.labels(version, by)
            counted = (
                self._index.of(version, spoken)
                if within is None
                else self._index.within(version, spoken, within.get(version, []))
            )
            for each in counted:
                if meant[each.stretch]:
                    said[labels[each.stretch]].append((version, each.words, each.counts))
        size = len(self._index.vocabulary)
        return found, {label: _tally(parts, size) for label, parts in said.items()}


def _tally(parts: list[tuple[int, Numbers, Numbers]], size: int) -> _Tally:
    """Sum up what speakers of a group say.

    Args:
        parts: Version, numbers of words and how often each is said, of each speaker.
        size: Of the vocabulary.
    """
    tally = _Tally(np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64))
    by_version: defaultdict[int, list[Numbers]] = defaultdict(list)
    for version, words, counts in parts:
        tally.counts[words] += counts
        by_version[version].append(words)
    for of_version in by_version.values():
        tally.transcripts[np.unique(np.concatenate(of_version))] += 1
    tally.versions.update(by_version)
    return tally


def _keywords(
    tally: _Tally, everyone: Numbers, vocabulary: list[str], left_out: frozenset[str], most: int
) -> Iterator[Keyword]:
    """Yield the keywords of a group, most telling first.

    Args:
        tally: Its words.
        everyone: Occurrences in all groups by number of the word.
        vocabulary: Words by number.
        left_out: Words that are not shown.
        most: How many at most.
    """
    others, size = everyone - tally.counts, int(everyone.sum()) - tally.total
    g2 = log_likelihood(tally.counts, others, tally.total, size)
    ratio = log_ratio(tally.counts, others, tally.total, size)
    spread = tally.transcripts >= min(LEAST_TRANSCRIPTS, len(tally.versions))
    telling = np.flatnonzero((g2 >= TELLING) & (ratio > 0) & spread)
    order = telling[np.argsort(-g2[telling], kind="stable")].tolist()
    kept = (n for n in order if vocabulary[n] not in left_out)
    for n, _ in zip(kept, range(most), strict=False):
        rates = _rate(tally.counts[n], tally.total), _rate(others[n], size)
        spoken = int(tally.counts[n]), rates[0], int(tally.transcripts[n])
        yield Keyword(vocabulary[n], *spoken, rates[1], round(float(g2[n]), 2), round(float(ratio[n]), 2))


def _coded_spans(found: Material) -> dict[int, list[Span]]:
    """Return the passages of each version, those that overlap as one."""
    spans: defaultdict[int, list[Span]] = defaultdict(list)
    marks = found.codings
    rows = sorted(zip(marks.versions.tolist(), marks.starts.tolist(), marks.ends.tolist(), strict=True))
    for version, start, end in rows:
        last = spans[version][-1] if spans[version] else None
        if last is not None and start < last.end:
            spans[version][-1] = last.join(Span(start, end))
        else:
            spans[version].append(Span(start, end))
    return spans


def _rate(count: int, total: int) -> float:
    return round(RATE * float(count) / total, 2) if total else 0.0
