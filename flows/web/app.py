"""The application: its routes, what guards them, and what it says when something goes wrong."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from corpus.errors import InputError, InternalError, PrecodeError, UsageError
from evaluation.study_quality.quality import StudyQuality
from flows.web import (
    analysis_routes,
    book_routes,
    coder_routes,
    coding_routes,
    compare_routes,
    correction_routes,
    deidentify_routes,
    file_routes,
    handover_routes,
    home_routes,
    insight_routes,
    pages,
    search_routes,
    second_routes,
    sessions,
    speaker_routes,
    study_routes,
    summary_routes,
    team_routes,
    threshold_routes,
    work_routes,
)
from flows.web.guard import Access, Guard
from flows.web.jobs import JobRunningError
from flows.web.presence import Presence
from pipeline.review.auditing import Auditing
from pipeline.review.participant_table import ParticipantTable
from pipeline.review.service import ReviewService
from pipeline.search.study_search import StudySearch
from pipeline.store.database import UnreadyError

if TYPE_CHECKING:
    from flows.web.jobs import ReviewJobs
    from pipeline.session import StudySession

LOG = logging.getLogger("precode.review")
"""Receives one line for each defect: its kind and place, never what it is about."""

REFUSALS = (400, 401, 403, 404, 409, 413, 422, 503)


class ErrorBody(BaseModel):
    """What every refusal says: one line."""

    detail: str


def make_app(
    session: StudySession, *, jobs: ReviewJobs, access: Access, blind: bool = False, home: bool = False
) -> FastAPI:
    """Return the application that serves one study.

    Args:
        session: The study; stays open as long as the application is used.
        jobs: Learns and runs in the background; closed when the server stops.
        access: Where the application is served and who may see it.
        blind: Everybody codes blind until they are done with a transcript.
        home: Whether the page with all studies stands above it.
    """

    def close() -> None:
        jobs.close()
        searches.close()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        close()

    app = FastAPI(title="precode review", lifespan=lifespan, openapi_url="/api/openapi.json", **PLAIN)
    app.state.access, app.state.names_now, app.state.close = access, session.store.events.coder_names, close
    participants = ParticipantTable(session.study)
    service = ReviewService(session, blind=blind, participants=participants)
    searches = search_routes.SearchRoutes(service, StudySearch(session))
    shells = pages.Pages(session, home=home)
    known = partial(coder_routes.known_coders, service)
    app.mount("/static", StaticFiles(directory=pages.FOLDER / "static"), name="static")
    app.include_router(second_routes.router(second_routes.SecondRoutes(session, service, jobs, blind)))
    app.include_router(search_routes.router(searches))
    for router in (*_review_routers(session, service, participants, jobs), *_work_routers(session, service, jobs)):
        app.include_router(router)
    app.include_router(sessions.router(shells.start, known))
    app.include_router(pages.router(shells, known))
    return _guarded(app, access, pages.study_id(session.study))


def _review_routers(
    session: StudySession, service: ReviewService, participants: ParticipantTable, jobs: ReviewJobs
) -> Iterator[APIRouter]:
    """Yield the routes by which people read, code and compare, and see how far they are.

    Args:
        session: The study.
        service: The study under review.
        participants: Who speaks in which transcript.
        jobs: Learns in the background.
    """
    figures, auditing = StudyQuality(service), Auditing(service, pages.study_id(session.study))
    quality = insight_routes.QualityRoutes(session, service, figures, jobs, auditing, participants)
    yield study_routes.router(session.study, service, participants)
    yield coding_routes.router(service)
    yield book_routes.router(session, service)
    yield correction_routes.router(session.study, service)
    yield coder_routes.router(service)
    yield team_routes.router(service, Presence())
    yield speaker_routes.router(session.study, service)
    yield insight_routes.router(quality)
    yield compare_routes.router(service, figures)
    yield analysis_routes.router(analysis_routes.AnalysisRoutes(session, service, participants))
    yield summary_routes.router(service)
    yield threshold_routes.router(session.study)


def _work_routers(session: StudySession, service: ReviewService, jobs: ReviewJobs) -> Iterator[APIRouter]:
    """Yield the routes of files that come in, of what works in the background, and of what is handed over."""
    work = work_routes.Work(session, service, jobs)
    yield file_routes.router(session.study)
    yield work_routes.router(work)
    yield handover_routes.router(work)
    yield deidentify_routes.router(work)


def make_home_app(open_: Callable[[Path], None], stop: Callable[[], None], access: Access) -> FastAPI:
    """Return the application of the page on which studies are made and opened.

    Args:
        open_: Opens the study in a folder and shows it.
        stop: Stops the server.
        access: Where it is served and who may see it.
    """
    app = FastAPI(title="precode", openapi_url="/api/home/openapi.json", **PLAIN)
    app.include_router(home_routes.router(open_, stop))
    app.mount("/static", StaticFiles(directory=pages.FOLDER / "static"), name="static")
    app.include_router(home_routes.page_router())
    return _guarded(app, access, "")


def _guarded(app: FastAPI, access: Access, study: str) -> FastAPI:
    """Let nothing in and nothing out of an application that should not pass."""
    _say_plainly(app)
    app.add_middleware(DiscreetErrors)
    app.add_middleware(Guard, access=access, study=study)
    return app


def _say_plainly(app: FastAPI) -> None:
    """Tell every error as one line of JSON."""

    @app.exception_handler(PrecodeError)
    def _refused(_: Request, error: PrecodeError) -> Response:
        return _told(_status(error), str(error))

    @app.exception_handler(RequestValidationError)
    def _unfit(_: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]  # without "input", which may be a memo
        place = ".".join(str(part) for part in first["loc"])[:80]
        return _told(422, f"{place}: {first['msg']}")


def _status(error: PrecodeError) -> int:
    if isinstance(error, JobRunningError):
        return 409
    if isinstance(error, UnreadyError):
        return 503  # makes a page keep what it has to send, and send it again
    return 400 if isinstance(error, UsageError | InputError) else 500


PLAIN: dict[str, Any] = {
    "docs_url": None,
    "redoc_url": None,
    "responses": {status: {"model": ErrorBody} for status in REFUSALS},
}
"""What all our applications have in common."""


class DiscreetErrors:
    """Middleware that tells a defect by its kind and place only: its own message may quote a transcript.

    Args:
        app: What may fail.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and answer 500 to what fails."""
        begun = False

        async def noticing(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, noticing)
        except Exception as error:  # noqa: BLE001 - a server would log its message, which may quote the transcript
            defect = InternalError.of("review", error)
            LOG.error("%s", defect)  # noqa: TRY400 - exception() would log what it must not
            if scope["type"] == "http" and not begun:
                await _told(500, str(defect))(scope, receive, send)


def _told(status: int, line: str) -> Response:
    return JSONResponse({"detail": line}, status)
