"""What a study's codings look like, as one filter means them: how often, by whom, when, and together with what."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from evaluation.analysis.crossing import Floats, Numbers, crossed, distinct, parts_of, together
from evaluation.analysis.material import Material, material_of
from evaluation.analysis.types import CodeCount, CodeCounts, CodePair, CodesTogether, CodeTable, CountedIn
from evaluation.study_quality.sentences import CodedSpans, row_of
from pipeline.framework import group_order

if TYPE_CHECKING:
    from pipeline.review.service import ReviewService
    from pipeline.study_filter import Filter

TURNS = 1 << 24
"""More turns than any transcript has: makes numbers of turns different in different transcripts."""


class StudyAnalysis:
    """Counts the codings of a study under review. Threads may share one.

    Each method takes a filter and the coder who asks; what they code blind does not enter.

    Args:
        service: The study under review.
    """

    def __init__(self, service: ReviewService) -> None:
        self._service = service

    def codes(self, wanted: Filter, coder: str) -> CodeCounts:
        """Return how often each code was given and is suggested."""
        found = self._material(wanted, coder)
        size = len(found.codebook.ids)
        passages = np.bincount(found.codings.codes, minlength=size)
        suggested = np.bincount(found.suggestions.codes, minlength=size)
        nowhere = np.zeros(len(found.codings), dtype=np.int64)
        transcripts = distinct(found.codings.codes, nowhere, found.codings.versions, (size, 1))[:, 0]
        counts = (
            CodeCount(found.codebook.ids[n], int(passages[n]), int(transcripts[n]), int(suggested[n]))
            for n in found.shown.tolist()
        )
        return CodeCounts(len(found.versions), found.hidden, tuple(counts))

    def groups(self, wanted: Filter, coder: str, by: str, *, suggestions: bool = False) -> CodeTable:
        """Return codes by the values of an attribute of whoever says it.

        Args:
            wanted: What is counted.
            coder: Who asks.
            by: Name of the attribute; ``transcript`` for a column each.
            suggestions: Whether open suggestions count, too.
        """
        found = self._material(wanted, coder)
        marks = found.marks(suggestions=suggestions)
        labels, numbers = found.groups(marks, by)
        sizes: dict[str, int] = {}
        for version in found.versions:
            meant = found.places.found[version][1].tolist()
            speak = {label for label, wanted_here in zip(found.labels(version, by), meant, strict=True) if wanted_here}
            for label in speak:
                sizes[label] = sizes.get(label, 0) + 1
        columns = sorted(sizes, key=group_order)
        place = np.array([columns.index(label) for label in labels], dtype=np.int64)
        return _table(found, marks, place[numbers] if len(marks) else numbers, {name: sizes[name] for name in columns})

    def course(self, wanted: Filter, coder: str, parts: int, *, suggestions: bool = False) -> CodeTable:
        """Return in which part of the interviews each code stands, by the middle of its passages.

        Args:
            wanted: What is counted.
            coder: Who asks.
            parts: Into how many equal parts each transcript is cut.
            suggestions: Whether open suggestions count, too.
        """
        found = self._material(wanted, coder)
        marks = found.marks(suggestions=suggestions)
        lengths = np.array([found.versions[version].characters for version in marks.versions.tolist()], dtype=np.int64)
        middles: Floats = (marks.starts + marks.ends) / 2 / np.maximum(lengths, 1)
        shares = [round(100 * n / parts) for n in range(parts + 1)]
        names = (f"{start}\u2013{end}%" for start, end in pairwise(shares))
        return _table(found, marks, parts_of(middles, parts), dict.fromkeys(names, len(found.versions)))

    def together(self, wanted: Filter, coder: str, unit: CountedIn, *, suggestions: bool = False) -> CodesTogether:
        """Return which codes stand together in how many units of what participants say, or transcripts.

        Args:
            wanted: What is counted; a filter by code leaves the pairs of that code.
            coder: Who asks.
            unit: In what.
            suggestions: Whether open suggestions count, too.
        """
        with self._service.now() as state:
            found, sentences = material_of(state, replace(wanted, code=None), coder), state.sentence_cache
        marks = found.marks(suggestions=suggestions)
        if unit is CountedIn.TRANSCRIPT:
            places, codes = marks.versions, marks.codes
        else:
            sentences.read(found.versions)
            row = row_of({version: sentences.spans(version) for version in found.versions})
            places, bearing = row.bearing(marks)
            codes = marks.codes[bearing]
            if unit is CountedIn.TURN:
                turns = [np.zeros(0, dtype=np.int64), *(sentences.turns(version) for version in row.versions.tolist())]
                places = (row.documents * TURNS + np.concatenate(turns))[places]
        return _together(found, places, codes, unit, wanted.code)

    def _material(self, wanted: Filter, coder: str) -> Material:
        with self._service.now() as state:
            return material_of(state, wanted, coder)


def _table(found: Material, marks: CodedSpans, numbers: Numbers, sizes: dict[str, int]) -> CodeTable:
    """Return codes by column.

    Args:
        found: What was looked at.
        marks: What is counted.
        numbers: The column of each mark.
        sizes: Transcripts in each column, by its name, in order.
    """
    shape = len(found.codebook.ids), len(sizes)
    passages = crossed(marks.codes, numbers, shape)
    transcripts = distinct(marks.codes, numbers, marks.versions, shape)
    used = np.flatnonzero(passages.sum(axis=1))
    return CodeTable(
        len(found.versions),
        found.hidden,
        tuple(found.codebook.ids[n] for n in used.tolist()),
        tuple(sizes),
        tuple(sizes.values()),
        tuple(map(tuple, passages[used].tolist())),
        tuple(map(tuple, transcripts[used].tolist())),
    )


def _together(found: Material, places: Numbers, codes: Numbers, unit: CountedIn, only: str | None) -> CodesTogether:
    """Return the pairs of codes, or those of one code only.

    Args:
        found: What was looked at.
        places: The unit that each coding is in.
        codes: Its code, as a column of the codebook.
        unit: What a unit is.
        only: Id of that code.
    """
    counted = together(places, codes, len(found.codebook.ids))
    ids, shared, jaccard = found.codebook.ids, counted.shared, counted.jaccard
    pairs = [
        CodePair(ids[first], ids[second], int(shared[first, second]), round(float(jaccard[first, second]), 4))
        for first, second in np.argwhere(np.triu(shared, 1)).tolist()
        if only in {None, ids[first], ids[second]}
    ]
    paired = {only, *(code for pair in pairs for code in (pair.first, pair.second))}
    used = [n for n in np.flatnonzero(counted.units).tolist() if only is None or ids[n] in paired]
    return CodesTogether(
        len(found.versions),
        found.hidden,
        unit,
        tuple(ids[n] for n in used),
        tuple(int(counted.units[n]) for n in used),
        tuple(sorted(pairs, key=lambda pair: (-pair.units, -pair.jaccard))),
    )
