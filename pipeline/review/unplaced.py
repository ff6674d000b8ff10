"""Codings of earlier texts that found no place in the current one: told, coded by hand, or let go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus.coders import CONSENSUS
from corpus.transcript import Span
from pipeline.carry import Unplaced, not_placed, placed_key
from pipeline.review.errors import Missing
from pipeline.review.views import DecisionView, UnplacedView
from pipeline.store.event_records import EventKind, NewEvent
from pipeline.store.records import Action, NewDecision

if TYPE_CHECKING:
    from pipeline.review.service import ReviewService
    from pipeline.review.study_state import StudyState


def unplaced(state: StudyState, coder: str) -> list[UnplacedView]:
    """Return the codings that wait for a place: the coder's own, and others' where nothing is hidden."""
    return [
        _view(state, coder, found)
        for found in not_placed(state.store)
        if found.current.decision.coder == coder or not state.is_hidden(coder, found.version.id)
    ]


def code_here(service: ReviewService, coder: str, decision: int, span: Span, key: str) -> DecisionView:
    """Code a passage of the current text as a coding of an earlier text was, for the coder whose it was.

    Args:
        service: The study under review.
        coder: Who asks: whose coding it is, or anybody for a consensus.
        decision: Id of the coding of the earlier text.
        span: Where it stands in the current text.
        key: Made by the page; the same when it is sent again.

    Raises:
        Missing: If no such coding waits.
    """

    def drafts(state: StudyState) -> list[NewDecision]:
        own = placed_key(decision, key)
        known = state.store.decisions.by_key([own]).get(own)
        if known is not None:  # sent before: the store answers with what it wrote
            return [NewDecision(coder, known.version, Action.UNDO, previous=known.id, key=own)]
        found = _waiting(state, coder, decision)
        earlier = found.current.decision
        return [
            NewDecision(
                coder=earlier.coder,
                version=found.version.id,
                action=Action.CODE,
                span=span,
                code=earlier.code,
                memo=found.current.memo,
                blind=earlier.blind,
                recorder=coder if earlier.coder == CONSENSUS else "",
                key=own,
            )
        ]

    (written,) = service.write(drafts)
    return written


def let_go(service: ReviewService, coder: str, decision: int) -> None:
    """Say that a coding of an earlier text needs no place in the current one.

    Args:
        service: The study under review.
        coder: Who asks: whose coding it is, or anybody for a consensus.
        decision: Id of the coding of the earlier text.

    Raises:
        Missing: If no such coding waits.
    """
    with service.now() as state:
        earlier = _waiting(state, coder, decision).current.decision
        recorder = coder if earlier.coder == CONSENSUS else ""
        state.store.events.add(
            NewEvent(earlier.coder, EventKind.LET_GO, earlier.version, earlier.span, earlier.code, recorder)
        )


def _waiting(state: StudyState, coder: str, decision: int) -> Unplaced:
    for found in not_placed(state.store):
        if found.current.decision.id == decision and _may_place(state, coder, found):
            return found
    raise Missing(f"no coding {decision} of yours waits for a place (any more)")


def _may_place(state: StudyState, coder: str, found: Unplaced) -> bool:
    """Return whether it is the coder's own, or what coders agreed on in a transcript that is not hidden from them."""
    owner = found.current.decision.coder
    return owner == coder or (owner == CONSENSUS and not state.is_hidden(coder, found.version.id))


def _view(state: StudyState, coder: str, found: Unplaced) -> UnplacedView:
    earlier = found.current.decision
    span = earlier.span or Span(0, 1)
    before = state.version(earlier.version)
    return UnplacedView(
        decision=earlier.id,
        coder=earlier.coder,
        code=earlier.code or "",
        memo=found.current.memo,
        transcript=found.version.name,
        version=found.version.id,
        start=span.start,
        end=span.end,
        context=state.transcript_cache.context(earlier.version, span),
        near=span.start * found.version.characters // max(1, before.characters),
        mine=_may_place(state, coder, found),
    )
