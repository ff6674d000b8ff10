"""The error tree of precode, and where each kind leads.

::

    PrecodeError
    ├── UsageError        wrong option, missing study, bad configuration      exit code 2
    │   └── CodebookError a codebook or seed bank that contradicts itself
    ├── InputError        one input file that cannot be used; others go on    exit code 1
    │   └── CodingError   human codings that match nothing, or too much
    ├── IntegrityError    stored data or model weights that are not what they claim to be   exit code 3
    └── InternalError     a defect of precode or a library, told by kind and place only     exit code 3

A message is one line: the place (file, line, key, id, offset), what is wrong, what to do. It never
holds transcript text, because messages reach logs and Prefect's database.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class PrecodeError(Exception):
    """Base of everything precode raises on purpose."""

    exit_code = 3


class UsageError(PrecodeError):
    """The command or the configuration cannot work as given."""

    exit_code = 2


class CodebookError(UsageError):
    """A codebook or seed bank contradicts itself or the other."""


class InputError(PrecodeError):
    """One input cannot be used; everything else still can.

    Args:
        place: The file (and line, row or key) at fault.
        problem: What is wrong with it and what to do, without a word of its content.
    """

    exit_code = 1

    def __init__(self, place: str | Path, problem: str) -> None:
        super().__init__(f"{place}: {problem}")
        self.place = str(place)
        self.problem = problem

    def __reduce__(self) -> tuple[type[InputError], tuple[str, str]]:
        return type(self), (self.place, self.problem)


class CodingError(InputError):
    """Human codings that do not fit the transcripts or the codebook."""


class IntegrityError(PrecodeError):
    """Stored data or model weights differ from their recorded digest."""


class InternalError(PrecodeError):
    """A defect. Its own message is left out, because a library's message may quote the transcript.

    Args:
        doing: What stopped: a file or a command.
        kind: Class of the exception.
        place: File and line that raised it.
    """

    def __init__(self, doing: str, kind: str, place: str) -> None:
        super().__init__(
            f"{doing}: stopped by {kind} at {place}, a defect of precode; "
            "its message is not shown or logged because it could hold transcript text"
        )
        self.parts = (doing, kind, place)

    def __reduce__(self) -> tuple[type[InternalError], tuple[str, str, str]]:
        return type(self), self.parts

    @classmethod
    def of(cls, doing: str, error: BaseException) -> InternalError:
        """Return what may be told of an unexpected exception."""
        frames = traceback.extract_tb(error.__traceback__)
        place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "an unknown place"
        return cls(doing, type(error).__name__, place)


@contextmanager
def discreet(doing: str) -> Iterator[None]:
    """Let errors of ours through, and tell any other by its kind and place only.

    Raises:
        InternalError: In place of whatever else the block raises.
    """
    try:
        yield
    except PrecodeError:
        raise
    except Exception as error:  # noqa: BLE001 - its message may quote the transcript: only kind and place go on
        raise InternalError.of(doing, error) from None
