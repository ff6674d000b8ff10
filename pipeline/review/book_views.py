"""What the page is told of a codebook, in frozen records with the fields of its JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipeline.codebook.history import ChangeKind


@dataclass(frozen=True, slots=True)
class BookCodeView:
    """A code with how much stands under it, of what the asking coder may see.

    Attributes:
        aliases: Other names of it, ids that it had before among them.
        coded: Passages that anybody gave it.
        open: Suggestions of it that the asking coder has not decided on.
        memos: What coders noted on it.
    """

    id: str
    name: str
    domain: str
    level: str | None
    definition: str
    include: str
    exclude: str
    aliases: tuple[str, ...]
    coded: int
    open: int
    memos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BookDomainView:
    """A domain with its colours; ``chosen`` is that which somebody chose for it, empty where nobody did."""

    name: str
    light: str
    dark: str
    chosen: str


@dataclass(frozen=True, slots=True)
class BookVersionView:
    """A version of the codebook: the change that led to it.

    Attributes:
        id: Of its entry in the log.
        coder: Who made it; empty for what was changed in the file itself.
        said: What was changed.
        digest: Of the codebook.
        takes_back: Id of the entry that it takes back.
        in_force: Whether nobody took it back.
        can_take_back: Whether it may be taken back here.
    """

    id: int
    time: datetime
    coder: str
    kind: ChangeKind
    said: str
    digest: str
    takes_back: int | None
    in_force: bool
    can_take_back: bool


@dataclass(frozen=True, slots=True)
class BookView:
    """A codebook as the asking coder may see it.

    Attributes:
        digest: Of what it says.
        file: Digest of its file, which an edit rests on.
        path: Of the file, relative to the study; empty while it is one that ships.
        problem: Why the file cannot be read now; empty where it can.
        codes: Those it has, in its order.
        removed: Those that were taken out.
        gone: Ids that codings name and no codebook knows, with how many do.
        versions: Its history, newest first.
        suggested_with: Digest of the codebook that the newest run used; empty before the first run.
    """

    name: str
    digest: str
    file: str
    path: str
    problem: str
    domains: tuple[BookDomainView, ...]
    codes: tuple[BookCodeView, ...]
    removed: tuple[BookCodeView, ...]
    gone: dict[str, int]
    versions: tuple[BookVersionView, ...]
    suggested_with: str


@dataclass(frozen=True, slots=True)
class BookCodingView:
    """A coding of a code, to be chosen when that is split.

    Attributes:
        decision: Its newest entry in the log.
        mine: Whether the asking coder may move it: their own, or what was agreed on.
    """

    decision: int
    version: int
    transcript: str
    start: int
    end: int
    text: str
    coder: str
    mine: bool


@dataclass(frozen=True, slots=True)
class SeedView:
    """A coded passage that is a seed quotation."""

    start: int
    end: int
    code: str
