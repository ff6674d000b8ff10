"""What the routes of speakers take and give."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from corpus.transcript import Role
from flows.web.coding_types import LARGEST, Body, storable

MOST_LABELS = 200

Label = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(storable)]
Labels = Annotated[list[Label], Field(max_length=MOST_LABELS)]


class SpeakerView(BaseModel):
    """One speaker as read.

    Attributes:
        label: None for talk that has no label.
        confidence: Of the role, 0 to 1.
        doubtful: Whether suggestions on this talk are held back until somebody says who it is.
        reason: Why the role was given.
        first_words: Of the first turn; empty where they were not asked for.
    """

    label: str | None
    turns: int
    words: int
    role: Role
    confidence: float
    doubtful: bool
    reason: str
    first_words: str


class SaidView(BaseModel):
    """What the researcher said, as ``study.toml`` has it; see ``corpus.speakers.SpeakerSettings``."""

    interviewers: list[str]
    participants: list[str]
    names: dict[str, str]
    pattern: str
    first_line: int


class CheckView(BaseModel):
    """How one file was read.

    Attributes:
        source: Path of the file within the study.
        version: The transcript version to read; None before the first run.
        timed: How many of the turns have a time stamp.
        similar: Labels that are probably one, the rarer second.
        warnings: What was left out or repaired.
        error: Why the file cannot be read; then there are no speakers.
        doubts: How many things somebody should look at.
        waiting: Whether suggestions were made from another reading than this one, or not at all yet.
        said: What was said about this file alone.
    """

    name: str
    source: str
    version: int | None
    speakers: list[SpeakerView]
    turns: int
    timed: int
    similar: list[tuple[str, str]]
    warnings: list[str]
    error: str
    doubts: int
    waiting: bool
    said: SaidView


class SpeakersView(BaseModel):
    """How the files of a study were read, doubts first.

    Attributes:
        doubtful: How many of them leave a doubt.
        waiting: How many the next run makes anew.
        said: What was said about all of them.
    """

    transcripts: list[CheckView]
    doubtful: int
    waiting: int
    said: SaidView


class SpeakersIn(Body):
    """What the researcher says, added to what was said before; ``file`` is a transcript's name, empty for all."""

    file: Annotated[str, Field(max_length=300), AfterValidator(storable)] = ""
    interviewers: Labels = Field(default_factory=list)
    participants: Labels = Field(default_factory=list)
    names: Annotated[dict[Label, Label], Field(max_length=MOST_LABELS, default_factory=dict)]
    pattern: Annotated[str, Field(max_length=100), AfterValidator(storable)] = ""
    first_line: Annotated[int, Field(ge=0, le=LARGEST)] = 0
