"""``/api/analysis``: counts of words and codes, codes together, memos and the audit trail, as one filter means them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from corpus.errors import UsageError
from evaluation.analysis.study_analysis import StudyAnalysis
from evaluation.analysis.study_words import StudyWords
from evaluation.analysis.types import CodeCounts, CodesTogether, CodeTable, CountedIn, Keywords, WordCounts
from flows.web.coding_routes import Answering
from flows.web.errors import REFUSALS
from flows.web.filter_query import FilterQuery, filter_query
from flows.web.sessions import current_coder
from pipeline.languages import LANGUAGES
from pipeline.memo_list import MemoEntry
from pipeline.review.noted import TrailView, audit_trail, memos
from pipeline.study_filter import attribute_of

if TYPE_CHECKING:
    from pipeline.review.participant_table import ParticipantTable
    from pipeline.review.service import ReviewService
    from pipeline.session import StudySession
    from pipeline.study_filter import Filter

Coder = Annotated[str, Depends(current_coder)]
Asked = Annotated[FilterQuery, Depends(filter_query)]
By = Annotated[str, Query(min_length=1, max_length=200)]
Language = Annotated[str | None, Query(max_length=20)]
Most = Annotated[int, Query(ge=1, le=1000)]


class MemosView(BaseModel):
    """The memos that a filter means."""

    memos: list[MemoEntry]


class AnalysisRoutes:
    """What the routes ask.

    Args:
        session: The study.
        service: The study under review.
        participants: Its table of participants.
    """

    def __init__(self, session: StudySession, service: ReviewService, participants: ParticipantTable) -> None:
        self.service = service
        self.codings = StudyAnalysis(service)
        self.words = StudyWords(service, session.store)
        self._language = session.study.settings.study.language
        self._participants = participants

    def filter(self, asked: FilterQuery) -> Filter:
        """Return what was asked for as everything else takes it.

        Raises:
            UsageError: If it names an attribute that the participants do not have.
        """
        with self.service.now() as state:
            return asked.filter(self._participants.current(), state.codebook)

    def attribute(self, name: str) -> str:
        """Return an attribute as the table of participants writes it.

        Raises:
            UsageError: If there is no such attribute.
        """
        return attribute_of(name, self._participants.current())

    def language(self, named: str | None) -> str:
        """Return whose stop words are left out: the study's by default, nobody's for an empty name.

        Raises:
            UsageError: If the language is not known.
        """
        if named and named not in LANGUAGES:
            raise UsageError(f"stop words: language {named!r} is none of {', '.join(LANGUAGES)}")
        return self._language if named is None else named


def router(analysis: AnalysisRoutes) -> APIRouter:
    """Return the routes of the reading tools."""
    routes = APIRouter(prefix="/api", tags=["analysis"], responses=REFUSALS, route_class=Answering)
    _add_codes(routes, analysis)
    _add_words(routes, analysis)
    _add_notes(routes, analysis)
    return routes


def _add_codes(routes: APIRouter, analysis: AnalysisRoutes) -> None:
    @routes.get("/analysis/codes")
    def codes(coder: Coder, asked: Asked) -> CodeCounts:
        """Tell how often each code was given, and how often it is suggested and nobody decided."""
        return analysis.codings.codes(analysis.filter(asked), coder)

    @routes.get("/analysis/groups")
    def groups(coder: Coder, asked: Asked, by: By, *, suggestions: bool = False) -> CodeTable:
        """Return codes by the values of an attribute of the participants."""
        return analysis.codings.groups(analysis.filter(asked), coder, analysis.attribute(by), suggestions=suggestions)

    @routes.get("/analysis/course")
    def course(
        coder: Coder, asked: Asked, parts: Annotated[int, Query(ge=2, le=50)] = 10, *, suggestions: bool = False
    ) -> CodeTable:
        """Return in which part of the interviews each code stands."""
        return analysis.codings.course(analysis.filter(asked), coder, parts, suggestions=suggestions)

    @routes.get("/analysis/together")
    def together(
        coder: Coder, asked: Asked, unit: CountedIn = CountedIn.SENTENCE, *, suggestions: bool = False
    ) -> CodesTogether:
        """Return which codes stand together."""
        return analysis.codings.together(analysis.filter(asked), coder, unit, suggestions=suggestions)


def _add_words(routes: APIRouter, analysis: AnalysisRoutes) -> None:
    @routes.get("/analysis/words")
    def words(coder: Coder, asked: Asked, language: Language = None, most: Most = 200) -> WordCounts:
        """Return the words that participants say most, or that stand in passages with a code."""
        return analysis.words.words(analysis.filter(asked), coder, language=analysis.language(language), most=most)

    @routes.get("/analysis/keywords")
    def keywords(coder: Coder, asked: Asked, by: By, language: Language = None, most: Most = 25) -> Keywords:
        """Return the words that each group says more than the others."""
        wanted, language = analysis.filter(asked), analysis.language(language)
        return analysis.words.keywords(wanted, coder, by=analysis.attribute(by), language=language, most=most)


def _add_notes(routes: APIRouter, analysis: AnalysisRoutes) -> None:
    @routes.get("/memos")
    def memo_list(coder: Coder, asked: Asked) -> MemosView:
        """Return the memos on passages, transcripts and codes."""
        wanted = analysis.filter(asked)
        with analysis.service.now() as state:
            return MemosView(memos=memos(state, coder, wanted))

    @routes.get("/trail")
    def trail(
        coder: Coder,
        asked: Asked,
        after: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> TrailView:
        """Return what was done, newest first."""
        wanted = analysis.filter(asked)
        with analysis.service.now() as state:
            return audit_trail(state, coder, wanted, after=after, limit=limit)
