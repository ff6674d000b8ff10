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
    def of(cls, difference: Difference) -> Self:
        """Return a difference as the page takes it."""
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
