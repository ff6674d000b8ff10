"""What coders agree on together: decisions under a common name, with the one who wrote them down."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from corpus.coders import CONSENSUS
from corpus.errors import UsageError
from corpus.transcript import Span
from pipeline.review.decision_log import SEPARATOR
from pipeline.review.errors import Missing
from pipeline.store.records import Action, NewDecision

if TYPE_CHECKING:
    from pipeline.review.decision_log import Subject
    from pipeline.review.service import ReviewService
    from pipeline.review.study_state import StudyState
    from pipeline.review.views import DecisionView
    from pipeline.store.records import Decision

NOTHING = "agreed: no code fits here"
"""The memo of a passage on which coders agreed that it bears no code."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """What coders agreed on for one passage.

    Attributes:
        codes: Empty if they agreed that no code fits.
        recorder: Who writes it down.
        key: Made by the page; the same when it is sent again.
    """

    version: int
    span: Span
    codes: tuple[str, ...]
    memo: str
    recorder: str
    key: str


def record(service: ReviewService, agreed: Agreed) -> list[DecisionView]:
    """Write a consensus in place of an earlier one on the same passage, all of it or nothing.

    Raises:
        Missing: If there is no such version, or it is hidden from the recorder.
        UsageError: If a code is not in the codebook or the passage leaves the text.
    """

    def drafts(state: StudyState) -> Iterable[NewDecision]:
        for code in agreed.codes:
            state.codebook[code]  # refuses codes that are not in the codebook
        return _fresh(agreed, _earlier(state, agreed))

    return _write(service, agreed, drafts)


def withdraw(service: ReviewService, agreed: Agreed) -> list[DecisionView]:
    """Take back what was agreed on for a passage, all of it: what each coder said there counts again.

    Args:
        service: The study under review.
        agreed: Where, by whom and under which key; its codes and memo do not matter.

    Raises:
        Missing: If there is no such version, or it is hidden from the recorder.
        UsageError: If nothing is agreed on there.
    """

    def drafts(state: StudyState) -> Iterable[NewDecision]:
        held = (subject.in_force() for subject in _about(state, agreed) if subject.standing is not None)
        targets = [entry for entries in held for entry in entries if entry.action is not Action.UNDO]
        if not targets:
            raise UsageError("nothing is agreed on for this passage (any more)")
        return _undoings(targets, agreed)

    return _write(service, agreed, drafts)


def restore(service: ReviewService, agreed: Agreed) -> list[DecisionView]:
    """Bring back what the last withdrawal on a passage took back, if nothing was agreed on there since.

    Args:
        service: The study under review.
        agreed: Where, by whom and under which key; its codes and memo do not matter.

    Raises:
        Missing: If there is no such version, or it is hidden from the recorder.
        UsageError: If nothing was withdrawn there.
    """

    def drafts(state: StudyState) -> Iterable[NewDecision]:
        last = withdrawn(state.decision_log.of_version(agreed.version), agreed.span)
        if last is None:
            raise UsageError("nothing was withdrawn for this passage, or something was agreed on since")
        return _undoings(state.decision_log.act(last), agreed)

    return _write(service, agreed, drafts)


def withdrawn(subjects: Iterable[Subject], passage: Span) -> Decision | None:
    """Return the entry that took back the consensus on a passage last; None where one holds, or there never was one.

    Args:
        subjects: What was decided on in the transcript version.
        passage: Where.
    """
    about = [subject for subject in subjects if _is_about(subject, passage)]
    if any(subject.standing is not None for subject in about):
        return None
    newest = (subject.log[-1] for subject in about)
    return max((entry for entry in newest if entry.action is Action.UNDO), key=lambda entry: entry.id, default=None)


def _write(
    service: ReviewService, agreed: Agreed, drafts_of: Callable[[StudyState], Iterable[NewDecision]]
) -> list[DecisionView]:
    """Write decisions under the common name; a key that was sent before is answered with what it wrote then.

    Args:
        service: The study under review.
        agreed: Where, by whom and under which key.
        drafts_of: Makes them from the present, or refuses.
    """

    def numbered(state: StudyState) -> list[NewDecision]:
        state.version(agreed.version)
        if state.is_hidden(agreed.recorder, agreed.version):
            raise Missing(f"transcript version {agreed.version} is hidden from you until you are done with it")
        known = state.store.decisions.of_request(agreed.key, SEPARATOR)
        if known:  # sent before: the store answers each with what it wrote then
            return [entry.again(CONSENSUS) for entry in known]
        return [replace(draft, key=f"{agreed.key}{SEPARATOR}{n}") for n, draft in enumerate(drafts_of(state))]

    return service.write(numbered)


def _undoings(targets: Iterable[Decision], agreed: Agreed) -> list[NewDecision]:
    blank = NewDecision(CONSENSUS, agreed.version, Action.UNDO, previous=0, recorder=agreed.recorder)
    return [replace(blank, previous=entry.id) for entry in targets]


def _about(state: StudyState, agreed: Agreed) -> list[Subject]:
    """Return what was ever agreed on for a passage: subjects under the common name that share half of both."""
    subjects = state.decision_log.of_version(agreed.version)
    return [subject for subject in subjects if _is_about(subject, agreed.span)]


def _is_about(subject: Subject, passage: Span) -> bool:
    placed = (entry.span for entry in reversed(subject.log) if entry.span is not None)
    span = next(placed, None) if subject.coder == CONSENSUS else None
    return span is not None and span.shares_half(passage, of="both")


def _earlier(state: StudyState, agreed: Agreed) -> dict[str, Subject]:
    """Return what was agreed on for this passage before and still is, by code."""
    found: dict[str, Subject] = {}
    for subject in _about(state, agreed):
        standing = subject.standing
        if standing is not None and standing.coded and standing.decision.code:
            found[standing.decision.code] = subject
    return found


def _fresh(agreed: Agreed, earlier: Mapping[str, Subject]) -> Iterator[NewDecision]:
    """Yield what takes earlier codes back, and what gives the codes agreed on, or says that there is none."""
    blank = NewDecision(
        CONSENSUS, agreed.version, Action.MEMO, span=agreed.span, memo=agreed.memo or NOTHING, recorder=agreed.recorder
    )
    for code, subject in earlier.items():
        if code not in agreed.codes:
            yield replace(blank, action=Action.REJECT, code=code, memo=agreed.memo, previous=subject.head)
    for code in dict.fromkeys(agreed.codes):
        before = earlier[code].head if code in earlier else None
        yield replace(blank, action=Action.CODE, code=code, memo=agreed.memo, previous=before)
    if not agreed.codes:
        yield blank
