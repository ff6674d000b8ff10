"""What a transcript is: immutable text, turns of talk, segments, and spans that point into the text.

Offsets are 0-based Unicode code points into ``Transcript.text``, end exclusive.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Literal


def digest_of(text: str) -> str:
    """Return the SHA-256 of ``text`` in UTF-8 as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of text: ``text[start:end]``.

    Raises:
        ValueError: If the span is empty, backwards or starts before the text.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"span {self.start}..{self.end} is empty or backwards")

    def __len__(self) -> int:
        return self.end - self.start

    def of(self, text: str) -> str:
        """Return the characters the span points at."""
        return text[self.start : self.end]

    def overlap(self, other: Span) -> int:
        """Return the number of characters both spans share."""
        return max(0, min(self.end, other.end) - max(self.start, other.start))

    def shares_half(self, other: Span, *, of: Literal["either", "both", "self"]) -> bool:
        """Return whether what both spans share is at least half of one or both of them.

        ``evaluation.metrics.spans.share_half`` is the same rule over arrays.

        Args:
            other: The other span.
            of: ``either`` (of the shorter one) is rule half/v1 of the benchmarks. ``both`` (of the longer one) decides
                that two coders marked the same passage. ``self`` asks how much of this one the other covers.
        """
        lengths = {"either": min(len(self), len(other)), "both": max(len(self), len(other)), "self": len(self)}
        shared = self.overlap(other)
        return shared > 0 and 2 * shared >= lengths[of]

    def join(self, other: Span) -> Span:
        """Return the smallest span that holds both."""
        return Span(min(self.start, other.start), max(self.end, other.end))


class Role(StrEnum):
    """Who speaks: only participants are ever suggested a code."""

    INTERVIEWER = "interviewer"
    PARTICIPANT = "participant"


@dataclass(frozen=True, slots=True)
class Turn:
    """One speaker's uninterrupted talk; ``span`` covers the words, not the speaker label.

    Attributes:
        started: Seconds from the start of the recording, None where the file has no time stamp.
        ended: Seconds at which the turn ends, None where unknown.
        breaks: Offsets into the text at which words of another cue or recognised piece begin, in order; the first
            words of the turn are none of them.
        pauses: Those of them before which nobody speaks for a while.
    """

    span: Span
    speaker: str | None
    role: Role
    started: float | None = None
    ended: float | None = None
    breaks: tuple[int, ...] = ()
    pauses: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class RoleReading:
    """Why a label has its role.

    Attributes:
        label: The speaker's label, None for talk that has none.
        confidence: 0 to 1; below .7 is a doubt.
        reason: Without transcript text.
    """

    label: str | None
    role: Role
    confidence: float
    reason: str


@dataclass(frozen=True)
class Transcript:
    """One interview as its reader produced it. Never changed; a changed file is another transcript.

    Attributes:
        name: Identifies the transcript within a study: the file name without its suffix.
        text: The canonical text, newline = line feed.
        turns: In order of their spans, which never overlap.
        warnings: What the reader left out or repaired, one line each, without transcript text.
        roles: How sure the reader is of each label's role; empty where a transcript was not read from a file.
    """

    name: str
    text: str
    turns: tuple[Turn, ...]
    warnings: tuple[str, ...] = ()
    roles: tuple[RoleReading, ...] = ()

    def __post_init__(self) -> None:
        position = 0
        for turn in self.turns:
            if turn.span.start < position or turn.span.end > len(self.text):
                raise ValueError(f"{self.name}: turn at {turn.span.start} overlaps or leaves the text")
            position = turn.span.end

    @cached_property
    def digest(self) -> str:
        """Digest of the canonical text: the version that codings and decisions belong to."""
        return digest_of(self.text)

    def turn_at(self, offset: int) -> int | None:
        """Return the index of the last turn that begins at or before an offset; None before the first turn."""
        begun = bisect_right(self.turns, offset, key=lambda turn: turn.span.start)
        return begun - 1 if begun else None

    def talk(self) -> Iterator[tuple[Turn, str]]:
        """Yield every turn with its words."""
        return ((turn, turn.span.of(self.text)) for turn in self.turns)


@dataclass(frozen=True, slots=True)
class Segment:
    """One sentence inside one turn: the unit that is embedded and scored.

    Attributes:
        id: ``t0007s002``: third sentence of the eighth turn.
        turn: Index into ``Transcript.turns``.
        started: Seconds, interpolated within the turn; None where the turn has no time stamp.
    """

    id: str
    span: Span
    turn: int
    speaker: str | None
    role: Role
    started: float | None = None
