"""What is done with passages as a whole: split, merged with a neighbour, several suggestions on one decided together.

Each act is some decisions written in one go, so that one undo takes all of it back. Both parts of a split bear the
code; of two merged passages the one acted on takes in the other, which is a coding no more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from corpus.errors import UsageError
from corpus.transcript import Span, Transcript
from pipeline.review.errors import Missing, Outdated
from pipeline.review.suggestion_index import Stage
from pipeline.store.records import Action, DecisionFields
from pipeline.study_filter import Filter

if TYPE_CHECKING:
    from pipeline.review.study_state import StudyState

Direction = Literal["before", "after"]

FARTHEST = 2
"""Turns by which the places lie apart at which one passage ends and its neighbour begins: a question fits between."""


@dataclass(frozen=True, slots=True)
class PassageRef:
    """A passage as the page names it: a suggestion, a coding, or a coding that answers a suggestion.

    Attributes:
        previous: Where the coder stands on it, by id; None for a suggestion that nobody decided on.
    """

    coder: str
    version: int
    suggestion: int | None = None
    previous: int | None = None


@dataclass(frozen=True, slots=True)
class _Passage:
    """A suggestion that waits or a coding, as it stands."""

    ref: PassageRef
    span: Span
    code: str
    memo: str = ""

    def decided(self, action: Action, span: Span | None = None, memo: str = "") -> DecisionFields:
        return DecisionFields(
            self.ref.coder,
            self.ref.version,
            action,
            suggestion=self.ref.suggestion,
            span=span,
            code=self.code if action is Action.CODE else None,
            previous=self.ref.previous,
            memo=memo,
        )


def split(state: StudyState, ref: PassageRef, at: int) -> list[DecisionFields]:
    """Return the decisions that make two codings of a passage.

    Args:
        state: The study.
        ref: The passage; the first part stays what it is about.
        at: Where the second part begins at the earliest, in code points.

    Raises:
        Missing: If there is no such passage for this coder.
        UsageError: If one of the parts would hold no words.
    """
    passage = _passage(state, ref)
    first, second = parted(state.transcript_cache.transcript(ref.version), passage.span, at)
    fresh = DecisionFields(ref.coder, ref.version, Action.CODE, span=second, code=passage.code)
    return [passage.decided(Action.CODE, first), fresh]


def merge(state: StudyState, ref: PassageRef, direction: Direction) -> list[DecisionFields]:
    """Return the decisions that join a passage with the next or previous one of its code, and what lies between.

    Args:
        state: The study.
        ref: The passage.
        direction: Where its neighbour is.

    Raises:
        Missing: If there is no such passage for this coder, or no neighbour near enough.
    """
    passage = _passage(state, ref)
    neighbour = _neighbour(state, passage, direction)
    if neighbour is None:
        raise Missing(f"no passage with the same code lies near {direction} this one")
    joined = passage.span.join(neighbour.span)
    memo = "\n\n".join(text for text in (passage.memo, neighbour.memo) if text) if neighbour.memo else ""
    return [passage.decided(Action.CODE, joined, memo), neighbour.decided(Action.REJECT)]


def answer_together(
    state: StudyState, coder: str, version: int, action: Action, suggestions: Sequence[int]
) -> list[DecisionFields]:
    """Return the decisions that answer several suggestions alike.

    Args:
        state: The study.
        coder: Who decides.
        version: The transcript version they are on.
        action: ACCEPT, REJECT or UNSURE.
        suggestions: Their ids.

    Raises:
        Missing: If one of them is not there.
        Outdated: If one of them waits no more.
    """
    rows = {suggestion: state.index.row(suggestion) for suggestion in dict.fromkeys(suggestions)}
    stages = state.stages(coder)
    for suggestion, row in rows.items():
        if row is None or state.is_hidden(coder, int(state.index.versions[row])):
            raise Missing(f"suggestion {suggestion} is not there (any more)")
        if stages[row] == Stage.DECIDED:
            raise Outdated("you have decided on one of these suggestions meanwhile; look at them again")
    subjects = (state.decision_log.subject(coder, suggestion) for suggestion in rows)
    heads = [None if subject is None else subject.head for subject in subjects]
    return [
        DecisionFields(coder, version, action, suggestion=suggestion, previous=head)
        for suggestion, head in zip(rows, heads, strict=True)
    ]


def parted(transcript: Transcript, span: Span, at: int) -> tuple[Span, Span]:
    """Return the two parts of a span, neither with white space or a speaker's label where they were cut.

    Args:
        transcript: Holds the span.
        span: What is cut, in code points.
        at: Where.

    Raises:
        UsageError: If a part would hold no words.
    """
    said = [turn.span for turn in transcript.turns if turn.span.overlap(span)]
    end = min(at, max((turn.end for turn in said if turn.start < at), default=at))
    start = max(at, min((turn.start for turn in said if turn.end > at), default=at))
    first = transcript.text[span.start : max(span.start, end)].rstrip()
    second = transcript.text[start : max(start, span.end)].lstrip()
    parts = (span.start, span.start + len(first)), (span.end - len(second), span.end)
    for begins, ends in parts:
        words = (transcript.text[max(begins, turn.start) : min(ends, turn.end)] for turn in said)
        if begins >= ends or not any(part.strip() for part in words):
            raise UsageError("a passage is split inside its words; each part must hold some")
    return Span(*parts[0]), Span(*parts[1])


def _passage(state: StudyState, ref: PassageRef) -> _Passage:
    """Return the passage that is meant; what it is said to rest on is compared when the decisions are written."""
    subject = None if ref.previous is None else state.decision_log.about(ref.previous)
    head = None if subject is None else subject.head
    for passage in _passages(state, ref):
        same = passage.ref.suggestion == ref.suggestion
        if same and (ref.suggestion is not None or passage.ref.previous == head):
            return replace(passage, ref=ref)
    raise Missing("this passage is not there (any more)")


def _neighbour(state: StudyState, passage: _Passage, direction: Direction) -> _Passage | None:
    others = sorted(
        (other for other in _passages(state, passage.ref) if other.code == passage.code and other.ref != passage.ref),
        key=lambda other: other.span,
    )
    behind = [other for other in others if other.span >= passage.span]
    ahead = [other for other in others if other.span < passage.span]
    transcript = state.transcript_cache.transcript(passage.ref.version)
    for other in behind[:1] if direction == "after" else ahead[-1:]:
        earlier, later = sorted((passage.span, other.span))
        if (transcript.turn_at(later.start) or 0) - (transcript.turn_at(earlier.end - 1) or 0) <= FARTHEST:
            return other
    return None


def _passages(state: StudyState, reader: PassageRef) -> Iterator[_Passage]:
    """Yield the coder's codings of a version and the suggestions that wait for them."""
    coder, version = reader.coder, reader.version
    state.version(version)
    for subject in state.decision_log.of_version(version):
        standing = subject.standing if subject.coder == coder else None
        if standing is not None and standing.coded and standing.decision.span and standing.decision.code:
            ref = PassageRef(coder, version, subject.suggestion, subject.head)
            yield _Passage(ref, standing.decision.span, standing.decision.code, memo=standing.memo)
    if state.is_hidden(coder, version):
        return
    index, stages = state.index, state.stages(coder)
    for row in np.flatnonzero(index.matching(Filter(version=version), frozenset()) & (stages != Stage.DECIDED)):
        suggestion = int(index.ids[row])
        known = state.decision_log.subject(coder, suggestion)
        standing = known.standing if known else None
        span, code = Span(int(index.starts[row]), int(index.ends[row])), index.codes[index.code_numbers[row]]
        ref = PassageRef(coder, version, suggestion, known.head if known else None)
        yield _Passage(ref, span, code, memo=standing.memo if standing else "")
