"""What a worker does: a few transcripts of a study, with a session that it keeps while the run lasts.

A worker may be a thread of the run, or a process anywhere: it is handed the study's folder, the run's id and paths, and
hands back what became of each, never a word of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task

from pipeline.object_store import fetch_transcripts
from pipeline.run import TranscriptOutcome, may_pass, outcomes_of, precode_transcript, settled, with_retries
from pipeline.session import StudySession
from pipeline.study import Study, open_study

_OPENING = Lock()
_sessions: dict[tuple[str, int], StudySession] = {}
"""What the tasks of a run share in this process, by study and run."""


def session_of(folder: str, run: int) -> StudySession:
    """Return what the tasks of one run share in this process; ``run`` keeps runs apart.

    Args:
        folder: The study.
        run: Id of the run in the study's store.
    """
    with _OPENING:  # two tasks that begin together would make one each, and each would load the model
        if (folder, run) not in _sessions:
            for earlier in [key for key in _sessions if key[0] == folder]:  # a worker may outlive many runs
                _sessions.pop(earlier).close()
            study = open_study(Path(folder))
            fetch_transcripts(study)  # this machine may have none of them
            _sessions[folder, run] = StudySession(study)
        return _sessions[folder, run]


def share_session(session: StudySession, run: int) -> None:
    """Let the tasks of a run that are done in this process share its own session: it knows speakers and model already.

    Args:
        session: The study at work.
        run: Id of the run in the study's store.
    """
    with _OPENING:
        _sessions[str(session.study.folder), run] = session


def close_sessions(study: Study) -> None:
    """Close what the tasks of a study shared; else the newest results stay in the database's log."""
    for key in [key for key in _sessions if key[0] == str(study.folder)]:
        _sessions.pop(key).close()


def worth_retrying(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Tell Prefect whether trying again could help.

    Args:
        _task: Not looked at, and neither is its run.
        _run: Likewise.
        state: What the task ended in.
    """
    return may_pass(state.result(raise_on_failure=False))


@task(
    name="precode-transcripts",
    task_run_name="precode {first} and what follows",
    cache_policy=NO_CACHE,
    persist_result=False,
    retry_condition_fn=worth_retrying,
)
def precode_batch(folder: str, run: int, first: str, others: Sequence[str]) -> list[TranscriptOutcome]:
    """Pre-code some files of a study. What this run has done of them already, before a worker was lost, stays done.

    Args:
        folder: The study.
        run: Id of the run in the study's store.
        first: Path of a file within the study.
        others: Those of the others.
    """
    session = session_of(folder, run)
    sources = [session.study.source(path) for path in (first, *others)]
    done = outcomes_of(session, run, sources)
    retries = session.study.settings.run.retries
    return [
        done.get(source.name)
        or settled(source, partial(with_retries, partial(precode_transcript, session, run, source), retries))
        for source in sources
    ]
