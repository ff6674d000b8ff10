"""``/api/team`` and ``/api/presence``: who codes what, how far everybody is, and who is where now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends
from pydantic import AfterValidator, BaseModel, Field

from corpus.coders import LONGEST, coder_name, known_as
from flows.web.coding_routes import Answering
from flows.web.coding_types import Body, Id, storable
from flows.web.errors import REFUSALS
from flows.web.presence import Presence
from flows.web.sessions import current_coder
from pipeline.review.team import Team, assign, team, team_names

if TYPE_CHECKING:
    from pipeline.review.service import ReviewService

Coder = Annotated[str, Depends(current_coder)]


class AssignmentIn(Body):
    """Transcripts that are a coder's to code, or are not any more."""

    coder: Annotated[str, Field(min_length=1, max_length=LONGEST), AfterValidator(storable)]
    versions: Annotated[list[Id], Field(min_length=1, max_length=10_000)]
    assigned: bool


class PresenceIn(Body):
    """A heartbeat: the transcript on the screen, if any."""

    version: Id | None = None


class PersonView(BaseModel):
    """Somebody else who is here now; the transcript is empty where they are in none."""

    coder: str
    version: int | None
    transcript: str


class PresenceView(BaseModel):
    """Who else is here now, by name."""

    people: list[PersonView]


def router(service: ReviewService, presence: Presence) -> APIRouter:
    """Return the routes of a team.

    Args:
        service: The study under review.
        presence: Keeps who is where.
    """
    routes = APIRouter(prefix="/api", tags=["team"], responses=REFUSALS, route_class=Answering)

    @routes.get("/team")
    def everybody(coder: Coder) -> Team:
        """Tell who codes what, and how far everybody is as far as the asking coder may see it."""
        with service.now() as state:
            return team(state, coder)

    @routes.post("/team/assign")
    def assign_to(coder: Coder, body: AssignmentIn) -> Team:
        """Say whose transcripts are, in entries of the log; somebody may be meant who has not coded here yet."""
        named = coder_name(body.coder)
        with service.now() as state:
            named = known_as(named, [*team_names(state), coder]) or named
        assign(service, named, body.versions, by=coder, assigned=body.assigned)
        return everybody(coder)

    @routes.post("/presence")
    def heartbeat(coder: Coder, body: PresenceIn) -> PresenceView:
        """Say where the coder is, and tell who else is where: nothing of transcripts hidden from the coder."""
        with service.now() as state:
            if body.version is not None:
                state.version(body.version)
        presence.note(coder, body.version)
        people = []
        with service.now() as state:
            for seen in presence.others(coder):
                if seen.version is None:
                    people.append(PersonView(coder=seen.coder, version=None, transcript=""))
                elif not state.is_hidden(coder, seen.version):
                    name = state.version(seen.version).name
                    people.append(PersonView(coder=seen.coder, version=seen.version, transcript=name))
        return PresenceView(people=people)

    return routes
