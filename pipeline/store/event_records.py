"""Marks: what coders note beside their decisions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from corpus.errors import UsageError
from corpus.transcript import Span


class EventKind(StrEnum):
    """What a coder can note beside the decisions.

    A MEMO is on a transcript version or on a code; an empty one withdraws it. BLIND begins a version without sight of
    suggestions and other coders, DONE ends the work on it, REOPENED goes back to it. AUDITED_EMPTY and AUDITED_FOUND
    say of a sentence whose suggestions were not shown whether there was something to code. MOVED asks to look at a
    coding that followed a corrected text to words that changed a little, LOOKED says that somebody did; LET_GO says
    of a coding of an earlier text that it need not be placed in the current one. SPEAKERS is precode's own: the digest
    of how the speakers were read when suggestions were made. So is SECOND: the fingerprint of the language model whose
    opinions coders see from then on; empty for none any more. RENAMED says what a coder is called from now on, which
    may be what another one is called already; an empty text takes that back. CODEBOOK is a change of the codebook, told
    in JSON (``pipeline.codebook.history``). ASSIGNED says that a version is the coder's to code, RELEASED that it is
    not any more; the text of both names who said so. SUMMARY is what a cell of the framework matrix says, of a
    transcript version and a code: the team's, whoever wrote it last; an empty one withdraws it.
    """

    MEMO = "memo"
    BLIND = "blind"
    DONE = "done"
    REOPENED = "reopened"
    AUDITED_EMPTY = "audited_empty"
    AUDITED_FOUND = "audited_found"
    MOVED = "moved"
    LOOKED = "looked"
    LET_GO = "let_go"
    SPEAKERS = "speakers"
    SECOND = "second"
    RENAMED = "renamed"
    CODEBOOK = "codebook"
    ASSIGNED = "assigned"
    RELEASED = "released"
    SUMMARY = "summary"


AUDITED = frozenset({EventKind.AUDITED_EMPTY, EventKind.AUDITED_FOUND})
"""The events about one sentence."""

ASSIGNMENTS = frozenset({EventKind.ASSIGNED, EventKind.RELEASED})
"""The events about who codes a version."""

ALL_CODES = "all codes"
"""Text of an audit in which the coder gave all codes of the sentence; older audits ended with the first."""

ON_CODINGS = frozenset({EventKind.MOVED, EventKind.LOOKED, EventKind.LET_GO})
"""The events about one coding: a passage and its code."""

OF_STUDY = frozenset({EventKind.SECOND, EventKind.RENAMED, EventKind.CODEBOOK})
"""The events about a study as a whole, of which every copy keeps its own."""

ENDINGS = frozenset({EventKind.DONE, EventKind.REOPENED})
"""The events that say whether a coder is done with a version."""


@dataclass(frozen=True, slots=True)
class NewEvent:
    """A mark about to be written.

    Attributes:
        version: The transcript version it is about; None for a memo on a code.
        span: The sentence, for audits; the passage, for what is about a coding.
        code: The code that a memo or a summary is on, or that of the coding.

    Raises:
        UsageError: If the coder is missing, or the mark is not about what its kind is about.
    """

    coder: str
    kind: EventKind
    version: int | None = None
    span: Span | None = None
    code: str | None = None
    text: str = ""

    def __post_init__(self) -> None:
        if not self.coder.strip():
            raise UsageError("a mark needs the name of its coder")
        if not self._fits():
            raise UsageError(f"a mark of kind {self.kind} is not about that")

    def _fits(self) -> bool:
        about = (self.version is not None, self.span is not None, bool(self.code))
        if self.kind is EventKind.MEMO:
            return about in {(True, False, False), (False, False, True)}
        if self.kind is EventKind.SUMMARY:
            return about == (True, False, True)
        if self.kind in OF_STUDY:
            return about == (False, False, False)
        return about == (True, self.kind in AUDITED | ON_CODINGS, self.kind in ON_CODINGS)


@dataclass(frozen=True, slots=True)
class Event:
    """A mark as written. Never changed, never removed; the last one per coder and subject holds."""

    id: int
    time: datetime
    coder: str
    kind: EventKind
    version: int | None
    span: Span | None
    code: str | None
    text: str

    @property
    def subject(self) -> tuple[object, ...]:
        """What it is about: of those about the same the last one holds."""
        match self.kind:
            case EventKind.CODEBOOK:
                return str(self.kind), self.id  # each change stays
            case EventKind.SUMMARY:
                return str(self.kind), self.version, self.code  # the team's, whoever wrote it
            case EventKind.MEMO:
                about: tuple[object, ...] = ("memo", self.version, self.code)
            case kind if kind in AUDITED:
                about = ("audit", self.version, self.span)
            case kind if kind in ON_CODINGS:
                about = ("coding", self.version, self.span, self.code)
            case kind if kind in ASSIGNMENTS:
                about = ("assignment", self.version)
            case kind:
                about = ("ending" if kind in ENDINGS else str(kind), self.version)
        return (self.coder, *about)

    def to_new(self, *, version: int | None) -> NewEvent:
        """Return it as an event to be written about another version."""
        return NewEvent(self.coder, self.kind, version, self.span, self.code, self.text)
