"""Decisions, standings, codings and marks as they are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from pipeline.review.decision_log import Subject
from pipeline.review.views import CodingView, DecisionView, EventView, LoggedView, OtherView
from pipeline.store.event_records import Event
from pipeline.store.records import Decision

SHARED = tuple(field.name for field in fields(DecisionView) if field.name not in {"start", "end"})
"""Fields that a view of a decision takes over as they are."""


def decision_view(one: Decision) -> DecisionView:
    """Return an entry of the log as told."""
    return DecisionView(**_facts(one))


def logged_view(one: Decision, *, holds: bool) -> LoggedView:
    """Return an entry of the log as told to who made it."""
    return LoggedView(**_facts(one), in_force=holds)


def standing_view(subject: Subject | None) -> DecisionView | None:
    """Return where a coder stands on a subject; None if nowhere."""
    standing, head = (None, None) if subject is None else (subject.standing, subject.head)
    if subject is None or standing is None or head is None:
        return None
    facts = {"id": head, "memo": standing.memo, "suggestion": subject.suggestion}
    return DecisionView(**{**_facts(standing.decision), **facts})


def coding_view(subject: Subject, reader: str) -> CodingView | None:
    """Return the coding that a subject is now, if it is one."""
    standing = subject.standing
    if standing is None or not standing.coded:
        return None
    one = standing.decision
    if one.span is None or one.code is None:
        return None
    return CodingView(
        decision=subject.head or one.id,
        coder=one.coder,
        start=one.span.start,
        end=one.span.end,
        code=one.code,
        memo=standing.memo,
        suggestion=subject.suggestion,
        mine=one.coder == reader,
        blind=one.blind,
    )


def event_view(one: Event) -> EventView:
    """Return a mark as told."""
    start, end = (None, None) if one.span is None else (one.span.start, one.span.end)
    return EventView(one.id, one.time, one.coder, one.kind, one.version, start, end, one.code, one.text)


def other_views(subjects: Sequence[Subject], reader: str) -> tuple[OtherView, ...]:
    """Return where all but the reader stand."""
    others = (standing_view(subject) for subject in subjects if subject.coder != reader)
    return tuple(OtherView(one.coder, one.action, one.code) for one in others if one is not None)


def _facts(one: Decision) -> dict[str, Any]:
    start, end = (None, None) if one.span is None else (one.span.start, one.span.end)
    return {name: getattr(one, name) for name in SHARED} | {"start": start, "end": end}
