"""A study under review: its state lent to one at a time, and everything that coders write."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from threading import RLock
from typing import TYPE_CHECKING

from corpus.coders import CONSENSUS
from corpus.errors import UsageError
from pipeline.review import deciding
from pipeline.review.decision_log import EVERYWHERE, Scope
from pipeline.review.reading import entry, resolved
from pipeline.review.serialize import decision_view, event_view
from pipeline.review.study_state import StudyState
from pipeline.review.views import DecisionView, EventView, UndoneView
from pipeline.store.event_records import EventKind, NewEvent
from pipeline.store.records import ChangeCounters, Decision, DecisionFields, NewDecision
from pipeline.study_filter import Filter

if TYPE_CHECKING:
    from pipeline.review.participant_table import ParticipantTable
    from pipeline.session import StudySession


class ReviewService:
    """A study under review. Threads may share one; other processes may write the study at the same time.

    What only looks is a function of the state (``queue``, ``reading``)::

        with service.now() as state:
            return next_items(state, coder, request)

    Every method may raise ``errors.Missing`` (not there, or hidden from this coder), ``errors.Outdated`` (what was
    sent rests on what does not hold any more) and what the store raises.

    Args:
        session: The study, open as long as the service is used.
        blind: Everybody codes blind until they are done with a version.
        participants: The study's table of participants; read when first needed where none is given.
    """

    def __init__(
        self, session: StudySession, *, blind: bool = False, participants: ParticipantTable | None = None
    ) -> None:
        self._lock = RLock()
        self._state = StudyState(session, blind=blind, participants=participants)

    @contextmanager
    def now(self) -> Iterator[StudyState]:
        """Lend the study as it is now, to nobody else meanwhile; what is read from it must not be changed."""
        with self._lock:
            self._state.refresh()
            yield self._state

    def prepare(self, version: int) -> None:
        """Cut a text into sentences that no run has cut, while nobody waits for the study.

        Raises:
            Missing: If there is no such version.
        """
        with self.now() as state:
            state.version(version)
            if state.transcript_cache.has_sentences(version):
                return
            revision = state.revision
        sentences = state.store.runs.sentences(version)
        with self.now() as state:
            if state.revision == revision:  # else a run may have cut it otherwise by now
                state.transcript_cache.keep_sentences(version, sentences)

    def change_counters(self) -> ChangeCounters:
        """Return how far decisions, events and outcomes go, without waiting for anybody."""
        return self._state.store.change_counters()

    def decide(self, proposals: Sequence[DecisionFields]) -> list[DecisionView]:
        """Write decisions, all or none; a key that was sent before is answered with what it wrote then."""
        with self._lock:
            return [decision_view(decision) for decision in deciding.decide(self._state, proposals)]

    def decide_in_one_go(
        self, coder: str, key: str, proposals_of: Callable[[StudyState], Sequence[DecisionFields]]
    ) -> list[DecisionView]:
        """Write decisions that one undo takes back together, all or none.

        Args:
            coder: Who decides.
            key: The same again when it is sent again.
            proposals_of: Makes them from the present, or refuses; called again if another process wrote meanwhile.
        """
        with self._lock:
            made = deciding.decide_in_one_go(self._state, coder, key, lambda: proposals_of(self._state))
            return [decision_view(decision) for decision in made]

    def undo(self, coder: str, key: str, decision: int | None = None, scope: Scope = EVERYWHERE) -> UndoneView:
        """Take back one of the coder's decisions, by default the newest with all done in one go with it.

        Args:
            coder: Who takes back.
            key: The same again when it is sent again.
            decision: Id of the decision; None for the newest.
            scope: Where the newest is looked for.
        """
        with self._lock:
            return self._taken_back(deciding.undo(self._state, coder, key, decision, scope))

    def redo(self, coder: str, key: str, scope: Scope = EVERYWHERE) -> UndoneView:
        """Take back the coder's newest undoing, unless they decided anything since.

        Args:
            coder: Whose undoing it is.
            key: The same again when it is sent again.
            scope: Where it is looked for, and whatever was decided since.
        """
        with self._lock:
            return self._taken_back(deciding.redo(self._state, coder, key, scope))

    def accept_all(self, coder: str, wanted: Filter, count: int, key: str) -> list[int]:
        """Accept the undecided suggestions that a filter means, if they are ``count``; return the decisions' ids.

        Args:
            coder: Who accepts.
            wanted: Which ones.
            count: How many the coder was told.
            key: The same again when it is sent again.
        """
        with self._lock:
            return [decision.id for decision in deciding.accept_all(self._state, coder, wanted, count, key)]

    def write(self, drafts_of: Callable[[StudyState], Sequence[NewDecision]]) -> list[DecisionView]:
        """Write decisions of any coder that rest on the present, such as a consensus.

        Args:
            drafts_of: Makes them from the present, or refuses; called again if another process wrote meanwhile.
        """
        with self._lock:
            return [decision_view(decision) for decision in deciding.write(self._state, lambda: drafts_of(self._state))]

    def add_event(self, draft: NewEvent) -> EventView:
        """Note something beside the decisions; whoever looked at a coding that moved looked at what was agreed on, too.

        Raises:
            UsageError: If a version would begin blind that the coder has seen.
        """
        with self.now() as state:
            if draft.version is not None:
                state.version(draft.version)
                _check_beginning(state, draft)
            if draft.code is not None:
                state.codebook[draft.code]  # refuses codes that are not in the codebook
            if draft.kind is EventKind.LOOKED and _is_agreed_and_moved(state, draft):
                state.store.events.add(replace(draft, coder=CONSENSUS, text=draft.coder))
            if draft.kind is EventKind.MEMO and draft.code is not None and not draft.text:
                draft = replace(draft, code=_memo_held(state, draft.coder, draft.code))
            return event_view(state.store.events.add(draft))

    def rename_coder(self, renaming: NewEvent) -> None:
        """Write what a coder is called from now on, or take it back."""
        with self._lock:
            self._state.store.events.add(renaming)
            self._state.refresh()

    def _taken_back(self, undoings: Sequence[Decision]) -> UndoneView:
        newest = undoings[-1] if undoings else None
        if newest is None or newest.previous is None:
            return UndoneView(None, None, 0, "")
        self._state.refresh()
        undone = entry(self._state, newest.previous)
        decision, was = (decision_view(resolved(self._state, written)) for written in (newest, undone))
        return UndoneView(decision, was, len(undoings), self._state.version(undone.version).name)


def _memo_held(state: StudyState, coder: str, code: str) -> str:
    """Return under which id a coder's memo on a code stands: its own, else one of a code that became part of it."""
    memos = (event for event in state.event_log.in_force() if event.kind is EventKind.MEMO and event.coder == coder)
    held = {event.code for event in memos if event.code and state.codebook.current_id(event.code) == code}
    return code if code in held else max(held, default=code)


def _is_agreed_and_moved(state: StudyState, draft: NewEvent) -> bool:
    if draft.version is None or draft.span is None or draft.code is None or state.is_hidden(draft.coder, draft.version):
        return False
    return state.event_log.is_moved(CONSENSUS, draft.version, draft.span, draft.code)


def _check_beginning(state: StudyState, draft: NewEvent) -> None:
    if draft.kind is not EventKind.BLIND or draft.version is None:
        return
    if state.has_seen(draft.coder, draft.version):
        raise UsageError("you have seen suggestions of this transcript; another one can be coded blind")
