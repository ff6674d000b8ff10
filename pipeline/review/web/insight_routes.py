"""``/api``: progress, agreement, comparison and consensus, framework matrix, audit, learning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends

from pipeline.review.insight import Agreement, LearnState, Progress
from pipeline.review.web.sessions import current_coder

if TYPE_CHECKING:
    from pipeline.review.insight import Insight, Jobs
    from pipeline.workbench import Workbench

Coder = Annotated[str, Depends(current_coder)]


def router(bench: Workbench, insight: Insight, jobs: Jobs) -> APIRouter:
    """Return the routes of quality."""
    routes = APIRouter(prefix="/api", tags=["insight"])

    @routes.get("/progress")
    def progress(coder: Coder) -> Progress:
        """Tell what the coder has done and what it shows."""
        return insight.progress(coder)

    @routes.get("/agreement")
    def agreement(_: Coder, first: str, second: str) -> Agreement:
        """Tell how far two coders agree, sentence by sentence."""
        return insight.agreement(first, second)

    @routes.get("/learn")
    def learning(_: Coder) -> LearnState:
        """Tell where learning is."""
        return jobs.learning()

    @routes.post("/learn", status_code=202)
    def learn(_: Coder) -> LearnState:
        """Begin to learn from what was decided."""
        return jobs.learn()

    @routes.post("/learn/rank", status_code=202)
    def rank(_: Coder) -> LearnState:
        """Begin to make undecided suggestions anew."""
        return jobs.rank()

    return routes
