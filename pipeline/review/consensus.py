"""What coders agree on together: decisions under a common name, with the one who wrote them down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from corpus.coders import CONSENSUS
from corpus.transcript import Span
from pipeline.review.decision_log import SEPARATOR
from pipeline.review.errors import Missing
from pipeline.store.records import Action, NewDecision

if TYPE_CHECKING:
    from pipeline.review.decision_log import Subject
    from pipeline.review.service import ReviewService
    from pipeline.review.study_state import StudyState
    from pipeline.review.views import DecisionView

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
    return service.write(lambda state: _drafts(state, agreed))


def _drafts(state: StudyState, agreed: Agreed) -> list[NewDecision]:
    state.version(agreed.version)
    if state.is_hidden(agreed.recorder, agreed.version):
        raise Missing(f"transcript version {agreed.version} is hidden from you until you are done with it")
    for code in agreed.codes:
        state.codebook[code]  # refuses codes that are not in the codebook
    known = state.store.decisions.of_request(agreed.key, SEPARATOR)
    if known:  # sent before: the store answers each with what it wrote then
        return [NewDecision(CONSENSUS, entry.version, Action.UNDO, previous=entry.id, key=entry.key) for entry in known]
    drafts = _fresh(agreed, _earlier(state, agreed))
    return [replace(draft, key=f"{agreed.key}{SEPARATOR}{n}") for n, draft in enumerate(drafts)]


def _earlier(state: StudyState, agreed: Agreed) -> dict[str, Subject]:
    """Return what was agreed on for this passage before, by code."""
    found: dict[str, Subject] = {}
    for subject in state.decision_log.of_version(agreed.version):
        standing = subject.standing if subject.coder == CONSENSUS else None
        coding = standing.decision if standing and standing.coded else None
        if coding and coding.span and coding.code and coding.span.shares_half(agreed.span, of="both"):
            found[coding.code] = subject
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
