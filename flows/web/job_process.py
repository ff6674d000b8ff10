"""The process that a job of the page lives in: ``-P -m flows.web.job_process STUDY JOB COMMAND``, begun by a server.

It runs one command of precode as its child, takes down in the study how far that is, and ends it when it is asked to. A
server that is killed leaves it at work; the next one finds it by the lock it holds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from flows.web.job_record import OWN_LINE, Job, JobFolder, JobKind

PATIENCE_SECONDS = 20.0
"""What a job that is asked to stop has for closing its files."""
LOOK_SECONDS = 0.1
WAIT_SECONDS = 5.0
"""How long the lock is waited for: another server may be looking at it."""


def main() -> None:
    """Run a job. The first line on standard output says that it runs, or why it does not."""
    from filelock import Timeout

    study, job, command = sys.argv[1:]
    place, order = JobFolder(Path(study)), json.loads(job)
    try:
        with place.lock().acquire(timeout=WAIT_SECONDS):
            place.forget_stop()
            child = start_child(json.loads(command))
            begun = Job(JobKind(order["kind"]), id=order["id"], began=time.time())
            place.write(begun)
            _answer("")
            JobProcess(place, begun, child).run()
    except Timeout:
        _answer("something else works on the study")
    except OSError as error:
        _answer(error.strerror or type(error).__name__)


def _answer(problem: str) -> None:
    """Tell the server how beginning went, and speak to nobody from then on."""
    print(json.dumps({"problem": problem}), flush=True)  # noqa: T201 - one line of JSON for the server
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.close(silence)


class JobProcess:
    """Takes down what a command says, and ends it when it is asked to.

    Args:
        place: Where it is taken down.
        job: What the command does.
        child: The command, running.
    """

    def __init__(self, place: JobFolder, job: Job, child: subprocess.Popen[str]) -> None:
        self._place, self._job, self._child = place, job, child
        self._out, self._last = "", ""

    def run(self) -> None:
        """Wait until the command ends, and write down how it did."""
        readers = [threading.Thread(target=read, daemon=True) for read in (self._read_result, self._read_progress)]
        for reader in readers:
            reader.start()
        stopping = self._wait()
        for reader in readers:
            reader.join()
        self._place.write(self._job.ended(self._child.returncode, self._out, self._last, stopping=stopping))

    def _wait(self) -> bool:
        """Return whether somebody asked the command to stop before it ended; one ended at once is not told of it."""
        asked, until = False, float("inf")
        while self._child.poll() is None:
            wish = self._place.asked_to_stop()
            if wish == "now" or time.monotonic() > until:
                self._child.kill()
                self._child.wait()
            elif wish and not asked:
                self._child.terminate()
                asked, until = True, time.monotonic() + PATIENCE_SECONDS
            time.sleep(LOOK_SECONDS)
        return asked

    def _read_result(self) -> None:
        if self._child.stdout:
            with self._child.stdout as printed:
                self._out = printed.read()

    def _read_progress(self) -> None:
        for line in self._child.stderr or ():
            heard = self._job.heard(line)
            if heard is not None and heard != self._job:
                self._job = heard
                self._place.write(replace(heard, seconds=heard.age()))
            elif line.startswith(OWN_LINE):
                self._last = line.removeprefix(OWN_LINE).strip()


def start_child(command: Sequence[str]) -> subprocess.Popen[str]:
    """Start a command that ends when the pipe to it closes."""
    # A session of its own: ctrl-c is for the server, and a job ends by being asked to.
    return subprocess.Popen(  # noqa: S603 - this very program
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )


if __name__ == "__main__":
    main()
