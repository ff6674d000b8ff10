"""``/api/codebook`` and ``/api/seeds``: the codebook is edited on the page, its history told, seeds taken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Self

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field, model_validator

from corpus.transcript import Span
from flows.web.coding_routes import CONFLICT, Answering
from flows.web.coding_types import LARGEST, Body, CodeId, Id, Key, Offset
from flows.web.errors import REFUSALS
from flows.web.sessions import current_coder
from pipeline.codebook.edits import AddCode, AnyEdit
from pipeline.export.palette import book_colours
from pipeline.review.book_editing import BookEditing
from pipeline.review.book_views import BookCodingView, BookDomainView, BookView, SeedView

if TYPE_CHECKING:
    from corpus.codebook import Codebook
    from pipeline.review.service import ReviewService
    from pipeline.session import StudySession

Coder = Annotated[str, Depends(current_coder)]
Version = Annotated[int, Path(ge=1, le=LARGEST)]
FileDigest = Annotated[
    str, Field(pattern="^([0-9a-f]{64})?$", description="Of the codebook's file as the coder saw it, from GET.")
]


class EditIn(Body):
    """Something to be done with the codebook; ``file`` may be empty only for making a code, which changes no other."""

    key: Key
    file: FileDigest = ""
    edit: AnyEdit

    @model_validator(mode="after")
    def _rests_on_what_was_seen(self) -> Self:
        if not self.file and not isinstance(self.edit, AddCode):
            raise ValueError("file is needed: the digest that GET /api/codebook told")
        return self


class EditedOut(BaseModel):
    """The codebook after an edit, and the code that it was about."""

    about: str
    codebook: BookView


class BookTakeBackIn(Body):
    """A change of the codebook to take back."""

    key: Key
    file: Annotated[FileDigest, Field(min_length=64)]
    version: Id


class CodingsOut(BaseModel):
    """Codings of a code."""

    codings: list[BookCodingView]


class SeedIn(Body):
    """A coded passage that is to be a seed quotation, or none any more."""

    key: Key
    start: Offset
    end: Offset
    code: CodeId
    wanted: bool = True

    @model_validator(mode="after")
    def _a_stretch(self) -> Self:
        if self.start >= self.end:
            raise ValueError("start must lie before end")
        return self


class SeedsOut(BaseModel):
    """The coded passages of a transcript that are seed quotations."""

    seeds: list[SeedView]


def router(session: StudySession, service: ReviewService) -> APIRouter:
    """Return the routes of a study's codebook.

    Args:
        session: The study.
        service: The same under review.
    """
    routes = APIRouter(prefix="/api", tags=["codebook"], responses=REFUSALS, route_class=Answering)
    editing = BookEditing(session, service, _domains)
    _add_editing(routes, editing)
    _add_seeds(routes, editing)
    return routes


def _add_editing(routes: APIRouter, editing: BookEditing) -> None:
    @routes.get("/codebook")
    def codebook(coder: Coder) -> BookView:
        """Return the codebook with its history, and how much the coder may see under each code."""
        return editing.view(coder)

    @routes.get("/codebook/codings")
    def codings(coder: Coder, code: Annotated[CodeId, Query()]) -> CodingsOut:
        """Return the codings of a code that the coder may see."""
        return CodingsOut(codings=editing.codings(coder, code))

    @routes.post("/codebook/edits", responses=CONFLICT)
    def edit(coder: Coder, body: EditIn) -> EditedOut:
        """Do something with the codebook; 409 if somebody else changed it since the coder saw it."""
        version = editing.edit(coder, body.edit, file=body.file, key=body.key)
        return EditedOut(about=version.change.about, codebook=editing.view(coder))

    @routes.post("/codebook/take-back", responses=CONFLICT)
    def take_back(coder: Coder, body: BookTakeBackIn) -> EditedOut:
        """Take a change back, whoever made it; what was changed since stays."""
        version = editing.take_back(coder, body.version, file=body.file, key=body.key)
        return EditedOut(about=version.change.about, codebook=editing.view(coder))


def _add_seeds(routes: APIRouter, editing: BookEditing) -> None:
    @routes.get("/seeds/{version}")
    def seeds(coder: Coder, version: Version) -> SeedsOut:
        """Return the coded passages of a transcript that are seed quotations."""
        return SeedsOut(seeds=editing.seeds(coder, version))

    @routes.post("/seeds/{version}")
    def seed(coder: Coder, version: Version, body: SeedIn) -> SeedsOut:
        """Take a coded passage as a seed quotation, or out again."""
        span = Span(body.start, body.end)
        return SeedsOut(seeds=editing.seed(coder, version, span, body.code, wanted=body.wanted, key=body.key))


def _domains(book: Codebook) -> Iterator[BookDomainView]:
    chosen = dict(book.colours)
    for name, colour in book_colours(book).items():
        yield BookDomainView(name, colour.light, colour.dark, chosen.get(name, ""))
