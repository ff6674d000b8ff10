"""The ledger says what a full fold of the log says, whatever was undone and whoever wrote it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.transcript import Span
from pipeline.review.decision_log import DecisionLog, Scope
from pipeline.store import Action, Decision, NewDecision, StudyStore
from pipeline.store.fold import fold, in_force
from tests.pipeline.review_support import desk_of, fill, proposal

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SPAN = Span(28, 35)


def entry(number, coder, action, **about):
    blank = {"version": 1, "suggestion": None, "span": SPAN, "code": "team", "memo": "", "previous": None}
    return Decision(id=number, time=NOW, coder=coder, action=action, blind=False, **(blank | about))


@st.composite
def logs(draw):
    """A log of two coders on three suggestions and passages of their own, with undoings of undoings."""
    log = []
    for number in range(1, draw(st.integers(0, 14)) + 1):
        coder = draw(st.sampled_from("AB"))
        own = [one for one in log if one.coder == coder]
        log.append(draw(st.sampled_from([_on_suggestion, _on_passage, _undoing]))(draw, number, coder, own))
    return log


def _on_suggestion(draw, number, coder, own):
    action = draw(st.sampled_from([Action.ACCEPT, Action.REJECT, Action.UNSURE, Action.CODE, Action.MEMO]))
    about = {"suggestion": draw(st.integers(1, 3)), "memo": draw(st.sampled_from(["", "why"]))}
    return entry(number, coder, action, **about)


def _on_passage(draw, number, coder, own):
    previous = draw(st.sampled_from([None, *[one.id for one in own]]))
    action = Action.CODE if previous is None else draw(st.sampled_from([Action.CODE, Action.REJECT, Action.MEMO]))
    return entry(number, coder, action, previous=previous, memo="m" if action is Action.MEMO else "")


def _undoing(draw, number, coder, own):
    standing = in_force(own)
    if not standing:
        return _on_passage(draw, number, coder, own)
    return entry(number, coder, Action.UNDO, previous=draw(st.sampled_from(standing)).id, span=None, code=None)


def ledger_of(log, *more):
    ledger = DecisionLog(None)
    for part in (log, *more):
        ledger.take(part)
    return ledger


def standings(ledger):
    found = (subject.standing for subject in ledger.of_version(1))
    return {(one.decision.id, one.memo) for one in found if one is not None}


@given(logs())
def test_every_standing_is_that_of_a_full_fold(log):
    assert standings(ledger_of(log)) == {(one.decision.id, one.memo) for one in fold(log)}


@given(logs(), st.integers(0, 14))
def test_read_in_two_parts_it_says_the_same(log, cut):
    assert standings(ledger_of(log[:cut], log[cut:])) == standings(ledger_of(log))


@given(logs())
def test_what_touches_a_subject_is_told(log):
    ledger = DecisionLog(None)
    for one in log:
        (touched,) = ledger.take([one])
        assert touched is ledger.about(one.id)
        assert touched.log[-1].id == one.id


@given(logs())
def test_what_can_be_undone_is_the_newest_entry_in_force(log):
    ledger = ledger_of(log)
    for coder in ledger.coders:
        own = [one.id for one in in_force(log) if one.coder == coder and one.action is not Action.UNDO]
        found = ledger.undoable(coder)
        assert (found.id if found else None) == max(own, default=None)


@given(logs())
def test_undoing_everything_and_redoing_everything_changes_nothing(log):
    ledger = ledger_of(log)
    before, number = standings(ledger), len(log)
    for coder in ledger.coders:
        undone = 0
        while (target := ledger.undoable(coder)) is not None:
            number, undone = number + 1, undone + 1
            ledger.take([entry(number, coder, Action.UNDO, previous=target.id)])
        for _ in range(undone):
            number += 1
            ledger.take([entry(number, coder, Action.UNDO, previous=ledger.redoable(coder).id)])
    assert standings(ledger) == before


@given(logs())
def test_the_newest_entry_in_force_is_what_the_next_decision_names(log):
    ledger = ledger_of(log)
    for subject in ledger.of_version(1):
        assert (subject.head is None) == (subject.standing is None)
        assert subject.head is None or subject.head in {one.id for one in in_force(log)}


def test_a_new_decision_leaves_nothing_to_redo():
    log = [entry(1, "A", Action.CODE), entry(2, "A", Action.UNDO, previous=1)]
    assert ledger_of(log).redoable("A").id == 2
    assert ledger_of(log, [entry(3, "A", Action.CODE)]).redoable("A") is None


# In a store


@pytest.fixture
def study(store):
    return store, fill(store)


def test_another_process_is_read_along(place, study):
    store, versions = study
    ledger = DecisionLog(store)
    with StudyStore(place) as other:
        (written,) = other.decisions.add(NewDecision("Ben", versions["anna"], Action.CODE, span=SPAN, code="team"))
    ledger.refresh()
    assert (ledger.last, ledger.about(written.id).head) == (written.id, written.id)
    assert ledger.refresh() == []


def test_two_desks_on_one_study_never_lose_a_decision(place, study):
    store, versions = study
    with StudyStore(place) as other:
        desks = desk_of(store), desk_of(other)
        for n in range(10):
            desks[n % 2].decide([proposal("code", versions["anna"], span=Span(28 + n, 40), code="team")])
        assert [len(one.codings("Ann", versions["anna"])) for one in desks] == [10, 10]


def test_who_writes_between_our_looking_and_our_writing_is_seen_first(place, study, monkeypatch):
    store, versions = study
    desk, first = desk_of(store), store.suggestions.stream(version=versions["anna"])
    suggestion, real = next(first).id, store.decisions.add_after

    def interrupted(last, *drafts):
        monkeypatch.setattr(store.decisions, "add_after", real)
        with StudyStore(place) as other:
            other.decisions.add(NewDecision("Ben", versions["anna"], Action.CODE, span=SPAN, code="team"))
        return real(last, *drafts)

    monkeypatch.setattr(store.decisions, "add_after", interrupted)
    (written,) = desk.decide([proposal("accept", versions["anna"], suggestion=suggestion)])
    assert [one.coder for one in store.decisions.stream()] == ["Ben", "Ann"]
    assert written.id == desk.read("Ann", versions["anna"]).suggestions[0].decision.id


def test_a_coding_under_an_id_that_its_code_had_before_is_taken_in_under_todays():
    log = DecisionLog(None, {"trust": "mutual_trust"})
    log.take([entry(1, "A", Action.CODE, code="trust"), entry(2, "A", Action.CODE, code="team")])
    assert [current.decision.code for current in log.current("A")] == ["mutual_trust", "team"]
    assert log.undoable("A").id == 2


@given(logs())
def test_undoable_within_a_scope_is_the_newest_that_holds_there(log):
    ledger = ledger_of(log)
    for coder in "AB":
        within = [
            one
            for one in in_force([each for each in log if each.coder == coder])
            if one.action is not Action.UNDO and ledger.about(one.id).suggestion is not None
        ]
        assert ledger.undoable(coder, scope=Scope(1, suggestions=True)) == (within[-1] if within else None)
        assert ledger.undoable(coder, scope=Scope(2)) is None
        assert ledger.undoable(coder, scope=Scope(1)) == ledger.undoable(coder)
