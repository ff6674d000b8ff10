"""Who codes what: entries of the log, the last of which holds, that follow a corrected text and a renamed coder."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.transcript import Span
from pipeline.carry import carry_forward
from pipeline.review.errors import Missing
from pipeline.review.event_log import EventLog
from pipeline.review.team import assign, team, team_names
from pipeline.store import Action, EventKind, NewDecision, NewEvent, StudyStore
from pipeline.store.event_records import Event
from tests.pipeline.review_support import desk_of, fill, interview
from tests.pipeline.store_support import source_of

SPAN = Span(28, 47)


@pytest.fixture
def store(tmp_path):
    with StudyStore(str(tmp_path / "study.db")) as opened:
        yield opened


@pytest.fixture
def versions(store):
    return fill(store)


@pytest.fixture
def desk(store, versions):
    return desk_of(store)


def seen_by(desk, coder="Ann"):
    with desk.now() as state:
        found = team(state, coder)
    return {(shared.name, share.coder): share for shared in found.transcripts for share in shared.coders}


def assigned(desk):
    return {key for key, share in seen_by(desk).items() if share.assigned}


def test_assign_makes_transcripts_somebodys_until_they_are_released(store, versions, desk):
    assign(desk, "Ruth", [versions["anna"], versions["bert"]], by="Ann", assigned=True)
    assign(desk, "Ben", [versions["anna"]], by="Ann", assigned=True)
    assert assigned(desk) == {("anna", "Ruth"), ("bert", "Ruth"), ("anna", "Ben")}
    assign(desk, "Ruth", [versions["anna"]], by="Ben", assigned=False)
    assert assigned(desk) == {("bert", "Ruth"), ("anna", "Ben")}
    kinds = [(event.coder, event.kind, event.text) for event in desk.event_stream(versions["anna"])]
    assert kinds == [
        ("Ruth", EventKind.ASSIGNED, "Ann"),
        ("Ben", EventKind.ASSIGNED, "Ann"),
        ("Ruth", EventKind.RELEASED, "Ben"),
    ]


def test_assign_writes_nothing_twice_and_nothing_where_one_version_is_missing(store, versions, desk):
    for _ in range(2):
        assign(desk, "Ruth", [versions["anna"]] * 2, by="Ann", assigned=True)
    with pytest.raises(Missing):
        assign(desk, "Ruth", [versions["bert"], 99], by="Ann", assigned=True)
    assert len(list(store.events.stream())) == 1


def test_team_knows_whoever_is_to_code_before_they_have_coded(store, versions, desk):
    assign(desk, "Ruth", [versions["anna"]], by="Ann", assigned=True)
    store.decisions.add(NewDecision("consensus", versions["anna"], Action.CODE, span=SPAN, code="team"))
    store.decisions.add(NewDecision("Ben", versions["bert"], Action.CODE, span=SPAN, code="team"))
    with desk.now() as state:
        assert team_names(state) == ["Ben", "Ruth"]


def test_team_tells_how_far_everybody_is_but_nothing_of_others_in_what_is_hidden(store, versions, desk):
    store.decisions.add(NewDecision("Ben", versions["anna"], Action.CODE, span=SPAN, code="team"))
    first = next(store.suggestions.stream(version=versions["anna"]))
    store.decisions.add(NewDecision("Ben", versions["anna"], Action.ACCEPT, suggestion=first.id))
    store.events.add(NewEvent("Ben", EventKind.DONE, versions["anna"]))
    share = seen_by(desk)["anna", "Ben"]
    assert (share.decided, share.codings, share.done) == (1, 2, True)
    store.events.add(NewEvent("Ann", EventKind.BLIND, versions["anna"]))
    assign(desk, "Ben", [versions["anna"]], by="Ann", assigned=True)
    share = seen_by(desk)["anna", "Ben"]
    assert (share.assigned, share.decided, share.codings, share.done) == (True, None, None, None)
    assert seen_by(desk)["anna", "Ann"].codings == 0
    assert seen_by(desk, "Cleo")["anna", "Ben"].codings == 2


def test_an_assignment_follows_a_corrected_text_and_a_renamed_coder(store, versions, desk):
    assign(desk, "Ruth", [versions["anna"], versions["bert"]], by="Ann", assigned=True)
    assign(desk, "Ruth", [versions["bert"]], by="Ann", assigned=False)
    for name in ("anna", "bert"):
        store.transcripts.add(interview(name, "Other words by now."), source_of(name, "second"))
    carry_forward(store, {"anna", "bert", "cleo"})
    store.events.add(NewEvent("Ruth", EventKind.RENAMED, text="Ruth B."))
    assert assigned(desk) == {("anna", "Ruth B.")}


NOTED = st.lists(
    st.tuples(st.sampled_from("ABC"), st.integers(1, 3), st.sampled_from([EventKind.ASSIGNED, EventKind.RELEASED])),
    max_size=20,
)


@given(NOTED)
def test_of_any_entries_the_last_on_a_coder_and_a_transcript_holds(noted):
    log = EventLog(None)
    log.take(Event(n, None, coder, kind, version, None, None, "") for n, (coder, version, kind) in enumerate(noted, 1))
    last = {(coder, version): kind for coder, version, kind in noted}
    holds = {pair for pair, kind in last.items() if kind is EventKind.ASSIGNED}
    assert {(coder, version) for version, coders in log.assignments().items() for coder in coders} == holds
    assert log.assignees() == {coder for coder, _, _ in noted}
