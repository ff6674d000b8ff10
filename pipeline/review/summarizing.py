"""Summaries of the framework matrix as the page reads and writes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from corpus.errors import UsageError
from pipeline.review.errors import Missing
from pipeline.store.event_records import EventKind, NewEvent
from pipeline.summaries import CellKey, Summary, current_summaries, histories

if TYPE_CHECKING:
    from corpus.codebook import Codebook
    from pipeline.review.service import ReviewService
    from pipeline.review.study_state import StudyState
    from pipeline.store.event_records import Event


class SummaryChanged(UsageError):  # noqa: N818 - named like the answer, as ``errors.Outdated`` is
    """Somebody wrote another summary of the cell meanwhile.

    Args:
        current: What the cell says now; None if it was withdrawn.
    """

    def __init__(self, current: Summary | None) -> None:
        super().__init__("somebody has written another summary of this cell meanwhile; look at it first")
        self.current = current


def summaries(state: StudyState, coder: str) -> list[Summary]:
    """Return what the cells of the current transcripts say, without those that are hidden from a coder."""
    held = current_summaries(histories(state.event_log.summaries, state.codebook))
    shown = {version.id for version in state.current()} - state.hidden(coder)
    return [summary for summary in held.values() if summary.version in shown]


def history(state: StudyState, coder: str, place: CellKey) -> list[Summary]:
    """Return all that was ever written into a cell, newest first.

    Args:
        state: The study.
        coder: Who asks.
        place: The cell.

    Raises:
        Missing: If there is no such transcript version for this coder.
    """
    version, code = place
    _check_seen(state, coder, version)
    cells = histories(state.event_log.summaries, state.codebook)
    return cells.get((version, state.codebook.current_id(code)), [])[::-1]


def summarize(service: ReviewService, draft: NewEvent, previous: int | None) -> Summary:
    """Write what a cell says from now on; an empty text withdraws it.

    Args:
        service: The study under review.
        draft: Of kind SUMMARY.
        previous: Id of the summary that its writer saw in the cell; None if there was none.

    Raises:
        SummaryChanged: If the cell says something else by now.
        Missing: If there is no such transcript version for this coder.
        UsageError: If the codebook has no such code, or the text is not the current one.
    """
    with service.now() as state:
        place, codebook = _checked(state, draft), state.codebook

    def drafts(written: list[Event]) -> list[NewEvent]:
        known = histories(written, codebook).get(place, [])
        held = known[-1] if known and known[-1].text else None  # an emptied cell looks as if it had never said anything
        if previous != (held and held.id):
            raise SummaryChanged(held)
        return [draft, *_withdrawn_too(written, draft, codebook)]

    event, *_ = state.store.events.add_from(EventKind.SUMMARY, drafts)
    return Summary(event.id, event.time, draft.coder, *place, draft.text)


def _withdrawn_too(written: list[Event], draft: NewEvent, codebook: Codebook) -> Iterator[NewEvent]:
    """Yield what empties a cell of what was written there under codes that became part of its own."""
    held = {event.code: event.text for event in written if event.version == draft.version and event.code != draft.code}
    for code, text in held.items():
        if text and not draft.text and codebook.current_id(code or "") == draft.code:
            yield replace(draft, code=code)


def _checked(state: StudyState, draft: NewEvent) -> CellKey:
    """Return the cell that a summary is for, if its writer may write there."""
    version, code = draft.version or 0, draft.code or ""
    _check_seen(state, draft.coder, version)
    state.codebook[code]  # refuses codes that are not in the codebook
    if state.version(version).superseded is not None:
        raise UsageError("this is an earlier text of the transcript; summarise the newer one")
    return version, code


def event_of(coder: str, place: CellKey, text: str) -> NewEvent:
    """Return a summary as it is written.

    Args:
        coder: Who writes.
        place: The cell.
        text: Empty to withdraw what is there.
    """
    version, code = place
    return NewEvent(coder, EventKind.SUMMARY, version, code=code, text=text.strip())


def _check_seen(state: StudyState, coder: str, version: int) -> None:
    state.version(version)
    if state.is_hidden(coder, version):
        raise Missing(f"the study has no transcript version {version}")
