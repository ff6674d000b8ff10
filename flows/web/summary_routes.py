"""``/api/summaries``: what the cells of the framework matrix say, and what they once said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, TypeAdapter

from flows.web.coding_routes import Answering
from flows.web.coding_types import LARGEST, Body, CodeId, Id, Memo
from flows.web.errors import REFUSALS
from flows.web.sessions import current_coder
from pipeline.review import summarizing
from pipeline.summaries import Summary

if TYPE_CHECKING:
    from pipeline.review.service import ReviewService

Coder = Annotated[str, Depends(current_coder)]


class SummaryIn(Body):
    """What a cell should say; ``previous`` is the summary that its writer saw there."""

    version: Id
    code: CodeId
    text: Memo
    previous: Id | None = None


class SummariesOut(BaseModel):
    """What cells say, or what one of them said, newest first."""

    summaries: list[Summary]


class SummaryRefusal(BaseModel):
    """Why a summary was not written, and what its cell says now."""

    detail: str
    current: Summary | None = Field(description="None if the cell is empty now.")


REFUSAL = TypeAdapter(SummaryRefusal)


def router(service: ReviewService) -> APIRouter:
    """Return the routes of the summaries of a study under review."""
    routes = APIRouter(prefix="/api/summaries", tags=["summaries"], responses=REFUSALS, route_class=Answering)

    @routes.get("")
    def current(coder: Coder) -> SummariesOut:
        """Return what every cell says, of the transcripts that are not hidden from the coder."""
        with service.now() as state:
            return SummariesOut(summaries=summarizing.summaries(state, coder))

    @routes.get("/history")
    def history(
        coder: Coder,
        version: Annotated[int, Query(ge=1, le=LARGEST)],
        code: Annotated[str, Query(min_length=1, max_length=200)],
    ) -> SummariesOut:
        """Return everything that was ever written into a cell, newest first."""
        with service.now() as state:
            return SummariesOut(summaries=summarizing.history(state, coder, (version, code)))

    @routes.post("", response_model=Summary, responses={409: {"model": SummaryRefusal}})
    def summarize(coder: Coder, body: SummaryIn) -> Summary | JSONResponse:
        """Write what a cell says, unless somebody has written there meanwhile."""
        draft = summarizing.event_of(coder, (body.version, body.code), body.text)
        try:
            return summarizing.summarize(service, draft, body.previous)
        except summarizing.SummaryChanged as error:
            refusal = SummaryRefusal(detail=str(error), current=error.current)
            return JSONResponse(REFUSAL.dump_python(refusal, mode="json"), 409)

    return routes
