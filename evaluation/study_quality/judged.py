"""Which sentences of a study a person coded completely without being shown what the machine says."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from corpus.transcript import Span
from evaluation.metrics.grouping import Flags
from evaluation.study_quality.columns import Suggested
from evaluation.study_quality.finish_line import Cells, JudgedStudy
from evaluation.study_quality.sentences import LENGTH, CodedSpans, Numbers, SentenceRow, row_of
from pipeline.review.audit import spans_of

if TYPE_CHECKING:
    from evaluation.benchmarks.coded_study import CodedTalk

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
    """Return every code that codings give to some sentences, once however many codings of a sentence give it.

    Args:
        row: The sentences.
        codings: On versions of the row only.
        within: Shape (sentences,), which ones.
    """
    sentence, mark = row.bearing(codings)
    inside = within[sentence]
    sentences, codes = np.unique([sentence[inside], codings.codes[mark[inside]]], axis=1)
    return Cells(sentences, codes)


def judged_transcripts(talk: CodedTalk, blind: Collection[str]) -> JudgedStudy:
    """Return the transcripts of a benchmark as a study, of which those coded blind are judged.

    Args:
        talk: Transcripts with human codings.
        blind: Names of those coded without sight of suggestions.
    """
    codebook = talk.rows.codebook
    column = {code: n for n, code in enumerate(codebook.ids)}
    names = [next(coding.transcript for coding in codings) for codings in talk.codings]
    proposed = [(n, suggestion) for n, found in enumerate(talk.suggestions) for suggestion in found]
    given = [(n, coding) for n, found in enumerate(talk.codings) for coding in found]
    marks, codings = (
        CodedSpans(
            *np.array([(n, mark.span.start, mark.span.end, column[mark.code]) for n, mark in marked], dtype=np.int64)
            .reshape(-1, 4)
            .T
        )
        for marked in (proposed, given)
    )
    chances = np.array([getattr(suggestion, "probability", 1.0) for _, suggestion in proposed], dtype=np.float64)
    spans = {n: spans_of(segment.span for segment in segments) for n, segments in enumerate(talk.segments)}
    judgements = Judgements(frozenset(n for n, name in enumerate(names) if name in blind), frozenset(), codings)
    suggested = Suggested(np.arange(len(proposed)), marks, chances)
    return judged_study(row_of(spans), suggested, judgements, len(codebook.ids))
