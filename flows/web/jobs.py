"""Work beside the page: commands of precode in a process of their own, one at a time for each study.

The server stays small that way, and a killed server takes the process with it: it ends when the pipe from its parent
closes. A browser that is closed changes nothing: whoever comes back asks for the job and sees where it is.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from corpus.errors import PrecodeError, UsageError
from evaluation.study_quality.types import LearnState, Phase
from flows.progress import EVENTS

PRECODE = (sys.executable, "-X", "utf8", "-P", "-m", "flows.cli.child")
BUSY = frozenset({Phase.LEARNING, Phase.RANKING})
FINE = frozenset({0, 1})
"""Exit codes of what came to its end; 1: some files were refused, the others are done."""
PATIENCE_SECONDS = 20.0
"""What a job that is asked to stop has for closing its files."""


class JobKind(StrEnum):
    """What a job does."""

    LEARN = "learn"
    RUN = "run"
    BENCHMARK = "benchmark"
    FIND_NAMES = "find names"


class JobState(StrEnum):
    """Where a job is."""

    WORKING = "working"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Job:
    """The last thing that a study's page began.

    Attributes:
        planned: Transcripts that a run has to do; empty until it has looked.
        finished: What became of those that are done, in the order in which they were; see ``TranscriptOutcome``.
        result: What the command answered as JSON.
        message: Why it failed, in one line.
        seconds: How long it has worked.
    """

    kind: JobKind
    state: JobState = JobState.WORKING
    planned: tuple[str, ...] = ()
    finished: tuple[Mapping[str, Any], ...] = ()
    result: Mapping[str, Any] = field(default_factory=dict)
    message: str = ""
    seconds: float = 0.0


class JobRunningError(PrecodeError):
    """Something else works on the study; one thing at a time.

    Args:
        kind: What it is.
    """

    exit_code = 2

    def __init__(self, kind: JobKind) -> None:
        super().__init__(f"something is at work already ({kind}); wait until it is done, or stop it")


class ReviewJobs:
    """Pre-codes a study, learns from its decisions and measures it, in the background.

    Args:
        study: The study folder.
        precode: How precode is called; the words of a command come behind.
    """

    def __init__(self, study: Path, *, precode: Sequence[str] = PRECODE) -> None:
        self._study = study
        self._precode = precode
        self._lock = threading.Lock()
        self._state = LearnState(Phase.IDLE)
        self._job: Job | None = None
        self._began = 0.0
        self._stopping = False
        self._child: subprocess.Popen[str] | None = None

    def job(self) -> Job | None:
        """Return what was begun last and where it is; None before the first."""
        with self._lock:
            if self._job and self._job.state is JobState.WORKING:
                return replace(self._job, seconds=time.monotonic() - self._began)
            return self._job

    def learning(self) -> LearnState:
        """Return where learning is."""
        return self._state

    def learn(self) -> LearnState:
        """Begin to learn from the study's decisions; do nothing while this or a run goes on.

        Raises:
            JobRunningError: If anything else does.
        """
        return self._begin_learning(JobKind.LEARN, Phase.LEARNING, ("learn", "--json"))

    def rank(self) -> LearnState:
        """Begin to make undecided suggestions anew; do nothing while this or learning goes on.

        Raises:
            JobRunningError: If anything else does.
        """
        return self._begin_learning(JobKind.RUN, Phase.RANKING, ("run", "--json", "--no-prefect", "--no-second"))

    def run(self, *, redo: bool = False) -> None:
        """Begin to pre-code what is new or changed.

        Args:
            redo: Do again what is up to date.

        Raises:
            JobRunningError: If something works on the study.
        """
        words = ("run", "--json", "--no-prefect", "--no-second", *(["--redo"] if redo else []))
        with self._lock:
            self._start(JobKind.RUN, Phase.RANKING, words)

    def begin(self, kind: JobKind, *words: str) -> None:
        """Begin another command.

        Args:
            kind: What it does.
            words: The command without its study.

        Raises:
            JobRunningError: If something works on the study.
        """
        with self._lock:
            self._start(kind, None, words)

    def stop(self) -> None:
        """Ask what runs to end as ctrl-c would; what it finished is kept. Does nothing if nothing runs."""
        with self._lock:
            child = self._child
            if child is None or child.poll() is not None:
                return
            self._stopping = True
            child.terminate()
        last = threading.Timer(PATIENCE_SECONDS, child.kill)
        last.daemon = True  # the server need not wait for it: what runs ends with the server
        last.start()

    def close(self) -> None:
        """End what runs."""
        with self._lock:
            if self._child and self._child.poll() is None:
                self._child.kill()
                self._child.wait()

    def _begin_learning(self, kind: JobKind, phase: Phase, words: Sequence[str]) -> LearnState:
        with self._lock:
            if self._state.state not in BUSY:
                self._start(kind, phase, words)
            return self._state

    def _start(self, kind: JobKind, phase: Phase | None, words: Sequence[str]) -> None:
        if self._job and self._job.state is JobState.WORKING:
            raise JobRunningError(self._job.kind)
        try:
            child = start_child((*self._precode, *words, "--study", str(self._study)))
        except OSError as error:
            raise UsageError(f"nothing can be started on this machine now ({error.strerror}); try again") from None
        self._job, self._began, self._stopping, self._child = Job(kind), time.monotonic(), False, child
        if phase:
            self._state = replace(self._state, state=phase, message="")
        threading.Thread(target=self._watch, args=(child, phase), daemon=True).start()

    def _watch(self, child: subprocess.Popen[str], phase: Phase | None) -> None:
        """Read what a child says until it ends, its progress as it comes."""
        out: list[str] = []
        reader = threading.Thread(target=lambda: out.append(child.stdout.read() if child.stdout else ""), daemon=True)
        reader.start()
        last = ""
        for line in child.stderr or ():
            if not self._heard(line):
                last = line.strip() or last
        reader.join()
        code = child.wait()
        for pipe in (child.stdin, child.stdout, child.stderr):
            if pipe:
                pipe.close()
        with self._lock:
            self._end(phase, code, "".join(out), last.removeprefix("precode: "))

    def _heard(self, line: str) -> bool:
        """Take in a line of progress; False if it is none."""
        if not line.startswith("{"):
            return False
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            return False
        with self._lock:
            planned, outcome = event.get("planned"), event.get("outcome")
            if self._job and isinstance(planned, list):
                self._job = replace(self._job, planned=tuple(map(str, planned)))
            elif self._job and isinstance(outcome, dict):
                self._job = replace(self._job, finished=(*self._job.finished, outcome))
        return True

    def _end(self, phase: Phase | None, code: int, out: str, last: str) -> None:
        """Write down how the job ended, for whoever asks for it and for the page that learns."""
        if self._job is None:
            return
        result = _document(out)
        message = "" if code in FINE else last or "it was stopped; try again"
        state = JobState.DONE if code in FINE else JobState.STOPPED if self._stopping else JobState.FAILED
        seconds = time.monotonic() - self._began
        self._job = replace(self._job, state=state, result=result, message=message, seconds=seconds)
        if phase is None:
            return
        if message:
            self._state = replace(self._state, state=Phase.FAILED, message=message)
        elif phase is Phase.RANKING:
            self._state = replace(self._state, state=Phase.DONE)
        else:
            self._state = self._learned(result)

    def _learned(self, document: Mapping[str, Any]) -> LearnState:
        from evaluation.study_quality.learning_state import learned_state

        try:
            return learned_state(document)
        except PrecodeError as error:
            return replace(self._state, state=Phase.FAILED, message=str(error))


def _document(out: str) -> Mapping[str, Any]:
    """Return the JSON that a command printed; nothing where it is none."""
    try:
        document = json.loads(out)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def start_child(command: Sequence[str]) -> subprocess.Popen[str]:
    """Start a command that ends when the pipe to it closes."""
    # A session of its own: ctrl-c is for the server, which then ends its child.
    return subprocess.Popen(  # noqa: S603 - this very program
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        env=os.environ | {EVENTS: "1"},
        start_new_session=True,
    )
