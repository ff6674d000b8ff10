"""``/api/search``: passages by words, by meaning, and like another one."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, HTTPException, Query

from corpus.errors import InternalError
from corpus.transcript import Span
from flows.web.coding_routes import Answering
from flows.web.coding_types import LARGEST
from flows.web.errors import REFUSALS
from flows.web.filter_query import FilterQuery, WhereQuery, filter_query
from flows.web.search_types import HitView, SearchView
from flows.web.sessions import current_coder
from pipeline.review.reading import codings
from pipeline.search.within import Within
from pipeline.search.words import LONGEST_QUERY

if TYPE_CHECKING:
    from pipeline.review.service import ReviewService
    from pipeline.review.study_state import StudyState
    from pipeline.search.study_search import StudySearch
    from pipeline.search.views import Hit, SearchResult
    from pipeline.store import TranscriptVersion
    from pipeline.study_filter import Filter

Coder = Annotated[str, Depends(current_coder)]
Asked = Annotated[FilterQuery, Depends(filter_query)]
Limit = Annotated[int, Query(ge=1, le=500)]
Version = Annotated[int, Query(ge=1, le=LARGEST)]
Offset = Annotated[int, Query(ge=0, le=LARGEST)]
PATIENCE = 0.5
"""Seconds that the first search of a study waits for transcripts to be made ready."""

LOG = logging.getLogger("precode.review")


class How(StrEnum):
    """What a search goes by."""

    WORDS = "words"
    FORMS = "forms"
    MEANING = "meaning"


@dataclass(frozen=True, slots=True)
class SearchScope:
    """What is searched for a coder.

    Attributes:
        hidden: How many current versions are hidden from them.
        unready: How many of the versions cannot be searched by meaning yet.
        within: Where in them.
    """

    versions: list[TranscriptVersion]
    hidden: int
    unready: int
    within: Within


class SearchRoutes:
    """Searches as a coder may: in current transcripts that are not hidden from them.

    Args:
        service: The study under review.
        search: The same study, searched.
    """

    def __init__(self, service: ReviewService, search: StudySearch) -> None:
        self.search = search
        self._service = service
        self._lock = Lock()
        self._stopping = Event()
        self._preparing: Thread | None = None

    def close(self) -> None:
        """Stop making transcripts ready; the next search goes on with it."""
        self._stopping.set()
        if self._preparing is not None:
            self._preparing.join()

    def scope(self, coder: str, asked: FilterQuery, *, by_meaning: bool) -> SearchScope:
        """Return what is searched for a coder.

        Args:
            coder: Who asks.
            asked: The filter: a code or domain asks for what is said in the turn of a passage with it or beside that.
            by_meaning: Whether to make versions ready for that, too.

        Raises:
            HTTPException: If the transcript they asked for is hidden.
        """
        with self._service.now() as state:
            current, hidden = state.current(), state.hidden(coder)
            chosen = current if asked.version is None else [state.version(asked.version)]
            seen = [each for each in chosen if each.id not in hidden]
            if asked.version is not None and not seen:
                raise HTTPException(403, "this transcript is hidden from you until you are done with it")
            wanted = asked.filter(state.speakers.participants, state.codebook)
            places = state.speakers.places(seen, wanted)
            seen = [each for each in seen if each.id in places.versions]
            spoken = {each.id: places.stretches(each.id) for each in seen} if wanted.where else None
            coded = _coded(state, seen, wanted) if wanted.code or wanted.domain else None
        unready = self._unready(seen) if by_meaning else 0
        return SearchScope(seen, sum(each.id in hidden for each in current), unready, Within(spoken, coded))

    def view(self, coder: str, query: str, scope: SearchScope, found: SearchResult) -> SearchView:
        """Return what was found, with the codes that the coder has given.

        Args:
            coder: Who asks.
            query: What was searched for.
            scope: Where.
            found: What the search told.
        """
        with self._service.now() as state:
            hits = [HitView(hit=hit, codes=_codes(state, coder, hit)) for hit in found.hits]
        return SearchView(
            hits=hits,
            total=found.total,
            more=found.more,
            searched=len(scope.versions),
            hidden=scope.hidden,
            unready=scope.unready,
            query=query,
        )

    def _unready(self, versions: Sequence[TranscriptVersion]) -> int:
        """Return how many versions cannot be searched by meaning yet, having begun to make them ready."""
        waiting = self.search.unready(versions)
        if not waiting:
            return 0
        with self._lock:
            if self._preparing is None or not self._preparing.is_alive():
                self._preparing = Thread(target=self._prepare, args=(waiting,), daemon=True)
                self._preparing.start()
        self._preparing.join(PATIENCE)
        return len(self.search.unready(versions))

    def _prepare(self, versions: Sequence[TranscriptVersion]) -> None:
        try:
            for version in versions:
                if self._stopping.is_set():
                    return
                self.search.prepare([version])
        except Exception as error:  # noqa: BLE001 - a thread would print its message, which may quote the transcript
            LOG.error("%s", InternalError.of("search", error))  # noqa: TRY400 - exception() would print it, too


def router(searches: SearchRoutes) -> APIRouter:
    """Return the routes of searching."""
    routes = APIRouter(prefix="/api", tags=["search"], responses=REFUSALS, route_class=Answering)

    @routes.get("/search")
    def search(
        coder: Coder,
        q: Annotated[str, Query(min_length=1, max_length=LONGEST_QUERY)],
        asked: Asked,
        how: How = How.WORDS,
        everyone: bool = True,
        limit: Limit = 50,
    ) -> SearchView:
        """Return passages by words or their forms (of everyone or of participants), or of participants by meaning."""
        by_meaning = how is How.MEANING
        scope, find = searches.scope(coder, asked, by_meaning=by_meaning), searches.search
        if by_meaning:
            found = find.by_meaning(q, versions=scope.versions, most=limit, within=scope.within)
        else:
            found = find.by_words(
                q, versions=scope.versions, most=limit, within=scope.within, everyone=everyone, forms=how is How.FORMS
            )
        return searches.view(coder, q, scope, found)

    @routes.get("/search/like")
    def like(
        coder: Coder, version: Version, start: Offset, end: Offset, where: WhereQuery = None, limit: Limit = 50
    ) -> SearchView:
        """Return the passages of participants that are like one in meaning."""
        if start >= end:
            raise HTTPException(422, "start must lie before end")
        span, find = Span(start, end), searches.search
        searches.scope(coder, filter_query(version=version), by_meaning=False)  # refuses what is hidden
        scope = searches.scope(coder, filter_query(where=where), by_meaning=True)
        found = find.like(version, span, scope.versions, most=limit, within=scope.within)
        return searches.view(coder, find.words_of(version, span), scope, found)

    return routes


def _coded(state: StudyState, versions: Sequence[TranscriptVersion], wanted: Filter) -> dict[int, list[Span]]:
    """Return the passages of each version that bear a code which a filter takes."""
    return {
        version.id: [
            Span(coding.start, coding.end)
            for coding in state.coding_columns.of(version.id, wanted.coder)
            if wanted.takes_code(state.codebook.find(coding.code))
        ]
        for version in versions
    }


def _codes(state: StudyState, coder: str, hit: Hit) -> list[str]:
    given = (coding for coding in codings(state, coder, hit.version) if coding.coder == coder)
    return list(dict.fromkeys(coding.code for coding in given if coding.start < hit.end and coding.end > hit.start))
