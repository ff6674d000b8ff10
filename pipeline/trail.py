"""The audit trail: everything that anybody did in a study, in order, and whether it still holds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from corpus.transcript import Span
from pipeline.store.event_records import Event, EventKind
from pipeline.store.fold import in_force
from pipeline.store.records import Action, Decision


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """One act of somebody.

    Attributes:
        id: In its log: ``d12`` of a decision, ``e7`` of an event.
        transcript: Name of the transcript; empty for what is about none.
        did: The action of a decision, or the kind of an event.
        suggestion: The suggestion that was answered.
        text: The memo, or what an event says.
        undid: Id of the decision that was taken back.
        recorder: Who wrote it down, where that is somebody else.
        in_force: Whether it holds: neither taken back nor followed by another word on the same.
    """

    id: str
    time: datetime
    coder: str
    transcript: str
    version: int | None
    did: str
    code: str | None
    start: int | None
    end: int | None
    suggestion: int | None
    text: str
    undid: str
    blind: bool
    recorder: str
    in_force: bool


def of_decision(decision: Decision, about: Decision, transcript: str, *, holds: bool) -> TrailEntry:
    """Return a decision as an entry.

    Args:
        decision: As it was written.
        about: The decision that an undoing is about in the end; the same for others.
        transcript: Its name.
        holds: Whether it is in force.
    """
    undone = decision.previous if decision.action is Action.UNDO else None
    return TrailEntry(
        f"d{decision.id}",
        decision.time,
        decision.coder,
        transcript,
        decision.version,
        str(decision.action),
        about.code,
        *_ends(about.span),
        about.suggestion,
        decision.memo,
        "" if undone is None else f"d{undone}",
        decision.blind,
        decision.recorder,
        holds,
    )


def of_event(event: Event, transcript: str, *, holds: bool) -> TrailEntry:
    """Return an event as an entry.

    Args:
        event: As it was written.
        transcript: Its name; empty where it is about none.
        holds: Whether no later one is about the same.
    """
    return TrailEntry(
        f"e{event.id}",
        event.time,
        event.coder,
        transcript,
        event.version,
        str(event.kind),
        event.code,
        *_ends(event.span),
        None,
        _said(event),
        "",
        blind=False,
        recorder="",
        in_force=holds,
    )


def trail(decisions: Sequence[Decision], events: Sequence[Event], names: Mapping[int, str]) -> list[TrailEntry]:
    """Return both logs as one, oldest first.

    Args:
        decisions: All of them, in log order.
        events: Likewise.
        names: Of transcripts, by version.
    """
    held = {decision.id for decision in in_force(decisions)}
    by_id = {decision.id: decision for decision in decisions}
    last = {event.subject: event.id for event in events}
    entries = [
        of_decision(each, target_of(each, by_id), names.get(each.version, ""), holds=each.id in held)
        for each in decisions
    ]
    entries += [
        of_event(each, names.get(each.version or 0, ""), holds=last[each.subject] == each.id) for each in events
    ]
    return sorted(entries, key=lambda entry: entry.time)


def target_of(decision: Decision, by_id: Mapping[int, Decision]) -> Decision:
    """Return what an undoing is about in the end; others are about themselves."""
    undone = None if decision.previous is None else by_id.get(decision.previous)
    return decision if decision.action is not Action.UNDO or undone is None else target_of(undone, by_id)


def of_coder(entries: Iterable[TrailEntry], coder: str | None) -> list[TrailEntry]:
    """Return what one coder did; everything for None."""
    return [entry for entry in entries if coder in {None, entry.coder}]


def _said(event: Event) -> str:
    """Return what an event says; of a change of the codebook what was changed."""
    if event.kind is not EventKind.CODEBOOK:
        return event.text
    return str(json.loads(event.text).get("said", ""))


def _ends(span: Span | None) -> tuple[int | None, int | None]:
    return (None, None) if span is None else (span.start, span.end)
