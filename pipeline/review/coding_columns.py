"""The codings of a study as columns, for what counts them: read from the log once a version and coder."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.counting import in_force

if TYPE_CHECKING:
    from pipeline.review.decision_log import DecisionLog


@dataclass(frozen=True, slots=True, order=True)
class CountedCoding:
    """A passage that bears a code now; who gave it where several did is not told."""

    version: int
    start: int
    end: int
    code: str


class CodingColumns:
    """Codings that count, by version. Not locked: its owner is.

    Args:
        log: What was decided.
    """

    def __init__(self, log: DecisionLog) -> None:
        self._log = log
        self._known: defaultdict[int, dict[str | None, tuple[CountedCoding, ...]]] = defaultdict(dict)

    def forget(self, version: int) -> None:
        """Read a version anew: something was decided in it."""
        self._known.pop(version, None)

    def of(self, version: int, coder: str | None) -> tuple[CountedCoding, ...]:
        """Return the codings of a version, a passage once with each code, in text order.

        Args:
            version: Id of the transcript version.
            coder: Whose; None for everybody's, where a consensus takes the place of what it was reached on.
        """
        if coder not in self._known[version]:
            self._known[version][coder] = tuple(sorted(self._read(version, coder)))
        return self._known[version][coder]

    def _read(self, version: int, coder: str | None) -> Iterable[CountedCoding]:
        subjects = (subject for subject in self._log.of_version(version) if coder in {None, subject.coder})
        standings = [standing for subject in subjects if (standing := subject.standing) is not None]
        return {
            CountedCoding(version, found.span.start, found.span.end, found.code)
            for found in (standing.decision for standing in in_force(standings))
            if found.span is not None and found.code is not None
        }
