"""``/api/study``: what a page needs to know first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends

from pipeline.export.palette import palette
from pipeline.review.web.pages import study_id, study_name
from pipeline.review.web.sessions import current_coder
from pipeline.review.web.study_types import CodebookView, CodeView, DomainView, Pulse, StudyView, TranscriptView

if TYPE_CHECKING:
    from corpus.codebook import Codebook
    from pipeline.workbench import Workbench

Coder = Annotated[str, Depends(current_coder)]


def router(bench: Workbench) -> APIRouter:
    """Return the route that describes a study."""
    routes = APIRouter(prefix="/api", tags=["study"])
    book = codebook_view(bench.study.codebook())

    @routes.get("/study")
    def study(coder: Coder) -> StudyView:
        """Describe the study: its codebook, its transcripts, and how far the coder is with each."""
        store = bench.store
        runs = store.runs()
        counts: dict[int, int] = {}
        for one in store.suggestions():
            counts[one.version] = counts.get(one.version, 0) + 1
        transcripts = [
            TranscriptView(
                version=one.id,
                name=one.name,
                characters=one.characters,
                suggestions=counts.get(one.id, 0),
                decided=0,
                codings=0,
                blind=False,
                done=False,
                attributes={},
            )
            for one in store.transcripts()
        ]
        return StudyView(
            id=study_id(bench.study),
            name=study_name(bench.study),
            coder=coder,
            coders=sorted({one.coder for one in store.decisions()}),
            model=runs[-1].facts.model if runs else "",
            run=runs[-1].id if runs else None,
            codebook=book,
            transcripts=transcripts,
            pulse=Pulse(decisions=0, marks=0, outcomes=0),
        )

    return routes


def codebook_view(codebook: Codebook) -> CodebookView:
    """Return a codebook with its domains' colours."""
    colours = palette(codebook.domains).items()
    return CodebookView(
        name=codebook.title or codebook.name,
        digest=codebook.digest,
        domains=[DomainView(name=name, light=one.light, dark=one.dark) for name, one in colours],
        codes=[CodeView.model_validate(one, from_attributes=True) for one in codebook.codes],
    )
