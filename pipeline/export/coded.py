"""What people coded, as every export of it starts: passages with their words, their place, who spoke, who coded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from corpus.codebook import GONE, Code, Codebook
from corpus.transcript import Span, Transcript
from pipeline.export.rows import Origin, clock
from pipeline.memo_list import MemoEntry
from pipeline.summaries import Summary
from pipeline.trail import TrailEntry

NO_DOMAIN = GONE
"""The domain of codes that were given under another codebook: nothing is dropped silently."""


class CodingStatus(StrEnum):
    """How a passage came to its code. The last two are no codings."""

    CODED = "coded"
    ACCEPTED = "accepted"
    CHANGED = "changed"
    SUGGESTED = "suggested"
    UNSURE = "unsure"


PENDING = frozenset({CodingStatus.SUGGESTED, CodingStatus.UNSURE})
"""What no person has coded (yet)."""


@dataclass(frozen=True, slots=True)
class GivenCode:
    """A code that a passage bears, and how it came there.

    Attributes:
        status: What a coder decided; CHANGED took the place of a suggestion with another code or span.
        probability: Of the suggestion it came from; None for a coding of the coder's own.
        memo: What the coder noted.
        evidence: Seed quotations that spoke for the suggestion, nearest first.
        model: Fingerprint of the model that suggested it; empty for a coding of the coder's own.
        run: Id of the run that suggested it.
        key: Identifies the coding or suggestion in the study's store: ``c12``, ``s7``.
        time: When it was coded; None for a suggestion.
        uncertain: Whether no evidence carried the suggestion; None where there is no probability.
    """

    code: Code
    status: CodingStatus
    probability: float | None = None
    memo: str = ""
    evidence: tuple[str, ...] = ()
    model: str = ""
    run: int | None = None
    key: str = ""
    time: datetime | None = None
    uncertain: bool | None = None

    @property
    def path(self) -> str:
        """Where the code hangs in the codebook: domain, level and name."""
        return path_of(self.code)


@dataclass(frozen=True, slots=True)
class CodedPassage:
    """A stretch of a transcript and the codes that one coder gave it.

    Attributes:
        span: Into the transcript's canonical text, code points.
        started: Seconds into the recording; None where the file has no time stamps.
        participant: Attributes of whoever speaks, ``id`` first; empty if the study has no table of participants.
        coder: Who coded it; for pending suggestions what suggested it.
        codes: In codebook order.
    """

    transcript: str
    span: Span
    text: str
    speaker: str | None
    started: float | None
    participant: Mapping[str, str]
    coder: str
    codes: tuple[GivenCode, ...]

    @property
    def pending(self) -> bool:
        """Whether this is a suggestion that nobody decided on: no coding."""
        return all(given.status in PENDING for given in self.codes)

    @property
    def timestamp(self) -> str:
        """``started`` as hours:minutes:seconds, empty where unknown."""
        return clock(self.started)

    @property
    def who(self) -> str:
        """Whose words these are: the participant's id, else the transcript's name."""
        return self.participant.get("id") or self.transcript


@dataclass(frozen=True, slots=True)
class Memo:
    """What a coder noted on a transcript or on a code.

    Attributes:
        code: Id of the code; empty for a memo on a transcript.
    """

    coder: str
    text: str
    time: datetime
    code: str = ""


@dataclass(frozen=True, slots=True)
class CodedDocument:
    """One transcript with its coded passages in order of place, the memos on it, and the summaries of the matrix."""

    transcript: Transcript
    participant: Mapping[str, str]
    passages: tuple[CodedPassage, ...]
    memos: tuple[Memo, ...] = ()
    summaries: tuple[Summary, ...] = ()


@dataclass(frozen=True)
class CodedStudy:
    """The codings of a study that hold now, ready to be written.

    Attributes:
        documents: One for each transcript that was asked for, coded or not, in order of their names.
        attributes: Names of the participants' attributes, ``id`` first; empty without a table.
        examples: A quotation by id of the code, for those who print the codebook.
        memos: Those on codes.
        memo_list: All memos, for those who write the list.
        trail: The audit trail, likewise.
    """

    codebook: Codebook
    documents: tuple[CodedDocument, ...]
    origin: Origin
    attributes: tuple[str, ...] = ()
    examples: Mapping[str, str] = field(default_factory=dict)
    memos: tuple[Memo, ...] = ()
    memo_list: tuple[MemoEntry, ...] = ()
    trail: tuple[TrailEntry, ...] = ()

    def passages(self) -> Iterator[CodedPassage]:
        """Yield every passage, transcript by transcript."""
        return (passage for document in self.documents for passage in document.passages)

    def given(self) -> Iterator[tuple[CodedPassage, GivenCode]]:
        """Yield every passage once with each of its codes."""
        return ((passage, given) for passage in self.passages() for given in passage.codes)

    @cached_property
    def codes(self) -> tuple[Code, ...]:
        """The codes of the codebook, and after them those that were given under another one."""
        met = {given.code.id: given.code for _, given in self.given()}
        return (*self.codebook.codes, *(code for name, code in met.items() if name not in self.codebook.by_id))

    @cached_property
    def used(self) -> tuple[Code, ...]:
        """The codes that some passage bears, in order."""
        met = {given.code.id for _, given in self.given()}
        return tuple(code for code in self.codes if code.id in met)

    @property
    def pending(self) -> bool:
        """Whether suggestions that nobody decided on are among the passages."""
        return any(passage.pending for passage in self.passages())


def path_of(code: Code) -> str:
    """Return where a code hangs in its codebook: domain, level and name."""
    return " > ".join(part for part in (code.domain, code.level, code.name) if part)


def domains_of(codes: Sequence[Code]) -> tuple[str, ...]:
    """Return the domains of some codes in order of first appearance."""
    return tuple(dict.fromkeys(code.domain for code in codes))


def labels_of(codes: Sequence[Code]) -> dict[str, str]:
    """Return a name for each code by its id, no two alike: with its domain or else its id where names repeat."""
    forms = {code.id: (code.name, f"{code.name} ({code.domain})", f"{code.name} ({code.id})") for code in codes}
    often = Counter(form for choices in forms.values() for form in set(choices))
    return {name: next((form for form in choices if often[form] == 1), name) for name, choices in forms.items()}
