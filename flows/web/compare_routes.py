"""``/api/compare`` and ``/api/consensus``: two coders side by side, and what they agree on after talking about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, HTTPException, Query

from corpus.transcript import Span
from evaluation.study_quality.types import Difference, PlacedDifference
from flows.web.coding_routes import Answering
from flows.web.coding_types import LARGEST, DecisionsOut
from flows.web.compare_types import (
    AgreedPassageIn,
    ComparisonView,
    ConsensusIn,
    DifferencesView,
    DifferenceView,
    PlacedDifferenceView,
    Shown,
)
from flows.web.errors import REFUSALS
from flows.web.filter_query import FilterQuery, filter_query
from flows.web.sessions import current_coder
from pipeline.review.consensus import record, restore, withdraw

if TYPE_CHECKING:
    from evaluation.study_quality.quality import StudyQuality
    from pipeline.review.service import ReviewService
    from pipeline.review.study_state import StudyState

Coder = Annotated[str, Depends(current_coder)]
Name = Annotated[str, Query(min_length=1, max_length=200)]
LONGEST_WORDS = 400
"""Characters of a passage that a list shows."""


def router(service: ReviewService, figures: StudyQuality) -> APIRouter:
    """Return the routes of comparison.

    Args:
        service: The study under review.
        figures: Puts passages side by side.
    """
    routes = APIRouter(prefix="/api", tags=["compare"], responses=REFUSALS, route_class=Answering)
    _add_comparison(routes, service, figures)
    _add_study_comparison(routes, service, figures)
    _add_consensus(routes, service)
    return routes


def _pair(first: Name, second: Name) -> tuple[str, str]:
    return first, second


def _add_comparison(routes: APIRouter, service: ReviewService, figures: StudyQuality) -> None:
    @routes.get("/compare")
    def compare(
        coder: Coder,
        version: Annotated[int, Query(ge=1, le=LARGEST)],
        pair: Annotated[tuple[str, str], Depends(_pair)],
        asked: Annotated[FilterQuery, Depends(filter_query)],
    ) -> DifferencesView:
        """Return the passages of two coders in one transcript side by side."""
        with service.now() as state:
            hidden = state.is_hidden(coder, version)
            holds = _filter(state, coder, asked)
        if hidden:
            raise HTTPException(403, "this transcript is hidden from you until you are done with it")
        found = figures.differences(version, *pair)
        return DifferencesView(differences=[DifferenceView.of(each) for each in found if holds(version, each)])


def _add_study_comparison(routes: APIRouter, service: ReviewService, figures: StudyQuality) -> None:
    @routes.get("/compare/study")
    def compare_study(
        coder: Coder,
        pair: Annotated[tuple[str, str], Depends(_pair)],
        asked: Annotated[FilterQuery, Depends(filter_query)],
        show: Shown = Shown.DIFFER,
        after: Annotated[int, Query(ge=0, le=LARGEST)] = 0,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> ComparisonView:
        """Return the passages of two coders in all transcripts that the asking coder may see, side by side."""
        with service.now() as state:
            hidden = state.hidden(coder)
        placed = figures.comparison(*pair, hidden=hidden)
        with service.now() as state:
            any_code = replace(asked, code=None, domain=None)
            within, about = (
                [each for each in placed if holds(each.version, each.difference)]
                for holds in (_filter(state, coder, some) for some in (any_code, asked))
            )
            shown = [each for each in about if show.holds(each.difference)]
            page = [_view(state, each) for each in islice(shown, after, after + limit)]
        codes = Counter(code for each in within if show.holds(each.difference) for code in each.difference.codes)
        counts = {kind: sum(kind.holds(each.difference) for each in about) for kind in Shown}
        return ComparisonView(differences=page, counts=counts, codes=codes, more=max(0, len(shown) - after - limit))


def _add_consensus(routes: APIRouter, service: ReviewService) -> None:
    @routes.post("/consensus")
    def consensus(coder: Coder, body: ConsensusIn) -> DecisionsOut:
        """Write down what coders agreed on, in place of an earlier consensus on the same passage."""
        return DecisionsOut(decisions=record(service, body.by(coder)))

    @routes.post("/consensus/withdraw")
    def take_back(coder: Coder, body: AgreedPassageIn) -> DecisionsOut:
        """Take back what was agreed on for a passage: what each coder said there counts again."""
        return DecisionsOut(decisions=withdraw(service, body.by(coder)))

    @routes.post("/consensus/restore")
    def bring_back(coder: Coder, body: AgreedPassageIn) -> DecisionsOut:
        """Bring back what the last withdrawal on a passage took back."""
        return DecisionsOut(decisions=restore(service, body.by(coder)))


def _filter(state: StudyState, coder: str, asked: FilterQuery) -> Callable[[int, Difference], bool]:
    """Return what tells whether a passage of a version is looked at."""
    codebook = state.codebook
    wanted = asked.filter(state.speakers.participants, codebook)
    places = state.places(wanted, coder) if wanted.where else None

    def holds(version: int, difference: Difference) -> bool:
        if wanted.version not in {None, version} or not any(
            wanted.takes_code(codebook.find(code)) for code in difference.codes
        ):
            return False
        return places is None or places.holds(version, difference.start)

    return holds


def _view(state: StudyState, placed: PlacedDifference) -> PlacedDifferenceView:
    passage = Span(placed.difference.start, placed.difference.end)
    words = passage.of(state.transcript_cache.transcript(placed.version).text)
    if len(words) > LONGEST_WORDS:
        words = f"{words[:LONGEST_WORDS].rstrip()} …"
    return PlacedDifferenceView.of(placed.difference, version=placed.version, transcript=placed.transcript, words=words)
