"""Learning beside the review page: ``precode learn`` and ``precode run`` in a process of their own, one at a time.

The server stays small that way, and a killed server takes the process with it: it ends when the pipe from its parent
closes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from corpus.errors import PrecodeError
from evaluation.study_quality.types import LearnState, Phase

PRECODE = (sys.executable, "-P", "-m", "flows.cli.child")
BUSY = frozenset({Phase.LEARNING, Phase.RANKING})


class ReviewJobs:
    """Learns from a study's decisions and ranks anew, in the background.

    Args:
        study: The study folder.
        precode: How precode is called; the words of a command come behind.
    """

    def __init__(self, study: Path, *, precode: Sequence[str] = PRECODE) -> None:
        self._study = study
        self._precode = precode
        self._lock = threading.Lock()
        self._state = LearnState(Phase.IDLE)
        self._child: subprocess.Popen[str] | None = None

    def learning(self) -> LearnState:
        """Return where learning is."""
        return self._state

    def learn(self) -> LearnState:
        """Begin to learn from the study's decisions; do nothing while something runs."""
        return self._begin(Phase.LEARNING, ("learn", "--json"))

    def rank(self) -> LearnState:
        """Begin to make undecided suggestions anew; do nothing while something runs."""
        return self._begin(Phase.RANKING, ("run", "--json", "--no-prefect", "--no-second"))

    def close(self) -> None:
        """End what runs."""
        with self._lock:
            if self._child and self._child.poll() is None:
                self._child.kill()
                self._child.wait()

    def _begin(self, phase: Phase, words: tuple[str, ...]) -> LearnState:
        with self._lock:
            if self._state.state not in BUSY:
                self._child = start_child((*self._precode, *words, "--study", str(self._study)))
                self._state = replace(self._state, state=phase, message="")
                threading.Thread(target=self._watch, args=(self._child, phase), daemon=True).start()
            return self._state

    def _watch(self, child: subprocess.Popen[str], phase: Phase) -> None:
        leash, child.stdin = child.stdin, None  # communicate would close it, and the child end
        out, errors = child.communicate()
        if leash:
            leash.close()
        with self._lock:
            self._state = self._ended(phase, child.returncode, out, errors)

    def _ended(self, phase: Phase, code: int, out: str, errors: str) -> LearnState:
        if code not in {0, 1}:  # 1: some transcripts were refused, the others are done
            last = errors.strip().rpartition("\n")[2].removeprefix("precode: ")
            return self._failed(last or "it was stopped; try again")
        if phase is Phase.RANKING:
            return replace(self._state, state=Phase.DONE)
        try:
            return _learned(out)
        except PrecodeError as error:
            return self._failed(str(error))

    def _failed(self, why: str) -> LearnState:
        return replace(self._state, state=Phase.FAILED, message=why)


def _learned(out: str) -> LearnState:
    from evaluation.study_quality.learning_state import learned_state

    try:
        document = json.loads(out)
    except ValueError:
        document = {}  # refused like any other form
    return learned_state(document)


def start_child(command: Sequence[str]) -> subprocess.Popen[str]:
    """Start a command that ends when the pipe to it closes."""
    pipe = subprocess.PIPE
    # A session of its own: ctrl-c is for the server, which then ends its child.
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, start_new_session=True)  # noqa: S603 - this very program
