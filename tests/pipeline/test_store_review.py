"""What the review page needs of the store: older studies upgraded, keys, marks, sentences, runner-up codes."""

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from corpus.errors import UsageError
from corpus.transcript import Role, Span
from pipeline.store import Action, ChangeCounters, EventKind, NewDecision, NewEvent, Sentence, StudyStore
from pipeline.store.migrate import SCRIPTS
from tests.pipeline.store_support import (
    TALK,
    add,
    coded_run,
    facts_of,
    refused_by_trigger,
    source_of,
    suggestion_of,
    transcript_of,
)

SPAN = Span(3, 8)
NOW = "2026-01-02 03:04:05"
LOGGED = 'time, coder, version, action, suggestion, start, "end", code, memo, previous, blind'
FIRST_SCHEMA = (
    f"INSERT INTO transcripts VALUES (1, 'P01', 'P01.txt', 's', 'd', 'Our words.', 10, '[]', 't', '[]', '{NOW}', NULL)",
    f"INSERT INTO runs VALUES (1, '{NOW}', '{NOW}', 'finished', 'r', 'm', 'c', 's', '{{}}')",
    f"INSERT INTO outcomes VALUES (1, 1, 1, 'P01', 't', 'done', '', 1, '{NOW}')",
    "INSERT INTO suggestions VALUES (1, 1, 0, 5, 'team', 0.5, 1, '[]', '[]', '[]')",
    f"INSERT INTO decisions ({LOGGED}) VALUES ('{NOW}', 'Ann', 1, 'accept', 1, 0, 5, 'team', 'why', NULL, '0')",
    f"INSERT INTO decisions ({LOGGED}) VALUES ('{NOW}', 'Ann', 1, 'undo', NULL, NULL, NULL, NULL, '', 1, '0')",
)


@pytest.fixture
def version(store):
    version = add(store)
    coded_run(store, version, suggestion_of(0, "a"), suggestion_of(1, "b"))
    return version


def decision_of(version, **other):
    return NewDecision("Ann", version, Action.CODE, span=SPAN, code="a", **other)


# Upgrading


def old_database(place):
    """Make an empty database into one of the first schema, with a decision and its undoing."""
    engine = create_engine(place if "://" in place else f"sqlite:///{place}")
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for statement in FIRST_SCHEMA:
            connection.execute(text(statement))
    engine.dispose()


@pytest.fixture
def old(place, tmp_path):
    place = place if "://" in place else str(tmp_path / "old.db")
    old_database(place)
    return place


def test_an_older_study_is_upgraded_and_keeps_its_log(old):
    with StudyStore(old) as store:
        first, second = store.decisions.stream()
        assert (first.action, first.code, first.span, first.memo) == (Action.ACCEPT, "team", Span(0, 5), "why")
        assert (second.action, second.previous) == (Action.UNDO, 1)
        assert {(one.recorder, one.key) for one in (first, second)} == {("", None)}
        assert [stored.suggestion.alternatives for stored in store.suggestions.stream()] == [()]
        assert list(store.events.stream()) == []


def test_an_upgraded_log_is_still_append_only(old):
    StudyStore(old).close()
    refused_by_trigger(old, "UPDATE decisions SET code = 'x'")
    refused_by_trigger(old, "DELETE FROM decisions")


def test_an_upgraded_study_goes_on(old):
    with StudyStore(old) as store:
        (written,) = store.decisions.add(NewDecision("Ann", 1, Action.REJECT, suggestion=1, key="k"))
        assert (written.id, written.key) == (3, "k")
        assert [one.decision for one in store.decisions.current()] == [written]


# Keys


def test_what_is_sent_twice_is_written_once(store, version):
    (first,) = store.decisions.add(decision_of(version, key="k1"))
    again = store.decisions.add(decision_of(version, key="k1"), decision_of(version, key="k2"))
    assert again[0] == first
    assert [one.key for one in store.decisions.stream()] == ["k1", "k2"]


def test_one_key_twice_in_one_send_is_one_decision(store, version):
    first, second = store.decisions.add(decision_of(version, key="k"), decision_of(version, key="k"))
    assert first == second


def test_decisions_without_a_key_never_meet(store, version):
    store.decisions.add(decision_of(version), decision_of(version))
    assert len(list(store.decisions.stream())) == 2


def test_another_coders_key_gives_nothing_away(store, version):
    store.decisions.add(decision_of(version, key="k", memo="hers"))
    with pytest.raises(UsageError, match="taken") as refused:
        store.decisions.add(NewDecision("Ben", version, Action.CODE, span=SPAN, code="a", key="k"))
    assert "hers" not in str(refused.value)


def test_a_recorder_may_send_a_consensus_again(store, version):
    draft = NewDecision("consensus", version, Action.CODE, span=SPAN, code="a", recorder="Ann", key="k")
    assert store.decisions.add(draft) == store.decisions.add(draft)


def test_the_database_itself_refuses_a_key_twice(place, store, version):
    store.decisions.add(decision_of(version, key="k"))
    if "://" not in place:
        columns = "time, coder, version, action, memo, blind, key"
        refused_by_trigger(
            place, f"INSERT OR REPLACE INTO decisions ({columns}) VALUES ('{NOW}', 'B', {version}, 'memo', '', 0, 'k')"
        )
    assert [one.coder for one in store.decisions.stream()] == ["Ann"]


def test_who_looked_at_an_older_log_writes_nothing(store, version):
    (first,) = store.decisions.add_after(0, decision_of(version))
    assert store.decisions.add_after(0, decision_of(version)) is None
    assert store.decisions.add_after(first.id, decision_of(version))[0].id > first.id
    assert len(list(store.decisions.stream(after=first.id))) == 1


# Marks


def test_marks_come_back_as_they_were_made(store, version):
    memo = store.events.add(NewEvent("Ann", EventKind.MEMO, version, text="rich 🙂 talk"))
    audit = store.events.add(NewEvent("Ben", EventKind.AUDITED_EMPTY, version, Span(0, 19)))
    on_code = store.events.add(NewEvent("Ann", EventKind.MEMO, code="team", text="too wide"))
    assert list(store.events.stream()) == [memo, audit, on_code]
    assert list(store.events.stream(coder="Ann")) == [memo, on_code]
    assert list(store.events.stream(version=version, after=memo.id)) == [audit]


@pytest.mark.parametrize(
    ("kind", "about"),
    [
        (EventKind.MEMO, {}),
        (EventKind.MEMO, {"version": 1, "code": "a"}),
        (EventKind.MEMO, {"version": 1, "span": SPAN}),
        (EventKind.BLIND, {}),
        (EventKind.DONE, {"version": 1, "code": "a"}),
        (EventKind.AUDITED_EMPTY, {"version": 1}),
        (EventKind.AUDITED_FOUND, {"span": SPAN}),
    ],
)
def test_a_mark_about_the_wrong_thing_cannot_be_made(kind, about):
    with pytest.raises(UsageError, match=f"kind {kind} is not about that"):
        NewEvent("Ann", kind, **about)


def test_a_mark_needs_a_coder_a_version_and_a_place_in_it(store, version):
    with pytest.raises(UsageError, match="name of its coder"):
        NewEvent("", EventKind.DONE, version)
    with pytest.raises(UsageError, match="no transcript version 9"):
        store.events.add(NewEvent("Ann", EventKind.DONE, 9))
    with pytest.raises(UsageError, match="leaves transcript version"):
        store.events.add(NewEvent("Ann", EventKind.AUDITED_EMPTY, version, Span(0, len(TALK) + 1)))


@pytest.mark.parametrize("statement", ["UPDATE marks SET text = 'x'", "DELETE FROM marks"])
def test_marks_never_change(place, store, version, statement):
    store.events.add(NewEvent("Ann", EventKind.DONE, version))
    refused_by_trigger(place, statement)


# What a run leaves for the page


def test_runner_up_codes_are_kept(store, version):
    coded_run(store, version, suggestion_of(6, "c", alternatives=(("a", 0.25), ("b", 0.125))))
    assert [one.suggestion.alternatives for one in store.suggestions.stream()] == [(("a", 0.25), ("b", 0.125))]


def test_the_scored_sentences_are_those_of_the_newest_run(store, version):
    first, second = (Sentence(Span(0, 19), 0),), (Sentence(Span(0, 38), 0), Sentence(Span(39, 60), 0))
    for sentences in (first, second):
        run = store.runs.start(facts_of())
        store.runs.save(run, version, (), sentences)
    assert store.runs.sentences(version) == list(second)


def test_a_run_that_kept_no_sentences_has_them_cut_again(store):
    version = store.transcripts.add(transcript_of(), source_of("P01")).version
    asked = store.transcripts.add(transcript_of("Q", role=Role.INTERVIEWER), source_of("Q")).version
    assert next(one.span.of(TALK) for one in store.runs.sentences(version)) == "We meet every week."
    assert store.runs.sentences(asked) == []


def test_a_page_may_ask_about_what_the_newest_run_made_and_what_was_decided_on(store, version):
    first, second = store.suggestions.stream(version=version)
    store.decisions.add(NewDecision("Ann", version, Action.REJECT, suggestion=first.id))
    coded_run(store, version, suggestion_of(20, "c"))
    rows = [(one.code, one.start, one.version) for one in store.suggestions.candidates("codebook-digest")]
    assert rows == [("a", 0, version), ("c", 20, version)]
    assert [one.code for one in store.suggestions.candidates("another codebook")] == ["a"]
    assert store.suggestions.by_id([first.id, second.id]).keys() == {first.id}


def test_texts_that_were_replaced_are_not_asked_about(store, version):
    add(store, words="Another text altogether.")
    assert list(store.suggestions.candidates("codebook-digest")) == []


def test_anything_stored_moves_the_pulse(store):
    assert store.change_counters() == ChangeCounters(0, 0, 0)
    version = add(store)
    coded_run(store, version)
    store.decisions.add(decision_of(version))
    store.events.add(NewEvent("Ann", EventKind.DONE, version))
    assert store.change_counters() == ChangeCounters(1, 1, 1)
