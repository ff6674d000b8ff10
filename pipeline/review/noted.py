"""What was noted and done in a study, as one coder may see it: the list of memos and the audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from pipeline.memo_list import MemoEntry, memo_list
from pipeline.review.reading import resolved
from pipeline.trail import TrailEntry, of_decision, of_event

if TYPE_CHECKING:
    from pipeline.review.study_state import StudyState
    from pipeline.store import Decision, Event
    from pipeline.study_filter import Filter


@dataclass(frozen=True, slots=True)
class TrailView:
    """Some of the audit trail, newest first.

    Attributes:
        total: Entries that the filter means, of which these are some.
        hidden: Transcripts that are left out because the one who asks codes them blind.
    """

    entries: list[TrailEntry]
    total: int
    hidden: int


def memos(state: StudyState, coder: str, wanted: Filter) -> list[MemoEntry]:
    """Return the memos that a coder may see and a filter means.

    A memo on a code may tell of any transcript: others' are shown when none is hidden any more.

    Args:
        state: The study.
        coder: Who asks.
        wanted: Which participants, transcripts, codes and coders.
    """
    places = state.places(wanted, coder)
    names = {version.id: version.name for version in state.current() if version.id in places.versions}
    subjects = (subject for version in names for subject in state.decision_log.of_version(version))
    standings = (standing for subject in subjects if (standing := subject.standing) is not None)
    hidden = state.hidden(coder)
    events = (event for event in state.event_log.in_force() if event.version or event.coder == coder or not hidden)
    return [
        memo
        for memo in memo_list(standings, events, names)
        if wanted.coder in {None, memo.coder}
        and (memo.code is None or wanted.takes_code(state.codebook.find(memo.code)))
        and (memo.version is None or memo.start is None or places.holds(memo.version, memo.start))
        and (memo.code is not None or (wanted.code is None and wanted.domain is None))
    ]


def audit_trail(state: StudyState, coder: str, wanted: Filter, *, after: int, limit: int) -> TrailView:
    """Return what was done, newest first: as far as the coder may see it, and a filter means it.

    Args:
        state: The study.
        coder: Who asks.
        wanted: Which participants, transcripts, codes and coders.
        after: How many entries to skip.
        limit: How many to return.
    """
    hidden, places = state.hidden(coder), state.places(wanted, coder)
    narrow = bool(wanted.where) or wanted.version is not None

    def is_meant(entry: Decision | Event, code: str | None) -> bool:
        kept = bool(hidden) if entry.version is None else entry.version in hidden  # a code tells of any version
        if wanted.coder not in {None, entry.coder} or (entry.coder != coder and kept):
            return False
        if narrow and entry.version not in places.versions:
            return False
        if wanted.code is None and wanted.domain is None:
            return True
        return code is not None and wanted.takes_code(state.codebook.find(code))

    log = state.decision_log
    about = ((entry, resolved(state, entry)) for each in state.decision_log.coders for entry in log.entries(each))
    decisions = [(entry, target) for entry, target in about if is_meant(entry, target.code)]
    events = [*state.store.events.stream()]
    last = {event.subject: event.id for event in events}
    noted = [event for event in events if is_meant(event, event.code)]
    found = [(entry.time, 0, n) for n, (entry, _) in enumerate(decisions)]
    found += [(event.time, 1, n) for n, event in enumerate(noted)]
    entries = [
        _of(state, *decisions[n])
        if not kind
        else of_event(noted[n], _name(state, noted[n].version), holds=last[noted[n].subject] == noted[n].id)
        for _, kind, n in islice(sorted(found, reverse=True), after, after + limit)
    ]
    return TrailView(entries, len(found), sum(version.id in hidden for version in state.current()))


def _of(state: StudyState, entry: Decision, target: Decision) -> TrailEntry:
    subject = state.decision_log.about(entry.id)
    holds = subject is not None and any(other.id == entry.id for other in subject.in_force())
    return of_decision(entry, target, _name(state, entry.version), holds=holds)


def _name(state: StudyState, version: int | None) -> str:
    return "" if version is None else state.version(version).name
