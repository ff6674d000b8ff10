"""Takes what people decided along: suggestions, decisions and marks of a study into its pseudonymised copy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from corpus.span_map import SpanMap
from corpus.suggestion import Suggestion
from corpus.transcript import Transcript
from pipeline.deidentify.candidates import Substitutions
from pipeline.store import (
    Change,
    Decision,
    Event,
    NewDecision,
    NewEvent,
    RunFacts,
    Sentence,
    StoredSuggestion,
    StudyStore,
)
from pipeline.study import Source

RECIPE = "deidentified/v1"
"""Recipe of the run that holds moved suggestions; no run has it, so that the next one makes them anew."""


@dataclass(frozen=True)
class Move:
    """A transcript, what it became, and how its offsets moved."""

    old: Transcript
    new: Transcript
    source: Source
    offsets: SpanMap


@dataclass(frozen=True, slots=True)
class Carried:
    """How much was taken along.

    Attributes:
        behind: Decisions on texts that are not current any more; they stay in the old study.
    """

    suggestions: int = 0
    decisions: int = 0
    marks: int = 0
    behind: int = 0

    def __add__(self, other: Carried) -> Carried:
        return Carried(
            self.suggestions + other.suggestions,
            self.decisions + other.decisions,
            self.marks + other.marks,
            self.behind + other.behind,
        )


def carry(old: StudyStore, new: StudyStore, moves: Sequence[Move], substitutions: Substitutions) -> Carried:
    """Copy what belongs to the moved transcripts; what was copied before is left as it is.

    Args:
        old: The store of the study.
        new: The store of its pseudonymised copy.
        moves: The transcripts.
        substitutions: Applied to memos and to quotations that suggestions show.
    """
    versions = {(one.name, one.digest): one.id for one in old.transcripts.versions(superseded=True)}
    added = [(move, new.transcripts.add(move.new, move.source)) for move in moves]
    fresh = [
        _Parcel(versions.get((move.old.name, move.old.digest)), one.version, move.offsets, substitutions)
        for move, one in added
        if one.change is Change.NEW
    ]
    current = {one.old for one in fresh}
    names = {move.old.name for move, one in added if one.change is Change.NEW}
    stale = [one.id for one in old.transcripts.versions(superseded=True) if one.name in names and one.id not in current]
    behind = sum(1 for version in stale for _ in old.decisions.stream(version=version))
    if len(fresh) == len(added):
        _carry_marks(new, [mark for mark in old.events.stream() if mark.version is None], substitutions)
    facts = [run.facts for run in old.runs.all()]
    carried = (_carry_one(old, new, one, facts[-1:]) for one in fresh)
    return sum(carried, Carried(behind=behind))


@dataclass(frozen=True)
class _Parcel:
    """One transcript's part of the store, on its way."""

    old: int | None
    new: int
    offsets: SpanMap
    substitutions: Substitutions


def _carry_one(old: StudyStore, new: StudyStore, parcel: _Parcel, facts: Sequence[RunFacts]) -> Carried:
    if parcel.old is None:
        return Carried()
    suggestions = sorted(old.suggestions.stream(version=parcel.old), key=lambda one: one.id)
    sentences = old.runs.sentences(parcel.old) if suggestions else []
    ids = _carry_suggestions(new, suggestions, sentences, parcel, facts)
    decisions = _carry_decisions(new, old.decisions.stream(version=parcel.old), ids, parcel)
    marks = [_mark(one, parcel) for one in old.events.stream(version=parcel.old)]
    for mark in marks:
        new.events.add(mark)
    return Carried(len(ids), decisions, len(marks))


def _carry_suggestions(
    new: StudyStore,
    suggestions: Sequence[StoredSuggestion],
    sentences: Sequence[Sentence],
    parcel: _Parcel,
    facts: Sequence[RunFacts],
) -> dict[int, int]:
    """Copy suggestions as those of one run and return their new ids by the old ones."""
    if not suggestions or not facts:
        return {}
    run = new.runs.start(replace(facts[0], recipe=RECIPE))
    moved = [Sentence(parcel.offsets.move_near(one.span), one.turn) for one in sentences]
    new.runs.save(run, parcel.new, [_suggestion(one.suggestion, parcel) for one in suggestions], moved)
    new.runs.finish(run)
    stored = sorted(new.suggestions.stream(version=parcel.new), key=lambda one: one.id)
    return {one.id: other.id for one, other in zip(suggestions, stored, strict=True)}


def _suggestion(one: Suggestion, parcel: _Parcel) -> Suggestion:
    evidence = tuple(replace(each, text=parcel.substitutions.applied(each.text)) for each in one.evidence)
    words = tuple(word for word in one.words if not parcel.substitutions.spots(word))
    return replace(one, span=parcel.offsets.move_near(one.span), evidence=evidence, words=words)


def _carry_decisions(
    new: StudyStore, decisions: Iterable[Decision], suggestions: Mapping[int, int], parcel: _Parcel
) -> int:
    """Write the log again, entry by entry, since later ones name earlier ones by their ids."""
    ids: dict[int, int] = {}
    for one in decisions:
        draft = NewDecision(
            coder=one.coder,
            version=parcel.new,
            action=one.action,
            suggestion=suggestions[one.suggestion] if one.suggestion is not None else None,
            span=parcel.offsets.move_near(one.span) if one.span else None,
            code=one.code,
            memo=parcel.substitutions.applied(one.memo),
            previous=ids[one.previous] if one.previous is not None else None,
            blind=one.blind,
            recorder=one.recorder,
            key=one.key,
        )
        ids[one.id] = new.decisions.add(draft)[0].id
    return len(ids)


def _mark(one: Event, parcel: _Parcel) -> NewEvent:
    span = parcel.offsets.move_near(one.span) if one.span else None
    return NewEvent(one.coder, one.kind, parcel.new, span, one.code, parcel.substitutions.applied(one.text))


def _carry_marks(new: StudyStore, marks: Iterable[Event], substitutions: Substitutions) -> None:
    """Copy memos on codes, which belong to no transcript."""
    for one in marks:
        new.events.add(NewEvent(one.coder, one.kind, None, None, one.code, substitutions.applied(one.text)))
