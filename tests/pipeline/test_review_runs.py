"""A page that stays open while runs go on says what a page says that is opened afterwards."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.transcript import Role, Transcript
from pipeline.review.ordering import QueueOrder
from pipeline.review.queue import QueueRequest
from pipeline.review.suggestion_index import Wanted
from pipeline.store import Action, EventKind, NewDecision, NewEvent, StudyStore
from tests.pipeline.review_support import BOOK, FACTS, SAID, desk_of, fill, interview, proposal, sentences_of, suggested
from tests.pipeline.store_support import source_of


def run_over(store, name, words, code, facts=FACTS):
    """Run over one interview, whose every sentence is suggested a code."""
    transcript = interview(name, words)
    version = store.transcripts.add(transcript, source_of(name)).version
    sentences = list(sentences_of(transcript))
    found = [suggested(one.span, code, (n + 1) / 10) for n, one in enumerate(sentences)]
    store.runs.save(store.runs.start(facts), version, found, sentences)
    return version


def told(desk, coder):
    queues = {
        order: [one.id for one in desk.queue(coder, QueueRequest(order, state=state, limit=50)).items]
        for order in QueueOrder
        for state in Wanted
    }
    return queues, desk.transcripts(coder), [desk.read(coder, one.version) for one in desk.transcripts(coder)]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["run", "decide", "undo"]),
        st.sampled_from(sorted(SAID)),
        st.sampled_from(["as it was", "Another text. It is longer."]),
        st.sampled_from([*BOOK.ids, "of an older codebook"]),
    ),
    max_size=5,
)


def take(step, store, desk):
    what, name, words, code = step
    if what == "run":
        older = code not in BOOK.by_id
        facts = replace(FACTS, codebook="older") if older else FACTS
        run_over(store, name, SAID[name] if words == "as it was" else words, code, facts)
    elif what == "undo":
        desk.undo("Ann", f"u{store.change_counters().decisions}")
    else:
        for item in desk.queue("Ann", QueueRequest(limit=1)).items:
            desk.decide(
                [proposal("accept", item.version, suggestion=item.id, key=f"d{store.change_counters().decisions}")],
            )


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_whatever_happens_an_open_page_is_a_new_page(tmp_path_factory, migrated, steps):
    path = tmp_path_factory.mktemp("living") / "study.db"
    path.write_bytes(migrated.read_bytes())
    with StudyStore(str(path)) as store:
        fill(store)
        desk = desk_of(store)
        for step in steps:
            take(step, store, desk)
            assert told(desk, "Ann") == told(desk_of(store), "Ann")


def test_suggestions_of_an_older_codebook_are_only_kept_where_somebody_decided(store):
    version = fill(store, replace(FACTS, codebook="older"))["anna"]
    desk = desk_of(store)
    assert desk.queue("Ann", QueueRequest()).total == 0
    first = next(store.suggestions.stream(version=version)).id
    store.decisions.add(NewDecision("Ann", version, Action.ACCEPT, suggestion=first))
    assert [one.id for one in desk_of(store).read("Ann", version).suggestions] == [first]


def test_turns_that_are_read_otherwise_are_shown_otherwise(store):
    version = fill(store)["anna"]
    desk = desk_of(store)
    assert desk.read("Ann", version).turns[0].role is Role.INTERVIEWER
    before = store.transcripts.get(version)
    turns = tuple(replace(turn, role=Role.PARTICIPANT) for turn in before.turns)
    store.transcripts.add(Transcript("anna", before.text, turns), source_of("anna"))
    store.runs.save(store.runs.start(FACTS), version, ())
    assert desk.read("Ann", version).turns[0].role is Role.PARTICIPANT


def test_a_superseded_text_names_the_one_that_took_its_place(store):
    old, desk = fill(store)["anna"], desk_of(store)
    assert desk.read("Ann", old).newer is None
    new = run_over(store, "anna", "Another text. It is longer.", "team")
    assert desk.read("Ann", old).newer == new
    assert desk.read("Ann", new).newer is None


def test_who_codes_blind_codes_the_corrected_text_blind_too(store):
    old, desk = fill(store)["anna"], desk_of(store)
    desk.add_event(NewEvent("Ann", EventKind.BLIND, old))
    new = run_over(store, "anna", "Another text. It is longer.", "team")
    assert desk.read("Ann", new).hidden
    assert not desk.read("Ben", new).hidden
    desk.add_event(NewEvent("Ann", EventKind.DONE, new))
    assert not desk.read("Ann", new).hidden


def test_who_is_done_with_a_text_coded_blind_sees_the_corrected_one(store):
    old, desk = fill(store)["anna"], desk_of(store)
    desk.add_event(NewEvent("Ann", EventKind.BLIND, old))
    desk.add_event(NewEvent("Ann", EventKind.DONE, old))
    assert not desk.read("Ann", run_over(store, "anna", "Another text. It is longer.", "team")).hidden
