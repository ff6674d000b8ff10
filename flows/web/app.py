"""The application: pages that are served at once, an API that follows, and what guards both."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from corpus.errors import PrecodeError
from flows.web.errors import DiscreetErrors, no_page, refused
from flows.web.guard import Access, Guard
from flows.web.late import Late, LateApp
from flows.web.pages import Pages, home_routes, page_routes, study_id
from pipeline.review.participant_table import ParticipantTable

if TYPE_CHECKING:
    from fastapi import FastAPI

    from flows.web.jobs import ReviewJobs
    from pipeline.review.service import ReviewService
    from pipeline.session import StudySession


def make_app(
    session: StudySession, *, jobs: ReviewJobs, access: Access, blind: bool = False, home: bool = False
) -> Starlette:
    """Return the application that serves one study.

    Args:
        session: The study; stays open as long as the application is used.
        jobs: Learns and runs in the background; closed when the server stops.
        access: Where the application is served and who may see it.
        blind: Everybody codes blind until they are done with a transcript.
        home: Whether the page with all studies stands above it.

    Raises:
        PrecodeError: If the study's database or codebook cannot be used.
    """
    session.study.codebook()  # refused now: the service, which reads it, is made when the server runs
    shells, participants = Pages(session, home=home), ParticipantTable(session.study)

    def make_service() -> ReviewService:
        from pipeline.review.service import ReviewService

        return ReviewService(session, blind=blind, participants=participants)

    def make_api() -> FastAPI:
        from flows.web.api import make_study_api

        made = make_study_api(
            session, service.get(), participants=participants, jobs=jobs, start_page=shells.start, blind=blind
        )
        made.state.access, made.state.names_now = access, app.state.names_now
        ends.callback(made.state.close)
        return made

    def known() -> list[str]:
        from pipeline.review.team import known_coders

        return known_coders(service.get())

    service, api, ends = Late(make_service), LateApp(make_api), ExitStack()
    ends.callback(jobs.close)
    ends.callback(api.settle)
    app = _guarded(page_routes(shells, known), api, access, study_id(session.study), ends.close)
    app.state.access, app.state.names_now, app.state.close = access, session.store.events.coder_names, ends.close
    return app


def make_home_app(open_: Callable[[Path], None], stop: Callable[[], None], access: Access) -> Starlette:
    """Return the application of the page on which studies are made and opened.

    Args:
        open_: Opens the study in a folder and shows it.
        stop: Stops the server.
        access: Where it is served and who may see it.
    """

    def make_api() -> FastAPI:
        from flows.web.api import make_home_api

        return make_home_api(open_, stop)

    return _guarded(home_routes(), LateApp(make_api), access, "", lambda: None)


def _guarded(
    pages: Sequence[BaseRoute], api: LateApp[FastAPI], access: Access, study: str, close: Callable[[], None]
) -> Starlette:
    """Return an application that lets nothing in and nothing out that should not pass.

    Args:
        pages: Are answered at once.
        api: Answers everything else, once it is made.
        access: Where the application is served and who may see it.
        study: Id of the study that is served; empty for none.
        close: Called when the server stops.
    """

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        api.begin()  # not before the server has imported all it needs itself: then nothing stands in its way
        yield
        close()

    handlers: dict[Any, Any] = {PrecodeError: refused, HTTPException: no_page}
    app = Starlette(
        routes=pages,
        middleware=[Middleware(Guard, access=access, study=study), Middleware(DiscreetErrors)],
        exception_handlers=handlers,
        lifespan=lifespan,
    )
    app.router.default = api
    return app
