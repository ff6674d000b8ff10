"""What the routes of quality take and give, where that is no record of ``pipeline.review`` already."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator

from evaluation.study_quality.types import Difference, DifferenceKind
from flows.web.coding_types import Body, CodeId, Id, Key, Memo, Offset
from pipeline.review.serialize import decision_view
from pipeline.review.views import DecisionView

MOST_CODES = 50


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

    @classmethod
    def of(cls, one: Difference) -> Self:
        """Return a difference as the page takes it."""
        return cls(
            start=one.start,
            end=one.end,
            first=list(one.first),
            second=list(one.second),
            memo_first=one.memo_first,
            memo_second=one.memo_second,
            kind=one.kind,
            consensus=None if one.consensus is None else decision_view(one.consensus),
            agreed=None if one.agreed is None else list(one.agreed),
        )


class DifferencesView(BaseModel):
    """The passages of two coders side by side, in text order."""

    differences: list[DifferenceView]


class ConsensusIn(Body):
    """What coders agreed on for one passage; no codes: that none fits."""

    version: Id
    start: Offset
    end: Offset
    codes: Annotated[list[CodeId], Field(max_length=MOST_CODES)]
    memo: Memo = ""
    key: Key

    @model_validator(mode="after")
    def _a_stretch(self) -> Self:
        if self.start >= self.end:
            raise ValueError("start must lie before end")
        return self
