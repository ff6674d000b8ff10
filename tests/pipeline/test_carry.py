"""Codings follow a corrected or renamed transcript, once, and what cannot be placed is listed."""

from itertools import pairwise, product

import pytest

from corpus.suggestion import Suggestion
from corpus.transcript import Role, Span, Transcript, Turn
from pipeline.carry import carry_forward, not_placed
from pipeline.store import Action, EventKind, NewDecision, NewEvent
from tests.pipeline.store_support import facts_of, source_of

TALK = "We meet every week. The nurse rings me.\nSometimes nobody tells me anything."
NURSE = "The nurse rings me."
NOBODY = "Sometimes nobody tells me anything."


def add(store, words, name="P01"):
    transcript = Transcript(name, words, (Turn(Span(0, len(words)), "Anna", Role.PARTICIPANT),))
    return store.transcripts.add(transcript, source_of(name, words)).version


def span_of(words, text):
    return Span(text.index(words), text.index(words) + len(words))


def code(store, version, words, text, **other):
    values = {"coder": "Ann", "code": "team", **other}
    return store.decisions.add(NewDecision(version=version, action=Action.CODE, span=span_of(words, text), **values))[0]


def suggest(store, version, *passages):
    run = store.runs.start(facts_of())
    found = [Suggestion(span, ("t0000s000",), code, 0.5, 1) for span, code in passages]
    store.runs.save(run, version, found)
    store.runs.finish(run)
    return [stored.id for stored in store.suggestions.stream(version=version)]


def codings(store, version, text):
    return [
        (current.decision.coder, current.decision.span.of(text), current.decision.code)
        for current in store.decisions.codings(version=version)
    ]


def carry(store, *names):
    return carry_forward(store, names or ("P01",))


@pytest.mark.parametrize(
    "new",
    [
        TALK + "\n",
        "Interview 1\n" + TALK,
        TALK.replace("We meet every week.", "We meet each month."),
        f"{NOBODY}\n{NURSE}",
    ],
    ids=["line at the end", "title", "other words", "sentences exchanged"],
)
def test_a_coding_follows_its_words(store, new):
    old = add(store, TALK)
    code(store, old, NURSE, TALK, memo="hm")
    fresh = add(store, new)
    (carried,) = carry(store)
    assert (carried.moved, carried.changed, carried.not_placed) == (1, 0, 0)
    assert codings(store, fresh, new) == [("Ann", NURSE, "team")]
    assert store.decisions.codings(version=fresh)[0].memo == "hm"


def test_words_that_changed_ask_to_be_looked_at(store):
    old, new = add(store, TALK), TALK.replace("nurse", "nurrse")
    code(store, old, NURSE, TALK)
    fresh = add(store, new)
    (carried,) = carry(store)
    assert carried.changed == 1
    assert codings(store, fresh, new) == [("Ann", "The nurrse rings me.", "team")]
    (event,) = store.events.stream(version=fresh)
    assert (event.kind, event.span.of(new), event.code) == (EventKind.MOVED, "The nurrse rings me.", "team")


def test_carrying_twice_writes_nothing_twice_and_undone_stays_undone(store):
    old = add(store, TALK)
    code(store, old, NURSE, TALK)
    fresh = add(store, TALK + "\n")
    carry(store)
    assert carry(store) == []
    (current,) = store.decisions.codings(version=fresh)
    store.decisions.undo(current.decision.id, coder="Ann")
    assert carry(store) == []
    assert codings(store, fresh, TALK) == []


@pytest.mark.parametrize(
    "order",
    ["a" + "".join(rest) for rest in product("abc", repeat=3) if all(x != y for x, y in pairwise(("a", *rest)))],
)
def test_a_coding_is_there_once_in_whatever_order_texts_come_back(store, order):
    texts = {"a": TALK, "b": TALK.replace("every", "each"), "c": f"Interview 1\n{TALK}"}
    code(store, add(store, TALK), NURSE, TALK)
    for name in order[1:]:
        fresh = add(store, texts[name])
        carry(store)
        assert codings(store, fresh, texts[name]) == [("Ann", NURSE, "team")]


def test_what_finds_no_place_is_listed_until_it_is_let_go(store):
    old, new = add(store, TALK), TALK.replace(NURSE, "")
    decision = code(store, old, NURSE, TALK)
    add(store, new)
    (carried,) = carry(store)
    assert (carried.moved, carried.not_placed) == (0, 1)
    (unplaced,) = not_placed(store)
    assert unplaced.current.decision.id == decision.id
    store.events.add(NewEvent("Ann", EventKind.LET_GO, old, decision.span, decision.code))
    assert not_placed(store) == []


def test_what_found_no_place_finds_it_in_a_later_text(store):
    code(store, add(store, TALK), NURSE, TALK)
    add(store, TALK.replace(NURSE, ""))
    carry(store)
    again = add(store, TALK + "\nThe end.")
    carry(store)
    assert codings(store, again, TALK) == [("Ann", NURSE, "team")]
    assert not_placed(store) == []


def test_a_change_made_after_carrying_is_what_goes_on(store):
    code(store, add(store, TALK), NURSE, TALK)
    second = add(store, TALK + "\n")
    carry(store)
    (current,) = store.decisions.codings(version=second)
    span = current.decision.span
    store.decisions.add(NewDecision("Ann", second, Action.CODE, span=span, code="trust", previous=current.decision.id))
    third = add(store, TALK + "\n\n")
    carry(store)
    assert codings(store, third, TALK) == [("Ann", NURSE, "trust")]


def test_a_text_that_comes_back_keeps_what_it_had_once(store):
    first = add(store, TALK)
    code(store, first, NURSE, TALK)
    second = add(store, TALK + "\nMore.")
    carry(store)
    code(store, second, NOBODY, TALK + "\nMore.", code="trust")
    assert add(store, TALK) == first
    carry(store)
    assert {*codings(store, first, TALK)} == {("Ann", NURSE, "team"), ("Ann", NOBODY, "trust")}


def test_answers_go_to_the_suggestions_of_the_current_text(store):
    old = add(store, TALK)
    nurse, nobody = suggest(store, old, (span_of(NURSE, TALK), "team"), (span_of(NOBODY, TALK), "trust"))
    store.decisions.add(
        NewDecision("Ann", old, Action.ACCEPT, suggestion=nurse),
        NewDecision("Ann", old, Action.REJECT, suggestion=nobody),
        NewDecision("Ben", old, Action.UNSURE, suggestion=nurse),
    )
    new = "Title\n" + TALK
    fresh = add(store, new)
    now = suggest(store, fresh, (span_of(NURSE, new), "team"), (span_of(NOBODY, new), "trust"))
    carry(store)
    found = {
        (c.decision.coder, c.decision.suggestion): c.decision.action for c in store.decisions.current(version=fresh)
    }
    assert found == {
        ("Ann", now[0]): Action.ACCEPT,
        ("Ann", now[1]): Action.REJECT,
        ("Ben", now[0]): Action.UNSURE,
    }


def test_an_accepted_suggestion_that_is_not_made_again_stays_a_coding(store):
    old = add(store, TALK)
    (nurse,) = suggest(store, old, (span_of(NURSE, TALK), "team"))
    store.decisions.add(NewDecision("Ann", old, Action.ACCEPT, suggestion=nurse))
    fresh = add(store, TALK + "\n")
    suggest(store, fresh)
    carry(store)
    assert codings(store, fresh, TALK) == [("Ann", NURSE, "team")]


def test_a_renamed_file_takes_its_codings_along_and_the_old_name_leaves(store):
    code(store, add(store, TALK, "P01"), NURSE, TALK)
    fresh = add(store, TALK, "Anna 2026")
    (carried,) = carry(store, "Anna 2026")
    assert carried.transcript == "Anna 2026"
    assert codings(store, fresh, TALK) == [("Ann", NURSE, "team")]
    assert [version.name for version in store.transcripts.versions()] == ["Anna 2026"]


def test_equal_texts_under_two_names_that_are_both_there_stay_apart(store):
    code(store, add(store, TALK, "P01"), NURSE, TALK)
    second = add(store, TALK, "P02")
    assert carry(store, "P01", "P02") == []
    assert codings(store, second, TALK) == []


def test_memos_and_the_end_of_work_follow_the_text(store):
    old = add(store, TALK)
    code(store, old, NURSE, TALK)
    store.events.add(NewEvent("Ann", EventKind.MEMO, old, text="Tired at the end."))
    store.events.add(NewEvent("Ann", EventKind.DONE, old))
    fresh = add(store, TALK + "\n")
    carry(store)
    carry(store)
    assert [(event.kind, event.text) for event in store.events.stream(version=fresh)] == [
        (EventKind.MEMO, "Tired at the end."),
        (EventKind.DONE, ""),
    ]


def test_a_consensus_follows_with_who_wrote_it_down(store):
    old = add(store, TALK)
    code(store, old, NURSE, TALK, coder="consensus", recorder="Ann")
    fresh = add(store, TALK + "\n")
    carry(store)
    (current,) = store.decisions.codings(version=fresh)
    assert (current.decision.coder, current.decision.recorder) == ("consensus", "Ann")
