"""``/api/corrections``: typing errors in the texts of a study, corrected on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

from fastapi import APIRouter, Depends
from pydantic import AfterValidator, BaseModel, Field, model_validator

from corpus.transcript import Span
from flows.web.coding_routes import CONFLICT, Answering
from flows.web.coding_types import Body, Id, Key, Offset, storable
from flows.web.errors import REFUSALS
from flows.web.sessions import current_coder
from pipeline.corrections import LONGEST
from pipeline.review.correcting import Correcting, Selected
from pipeline.review.views import CorrectedView, CorrectionView

if TYPE_CHECKING:
    from pipeline.review.service import ReviewService
    from pipeline.study import Study

Coder = Annotated[str, Depends(current_coder)]
Words = Annotated[str, Field(max_length=LONGEST), AfterValidator(storable)]


class CorrectIn(Body):
    """Words of a current text, and what they should be; ``words`` are the words as the page shows them."""

    key: Key
    version: Id
    start: Offset
    end: Offset
    words: Annotated[Words, Field(min_length=1)]
    right: Words

    @model_validator(mode="after")
    def _a_stretch(self) -> Self:
        if self.start >= self.end:
            raise ValueError("start must lie before end")
        return self


class TakeBackIn(Body):
    """A correction to take back."""

    key: Key
    correction: Key


class CorrectionsOut(BaseModel):
    """The corrections of a study that were not taken back, oldest first."""

    corrections: list[CorrectionView]


def router(study: Study, service: ReviewService) -> APIRouter:
    """Return the routes of a study's corrections.

    Args:
        study: The study.
        service: The same study under review.
    """
    routes = APIRouter(prefix="/api/corrections", tags=["corrections"], responses=REFUSALS, route_class=Answering)
    correcting = Correcting(study, service)

    @routes.get("")
    def listed(_: Coder) -> CorrectionsOut:
        """Return the corrections, and which of them find no place in their file any more."""
        return CorrectionsOut(corrections=correcting.listed())

    @routes.post("", responses=CONFLICT)
    def correct(coder: Coder, body: CorrectIn) -> CorrectedView:
        """Correct words; the text that is current from then on has them, and every coding along."""
        selected = Selected(body.version, Span(body.start, body.end), body.words)
        return correcting.correct(coder, selected, body.right, body.key)

    @routes.post("/take-back")
    def take_back(coder: Coder, body: TakeBackIn) -> CorrectedView:
        """Take a correction back, whoever made it."""
        return correcting.take_back(coder, body.correction, body.key)

    return routes
