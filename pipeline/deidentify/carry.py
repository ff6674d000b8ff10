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
    versions = {(version.name, version.digest): version.id for version in old.transcripts.versions(superseded=True)}
    added = [(move, new.transcripts.add(move.new, move.source)) for move in moves]
    fresh = [
        _Parcel(versions.get((move.old.name, move.old.digest)), added_version.version, move.offsets, substitutions)
        for move, added_version in added
        if added_version.change is Change.NEW
    ]
    current = {parcel.old for parcel in fresh}
    names = {move.old.name for move, added_version in added if added_version.change is Change.NEW}
    stale = [
        version.id
        for version in old.transcripts.versions(superseded=True)
        if version.name in names and version.id not in current
    ]
    behind = sum(1 for version in stale for _ in old.decisions.stream(version=version))
    if len(fresh) == len(added):
        _carry_marks(new, [mark for mark in old.events.stream() if mark.version is None], substitutions)
    facts = [run.facts for run in old.runs.all()]
    carried = (_carry_one(old, new, parcel, facts[-1:]) for parcel in fresh)
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
    suggestions = sorted(old.suggestions.stream(version=parcel.old), key=lambda stored: stored.id)
    sentences = old.runs.sentences(parcel.old) if suggestions else []
    ids = _carry_suggestions(new, suggestions, sentences, parcel, facts)
    decisions = _carry_decisions(new, old.decisions.stream(version=parcel.old), ids, parcel)
    marks = [_mark(event, parcel) for event in old.events.stream(version=parcel.old)]
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
    moved = [Sentence(parcel.offsets.move_near(sentence.span), sentence.turn) for sentence in sentences]
    new.runs.save(run, parcel.new, [_suggestion(stored.suggestion, parcel) for stored in suggestions], moved)
    new.runs.finish(run)
    stored = sorted(new.suggestions.stream(version=parcel.new), key=lambda copied: copied.id)
    return {before.id: other.id for before, other in zip(suggestions, stored, strict=True)}


def _suggestion(suggestion: Suggestion, parcel: _Parcel) -> Suggestion:
    evidence = tuple(replace(each, text=parcel.substitutions.applied(each.text)) for each in suggestion.evidence)
    words = tuple(word for word in suggestion.words if not parcel.substitutions.spots(word))
    return replace(suggestion, span=parcel.offsets.move_near(suggestion.span), evidence=evidence, words=words)


def _carry_decisions(
    new: StudyStore, decisions: Iterable[Decision], suggestions: Mapping[int, int], parcel: _Parcel
) -> int:
    """Write the log again, entry by entry, since later ones name earlier ones by their ids."""
    ids: dict[int, int] = {}
    for decision in decisions:
        draft = NewDecision(
            coder=decision.coder,
            version=parcel.new,
            action=decision.action,
            suggestion=suggestions[decision.suggestion] if decision.suggestion is not None else None,
            span=parcel.offsets.move_near(decision.span) if decision.span else None,
            code=decision.code,
            memo=parcel.substitutions.applied(decision.memo),
            previous=ids[decision.previous] if decision.previous is not None else None,
            blind=decision.blind,
            recorder=decision.recorder,
            key=decision.key,
        )
        ids[decision.id] = new.decisions.add(draft)[0].id
    return len(ids)


def _mark(event: Event, parcel: _Parcel) -> NewEvent:
    span = parcel.offsets.move_near(event.span) if event.span else None
    return NewEvent(event.coder, event.kind, parcel.new, span, event.code, parcel.substitutions.applied(event.text))


def _carry_marks(new: StudyStore, marks: Iterable[Event], substitutions: Substitutions) -> None:
    """Copy memos on codes, which belong to no transcript."""
    for event in marks:
        new.events.add(NewEvent(event.coder, event.kind, None, None, event.code, substitutions.applied(event.text)))
