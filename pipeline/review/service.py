"""A study under review: what coders read, are asked, decide and note, each seeing what they may see."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from threading import RLock
from typing import TYPE_CHECKING

from corpus.errors import UsageError
from pipeline.review import deciding, queue, reading
from pipeline.review.queue import QueueRequest
from pipeline.review.serialize import decision_view, event_view, logged_view
from pipeline.review.study_state import StudyState
from pipeline.review.suggestion_index import Filter
from pipeline.review.views import (
    BulkView,
    CodingView,
    DecisionView,
    EventView,
    LoggedView,
    QueueView,
    ReadingView,
    TranscriptState,
    UndoneView,
)
from pipeline.store.event_records import EventKind, NewEvent
from pipeline.store.records import Action, ChangeCounters, Decision, DecisionFields, NewDecision

if TYPE_CHECKING:
    from pipeline.session import StudySession


class ReviewService:
    """A study under review. Threads may share one; other processes may write the study at the same time.

    Every method may raise ``refusals.Missing`` (not there, or hidden from this coder), ``refusals.Outdated`` (what was
    sent rests on what does not hold any more) and what the store raises.

    Args:
        session: The study, open as long as the service is used.
        blind: Everybody codes blind until they are done with a version.
    """

    def __init__(self, session: StudySession, *, blind: bool = False) -> None:
        self._lock = RLock()
        self._state = StudyState(session, blind=blind)

    @contextmanager
    def now(self) -> Iterator[StudyState]:
        """Lend the study as it is now, to nobody else meanwhile; what is read from it must not be changed."""
        with self._lock:
            self._state.refresh()
            yield self._state

    def pulse(self) -> ChangeCounters:
        """Return how far log, marks and outcomes go."""
        return self._state.store.change_counters()

    # Seeing

    def hidden(self, coder: str) -> frozenset[int]:
        """Return the versions of which a coder may see nothing but text and their own codings."""
        with self.now() as state:
            return state.hidden(coder)

    def transcripts(self, coder: str) -> list[TranscriptState]:
        """Return how far a coder is with each current version, by name."""
        with self.now() as state:
            return reading.overview(state, coder)

    def coders(self) -> list[str]:
        """Return everybody who decided anything, by name."""
        with self.now() as state:
            return state.decision_log.coders

    def read(self, coder: str, version: int) -> ReadingView:
        """Return a version as the coder may see it."""
        with self.now() as state:
            return reading.read(state, coder, version)

    def codings(self, coder: str, version: int) -> list[CodingView]:
        """Return the codings of a version that the coder may see, in text order."""
        with self.now() as state:
            state.version(version)
            return reading.codings(state, coder, version)

    def queue(self, coder: str, question: QueueRequest) -> QueueView:
        """Return the suggestions that come next."""
        with self.now() as state:
            return queue.next_items(state, coder, question)

    def log(self, coder: str, limit: int) -> list[LoggedView]:
        """Return the coder's own newest entries of the log, newest first."""
        with self.now() as state:
            newest = list(islice(state.decision_log.newest_first(coder), limit))
            return [logged_view(_plain(state, one), holds=holds) for one, holds in newest]

    # Deciding

    def decide(self, proposals: Sequence[DecisionFields]) -> list[DecisionView]:
        """Write decisions, all or none; a key that was sent before is answered with what it wrote then."""
        with self._lock:
            return [decision_view(one) for one in deciding.decide(self._state, proposals)]

    def undo(self, coder: str, key: str, decision: int | None = None) -> UndoneView:
        """Take back one of the coder's decisions, by default the newest with all done in one go with it."""
        with self._lock:
            return self._taken_back(deciding.undo(self._state, coder, key, decision))

    def redo(self, coder: str, key: str) -> UndoneView:
        """Take back the coder's newest undoing, unless they decided anything since."""
        with self._lock:
            return self._taken_back(deciding.redo(self._state, coder, key))

    def preview(self, coder: str, wanted: Filter) -> BulkView:
        """Return how many undecided suggestions a filter means, and some of them."""
        with self.now() as state:
            _known_code(state, wanted.code)
            return queue.preview(state, coder, wanted)

    def accept_all(self, coder: str, wanted: Filter, count: int, key: str) -> list[int]:
        """Accept the undecided suggestions that a filter means, if they are ``count``; return the decisions' ids."""
        with self._lock:
            return [one.id for one in deciding.accept_all(self._state, coder, wanted, count, key)]

    def write(self, drafts_of: Callable[[StudyState], Sequence[NewDecision]]) -> list[DecisionView]:
        """Write decisions of any coder that rest on the present, such as a consensus.

        Args:
            drafts_of: Makes them from the present, or refuses; called again if another process wrote meanwhile.
        """
        with self._lock:
            return [decision_view(one) for one in deciding.write(self._state, lambda: drafts_of(self._state))]

    # Marks

    def mark(self, draft: NewEvent) -> EventView:
        """Note something beside the decisions.

        Raises:
            UsageError: If a version would begin blind that the coder has seen.
        """
        with self.now() as state:
            if draft.version is not None:
                state.version(draft.version)
                _check_beginning(state, draft)
            _known_code(state, draft.code)
            return event_view(state.store.events.add(draft))

    def marks(self, coder: str) -> list[EventView]:
        """Return the coder's marks in force except audits, and what memos of others they may see."""
        with self.now() as state:
            return reading.marks(state, coder)

    def _taken_back(self, undoings: Sequence[Decision]) -> UndoneView:
        newest = undoings[-1] if undoings else None
        if newest is None or newest.previous is None:
            return UndoneView(None, None, 0)
        self._state.refresh()
        undone = _entry(self._state, newest.previous)
        decision, was = (decision_view(_plain(self._state, one)) for one in (newest, undone))
        return UndoneView(decision, was, len(undoings))


def _entry(state: StudyState, decision: int) -> Decision:
    subject = state.decision_log.about(decision)
    return next(one for one in (subject.log if subject else ()) if one.id == decision)


def _plain(state: StudyState, one: Decision) -> Decision:
    """Return an undoing with what it is about in the end, which the log says by ids only; others as they are."""
    target = one
    while target.action is Action.UNDO and target.previous is not None:
        target = _entry(state, target.previous)
    return replace(one, suggestion=target.suggestion, span=target.span, code=target.code)


def _known_code(state: StudyState, code: str | None) -> None:
    if code is not None:
        state.codebook[code]  # refuses codes that are not in the codebook


def _check_beginning(state: StudyState, draft: NewEvent) -> None:
    if draft.kind is not EventKind.BLIND or draft.version is None:
        return
    own = (one for one in state.decision_log.of_version(draft.version) if one.coder == draft.coder)
    if any(one.suggestion is not None for one in own) or state.event_log.ended(draft.coder, draft.version):
        raise UsageError("you have seen suggestions of this transcript; another one can be coded blind")
