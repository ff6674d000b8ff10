"""Codings that followed a corrected text, as coders see them: to look at, to place by hand, to let go."""

import pytest

from corpus.coders import CONSENSUS
from corpus.transcript import Role, Span, Transcript, Turn
from pipeline.carry import carry_forward, not_placed
from pipeline.store import Action, EventKind, NewDecision, NewEvent
from tests.pipeline.review_support import client_of, desk_of, fill
from tests.pipeline.store_support import source_of

TALK = "We meet every week. The nurse rings me.\nSometimes nobody tells me anything."
NURSE = "The nurse rings me."
WITHOUT = TALK.replace(NURSE, "My neighbour phones.")
NEIGHBOUR = "My neighbour phones."


def add(store, words):
    transcript = Transcript("P01", words, (Turn(Span(0, len(words)), "Anna", Role.PARTICIPANT),))
    return store.transcripts.add(transcript, source_of("P01", words)).version


def span_of(words, text):
    return Span(text.index(words), text.index(words) + len(words))


def code(store, version, words, text, coder="Ann", **other):
    draft = NewDecision(coder, version, Action.CODE, span=span_of(words, text), code="team", **other)
    return store.decisions.add(draft)[0]


@pytest.fixture
def old(store):
    fill(store)
    return add(store, TALK)


def corrected(store, text=WITHOUT):
    """Return the current version after a correction that codings followed as far as they could."""
    fresh = add(store, text)
    carry_forward(store, [version.name for version in store.transcripts.versions()])
    return fresh


def waiting(client):
    return client.get("/api/unplaced").json()["codings"]


def place(client, decision, words, key="k", text=WITHOUT):
    span = span_of(words, text)
    return client.post(
        "/api/unplaced/code", json={"decision": decision, "start": span.start, "end": span.end, "key": key}
    )


def codings(store, version, text=WITHOUT):
    return [
        (current.decision.coder, current.decision.span.of(text), current.decision.code, current.memo)
        for current in store.decisions.codings(version=version)
    ]


def test_a_coding_without_a_place_is_told_with_its_old_context_and_where_it_might_be(store, old):
    decision = code(store, old, NURSE, TALK, memo="hm")
    fresh = corrected(store)
    (found,) = waiting(client_of(desk_of(store)))
    assert (found["decision"], found["code"], found["memo"], found["mine"]) == (decision.id, "team", "hm", True)
    assert (found["version"], found["transcript"]) == (fresh, "P01")
    (piece,) = found["context"]
    assert piece["text"][found["start"] - piece["start"] : found["end"] - piece["start"]] == NURSE
    assert abs(found["near"] - WITHOUT.index(NEIGHBOUR)) < 10


def test_code_here_codes_for_the_same_coder_and_the_coding_waits_no_more(store, old):
    decision = code(store, old, NURSE, TALK, memo="hm", blind=True)
    fresh = corrected(store)
    client = client_of(desk_of(store))
    for _ in range(2):  # a send that is repeated writes nothing twice
        (written,) = place(client, decision.id, NEIGHBOUR).json()["decisions"]
        assert (written["coder"], written["blind"]) == ("Ann", True)
    assert codings(store, fresh) == [("Ann", NEIGHBOUR, "team", "hm")]
    assert (waiting(client), not_placed(store)) == ([], [])


def test_a_placed_coding_that_is_taken_back_waits_again_and_can_be_placed_anew(store, old):
    decision = code(store, old, NURSE, TALK)
    fresh = corrected(store)
    desk = desk_of(store)
    client = client_of(desk)
    place(client, decision.id, NEIGHBOUR)
    desk.undo("Ann", "u")
    assert [found["decision"] for found in waiting(client)] == [decision.id]
    place(client, decision.id, "every week", key="again")
    assert codings(store, fresh) == [("Ann", "every week", "team", "")]


def test_a_placed_coding_follows_the_next_correction(store, old):
    decision = code(store, old, NURSE, TALK)
    corrected(store)
    place(client_of(desk_of(store)), decision.id, NEIGHBOUR)
    third = corrected(store, "Title\n" + WITHOUT)
    assert codings(store, third, "Title\n" + WITHOUT) == [("Ann", NEIGHBOUR, "team", "")]
    assert not_placed(store) == []


def test_let_go_is_noted_and_the_coding_waits_no_more(store, old):
    decision = code(store, old, NURSE, TALK)
    corrected(store)
    client = client_of(desk_of(store))
    assert client.post("/api/unplaced/let-go", json={"decision": decision.id}).json() == {"codings": []}
    (event,) = store.events.stream(version=old)
    assert (event.coder, event.kind, event.span, event.code) == ("Ann", EventKind.LET_GO, decision.span, "team")
    assert client.post("/api/unplaced/let-go", json={"decision": decision.id}).status_code == 404


def test_others_see_it_and_cannot_act_and_who_codes_blind_does_not_see_it(store, old):
    decision = code(store, old, NURSE, TALK)
    fresh = corrected(store)
    desk = desk_of(store)
    ben = client_of(desk, "Ben")
    assert [found["mine"] for found in waiting(ben)] == [False]
    assert place(ben, decision.id, NEIGHBOUR).status_code == 404
    assert ben.post("/api/unplaced/let-go", json={"decision": decision.id}).status_code == 404
    store.events.add(NewEvent("Ben", EventKind.BLIND, fresh))
    assert waiting(ben) == []


def test_a_consensus_is_placed_by_whoever_may_see_it(store, old):
    decision = code(store, old, NURSE, TALK, CONSENSUS, recorder="Ann")
    fresh = corrected(store)
    ben = client_of(desk_of(store), "Ben")
    (written,) = place(ben, decision.id, NEIGHBOUR).json()["decisions"]
    assert (written["coder"], written["recorder"], written["version"]) == (CONSENSUS, "Ben", fresh)


def test_a_place_outside_the_text_is_refused(store, old):
    decision = code(store, old, NURSE, TALK)
    corrected(store)
    client = client_of(desk_of(store))
    body = {"decision": decision.id, "key": "k"}
    assert client.post("/api/unplaced/code", json={**body, "start": 5, "end": 5}).status_code == 422
    with pytest.raises(Exception, match="leaves transcript version"):
        client.post("/api/unplaced/code", json={**body, "start": 5, "end": 5000})


@pytest.mark.parametrize("owner", ["Ann", CONSENSUS])
def test_a_moved_coding_bears_its_mark_until_somebody_looked(store, old, owner):
    code(store, old, NURSE, TALK, owner, recorder="" if owner == "Ann" else "Ben")
    text = TALK.replace("nurse", "nurrse")
    fresh = corrected(store, text)
    client = client_of(desk_of(store))

    def moved():
        return [coding["moved"] for coding in client.get(f"/api/transcripts/{fresh}").json()["codings"]]

    assert moved() == [True]
    span = span_of("The nurrse rings me.", text)
    looked = {"kind": "looked", "version": fresh, "start": span.start, "end": span.end, "code": "team"}
    assert client.post("/api/marks", json=looked).status_code == 200
    assert moved() == [False]


def test_a_look_by_somebody_else_does_not_settle_a_coders_own(store, old):
    code(store, old, NURSE, TALK)
    text = TALK.replace("nurse", "nurrse")
    fresh = corrected(store, text)
    desk = desk_of(store)
    desk.add_event(NewEvent("Ben", EventKind.LOOKED, fresh, span_of("The nurrse rings me.", text), "team"))
    assert [coding.moved for coding in desk.codings("Ann", fresh)] == [True]
