"""What the state of a study holds, as columns by code of the codebook; what bears another code does not enter."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np

from corpus.codebook import Codebook
from evaluation.metrics.grouping import Flags, Floats
from evaluation.study_quality.sentences import CodedSpans, Numbers
from pipeline.review.opinions import OpinionLog
from pipeline.review.suggestion_index import SuggestionIndex
from pipeline.store.records import CurrentDecision


@dataclass(frozen=True)
class Suggested:
    """The suggestions coders are asked about, as columns in the order of their ids.

    Attributes:
        ids: Of each suggestion.
        marks: Where each is and its code.
        chances: The probability of each.
    """

    ids: Numbers
    marks: CodedSpans
    chances: Floats

    def only(self, kept: Flags) -> Suggested:
        """Return those that are ``kept``, shape (suggestions,)."""
        return Suggested(self.ids[kept], self.marks.only(kept), self.chances[kept])


def suggested_in(index: SuggestionIndex, codebook: Codebook, versions: Collection[int]) -> Suggested:
    """Return the suggestions of some versions by codes of the codebook, whose numbers in an index come first.

    Args:
        index: All suggestions.
        codebook: The study's, with which the index was made.
        versions: Ids of transcript versions.
    """
    kept = (index.code_numbers < len(codebook.ids)) & np.isin(index.versions, list(versions))
    marks = CodedSpans(*(column[kept] for column in (index.versions, index.starts, index.ends, index.code_numbers)))
    return Suggested(index.ids[kept], marks, index.probabilities[kept])


def coded_in(standings: Iterable[CurrentDecision], codebook: Codebook, versions: Collection[int]) -> CodedSpans:
    """Return the codings of some versions among where a coder stands.

    Args:
        standings: Where a coder stands.
        codebook: The study's.
        versions: Ids of transcript versions.
    """
    column = {code: n for n, code in enumerate(codebook.ids)}
    codings = (standing.decision for standing in standings if standing.coded)
    rows = [
        (coding.version, coding.span.start, coding.span.end, column[coding.code])
        for coding in codings
        if coding.version in versions and coding.span is not None and coding.code in column
    ]
    return CodedSpans(*np.array(rows, dtype=np.int64).reshape(-1, 4).T)


def chosen_in(opinions: OpinionLog, codebook: Codebook, versions: Collection[int]) -> CodedSpans:
    """Return the codes that a language model chose in some versions.

    Args:
        opinions: What it thinks.
        codebook: The study's.
        versions: Ids of transcript versions.
    """
    column = {code: n for n, code in enumerate(codebook.ids)}
    rows = [
        (version, span.start, span.end, column[code])
        for version in versions
        for span, code in opinions.choices(version)
        if code in column
    ]
    return CodedSpans(*np.array(rows, dtype=np.int64).reshape(-1, 4).T)
