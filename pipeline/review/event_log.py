"""The marks in force in memory: read once, then only their tail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from pipeline.store.event_records import AUDITED, ON_CODINGS, Event, EventKind

if TYPE_CHECKING:
    from pipeline.store import StudyStore

Subject = tuple[object, ...]
ENDINGS = frozenset({EventKind.DONE, EventKind.REOPENED})


class EventLog:
    """The last mark of every coder on every subject. Not locked: its owner is.

    Args:
        store: Where the marks are.
    """

    def __init__(self, store: StudyStore) -> None:
        self._store = store
        self._held: dict[Subject, Event] = {}
        self.last = 0

    def refresh(self) -> None:
        """Take in what was marked since, by whomever."""
        self.take(self._store.events.stream(after=self.last))

    def take(self, marks: Iterable[Event]) -> None:
        """Take in new marks, in their order."""
        for mark in marks:
            self._held[_subject(mark)] = mark
            self.last = mark.id

    def begun_blind(self, coder: str, version: int) -> bool:
        """Tell whether the coder began this version blind."""
        return (coder, "blind", version) in self._held

    def ended(self, coder: str, version: int) -> EventKind | None:
        """Return DONE or REOPENED, whichever came last; None while the coder has not finished once."""
        mark = self._held.get((coder, "ending", version))
        return None if mark is None else mark.kind

    def is_done(self, coder: str, version: int) -> bool:
        """Tell whether the coder is done with this version."""
        return self.ended(coder, version) is EventKind.DONE

    def in_force(self) -> Iterator[Event]:
        """Yield the marks that hold, without memos that were withdrawn."""
        return (one for one in self._held.values() if one.text or one.kind is not EventKind.MEMO)


def _subject(mark: Event) -> Subject:
    if mark.kind is EventKind.MEMO:
        return mark.coder, "memo", mark.version, mark.code
    if mark.kind in AUDITED:
        return mark.coder, "audit", mark.version, mark.span
    if mark.kind in ON_CODINGS:
        return mark.coder, "coding", mark.version, mark.span, mark.code
    return mark.coder, "ending" if mark.kind in ENDINGS else "blind", mark.version
