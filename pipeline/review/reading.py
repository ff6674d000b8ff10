"""A transcript as one coder may see it."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from corpus.transcript import Transcript
from pipeline.review.queue import suggestion_views
from pipeline.review.serialize import coding_view, event_view, logged_view
from pipeline.review.suggestion_index import Stage
from pipeline.review.views import (
    CodingView,
    EventView,
    LoggedView,
    ReadingTurn,
    ReadingView,
    SuggestionView,
    TranscriptState,
)
from pipeline.store.event_records import ASSIGNMENTS, AUDITED, OF_STUDY, ON_CODINGS, EventKind
from pipeline.store.records import Action, Decision
from pipeline.study_filter import EVERYTHING

if TYPE_CHECKING:
    from pipeline.review.study_state import StudyState


def read(state: StudyState, coder: str, version: int) -> ReadingView:
    """Return a version to read: all of it, or its text and what is the coder's own.

    Args:
        state: The study.
        coder: Who asks.
        version: Id of the transcript version.

    Raises:
        Missing: If there is no such version.
    """
    about, hidden = state.version(version), state.is_hidden(coder, version)
    transcript = state.transcript_cache.transcript(version)
    return ReadingView(
        version=version,
        name=about.name,
        digest=about.digest,
        warnings=about.warnings,
        hidden=hidden,
        blind=state.is_blind(coder, version),
        done=state.event_log.is_done(coder, version),
        turns=_turns(transcript),
        sentences=[(sentence.span.start, sentence.span.end) for sentence in state.transcript_cache.sentences(version)],
        suggestions=[] if hidden else _suggestions(state, coder, version),
        codings=codings(state, coder, version),
        memos=[event for event in events(state, coder) if event.kind is EventKind.MEMO and event.version == version],
        newer=next(
            (current.id for current in state.current() if about.superseded and current.name == about.name), None
        ),
    )


def codings(state: StudyState, coder: str, version: int) -> list[CodingView]:
    """Return the codings of a version that a coder may see, in text order.

    Args:
        state: The study.
        coder: Who asks.
        version: Id of the transcript version.

    Raises:
        Missing: If there is no such version.
    """
    state.version(version)
    hidden = state.is_hidden(coder, version)
    subjects = (subject for subject in state.decision_log.of_version(version) if subject.coder == coder or not hidden)
    found = (coding_view(subject, coder, state.event_log) for subject in subjects)
    return sorted(
        (coding for coding in found if coding is not None),
        key=lambda coding: (coding.start, coding.end, coding.decision),
    )


def events(state: StudyState, coder: str) -> list[EventView]:
    """Return the coder's events in force except audits, and what memos of others they may see.

    A memo on a code may tell of any transcript: others' are shown when no version is hidden any more.
    """
    hidden = state.hidden(coder)
    return [
        event_view(replace(event, code=event.code and state.codebook.current_id(event.code)))
        for event in state.event_log.in_force()
        if (event.coder == coder and event.kind not in AUDITED | ON_CODINGS | OF_STUDY | ASSIGNMENTS)
        or (
            event.kind is EventKind.MEMO
            and (not hidden if event.version is None else not state.is_hidden(coder, event.version))
        )
    ]


def own_log(state: StudyState, coder: str, limit: int) -> list[LoggedView]:
    """Return the coder's own newest entries of the log, newest first.

    Args:
        state: The study.
        coder: Who asks.
        limit: How many at most.
    """
    newest = islice(state.decision_log.newest_first(coder), limit)
    return [logged_view(resolved(state, decision), holds=holds) for decision, holds in newest]


def entry(state: StudyState, decision: int) -> Decision:
    """Return the entry of the log of that id."""
    subject = state.decision_log.about(decision)
    return next(entry for entry in (subject.log if subject else ()) if entry.id == decision)


def resolved(state: StudyState, decision: Decision) -> Decision:
    """Return an undoing with what it is about in the end, which the log says by ids only; others as they are."""
    target = decision
    while target.action is Action.UNDO and target.previous is not None:
        target = entry(state, target.previous)
    return replace(decision, suggestion=target.suggestion, span=target.span, code=target.code)


def overview(state: StudyState, coder: str) -> list[TranscriptState]:
    """Return how far a coder is with each current version, by name."""
    shown = state.matching(EVERYTHING, coder)
    suggested = state.index.counts(shown)
    decided = state.index.counts(shown & (state.stages(coder) != Stage.UNDECIDED))
    assigned = state.event_log.assignments()
    return [
        TranscriptState(
            version=version.id,
            name=version.name,
            characters=version.characters,
            suggestions=suggested.get(version.id, 0),
            decided=decided.get(version.id, 0),
            codings=sum(
                subject.coder == coder and subject.coded for subject in state.decision_log.of_version(version.id)
            ),
            blind=state.is_hidden(coder, version.id),
            seen=state.has_seen(coder, version.id),
            done=state.event_log.is_done(coder, version.id),
            assigned=tuple(assigned.get(version.id, ())),
        )
        for version in state.current()
    ]


def _suggestions(state: StudyState, coder: str, version: int) -> list[SuggestionView]:
    stored = (
        suggestion
        for suggestion in state.store.suggestions.stream(version=version)
        if state.index.row(suggestion.id) is not None
    )
    return suggestion_views(state, coder, list(stored))


def _turns(transcript: Transcript) -> list[ReadingTurn]:
    return [
        ReadingTurn(turn.span.start, turn.span.end, turn.speaker, turn.role, turn.started, words)
        for turn, words in transcript.talk()
    ]
