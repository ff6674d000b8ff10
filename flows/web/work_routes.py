"""``/api/job``: pre-coding a study and measuring it from the page, with progress, in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import FileResponse, Response

from corpus.errors import PrecodeError, UsageError
from corpus.files import digest_file, replace_file
from flows.web.coding_types import Body
from flows.web.errors import REFUSALS
from flows.web.job_record import Job, JobKind, JobState
from flows.web.sessions import current_coder
from flows.web.uploads import BODY, uploaded

if TYPE_CHECKING:
    from flows.web.jobs import ReviewJobs
    from pipeline.review.service import ReviewService
    from pipeline.session import StudySession

Coder = Annotated[str, Depends(current_coder)]
Text = Annotated[str, Field(max_length=400)]
CODINGS_FOLDER = "codings"
"""Where human codings go that are dropped onto the page to measure by."""
RESULT, REPORT = "page-benchmark.json", "page-benchmark.html"


class FinishedView(BaseModel):
    """What a run made of one transcript.

    Attributes:
        suggestions: None while they are hidden from whoever asks.
        passages: With suggestions, by domain; empty before the run is over, and while they are hidden.
    """

    transcript: str
    source: str
    status: str
    suggestions: int | None
    error: str
    notes: list[str]
    passages: dict[str, int]


class JobView(BaseModel):
    """What works on the study, or did last.

    Attributes:
        state: ``idle`` before the first.
        planned: How many transcripts a run has to do.
        finished: Those that are done; once a run is over, all of the study.
        expected: What can be expected of the suggestions, and what would help most.
        measured: How they compare with human coding, in a line; empty where there is none.
    """

    kind: JobKind | None = None
    state: str = "idle"
    planned: int = 0
    finished: list[FinishedView] = Field(default_factory=list)
    seconds: float = 0.0
    message: str = ""
    expected: str = ""
    measured: str = ""


class RunIn(Body):
    """``redo``: do again what is up to date."""

    redo: bool = False


class BenchmarkIn(Body):
    """Whose codings suggestions are measured against: a file of the study, or a coder; one of the two."""

    file: Text = ""
    coder: Text = ""


class TableView(BaseModel):
    """Rows of cells under a header."""

    title: str
    header: list[str]
    rows: list[list[str]]


class BenchmarkView(BaseModel):
    """What a study can be measured against, and the last result.

    Attributes:
        files: Files of human codings in the study.
        coders: Who has marked transcripts as done.
        tables: Of the last result.
        report: Whether its page with plots and mistakes in context can be opened.
    """

    files: list[str]
    coders: list[str]
    tables: list[TableView]
    report: bool


@dataclass(frozen=True)
class Work:
    """What the routes of work ask."""

    session: StudySession
    service: ReviewService
    jobs: ReviewJobs

    def hidden_names(self, coder: str) -> frozenset[str]:
        """Return the transcripts of which a coder may see no suggestion yet."""
        with self.service.now() as state:
            hidden = state.hidden(coder)
            return frozenset(version.name for version in state.current() if version.id in hidden)

    def require_open_eyes(self, coder: str) -> None:
        """Refuse what would show suggestions or others' codings to somebody who codes blind.

        Raises:
            HTTPException: 403, naming the transcripts.
        """
        names = sorted(self.hidden_names(coder))
        if names:
            raise HTTPException(403, f"you code {', '.join(names[:3])} blind; say that you are done with it first")


def router(work: Work) -> APIRouter:
    """Return the routes of a study's work."""
    routes = APIRouter(prefix="/api", tags=["work"], responses=REFUSALS)
    _add_job(routes, work)
    _add_benchmark(routes, work)
    _add_benchmark_files(routes, work)
    return routes


def _add_job(routes: APIRouter, work: Work) -> None:
    @routes.get("/job")
    def job(coder: Coder) -> JobView:
        """Tell what works on the study, how far it is, and how it ended."""
        return _job_view(work.jobs.job(), work.hidden_names(coder))

    @routes.post("/job/run", status_code=202)
    def run(coder: Coder, body: RunIn) -> JobView:
        """Begin to pre-code what is new or changed; 409 while something works on the study."""
        sources = work.session.study.sources()
        if not sources.accepted:
            raise UsageError("there is no transcript yet; add some first")
        work.jobs.run(redo=body.redo)
        return job(coder)

    @routes.post("/job/stop", status_code=202)
    def stop(coder: Coder) -> JobView:
        """Stop what runs; what it finished is kept, and beginning again goes on from there."""
        work.jobs.stop()
        return job(coder)


def _add_benchmark(routes: APIRouter, work: Work) -> None:
    study = work.session.study

    @routes.get("/benchmark")
    def benchmark(coder: Coder) -> BenchmarkView:
        """Tell what suggestions can be measured against, and the last result."""
        from pipeline.learn import finished_versions

        hidden = work.hidden_names(coder)
        return BenchmarkView(
            files=_coding_files(study.folder),
            coders=sorted(finished_versions(work.session.store)),
            tables=[] if hidden else _tables(study.reports / RESULT),
            report=not hidden and (study.reports / REPORT).is_file(),
        )

    @routes.post("/benchmark", status_code=202)
    def begin(coder: Coder, body: BenchmarkIn) -> JobView:
        """Begin to measure; 409 while something works on the study."""
        work.require_open_eyes(coder)
        against = _against(benchmark(coder), body, study.folder)
        pages = ("--json", str(study.reports / RESULT), "--html", str(study.reports / REPORT))
        work.jobs.begin(JobKind.BENCHMARK, "benchmark", "study", *against, *pages)
        return _job_view(work.jobs.job(), frozenset())


def _add_benchmark_files(routes: APIRouter, work: Work) -> None:
    study = work.session.study

    @routes.post("/benchmark/codings", openapi_extra=BODY)
    async def codings(
        _: Coder, request: Request, name: Annotated[str, Query(min_length=1, max_length=300)]
    ) -> BenchmarkIn:
        """Take in a file of human codings to measure by, and return it as ``POST /api/benchmark`` takes it."""
        if Path(name).suffix.lower() not in {".csv", ".jsonl"}:
            raise UsageError("human codings are a .csv or .jsonl file: transcript, exact (or start, end), code")
        async with uploaded(request, name, study.folder / CODINGS_FOLDER) as path:
            return BenchmarkIn(file=_keep(study.folder / CODINGS_FOLDER, path))

    @routes.get("/benchmark/report", include_in_schema=False)
    def report(coder: Coder) -> Response:
        """Return the page with plots and mistakes in context; it holds transcript text."""
        work.require_open_eyes(coder)
        path = study.reports / REPORT
        if not path.is_file():
            raise HTTPException(404, "nothing has been measured yet")
        return FileResponse(path, media_type="text/html")


def _coding_files(folder: Path) -> list[str]:
    """Return the files of human codings that a study has, as paths within it."""
    from pipeline.study import CODINGS

    patterns = (CODINGS, "imports/*/codings.jsonl", f"{CODINGS_FOLDER}/*.*")
    found = [path for pattern in patterns for path in sorted(folder.glob(pattern))]
    return [path.relative_to(folder).as_posix() for path in found if path.is_file() and not path.is_symlink()]


def _against(known: BenchmarkView, body: BenchmarkIn, folder: Path) -> tuple[str, str]:
    """Return the words that name whose codings count.

    Raises:
        UsageError: If it is neither a file of the study nor a coder who is done with anything.
    """
    if body.coder and body.coder in known.coders and not body.file:
        return "--coder", body.coder
    if body.file in known.files and not body.coder:
        return "--human", str(folder / body.file)
    raise UsageError("choose one of the study's files of codings, or a coder who marked transcripts as done")


def _keep(folder: Path, path: Path) -> str:
    """Put a file into a folder of the study, beside one of its name if that is another, and return its place."""
    places = (folder / (path.name if n == 1 else f"{path.stem} {n}{path.suffix}") for n in count(1))
    target = next(place for place in places if not place.exists() or digest_file(place) == digest_file(path))
    if not target.exists():
        with replace_file(target) as draft:
            path.replace(draft)
    return f"{folder.name}/{target.name}"


def _tables(path: Path) -> list[TableView]:
    from evaluation.benchmarks.result import load_result
    from evaluation.report.tables import tables

    if not path.is_file():
        return []
    try:
        found = tables(load_result(path))
    except PrecodeError:  # somebody put another file there
        return []
    return [
        TableView(title=table.title, header=list(table.header), rows=[list(row) for row in table.rows])
        for table in found
    ]


def _job_view(job: Job | None, hidden: frozenset[str]) -> JobView:
    if job is None:
        return JobView()
    over = job.kind is JobKind.RUN and job.state is JobState.DONE
    outcomes = job.result.get("transcripts", job.finished) if over else job.finished
    return JobView(
        kind=job.kind,
        state=job.state,
        planned=len(job.planned),
        finished=[_finished(outcome, hidden) for outcome in outcomes],
        seconds=round(job.seconds, 1),
        message=job.message,
        expected=str(job.result.get("expected", "")),
        measured="" if hidden else _measured(job.result.get("benchmark") or {}),
    )


def _finished(outcome: Mapping[str, Any], hidden: frozenset[str]) -> FinishedView:
    is_hidden = outcome.get("transcript") in hidden
    return FinishedView(
        transcript=str(outcome.get("transcript", "")),
        source=str(outcome.get("source", "")),
        status=str(outcome.get("status", "")),
        suggestions=None if is_hidden else int(outcome.get("suggestions", 0)),
        error=str(outcome.get("error", "")),
        notes=[] if is_hidden else [str(note) for note in outcome.get("notes", ())],
        passages={} if is_hidden else {str(name): int(n) for name, n in outcome.get("passages", {}).items()},
    )


def _measured(benchmark: Mapping[str, Any]) -> str:
    """Say what a run measured, in a line."""
    if not benchmark:
        return ""
    if benchmark.get("problem"):
        return f"Not measured against human coding: {benchmark['problem']}"
    return f"Measured against {benchmark.get('human', 'human coding')}: see Results."
