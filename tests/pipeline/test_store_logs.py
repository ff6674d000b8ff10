"""What the parts of the store answer by themselves: keys and requests of decisions, events, runs, versions, spans."""

import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import InputError, UsageError
from corpus.transcript import Role, Span
from pipeline.store import Action, Change, EventKind, NewDecision, NewEvent, OutcomeState, RunState, StudyStore
from pipeline.store.migrate import revision_of
from pipeline.store.suggestions import decided_on
from pipeline.store.transcripts import check_span, unknown
from tests.pipeline.store_support import TALK, add, coded_run, facts_of, source_of, suggestion_of, transcript_of

SPAN = Span(3, 8)


@pytest.fixture
def version(store):
    return add(store)


def coding(version, **about):
    values = {"coder": "Ann", "span": SPAN, "code": "team", **about}
    return NewDecision(version=version, action=Action.CODE, **values)


# Decisions by the keys they were sent under


def test_by_key_finds_decisions_of_every_coder_and_leaves_out_what_is_not_there(store, version):
    anns, bens = store.decisions.add(coding(version, key="a"), coding(version, coder="Ben", key="b"))
    store.decisions.add(coding(version))
    assert store.decisions.by_key({"a", "b", "c"}) == {"a": anns, "b": bens}
    assert store.decisions.by_key(()) == {}


def test_by_key_keeps_a_decision_that_was_undone(store, version):
    (written,) = store.decisions.add(coding(version, key="a"))
    store.decisions.undo(written.id, coder="Ann")
    assert store.decisions.by_key(["a"]) == {"a": written}


def test_of_request_returns_all_that_was_sent_in_one_go_in_its_order(store, version):
    go = store.decisions.add(*(coding(version, key=f"go:{n}") for n in range(12)))
    store.decisions.add(coding(version, key="going:0"), coding(version, key="g"))
    assert store.decisions.of_request("go", ":") == go


def test_of_request_of_a_single_decision_is_that_decision(store, version):
    written = store.decisions.add(coding(version, key="one"))
    assert store.decisions.of_request("one", ":") == written


@pytest.mark.parametrize("key", ["missing", "go", "go:1", ""], ids=["missing", "beginning", "inner", "empty"])
def test_of_request_answers_nothing_for_a_key_that_was_never_sent(store, version, key):
    store.decisions.add(coding(version, key="gone:0"), coding(version, key="gone:1"))
    assert store.decisions.of_request(key, ":") == []


@pytest.mark.parametrize("wild", ["%", "_", "/", "\\"])
def test_of_request_takes_no_sign_of_a_key_for_a_pattern(store, version, wild):
    store.decisions.add(coding(version, key="xa:0"), coding(version, key="xa:1"))
    (own,) = store.decisions.add(coding(version, key=f"x{wild}:0"))
    assert store.decisions.of_request(f"x{wild}", ":") == [own]


def test_add_after_writes_at_the_end_that_was_seen_and_nowhere_else(store, version):
    (first,) = store.decisions.add_after(0, coding(version))
    assert store.decisions.add_after(0, coding(version)) is None
    (second,) = store.decisions.add_after(first.id, coding(version))
    assert [entry.id for entry in store.decisions.stream()] == [first.id, second.id]


@pytest.mark.parametrize(
    "text", ["👩‍⚕️ e\u0301", "\u202b\u05e9\u05dc\u05d5\u05dd\u202c", "'; DROP TABLE decisions; --", "a\nb\tc"]
)
def test_decisions_keep_memos_and_names_in_any_script(store, version, text):
    (written,) = store.decisions.add(coding(version, coder=text, memo=text, code=text))
    (read,) = store.decisions.stream(coder=text)
    assert (read, read.memo, read.code) == (written, text, text)


def test_stream_after_an_entry_yields_only_what_came_behind_it(store, version):
    written = store.decisions.add(*(coding(version, coder=coder) for coder in ("Ann", "Ben", "Ann")))
    assert list(store.decisions.stream(after=written[0].id)) == written[1:]
    assert list(store.decisions.stream(after=written[0].id, coder="Ben")) == [written[1]]
    assert list(store.decisions.stream(after=written[-1].id)) == []


def test_undoing_and_redoing_keeps_whether_a_decision_was_blind(store, version):
    (blind,) = store.decisions.add(coding(version, blind=True))
    undone = store.decisions.undo(blind.id, coder="Ann")
    redone = store.decisions.undo(undone.id, coder="Ann")
    assert (undone.blind, redone.blind) == (True, True)
    assert [current.decision.id for current in store.decisions.codings()] == [blind.id]


# Events


def test_events_stream_by_version_coder_and_place_in_the_log(store, version):
    other = add(store, "P02")
    drafts = [
        NewEvent("Ann", EventKind.DONE, version),
        NewEvent("Ben", EventKind.DONE, version),
        NewEvent("Ann", EventKind.MEMO, other, text="hm"),
        NewEvent("Ann", EventKind.MEMO, code="team", text="a code"),
    ]
    written = [store.events.add(draft) for draft in drafts]
    assert list(store.events.stream()) == written
    assert list(store.events.stream(version=version)) == written[:2]
    assert list(store.events.stream(coder="Ann")) == [written[0], *written[2:]]
    assert list(store.events.stream(after=written[2].id)) == written[3:]
    assert list(store.events.stream(version=other, coder="Ben")) == []


def test_events_come_back_with_every_field(store, version):
    draft = NewEvent("Änne 🙂", EventKind.MOVED, version, SPAN, "team")
    written = store.events.add(draft)
    (read,) = store.events.stream()
    assert read == written
    assert (read.coder, read.kind, read.version, read.span, read.code, read.text) == (
        *("Änne 🙂", EventKind.MOVED, version, SPAN, "team", ""),
    )


@pytest.mark.parametrize(
    ("draft", "message"),
    [
        (NewEvent("Ann", EventKind.DONE, 77), "no transcript version 77"),
        (NewEvent("Ann", EventKind.AUDITED_EMPTY, 1, Span(0, len(TALK) + 1)), "leaves transcript version 1"),
    ],
    ids=["version", "span"],
)
def test_events_on_what_is_not_there_are_refused_and_not_written(store, version, draft, message):
    with pytest.raises(UsageError, match=message):
        store.events.add(draft)
    assert list(store.events.stream()) == []


# Runs


def test_versions_since_names_what_runs_have_worked_on(store, version):
    other = add(store, "P02")
    coded_run(store, version)
    seen = store.change_counters().outcomes
    assert store.runs.versions_since(0) == {version}
    coded_run(store, other, recipe="recipe-2")
    assert store.runs.versions_since(seen) == {other}
    assert store.runs.versions_since(store.change_counters().outcomes) == frozenset()


def test_versions_since_leaves_out_files_that_were_refused(store, version):
    run = store.runs.start(facts_of())
    store.runs.save_error(run, "P09", "P09.txt: is empty")
    assert store.runs.versions_since(0) == frozenset()


def test_precoded_tells_codebooks_apart_by_the_newest_run(store, version):
    digest = facts_of().codebook
    assert store.runs.precoded(digest) == frozenset()
    coded_run(store, version)
    assert store.runs.precoded(digest) == {version}
    assert store.runs.precoded("another digest") == frozenset()


def test_outcomes_of_a_run_are_the_last_of_each_transcript_by_name(store, version):
    run = store.runs.start(facts_of())
    store.runs.save_error(run, "P02", "P02.txt: is empty")
    store.runs.save_error(run, "P01", "P01.txt: is locked")
    store.runs.save(run, version, [suggestion_of(), suggestion_of(10)])
    found = [(o.transcript, o.state, o.error, o.suggestions, o.version) for o in store.runs.outcomes(run)]
    assert found == [
        ("P01", OutcomeState.DONE, "", 2, version),
        ("P02", OutcomeState.REFUSED, "P02.txt: is empty", 0, None),
    ]


def test_a_run_that_was_killed_stays_running_and_others_end_as_told(store):
    killed, failed, done = (store.runs.start(facts_of(f"r{n}")) for n in range(3))
    store.runs.finish(failed, RunState.FAILED)
    store.runs.finish(done)
    states = {run.id: (run.state, run.finished is None) for run in store.runs.all()}
    assert states == {
        killed: (RunState.RUNNING, True),
        failed: (RunState.FAILED, False),
        done: (RunState.FINISHED, False),
    }
    assert [run.facts.recipe for run in store.runs.all()] == ["r0", "r1", "r2"]


def test_finishing_a_run_that_never_was_is_refused(store):
    with pytest.raises(UsageError, match="no run 5"):
        store.runs.finish(5)


def test_saving_for_a_version_that_is_not_there_leaves_no_outcome(store):
    run = store.runs.start(facts_of())
    with pytest.raises(UsageError, match="no transcript version 3"):
        store.runs.save(run, 3, [suggestion_of()])
    assert store.runs.outcomes(run) == []


def test_is_done_asks_for_the_recipe_and_for_the_turns_as_they_are(store, version):
    assert not store.runs.is_done(version, "recipe-1")
    coded_run(store, version)
    assert store.runs.is_done(version, "recipe-1")
    assert not store.runs.is_done(version, "recipe-2")
    assert add(store, role=Role.INTERVIEWER) == version, "another reading of the same text"
    assert not store.runs.is_done(version, "recipe-1")


@pytest.mark.parametrize(
    ("answered", "made", "asked"),
    [
        (Span(0, 5), Span(0, 5), 0),
        (Span(0, 5), Span(0, 10), 0),
        (Span(0, 5), Span(0, 11), 1),
        (Span(0, 5), Span(20, 25), 1),
    ],
    ids=["same", "half is known", "less than half is known", "elsewhere"],
)
def test_a_run_asks_nothing_again_that_somebody_decided_on(store, version, answered, made, asked):
    coded_run(store, version, suggestion_of(answered.start))
    (old,) = store.suggestions.stream(version=version)
    store.decisions.add(NewDecision("Ann", version, Action.REJECT, suggestion=old.id))
    run = store.runs.start(facts_of("recipe-2"))
    fresh = suggestion_of().__class__(made, ("t0000s000",), "coordination", 0.5, 1)
    assert store.runs.save(run, version, [fresh]) == asked
    assert old.id in {stored.id for stored in store.suggestions.stream(version=version)}


def test_decided_on_names_each_passage_once_however_many_decided(store, version):
    coded_run(store, version, suggestion_of(0, "a"), suggestion_of(9, "b"))
    first, _ = store.suggestions.stream(version=version)
    for coder in ("Ann", "Ben"):
        store.decisions.add(NewDecision(coder, version, Action.ACCEPT, suggestion=first.id))
    with store._database.reading() as connection:
        assert decided_on(connection, version) == [(Span(0, 5), "a")]


def test_many_suggestions_are_saved_in_batches_and_none_is_lost(store, version, monkeypatch):
    monkeypatch.setattr("pipeline.store.suggestions.BATCH", 7)
    coded_run(store, version, *(suggestion_of(n % 40, f"code-{n}") for n in range(50)))
    assert {stored.suggestion.code for stored in store.suggestions.stream()} == {f"code-{n}" for n in range(50)}


def test_suggestions_by_id_leave_out_what_a_newer_run_replaced(store, version):
    coded_run(store, version, suggestion_of(0, "a"))
    (old,) = store.suggestions.stream()
    coded_run(store, version, suggestion_of(0, "b"), recipe="recipe-2")
    (new,) = store.suggestions.stream()
    assert list(store.suggestions.by_id([old.id, new.id, 999])) == [new.id]
    with pytest.raises(UsageError, match=f"suggestion {old.id} is not there any more; a newer run took its place"):
        store.suggestions.get(old.id)


# Transcripts


def test_retire_supersedes_once_and_touches_no_other(store, version):
    other = add(store, "P02")
    store.transcripts.retire(version)
    (first,) = [kept for kept in store.transcripts.versions(superseded=True) if kept.id == version]
    store.transcripts.retire(version)
    (again,) = [kept for kept in store.transcripts.versions(superseded=True) if kept.id == version]
    assert [kept.id for kept in store.transcripts.versions()] == [other]
    assert first.superseded == again.superseded is not None


def test_a_text_that_was_retired_comes_back_as_the_version_it_was(store, version):
    store.transcripts.retire(version)
    added = store.transcripts.add(transcript_of(), source_of("P01"))
    assert (added.version, added.change) == (version, Change.NEW)
    assert [kept.id for kept in store.transcripts.versions()] == [version]


@pytest.mark.parametrize(
    ("span", "refused"),
    [
        (None, False),
        (Span(0, len(TALK)), False),
        (Span(len(TALK) - 1, len(TALK)), False),
        (Span(0, len(TALK) + 1), True),
        (Span(len(TALK), len(TALK) + 1), True),
    ],
    ids=["whole version", "whole text", "last character", "one more", "behind the end"],
)
def test_check_span_refuses_what_leaves_the_text(store, version, span, refused):
    with store._database.reading() as connection:
        if refused:
            with pytest.raises(UsageError, match=rf"span {span.start}\.\.{span.end} leaves transcript version"):
                check_span(connection, version, span)
        else:
            check_span(connection, version, span)


def test_check_span_refuses_a_version_that_is_not_there(store):
    with store._database.reading() as connection, pytest.raises(UsageError, match=str(unknown(12))):
        check_span(connection, 12, None)


def test_spans_are_counted_in_code_points_however_wide_these_are(store):
    words = "👩‍⚕️ 🙂 \u202b\u05e9\u05dc\u05d5\u05dd\u202c"
    version = add(store, words=words)
    store.decisions.add(coding(version, span=Span(0, len(words))))
    with pytest.raises(UsageError, match="leaves"):
        store.decisions.add(coding(version, span=Span(0, len(words) + 1)))


@pytest.mark.parametrize("sign", ["\x00", "\ud800"], ids=["null", "lone surrogate"])
def test_a_text_with_a_sign_that_no_database_holds_names_its_place(store, sign):
    with pytest.raises(InputError, match=r"P01\.txt: holds a character that cannot be stored \(at 3\); remove"):
        add(store, words=f"abc{sign}def")
    assert store.transcripts.versions() == []


def test_a_transcript_version_that_is_not_there_is_named(store):
    with pytest.raises(UsageError, match="no transcript version 4"):
        store.transcripts.get(4)
    with pytest.raises(UsageError, match="no transcript version 4"):
        store.runs.sentences(4)


# The whole


def test_an_empty_store_answers_everything_with_nothing(store):
    assert list(store.decisions.stream()) == list(store.events.stream()) == list(store.suggestions.stream()) == []
    assert store.transcripts.versions(superseded=True) == store.runs.all() == store.decisions.current() == []
    assert list(store.suggestions.candidates("digest")) == []
    counters = store.change_counters()
    assert (counters.decisions, counters.marks, counters.outcomes) == (0, 0, 0)


def test_a_store_is_the_same_after_it_was_closed_and_opened(place):
    with StudyStore(place) as first:
        version = add(first)
        coded_run(first, version)
        first.decisions.add(coding(version, memo="why"))
        first.events.add(NewEvent("Ann", EventKind.DONE, version))
        before = [list(first.decisions.stream()), list(first.events.stream()), list(first.suggestions.stream())]
    with StudyStore(place) as second:
        after = [list(second.decisions.stream()), list(second.events.stream()), list(second.suggestions.stream())]
        assert after == before
        assert second.transcripts.get(version) == transcript_of()


def test_revision_of_a_migrated_database_is_the_newest(store):
    with store._database.reading() as connection:
        assert revision_of(connection) == "0004"


STEPS = st.lists(st.tuples(st.sampled_from(["code", "undo", "redo", "reject"]), st.sampled_from("AB")), max_size=12)


@settings(max_examples=15, deadline=None)
@given(STEPS)
def test_codings_are_those_a_person_would_count_by_hand(migrated, tmp_path_factory, steps):
    """A model of two stacks a coder against the log in a database."""
    place = shutil.copy(migrated, tmp_path_factory.mktemp("log") / "study.db")
    with StudyStore(str(place)) as store:
        version = add(store)
        done = {"A": [], "B": []}
        taken = {"A": [], "B": []}
        for step, coder in steps:
            if step == "code":
                done[coder].append(store.decisions.add(coding(version, coder=coder))[0])
            elif step == "undo" and done[coder]:
                decision = done[coder].pop()
                taken[coder].append((decision, store.decisions.undo(decision.id, coder=coder)))
            elif step == "redo" and taken[coder]:
                decision, undone = taken[coder].pop()
                store.decisions.undo(undone.id, coder=coder)
                done[coder].append(decision)
            elif step == "reject" and done[coder]:
                rejection = NewDecision(coder, version, Action.REJECT, previous=done[coder].pop().id)
                store.decisions.add(rejection)
        for coder in "AB":
            kept = {current.decision.id for current in store.decisions.codings(coder=coder)}
            assert kept == {decision.id for decision in done[coder]}
