"""Marks, and what stays hidden from who codes blind."""

import pytest

from corpus.errors import UsageError
from corpus.transcript import Span
from pipeline.review.errors import Missing
from pipeline.review.queue import QueueRequest
from pipeline.store import EventKind, NewEvent
from pipeline.study_filter import Filter
from tests.pipeline.review_support import desk_of, fill, proposal
from tests.pipeline.store_support import add

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


# Marks


def test_the_last_memo_holds_and_an_empty_one_withdraws_it(desk, anna):
    for text in ("first", "second"):
        desk.add_event(NewEvent("Ann", EventKind.MEMO, anna, text=text))
    desk.add_event(NewEvent("Ann", EventKind.MEMO, code="team", text="on a code"))
    assert [one.text for one in desk.events("Ann")] == ["second", "on a code"]
    assert [one.text for one in desk.read("Ben", anna).memos] == ["second"]
    desk.add_event(NewEvent("Ann", EventKind.MEMO, anna))
    assert [one.text for one in desk.events("Ann")] == ["on a code"]


def test_audits_are_not_among_the_marks_shown(desk, anna):
    desk.add_event(NewEvent("Ann", EventKind.AUDITED_EMPTY, anna, SPAN))
    assert desk.events("Ann") == []


# Blind


def blind(desk, version, coder="Ann"):
    return desk.add_event(NewEvent(coder, EventKind.BLIND, version))


def test_blind_coding_ends_when_done_and_begins_again_when_reopened(desk, anna):
    blind(desk, anna)
    assert desk.hidden("Ann") == {anna}
    desk.add_event(NewEvent("Ann", EventKind.DONE, anna))
    assert desk.hidden("Ann") == frozenset()
    desk.add_event(NewEvent("Ann", EventKind.REOPENED, anna))
    assert desk.hidden("Ann") == {anna}
    assert desk.hidden("Ben") == frozenset()


def test_what_is_coded_after_the_suggestions_were_open_is_not_blind(desk, anna):
    blind(desk, anna)
    before = decide(desk, "code", anna, span=SPAN, code="team")
    desk.add_event(NewEvent("Ann", EventKind.DONE, anna))
    open_to_ann = decide(desk, "code", anna, span=SPAN, code="trust")
    desk.add_event(NewEvent("Ann", EventKind.REOPENED, anna))
    after = decide(desk, "code", anna, span=SPAN, code="budget")
    assert [decision.blind for decision in (before, open_to_ann, after)] == [True, False, False]
    assert (desk.read("Ann", anna).hidden, desk.read("Ann", anna).blind) == (True, False)
    assert [coding.blind for coding in desk.codings("Ann", anna)] == [True, False, False]
    assert [event.kind for event in desk.event_stream(anna)] == [EventKind.BLIND, EventKind.DONE, EventKind.REOPENED]


def test_on_a_blind_server_who_answered_suggestions_before_is_not_blind(store, anna):
    decide(desk_of(store), "accept", anna, suggestion=1)
    desk = desk_of(store, blind=True)
    assert desk.hidden("Ann") == {1, 2, 3}
    assert not decide(desk, "code", anna, span=SPAN, code="team").blind
    assert decide(desk, "code", 2, span=SPAN, code="team").blind


def test_a_corrected_text_is_not_blind_for_who_was_done_with_the_earlier_one(store, anna):
    desk = desk_of(store, blind=True)
    desk.add_event(NewEvent("Ann", EventKind.DONE, anna))
    fresh = add(store, "anna", "Anna: We met every week. Nobody trusts the plan at all.")
    assert desk.read("Ann", fresh).hidden
    assert not decide(desk, "code", fresh, span=Span(0, 5), code="team").blind
    assert decide(desk, "code", fresh, "Ben", span=Span(0, 5), code="team").blind


def test_who_has_seen_a_suggestion_cannot_begin_blind(desk, anna):
    decide(desk, "accept", anna, suggestion=1)
    desk.undo("Ann", "u")
    with pytest.raises(UsageError, match="have seen"):
        blind(desk, anna)
    desk.add_event(NewEvent("Ann", EventKind.DONE, 2))
    with pytest.raises(UsageError, match="have seen"):
        blind(desk, 2)
    blind(desk, 3)


def test_a_blind_coder_codes_by_hand_and_cannot_answer_suggestions(desk, anna):
    blind(desk, anna)
    assert decide(desk, "code", anna, span=SPAN, code="team").blind
    with pytest.raises(Missing, match="suggestion 1"):
        decide(desk, "accept", anna, suggestion=1)
    assert desk.preview("Ann", Filter(version=anna)).count == 0
    assert all(one.version != anna for one in desk.queue("Ann", QueueRequest(limit=50)).items)


def test_a_blind_coder_sees_text_and_own_codings_only(desk, anna):
    decide(desk, "accept", anna, "Ben", suggestion=1)
    desk.add_event(NewEvent("Ben", EventKind.MEMO, anna, text="hush"))
    blind(desk, anna)
    decide(desk, "code", anna, span=SPAN, code="team")
    shown = desk.read("Ann", anna)
    assert (shown.hidden, shown.suggestions, shown.memos) == (True, [], [])
    assert [one.coder for one in shown.codings] == ["Ann"]
    (state,) = (one for one in desk.transcripts("Ann") if one.version == anna)
    assert (state.suggestions, state.decided, state.codings, state.blind, state.done) == (0, 0, 1, True, False)


def test_others_memos_on_codes_wait_until_nothing_is_hidden(desk, anna):
    desk.add_event(NewEvent("Ben", EventKind.MEMO, code="team", text="hush"))
    blind(desk, anna)
    assert [one.kind for one in desk.events("Ann")] == [EventKind.BLIND]
    desk.add_event(NewEvent("Ann", EventKind.DONE, anna))
    assert {one.text for one in desk.events("Ann")} == {"", "hush"}


def test_a_blind_server_hides_every_version_until_it_is_done(store, anna):
    desk = desk_of(store, blind=True)
    assert desk.queue("Ann", QueueRequest()).total == 0
    desk.add_event(NewEvent("Ann", EventKind.DONE, anna))
    assert desk.hidden("Ann") == {2, 3}
    assert desk.queue("Ann", QueueRequest()).total == 3


def test_what_no_run_has_seen_yet_is_hidden_too(store, anna):
    ann, ben = desk_of(store, blind=True), desk_of(store)
    ann.hidden("Ann")
    new = add(store, "dora")
    decide(ben, "code", new, "Ben", span=Span(0, 5), code="team")
    ben.add_event(NewEvent("Ben", EventKind.MEMO, new, text="hush"))
    assert new in ann.hidden("Ann")
    assert (ann.codings("Ann", new), ann.events("Ann")) == ([], [])


def test_no_answer_tells_where_a_hidden_suggestion_is(desk, anna):
    other = next(one.version for one in desk.transcripts("Ann") if one.version != anna)
    blind(desk, anna)
    with pytest.raises(Missing, match=r"^suggestion 1 is not there \(any more\)$"):
        decide(desk, "accept", other, suggestion=1)
