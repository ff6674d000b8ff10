"""Transcript versions, runs and suggestions, on SQLite and (where a server is named) PostgreSQL."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from corpus.errors import InputError, UsageError
from corpus.transcript import Role
from pipeline.store import Action, Change, NewDecision, OutcomeState, RunState, StudyStore
from tests.pipeline.store_support import (
    TALK,
    add,
    coded_run,
    facts_of,
    refused_by_trigger,
    rich_suggestion,
    source_of,
    suggestion_of,
    transcript_of,
)


def recently(moment):
    return abs(datetime.now(UTC) - moment) < timedelta(minutes=1)


def codes(found):
    return [stored.suggestion.code for stored in found]


# Transcripts


def test_a_transcript_comes_back_as_it_was_read(store):
    original = transcript_of(words="Zorg 🙂 voor café—\u200f\u05e9\u05dc.", warnings=("one text box was ignored",))
    added = store.transcripts.add(original, source_of("P01"))
    assert added.change is Change.NEW
    assert store.transcripts.get(added.version) == original


def test_breaks_and_pauses_of_a_turn_come_back_and_turns_without_are_kept_as_ever(store):
    plain = transcript_of()
    turn = replace(plain.turns[0], breaks=(4, 9), pauses=(9,))
    version = store.transcripts.add(replace(plain, turns=(turn,)), source_of("P01")).version
    assert store.transcripts.get(version).turns == (turn,)
    assert hash(store.transcripts.get(version).turns[0]) == hash(turn)
    bare = store.transcripts.add(plain, source_of("P01"))
    assert (bare.version, store.transcripts.get(version)) == (version, plain)


def test_versions_are_listed_by_name_with_their_facts(store):
    add(store, "P02")
    add(store, "P01")
    first, second = store.transcripts.versions()
    assert (first.name, second.name) == ("P01", "P02")
    assert first.digest == transcript_of().digest
    assert first.source == "transcripts/P01.txt"
    assert first.characters == len(TALK)
    assert recently(first.added)


def test_the_same_text_is_the_same_version_whatever_became_of_the_file(store):
    version = add(store)
    resaved = source_of("P01", "saved again with a byte order mark")
    again = store.transcripts.add(transcript_of(), resaved)
    assert (again.version, again.change) == (version, Change.UNCHANGED)
    assert [v.source_digest for v in store.transcripts.versions()] == [resaved.digest()]


def test_a_changed_text_is_a_new_version_and_decisions_stay_with_the_old_one(store):
    old = add(store)
    coded_run(store, old)
    (suggestion,) = store.suggestions.stream()
    store.decisions.add(NewDecision("Ann", old, Action.ACCEPT, suggestion=suggestion.id))

    added = store.transcripts.add(transcript_of(words=TALK + " More."), source_of("P01"))

    assert added.change is Change.CHANGED
    assert (added.replaced, added.decisions) == (old, 1)
    assert [v.id for v in store.transcripts.versions()] == [added.version]
    assert [v.id for v in store.transcripts.versions(superseded=True)] == [old, added.version]
    assert [d.version for d in store.decisions.stream()] == [old]
    assert list(store.suggestions.stream()) == []
    assert [s.id for s in store.suggestions.stream(version=old)] == [suggestion.id]


def test_a_text_that_returns_is_the_version_it_was(store):
    first = add(store)
    second = add(store, words="Something else entirely.")
    back = store.transcripts.add(transcript_of(), source_of("P01"))
    assert (back.version, back.change, back.replaced) == (first, Change.CHANGED, second)
    assert [v.id for v in store.transcripts.versions()] == [first]


def test_a_corrected_speaker_keeps_the_version_but_not_its_suggestions(store):
    version = add(store)
    coded_run(store, version)
    added = store.transcripts.add(transcript_of(role=Role.INTERVIEWER), source_of("P01"))
    assert (added.version, added.change) == (version, Change.UNCHANGED)
    assert store.transcripts.get(version).turns[0].role is Role.INTERVIEWER
    assert not store.runs.is_done(version, "recipe-1")


@pytest.mark.parametrize("character", ["\x00", "\ud83d"])
def test_characters_that_no_database_stores_are_refused_by_place(store, character):
    with pytest.raises(InputError, match=r"transcripts/P01.txt: .*\(at 6\)") as refusal:
        add(store, words=f"secret{character}")
    assert "secret" not in str(refusal.value)


def test_an_unknown_version_is_a_usage_error(store):
    with pytest.raises(UsageError, match="no transcript version 7"):
        store.transcripts.get(7)
    with pytest.raises(UsageError, match="no transcript version 7"):
        store.runs.save(store.runs.start(facts_of()), 7, [])


def test_a_text_cannot_be_changed_behind_the_store(store, place):
    add(store)
    for column in ("text", "digest", "name"):
        refused_by_trigger(place, f"UPDATE transcripts SET {column} = 'x'")
    assert store.transcripts.get(1).text == TALK


# Runs


def test_a_run_remembers_what_it_worked_with(store):
    run = store.runs.start(facts_of())
    (begun,) = store.runs.all()
    assert (begun.id, begun.state, begun.finished) == (run, RunState.RUNNING, None)
    assert begun.facts == facts_of()
    store.runs.finish(run, RunState.FAILED)
    (ended,) = store.runs.all()
    assert ended.state is RunState.FAILED
    assert recently(ended.finished)


def test_finishing_an_unknown_run_is_a_usage_error(store):
    with pytest.raises(UsageError, match="no run 3"):
        store.runs.finish(3)


def test_outcomes_tell_what_became_of_each_transcript(store):
    version = add(store)
    run = store.runs.start(facts_of())
    store.runs.save_error(run, "P00", "P00.docx: is a renamed pdf")
    store.runs.save(run, version, [suggestion_of(), suggestion_of(4)])
    refused, done = store.runs.outcomes(run)
    assert (refused.transcript, refused.state, refused.version) == ("P00", OutcomeState.REFUSED, None)
    assert refused.error == "P00.docx: is a renamed pdf"
    assert (done.transcript, done.state, done.version, done.suggestions) == ("P01", OutcomeState.DONE, version, 2)


def test_a_transcript_tried_again_in_one_run_has_one_outcome(store):
    version = add(store)
    run = store.runs.start(facts_of())
    store.runs.save_error(run, "P01", "the first try failed")
    store.runs.save(run, version, [suggestion_of(code="first")])
    assert store.runs.save(run, version, [suggestion_of(code="second")]) == 1
    assert [outcome.state for outcome in store.runs.outcomes(run)] == [OutcomeState.DONE]
    assert codes(store.suggestions.stream()) == ["second"]


def test_done_means_the_listed_suggestions_are_this_recipes(store):
    version = add(store)
    assert not store.runs.is_done(version, "recipe-1")
    coded_run(store, version, recipe="recipe-1")
    assert store.runs.is_done(version, "recipe-1")
    assert not store.runs.is_done(version, "recipe-2")
    coded_run(store, version, recipe="recipe-2")
    assert not store.runs.is_done(version, "recipe-1")


def test_a_refused_transcript_is_not_done_and_keeps_what_it_had(store):
    version = add(store)
    coded_run(store, version)
    store.runs.save_error(store.runs.start(facts_of("recipe-2")), "P01", "failed")
    assert store.runs.is_done(version, "recipe-1")
    assert codes(store.suggestions.stream()) == ["coordination"]


# Suggestions


def test_a_suggestion_comes_back_with_everything_that_speaks_for_it(store):
    version = add(store)
    run = coded_run(store, version, rich_suggestion())
    (stored,) = store.suggestions.stream()
    assert stored.suggestion == rich_suggestion()
    assert (stored.run, stored.version, stored.transcript) == (run, version, "P01")
    assert store.suggestions.get(stored.id) == stored


def test_suggestions_are_listed_by_transcript_and_position(store):
    for name in ("P02", "P01"):
        coded_run(store, add(store, name), suggestion_of(9), suggestion_of(2))
    assert [(s.transcript, s.suggestion.span.start) for s in store.suggestions.stream()] == [
        ("P01", 2),
        ("P01", 9),
        ("P02", 2),
        ("P02", 9),
    ]


def test_only_the_newest_are_listed_for_each_transcript(store):
    first, second = add(store, "P01"), add(store, "P02")
    old = coded_run(store, first, suggestion_of(code="old"))
    coded_run(store, second, suggestion_of(code="other"))
    new = coded_run(store, first, suggestion_of(code="new"), recipe="recipe-2")
    assert codes(store.suggestions.stream()) == ["new", "other"]
    assert codes(store.suggestions.stream(version=second)) == ["other"]
    assert codes(store.suggestions.stream(run=new)) == ["new"]
    assert codes(store.suggestions.stream(run=old)) == []


def test_replaced_suggestions_stay_while_decisions_refer_to_them(store):
    version = add(store)
    old = coded_run(store, version, suggestion_of(0, "decided"), suggestion_of(5, "undecided"))
    decided, undecided = store.suggestions.stream()
    store.decisions.add(NewDecision("Ann", version, Action.REJECT, suggestion=decided.id))
    coded_run(store, version, suggestion_of(code="new"), recipe="recipe-2")
    assert codes(store.suggestions.stream()) == ["decided", "new"]
    assert codes(store.suggestions.stream(run=old)) == ["decided"]
    assert store.suggestions.get(decided.id) == decided
    with pytest.raises(UsageError, match=f"suggestion {undecided.id} is not there any more"):
        store.suggestions.get(undecided.id)


def test_a_run_does_not_ask_again_what_was_decided(store):
    version = add(store)
    coded_run(store, version, suggestion_of(10, "decided"), suggestion_of(20, "open"))
    asked = next(store.suggestions.stream())
    store.decisions.add(NewDecision("Ann", version, Action.REJECT, suggestion=asked.id))
    again = [suggestion_of(start, code) for start, code in ((12, "decided"), (13, "decided"), (10, "other"))]
    new = coded_run(store, version, *again, recipe="recipe-2")  # the first shares three of its five characters
    assert [(one.suggestion.span.start, one.suggestion.code) for one in store.suggestions.stream(run=new)] == [
        (10, "other"),
        (13, "decided"),
    ]
    assert len(list(store.suggestions.stream())) == 3


def test_a_failure_half_way_leaves_nothing_behind(store):
    version = add(store)
    coded_run(store, version, suggestion_of(code="before"))
    run = store.runs.start(facts_of("recipe-2"))

    def breaking_off():
        yield from (suggestion_of(n) for n in range(2_500))
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        store.runs.save(run, version, breaking_off())
    assert store.runs.outcomes(run) == []
    assert codes(store.suggestions.stream()) == ["before"]


def test_ids_are_never_used_again(store):
    version = add(store)
    coded_run(store, version)
    (old,) = store.suggestions.stream()
    coded_run(store, version)
    (new,) = store.suggestions.stream()
    assert new.id > old.id


def test_reading_does_not_hold_up_writing(store):
    version = add(store)
    coded_run(store, version, *(suggestion_of(n) for n in range(3)))
    listing = store.suggestions.stream()
    next(listing)
    coded_run(store, version, suggestion_of(code="new"), recipe="recipe-2")
    assert codes(listing) == ["coordination"] * 2, "a listing is one view, whatever is written meanwhile"
    assert codes(store.suggestions.stream()) == ["new"]


def test_a_store_opened_again_has_everything(place):
    with StudyStore(place) as store:
        coded_run(store, add(store))
    with StudyStore(place) as store:
        assert codes(store.suggestions.stream()) == ["coordination"]


# Several writes in one


def test_what_is_written_in_one_transaction_is_seen_in_it_and_by_others_when_it_ends(store, place):
    with StudyStore(place) as other:
        with store.one_transaction():
            version = add(store)
            run = coded_run(store, version)
            assert [made.run for made in store.suggestions.stream(version=version)] == [run]
            assert other.transcripts.versions() == []
        assert [found.id for found in other.transcripts.versions()] == [version]
        assert codes(other.suggestions.stream()) == codes(store.suggestions.stream())


def test_one_transaction_within_another_is_part_of_it(store):
    def failing():
        with store.one_transaction():
            add(store)
        add(store, "P02")
        raise UsageError("stop")

    with pytest.raises(UsageError, match="stop"), store.one_transaction():
        failing()
    assert store.transcripts.versions() == []


def test_one_transaction_that_fails_leaves_nothing_of_what_was_written_in_it(store):
    def failing():
        version = add(store)
        coded_run(store, version)
        store.transcripts.add(transcript_of("P02", "A \x00 that no database stores."), source_of("P02"))

    with pytest.raises(InputError), store.one_transaction():
        failing()
    assert store.transcripts.versions() == []
    assert list(store.suggestions.stream()) == []
    assert store.runs.all() == []
    assert add(store)  # and the store is as good as before
