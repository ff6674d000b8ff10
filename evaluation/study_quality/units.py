"""What two coders are compared on: sentences, participants' turns, whole transcripts, or the passages they coded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from corpus.codebook import Codebook
from evaluation.metrics.grouping import Floats, Grouping
from evaluation.study_quality.differences import differences_of, passages_of
from evaluation.study_quality.sentences import LENGTH, CodedSpans, Numbers, SentenceRow
from evaluation.study_quality.types import Unit


@dataclass(frozen=True)
class GivenCodes:
    """The codes that a coder gave to units, as columns of equal length.

    Attributes:
        units: Number of the unit.
        codes: Column of the code in the codebook.
    """

    units: Numbers
    codes: Numbers

    def cells(self, grouping: Grouping) -> Numbers:
        """Return ``unit * labels + label`` of every label that a unit bears, each once."""
        column = grouping.columns()[self.codes]
        return np.unique(self.units * len(grouping.labels) + column)


@dataclass(frozen=True)
class ComparedUnits:
    """Units of some transcripts with what two coders gave to each.

    Attributes:
        documents: Shape (units,), the transcript of each, counted from 0.
        transcripts: How many transcripts there are.
    """

    documents: Numbers
    transcripts: int
    first: GivenCodes
    second: GivenCodes

    def __len__(self) -> int:
        return len(self.documents)

    def by_document(self, units: Numbers) -> Floats:
        """Count units by transcript, shape (transcripts,)."""
        return np.bincount(self.documents[units], minlength=self.transcripts).astype(np.float64)

    def gathered(self, larger: Numbers) -> ComparedUnits:
        """Return larger units, which bear what any unit within them bears.

        Args:
            larger: Shape (units,), the larger unit that each lies in; no larger unit leaves its transcript.
        """
        _, first_of, number = np.unique(larger, return_index=True, return_inverse=True)
        ours, theirs = (GivenCodes(number[given.units], given.codes) for given in (self.first, self.second))
        return ComparedUnits(self.documents[first_of], self.transcripts, ours, theirs)


def units_of(unit: Unit, row: SentenceRow, first: CodedSpans, second: CodedSpans, codebook: Codebook) -> ComparedUnits:
    """Return what two coders are compared on.

    A sentence bears a code by rule ``half/v1``, a turn or a transcript if one of its participant sentences does. The
    passages are those of ``differences``: stretches that at least one of the two coded.

    Args:
        unit: Which units.
        row: The participant sentences of the transcripts compared.
        first: What one coder coded there.
        second: What the other one did.
        codebook: Its columns are the codes of both.
    """
    if unit is Unit.PASSAGE:
        return _passages(row, first, second, codebook)
    borne = ((*row.bearing(marks), marks.codes) for marks in (first, second))
    ours, theirs = (GivenCodes(sentence, codes[mark]) for sentence, mark, codes in borne)
    sentences = ComparedUnits(row.documents, len(row.versions), ours, theirs)
    if unit is Unit.TURN:
        return sentences.gathered(row.documents * LENGTH + row.turns)
    return sentences.gathered(row.documents) if unit is Unit.TRANSCRIPT else sentences


def _passages(row: SentenceRow, first: CodedSpans, second: CodedSpans, codebook: Codebook) -> ComparedUnits:
    column = {code: n for n, code in enumerate(codebook.ids)}
    documents: list[int] = []
    given: tuple[list[tuple[int, int]], list[tuple[int, int]]] = ([], [])
    for document, version in enumerate(row.versions.tolist()):
        ours, theirs = (passages_of(marks.only(marks.versions == version), codebook) for marks in (first, second))
        for difference in differences_of(ours, theirs):
            for codes, found in zip((difference.first, difference.second), given, strict=True):
                found += [(len(documents), column[code]) for code in codes]
            documents.append(document)
    one, other = (GivenCodes(*np.array(found, dtype=np.int64).reshape(-1, 2).T) for found in given)
    return ComparedUnits(np.array(documents, dtype=np.int64), len(row.versions), one, other)
