"""What a study under review tells, in frozen records with the fields of the page's JSON. Offsets are code points."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from corpus.corrections import Fit
from corpus.suggestion import Evidence
from corpus.transcript import Role
from pipeline.store.event_records import EventKind
from pipeline.store.records import Action


@dataclass(frozen=True, slots=True)
class DecisionView:
    """An entry of the log, or where a coder stands.

    Where a coder stands has the id of the newest entry in force on the subject, which is what the next decision names
    as ``previous``; action, span and code are those of the last verdict, and the memo is the last one.
    """

    id: int
    time: datetime
    coder: str
    version: int
    action: Action
    suggestion: int | None
    start: int | None
    end: int | None
    code: str | None
    memo: str
    previous: int | None
    blind: bool
    recorder: str


@dataclass(frozen=True, slots=True)
class LoggedView(DecisionView):
    """An entry of the log that knows whether it holds."""

    in_force: bool


@dataclass(frozen=True, slots=True)
class Chance:
    """A code with the probability that it belongs to a passage."""

    code: str
    probability: float


@dataclass(frozen=True, slots=True)
class OtherView:
    """What another coder made of a suggestion."""

    coder: str
    action: Action
    code: str | None


@dataclass(frozen=True, slots=True)
class OpinionView:
    """What a language model thinks of a suggestion.

    Attributes:
        says: Whether it would give the ``same`` code, an ``other`` one, or ``none``.
        code: The one it would give.
        probability: That it gives its choice; not calibrated.
        model: Fingerprint of model, adapter and prompt.
    """

    says: Literal["same", "other", "none"]
    code: str | None
    probability: float
    model: str


@dataclass(frozen=True, slots=True)
class SuggestionView:
    """A suggestion with what speaks for it.

    Attributes:
        uncertain: Whether no evidence carries it, see ``corpus.suggestion.Suggestion``.
        model: Fingerprint of the model, in the run of that id.
        decision: Where the asking coder stands.
        others: Where other coders stand.
        second: What a language model thinks; None where it was not asked, or is not shown.
    """

    id: int
    version: int
    start: int
    end: int
    code: str
    probability: float
    rank: int
    words: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    alternatives: tuple[Chance, ...]
    uncertain: bool
    model: str
    run: int
    decision: DecisionView | None
    others: tuple[OtherView, ...]
    second: OpinionView | None


@dataclass(frozen=True, slots=True)
class PieceView:
    """Some of a turn's words, with where they are."""

    start: int
    end: int
    speaker: str | None
    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class AlsoView:
    """Another suggestion on the same passage that waits for the coder, too."""

    id: int
    start: int
    end: int
    code: str
    probability: float


@dataclass(frozen=True, slots=True)
class ItemView(SuggestionView):
    """A suggestion in its context.

    Attributes:
        started: Seconds into the recording at which the passage begins.
        context: The turn of the passage between its neighbours; long turns are cut.
        also: What else is suggested for the passage.
        given: Ids of the codes that the coder gave to the passage beside this one.
    """

    transcript: str
    speaker: str | None
    started: float | None
    context: tuple[PieceView, ...]
    also: tuple[AlsoView, ...]
    given: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QueueView:
    """The next items.

    Attributes:
        remaining: How many the filter means that are in the wanted state.
        total: How many it means in whatever state.
    """

    items: list[ItemView]
    remaining: int
    total: int


@dataclass(frozen=True, slots=True)
class ReadingTurn:
    """One turn of a transcript; ``started`` in seconds."""

    start: int
    end: int
    speaker: str | None
    role: Role
    started: float | None
    text: str


@dataclass(frozen=True, slots=True)
class CodingView:
    """A passage that bears a code now.

    Attributes:
        decision: Id to name as ``previous`` when it is changed.
        suggestion: The suggestion it answers, if any.
        moved: Whether it followed a corrected text to words that changed, and nobody has looked at it yet.
    """

    decision: int
    coder: str
    start: int
    end: int
    code: str
    memo: str
    suggestion: int | None
    mine: bool
    blind: bool
    moved: bool


@dataclass(frozen=True, slots=True)
class UnplacedView:
    """A coding of an earlier text that found no place in the current one.

    Attributes:
        decision: Its id.
        transcript: The transcript's name now.
        version: The current text.
        start: Where the passage is in the earlier text, up to ``end``.
        context: The words around it there.
        near: About where it would be in the current text.
        mine: Whether the reader may code it anew or let it go.
    """

    decision: int
    coder: str
    code: str
    memo: str
    transcript: str
    version: int
    start: int
    end: int
    context: tuple[PieceView, ...]
    near: int
    mine: bool


@dataclass(frozen=True, slots=True)
class EventView:
    """A mark in force; see ``NewMark`` for the fields."""

    id: int
    time: datetime
    coder: str
    kind: EventKind
    version: int | None
    start: int | None
    end: int | None
    code: str | None
    text: str


@dataclass(frozen=True, slots=True)
class ReadingView:
    """A transcript to read and code.

    Attributes:
        warnings: What the reader of the file repaired, one line each.
        hidden: Whether suggestions and everything of other coders is held back.
        blind: Whether what the coder decides now counts as blind: not once they were done, and saw the suggestions.
        done: Whether the coder is done with it.
        sentences: Participant sentences as start and end.
        newer: The current version of this transcript, if this one is superseded.
    """

    version: int
    name: str
    digest: str
    warnings: tuple[str, ...]
    hidden: bool
    blind: bool
    done: bool
    turns: list[ReadingTurn]
    sentences: list[tuple[int, int]]
    suggestions: list[SuggestionView]
    codings: list[CodingView]
    memos: list[EventView]
    newer: int | None = None


@dataclass(frozen=True, slots=True)
class UndoneView:
    """An undoing and what it took back; both None if there was nothing to take back.

    Attributes:
        count: How many were taken back: where several were made in one go, these are the last of them.
        transcript: Name of the transcript they are in, the last one's; empty if there was nothing.
    """

    decision: DecisionView | None
    undone: DecisionView | None
    count: int
    transcript: str


@dataclass(frozen=True, slots=True)
class CorrectedView:
    """What a correction, or taking one back, came to.

    Attributes:
        version: The current text of the transcript; None if its file is gone.
        correction: Id of the correction.
        start: Where its words stand in that text; 0 where they do not.
    """

    version: int | None
    transcript: str
    correction: str
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class CorrectionView:
    """Words that were corrected, as the file has them and as they should be.

    Attributes:
        transcript: Its name now.
        version: The current text; None where there is none.
        before: What the file has before the wrong words, ``after`` what it has behind them.
        start: Where the right words stand in the current text; None where they do not.
    """

    id: str
    transcript: str
    version: int | None
    before: str
    words: str
    after: str
    right: str
    coder: str
    time: datetime
    fit: Fit
    start: int | None
    end: int | None


@dataclass(frozen=True, slots=True)
class BulkView:
    """What accepting all at once would accept; ``sample`` holds up to eight of them."""

    count: int
    sample: list[ItemView]
    at_least: float


@dataclass(frozen=True, slots=True)
class TranscriptState:
    """How far one coder is with one current version.

    Attributes:
        suggestions: Those to review; 0 while the version is hidden, like ``decided``.
        decided: Those the coder decided on, unsure ones too.
        codings: The coder's passages that bear a code now.
        blind: Whether the version is hidden.
        seen: Whether its suggestions were open to the coder before, so that it cannot be coded blind any more.
        assigned: Whose it is to code, by name; empty for nobody's in particular.
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
    assigned: tuple[str, ...] = ()
