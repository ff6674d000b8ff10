"""The ledger says what a full fold of the log says, whatever was undone and whoever wrote it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.transcript import Span
from pipeline.review.decision_log import DecisionLog, Scope, numbered
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


SCOPES = st.builds(Scope, st.sampled_from([None, 1, 2]), st.booleans())


@st.composite
def spread_logs(draw):
    """A log like ``logs``, over two transcript versions."""
    return [
        replace(entry, version=entry.suggestion % 2 + 1) if entry.suggestion is not None else entry
        for entry in draw(logs())
    ]


@given(spread_logs(), SCOPES)
def test_what_is_undone_and_redone_within_a_scope_lies_within_it_and_is_the_coders_own(log, scope):
    ledger = ledger_of(log)
    for coder in ledger.coders:
        for entry in (ledger.undoable(coder, scope=scope), ledger.redoable(coder, scope)):
            assert entry is None or (entry.coder == coder and scope.holds(ledger.about(entry.id)))


@given(spread_logs(), SCOPES)
def test_undoing_all_of_a_scope_changes_nothing_outside_and_redoing_brings_it_back(log, scope):
    ledger, number = ledger_of(log), len(log)

    def outside():
        return {
            (subject.coder, subject.suggestion, subject.head)
            for version in ledger.versions
            for subject in ledger.of_version(version)
            if not scope.holds(subject)
        }

    def inside(coder):
        return {
            current.decision.id for current in ledger.current(coder) if scope.holds(ledger.about(current.decision.id))
        }

    for coder in ledger.coders:
        before, others, undone = inside(coder), outside(), 0
        while (target := ledger.undoable(coder, scope=scope)) is not None:
            number, undone = number + 1, undone + 1
            assert undone <= len(log), "undoing has an end"
            ledger.take([entry(number, coder, Action.UNDO, previous=target.id, version=target.version,
                               suggestion=target.suggestion, span=None, code=None)])  # fmt: skip
        assert (inside(coder), outside()) == (set(), others)
        for _ in range(undone):
            number += 1
            undo = ledger.redoable(coder, scope)
            ledger.take([entry(number, coder, Action.UNDO, previous=undo.id, version=undo.version,
                               suggestion=undo.suggestion, span=None, code=None)])  # fmt: skip
        assert (inside(coder), outside()) == (before, others)


@given(st.integers(1, 12), SCOPES, st.from_regex(r"[A-Za-z0-9._-]{1,12}", fullmatch=True))
def test_act_takes_back_in_one_go_what_was_done_in_one_go_and_nothing_else(count, scope, key):
    keys = [*numbered(key, count), *numbered(key + "x", 2), key + "0", None]
    log = [entry(n, "A", Action.CODE, key=key) for n, key in enumerate(keys, 1)]
    log += [replace(each, id=each.id + 50, coder="B") for each in log]
    ledger = ledger_of(log)
    own = list(range(1, count + 1)) if scope == Scope(scope.version) and scope.version != 2 else []
    if count == 1:
        own = [1]  # a single decision is asked for by itself
    assert [each.id for each in ledger.act(ledger.entries("A")[0], scope)] == own
    assert [each.id for each in ledger.act(ledger.entries("A")[-1], scope)] == [len(keys)]


@given(logs())
def test_renamed_codes_change_no_standing_but_its_code(log):
    ledger = DecisionLog(None, {"team": "teams"})
    ledger.take(log)
    assert standings(ledger) == standings(ledger_of(log))
    codes = {current.decision.code for coder in ledger.coders for current in ledger.current(coder)}
    assert codes <= {"teams", None}


@given(logs())
def test_two_coders_made_one_stand_where_a_fold_of_the_joined_log_says(log):
    joined = [replace(each, coder="A") for each in log]
    ledger = ledger_of(joined)
    assert standings(ledger) == {(current.decision.id, current.memo) for current in fold(joined)}
    assert ledger.coders == (["A"] if log else [])
