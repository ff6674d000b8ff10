"""Summaries of the framework matrix: one a cell, the team's; what was there stays in the log."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import UsageError
from pipeline.carry import carry_forward
from pipeline.review import summarizing
from pipeline.review.errors import Missing
from pipeline.review.summarizing import SummaryChanged, event_of
from pipeline.store.event_records import Event, EventKind, NewEvent
from pipeline.summaries import current_summaries, histories
from tests.pipeline.review_support import BOOK, desk_of, fill, interview
from tests.pipeline.store_support import source_of


@pytest.fixture
def anna(store):
    return fill(store)["anna"]


@pytest.fixture
def desk(store, anna):
    return desk_of(store)


def write(desk, version, text, previous=None, coder="Ann", code="team"):
    return summarizing.summarize(desk, event_of(coder, (version, code), text), previous)


def texts(desk, coder="Ann"):
    with desk.now() as state:
        return {(each.version, each.code): each.text for each in summarizing.summaries(state, coder)}


def past(desk, version, coder="Ann"):
    with desk.now() as state:
        return [(each.coder, each.text) for each in summarizing.history(state, coder, (version, "team"))]


def test_a_cell_says_what_was_written_last_and_keeps_what_was_there(desk, anna):
    first = write(desk, anna, " She manages. ")
    write(desk, anna, "She copes.", first.id, coder="Ben")
    assert texts(desk) == {(anna, "team"): "She copes."}
    assert past(desk, anna) == [("Ben", "She copes."), ("Ann", "She manages.")]


@pytest.mark.parametrize("text", ["Mine.", ""])
def test_who_writes_later_without_having_seen_it_is_told(desk, anna, text):
    write(desk, anna, "Ann's.")
    with pytest.raises(SummaryChanged) as told:
        write(desk, anna, text, None, coder="Ben")
    assert (told.value.current.coder, told.value.current.text) == ("Ann", "Ann's.")
    assert texts(desk) == {(anna, "team"): "Ann's."}
    write(desk, anna, text, told.value.current.id, coder="Ben")
    assert texts(desk) == ({(anna, "team"): text} if text else {})


def test_an_emptied_cell_is_written_anew_as_if_it_had_never_said_anything(desk, anna):
    first = write(desk, anna, "Once.")
    write(desk, anna, "", first.id)
    with pytest.raises(SummaryChanged) as told:
        write(desk, anna, "Late.", first.id)
    assert told.value.current is None
    write(desk, anna, "Again.")
    assert [text for _, text in past(desk, anna)] == ["Again.", "", "Once."]


def test_another_process_that_wrote_meanwhile_is_noticed(desk, store, anna):
    with desk.now():
        store.events.add(event_of("Ben", (anna, "team"), "Ben's."))
    with pytest.raises(SummaryChanged):
        write(desk, anna, "Ann's.")


def test_what_is_hidden_is_neither_read_nor_written(store, anna):
    write(desk_of(store), anna, "Ann's.")
    blind = desk_of(store, blind=True)
    assert texts(blind, "Ben") == {}
    for act in (lambda: past(blind, anna, "Ben"), lambda: write(blind, anna, "x", coder="Ben")):
        with pytest.raises(Missing):
            act()


def test_no_summary_of_a_code_or_text_that_is_not_there(desk, anna):
    with pytest.raises(UsageError):
        write(desk, anna, "x", code="nothing")
    with pytest.raises(Missing):
        write(desk, 999, "x")
    with pytest.raises(UsageError, match="not about that"):
        NewEvent("Ann", EventKind.SUMMARY, anna)


@given(
    st.lists(st.tuples(st.integers(1, 3), st.sampled_from(["team", "trust"]), st.text("ab", max_size=2)), max_size=20)
)
def test_of_every_order_in_which_summaries_arrive_the_latest_holds(written):
    start = datetime(2026, 1, 1, tzinfo=UTC)
    log = [
        Event(n, start + timedelta(minutes=n), "Ann", EventKind.SUMMARY, version, None, code, text)
        for n, (version, code, text) in enumerate(written, start=1)
    ]
    expected = {(version, code): text for version, code, text in written}
    for order in (log, log[::-1], sorted(log, key=lambda event: event.text)):
        found = current_summaries(histories(order, BOOK))
        assert {place: summary.text for place, summary in found.items()} == {
            place: text for place, text in expected.items() if text
        }


def test_summaries_follow_a_corrected_text_with_their_history_once(store, desk, anna):
    first = write(desk, anna, "One.")
    write(desk, anna, "Two.", first.id, coder="Ben")
    fresh = store.transcripts.add(interview("anna", "We meet every week, all of us."), source_of("anna")).version
    for _ in range(2):
        carry_forward(store, {"anna", "bert", "cleo"})
    assert past(desk, fresh) == [("Ben", "Two."), ("Ann", "One.")]
    assert texts(desk)[fresh, "team"] == "Two."
    with pytest.raises(UsageError, match="newer"):
        write(desk, anna, "Late.", first.id)
