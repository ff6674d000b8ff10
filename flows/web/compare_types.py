"""What the routes of comparison take and give."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator

from corpus.transcript import Span
from evaluation.study_quality.types import Difference, DifferenceKind
from flows.web.coding_types import Body, CodeId, Id, Key, Memo, Offset
from pipeline.review.consensus import Agreed
from pipeline.review.serialize import decision_view
from pipeline.review.views import DecisionView

MOST_CODES = 50


class Shown(StrEnum):
    """Which passages are shown: a ``DifferenceKind``, ALL, those that DIFFER, or OPEN, where nothing is agreed yet."""

    ALL = "all"
    DIFFER = "differ"
    SAME = "same"
    SPAN = "span"
    CODE = "code"
    MISSING = "missing"
    OPEN = "open"

    def holds(self, difference: Difference) -> bool:
        """Tell whether a passage is among those shown."""
        differs = difference.kind is not DifferenceKind.SAME
        match self:
            case Shown.ALL:
                return True
            case Shown.DIFFER:
                return differs
            case Shown.OPEN:
                return differs and difference.agreed is None
            case _:
                return difference.kind == self.value


class DifferenceView(BaseModel):
    """One passage as two coders see it; see ``evaluation.study_quality.types.Difference``."""

    start: int
    end: int
    first: list[str]
    second: list[str]
    memo_first: str
    memo_second: str
    kind: DifferenceKind
    consensus: DecisionView | None
    agreed: list[str] | None
    withdrawn: DecisionView | None

    @classmethod
    def of(cls, difference: Difference, **more: object) -> Self:
        """Return a difference as the page takes it, with what a subclass holds besides."""
        return cls(
            start=difference.start,
            end=difference.end,
            first=list(difference.first),
            second=list(difference.second),
            memo_first=difference.memo_first,
            memo_second=difference.memo_second,
            kind=difference.kind,
            consensus=None if difference.consensus is None else decision_view(difference.consensus),
            agreed=None if difference.agreed is None else list(difference.agreed),
            withdrawn=None if difference.withdrawn is None else decision_view(difference.withdrawn),
            **more,
        )


class DifferencesView(BaseModel):
    """The passages of two coders side by side, in text order."""

    differences: list[DifferenceView]


class PlacedDifferenceView(DifferenceView):
    """One passage with the transcript it is in and its first words."""

    version: int
    transcript: str
    words: str


class ComparisonView(BaseModel):
    """The passages of two coders side by side in all transcripts, those first that were asked for first.

    Attributes:
        counts: How many there are by what may be shown, under the other filters.
        codes: How many of those shown bear each code, whoever gave it, without the filter by code and domain.
        more: How many more there are of those shown.
    """

    differences: list[PlacedDifferenceView]
    counts: dict[Shown, int]
    codes: dict[str, int]
    more: int


class AgreedPassageIn(Body):
    """A passage that coders agreed on something for."""

    version: Id
    start: Offset
    end: Offset
    key: Key

    @model_validator(mode="after")
    def _a_stretch(self) -> Self:
        if self.start >= self.end:
            raise ValueError("start must lie before end")
        return self

    def by(self, recorder: str) -> Agreed:
        """Return it as what somebody writes down."""
        return Agreed(self.version, Span(self.start, self.end), (), "", recorder, self.key)


class ConsensusIn(AgreedPassageIn):
    """What coders agreed on for one passage; no codes: that none fits."""

    codes: Annotated[list[CodeId], Field(max_length=MOST_CODES)]
    memo: Memo = ""

    def by(self, recorder: str) -> Agreed:
        """Return it as what somebody writes down."""
        return Agreed(self.version, Span(self.start, self.end), tuple(self.codes), self.memo, recorder, self.key)
