"""What every reader hands over: canonical text and who said which part of it. Roles come afterwards."""

from __future__ import annotations

from dataclasses import dataclass

from corpus.transcript import Span


@dataclass(frozen=True, slots=True)
class Utterance:
    """Words of one speaker, not yet known to be interviewer or participant.

    Attributes:
        started: Seconds from the start of the recording; ``ended`` likewise.
        breaks: Offsets at which words of another cue begin; ``pauses`` those of them behind a silence.
    """

    span: Span
    speaker: str | None = None
    started: float | None = None
    ended: float | None = None
    breaks: tuple[int, ...] = ()
    pauses: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A file as its reader understood it.

    Attributes:
        warnings: One line each, without transcript text.
    """

    text: str
    utterances: tuple[Utterance, ...]
    warnings: tuple[str, ...] = ()
