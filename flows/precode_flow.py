"""The Prefect flow that pre-codes a study. Parameters are paths and ids: Prefect's database keeps them.

Every function here wraps one of ``pipeline``. Name and path must never shadow a top-level package: Prefect puts this
folder first on ``sys.path`` when it loads a flow by its path.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from pathlib import Path
from threading import Lock
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task

from corpus.errors import discreet
from flows.progress import tell
from flows.summary import markdown
from pipeline.export.run_outputs import RunOutputs, write_run_outputs
from pipeline.inbox import take_in
from pipeline.run import TranscriptOutcome, may_pass, plan, precode_transcript, run_study, settled
from pipeline.session import StudySession
from pipeline.study import Source, open_study

_OPENING = Lock()


def _worth_retrying(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    return may_pass(state.result(raise_on_failure=False))


@task(name="precode-transcript", cache_policy=NO_CACHE, persist_result=False, retry_condition_fn=_worth_retrying)
def precode_one(folder: str, run: int, source: str) -> TranscriptOutcome:
    """Pre-code one file of a study.

    Args:
        folder: The study.
        run: Id of the run in the study's store.
        source: Path of the file within the study.
    """
    with _OPENING:  # lru_cache lets two tasks that begin together make one each, and each would load the model
        session = _session(folder, run)
    return precode_transcript(session, run, Source(Path(source).stem, Path(folder, source), source))


@flow(name="precode-study", persist_result=False)
def precode_study(folder: str, redo: bool = False, inbox: bool = False) -> RunOutputs:
    """Pre-code what is new or changed in a study and write its exports.

    Args:
        folder: The study.
        redo: Do transcripts again whose suggestions are up to date.
        inbox: First move new files of the study's inbox among its transcripts.
    """
    with discreet("the run"), StudySession(open_study(Path(folder))) as session:
        refused = take_in(session.study) if inbox else ()
        todo = plan(session).redone() if redo else plan(session)
        outputs = write_run_outputs(session, run_study(session, partial(_in_tasks, session), todo)).also(refused)
    create_markdown_artifact(markdown(outputs), key="precode-run", description="Passages with suggestions by domain")
    return outputs


def _in_tasks(session: StudySession, run: int, sources: Sequence[Source]) -> Iterator[TranscriptOutcome]:
    """Submit one task for each transcript, with the retries of the study's settings."""
    work = precode_one.with_options(retries=session.study.settings.run.retries, retry_delay_seconds=1)
    futures = [work.submit(str(session.study.folder), run, source.relative) for source in sources]
    for source, future in zip(sources, futures, strict=True):
        outcome = settled(source, future.result)
        tell(outcome)
        yield outcome


@lru_cache(maxsize=1)
def _session(folder: str, run: int) -> StudySession:
    """Return what the tasks of one run share in this process; ``run`` keeps runs apart."""
    return StudySession(open_study(Path(folder)))
