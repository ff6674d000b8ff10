"""What the coding routes take: every field bounded, none that is not known, no number that is none.

What they give are the records of ``pipeline.review.views``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from corpus.transcript import Span
from pipeline.review.decision_log import Scope
from pipeline.review.passage_acts import PassageRef
from pipeline.review.views import DecisionView, EventView
from pipeline.store.event_records import EventKind
from pipeline.store.records import Action, DecisionFields
from pipeline.study_filter import Filter, where_of

if TYPE_CHECKING:
    from corpus.codebook import Codebook
    from corpus.participants import Participants

LARGEST = 2**31 - 1
"""The largest whole number that every database takes."""

MOST_DECISIONS = 500
MOST_TOGETHER = 50
LONGEST_MEMO = 20_000


def storable(text: str) -> str:
    """Return a text that every database stores, or refuse it."""
    if "\x00" in text:
        raise ValueError("holds a character that cannot be stored")
    return text


Id = Annotated[int, Field(ge=1, le=LARGEST)]
Offset = Annotated[int, Field(ge=0, le=LARGEST)]
Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,48}$", description="Made by the client; the same when resent.")]
Memo = Annotated[str, Field(max_length=LONGEST_MEMO), AfterValidator(storable)]
CodeId = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(storable)]
Probability = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Body(BaseModel):
    """What is sent: nothing is guessed, nothing is ignored."""

    model_config = ConfigDict(strict=True, extra="forbid")


class Place(Body):
    """Something that may be about a stretch of text, in code points; both ends or neither."""

    start: Offset | None = None
    end: Offset | None = None

    @model_validator(mode="after")
    def _a_stretch(self) -> Self:
        if (self.start is None) != (self.end is None):
            raise ValueError("start and end go together")
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise ValueError("start must lie before end")
        return self

    @property
    def span(self) -> Span | None:
        """The stretch, if any."""
        return None if self.start is None or self.end is None else Span(self.start, self.end)


class DecisionIn(Place):
    """One decision; ``previous`` is where its coder stands on the subject now."""

    key: Key
    action: Literal["accept", "reject", "unsure", "code", "memo"]
    version: Id
    suggestion: Id | None = None
    code: CodeId | None = None
    memo: Memo = ""
    previous: Id | None = None

    def by(self, coder: str) -> DecisionFields:
        """Return it as what a coder wants to decide."""
        sent = self.model_dump(exclude={"start", "end"})
        return DecisionFields(**sent | {"coder": coder, "action": Action(self.action), "span": self.span})


class DecisionsIn(Body):
    """Decisions that are written all or none."""

    decisions: Annotated[list[DecisionIn], Field(min_length=1, max_length=MOST_DECISIONS)]


class PassageActIn(Body):
    """A passage to act on: a suggestion, a coding, or a coding that answers a suggestion; see ``PassageRef``."""

    key: Key
    version: Id
    suggestion: Id | None = None
    previous: Id | None = None

    def by(self, coder: str) -> PassageRef:
        """Return it as the passage of a coder."""
        return PassageRef(coder, self.version, self.suggestion, self.previous)


class SplitIn(PassageActIn):
    """Split a passage; ``at`` is where its second part begins."""

    at: Offset


class MergeIn(PassageActIn):
    """Join a passage with its neighbour of the same code."""

    direction: Literal["before", "after"]


class TogetherIn(Body):
    """Answer several suggestions of a transcript alike, in one go."""

    key: Key
    version: Id
    action: Literal["accept", "reject", "unsure"]
    suggestions: Annotated[list[Id], Field(min_length=1, max_length=MOST_TOGETHER)]


class RedoIn(Body):
    """Bring back what was undone last: in one transcript where ``version`` says so, of ``suggestions`` only."""

    key: Key
    version: Id | None = None
    suggestions: bool = False

    @property
    def scope(self) -> Scope:
        """Where it is looked for."""
        return Scope(self.version, self.suggestions)


class UndoIn(RedoIn):
    """What to take back: one decision, or the coder's newest in force where ``RedoIn`` says."""

    decision: Id | None = None


class PreviewIn(Body):
    """Which suggestions are meant: those of a code from a probability on, of participants as ``where`` says."""

    code: CodeId
    at_least: Probability
    version: Id | None = None
    where: Annotated[list[Annotated[str, Field(max_length=400)]], Field(max_length=100)] = []

    def filter(self, participants: Participants, codebook: Codebook) -> Filter:
        """Return it as everything else takes it, with the id that its code has now.

        Args:
            participants: Of the study.
            codebook: Of the study.

        Raises:
            UsageError: If it names an attribute that the participants do not have.
        """
        where = where_of(self.where, participants)
        return Filter(code=codebook.current_id(self.code), version=self.version, at_least=self.at_least, where=where)


class BulkIn(PreviewIn):
    """Accept them, if they are as many as the preview told."""

    count: Annotated[int, Field(ge=0, le=1_000_000)]
    key: Key


class EventIn(Place):
    """A note beside the decisions; see ``EventKind``."""

    kind: Literal["memo", "blind", "done", "reopened", "audited_empty", "audited_found", "looked"]
    version: Id | None = None
    code: CodeId | None = None
    text: Memo = ""

    @property
    def mark_kind(self) -> EventKind:
        """What kind of mark it is."""
        return EventKind(self.kind)


class UnplacedIn(Body):
    """A coding of an earlier text that is let go."""

    decision: Id


class PlaceIn(UnplacedIn):
    """Where a coding of an earlier text stands in the current one."""

    start: Offset
    end: Offset
    key: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,40}$", description="Made by the page; the same when resent.")]

    @model_validator(mode="after")
    def _a_stretch(self) -> Self:
        if self.start >= self.end:
            raise ValueError("start must lie before end")
        return self


class DecisionsOut(BaseModel):
    """Decisions as written."""

    decisions: list[DecisionView]


class Refusal(BaseModel):
    """Why nothing was done, and where the coder stands on what the send was about."""

    detail: str
    current: list[DecisionView]


class BulkOut(BaseModel):
    """How many were accepted, and the ids of these decisions."""

    count: int
    decisions: list[int]


class EventsOut(BaseModel):
    """Marks in force."""

    marks: list[EventView]
