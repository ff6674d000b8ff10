"""Suggestions as rows: each with its words, its place, what speaks for it, and what made it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from corpus.codebook import Codebook
from corpus.suggestion import Evidence, Suggestion
from corpus.transcript import Transcript, Turn
from pipeline.segment import moment

if TYPE_CHECKING:
    from pipeline.store import Run

UNDECIDED = "undecided"
EVIDENCE_SHOWN = 2
"""Seed quotations in a row, nearest first."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What made the suggestions; every exported file says so.

    Attributes:
        run: Id of the run.
        model: Fingerprint of the model.
        codebook: Digest of the codebook.
        seeds: Digest of the seed bank.
        study: Name of the study, for titles.
        created: When the run ended.
    """

    run: str
    model: str
    codebook: str
    seeds: str = ""
    study: str = ""
    created: datetime | None = None

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """Label and value of everything known, in reading order."""
        created = f"{self.created:%Y-%m-%d %H:%M}" if self.created else ""
        named = (
            ("Study", self.study),
            ("Run", self.run),
            ("Date", created),
            ("Model", self.model),
            ("Codebook digest", self.codebook),
            ("Seed bank digest", self.seeds),
        )
        return tuple((label, value) for label, value in named if value)


def origin_of(study: str, run: Run | None, codebook: Codebook) -> Origin:
    """Return the origin of what a run made; of what nobody pre-coded yet, study and codebook alone.

    Args:
        study: Its name.
        run: The run; None before the first.
        codebook: That the run used.
    """
    if run is None:
        return Origin("", "", codebook.digest, study=study)
    created = run.finished or run.started
    return Origin(str(run.id), run.facts.model, codebook.digest, run.facts.seeds, study, created)


@dataclass(frozen=True, slots=True)
class SuggestionRow:
    """One suggestion, complete in itself.

    Attributes:
        segments: Ids of the sentences the passage covers.
        start: Offset into the transcript's canonical text, code points.
        end: Offset of the first character after the passage.
        started: Seconds into the recording; None where the file has no time stamps.
        probability: Calibrated, 0 to 1.
        uncertain: Whether no evidence carries it, see ``corpus.suggestion.Suggestion``.
        status: What people decided, ``UNDECIDED`` before anyone did.
        evidence: At most ``EVIDENCE_SHOWN`` seed quotations, nearest first.
        words: The words that weighed most, heaviest first.
    """

    transcript: str
    segments: tuple[str, ...]
    start: int
    end: int
    speaker: str | None
    started: float | None
    text: str
    code: str
    code_name: str
    domain: str
    level: str | None
    probability: float
    rank: int
    uncertain: bool
    status: str
    evidence: tuple[Evidence, ...]
    words: tuple[str, ...]
    origin: Origin

    @property
    def timestamp(self) -> str:
        """``started`` as hours:minutes:seconds, empty where unknown."""
        return clock(self.started)


def rows_of(
    transcript: Transcript,
    codebook: Codebook,
    suggestions: Iterable[Suggestion],
    origin: Origin,
    statuses: Mapping[Suggestion, str] | None = None,
) -> Iterator[SuggestionRow]:
    """Yield one row per suggestion in order of place, then rank.

    Args:
        transcript: The text the suggestions point into.
        codebook: Gives each code its name, domain and level.
        suggestions: Of this transcript, in any order.
        origin: What made them.
        statuses: What people decided; a suggestion that is absent is undecided.

    Raises:
        CodebookError: If a suggestion's code is not in the codebook.
    """
    known = statuses or {}
    for suggestion in sorted(suggestions, key=lambda suggestion: (suggestion.span, suggestion.rank, suggestion.code)):
        yield _row(transcript, codebook, suggestion, origin, known.get(suggestion, UNDECIDED))


def _row(
    transcript: Transcript, codebook: Codebook, suggestion: Suggestion, origin: Origin, status: str
) -> SuggestionRow:
    at, code = transcript.turn_at(suggestion.span.start), codebook[suggestion.code]
    turn = None if at is None else transcript.turns[at]
    return SuggestionRow(
        transcript=transcript.name,
        segments=suggestion.segments,
        start=suggestion.span.start,
        end=suggestion.span.end,
        speaker=turn.speaker if turn else None,
        started=moment_at(turn, suggestion.span.start),
        text=suggestion.span.of(transcript.text),
        code=code.id,
        code_name=code.name,
        domain=code.domain,
        level=code.level,
        probability=suggestion.probability,
        rank=suggestion.rank,
        uncertain=suggestion.uncertain,
        status=status,
        evidence=suggestion.evidence[:EVIDENCE_SHOWN],
        words=suggestion.words,
        origin=origin,
    )


def moment_at(turn: Turn | None, offset: int) -> float | None:
    """Return when something is said, in seconds, taking a turn's pace as even; None where the turn has no stamp."""
    return moment(turn, (offset - turn.span.start) / len(turn.span)) if turn else None


def clock(seconds: float | None) -> str:
    """Return ``0:12:31`` for 751.4 seconds and nothing for None."""
    if seconds is None:
        return ""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"
