"""How decisions come into the log: each rests on where its coder stands now, or is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from corpus.errors import UsageError
from corpus.transcript import Span
from pipeline.review.decision_log import EVERYWHERE, SEPARATOR, Scope, Subject, numbered
from pipeline.review.errors import Missing, Outdated
from pipeline.review.queue import undecided
from pipeline.review.serialize import standing_view
from pipeline.store.database import UnreadyError
from pipeline.store.records import Action, Decision, DecisionFields, NewDecision
from pipeline.study_filter import Filter

if TYPE_CHECKING:
    from pipeline.review.study_state import StudyState

TRIES = 20
"""How often we look again because another process wrote between our looking and our writing."""

CHANGED = "you have decided on this elsewhere meanwhile; look at it again"


def write(state: StudyState, drafts_of: Callable[[], Sequence[NewDecision]]) -> list[Decision]:
    """Write decisions that rest on the present; should another process write meanwhile, make them anew.

    Args:
        state: The study.
        drafts_of: Makes the decisions from the present, or refuses.

    Raises:
        UsageError: If they are refused.
        UnreadyError: If others write without a pause.
    """
    for _ in range(TRIES):
        state.refresh()
        drafts = drafts_of()
        written = state.store.decisions.add_after(state.decision_log.last, *drafts)
        if written is not None:
            state.refresh()
            return written
    raise UnreadyError("others write to this study without a pause; try again")


def decide(state: StudyState, proposals: Sequence[DecisionFields]) -> list[Decision]:
    """Write coders' decisions, all or none; a key that was sent before is answered with what it wrote then.

    What a proposal names as ``previous`` is where the page believes its coder to stand, None for nowhere.

    Raises:
        Outdated: If one does not rest on where the coder stands.
        Missing: If one is about something that is not there for this coder.
    """
    return write(state, lambda: _drafts(state, proposals))


def decide_in_one_go(
    state: StudyState, coder: str, key: str, proposals_of: Callable[[], Sequence[DecisionFields]]
) -> list[Decision]:
    """Write decisions that one undo takes back together, all or none.

    Args:
        state: The study.
        coder: Who decides.
        key: The same again when it is sent again.
        proposals_of: Makes them from the present, or refuses.

    Raises:
        Outdated: If one does not rest on where the coder stands.
        Missing: If one is about something that is not there for this coder.
    """

    def drafts() -> list[NewDecision]:
        proposals = proposals_of()
        keys = numbered(key, len(proposals))
        return [_draft(state, replace(each, key=own)) for each, own in zip(proposals, keys, strict=True)]

    before = state.store.decisions.of_request(key, SEPARATOR)
    return [_own(entry, coder) for entry in before] or write(state, drafts)


def undo(state: StudyState, coder: str, key: str, decision: int | None, scope: Scope = EVERYWHERE) -> list[Decision]:
    """Take back one decision, by default the coder's newest in force with all that was done in one go with it.

    Args:
        state: The study.
        coder: Who takes back.
        key: The same again when it is sent again.
        decision: Id of the decision; None for the newest.
        scope: Where the newest is looked for.

    Returns:
        The undoings, oldest decision first; empty if there is nothing to take back.

    Raises:
        Missing: If the coder has no such decision.
        UsageError: If it is undone already.
    """
    return _take_back(state, coder, key, lambda: _undoable(state, coder, decision, scope))


def redo(state: StudyState, coder: str, key: str, scope: Scope = EVERYWHERE) -> list[Decision]:
    """Take back the coder's newest undoing that nothing followed; return the entries that do so.

    Args:
        state: The study.
        coder: Whose undoing it is.
        key: The same again when it is sent again.
        scope: Where it is looked for.
    """
    return _take_back(state, coder, key, lambda: _act(state, state.decision_log.redoable(coder, scope), scope))


def accept_all(state: StudyState, coder: str, wanted: Filter, count: int, key: str) -> list[Decision]:
    """Accept every undecided suggestion that a filter means.

    Args:
        state: The study.
        coder: Who accepts.
        wanted: Which ones.
        count: How many the coder was told.
        key: The same again when it is sent again.

    Raises:
        Outdated: If they are not as many any more.
    """
    before = state.store.decisions.of_request(key, SEPARATOR)
    keys = numbered(key, count)
    return [_own(entry, coder) for entry in before] or write(
        state, lambda: _acceptances(state, coder, undecided(state, coder, wanted), keys)
    )


def _drafts(state: StudyState, proposals: Sequence[DecisionFields]) -> list[NewDecision]:
    known = state.store.decisions.by_key([proposal.key for proposal in proposals if proposal.key])
    fresh = {proposal.key: proposal for proposal in proposals if proposal.key not in known}
    subjects = [about for about in map(_about, fresh.values()) if about is not None]
    if len(set(subjects)) < len(subjects):
        raise UsageError("two decisions about the same in one send; send the second when the first is written")
    return [
        _own(known[proposal.key], proposal.coder).again(proposal.coder)
        if proposal.key in known
        else _draft(state, proposal)
        for proposal in proposals
    ]


def _about(proposal: DecisionFields) -> tuple[str, int] | None:
    if proposal.suggestion is not None:
        return "suggestion", proposal.suggestion
    return None if proposal.previous is None else ("decision", proposal.previous)


def _own(known: Decision, coder: str) -> Decision:
    if coder not in {known.coder, known.recorder}:
        raise UsageError("the key of this decision is taken; make a new one")
    return known


def _draft(state: StudyState, proposal: DecisionFields) -> NewDecision:
    state.version(proposal.version)
    hidden = state.is_hidden(proposal.coder, proposal.version)
    subject = _subject(state, proposal, hidden=hidden)
    standing = standing_view(subject)
    if proposal.previous != (standing and standing.id):
        raise Outdated(CHANGED, [standing] if standing else [])
    span, code = _placed(state, subject, proposal) if proposal.action is Action.CODE else (None, None)
    suggestion = proposal.suggestion if subject is None else subject.suggestion
    blind = state.is_blind(proposal.coder, proposal.version)
    return proposal.to_new(suggestion=suggestion, span=span, code=code, blind=blind)


def _placed(state: StudyState, subject: Subject | None, proposal: DecisionFields) -> tuple[Span | None, str | None]:
    """Return span and code of a coding: what is left open stays as it was coded, or else as it was suggested."""
    span, code = proposal.span, proposal.code
    standing = subject.standing if subject is not None else None
    if standing is not None and standing.coded:
        span, code = span or standing.decision.span, code or standing.decision.code
    row = None if proposal.suggestion is None else state.index.row(proposal.suggestion)
    if row is not None:
        span = span or Span(int(state.index.starts[row]), int(state.index.ends[row]))
        code = code or state.index.codes[state.index.code_numbers[row]]
    if code is not None:
        state.codebook[code]  # refuses codes that are not in the codebook
    return span, code


def _subject(state: StudyState, proposal: DecisionFields, *, hidden: bool) -> Subject | None:
    coder, version = proposal.coder, proposal.version
    if proposal.suggestion is not None:
        known = state.decision_log.subject(coder, proposal.suggestion)
        row = state.index.row(proposal.suggestion)
        place = known.version if known is not None else None if row is None else int(state.index.versions[row])
        if hidden or place != version:  # another version's may be hidden: not even its place is told
            raise Missing(f"suggestion {proposal.suggestion} is not there (any more)")
        return known
    if proposal.previous is None:
        return None
    known = state.decision_log.about(proposal.previous)
    if known is None or (known.coder, known.version) != (coder, version):
        raise Missing(f"you have no decision {proposal.previous} in transcript version {version}")
    return known


def _take_back(state: StudyState, coder: str, key: str, targets_of: Callable[[], Sequence[Decision]]) -> list[Decision]:
    known = state.store.decisions.of_request(key, SEPARATOR)
    return [_own(entry, coder) for entry in known] or write(state, lambda: _undoings(targets_of(), key))


def _undoings(targets: Sequence[Decision], key: str) -> list[NewDecision]:
    return [
        NewDecision(target.coder, target.version, Action.UNDO, previous=target.id, blind=target.blind, key=own)
        for target, own in zip(targets, numbered(key, len(targets)), strict=True)
    ]


def _act(state: StudyState, newest: Decision | None, scope: Scope) -> list[Decision]:
    # A passage that was split becomes whole again, where only answers to suggestions are asked for, too.
    return [] if newest is None else state.decision_log.act(newest, Scope(scope.version))


def _undoable(state: StudyState, coder: str, decision: int | None, scope: Scope) -> list[Decision]:
    if decision is None:
        newest = state.decision_log.undoable(coder, lambda text: state.version(text).superseded is None, scope)
        return _act(state, newest, scope)
    subject = state.decision_log.about(decision)
    if subject is None or subject.coder != coder:
        raise Missing(f"you have no decision {decision}")
    found = next((entry for entry in subject.in_force() if entry.id == decision), None)
    if found is None:
        raise UsageError(f"decision {decision} is undone already")
    return [found]


def _acceptances(state: StudyState, coder: str, found: Sequence[int], keys: Sequence[str]) -> list[NewDecision]:
    if len(found) != len(keys):
        raise Outdated(f"there are {len(found)} by now, not {len(keys)}; look at them again")
    return [_acceptance(state, coder, suggestion, key) for suggestion, key in zip(found, keys, strict=True)]


def _acceptance(state: StudyState, coder: str, suggestion: int, key: str) -> NewDecision:
    row, subject = state.index.row(suggestion), state.decision_log.subject(coder, suggestion)
    if row is None:
        raise Missing(f"suggestion {suggestion} is not there any more")
    version, previous = int(state.index.versions[row]), None if subject is None else subject.head
    return NewDecision(coder, version, Action.ACCEPT, suggestion=suggestion, previous=previous, key=key)
