"""Work beside the page: commands of precode in a process of their own, one at a time for each study.

The server stays small that way. A browser that is closed changes nothing, and neither does a server that is killed:
whoever comes back asks for the job and sees where it is. A server that is stopped in order ends what it began.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from corpus.errors import PrecodeError, UsageError
from evaluation.study_quality.types import LearnState, Phase
from flows.progress import EVENTS
from flows.web.job_record import STOPPED, Job, JobFolder, JobKind, JobState

PYTHON = (sys.executable, "-X", "utf8", "-P", "-m")
PRECODE = (*PYTHON, "flows.cli.child")
BUSY = frozenset({Phase.LEARNING, Phase.RANKING})
PHASES = {JobKind.LEARN: Phase.LEARNING, JobKind.RUN: Phase.RANKING}
"""What the page that learns calls the jobs it shows."""
RUN_WORDS = ("run", "--json", "--no-prefect", "--no-second")
COMMANDS = {
    JobKind.LEARN: ("learn", "--json"),
    JobKind.TRY_SECOND: ("second", "try", "--json"),
    JobKind.ASK_SECOND: ("second", "ask", "--json"),
}
"""Commands that take nothing but the study."""
CLOSING_SECONDS = 10.0


class JobRunningError(PrecodeError):
    """Something else works on the study; one thing at a time.

    Args:
        kind: What it is.
    """

    exit_code = 2

    def __init__(self, kind: JobKind) -> None:
        super().__init__(f"something is at work already ({kind}); wait until it is done, or stop it")


class ReviewJobs:
    """Pre-codes a study, learns from its decisions, measures it and asks a language model, in the background.

    Args:
        study: The study folder.
        precode: How precode is called; the words of a command come behind.
    """

    def __init__(self, study: Path, *, precode: Sequence[str] = PRECODE) -> None:
        self._study = study
        self._place = JobFolder(study)
        self._precode = precode
        self._lock = threading.RLock()
        self._state = LearnState(Phase.IDLE)
        self._heeded = ""
        self._begun: set[str] = set()

    def job(self) -> Job | None:
        """Return what was begun last, by whichever server, and where it is; None before the first."""
        with self._lock:
            job = self._place.read()
            if job is None or job.state is not JobState.WORKING:
                return job
            if self._place.is_held():
                return replace(job, seconds=job.age())
            now = self._place.read()  # it may have ended between the two looks
            if now is None or now.state is not JobState.WORKING:
                return now
            return replace(now, state=JobState.FAILED, message=STOPPED)

    def learning(self) -> LearnState:
        """Return where learning is."""
        with self._lock:
            job = self.job()
            if job is None or job.kind not in PHASES:
                return self._state
            if job.state is JobState.WORKING:
                return replace(self._state, state=PHASES[job.kind], message="")
            if job.id != self._heeded:
                self._state, self._heeded = self._after(job), job.id
            return self._state

    def learn(self) -> LearnState:
        """Begin to learn from the study's decisions; do nothing while this or a run goes on.

        Raises:
            JobRunningError: If anything else does.
        """
        return self._begin_learning(JobKind.LEARN, COMMANDS[JobKind.LEARN])

    def rank(self) -> LearnState:
        """Begin to make undecided suggestions anew; do nothing while this or learning goes on.

        Raises:
            JobRunningError: If anything else does.
        """
        return self._begin_learning(JobKind.RUN, RUN_WORDS)

    def run(self, *, redo: bool = False) -> None:
        """Begin to pre-code what is new or changed.

        Args:
            redo: Do again what is up to date.

        Raises:
            JobRunningError: If something works on the study.
        """
        self.begin(JobKind.RUN, *RUN_WORDS, *(["--redo"] if redo else []))

    def begin(self, kind: JobKind, *words: str) -> None:
        """Begin another command.

        Args:
            kind: What it does.
            words: The command without its study; by default that of its kind.

        Raises:
            JobRunningError: If something works on the study.
            UsageError: If nothing can be started.
        """
        with self._lock:
            self.learning()  # what the last one came to is not lost with its record
            job = self.job()
            if job and job.state is JobState.WORKING:
                raise JobRunningError(job.kind)
            self._start(kind, words or COMMANDS[kind])

    def stop(self) -> None:
        """Ask what runs to end as ctrl-c would; what it finished is kept. Does nothing if nothing runs."""
        with self._lock:
            job = self.job()
            if job and job.state is JobState.WORKING:
                self._place.ask_to_stop()

    def close(self) -> None:
        """End what this server began and still runs."""
        with self._lock:
            job = self.job()
            if job is None or job.state is not JobState.WORKING or job.id not in self._begun:
                return
            self._place.ask_to_stop(at_once=True)
            until = time.monotonic() + CLOSING_SECONDS
            while self._place.is_held() and time.monotonic() < until:
                time.sleep(0.02)

    def _begin_learning(self, kind: JobKind, words: Sequence[str]) -> LearnState:
        with self._lock:
            if self.learning().state not in BUSY:
                self.begin(kind, *words)
            return self.learning()

    def _start(self, kind: JobKind, words: Sequence[str]) -> None:
        """Start the process of a job and wait until it says that it runs."""
        order = {"kind": kind, "id": uuid.uuid4().hex}
        command = [*self._precode, *words, "--study", str(self._study)]
        try:
            self._place.make()
            problem = _started(self._study, json.dumps(order), json.dumps(command))
        except OSError as error:
            problem = error.strerror or type(error).__name__
        if problem:
            raise UsageError(f"nothing can be started on this machine now ({problem}); try again")
        self._begun.add(order["id"])

    def _after(self, job: Job) -> LearnState:
        """Return what the page that learns says of a job that has ended."""
        if job.message:
            return replace(self._state, state=Phase.FAILED, message=job.message)
        if job.kind is JobKind.RUN:
            return replace(self._state, state=Phase.DONE)
        from evaluation.study_quality.learning_state import learned_state

        try:
            return learned_state(job.result)
        except PrecodeError as error:
            return replace(self._state, state=Phase.FAILED, message=str(error))


def _started(study: Path, job: str, command: str) -> str:
    """Start the process of a job, which outlives this one; return what keeps it from running, empty for nothing.

    Args:
        study: The study folder.
        job: Its kind and id, as JSON.
        command: Its words, as JSON.
    """
    process = subprocess.Popen(  # noqa: S603 - this very program
        [*PYTHON, "flows.web.job_process", str(study), job, command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        env=os.environ | {EVENTS: "1"},
        start_new_session=True,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # on Windows: it has no console to die with
    )
    answer = process.stdout.read() if process.stdout else ""  # it closes the pipe when it has answered
    if process.stdout:
        process.stdout.close()
    threading.Thread(target=process.wait, daemon=True).start()  # nothing is left of it once it has ended
    return str(json.loads(answer)["problem"]) if answer else "the process ended at once"
