"""``/api``: reading, the queue, decisions, undoing, bulk decisions, marks, and the pulse that says what moved."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter

from corpus.transcript import Span
from flows.web.coding_types import (
    LARGEST,
    BulkIn,
    BulkOut,
    DecisionsIn,
    DecisionsOut,
    EventIn,
    EventsOut,
    MergeIn,
    PlaceIn,
    PreviewIn,
    RedoIn,
    Refusal,
    SplitIn,
    TogetherIn,
    UndoIn,
    UnplacedIn,
)
from flows.web.errors import REFUSALS
from flows.web.filter_query import FilterQuery, IdQuery, filter_query
from flows.web.sessions import current_coder
from pipeline.review import passage_acts, reading, unplaced
from pipeline.review.errors import Missing, Outdated
from pipeline.review.ordering import QueueOrder
from pipeline.review.queue import QueueRequest, next_items, preview
from pipeline.review.suggestion_index import Wanted
from pipeline.review.views import BulkView, EventView, LoggedView, QueueView, ReadingView, UndoneView, UnplacedView
from pipeline.store.event_records import NewEvent
from pipeline.store.records import Action, ChangeCounters

if TYPE_CHECKING:
    from pipeline.review.service import ReviewService

Coder = Annotated[str, Depends(current_coder)]
CONFLICT: dict[int | str, dict[str, Any]] = {409: {"model": Refusal}}
REFUSAL = TypeAdapter(Refusal)


class LogView(BaseModel):
    """A coder's own entries of the log, newest first."""

    decisions: list[LoggedView]


class UnplacedOut(BaseModel):
    """Codings of earlier texts that wait for a place."""

    codings: list[UnplacedView]


class Answering(APIRoute):
    """A route that answers 404 to what is missing and 409 to what is outdated."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler."""
        handler = super().get_route_handler()

        async def answering(request: Request) -> Response:
            try:
                return await handler(request)
            except Missing as error:
                raise HTTPException(404, str(error)) from None
            except Outdated as error:
                refusal = Refusal(detail=str(error), current=list(error.current))
                return JSONResponse(REFUSAL.dump_python(refusal, mode="json"), 409)

        return answering


def router(service: ReviewService) -> APIRouter:
    """Return the routes of a study under review."""
    routes = APIRouter(prefix="/api", tags=["coding"], responses=REFUSALS, route_class=Answering)
    _add_reading(routes, service)
    _add_decisions(routes, service)
    _add_passages(routes, service)
    _add_bulk(routes, service)
    _add_marks(routes, service)
    _add_unplaced(routes, service)
    return routes


def _add_reading(routes: APIRouter, service: ReviewService) -> None:
    @routes.get("/pulse")
    def pulse(_: Coder) -> ChangeCounters:
        """Tell the ids of the newest decision, mark and outcome: while none grows, nothing changes."""
        return service.change_counters()

    @routes.get("/transcripts/{version}")
    def transcript(coder: Coder, version: Annotated[int, Path(ge=1, le=LARGEST)]) -> ReadingView:
        """Return a transcript to read, with what the coder may see of suggestions and codings."""
        service.prepare(version)
        with service.now() as state:
            return reading.read(state, coder, version)

    @routes.get("/queue")
    def queue(
        coder: Coder,
        asked: Annotated[FilterQuery, Depends(filter_query)],
        order: QueueOrder = QueueOrder.CERTAIN,
        state: Wanted = Wanted.UNDECIDED,
        after: IdQuery = None,
        limit: Annotated[int, Query(ge=1, le=50)] = 10,
    ) -> QueueView:
        """Return the suggestions that come next, each in its context."""
        with service.now() as study:
            wanted = asked.filter(study.speakers.participants, study.codebook)
            return next_items(study, coder, QueueRequest(order, wanted, state, after, limit))

    @routes.get("/log")
    def log(coder: Coder, limit: Annotated[int, Query(ge=1, le=500)] = 50) -> LogView:
        """Return the coder's own decisions, newest first."""
        with service.now() as state:
            return LogView(decisions=reading.own_log(state, coder, limit))


def _add_decisions(routes: APIRouter, service: ReviewService) -> None:
    @routes.post("/decisions", responses=CONFLICT)
    def decide(coder: Coder, body: DecisionsIn) -> DecisionsOut:
        """Write decisions, all or none; a known key is answered with what it wrote."""
        return DecisionsOut(decisions=service.decide([sent.by(coder) for sent in body.decisions]))

    @routes.post("/undo")
    def undo(coder: Coder, body: UndoIn) -> UndoneView:
        """Take back a decision, by default the coder's newest in force."""
        return service.undo(coder, body.key, body.decision, body.scope)

    @routes.post("/redo")
    def redo(coder: Coder, body: RedoIn) -> UndoneView:
        """Take back the newest undoing that nothing followed."""
        return service.redo(coder, body.key, body.scope)


def _add_passages(routes: APIRouter, service: ReviewService) -> None:
    @routes.post("/passages/split", responses=CONFLICT)
    def split(coder: Coder, body: SplitIn) -> DecisionsOut:
        """Make two codings of a passage; one undo joins them again."""
        made = service.decide_in_one_go(
            coder, body.key, lambda state: passage_acts.split(state, body.by(coder), body.at)
        )
        return DecisionsOut(decisions=made)

    @routes.post("/passages/merge", responses=CONFLICT)
    def merge(coder: Coder, body: MergeIn) -> DecisionsOut:
        """Join a passage with the next or previous one of its code; one undo parts them again."""
        made = service.decide_in_one_go(
            coder, body.key, lambda state: passage_acts.merge(state, body.by(coder), body.direction)
        )
        return DecisionsOut(decisions=made)

    @routes.post("/passages/together", responses=CONFLICT)
    def together(coder: Coder, body: TogetherIn) -> DecisionsOut:
        """Answer several suggestions alike, all or none; one undo takes all of it back."""
        made = service.decide_in_one_go(
            coder,
            body.key,
            lambda state: passage_acts.answer_together(
                state, coder, body.version, Action(body.action), body.suggestions
            ),
        )
        return DecisionsOut(decisions=made)


def _add_bulk(routes: APIRouter, service: ReviewService) -> None:
    @routes.post("/bulk/preview")
    def preview_all(coder: Coder, body: PreviewIn) -> BulkView:
        """Tell how many undecided suggestions would be accepted, and show some."""
        with service.now() as state:
            return preview(state, coder, body.filter(state.speakers.participants, state.codebook))

    @routes.post("/bulk", responses=CONFLICT)
    def accept(coder: Coder, body: BulkIn) -> BulkOut:
        """Accept them all, unless they are not as many as the preview told."""
        with service.now() as state:
            wanted = body.filter(state.speakers.participants, state.codebook)
        ids = service.accept_all(coder, wanted, body.count, body.key)
        return BulkOut(count=len(ids), decisions=ids)


def _add_marks(routes: APIRouter, service: ReviewService) -> None:
    @routes.post("/marks")
    def mark(coder: Coder, body: EventIn) -> EventView:
        """Note something: a memo, that a version is begun blind or done, an audited sentence."""
        return service.add_event(NewEvent(coder, body.mark_kind, body.version, body.span, body.code, body.text))

    @routes.get("/marks")
    def marks(coder: Coder) -> EventsOut:
        """Return the coder's marks in force, and memos of others on what is not hidden."""
        with service.now() as state:
            return EventsOut(marks=reading.events(state, coder))


def _add_unplaced(routes: APIRouter, service: ReviewService) -> None:
    @routes.get("/unplaced")
    def waiting(coder: Coder) -> UnplacedOut:
        """Return the codings of earlier texts that found no place in the current ones."""
        with service.now() as state:
            return UnplacedOut(codings=unplaced.unplaced(state, coder))

    @routes.post("/unplaced/code")
    def code(coder: Coder, body: PlaceIn) -> DecisionsOut:
        """Code a passage of the current text as that coding was, for the coder whose it was."""
        span = Span(body.start, body.end)
        return DecisionsOut(decisions=[unplaced.code_here(service, coder, body.decision, span, body.key)])

    @routes.post("/unplaced/let-go")
    def let_go(coder: Coder, body: UnplacedIn) -> UnplacedOut:
        """Say that a coding needs no place any more, and return those that still wait."""
        unplaced.let_go(service, coder, body.decision)
        return waiting(coder)
