"""The decision log of all coders in memory: read once, then only its tail; ids only ever grow.

Other processes may write the same log: ``DecisionLog.refresh`` takes in what they wrote. Standings are folded by
``pipeline.store.fold`` over the few entries on one subject, whenever somebody asks for that subject.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import takewhile
from types import MappingProxyType
from typing import TYPE_CHECKING

from pipeline.carry import carried_from
from pipeline.store.fold import fold, in_force
from pipeline.store.records import Action, CurrentDecision, Decision

if TYPE_CHECKING:
    from pipeline.store import StudyStore


SEPARATOR = ":"
"""Between the key of what a coder does in one go and the number of a decision in it; no client's key holds it."""


def numbered(key: str, count: int) -> list[str]:
    """Return a key for each decision of what is done in one go; that of a single decision is the key itself."""
    return [key] if count == 1 else [f"{key}{SEPARATOR}{n}" for n in range(count)]


@dataclass(slots=True)
class Subject:
    """What successive decisions of one coder are about: a suggestion, or a passage of the coder's own.

    Attributes:
        suggestion: None for a passage of one's own.
        log: Every entry on it, undone ones and undoings too, in log order.
    """

    coder: str
    version: int
    suggestion: int | None
    log: tuple[Decision, ...] = ()

    @property
    def standing(self) -> CurrentDecision | None:
        """Where the coder stands; None if everything was undone."""
        if len(self.log) == 1:
            (only,) = self.log
            return CurrentDecision(only, only.memo)
        return next(iter(fold(self.log)), None)

    @property
    def coded(self) -> bool:
        """Whether it is a coding now."""
        standing = self.standing
        return standing is not None and standing.coded

    @property
    def head(self) -> int | None:
        """Id of the newest entry in force, a memo counts; the next decision must name it as ``previous``."""
        return next((entry.id for entry in reversed(self.in_force()) if entry.action is not Action.UNDO), None)

    def in_force(self) -> list[Decision]:
        """Return the entries that hold."""
        return in_force(self.log)


@dataclass(frozen=True, slots=True)
class Scope:
    """Where decisions are taken back: what a coder sees when they ask for it.

    Attributes:
        version: Only in this transcript version; None for all.
        suggestions: Only answers to suggestions, which is all that the queue shows.
    """

    version: int | None = None
    suggestions: bool = False

    def holds(self, subject: Subject) -> bool:
        """Return whether a subject is within."""
        if self.version is not None and subject.version != self.version:
            return False
        return subject.suggestion is not None or not self.suggestions


EVERYWHERE = Scope()


class DecisionLog:
    """The log, by subject, version and coder. Not locked: its owner is.

    Args:
        store: Where the log is.
        renamed: Ids that codes have now by ids that they had before; entries are taken in under today's.
    """

    def __init__(self, store: StudyStore, renamed: Mapping[str, str] = MappingProxyType({})) -> None:
        self._store = store
        self._renamed = renamed
        self._by_decision: dict[int, Subject] = {}
        self._by_suggestion: dict[tuple[str, int], Subject] = {}
        self._by_version: defaultdict[int, list[Subject]] = defaultdict(list)
        self._logs: defaultdict[str, list[Decision]] = defaultdict(list)
        self._carried: set[int] = set()
        self.last = 0

    @property
    def coders(self) -> list[str]:
        """Everybody who has an entry in the log, by name."""
        return sorted(self._logs)

    @property
    def versions(self) -> frozenset[int]:
        """Every transcript version that has an entry in the log."""
        return frozenset(self._by_version)

    def refresh(self) -> list[Subject]:
        """Take in what was written since, by whomever, and return the subjects it is about."""
        return self.take(self._store.decisions.stream(after=self.last))

    def take(self, entries: Iterable[Decision]) -> list[Subject]:
        """Take in new entries of the log and return the subjects they are about."""
        touched: dict[int, Subject] = {}
        for entry in entries:
            code = self._renamed.get(entry.code or "")
            subject = self._entered(replace(entry, code=code) if code else entry)
            touched[id(subject)] = subject
            self.last = entry.id
        return list(touched.values())

    def about(self, decision: int) -> Subject | None:
        """Return what an entry of the log is about."""
        return self._by_decision.get(decision)

    def subject(self, coder: str, suggestion: int) -> Subject | None:
        """Return what a coder made of a suggestion, if they ever decided on it."""
        return self._by_suggestion.get((coder, suggestion))

    def on(self, suggestion: int) -> Iterator[Subject]:
        """Yield what each coder made of a suggestion, by name of the coder."""
        subjects = (self.subject(coder, suggestion) for coder in self.coders)
        return (subject for subject in subjects if subject is not None)

    def of_version(self, version: int) -> list[Subject]:
        """Return everything that was ever decided on in a transcript version."""
        return list(self._by_version.get(version, ()))

    def last_of(self, version: int) -> int:
        """Return the id of the newest entry on a transcript version; 0 where there is none."""
        return max((subject.log[-1].id for subject in self._by_version.get(version, ())), default=0)

    def of_suggestions(self) -> Iterator[Subject]:
        """Yield every subject that is a suggestion."""
        return iter(self._by_suggestion.values())

    def entries(self, coder: str) -> list[Decision]:
        """Return all entries of a coder in log order, undone ones and undoings too."""
        return self._logs.get(coder, [])

    def current(self, coder: str, version: int | None = None) -> list[CurrentDecision]:
        """Return where a coder stands on everything they decided on, in all versions or in one."""
        versions = self._by_version if version is None else [version]
        subjects = (subject for place in versions for subject in self._by_version.get(place, ()))
        standings = (subject.standing for subject in subjects if subject.coder == coder)
        return [standing for standing in standings if standing is not None]

    def newest_first(self, coder: str, scope: Scope = EVERYWHERE) -> Iterator[tuple[Decision, bool]]:
        """Yield a coder's entries within a scope, newest first, each with whether it is in force."""
        for entry in reversed(self._logs.get(coder, [])):
            subject = self._by_decision[entry.id]
            if scope.holds(subject):
                yield entry, any(other.id == entry.id for other in subject.in_force())

    def undoable(
        self, coder: str, is_current: Callable[[int], bool] = bool, scope: Scope = EVERYWHERE
    ) -> Decision | None:
        """Return the coder's newest decision in force; one carried to a corrected text is as old as it was made.

        Args:
            coder: Whose.
            is_current: Tells of a version whether it is the current one of its transcript. Of a decision that was
                carried only the one on the current text is meant. Every version by default: ids begin at 1.
            scope: Where it is looked for.
        """
        held = (
            entry
            for entry, holds in self.newest_first(coder, scope)
            if holds and entry.action is not Action.UNDO
            if is_current(entry.version) or (entry.id not in self._carried and carried_from(entry) is None)
        )
        newest = next(held, None)
        if newest is None or carried_from(newest) is None:
            return newest
        return max([newest, *held], key=lambda entry: (entry.time, entry.id))

    def redoable(self, coder: str, scope: Scope = EVERYWHERE) -> Decision | None:
        """Return the newest undoing of a decision that holds and that no new decision followed within a scope."""
        tail = takewhile(lambda pair: pair[0].action is Action.UNDO, self.newest_first(coder, scope))
        return next((entry for entry, holds in tail if holds and self._undoes_a_decision(entry)), None)

    def act(self, entry: Decision, scope: Scope = EVERYWHERE) -> list[Decision]:
        """Return what is in force, within a scope, of what a coder did in one go with an entry, itself included."""
        go = _go(entry.key)
        if go is None:
            return [entry]
        return [
            other
            for other in self._logs[entry.coder]
            if _go(other.key) == go
            and scope.holds(self._by_decision[other.id])
            and other in self._by_decision[other.id].in_force()
        ]

    def _undoes_a_decision(self, undo: Decision) -> bool:
        log = self._by_decision[undo.id].log
        return all(entry.action is not Action.UNDO for entry in log if entry.id == undo.previous)

    def _entered(self, entry: Decision) -> Subject:
        subject = self._subject(entry)
        subject.log = (*subject.log, entry)
        self._by_decision[entry.id] = subject
        if (origin := carried_from(entry)) is not None:
            self._carried.add(origin)
        self._logs[entry.coder].append(entry)
        return subject

    def _subject(self, entry: Decision) -> Subject:
        """Return the entry's subject by the rule of ``pipeline.store.fold``, a new one if need be."""
        if entry.suggestion is not None:
            known = self._by_suggestion.get((entry.coder, entry.suggestion))
        else:
            known = None if entry.previous is None else self._by_decision.get(entry.previous)
        return known or self._new_subject(entry)

    def _new_subject(self, entry: Decision) -> Subject:
        subject = Subject(entry.coder, entry.version, entry.suggestion)
        self._by_version[entry.version].append(subject)
        if entry.suggestion is not None:
            self._by_suggestion[entry.coder, entry.suggestion] = subject
        return subject


def _go(key: str | None) -> str | None:
    """Return the key of what was done in one go, from a key that ``numbered`` made."""
    return None if key is None else key.rpartition(SEPARATOR)[0] or None
