"""What is known of the last thing that a study's page began: kept in the study, read by whichever server asks.

The record holds names, counts and states, never a word of a transcript: of what a command prints only known fields
are taken, and of what it complains of only precode's own line. It lies in ``cache/job``, beside a lock that the process
holds as long as it lives, and the file by which it is asked to stop.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.files import private_folder, replace_text

if TYPE_CHECKING:
    from filelock import FileLock

FOLDER, RECORD, LOCK, STOP = "cache/job", "job.json", "job.lock", "stop"
OWN_LINE = "precode: "
"""How precode's own complaints begin; those of a library may quote what it worked on."""
STOPPED = "it was stopped; try again"


ODD = (ValueError, TypeError, AttributeError, OverflowError, RecursionError)
"""What reading JSON of another form than expected comes to."""


class JobKind(StrEnum):
    """What a job does."""

    LEARN = "learn"
    RUN = "run"
    BENCHMARK = "benchmark"
    FIND_NAMES = "find names"
    TRY_SECOND = "second try"
    ASK_SECOND = "second ask"


class JobState(StrEnum):
    """Where a job is."""

    WORKING = "working"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


PARTLY_FINE = frozenset({JobKind.LEARN, JobKind.RUN, JobKind.BENCHMARK, JobKind.FIND_NAMES})
"""Jobs that came to their end also with exit code 1: some files were refused, the others are done."""


@dataclass(frozen=True, slots=True)
class Job:
    """The last thing that a study's page began.

    Attributes:
        planned: Transcripts that a run has to do; empty until it has looked.
        finished: What became of those that are done, in the order in which they were; see ``TranscriptOutcome``.
        result: What the command answered as JSON, as far as somebody asks for it.
        message: Why it failed, in one line.
        seconds: How long it has worked.
        id: Tells it from others of the study.
        began: Seconds since 1970.
    """

    kind: JobKind
    state: JobState = JobState.WORKING
    planned: tuple[str, ...] = ()
    finished: tuple[Mapping[str, Any], ...] = ()
    result: Mapping[str, Any] = field(default_factory=dict)
    message: str = ""
    seconds: float = 0.0
    id: str = ""
    began: float = 0.0

    def heard(self, line: str) -> Job | None:
        """Return it with what a line of progress says; None if the line is no JSON."""
        if not line.startswith("{"):
            return None
        try:
            event = json.loads(line)
            planned, outcome = event.get("planned"), event.get("outcome")
            if isinstance(planned, list):
                return replace(self, planned=tuple(map(str, planned)))
            if isinstance(outcome, dict):
                return replace(self, finished=(*self.finished, known_outcome(outcome)))
        except ODD:
            return None
        return self

    def ended(self, code: int, out: str, last: str, *, stopping: bool) -> Job:
        """Return it as it ended.

        Args:
            code: The command's exit code.
            out: What it printed.
            last: Its last complaint.
            stopping: Whether somebody asked it to stop.
        """
        fine = code == 0 or (code == 1 and self.kind in PARTLY_FINE)
        state = JobState.DONE if fine else JobState.STOPPED if stopping else JobState.FAILED
        message = "" if fine else last or STOPPED
        return replace(self, state=state, result=_known_result(self.kind, out), message=message, seconds=self.age())

    def age(self) -> float:
        """Return how long ago it began, in seconds."""
        return max(0.0, time.time() - self.began)


class JobFolder:
    """Where a study keeps what is known of its job.

    Args:
        study: The study folder.
    """

    def __init__(self, study: Path) -> None:
        self.folder = study / FOLDER

    def make(self) -> None:
        """Make the folder."""
        private_folder(self.folder.parent)
        private_folder(self.folder)

    def lock(self) -> FileLock:
        """Return the lock that the job's process holds as long as it lives."""
        from filelock import FileLock

        return FileLock(self.folder / LOCK, mode=0o600)

    def is_held(self) -> bool:
        """Tell whether a job's process lives."""
        from filelock import Timeout

        if not (self.folder / LOCK).exists():
            return False
        try:
            with self.lock().acquire(timeout=0):
                return False
        except Timeout:
            return True
        except OSError:  # where nobody can lock, nobody works
            return False

    def write(self, job: Job) -> None:
        """Keep what is known of a job."""
        replace_text(self.folder / RECORD, json.dumps(asdict(job)) + "\n")

    def read(self) -> Job | None:
        """Return what is known; None before the first job, and of a record that is none."""
        try:
            stored = _sendable(json.loads((self.folder / RECORD).read_text(encoding="utf-8")))
            known = {name: stored[name] for name in (each.name for each in fields(Job))}
            finished = tuple(known_outcome(outcome) for outcome in known["finished"])
            result = _known_result(JobKind(known["kind"]), json.dumps(known["result"]))
            return Job(
                JobKind(known["kind"]),
                JobState(known["state"]),
                tuple(map(str, known["planned"])),
                finished,
                result,
                message=str(known["message"]),
                id=str(known["id"]),
                seconds=float(known["seconds"]),
                began=float(known["began"]),
            )
        except (OSError, KeyError, *ODD):
            return None

    def ask_to_stop(self, *, at_once: bool = False) -> None:
        """Ask the job's process to end its command as ctrl-c would, or at once."""
        replace_text(self.folder / STOP, "now" if at_once else "soon")

    def asked_to_stop(self) -> str:
        """Return ``soon`` or ``now``; empty while nobody has asked."""
        try:
            return (self.folder / STOP).read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            return ""

    def forget_stop(self) -> None:
        """Begin without what an earlier job was asked."""
        with suppress(OSError):
            (self.folder / STOP).unlink(missing_ok=True)


def _sendable(document: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return JSON as a page can be sent it: with "?" for half characters, which names of files may hold.

    Raises:
        ValueError: If it holds a number that is none.
    """
    return json.loads(json.dumps(document, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace"))


def known_outcome(outcome: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a transcript's outcome that a page shows, each of its own type.

    Raises:
        ValueError: If one cannot be read as that, like others of ``ODD``.
    """
    return {name: read(outcome[name]) for name, read in _OUTCOME.items() if name in outcome}


_OUTCOME: dict[str, Callable[[Any], Any]] = {
    "transcript": str,
    "source": str,
    "status": str,
    "suggestions": int,
    "error": str,
    "notes": lambda notes: [str(note) for note in notes],
    "passages": lambda passages: {str(domain): int(n) for domain, n in passages.items()},
}
_RESULTS: dict[JobKind, Sequence[str]] = {
    JobKind.RUN: ("expected", "benchmark"),
    JobKind.LEARN: ("verdict", "judgements", "scores"),
    JobKind.ASK_SECOND: ("lines",),
}
"""What is kept of the JSON that a command prints."""


def _known_result(kind: JobKind, out: str) -> Mapping[str, Any]:
    """Return what is kept of what a command printed; nothing where that is no JSON object."""
    try:
        document = json.loads(out)
        if not isinstance(document, dict):
            return {}
        found = {name: document[name] for name in _RESULTS.get(kind, ()) if name in document}
        if kind is JobKind.RUN and "transcripts" in document:
            found["transcripts"] = [known_outcome(outcome) for outcome in document["transcripts"]]
    except ODD:
        return {}
    return found
