"""Codings follow a corrected or renamed transcript.

What people decided on an earlier text is decided again on the text that took its place, under their own names,
wherever its words still stand. A carried decision bears a key made of the decision it repeats and the version it is
for: carrying twice, or after a kill, writes nothing twice, and what somebody undid stays undone. What cannot be placed
is never dropped: ``not_placed`` lists it until somebody codes it anew or lets it go.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from corpus.revision import MovedSpan, Revision
from corpus.transcript import Span

if TYPE_CHECKING:
    from pipeline.store import (
        CurrentDecision,
        Decision,
        NewDecision,
        NewEvent,
        StoredSuggestion,
        StudyStore,
        TranscriptVersion,
    )

KEY = "carried"
PLACED = "placed"
"""Kind of the key of what a person placed; taken back, it waits again, which what was carried does not."""


@dataclass(frozen=True, slots=True)
class CarriedTranscript:
    """What became of the codings of one transcript whose text or name changed.

    Attributes:
        transcript: Its name now.
        moved: Codings, answers and memos that now stand on the current text.
        changed: How many of the codings stand on words that changed a little; a person should look.
        not_placed: How many codings found no place in the current text.
    """

    transcript: str
    moved: int
    changed: int
    not_placed: int

    def notes(self) -> Iterator[str]:
        """Yield what a person should know, a line each."""
        if self.moved:
            look = f"; {self.changed} stand on changed words: please look at them on the page" if self.changed else ""
            yield f"the text or its name changed and {self.moved} decisions moved along{look}"
        if self.not_placed:
            yield f"{self.not_placed} codings of the earlier text found no place; the page lists them with both texts"


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A coding of an earlier text whose words are not in the current one.

    Attributes:
        current: Where its coder stands on it; its span points into the earlier text.
        version: The current version of its transcript.
    """

    current: CurrentDecision
    version: TranscriptVersion


class SpanMover(Protocol):
    """Tells where passages of one text are in another."""

    def move(self, span: Span) -> MovedSpan | None:
        """Return where a span is, None where it is not."""


def carry_forward(
    store: StudyStore, names: Collection[str], known: Mapping[tuple[int, int], SpanMover] | None = None
) -> list[CarriedTranscript]:
    """Carry decisions, memos and ends of work to the current texts; return what became of each changed transcript.

    Args:
        store: The study's store.
        names: Names of the transcripts in the study's folder. A version whose name is not among them and whose text
            stands under another name was renamed: its decisions follow and it is superseded.
        known: What became of which words, by earlier and current version, where that need not be found out.
    """
    _retire_renamed(store, names)
    carried = [_carry(store, version, earlier, known or {}) for version, earlier in _histories(store)]
    return [one_text for one_text in carried if one_text.moved or one_text.not_placed]


def placed_key(decision: int, key: str) -> str:
    """Return the key of a decision by which a person places a coding of an earlier text.

    Args:
        decision: Id of the coding.
        key: Made by whoever sends it, at most 40 characters.
    """
    return f"{PLACED}:{decision}:{key}"


def not_placed(store: StudyStore) -> list[Unplaced]:
    """Return the codings in force on earlier texts that stand nowhere on the current one, and that nobody let go."""
    return [
        Unplaced(current, version)
        for version, earlier in _histories(store)
        for current in _waiting(store, version, earlier)
        if current.coded
    ]


def _retire_renamed(store: StudyStore, names: Collection[str]) -> None:
    """Supersede versions whose file is gone and whose text stands under the name of a file that is there."""
    current = store.transcripts.versions()
    here = {version.digest for version in current if version.name in names}
    for version in current:
        if version.name not in names and version.digest in here:
            store.transcripts.retire(version.id)


def _histories(store: StudyStore) -> Iterator[tuple[TranscriptVersion, list[TranscriptVersion]]]:
    """Yield each current version with those it took the place of, under its name or a name it had, oldest first."""
    versions = store.transcripts.versions(superseded=True)
    current = [version for version in versions if version.superseded is None]
    in_use = {version.name for version in current}
    names: defaultdict[str, set[str]] = defaultdict(set)  # that no file has any more, by digest of a text they had
    earlier: defaultdict[str, list[TranscriptVersion]] = defaultdict(list)  # superseded texts by name
    for version in versions:
        if version.name not in in_use:
            names[version.digest].add(version.name)
        if version.superseded is not None:
            earlier[version.name].append(version)
    for version in current:
        replaced = [other for name in {version.name} | names[version.digest] for other in earlier[name]]
        if replaced:
            yield version, sorted(replaced, key=lambda other: other.superseded or other.added)


def _carry(
    store: StudyStore,
    version: TranscriptVersion,
    earlier: Sequence[TranscriptVersion],
    known: Mapping[tuple[int, int], SpanMover],
) -> CarriedTranscript:
    """Carry what waits on earlier texts of one transcript, in one piece.

    Args:
        store: The study's store.
        version: The current text.
        earlier: Those whose place it took.
        known: See ``carry_forward``.
    """
    waiting = _waiting(store, version, earlier)
    movers = _Movers(store, version.id, known)
    answers = _Answers(store, version.id)
    drafts: list[NewDecision] = []
    flags: list[NewEvent] = []
    left = 0
    for current in sorted(waiting, key=lambda held: held.decision.id):
        span = current.decision.span
        moved = None if span is None else movers.of(current.decision.version).move(span)
        if moved is None:
            left += current.coded
            continue
        drafts += answers.drafts(current, moved)
        flags += [_flag(current.decision, version, moved)] if moved.changed and current.coded else []
    for event in (*flags, *_notes(store, version, earlier, movers)):
        store.events.add(event)  # before the decisions: a kill between them asks to look at what is carried next time
    store.decisions.add(*drafts)
    _carry_summaries(store, version.id, earlier[-1].id)
    return CarriedTranscript(version.name, len(drafts), len(flags), left)


class _Movers:
    """What became of the words of earlier texts, found out where it is asked for and not known.

    Args:
        store: The study's store.
        version: The current text.
        known: See ``carry_forward``.
    """

    def __init__(self, store: StudyStore, version: int, known: Mapping[tuple[int, int], SpanMover]) -> None:
        self._store, self._version = store, version
        self._found: dict[int, SpanMover] = {old: mover for (old, new), mover in known.items() if new == version}

    def of(self, earlier: int) -> SpanMover:
        """Return how passages of an earlier text move to the current one."""
        if earlier not in self._found:
            old, new = (self._store.transcripts.get(version).text for version in (earlier, self._version))
            self._found[earlier] = Revision(old, new)
        return self._found[earlier]


def _waiting(
    store: StudyStore, version: TranscriptVersion, earlier: Sequence[TranscriptVersion]
) -> list[CurrentDecision]:
    """Return what holds on earlier texts and was neither carried to a later one nor let go, oldest text first."""
    from pipeline.store import EventKind
    from pipeline.store.fold import in_force

    log = {text.id: list(store.decisions.stream(version=text.id)) for text in (*earlier, version)}
    carried = {carried_from(entry) for entries in log.values() for entry in entries}
    carried |= {carried_from(entry, PLACED) for entries in log.values() for entry in in_force(entries)}
    origins = {entry.id: carried_from(entry) for entries in log.values() for entry in entries}
    own = {entry.id for entry in log[version.id]}
    events = (event for text in earlier for event in store.events.stream(version=text.id))
    let_go = {
        (event.coder, event.version, event.span, event.code) for event in events if event.kind is EventKind.LET_GO
    }
    return [
        current
        for text in earlier
        for current in store.decisions.current(version=text.id)
        for decision in [current.decision]
        if decision.id not in carried
        and own.isdisjoint(_carried_through(decision, origins))
        and (decision.coder, decision.version, decision.span, decision.code) not in let_go
        and (current.coded or decision.suggestion is not None or current.memo)
    ]


def carried_from(decision: Decision, wanted: str = KEY) -> int | None:
    """Return the id of the decision that a carried, or placed, one repeats."""
    kind, _, rest = (decision.key or "").partition(":")
    return int(rest.partition(":")[0]) if kind == wanted else None


def _carried_through(decision: Decision, origins: Mapping[int, int | None]) -> Iterator[int]:
    """Yield the ids of all decisions that one repeats, the latest first: a text may come back after several others.

    Args:
        decision: One that may have been carried.
        origins: What each decision on the texts of its transcript repeats, by ids.
    """
    seen = set[int]()  # ids in keys may lead in a circle where copies of a study were joined
    origin = carried_from(decision)
    while origin is not None and origin not in seen:
        seen.add(origin)
        yield origin
        origin = origins.get(origin)


def _flag(decision: Decision, version: TranscriptVersion, moved: MovedSpan) -> NewEvent:
    from pipeline.store import EventKind, NewEvent

    return NewEvent(decision.coder, EventKind.MOVED, version.id, moved.span, decision.code)


def _notes(
    store: StudyStore, version: TranscriptVersion, earlier: Sequence[TranscriptVersion], movers: _Movers
) -> Iterator[NewEvent]:
    """Yield memos, ends of work, assignments and audits of the newest earlier text, where nothing was said of it since.

    Args:
        store: The study's store.
        version: The current text.
        earlier: Those whose place it took, oldest first.
        movers: Tell where audited sentences are; one whose words changed is not audited any more.
    """
    from pipeline.store import EventKind, NewEvent
    from pipeline.store.event_records import ASSIGNMENTS, AUDITED

    kinds = {EventKind.MEMO: "memo", EventKind.DONE: "end", EventKind.REOPENED: "end"}
    kinds |= dict.fromkeys(AUDITED, "audit") | dict.fromkeys(ASSIGNMENTS, "assignment")
    said = {(event.coder, kinds.get(event.kind), event.span) for event in store.events.stream(version=version.id)}
    before = list(store.events.stream(version=earlier[-1].id))
    last = {(event.coder, kinds.get(event.kind), event.span): event for event in before}
    for (coder, kind, span), event in last.items():
        if event.kind in {EventKind.MEMO, EventKind.DONE, EventKind.ASSIGNED} and (coder, kind, span) not in said:
            yield NewEvent(coder, event.kind, version.id, text=event.text)
        elif event.kind in AUDITED and span is not None:
            moved = movers.of(earlier[-1].id).move(span)
            if moved is not None and not moved.changed and (coder, kind, moved.span) not in said:
                yield NewEvent(coder, event.kind, version.id, moved.span)


def _carry_summaries(store: StudyStore, version: int, earlier: int) -> None:
    """Let the cells of a current text say what those of the text before it said, with all that they once said."""
    from pipeline.store import EventKind

    there = {(event.coder, event.code, event.time) for event in store.events.stream(version=version)}
    for event in list(store.events.stream(version=earlier)):
        if event.kind is EventKind.SUMMARY and (event.coder, event.code, event.time) not in there:
            store.events.add(event.to_new(version=version), event.time)


class _Answers:
    """Decisions on earlier texts as decisions on the current one.

    What answered a suggestion answers the suggestion that has its code and its place now, if there is one.
    """

    def __init__(self, store: StudyStore, version: int) -> None:
        self._store = store
        self._version = version
        self._answered: set[tuple[str, int]] = set()

    @cached_property
    def _suggestions(self) -> list[StoredSuggestion]:
        return list(self._store.suggestions.stream(version=self._version))

    def drafts(self, current: CurrentDecision, moved: MovedSpan) -> Iterator[NewDecision]:
        """Yield what to write for one decision: nothing for a rejection of what is not suggested any more."""
        from pipeline.store import Action, NewDecision

        decision = current.decision
        suggested = self._suggested(decision, moved)
        action = decision.action
        if current.coded:
            same = suggested is not None and suggested.suggestion.span == moved.span
            action = action if same else Action.CODE
        elif suggested is None:
            action = Action.MEMO
            if not current.memo:
                return
        yield NewDecision(
            coder=decision.coder,
            version=self._version,
            action=action,
            suggestion=None if suggested is None else suggested.id,
            span=moved.span if action in {Action.CODE, Action.MEMO} else None,
            code=decision.code if action in {Action.CODE, Action.MEMO} else None,
            memo=current.memo,
            blind=decision.blind,
            recorder=decision.recorder,
            key=f"{KEY}:{decision.id}:{self._version}",
            time=decision.time,
        )

    def _suggested(self, decision: Decision, moved: MovedSpan) -> StoredSuggestion | None:
        """Return the suggestion that a decision is about now, if it answered one and its coder answered no other."""
        if decision.suggestion is None:
            return None
        for stored in self._suggestions:
            same = stored.suggestion.code == decision.code and stored.suggestion.span.shares_half(moved.span, of="both")
            if same and (decision.coder, stored.id) not in self._answered:
                self._answered.add((decision.coder, stored.id))
                return stored
        return None
