"""What the API says about the study as a whole."""

from __future__ import annotations

from pydantic import BaseModel

from pipeline.store.records import ChangeCounters


class DomainView(BaseModel):
    """A domain of the codebook with its colour as ``#rrggbb`` for light and for dark ground."""

    name: str
    light: str
    dark: str


class CodeView(BaseModel):
    """A code of the codebook; ``aliases`` are other names of it."""

    id: str
    name: str
    domain: str
    level: str | None
    definition: str
    include: str
    exclude: str
    aliases: list[str]


class CodebookView(BaseModel):
    """The codebook, in its order.

    Attributes:
        ships_quotations: Whether its example quotations come with precode.
        removed: Names of codes that were taken out, by id.
    """

    name: str
    digest: str
    ships_quotations: bool
    domains: list[DomainView]
    codes: list[CodeView]
    removed: dict[str, str]


class TranscriptView(BaseModel):
    """A current transcript version and how far the asking coder is with it.

    Attributes:
        suggestions: Those to review; 0 while the version is hidden, like ``decided``.
        codings: The coder's passages that are codings now.
        blind: Whether the version is hidden: the coder codes it without seeing anybody else's.
        seen: Whether its suggestions were open to the coder before, so that it cannot be coded blind any more.
        assigned: Whose it is to code, by name; empty for nobody's in particular.
        attributes: What the study's table of participants says of who speaks.
    """

    version: int
    name: str
    characters: int
    suggestions: int
    decided: int
    codings: int
    blind: bool
    seen: bool
    done: bool
    assigned: list[str]
    attributes: dict[str, str]


class StudyView(BaseModel):
    """The study as the asking coder sees it.

    Attributes:
        id: Tells this study from others that were served at the same address.
        coders: Everybody who decided anything, by name.
        model: Fingerprint of the newest run's model, empty before the first run.
        run: Id of the newest run.
        second: Fingerprint of the language model whose opinions the coder sees; empty for none.
        attributes: What is known of participants beside their ids, with the values that there are.
    """

    id: str
    name: str
    coder: str
    coders: list[str]
    model: str
    run: int | None
    second: str
    codebook: CodebookView
    transcripts: list[TranscriptView]
    attributes: dict[str, list[str]]
    pulse: ChangeCounters
