"""``/api/coders``: who codes here, and what a coder is called from now on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends
from pydantic import AfterValidator, BaseModel, Field

from corpus.coders import LONGEST, coder_name, known_as
from corpus.errors import UsageError
from flows.web.coding_types import Body, storable
from flows.web.errors import REFUSALS
from flows.web.sessions import current_coder
from pipeline.review.team import known_coders
from pipeline.store.event_records import EventKind, NewEvent

if TYPE_CHECKING:
    from pipeline.review.service import ReviewService

Coder = Annotated[str, Depends(current_coder)]
Name = Annotated[str, Field(min_length=1, max_length=LONGEST), AfterValidator(storable)]


class CoderView(BaseModel):
    """Somebody who codes here, with how many entries of the log are theirs that the asking coder may see."""

    name: str
    entries: int


class RenamingView(BaseModel):
    """A name that is called otherwise now."""

    name: str
    now: str


class CodersView(BaseModel):
    """Who codes here, and the renamings in force."""

    coders: list[CoderView]
    renamed: list[RenamingView]


class RestoreIn(Body):
    """The name whose renaming is taken back."""

    name: Name


class RenameIn(RestoreIn):
    """What a coder is called from now on; ``merge`` makes two coders one where that name is taken."""

    to: Name
    merge: bool = False


def router(service: ReviewService) -> APIRouter:
    """Return the routes of coders."""
    routes = APIRouter(prefix="/api", tags=["coders"], responses=REFUSALS)

    @routes.get("/coders")
    def coders(coder: Coder) -> CodersView:
        """Tell who codes here and what renamings are in force."""
        return _view(service, coder)

    @routes.post("/coders/rename")
    def rename(coder: Coder, body: RenameIn) -> CodersView:
        """Call a coder otherwise from now on, in an entry of the log; nothing that is written changes."""
        to, known = coder_name(body.to), known_coders(service)
        if body.name not in known:
            raise UsageError("nobody of that name codes here")
        if to == body.name:
            raise UsageError("that is the name already")
        namesake = known_as(to, (name for name in known if name != body.name))  # as signing in takes every spelling
        if namesake and not body.merge:
            raise UsageError("somebody of that name codes here; ask for both to become one, or choose another name")
        with service.now() as state:
            before = state.store.events.coder_names()
        if before.get(to, body.name) != body.name:  # what is written under it is somebody else's
            raise UsageError("somebody else was called so before; choose another name")
        service.rename_coder(NewEvent(body.name, EventKind.RENAMED, text=namesake or to))
        return _view(service, coder)

    @routes.post("/coders/restore")
    def restore(coder: Coder, body: RestoreIn) -> CodersView:
        """Take a renaming back: what was written under the name is that coder's again."""
        with service.now() as state:
            names = state.store.events.coder_names()
        if body.name not in names:
            raise UsageError("no coder of that name was renamed")
        service.rename_coder(NewEvent(body.name, EventKind.RENAMED))
        return _view(service, coder)

    return routes


def _view(service: ReviewService, coder: str) -> CodersView:
    known = known_coders(service)
    with service.now() as state:
        hidden, names = state.hidden(coder), state.store.events.coder_names()
        seen = {
            name: sum(name == coder or entry.version not in hidden for entry in state.decision_log.entries(name))
            for name in known
        }
    return CodersView(
        coders=[CoderView(name=name, entries=entries) for name, entries in seen.items()],
        renamed=[RenamingView(name=name, now=now) for name, now in sorted(names.items())],
    )
