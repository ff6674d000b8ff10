"""Which sentences of a study a person coded completely without being shown what the machine says."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from corpus.transcript import Span
from evaluation.metrics.grouping import Flags
from evaluation.study_quality.columns import Suggested
from evaluation.study_quality.finish_line import Cells, JudgedStudy
from evaluation.study_quality.sentences import LENGTH, CodedSpans, Numbers, SentenceRow

Subject = tuple[int, Span]
"""Transcript version and sentence."""


@dataclass(frozen=True)
class Judgements:
    """What one person judged.

    Attributes:
        blind: Transcript versions coded to their end without sight of suggestions.
        audited: Sentences of which the person gave all codes in the audit.
        codings: What the person coded there: blind in ``blind`` versions, anyhow in audited sentences.
    """

    blind: frozenset[int]
    audited: frozenset[Subject]
    codings: CodedSpans


def judged_study(row: SentenceRow, suggested: Suggested, judgements: Judgements, codes: int) -> JudgedStudy:
    """Return a study's sentences with what is suggested there and what a person says of some of them.

    Args:
        row: All participant sentences of the versions that were pre-coded.
        suggested: All suggestions there.
        judgements: What the person judged.
        codes: How many codes the codebook has.
    """
    blind = np.isin(row.versions[row.documents], [*judgements.blind])
    audited = rows_at(row, judgements.audited)
    audited = audited[~blind[audited]]
    clusters = row.documents.copy()
    clusters[audited] = len(row.versions) + np.arange(len(audited))
    judged = blind.copy()
    judged[audited] = True
    sentence, mark = row.bearing(suggested.marks)
    return JudgedStudy(
        sentences=len(row),
        codes=codes,
        suggested=Cells(sentence, suggested.marks.codes[mark]),
        chances=suggested.chances[mark],
        marks=mark,
        judged=judged,
        clusters=clusters,
        documents=len(row.versions),
        human=cells_of(row, judgements.codings, judged),
    )


def rows_at(row: SentenceRow, subjects: Collection[Subject]) -> Numbers:
    """Return the rows of sentences that are still cut as they were, ascending."""
    place = {version: n for n, version in enumerate(row.versions.tolist())}
    wanted = {
        (place[version] * LENGTH + span.start, place[version] * LENGTH + span.end)
        for version, span in subjects
        if version in place
    }
    starts = np.array(sorted(start for start, _ in wanted), dtype=np.int64)
    found = np.flatnonzero(np.isin(row.starts, starts))
    cuts = zip(row.starts[found].tolist(), row.ends[found].tolist(), strict=True)
    return found[np.array([cut in wanted for cut in cuts], dtype=np.bool_)]


def cells_of(row: SentenceRow, codings: CodedSpans, within: Flags) -> Cells:
    """Return every code that codings give to some sentences.

    Args:
        row: The sentences.
        codings: On versions of the row only.
        within: Shape (sentences,), which ones.
    """
    sentence, mark = row.bearing(codings)
    inside = within[sentence]
    return Cells(sentence[inside], codings.codes[mark[inside]])
