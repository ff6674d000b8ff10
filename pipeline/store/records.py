"""What the store takes and gives back: frozen records, never a database object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from corpus.errors import UsageError
from corpus.suggestion import Suggestion
from corpus.transcript import Span


class Change(StrEnum):
    """What adding a transcript meant for the study."""

    NEW = "new"
    UNCHANGED = "unchanged"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Added:
    """The answer to adding a transcript.

    Attributes:
        version: The version that is current now.
        replaced: The version that was current before a change.
        decisions: How many decisions stay behind with the replaced version.
    """

    version: int
    change: Change
    replaced: int | None = None
    decisions: int = 0


@dataclass(frozen=True, slots=True)
class TranscriptVersion:
    """One text that a transcript has or had; the words themselves come from ``StudyStore.transcript``.

    Attributes:
        source: Path of the file within the study folder.
        source_digest: SHA-256 of the bytes of that file.
        digest: ``Transcript.digest``, the digest of the canonical text.
        characters: Length of the text in code points.
        superseded: When another text took its place; None for the current version.
    """

    id: int
    name: str
    source: str
    source_digest: str
    digest: str
    characters: int
    warnings: tuple[str, ...]
    added: datetime
    superseded: datetime | None = None


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What a run worked with.

    Attributes:
        recipe: Digest of everything that determines suggestions, ``Precoder.recipe``.
        model: Fingerprint of the model.
        codebook: Digest of the codebook.
        seeds: Digest of the seed bank.
        versions: Versions of precode and of the libraries that matter, by name.
    """

    recipe: str
    model: str
    codebook: str
    seeds: str
    versions: Mapping[str, str] = field(default_factory=dict)


class RunState(StrEnum):
    """How a run ended; one that was killed stays RUNNING."""

    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Run:
    """One pass over the study."""

    id: int
    facts: RunFacts
    started: datetime
    finished: datetime | None
    state: RunState


class OutcomeState(StrEnum):
    """What became of one transcript in one run."""

    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class StoredOutcome:
    """What one run made of one transcript.

    Attributes:
        version: None for a file that could not be read.
        error: The line that says why it was refused; empty when done.
        suggestions: How many were stored.
    """

    id: int
    run: int
    transcript: str
    version: int | None
    state: OutcomeState
    error: str
    suggestions: int
    recorded: datetime


@dataclass(frozen=True, slots=True)
class StoredSuggestion:
    """A suggestion with its own id and where it came from."""

    id: int
    run: int
    version: int
    transcript: str
    suggestion: Suggestion


@dataclass(frozen=True, slots=True)
class Sentence:
    """One participant sentence as a run scored it: the unit of agreement and of audits.

    Attributes:
        turn: Index into ``Transcript.turns``.
    """

    span: Span
    turn: int


@dataclass(frozen=True, slots=True)
class StoredCandidate:
    """What orders and filters need of a suggestion that coders may be asked about."""

    id: int
    version: int
    start: int
    end: int
    code: str
    probability: float


@dataclass(frozen=True, slots=True)
class NewOpinion:
    """What a language model answered about a passage, about to be kept. It holds no word of the passage.

    Attributes:
        key: Digest of prompt, model and adapter.
        code: The code that was asked about; empty for a choice among several.
        model: Fingerprint of model, adapter and prompt.
        chances: Probability by answer: a code's id, "none of these", "yes" or "no".
        mass: Share of the model's own probability that fell on these answers, 0 to 1.
        tokens: Of the prompt; 0 where unknown.
    """

    key: str
    version: int
    span: Span
    code: str
    model: str
    chances: Mapping[str, float]
    mass: float
    tokens: int
    milliseconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredOpinion(NewOpinion):
    """An answer as it is kept. Never changed."""

    id: int
    time: datetime


@dataclass(frozen=True, slots=True)
class ChangeCounters:
    """The newest decision, mark and outcome: anything stored for review since moves one of them. 0 for none."""

    decisions: int
    marks: int
    outcomes: int


class Action(StrEnum):
    """What a coder can do.

    Accepting takes span and code from the suggestion. CODE with a suggestion is "yes, but": another span or code
    in its place; without one it is a coding of the coder's own. MEMO changes no coding.
    """

    ACCEPT = "accept"
    REJECT = "reject"
    UNSURE = "unsure"
    CODE = "code"
    MEMO = "memo"
    UNDO = "undo"


CODING = frozenset({Action.ACCEPT, Action.CODE})
"""The actions that leave a coded passage behind."""


@dataclass(frozen=True, slots=True)
class DecisionFields:
    """What there is to say about a decision: as somebody wants it, with open ends, before it is a ``NewDecision``.

    Attributes:
        coder: Who decided.
        version: The transcript version it is about.
        action: What was decided.
        suggestion: Id of the suggestion it answers.
        span: The passage, in code points.
        code: Id of the code.
        memo: What the coder remarked.
        previous: The coder's own earlier decision that this one changes, comments or undoes.
        blind: Made without sight of suggestions and of other coders' decisions.
        recorder: Who wrote down what several coders agreed on; empty for everybody's own decisions.
        key: Made by whoever sends it, so that a repeated send is written once.
        time: When it was made, in UTC, where that is not when it is written: codings of another tool keep theirs.
    """

    coder: str
    version: int
    action: Action
    suggestion: int | None = None
    span: Span | None = None
    code: str | None = None
    memo: str = ""
    previous: int | None = None
    blind: bool = False
    recorder: str = ""
    key: str | None = None
    time: datetime | None = None

    def to_new(self, **changes: object) -> NewDecision:
        """Return it as a decision to be written, with some fields changed; it is made when it is written.

        Raises:
            UsageError: If it lacks what it is about.
        """
        values: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(NewDecision)}
        return NewDecision(**(values | {"time": None} | changes))


@dataclass(frozen=True, slots=True)
class NewDecision(DecisionFields):
    """A decision about to be written.

    Raises:
        UsageError: If the coder is missing or the action lacks what it is about.
    """

    def __post_init__(self) -> None:
        if not self.coder.strip():
            raise UsageError("a decision needs the name of its coder")
        if not self._complete():
            raise UsageError(f"a decision to {self.action} lacks what it is about")

    def _complete(self) -> bool:
        match self.action:
            case Action.ACCEPT | Action.UNSURE:
                return self.suggestion is not None
            case Action.REJECT:
                return self.suggestion is not None or self.previous is not None
            case Action.CODE:
                return self.span is not None and bool(self.code)
            case Action.MEMO:
                return bool(self.memo) or self.previous is not None  # an empty one withdraws what was said before
            case Action.UNDO:
                return self.previous is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(DecisionFields):
    """One entry of the log. Never changed, never removed.

    Attributes:
        id: Its place in the log.
        time: When it was made, in UTC: when it was written, unless it came from elsewhere.
    """

    id: int
    time: datetime

    def again(self, coder: str) -> NewDecision:
        """Return a draft that the store answers with what is written, since its key is: it was sent before."""
        return NewDecision(coder, self.version, Action.UNDO, previous=self.id, key=self.key)


@dataclass(frozen=True, slots=True)
class CurrentDecision:
    """Where a coder stands on one subject: a suggestion, or a passage of their own.

    Attributes:
        decision: The last decision in force; its span and code are the coding if ``coded``.
        memo: The last memo in force on the subject.
    """

    decision: Decision
    memo: str = ""

    @property
    def coded(self) -> bool:
        """Whether the subject is a coding now."""
        return self.decision.action in CODING
