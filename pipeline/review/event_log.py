"""The events in force in memory: read once, then only their tail."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from corpus.coders import MACHINE
from corpus.transcript import Span
from pipeline.store.event_records import ALL_CODES, ASSIGNMENTS, AUDITED, ON_CODINGS, Event, EventKind

if TYPE_CHECKING:
    from pipeline.store import StudyStore

Subject = tuple[object, ...]
Audits = dict[tuple[int, Span], bool]
"""Audited sentences by transcript version, each with whether a code was missing."""


class EventLog:
    """The last event of every coder on every subject. Not locked: its owner is.

    Args:
        store: Where the events are.
        renamed: Ids that codes have now by ids that they had before; what is about a coding is taken in under today's.

    Attributes:
        summaries: Every summary that was ever written, in the order of the log.
    """

    def __init__(self, store: StudyStore, renamed: Mapping[str, str] = MappingProxyType({})) -> None:
        self._store = store
        self._renamed = renamed
        self._held: dict[Subject, Event] = {}
        self.summaries: list[Event] = []
        self.last = 0

    def refresh(self) -> None:
        """Take in what was noted since, by whomever."""
        self.take(self._store.events.stream(after=self.last))

    def take(self, events: Iterable[Event]) -> None:
        """Take in new events, in their order."""
        for event in events:
            now = self._renamed.get(event.code or "") if event.kind in ON_CODINGS else None
            held = replace(event, code=now) if now else event
            self._held[held.subject] = held
            if event.kind is EventKind.SUMMARY:
                self.summaries.append(event)
            self.last = event.id

    def begun_blind(self, coder: str, version: int) -> bool:
        """Return whether the coder began this version blind."""
        return (coder, "blind", version) in self._held

    def ended(self, coder: str, version: int) -> EventKind | None:
        """Return DONE or REOPENED, whichever came last; None while the coder has not finished once."""
        event = self._held.get((coder, "ending", version))
        return None if event is None else event.kind

    def is_done(self, coder: str, version: int) -> bool:
        """Return whether the coder is done with this version."""
        return self.ended(coder, version) is EventKind.DONE

    def done(self, coder: str) -> frozenset[int]:
        """Return the versions that a coder has marked as done and not reopened."""
        found = (event for event in self._held.values() if event.coder == coder and event.kind is EventKind.DONE)
        return frozenset(event.version for event in found if event.version is not None)

    def assignments(self) -> Mapping[int, list[str]]:
        """Return who is to code each version that is anybody's, by name."""
        found: defaultdict[int, list[str]] = defaultdict(list)
        for event in self._held.values():
            if event.kind is EventKind.ASSIGNED and event.version is not None:
                found[event.version].append(event.coder)
        return {version: sorted(coders) for version, coders in found.items()}

    def assignees(self) -> frozenset[str]:
        """Return everybody who is to code anything, or was."""
        return frozenset(event.coder for event in self._held.values() if event.kind in ASSIGNMENTS)

    def speakers(self, version: int) -> str:
        """Return the digest of how a version's speakers were read when its suggestions were made; empty if unknown."""
        event = self._held.get((MACHINE, "speakers", version))
        return "" if event is None else event.text

    @property
    def second(self) -> str:
        """Fingerprint of the language model whose opinions coders see; empty for none."""
        event = self._held.get((MACHINE, "second", None))
        return "" if event is None else event.text

    def is_moved(self, coder: str, version: int, span: Span, code: str) -> bool:
        """Return whether a coding followed a corrected text to words that changed, and nobody has looked at it yet.

        Args:
            coder: Whose coding it is.
            version: The transcript version.
            span: Of the coding, in code points.
            code: Id of its code.
        """
        event = self._held.get((coder, "coding", version, span, code))
        return event is not None and event.kind is EventKind.MOVED

    def audits(self, coder: str) -> Audits:
        """Return what a coder's last look at each audited sentence found."""
        looked = (event for event in self._held.values() if event.coder == coder and event.kind in AUDITED)
        return {
            (event.version, event.span): event.kind is EventKind.AUDITED_FOUND
            for event in looked
            if event.version is not None and event.span is not None
        }

    def complete_audits(self, coder: str) -> frozenset[tuple[int, Span]]:
        """Return the audited sentences of which the coder was asked for all codes, and gave them."""
        looked = (event for event in self._held.values() if event.coder == coder and event.kind in AUDITED)
        return frozenset(
            (event.version, event.span)
            for event in looked
            if event.version is not None and event.span is not None and event.text == ALL_CODES
        )

    def in_force(self) -> Iterator[Event]:
        """Yield the events that hold, without memos that were withdrawn."""
        return (event for event in self._held.values() if event.text or event.kind is not EventKind.MEMO)
