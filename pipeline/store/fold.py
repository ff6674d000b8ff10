"""The decision log folded into what holds now. Pure functions; entries are in log order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pipeline.store.records import Action, CurrentDecision, Decision

Subject = tuple[str, str, int]
"""Coder, kind, id: what successive decisions are about. Two coders never share a subject."""


def fold(log: Sequence[Decision]) -> list[CurrentDecision]:
    """Return where every coder stands on every subject, in order of the first decision in force on each."""
    subjects = _subjects(log)
    standings: dict[Subject, CurrentDecision] = {}
    for decision in in_force(log):
        if decision.action is not Action.UNDO:
            subject = subjects[decision.id]
            standings[subject] = _after(standings.get(subject), decision)
    return list(standings.values())


def in_force(log: Sequence[Decision]) -> list[Decision]:
    """Return the decisions that no undo in force points at.

    An undo only ever points back, so one look from the newest to the oldest settles it; undoing an undo
    brings the first decision back.
    """
    undone: set[int | None] = set()
    kept: list[Decision] = []
    for decision in reversed(log):
        if decision.id not in undone:
            kept.append(decision)
            if decision.action is Action.UNDO:
                undone.add(decision.previous)
    return kept[::-1]


def _subjects(log: Iterable[Decision]) -> dict[int, Subject]:
    subjects: dict[int, Subject] = {}
    for decision in log:
        subjects[decision.id] = _subject(decision, subjects)
    return subjects


def _subject(decision: Decision, earlier: dict[int, Subject]) -> Subject:
    if decision.suggestion is not None:
        return decision.coder, "suggestion", decision.suggestion
    own = (decision.coder, "decision", decision.id)
    return own if decision.previous is None else earlier.get(decision.previous, own)


def _after(standing: CurrentDecision | None, decision: Decision) -> CurrentDecision:
    if standing is None:
        return CurrentDecision(decision, decision.memo)
    if decision.action is Action.MEMO:
        return replace(standing, memo=decision.memo)
    return CurrentDecision(decision, decision.memo or standing.memo)
