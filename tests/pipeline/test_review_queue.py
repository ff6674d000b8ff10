"""In which order suggestions are asked, which are left out, and what is shown with them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.transcript import Role, Span, Transcript, Turn
from pipeline.review.ordering import QueueOrder, teaching
from pipeline.review.queue import QueueRequest
from pipeline.review.suggestion_index import SuggestionIndex, Wanted, index_of
from pipeline.review.transcript_cache import LONG, pieces
from pipeline.store.records import StoredCandidate
from pipeline.study_filter import Filter
from tests.pipeline.review_support import (
    ASKED,
    BOOK,
    FACTS,
    SAID,
    desk_of,
    fill,
    interview,
    proposal,
    sentences_of,
    suggested,
)
from tests.pipeline.store_support import source_of


@pytest.fixture
def versions(store):
    return fill(store)


@pytest.fixture
def desk(store, versions):
    return desk_of(store)


def asked(desk, coder="Ann", **question):
    return [one.id for one in desk.queue(coder, QueueRequest(limit=50, **question)).items]


# Orders; the n-th suggestion has probability n / 10 and the codes take turns: trust, budget, team


@pytest.mark.parametrize(
    ("order", "ids"),
    [
        (QueueOrder.CERTAIN, [8, 7, 6, 5, 4, 3, 2, 1]),
        (QueueOrder.UNCERTAIN, [1, 2, 3, 4, 5, 6, 7, 8]),
        (QueueOrder.CODE, [6, 3, 7, 4, 1, 8, 5, 2]),
        (QueueOrder.DOMAIN, [7, 6, 4, 3, 1, 8, 5, 2]),
        (QueueOrder.TRANSCRIPT, [1, 2, 3, 4, 5, 6, 7, 8]),
        (QueueOrder.TEACH, [1, 2, 3, 5, 4, 6, 7, 8]),
    ],
)
def test_orders(desk, order, ids):
    assert asked(desk, order=order) == ids


def test_codes_with_few_decisions_teach_most(desk, versions):
    for suggestion in (1, 4):  # both of trust
        version = versions["anna" if suggestion == 1 else "bert"]
        desk.decide([proposal("accept", version, suggestion=suggestion)])
    assert asked(desk, order=QueueOrder.TEACH) == [
        2,
        3,
        5,
        6,
        7,
        8,
    ]  # 7 is the third of its code, though the first that is open


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 20), st.booleans()), max_size=40))
def test_what_teaches_takes_the_codes_in_turn(rows):
    codes = np.array([code for code, _, _ in rows], dtype=np.intp)
    chances = np.array([chance / 20 for _, chance, _ in rows])
    decided = np.array([done for _, _, done in rows], dtype=np.bool_)
    order = teaching(codes, chances, decided)
    assert sorted(order.tolist()) == list(range(len(rows)))
    judged = np.bincount(codes[decided], minlength=5)
    turns = []
    for row in order[~decided[order]]:
        turns.append(judged[codes[row]])
        judged[codes[row]] += 1
    assert turns == sorted(turns)


ROWS = st.lists(
    st.tuples(st.integers(1, 3), st.integers(0, 9), st.sampled_from([*BOOK.ids, "gone"]), st.integers(0, 9))
)


@given(ROWS, st.sampled_from([order for order in QueueOrder if order not in {QueueOrder.TEACH, QueueOrder.DISAGREE}]))
def test_every_order_holds_every_suggestion_once(rows, order):
    index = indexed(rows)
    assert sorted(index.order(order).tolist()) == list(range(len(rows)))


@given(ROWS, st.sampled_from([None, *BOOK.ids]), st.sampled_from([None, "People", "Means", "Moon"]), st.integers(0, 9))
def test_filters_mean_what_they_say(rows, code, domain, least):
    index = indexed(rows)
    flags = index.matching(Filter(domain, code, 2, least / 10, 0.8), hidden={3})
    for n, (version, _, found, chance) in enumerate(rows):
        fits = version == 2 and code in {None, found} and least / 10 <= chance / 10 <= 0.8
        known = found in BOOK.by_id
        assert flags[n] == (fits and (domain is None or (known and BOOK[found].domain == domain)))


def indexed(rows) -> SuggestionIndex:
    made = (StoredCandidate(n, v, s, s + 5, code, p / 10) for n, (v, s, code, p) in enumerate(rows, start=1))
    return index_of(made, BOOK, (1, 2, 3))


def test_a_suggestion_is_found_by_its_id():
    index = indexed([(1, 0, "team", 5), (1, 0, "trust", 5)])
    assert [index.row(one) for one in (0, 1, 2, 3)] == [None, 0, 1, None]


# Walking


def test_the_queue_goes_on_behind_what_was_shown_last(desk):
    assert asked(desk, after=5) == [4, 3, 2, 1]
    assert asked(desk, after=1) == []
    assert asked(desk, after=99) == asked(desk)


def test_what_is_decided_leaves_the_queue_and_what_was_shown_keeps_its_place(desk, versions):
    desk.decide([proposal("accept", versions["cleo"], suggestion=8)])
    assert asked(desk, after=8) == [7, 6, 5, 4, 3, 2, 1]
    answer = desk.queue("Ann", QueueRequest())
    assert (answer.remaining, answer.total) == (7, 8)
    assert asked(desk, "Ben")[0] == 8


def test_what_one_is_unsure_of_is_asked_again_when_wanted(desk, versions):
    desk.decide([proposal("unsure", versions["cleo"], suggestion=8)])
    desk.decide([proposal("memo", versions["cleo"], suggestion=7, memo="hm")])
    assert asked(desk, state=Wanted.UNSURE) == [8]
    assert asked(desk)[0] == 7
    assert asked(desk, state=Wanted.ALL)[0] == 8


def test_an_undone_decision_comes_back(desk, versions):
    desk.decide([proposal("accept", versions["cleo"], suggestion=8)])
    desk.undo("Ann", "u")
    assert asked(desk)[0] == 8


def test_what_teaches_keeps_its_order_while_one_walks(desk, versions):
    first, *rest = asked(desk, order=QueueOrder.TEACH)
    desk.decide([proposal("accept", versions["anna"], suggestion=first)])
    assert asked(desk, order=QueueOrder.TEACH, after=first) == rest


def test_after_a_run_the_new_suggestions_are_asked(store, desk, versions):
    desk.decide([proposal("reject", versions["anna"], suggestion=1)])
    transcript = store.transcripts.get(versions["anna"])
    (*_, last) = sentences_of(transcript)
    run = store.runs.start(FACTS)
    store.runs.save(run, versions["anna"], [suggested(last.span, "trust", 0.95)])
    (new,) = asked(desk, filter=Filter(version=versions["anna"]))
    assert new > 8
    assert asked(desk, filter=Filter(version=versions["anna"]), state=Wanted.ALL) == [new, 1]


# What is shown


def test_an_item_shows_the_passage_in_its_turn_between_its_neighbours(desk):
    item = next(one for one in desk.queue("Ann", QueueRequest(limit=50)).items if one.id == 5)
    before, here = item.context
    assert (before.text, before.role) == (ASKED, Role.INTERVIEWER)
    assert here.text == SAID["bert"]
    assert here.text[item.start - here.start : item.end - here.start] == "Cafe\u0301 talk helps."
    assert (item.transcript, item.speaker, item.model) == ("bert", "Bert", "lexical/v1")
    assert 4 < item.started < 20
    assert [one.code for one in item.alternatives] == ["team", "trust"]


def test_a_passage_at_the_time_of_its_turn_without_times_has_none(store):
    words = "We talk."
    transcript = Transcript("dora", words, (Turn(Span(0, len(words)), None, Role.PARTICIPANT),))
    version = store.transcripts.add(transcript, source_of("dora")).version
    store.runs.save(store.runs.start(FACTS), version, [suggested(Span(0, 8), "team", 0.5)])
    (item,) = desk_of(store).queue("Ann", QueueRequest()).items
    assert (item.started, item.speaker) == (None, None)


LETTERS = st.text(alphabet="ab. \u0301🙂", min_size=1, max_size=30)


@given(st.data(), st.integers(1, 8), LETTERS)
def test_a_long_turn_is_cut_around_the_passage(data, repeat, letters):
    words = "x" + letters * (repeat * LONG // (2 * len(letters)) + 1)
    transcript = interview("eva", words)
    turn = transcript.turns[1].span
    start = data.draw(st.integers(turn.start, turn.end - 1))
    span = Span(start, data.draw(st.integers(start + 1, min(turn.end, start + 3 * LONG))))
    _, here = pieces(transcript, 1, span, [])
    assert here.text == transcript.text[here.start : here.end]
    assert turn.start <= here.start <= span.start < span.end <= here.end <= turn.end
    assert len(here.text) <= max(LONG, len(span)) + 2
    assert len(turn) > LONG or (here.start, here.end) == (turn.start, turn.end)


def test_a_long_turn_is_cut_at_the_ends_of_sentences():
    words = " ".join(f"This is sentence number {n:04d}." for n in range(200))
    transcript = interview("eva", words)
    sentences = [one.span for one in sentences_of(transcript)]
    _, here = pieces(transcript, 1, sentences[100], sentences)
    assert here.text.startswith("This is")
    assert here.text.endswith(".")
    assert 1_000 < len(here.text) <= LONG
