"""``/api``: progress, agreement, comparison and consensus, framework matrix, audit, learning."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import PlainTextResponse, Response

from corpus.codebook import with_gone
from corpus.errors import UsageError
from corpus.transcript import Span
from evaluation.study_quality.finish import FinishLine, finish_csv
from evaluation.study_quality.second_look import OddCodings, second_look
from evaluation.study_quality.types import Agreement, LearnState, Progress, Unit
from flows.web.coding_routes import Answering
from flows.web.coding_types import Id
from flows.web.errors import REFUSALS
from flows.web.filter_query import FilterQuery, filter_query
from flows.web.sessions import current_coder
from pipeline.review.auditing import Auditing, AuditView
from pipeline.review.matrix import BY_TRANSCRIPT, Coded, Matrix, framework_matrix, grouped
from pipeline.study_filter import Filter

if TYPE_CHECKING:
    from corpus.participants import Participants
    from evaluation.study_quality.quality import StudyQuality
    from flows.web.jobs import ReviewJobs
    from pipeline.review.participant_table import ParticipantTable
    from pipeline.review.service import ReviewService
    from pipeline.session import StudySession

Coder = Annotated[str, Depends(current_coder)]
Name = Annotated[str, Query(min_length=1, max_length=200)]


@dataclass(frozen=True)
class QualityRoutes:
    """What the routes of quality ask."""

    session: StudySession
    service: ReviewService
    figures: StudyQuality
    jobs: ReviewJobs
    auditing: Auditing
    participants: ParticipantTable


def router(quality: QualityRoutes) -> APIRouter:
    """Return the routes of quality."""
    routes = APIRouter(prefix="/api", tags=["insight"], responses=REFUSALS, route_class=Answering)
    _add_figures(routes, quality)
    _add_views(routes, quality)
    _add_learning(routes, quality.jobs)
    return routes


def _add_figures(routes: APIRouter, quality: QualityRoutes) -> None:
    @routes.get("/progress")
    def progress(coder: Coder) -> Progress:
        """Tell what the coder has done and what that says about the suggestions."""
        with quality.service.now() as state:
            hidden = state.hidden(coder)
        return quality.figures.progress(coder, hidden=hidden)

    @routes.get("/finish-line")
    def finish(coder: Coder) -> FinishLine:
        """Tell how reliable the coding would be if suggestions were taken as they are, judged by the coder."""
        return _finish_line(quality, coder)

    @routes.get("/finish-line.csv", response_class=PlainTextResponse)
    def finish_table(coder: Coder) -> Response:
        """Return the same as a table, a line for each threshold."""
        headers = {"content-disposition": 'attachment; filename="finish-line.csv"'}
        return PlainTextResponse(
            finish_csv(_finish_line(quality, coder).points), headers=headers, media_type="text/csv"
        )

    @routes.get("/consistency")
    def consistency(coder: Coder) -> list[OddCodings]:
        """Return the coder's codings that look unlike the others with their code."""
        return second_look(quality.service, quality.session.precoder.embedder, coder)

    @routes.get("/agreement")
    def agreement(
        coder: Coder,
        first: Name,
        second: Name,
        unit: Unit = Unit.SENTENCE,
        versions: Annotated[list[Id] | None, Query(max_length=10_000)] = None,
    ) -> Agreement:
        """Tell how far two coders agree, unit by unit; ``precode`` and ``consensus`` are coders, too."""
        with quality.service.now() as state:
            hidden = state.hidden(coder)
        return quality.figures.agreement(first, second, unit=unit, versions=versions, hidden=hidden)


def _finish_line(quality: QualityRoutes, coder: str) -> FinishLine:
    with quality.service.now() as state:
        hidden = state.hidden(coder)
    precision = quality.session.study.reread().settings.suggest.precision
    return quality.figures.finish_line(coder, precision=precision, hidden=hidden)


def _add_views(routes: APIRouter, quality: QualityRoutes) -> None:
    @routes.get("/matrix")
    def matrix(
        asking: Coder, asked: Annotated[FilterQuery, Depends(filter_query)], rows: Name = BY_TRANSCRIPT
    ) -> Matrix:
        """Return the framework matrix of a coder's codings, by default the asking coder's own."""
        participants = quality.participants.current()
        by = rows if rows == BY_TRANSCRIPT else _attribute(participants, rows)
        with quality.service.now() as state:
            wanted = asked.filter(participants, state.codebook)
        names, coded = _coded(quality.service, asking, replace(wanted, coder=wanted.coder or asking))
        labels = grouped(names, by, participants.of)
        with quality.service.now() as state:
            codebook = with_gone(state.codebook, {passage.code for passage in coded})
        codes = [code.id for code in codebook.codes if wanted.takes_code(code)]
        return framework_matrix(coded, labels, codes, quality.session.store.transcripts.get)

    @routes.get("/audit/next")
    def audit(coder: Coder) -> AuditView:
        """Return a random participant sentence that this coder has not audited, its suggestions unseen."""
        return quality.auditing.next(coder)


def _add_learning(routes: APIRouter, jobs: ReviewJobs) -> None:
    @routes.get("/learn")
    def learning(_: Coder) -> LearnState:
        """Tell where learning is."""
        return jobs.learning()

    @routes.post("/learn", status_code=202)
    def learn(_: Coder) -> LearnState:
        """Begin to learn from what was decided; does nothing while something runs."""
        return jobs.learn()

    @routes.post("/learn/rank", status_code=202)
    def rank(_: Coder) -> LearnState:
        """Begin to make undecided suggestions anew; does nothing while something runs."""
        return jobs.rank()


def _attribute(participants: Participants, name: str) -> str:
    known = participants.attribute(name)
    if known is None:
        choices = ", ".join((BY_TRANSCRIPT, *participants.attributes))
        raise UsageError(f"rows: the table of participants has no such column; choose one of {choices}")
    return known


def _coded(service: ReviewService, asking: str, wanted: Filter) -> tuple[dict[int, str], list[Coded]]:
    """Return the names of the transcripts the asking coder may see coded, and what the filter's coder coded in them."""
    coder = wanted.coder or asking
    with service.now() as state:
        hidden = frozenset[int]() if coder == asking else state.hidden(asking)
        versions = [version for version in state.current() if version.id not in hidden]
        places = state.speakers.places((each for each in versions if wanted.version in {None, each.id}), wanted)
        names = {version.id: version.name for version in versions if version.id in places.versions}
        return names, [
            Coded(version, Span(coding.start, coding.end), coding.code, coder)
            for version in names
            for coding in state.coding_columns.of(version, coder)
            if places.holds(version, coding.start)
        ]
