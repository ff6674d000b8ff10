"""A run without Prefect: the same steps in threads of this process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from evaluation.study_benchmark import benchmark_session
from flows.progress import report_outcome
from flows.summary import StudyRun
from pipeline.export.run_outputs import write_run_outputs
from pipeline.run import Plan, TranscriptOutcome, in_threads, run_study
from pipeline.session import StudySession
from pipeline.study import Source


def run_plainly(session: StudySession, todo: Plan) -> StudyRun:
    """Segment, embed and suggest what is planned, write the exports, benchmark.

    Args:
        session: The study at work.
        todo: From ``pipeline.run.plan``.

    Raises:
        PrecodeError: If the study, its store or the model cannot be used.
    """
    outputs = write_run_outputs(session, run_study(session, partial(_in_threads, session), todo))
    return StudyRun(outputs, benchmark_session(session))


def _in_threads(session: StudySession, run: int, sources: Sequence[Source]) -> Iterator[TranscriptOutcome]:
    """Do the work in threads and report each outcome when it is there."""
    for outcome in in_threads(session, run, sources):
        report_outcome(outcome)
        yield outcome
