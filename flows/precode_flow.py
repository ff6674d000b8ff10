"""The Prefect flow that pre-codes a study: segment transcripts, embed sentences, suggest codes, benchmark them.

Parameters are paths and ids, because Prefect's database keeps them. What a step works on and what it returns stays in
this process: a task is handed neither text nor vectors, and returns nothing.

Every function here wraps one of ``pipeline`` or ``evaluation``. Name and path must never shadow a top-level package:
Prefect puts this folder first on ``sys.path`` when it loads a flow by its path.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from pathlib import Path
from typing import TypeVar

from prefect import flow, task
from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.tasks import Task

from corpus.errors import discreet
from evaluation.study_benchmark import StudyBenchmark, benchmark_session
from flows.engines import FLOOD, batches, workers_of
from flows.progress import report_outcome
from flows.summary import StudyRun, markdown
from flows.worker import close_sessions, precode_batch, session_of, share_session, worth_retrying
from pipeline.export.run_outputs import write_run_outputs
from pipeline.inbox import take_in
from pipeline.object_store import fetch_transcripts
from pipeline.run import TranscriptOutcome, plan, precode_transcript, run_study, settled
from pipeline.session import StudySession
from pipeline.settings import Engine
from pipeline.study import Source, Study, open_study

T = TypeVar("T")

_in_hand: ContextVar[Callable[[], None]] = ContextVar("in_hand")
"""The step that the next task runs; Prefect sees its name and the file it is about."""


def _step_task(name: str) -> Task[[str], None]:
    """Return a task that runs the step in hand under a name; errors leave it without a transcript's words."""

    @task(name=name, task_run_name=f"{name} {{source}}", cache_policy=NO_CACHE, persist_result=False)
    def run(source: str) -> None:
        with discreet(source):
            _in_hand.get()()

    return run


STEPS = {name: _step_task(name) for name in ("segment", "embed", "suggest", "benchmark", "learn")}


def run_as_task(source: str, name: str, step: Callable[[], T]) -> T:
    """Run a step as a Prefect task within the current flow or task and return what it returns.

    Args:
        source: What it is about: a path or a name.
        name: One of ``STEPS``.
        step: What to do.
    """
    results: list[T] = []
    token = _in_hand.set(lambda: results.append(step()))
    try:
        STEPS[name](source)
    finally:
        _in_hand.reset(token)
    return results[0]


@task(
    name="precode-transcript",
    task_run_name="precode {source}",
    cache_policy=NO_CACHE,
    persist_result=False,
    retry_condition_fn=worth_retrying,
)
def precode_one(folder: str, run: int, source: str) -> TranscriptOutcome:
    """Pre-code one file of a study; segment, embed and suggest are tasks within this one.

    Args:
        folder: The study.
        run: Id of the run in the study's store.
        source: Path of the file within the study.
    """
    session = session_of(folder, run)
    return precode_transcript(session, run, session.study.source(source), run_step=partial(run_as_task, source))


@flow(name="precode-study", persist_result=False)
def precode_study(folder: str, redo: bool = False, inbox: bool = False) -> StudyRun:
    """Segment, embed and suggest what is new or changed in a study, benchmark the suggestions, write the exports.

    Args:
        folder: The study.
        redo: Do transcripts again whose suggestions are up to date.
        inbox: First move new files of the study's inbox among its transcripts.
    """
    with discreet("the run"), StudySession(open_study(Path(folder))) as session, _closing(session.study):
        refused = (*fetch_transcripts(session.study).refused, *(take_in(session.study) if inbox else ()))
        todo = plan(session).redone() if redo else plan(session)
        ran = run_study(session, partial(_in_tasks, session), todo)
        outputs = write_run_outputs(session, ran).also(refused)
        benchmark = benchmark_session(session, partial(run_as_task, session.study.folder.name))
    create_markdown_artifact(markdown(outputs), key="precode-run", description="Passages with suggestions by domain")
    if benchmark and benchmark.result:
        _publish(benchmark)
    return StudyRun(outputs, benchmark)


def _in_tasks(session: StudySession, run: int, sources: Sequence[Source]) -> Iterator[TranscriptOutcome]:
    """Submit one task for each transcript, or for a few together, with the retries of the study's settings."""
    share_session(session, run)
    settings = session.study.settings.run
    if settings.engine is Engine.THREADS and len(sources) < FLOOD:
        yield from _one_by_one(session, run, sources)
        return
    session.fit()
    folder, work = str(session.study.folder), precode_batch.with_options(retries=settings.retries)
    with workers_of(session.study) as workers:
        futures = deque(
            workers.submit(work, {"folder": folder, "run": run, "first": first, "others": others})
            for first, *others in ([s.relative for s in batch] for batch in batches(sources, settings.concurrency))
        )
        while futures:
            for outcome in futures.popleft().result():
                report_outcome(outcome)
                yield outcome


def _one_by_one(session: StudySession, run: int, sources: Sequence[Source]) -> Iterator[TranscriptOutcome]:
    """Do each transcript in a task of its own, which shows its steps."""
    work = precode_one.with_options(retries=session.study.settings.run.retries, retry_delay_seconds=1)
    futures = [work.submit(str(session.study.folder), run, source.relative) for source in sources]
    for source, future in zip(sources, futures, strict=True):
        outcome = settled(source, future.result)
        report_outcome(outcome)
        yield outcome


def _publish(benchmark: StudyBenchmark) -> None:
    """Put precision and recall by domain, and where the report is, among the run's artifacts."""
    table = benchmark.table()
    rows = [dict(zip(table.header, row, strict=True)) for row in table.rows]
    create_table_artifact(rows, key="precode-benchmark", description=table.title)
    create_link_artifact(
        benchmark.report.resolve().as_uri(),
        link_text=benchmark.report.name,
        key="precode-report",
        description="Plots and mistakes in context; holds transcript text, on this machine only",
    )


@contextmanager
def _closing(study: Study) -> Iterator[None]:
    """Close at the end what the tasks of a study shared in this process."""
    try:
        yield
    finally:
        close_sessions(study)
