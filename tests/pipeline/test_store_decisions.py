"""The decision log: appended, folded, undone, and never rewritten."""

from dataclasses import fields
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import UsageError
from corpus.transcript import Span
from pipeline.store import Action, Decision, NewDecision
from pipeline.store.fold import fold, in_force
from pipeline.store.schema import decisions as table
from tests.pipeline.store_support import TALK, add, coded_run, refused_by_trigger, suggestion_of

SPAN = Span(3, 8)


@pytest.fixture
def version(store):
    """A version with suggestions of the codes a, b and c."""
    version = add(store)
    coded_run(store, version, *(suggestion_of(n, code) for n, code in enumerate("abc")))
    return version


@pytest.fixture
def suggested(store, version):
    """Ids of the suggestions by code."""
    return {stored.suggestion.code: stored.id for stored in store.suggestions.stream(version=version)}


def current(store, **only):
    return [(s.decision.coder, s.decision.code) for s in store.decisions.codings(**only)]


# Writing


def test_accepting_copies_what_was_suggested_into_the_log(store, version, suggested):
    (written,) = store.decisions.add(
        NewDecision("Ann", version, Action.ACCEPT, suggestion=suggested["b"], memo="clear")
    )
    assert (written.span, written.code, written.memo) == (Span(1, 6), "b", "clear")
    assert list(store.decisions.stream()) == [written]


def test_a_coding_of_ones_own_needs_no_suggestion(store, version):
    (written,) = store.decisions.add(NewDecision("Ann", version, Action.CODE, span=SPAN, code="own", blind=True))
    assert (written.suggestion, written.span, written.code, written.blind) == (None, SPAN, "own", True)
    assert current(store) == [("Ann", "own")]


def test_another_code_in_answer_to_a_suggestion_keeps_the_link(store, version, suggested):
    answer = NewDecision("Ann", version, Action.CODE, suggestion=suggested["a"], span=SPAN, code="better")
    store.decisions.add(answer)
    (standing,) = store.decisions.codings()
    assert (standing.decision.suggestion, standing.decision.code, standing.decision.span) == (
        suggested["a"],
        "better",
        SPAN,
    )


def test_several_decisions_are_written_together_or_not_at_all(store, version, suggested):
    good = NewDecision("Ann", version, Action.ACCEPT, suggestion=suggested["a"])
    with pytest.raises(UsageError, match="suggestion 99"):
        store.decisions.add(good, NewDecision("Ann", version, Action.ACCEPT, suggestion=99))
    assert list(store.decisions.stream()) == []
    assert len(store.decisions.add(good, good)) == 2


@pytest.mark.parametrize(
    ("action", "given"),
    [
        (Action.ACCEPT, {}),
        (Action.UNSURE, {}),
        (Action.REJECT, {}),
        (Action.CODE, {"span": SPAN}),
        (Action.CODE, {"code": "a"}),
        (Action.MEMO, {}),
        (Action.UNDO, {}),
    ],
)
def test_a_decision_about_nothing_cannot_be_made(action, given):
    with pytest.raises(UsageError, match=f"to {action} lacks"):
        NewDecision("Ann", 1, action, **given)


def test_a_decision_needs_a_coder():
    with pytest.raises(UsageError, match="name of its coder"):
        NewDecision(" ", 1, Action.MEMO, memo="x")


def test_decisions_about_what_is_not_there_are_refused(store, version, suggested):
    other = add(store, "P02")
    with pytest.raises(UsageError, match=rf"span 0\.\.{len(TALK) + 1} leaves transcript version {version}"):
        store.decisions.add(NewDecision("Ann", version, Action.CODE, span=Span(0, len(TALK) + 1), code="a"))
    with pytest.raises(UsageError, match="no transcript version 9"):
        store.decisions.add(NewDecision("Ann", 9, Action.CODE, span=SPAN, code="a"))
    with pytest.raises(UsageError, match=f"belongs to transcript version {version}, not {other}"):
        store.decisions.add(NewDecision("Ann", other, Action.ACCEPT, suggestion=suggested["a"]))
    with pytest.raises(UsageError, match="no decision 5"):
        store.decisions.undo(5, coder="Ann")


# Current state


def test_the_last_word_on_a_suggestion_counts(store, version, suggested):
    for action in (Action.ACCEPT, Action.UNSURE, Action.REJECT):
        store.decisions.add(NewDecision("Ann", version, action, suggestion=suggested["a"]))
    (standing,) = store.decisions.current()
    assert standing.decision.action is Action.REJECT
    assert store.decisions.codings() == []


def test_ones_own_coding_can_be_moved_and_removed(store, version):
    (first,) = store.decisions.add(NewDecision("Ann", version, Action.CODE, span=SPAN, code="a"))
    (moved,) = store.decisions.add(
        NewDecision("Ann", version, Action.CODE, span=Span(0, 8), code="a", previous=first.id)
    )
    assert [s.decision.span for s in store.decisions.codings()] == [Span(0, 8)]
    store.decisions.add(NewDecision("Ann", version, Action.REJECT, previous=moved.id))
    assert store.decisions.codings() == []


def test_a_memo_changes_no_coding(store, version, suggested):
    store.decisions.add(NewDecision("Ann", version, Action.MEMO, suggestion=suggested["a"], memo="ask Bo"))
    assert store.decisions.codings() == []
    store.decisions.add(NewDecision("Ann", version, Action.ACCEPT, suggestion=suggested["a"]))
    (standing,) = store.decisions.codings()
    assert standing.memo == "ask Bo"
    store.decisions.add(NewDecision("Ann", version, Action.MEMO, suggestion=suggested["a"], memo="Bo agrees"))
    assert [s.memo for s in store.decisions.codings()] == ["Bo agrees"]


def test_coders_neither_see_nor_touch_each_others_decisions(store, version, suggested):
    (anns,) = store.decisions.add(NewDecision("Ann", version, Action.ACCEPT, suggestion=suggested["a"]))
    store.decisions.add(NewDecision("Bo", version, Action.REJECT, suggestion=suggested["a"]))
    assert current(store) == [("Ann", "a")]
    assert current(store, coder="Bo") == []
    assert [d.coder for d in store.decisions.stream(coder="Bo")] == ["Bo"]
    with pytest.raises(UsageError, match="another coder"):
        store.decisions.undo(anns.id, coder="Bo")


def test_standings_can_be_asked_for_one_version(store, version, suggested):
    other = add(store, "P02")
    store.decisions.add(
        NewDecision("Ann", version, Action.ACCEPT, suggestion=suggested["a"]),
        NewDecision("Ann", other, Action.CODE, span=SPAN, code="own"),
    )
    assert current(store, version=other) == [("Ann", "own")]


# Undo


def test_undo_brings_back_what_was_before(store, version, suggested):
    store.decisions.add(NewDecision("Ann", version, Action.ACCEPT, suggestion=suggested["a"]))
    (second,) = store.decisions.add(NewDecision("Ann", version, Action.REJECT, suggestion=suggested["a"]))
    undone = store.decisions.undo(second.id, coder="Ann")
    assert (undone.action, undone.previous) == (Action.UNDO, second.id)
    assert current(store) == [("Ann", "a")]
    assert len(list(store.decisions.stream())) == 3, "undo is another entry"


def test_undo_reaches_any_depth(store, version, suggested):
    first, *_ = store.decisions.add(
        *(NewDecision("Ann", version, Action.ACCEPT, suggestion=suggested[c]) for c in "abc")
    )
    store.decisions.undo(first.id, coder="Ann")
    assert current(store) == [("Ann", "b"), ("Ann", "c")]


def test_undoing_an_undo_brings_the_decision_back(store, version, suggested):
    (decision,) = store.decisions.add(NewDecision("Ann", version, Action.ACCEPT, suggestion=suggested["a"]))
    undone = store.decisions.undo(decision.id, coder="Ann")
    assert current(store) == []
    store.decisions.undo(undone.id, coder="Ann")
    assert current(store) == [("Ann", "a")]


def test_what_is_undone_cannot_be_undone_again(store, version, suggested):
    (decision,) = store.decisions.add(NewDecision("Ann", version, Action.ACCEPT, suggestion=suggested["a"]))
    store.decisions.undo(decision.id, coder="Ann")
    with pytest.raises(UsageError, match=f"decision {decision.id} is undone already"):
        store.decisions.undo(decision.id, coder="Ann")


# Never rewritten


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE decisions SET coder = 'Eve'",
        "DELETE FROM decisions",
        "DELETE FROM decisions WHERE id = 1",
    ],
)
def test_the_database_itself_refuses_to_rewrite_the_log(store, place, version, statement):
    store.decisions.add(NewDecision("Ann", version, Action.CODE, span=SPAN, code="a"))
    refused_by_trigger(place, statement)
    assert current(store) == [("Ann", "a")]


def test_the_database_itself_refuses_to_replace_an_entry(store, place, version):
    if "://" in place:
        pytest.skip("INSERT OR REPLACE is SQLite's")
    store.decisions.add(NewDecision("Ann", version, Action.CODE, span=SPAN, code="a"))
    columns = "id, time, coder, version, action, memo, blind"
    row = "1, '2026-01-01', 'Eve', 1, 'memo', '', 0"
    refused_by_trigger(place, f"INSERT OR REPLACE INTO decisions ({columns}) VALUES ({row})")


# The fold as a function

TIME = datetime(2026, 1, 1, tzinfo=UTC)
ENTRY = st.tuples(st.sampled_from("AB"), st.sampled_from(Action), st.integers(0, 3), st.integers(0, 30))


@st.composite
def logs(draw):
    """Logs as the store would let them grow: an entry only ever refers back to its own coder's entries."""
    log = []
    for number, (coder, action, suggestion, back) in enumerate(draw(st.lists(ENTRY, max_size=30)), start=1):
        own = [d.id for d in log if d.coder == coder]
        previous = own[back % len(own)] if own and (action is Action.UNDO or back % 2) else None
        if action is Action.UNDO and previous is None:
            action = Action.MEMO  # noqa: PLW2901 - nothing to undo yet
        subject = None if action is Action.UNDO or suggestion == 0 else suggestion
        log.append(Decision(coder, 1, action, subject, SPAN, "a", previous=previous, id=number, time=TIME))
    return log


@given(logs())
def test_coders_fold_apart(log):
    together = {(s.decision.coder, s.decision.id) for s in fold(log)}
    apart = {(c, s.decision.id) for c in "AB" for s in fold([d for d in log if d.coder == c])}
    assert together == apart


@given(logs())
def test_an_undo_leaves_everything_as_it_was_before(log):
    before = fold(log[:-1])
    if log and log[-1].action is not Action.UNDO:
        last = log[-1]
        undo = Decision(last.coder, 1, Action.UNDO, previous=last.id, id=last.id + 1, time=TIME)
        assert fold([*log, undo]) == before


@given(logs())
def test_undo_and_redo_cancel(log):
    standing = in_force(log)
    if standing:
        target = standing[0]
        first, second = len(log) + 1, len(log) + 2
        undo = Decision(target.coder, 1, Action.UNDO, previous=target.id, id=first, time=TIME)
        redo = Decision(target.coder, 1, Action.UNDO, previous=first, id=second, time=TIME)
        assert fold([*log, undo, redo]) == fold(log)


@given(logs())
def test_every_standing_rests_on_a_decision_in_force(log):
    assert {s.decision for s in fold(log)} <= set(in_force(log))


def test_every_field_of_a_decision_has_its_column():
    columns = {column.name for column in table.c}
    assert columns == {field.name for field in fields(Decision)} - {"span"} | {"start", "end"}


def test_what_is_stored_comes_back_in_every_field(store, version, suggested):
    draft = NewDecision(
        "Ann", version, Action.CODE, suggested["a"], SPAN, "a", "hm", blind=True, recorder="Bo", key="k"
    )
    (written,) = store.decisions.add(draft)
    assert written.to_new() == draft
    assert list(store.decisions.stream()) == [written]
