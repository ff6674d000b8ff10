"""``/api/second``: connect a language model, try it, ask it, hear why it thinks so; nothing of it on blind pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, HTTPException

from corpus.errors import UsageError
from flows.web.coding_routes import Answering
from flows.web.errors import REFUSALS
from flows.web.job_record import Job, JobKind, JobState
from flows.web.second_types import Doing, ModelIn, ModelsOut, ModelView, SecondView, ServerIn, WhyIn, WhyOut
from flows.web.sessions import current_coder
from pipeline.review.errors import Missing
from pipeline.settings import Settings, load_settings
from pipeline.study import SETTINGS

if TYPE_CHECKING:
    from flows.web.jobs import ReviewJobs
    from pipeline.review.service import ReviewService
    from pipeline.session import StudySession

Coder = Annotated[str, Depends(current_coder)]


@dataclass(frozen=True)
class SecondRoutes:
    """What the routes of the second opinion work on; settings are read anew, since connecting changes them."""

    session: StudySession
    service: ReviewService
    jobs: ReviewJobs
    blind: bool

    def settings(self) -> Settings:
        """Return the settings as they are now.

        Raises:
            HTTPException: If everybody codes blind on this page.
        """
        if self.blind:
            raise HTTPException(403, "everybody codes blind on this page; there are no second opinions on it")
        return load_settings(self.session.study.folder / SETTINGS)[0]

    def view(self) -> SecondView:
        """Return where the second opinion stands."""
        second, verdict = self.settings().second, ""
        state, message = doing(self.jobs.job())
        told: list[str] = []
        figures: dict[str, Any] = {}
        if second.url:
            from evaluation.second_opinion.telling import methods_sentence, verdict_line
            from pipeline.second.kept import load_trial

            trial = load_trial(self.session.study.folder)
            if trial is not None:
                verdict, figures = trial.verdict, dict(trial.figures)
                told = [verdict_line(trial), methods_sentence(trial)]
        return SecondView(
            url=second.url,
            model=second.model,
            adapter=second.adapter,
            state=state,
            message=message,
            verdict=verdict,
            told=told,
            figures=figures,
        )

    def begin(self, kind: JobKind) -> SecondView:
        """Begin to try or to ask the model; do nothing while either goes on.

        Raises:
            UsageError: If no model is named.
            JobRunningError: If something else works on the study.
        """
        if not self.settings().second.url:
            raise UsageError("no language model is connected yet")
        if doing(self.jobs.job())[0] not in DOING.values():
            self.jobs.begin(kind)
        return self.view()


DOING: dict[JobKind, Doing] = {JobKind.TRY_SECOND: "trying", JobKind.ASK_SECOND: "asking"}


def doing(job: Job | None) -> tuple[Doing, str]:
    """Return where trying or asking is, and what it came to in a line; a trial is told by what the study keeps of it.

    Args:
        job: What was begun last.
    """
    if job is None or job.kind not in DOING:
        return "idle", ""
    if job.state is JobState.WORKING:
        return DOING[job.kind], ""
    if job.state is not JobState.DONE:
        return "failed", job.message
    lines = job.result.get("lines", ())
    told = isinstance(lines, list) and all(isinstance(line, str) for line in lines)
    return "idle", " ".join(lines) if told else ""


def router(second: SecondRoutes) -> APIRouter:
    """Return the routes of the second opinion."""
    routes = APIRouter(prefix="/api/second", tags=["second"], responses=REFUSALS, route_class=Answering)
    _add_connecting(routes, second)
    _add_asking(routes, second)
    return routes


def _add_connecting(routes: APIRouter, second: SecondRoutes) -> None:
    @routes.get("")
    def state(_: Coder) -> SecondView:
        """Tell which model is asked, what a trial came to, and what runs."""
        return second.view()

    @routes.post("/models")
    def models(_: Coder, body: ServerIn) -> ModelsOut:
        """List the models of a server on this machine."""
        settings = second.settings()
        from pipeline.second.connecting import models_at

        found, is_open = models_at(body.url, settings)
        shown = [
            ModelView(name=each.name, size=each.size, quantisation=each.quantisation, remote=each.remote)
            for each in found
        ]
        return ModelsOut(models=shown, open_to_pages=is_open)

    @routes.post("/connect")
    def connect(_: Coder, body: ModelIn) -> SecondView:
        """Try a model out with a sentence of no study, and name it in study.toml."""
        second.settings()
        from pipeline.second.connecting import connect_model

        connect_model(second.session.study, body.url, body.model)
        return second.view()

    @routes.post("/off")
    def off(_: Coder) -> SecondView:
        """Do without a second opinion from now on."""
        if second.settings().second.url:
            from pipeline.second.connecting import disconnect

            disconnect(second.session.study)
        return second.view()


def _add_asking(routes: APIRouter, second: SecondRoutes) -> None:
    @routes.post("/try", status_code=202)
    def try_model(_: Coder) -> SecondView:
        """Begin to measure whether the model helps; does nothing while something runs."""
        return second.begin(JobKind.TRY_SECOND)

    @routes.post("/ask", status_code=202)
    def ask(_: Coder) -> SecondView:
        """Begin to ask about the passages of the last run; does nothing while something runs."""
        return second.begin(JobKind.ASK_SECOND)

    @routes.post("/why")
    def why(coder: Coder, body: WhyIn) -> WhyOut:
        """Have the model say why its choice fits or not, once the coder has decided; the sentence is not kept."""
        settings = second.settings()
        with second.service.now() as state:
            subject = state.decision_log.subject(coder, body.suggestion)
            stored = second.session.store.suggestions.by_id([body.suggestion]).get(body.suggestion)
            hidden = stored is None or state.is_hidden(coder, stored.version)
            if stored is None or hidden or not state.opinions.model:
                raise Missing(f"there is no second opinion on suggestion {body.suggestion}")
            if subject is None or subject.standing is None:
                raise UsageError("decide first; then the model may say why it thinks so")
        from flows.second import reason_for

        return WhyOut(text=reason_for(second.session, settings, stored), model=settings.second.model)
