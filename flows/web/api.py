"""What a study's pages ask, and the page over all studies: all routes of the two APIs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.middleware import Middleware
from starlette.responses import Response

from corpus.errors import PrecodeError
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
from flows.web.errors import DiscreetErrors, answer, refused
from flows.web.pages import study_id
from flows.web.presence import Presence
from pipeline.review.auditing import Auditing
from pipeline.review.team import known_coders
from pipeline.search.study_search import StudySearch

if TYPE_CHECKING:
    from flows.web.jobs import ReviewJobs
    from pipeline.review.participant_table import ParticipantTable
    from pipeline.review.service import ReviewService
    from pipeline.session import StudySession


def make_study_api(
    session: StudySession,
    service: ReviewService,
    *,
    participants: ParticipantTable,
    jobs: ReviewJobs,
    start_page: sessions.StartPage,
    blind: bool,
) -> FastAPI:
    """Return the API of one study; its ``state.close`` ends what it does in the background.

    Args:
        session: The study.
        service: The study under review.
        participants: Who speaks in which transcript.
        jobs: Learns and runs in the background.
        start_page: The page to sign in on.
        blind: Whether everybody codes blind until they are done with a transcript.
    """
    searches = search_routes.SearchRoutes(service, StudySearch(session))
    routers = (
        second_routes.router(second_routes.SecondRoutes(session, service, jobs, blind)),
        search_routes.router(searches),
        *_review_routers(session, service, participants, jobs),
        *_work_routers(session, service, jobs),
        sessions.router(start_page, partial(known_coders, service)),
    )
    api = _api("precode review", "/api/openapi.json", routers)
    api.state.close = searches.close
    return api


def make_home_api(open_: Callable[[Path], None], stop: Callable[[], None]) -> FastAPI:
    """Return the API of the page on which studies are made and opened.

    Args:
        open_: Opens the study in a folder and shows it.
        stop: Stops the server.
    """
    routers = home_routes.router(open_, stop), home_routes.elsewhere_router()
    return _api("precode", "/api/home/openapi.json", routers)


def _api(title: str, openapi_url: str, routers: Iterable[APIRouter]) -> FastAPI:
    """Return an API of some routes.

    Args:
        title: What it is called.
        openapi_url: Where it describes itself.
        routers: Hold its routes. They are taken as they are: FastAPI makes each one twice that is included.
    """
    api = FastAPI(
        title=title,
        openapi_url=openapi_url,
        docs_url=None,
        redoc_url=None,
        exception_handlers={PrecodeError: refused, RequestValidationError: _unfit},
        middleware=[Middleware(DiscreetErrors)],
    )
    api.router.routes.extend(route for router in routers for route in router.routes)
    return api


async def _unfit(_: Request, error: RequestValidationError) -> Response:
    """Tell what does not fit in a request, without the input, which may be a memo."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])[:80]
    return answer(422, f"{place}: {first['msg']}")


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
    figures, auditing = StudyQuality(service), Auditing(service, study_id(session.study))
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
