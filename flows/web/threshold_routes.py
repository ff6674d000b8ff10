"""``/api/thresholds``: which suggestions a study gets, and what can be expected of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from flows.web.coding_types import Body
from flows.web.errors import REFUSALS
from flows.web.sessions import current_coder
from pipeline.choices import ThresholdRule
from pipeline.expectation import study_expectation
from pipeline.settings import SuggestSettings
from pipeline.settings_file import change_suggestions
from pipeline.study import SETTINGS

if TYPE_CHECKING:
    from pipeline.study import Study

Coder = Annotated[str, Depends(current_coder)]


class ThresholdsIn(Body):
    """The rule and what belongs to it; see ``pipeline.settings.SuggestSettings``."""

    threshold: Annotated[ThresholdRule, Field(strict=False)]
    precision: Annotated[float, Field(ge=0.5, le=0.99, allow_inf_nan=False)]
    floor: Annotated[float, Field(ge=0.01, le=0.99, allow_inf_nan=False)]
    best: Annotated[int, Field(ge=1, le=1_000_000)]


class ThresholdsView(BaseModel):
    """The rule as ``study.toml`` has it now.

    Attributes:
        expectation: What can be expected of the suggestions and what would help most, in one line.
    """

    threshold: ThresholdRule
    precision: float
    floor: float
    best: int
    expectation: str


def router(study: Study) -> APIRouter:
    """Return the routes of a study's thresholds."""
    routes = APIRouter(prefix="/api", tags=["thresholds"], responses=REFUSALS)

    @routes.get("/thresholds")
    def thresholds(_: Coder) -> ThresholdsView:
        """Tell which suggestions are made and what can be expected of them."""
        now = study.reread()
        return ThresholdsView(**now.settings.suggest.model_dump(), expectation=study_expectation(now))

    @routes.post("/thresholds")
    def choose(coder: Coder, body: ThresholdsIn) -> ThresholdsView:
        """Keep a choice in study.toml; the next run goes by it."""
        change_suggestions(study.folder / SETTINGS, SuggestSettings(**body.model_dump()))
        return thresholds(coder)

    return routes
