"""The audit of a study under review: its sentences are read once, and again after a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from pipeline.review.audit import AuditFrame, AuditSample, Spans, Subject, frame_of, spans_of
from pipeline.review.views import PieceView
from pipeline.store.event_records import AUDITED

if TYPE_CHECKING:
    from pipeline.review.service import ReviewService
    from pipeline.review.study_state import StudyState
    from pipeline.review.suggestion_index import SuggestionIndex
    from pipeline.store import StudyStore


@dataclass(frozen=True, slots=True)
class AuditView:
    """The sentence to audit next, in its context.

    Attributes:
        version: None when all have been audited; then there is no sentence either.
        done: Audited by this coder already.
        of: How many are worth auditing.
    """

    done: int
    of: int
    version: int | None = None
    transcript: str = ""
    start: int | None = None
    end: int | None = None
    context: tuple[PieceView, ...] = ()


class Auditing:
    """Asks each coder for sentences without a suggestion. Threads may share one.

    Args:
        desk: The study under review.
        study: Identifies the study: each has its own order.
    """

    def __init__(self, desk: ReviewService, study: str) -> None:
        self._desk = desk
        self._study = study
        self._lock = Lock()
        self._kept: tuple[SuggestionIndex, AuditFrame] | None = None

    def next(self, coder: str) -> AuditView:
        """Return the sentence to audit next; those of versions that are hidden from the coder are passed over."""
        with self._desk.now() as now:
            index, store = now.index, now.store
            versions = [one.id for one in now.current()]
            audited, hidden = _audited(now, coder), now.hidden(coder)
        draw = self._frame(index, store, versions).draw(f"{self._study} {coder}", audited, hidden)
        with self._desk.now() as now:
            return _view(now, draw)

    def _frame(self, index: SuggestionIndex, store: StudyStore, versions: list[int]) -> AuditFrame:
        """Return what to draw from; read without holding up anybody who reviews."""
        with self._lock:
            if self._kept is None or self._kept[0] is not index:
                sentences = (
                    (one, spans_of(each.span for each in store.runs.sentences(one))) for one in sorted(versions)
                )
                self._kept = index, frame_of(sentences, _suggested(index))
            return self._kept[1]


def _audited(now: StudyState, coder: str) -> list[Subject]:
    marks = (one for one in now.marks.in_force() if one.coder == coder and one.kind in AUDITED)
    return [(one.version, one.span) for one in marks if one.version is not None and one.span is not None]


def _suggested(index: SuggestionIndex) -> Mapping[int, Spans]:
    """Return the spans of all suggestions, by version."""
    order = np.argsort(index.versions, kind="stable")
    versions, firsts = np.unique(index.versions[order], return_index=True)
    spans = np.column_stack([index.starts[order], index.ends[order]]).astype(np.int64)
    return dict(zip(versions.tolist(), np.split(spans, firsts[1:]), strict=True)) if len(versions) else {}


def _view(now: StudyState, draw: AuditSample) -> AuditView:
    if draw.subject is None:
        return AuditView(draw.done, draw.of)
    version, span = draw.subject
    name, context = now.version(version).name, now.shelf.context(version, span)
    return AuditView(draw.done, draw.of, version, name, span.start, span.end, context)
