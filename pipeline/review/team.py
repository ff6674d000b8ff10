"""Who codes what, and how far everybody is: assignments are entries of the log of events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.coders import CONSENSUS
from corpus.errors import UsageError
from pipeline.review.suggestion_index import Stage
from pipeline.store.event_records import EventKind, NewEvent
from pipeline.study_filter import EVERYTHING

if TYPE_CHECKING:
    from pipeline.review.service import ReviewService
    from pipeline.review.study_state import StudyState


@dataclass(frozen=True, slots=True)
class CoderShare:
    """How far one coder is with one transcript.

    Attributes:
        assigned: Whether it is this coder's to code.
        decided: Suggestions the coder decided on; None while that is hidden from whoever asks, like the rest.
        codings: The coder's passages that bear a code now.
        done: Whether the coder is done with it.
    """

    coder: str
    assigned: bool
    decided: int | None
    codings: int | None
    done: bool | None


@dataclass(frozen=True, slots=True)
class SharedTranscript:
    """A current transcript with everybody's share in it.

    Attributes:
        suggestions: Those to review; None while the transcript is hidden from whoever asks.
        coders: One for each coder of the team, in its order.
    """

    version: int
    name: str
    suggestions: int | None
    coders: tuple[CoderShare, ...]


@dataclass(frozen=True, slots=True)
class Team:
    """Everybody who codes here or is to code, and all current transcripts."""

    coders: tuple[str, ...]
    transcripts: tuple[SharedTranscript, ...]


def team_names(state: StudyState) -> list[str]:
    """Return everybody who has an entry in the log or a transcript to code, by name, without the consensus."""
    return sorted({*state.decision_log.coders, *state.event_log.assignees()} - {CONSENSUS})


def known_coders(service: ReviewService) -> list[str]:
    """Return the same of a study that is not lent yet."""
    with service.now() as state:
        return team_names(state)


def team(state: StudyState, coder: str) -> Team:
    """Return who codes what and how far everybody is, as far as a coder may see it.

    Args:
        state: The study.
        coder: Who asks: of transcripts that are hidden from them they see their own share and who is to code them.
    """
    names = sorted({*team_names(state), coder})
    assigned, hidden = state.event_log.assignments(), state.hidden(coder)
    suggested = state.index.counts(state.index.matching(EVERYTHING, ()))
    shown = state.index.matching(EVERYTHING, hidden)
    decided = {name: state.index.counts(shown & (state.stages(name) != Stage.UNDECIDED)) for name in names}

    def shares(version: int) -> Iterator[CoderShare]:
        coded = Counter(subject.coder for subject in state.decision_log.of_version(version) if subject.coded)
        for name in names:
            mine = name in assigned.get(version, ())
            if version in hidden and name != coder:
                yield CoderShare(name, mine, None, None, None)
            else:
                done = state.event_log.is_done(name, version)
                yield CoderShare(name, mine, decided[name].get(version, 0), coded[name], done)

    transcripts = (
        SharedTranscript(
            version.id,
            version.name,
            None if version.id in hidden else suggested.get(version.id, 0),
            tuple(shares(version.id)),
        )
        for version in state.current()
    )
    return Team(tuple(names), tuple(transcripts))


def assign(service: ReviewService, coder: str, versions: Collection[int], *, by: str, assigned: bool) -> None:
    """Say that transcripts are a coder's to code, or are not any more; what is so already is not written again.

    Args:
        service: The study under review.
        coder: Whose they are.
        versions: Ids of transcript versions.
        by: Who says so.
        assigned: Whether they are.

    Raises:
        Missing: If there is no such version; then nothing is written.
        UsageError: If one is an earlier text of its transcript, where nobody would see it; likewise.
    """
    with service.now() as state:
        if any(state.version(version).superseded is not None for version in versions):
            raise UsageError("one of these is an earlier text of its transcript; assign the newer one")
        held = state.event_log.assignments()
        changed = [version for version in versions if (coder in held.get(version, ())) is not assigned]
        kind = EventKind.ASSIGNED if assigned else EventKind.RELEASED
        for version in dict.fromkeys(changed):
            state.store.events.add(NewEvent(coder, kind, version, text=by))
        state.refresh()
