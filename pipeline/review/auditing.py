"""The audit of a study under review: its sentences are read once, and again after a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from pipeline.review.audit import AuditFrames, AuditSample, Spans, frames_of
from pipeline.review.views import PieceView

if TYPE_CHECKING:
    from pipeline.review.sentence_cache import SentenceCache
    from pipeline.review.service import ReviewService
    from pipeline.review.study_state import StudyState
    from pipeline.review.suggestion_index import SuggestionIndex


@dataclass(frozen=True, slots=True)
class AuditView:
    """The sentence to audit next, in its context.

    Attributes:
        version: None when all have been audited; then there is no sentence either.
        done: Audited by this coder already.
        of: How many are worth auditing.
        codes: What the coder has given the sentence already, ids of codes.
    """

    done: int
    of: int
    version: int | None = None
    transcript: str = ""
    start: int | None = None
    end: int | None = None
    context: tuple[PieceView, ...] = ()
    codes: tuple[str, ...] = ()


class Auditing:
    """Asks each coder for all codes of random sentences, their suggestions unseen. Threads may share one.

    Args:
        service: The study under review.
        study: Identifies the study: each has its own order.
    """

    def __init__(self, service: ReviewService, study: str) -> None:
        self._service = service
        self._study = study
        self._lock = Lock()
        self._kept: tuple[SuggestionIndex, AuditFrames] | None = None

    def next(self, coder: str) -> AuditView:
        """Return the sentence to audit next; those of versions that are hidden from the coder are passed over."""
        with self._service.now() as state:
            index, sentences = state.index, state.sentence_cache
            versions = [version.id for version in state.current()]
            audited, hidden = state.event_log.audits(coder), state.hidden(coder)
        draw = self._frames(index, sentences, versions).draw(f"{self._study} {coder}", audited, hidden)
        with self._service.now() as state:
            return _view(state, coder, draw)

    def _frames(self, index: SuggestionIndex, sentences: SentenceCache, versions: list[int]) -> AuditFrames:
        """Return what to draw from; read without holding up anybody who reviews."""
        with self._lock:
            if self._kept is None or self._kept[0] is not index:
                sentences.read(versions)
                spans = ((version, sentences.spans(version)) for version in sorted(versions))
                self._kept = index, frames_of(spans, _suggested(index))
            return self._kept[1]


def _suggested(index: SuggestionIndex) -> Mapping[int, Spans]:
    """Return the spans of all suggestions, by version."""
    order = np.argsort(index.versions, kind="stable")
    versions, firsts = np.unique(index.versions[order], return_index=True)
    spans = np.column_stack([index.starts[order], index.ends[order]]).astype(np.int64)
    return dict(zip(versions.tolist(), np.split(spans, firsts[1:]), strict=True)) if len(versions) else {}


def _view(state: StudyState, coder: str, draw: AuditSample) -> AuditView:
    if draw.subject is None:
        return AuditView(draw.done, draw.of)
    version, span = draw.subject
    name, context = state.version(version).name, state.transcript_cache.context(version, span)
    current = (standing.decision for standing in state.decision_log.current(coder, version) if standing.coded)
    codes = {coding.code for coding in current if coding.span and coding.code and coding.span.overlap(span)}
    return AuditView(draw.done, draw.of, version, name, span.start, span.end, context, tuple(sorted(codes)))
