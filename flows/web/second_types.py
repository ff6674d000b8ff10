"""What the routes of the second opinion take and give; no word of a transcript."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field

from flows.web.coding_types import Body, Id, storable

Address = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(storable)]
ModelName = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(storable)]


Doing = Literal["idle", "trying", "asking", "failed"]
"""What becomes of a language model in the background."""


class ServerIn(Body):
    """Where a server of models is."""

    url: Address


class ModelIn(ServerIn):
    """The model to ask."""

    model: ModelName


class WhyIn(Body):
    """A suggestion that the coder has decided on."""

    suggestion: Id


class ModelView(BaseModel):
    """A model that a server offers; ``remote`` if it is answered elsewhere, and so is not used."""

    name: str
    size: str
    quantisation: str
    remote: bool


class ModelsOut(BaseModel):
    """The models of a server; ``open_to_pages`` if any web page that is open here could ask them."""

    models: list[ModelView]
    open_to_pages: bool


class WhyOut(BaseModel):
    """One sentence that a model wrote."""

    text: str
    model: str


class SecondView(BaseModel):
    """Where the second opinion of a study stands.

    Attributes:
        url: Address of the model's server; empty where none is asked.
        state: What runs in the background.
        message: What came of it last, in one line.
        verdict: Of the newest trial; empty before the first.
        told: The verdict in plain words, and the sentence for a methods section.
        figures: Of the newest trial, by name.
    """

    url: str
    model: str
    adapter: str
    state: Doing
    message: str
    verdict: str
    told: list[str]
    figures: dict[str, Any]
