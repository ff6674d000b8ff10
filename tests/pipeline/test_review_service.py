"""Deciding at the desk: what a decision must rest on, undoing at any depth, many at once."""

import pytest

from corpus.errors import CodebookError, UsageError
from corpus.transcript import Span
from pipeline.review.errors import Missing, Outdated
from pipeline.store import Action, EventKind, NewDecision, NewEvent
from pipeline.study_filter import Filter
from tests.pipeline.review_support import desk_of, fill, proposal

SPAN = Span(30, 40)


@pytest.fixture
def anna(store):
    """The version with the suggestions 1 (trust), 2 (budget) and 3 (team)."""
    return fill(store)["anna"]


@pytest.fixture
def desk(store, anna):
    return desk_of(store)


def decide(desk, action, version, coder="Ann", **about):
    (written,) = desk.decide([proposal(action, version, coder=coder, **about)])
    return written


def stands(desk, version, coder="Ann", suggestion=1):
    shown = desk.read(coder, version).suggestions
    return next(one.decision for one in shown if one.id == suggestion)


def codes(desk, version, coder="Ann"):
    return [one.code for one in desk.codings(coder, version)]


# What a decision rests on


def test_accepting_says_what_was_accepted(desk, anna):
    written = decide(desk, "accept", anna, suggestion=1, memo="clear")
    assert (written.code, written.start, written.end, written.memo) == ("trust", 28, 47, "clear")
    assert stands(desk, anna) == written
    assert codes(desk, anna) == ["trust"]


def test_a_second_thought_names_the_first(desk, anna):
    first = decide(desk, "accept", anna, suggestion=1)
    second = decide(desk, "reject", anna, suggestion=1, previous=first.id)
    assert second.previous == first.id
    assert codes(desk, anna) == []


@pytest.mark.parametrize("previous", [None, 2])
def test_a_decision_on_another_standing_is_refused_and_told_where_one_stands(store, desk, anna, previous):
    first = decide(desk, "accept", anna, suggestion=1)
    decide(desk, "accept", anna, suggestion=2)
    with pytest.raises(Outdated) as refused:
        decide(desk, "reject", anna, suggestion=1, previous=previous)
    assert refused.value.current == (first,)
    assert len(list(store.decisions.stream())) == 2


def test_of_several_decisions_all_are_written_or_none(store, desk, anna):
    with pytest.raises(Outdated):
        desk.decide([proposal("accept", anna, suggestion=1), proposal("accept", anna, suggestion=2, previous=7)])
    with pytest.raises(UsageError, match="two decisions about the same"):
        desk.decide([proposal("accept", anna, suggestion=1), proposal("reject", anna, suggestion=1)])
    assert list(store.decisions.stream()) == []


def test_a_memo_is_part_of_where_one_stands(desk, anna):
    first = decide(desk, "accept", anna, suggestion=1)
    memo = decide(desk, "memo", anna, suggestion=1, previous=first.id, memo="why")
    standing = stands(desk, anna)
    assert (standing.id, standing.action, standing.memo) == (memo.id, Action.ACCEPT, "why")
    with pytest.raises(Outdated):
        decide(desk, "memo", anna, suggestion=1, previous=first.id, memo="another tab")
    decide(desk, "memo", anna, suggestion=1, previous=memo.id)
    assert stands(desk, anna).memo == ""


def test_sent_twice_it_is_written_once(store, desk, anna):
    sent = [proposal("accept", anna, suggestion=1, key="k1"), proposal("code", anna, span=SPAN, code="team", key="k2")]
    assert desk.decide(sent) == desk.decide(sent)
    decide(desk, "reject", anna, suggestion=1, previous=1)
    assert [one.id for one in desk.decide(sent)] == [1, 2]
    assert len(list(store.decisions.stream())) == 3


def test_another_coders_key_is_refused(desk, anna):
    decide(desk, "accept", anna, suggestion=1, key="k")
    with pytest.raises(UsageError, match="taken"):
        decide(desk, "accept", anna, "Ben", suggestion=2, key="k")


def test_coders_stand_apart(desk, anna):
    decide(desk, "accept", anna, suggestion=1)
    decide(desk, "code", anna, "Ben", suggestion=1, code="team")
    (other,) = next(one.others for one in desk.read("Ann", anna).suggestions if one.id == 1)
    assert (other.coder, other.action, other.code) == ("Ben", Action.CODE, "team")
    assert [(one.coder, one.mine) for one in desk.codings("Ann", anna)] == [("Ann", True), ("Ben", False)]
    with pytest.raises(Missing):
        decide(desk, "memo", anna, previous=2, memo="not mine")


# Codings


def test_another_code_keeps_the_suggested_passage_and_another_passage_the_code(desk, anna):
    first = decide(desk, "code", anna, suggestion=1, code="team")
    assert (first.code, first.start, first.end) == ("team", 28, 47)
    second = decide(desk, "code", anna, suggestion=1, span=SPAN, previous=first.id)
    assert (second.code, second.start, second.end) == ("team", 30, 40)


def test_a_passage_of_ones_own_is_coded_several_times_moved_and_removed(desk, anna):
    first = decide(desk, "code", anna, span=SPAN, code="team")
    decide(desk, "code", anna, span=SPAN, code="budget")
    moved = decide(desk, "code", anna, span=Span(28, 40), previous=first.id)
    assert (moved.code, moved.suggestion) == ("team", None)
    assert codes(desk, anna) == ["team", "budget"]
    decide(desk, "reject", anna, previous=moved.id)
    assert codes(desk, anna) == ["budget"]


def test_codes_that_are_not_in_the_codebook_are_refused(desk, anna):
    with pytest.raises(CodebookError):
        decide(desk, "code", anna, span=SPAN, code="moon")
    with pytest.raises(CodebookError):
        desk.add_event(NewEvent("Ann", EventKind.MEMO, code="moon", text="x"))
    with pytest.raises(CodebookError):
        desk.preview("Ann", Filter(code="moon"))


def test_what_is_not_there_is_missing(desk, anna):
    with pytest.raises(Missing, match="suggestion 99"):
        decide(desk, "accept", anna, suggestion=99)
    with pytest.raises(Missing, match="version 99"):
        decide(desk, "code", 99, span=SPAN, code="team")
    with pytest.raises(Missing, match="decision 99"):
        decide(desk, "reject", anna, previous=99)
    with pytest.raises(Missing, match="version 99"):
        desk.read("Ann", 99)


# Undoing


def test_undoing_goes_back_to_the_beginning_and_redoing_to_the_end(desk, anna):
    first = decide(desk, "accept", anna, suggestion=1)
    decide(desk, "reject", anna, suggestion=1, previous=first.id)
    decide(desk, "code", anna, span=SPAN, code="team")
    states = [codes(desk, anna)]
    for n in range(3):
        assert desk.undo("Ann", f"u{n}").undone.id == 3 - n
        states.append(codes(desk, anna))
    assert states == [["team"], [], ["trust"], []]
    assert desk.undo("Ann", "u4").decision is None
    for n in range(3):
        assert desk.redo("Ann", f"r{n}").decision is not None
        assert codes(desk, anna) == states[2 - n]
    assert desk.redo("Ann", "r4").decision is None


def test_one_decision_is_undone_at_any_depth_and_says_what_it_was_about(desk, anna):
    first = decide(desk, "accept", anna, suggestion=1)
    decide(desk, "accept", anna, suggestion=2)
    answer = desk.undo("Ann", "u", first.id)
    assert (answer.undone.id, answer.decision.suggestion, answer.decision.code) == (first.id, 1, "trust")
    assert codes(desk, anna) == ["budget"]
    with pytest.raises(UsageError, match="undone already"):
        desk.undo("Ann", "u2", first.id)
    with pytest.raises(Missing):
        desk.undo("Ben", "u3", 2)


def test_undoing_sent_twice_undoes_once(desk, anna):
    decide(desk, "accept", anna, suggestion=1)
    decide(desk, "accept", anna, suggestion=2)
    assert desk.undo("Ann", "u") == desk.undo("Ann", "u")
    assert codes(desk, anna) == ["trust"]
    assert desk.redo("Ann", "r") == desk.redo("Ann", "r")
    assert codes(desk, anna) == ["trust", "budget"]


def test_after_undoing_one_may_decide_as_if_for_the_first_time(desk, anna):
    decide(desk, "accept", anna, suggestion=1)
    desk.undo("Ann", "u")
    decide(desk, "reject", anna, suggestion=1)
    assert stands(desk, anna).action is Action.REJECT


def test_the_log_tells_what_holds(desk, anna):
    decide(desk, "accept", anna, suggestion=1)
    decide(desk, "accept", anna, "Ben", suggestion=1)
    desk.undo("Ann", "u")
    assert [(one.id, one.action, one.in_force) for one in desk.log("Ann", 50)] == [
        (3, Action.UNDO, True),
        (1, Action.ACCEPT, False),
    ]
    assert len(desk.log("Ann", 1)) == 1


# Bulk


def test_many_are_accepted_at_once_as_many_as_were_told(desk, anna):
    decide(desk, "reject", anna, suggestion=1)
    decide(desk, "memo", desk.read("Ann", 2).version, suggestion=4, memo="look")
    wanted = Filter(code="trust", at_least=0.1)
    told = desk.preview("Ann", wanted)
    assert (told.count, sorted(one.id for one in told.sample)) == (2, [4, 7])
    assert told == desk.preview("Ann", wanted)
    with pytest.raises(Outdated, match="2 by now, not 3"):
        desk.accept_all("Ann", wanted, 3, "b")
    ids = desk.accept_all("Ann", wanted, 2, "b")
    assert desk.accept_all("Ann", wanted, 2, "b") == ids
    assert (len(ids), desk.preview("Ann", wanted).count) == (2, 0)
    assert stands(desk, 2, suggestion=4).memo == "look"


def test_what_was_accepted_in_one_go_is_undone_in_one_go_and_comes_back_so(desk, anna):
    decide(desk, "accept", anna, suggestion=2)
    ids = desk.accept_all("Ann", Filter(code="trust"), 3, "b")
    answer = desk.undo("Ann", "u")
    assert (answer.count, answer.undone.id) == (3, ids[-1])
    assert desk.undo("Ann", "u") == answer
    assert codes(desk, anna) == ["budget"]
    assert desk.redo("Ann", "r").count == 3
    assert codes(desk, anna) == ["trust", "budget"]
    assert desk.undo("Ann", "u2", ids[0]).count == 1
    assert desk.undo("Ann", "u3").count == 2
    assert desk.undo("Ann", "u4").undone.suggestion == 2


def test_only_the_version_and_the_probability_asked_for_are_accepted(desk, anna):
    assert desk.preview("Ann", Filter(code="trust", at_least=0.4)).count == 2
    assert desk.preview("Ann", Filter(code="trust", version=anna)).count == 1


def test_others_write_other_decisions_with_the_same_desk(desk, anna):
    (written,) = desk.write(
        lambda _: [NewDecision("consensus", anna, Action.CODE, span=SPAN, code="team", recorder="Ann")]
    )
    assert (written.coder, written.recorder) == ("consensus", "Ann")
    assert [one.coder for one in desk.codings("Ben", anna)] == ["consensus"]
