"""Takes what people decided along: suggestions, decisions and events of a study into its pseudonymised copy.

What is in the copy already is found again and not written twice, so that a killed command goes on where it stopped and
a later one brings what was decided since. Decisions are found by their keys (those without one get one), suggestions by
place and code, events by all that they say.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from corpus.span_map import SpanMap
from corpus.suggestion import Suggestion
from corpus.transcript import Span, Transcript
from pipeline.deidentify.candidates import Substitutions
from pipeline.store import (
    Action,
    Decision,
    Event,
    EventKind,
    NewDecision,
    NewEvent,
    RunFacts,
    RunState,
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
    """How much was taken along that was not there before.

    Attributes:
        behind: Decisions that stay in the old study: on texts that are not current any more, or about suggestions that
            the copy cannot hold.
    """

    suggestions: int = 0
    decisions: int = 0
    events: int = 0
    behind: int = 0

    def __add__(self, other: Carried) -> Carried:
        return Carried(
            self.suggestions + other.suggestions,
            self.decisions + other.decisions,
            self.events + other.events,
            self.behind + other.behind,
        )


def carry(old: StudyStore, new: StudyStore, moves: Sequence[Move], substitutions: Substitutions) -> Carried:
    """Copy what belongs to the moved transcripts and is not in the copy yet.

    Args:
        old: The store of the study.
        new: The store of its pseudonymised copy.
        moves: The transcripts.
        substitutions: Applied to memos, summaries and to quotations that suggestions show.
    """
    versions = {(version.name, version.digest): version.id for version in old.transcripts.versions(superseded=True)}
    facts = [run.facts for run in old.runs.all()]
    carried, current = Carried(), {(move.old.name, move.old.digest) for move in moves}
    for move in moves:
        there, before = new.transcripts.add(move.new, move.source).version, (move.old.name, move.old.digest)
        if before in versions:
            parcel = _Parcel(versions[before], there, move.offsets, substitutions)
            carried += _carry_one(old, new, parcel, facts[-1:])
    for run in new.runs.all():
        if run.facts.recipe == RECIPE and run.state is RunState.RUNNING:  # of a command that was killed
            new.runs.finish(run.id)
    on_codes = (event for event in old.events.stream() if event.version is None and event.kind is EventKind.MEMO)
    memos = [_moved_event(event, None, substitutions) for event in on_codes]
    already = (event for event in new.events.stream() if event.version is None)
    names = {name for name, _ in current}
    stale = (version for before, version in versions.items() if before[0] in names and before not in current)
    behind = sum(1 for version in stale for _ in old.decisions.stream(version=version))
    return carried + Carried(events=_add_events(new, memos, already), behind=behind)


@dataclass(frozen=True)
class _Parcel:
    """One transcript's part of the store, on its way: its version in the study and in the copy, and what changes."""

    old: int
    new: int
    offsets: SpanMap
    substitutions: Substitutions


def _carry_one(old: StudyStore, new: StudyStore, parcel: _Parcel, facts: Sequence[RunFacts]) -> Carried:
    log = list(old.decisions.stream(version=parcel.old))
    stored = sorted(old.suggestions.stream(version=parcel.old), key=lambda suggested: suggested.id)
    moved = {suggested.id: _moved_suggestion(suggested.suggestion, parcel) for suggested in stored}
    ids = _matching(moved, new.suggestions.stream(version=parcel.new))
    wanted = {decision.suggestion for decision in log if decision.suggestion is not None} if ids else moved.keys()
    added = 0
    if facts and wanted - ids.keys():
        sentences = (replace(each, span=parcel.offsets.move_near(each.span)) for each in old.runs.sentences(parcel.old))
        added = _save_run(new, parcel, facts[0], moved.values(), sentences)
        ids = _matching(moved, new.suggestions.stream(version=parcel.new))
    decisions, behind = _carry_decisions(new, log, ids, parcel)
    events = [_moved_event(event, parcel, parcel.substitutions) for event in old.events.stream(version=parcel.old)]
    return Carried(added, decisions, _add_events(new, events, new.events.stream(version=parcel.new)), behind)


def _save_run(
    new: StudyStore, parcel: _Parcel, facts: RunFacts, suggestions: Iterable[Suggestion], sentences: Iterable[Sentence]
) -> int:
    """Write moved suggestions as those of a run of their own and return how many were."""
    run = new.runs.start(replace(facts, recipe=RECIPE))
    added = new.runs.save(run, parcel.new, suggestions, list(sentences))
    new.runs.finish(run)
    return added


def _matching(moved: Mapping[int, Suggestion], there: Iterable[StoredSuggestion]) -> dict[int, int]:
    """Return the copy's ids of suggestions by their ids in the study: at the same place with the same code.

    People are not asked twice about one code and passage: where the copy has another passage for it on which they
    decided, that one stands for it.
    """
    known: defaultdict[tuple[Span, str], list[int]] = defaultdict(list)
    of_code: defaultdict[str, list[StoredSuggestion]] = defaultdict(list)
    for stored in sorted(there, key=lambda stored: stored.id, reverse=True):
        known[stored.suggestion.span, stored.suggestion.code].append(stored.id)
        of_code[stored.suggestion.code].append(stored)
    ids: dict[int, int] = {}
    for id_, suggestion in moved.items():
        same, half = known[suggestion.span, suggestion.code], len(suggestion.span) / 2
        near = (each for each in of_code[suggestion.code] if each.suggestion.span.overlap(suggestion.span) >= half)
        if same:
            ids[id_] = same.pop() if len(same) > 1 else same[0]
        elif (other := next(near, None)) is not None:
            ids[id_] = other.id
    return ids


def _moved_suggestion(suggestion: Suggestion, parcel: _Parcel) -> Suggestion:
    evidence = tuple(replace(each, text=parcel.substitutions.applied(each.text)) for each in suggestion.evidence)
    words = tuple(word for word in suggestion.words if not parcel.substitutions.spots(word))
    return replace(suggestion, span=parcel.offsets.move_near(suggestion.span), evidence=evidence, words=words)


def _carry_decisions(
    new: StudyStore, log: Iterable[Decision], suggestions: Mapping[int, int], parcel: _Parcel
) -> tuple[int, int]:
    """Write the log again, entry by entry, since later ones name earlier ones by their ids.

    Returns:
        How many were written, and how many could not be.
    """
    known: dict[str, int] = {}
    keyless: defaultdict[tuple[object, ...], list[int]] = defaultdict(list)  # as copies once had them
    for decision in new.decisions.stream(version=parcel.new):
        if decision.key:
            known[decision.key] = decision.id
        else:
            keyless[_content(decision)].append(decision.id)
    ids: dict[int, int] = {}
    added = behind = 0
    for decision in log:
        draft = _moved_decision(decision, suggestions, ids, parcel)
        if draft is None:
            behind += 1
        elif draft.key in known:
            ids[decision.id] = known[str(draft.key)]
        elif keyless[_content(draft)]:
            ids[decision.id] = keyless[_content(draft)].pop(0)
        else:
            ids[decision.id] = new.decisions.add(draft)[0].id
            added += 1
    return added, behind


def _content(decision: Decision | NewDecision) -> tuple[object, ...]:
    return decision.coder, decision.action, decision.span, decision.code, decision.memo, decision.recorder


def _moved_decision(
    decision: Decision, suggestions: Mapping[int, int], ids: Mapping[int, int], parcel: _Parcel
) -> NewDecision | None:
    """Return a decision as the copy takes it; None if what it is about is not there.

    Accepting a suggestion that the copy cannot hold is a coding all the same.
    """
    suggestion = None if decision.suggestion is None else suggestions.get(decision.suggestion)
    previous = None if decision.previous is None else ids.get(decision.previous)
    found = (suggestion is None) == (decision.suggestion is None) and (previous is None) == (decision.previous is None)
    action = Action.CODE if not found and decision.action is Action.ACCEPT else decision.action
    if not found and action is not Action.CODE:
        return None
    return NewDecision(
        coder=decision.coder,
        version=parcel.new,
        action=action,
        suggestion=suggestion,
        span=parcel.offsets.move_near(decision.span) if decision.span else None,
        code=decision.code,
        memo=parcel.substitutions.applied(decision.memo),
        previous=previous,
        blind=decision.blind,
        recorder=decision.recorder,
        key=decision.key or f"{RECIPE}#{decision.id}",
        time=decision.time,
    )


def _moved_event(event: Event, parcel: _Parcel | None, substitutions: Substitutions) -> tuple[NewEvent, datetime]:
    version = parcel.new if parcel else None
    span = parcel.offsets.move_near(event.span) if parcel and event.span else None
    return NewEvent(event.coder, event.kind, version, span, event.code, substitutions.applied(event.text)), event.time


def _add_events(new: StudyStore, events: Iterable[tuple[NewEvent, datetime]], there: Iterable[Event]) -> int:
    """Write the events that are not in the copy yet and return how many; of equal ones as many as the study has."""
    already = Counter((event.coder, event.kind, event.version, event.span, event.code, event.text) for event in there)
    added = 0
    for event, time in events:
        content = (event.coder, event.kind, event.version, event.span, event.code, event.text)
        if already[content]:
            already[content] -= 1
        else:
            new.events.add(event, time)
            added += 1
    return added
