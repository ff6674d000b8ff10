"""``/api/study``: what a page needs to know first."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends

from corpus.participants import ID
from flows.web.errors import REFUSALS
from flows.web.pages import study_id, study_name
from flows.web.sessions import current_coder
from flows.web.study_types import CodebookView, CodeView, DomainView, StudyView, TranscriptView
from pipeline.export.palette import book_colours
from pipeline.review.reading import overview

if TYPE_CHECKING:
    from corpus.codebook import Codebook
    from corpus.participants import Participants
    from pipeline.review.participant_table import ParticipantTable
    from pipeline.review.service import ReviewService
    from pipeline.review.study_state import StudyState
    from pipeline.review.views import TranscriptState
    from pipeline.study import Study

Coder = Annotated[str, Depends(current_coder)]


def router(study: Study, service: ReviewService, table: ParticipantTable) -> APIRouter:
    """Return the route that describes a study.

    Args:
        study: The study.
        service: The study under review.
        table: Who speaks in which transcript.
    """
    routes = APIRouter(prefix="/api", tags=["study"], responses=REFUSALS)
    identity, name = study_id(study), study_name(study)

    @routes.get("/study")
    def describe(coder: Coder) -> StudyView:
        """Describe the study: its codebook, its transcripts, and how far the coder is with each."""
        participants = table.current()
        with service.now() as state:
            book = codebook_view(state.codebook, ships_quotations=study.ships_quotations)
            transcripts = [_transcript(progress, participants) for progress in overview(state, coder)]
            run = max(state.models, default=None)
            model = "" if run is None else state.models[run]
            coders = _seen(state, coder)
            second = state.opinions.model if state.opinions.versions - state.hidden(coder) else ""
        return StudyView(
            id=identity,
            name=name,
            coder=coder,
            coders=coders,
            model=model,
            run=run,
            second=second,
            codebook=book,
            transcripts=transcripts,
            attributes={name: participants.values(name) for name in participants.attributes if name != ID},
            pulse=service.change_counters(),
        )

    return routes


def _transcript(progress: TranscriptState, participants: Participants) -> TranscriptView:
    return TranscriptView(
        **asdict(progress) | {"assigned": list(progress.assigned)}, attributes=dict(participants.of(progress.name))
    )


def _seen(state: StudyState, coder: str) -> list[str]:
    """Return everybody of whom the coder may see a decision, by name."""
    hidden = state.hidden(coder)
    if not hidden:
        return state.decision_log.coders
    shown = (current.id for current in state.current() if current.id not in hidden)
    others = {subject.coder for version in shown for subject in state.decision_log.of_version(version)}
    return sorted(others | ({coder} & set(state.decision_log.coders)))


def codebook_view(codebook: Codebook, *, ships_quotations: bool = False) -> CodebookView:
    """Return a codebook with its domains' colours.

    Args:
        codebook: The codebook.
        ships_quotations: Whether its example quotations come with precode.
    """
    colours = book_colours(codebook).items()
    return CodebookView(
        name=codebook.title or codebook.name,
        digest=codebook.digest,
        ships_quotations=ships_quotations,
        domains=[DomainView(name=name, light=colour.light, dark=colour.dark) for name, colour in colours],
        codes=[CodeView.model_validate(code, from_attributes=True) for code in codebook.codes],
        removed={code.id: code.name for code in codebook.removed},
    )
