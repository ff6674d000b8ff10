"""Decisions, standings, codings and marks as they are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from pipeline.review.decision_log import Subject
from pipeline.review.event_log import EventLog
from pipeline.review.views import CodingView, DecisionView, EventView, LoggedView, OtherView
from pipeline.store.event_records import Event
from pipeline.store.records import Decision

SHARED = tuple(field.name for field in fields(DecisionView) if field.name not in {"start", "end"})
"""Fields that a view of a decision takes over as they are."""


def decision_view(decision: Decision) -> DecisionView:
    """Return an entry of the log as told."""
    return DecisionView(**_facts(decision))


def logged_view(decision: Decision, *, holds: bool) -> LoggedView:
    """Return an entry of the log as told to who made it."""
    return LoggedView(**_facts(decision), in_force=holds)


def standing_view(subject: Subject | None) -> DecisionView | None:
    """Return where a coder stands on a subject; None if nowhere."""
    standing, head = (None, None) if subject is None else (subject.standing, subject.head)
    if subject is None or standing is None or head is None:
        return None
    facts = {"id": head, "memo": standing.memo, "suggestion": subject.suggestion}
    return DecisionView(**{**_facts(standing.decision), **facts})


def coding_view(subject: Subject, reader: str, event_log: EventLog) -> CodingView | None:
    """Return the coding that a subject is now, if it is one.

    Args:
        subject: What a coder decided on.
        reader: Who looks.
        event_log: Tells which codings followed a corrected text.
    """
    standing = subject.standing
    if standing is None or not standing.coded:
        return None
    decision = standing.decision
    if decision.span is None or decision.code is None:
        return None
    return CodingView(
        decision=subject.head or decision.id,
        coder=decision.coder,
        start=decision.span.start,
        end=decision.span.end,
        code=decision.code,
        memo=standing.memo,
        suggestion=subject.suggestion,
        mine=decision.coder == reader,
        blind=decision.blind,
        moved=event_log.is_moved(decision.coder, decision.version, decision.span, decision.code),
    )


def event_view(event: Event) -> EventView:
    """Return a mark as told."""
    start, end = (None, None) if event.span is None else (event.span.start, event.span.end)
    return EventView(event.id, event.time, event.coder, event.kind, event.version, start, end, event.code, event.text)


def other_views(subjects: Sequence[Subject], reader: str) -> tuple[OtherView, ...]:
    """Return where all but the reader stand."""
    others = (standing_view(subject) for subject in subjects if subject.coder != reader)
    return tuple(OtherView(other.coder, other.action, other.code) for other in others if other is not None)


def _facts(decision: Decision) -> dict[str, Any]:
    start, end = (None, None) if decision.span is None else (decision.span.start, decision.span.end)
    return {name: getattr(decision, name) for name in SHARED} | {"start": start, "end": end}
