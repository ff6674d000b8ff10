"""Who is who: one coder however the name is spelt, somebody new only on purpose, renamed and made one and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.coders import folded, known_as
from corpus.transcript import Span
from pipeline.store.coder_names import names_now
from tests.flows.web_support import code, page, served_study

ADA = {"Precode-Coder": "Ada"}
OWN = {"Origin": "http://localhost:8765"}
NAMES = st.sampled_from("ABCD")


@pytest.fixture
def session(tmp_path, words):
    with served_study(tmp_path / "lhc") as session:
        yield session


@pytest.fixture
def client(session):
    with page(session) as client:
        version = client.get("/api/study", headers=ADA).json()["transcripts"][0]["version"]
        book = client.get("/api/study", headers=ADA).json()["codebook"]["codes"]
        for n, name in enumerate(("Zo%C3%AB B", "Ada", "zoe")):
            assert code(client, version, Span(40 + n, 60), book[n]["id"], f"k{n}", name).status_code == 200
        yield client


def coders(client):
    return [one["name"] for one in client.get("/api/coders", headers=ADA).json()["coders"]]


def sign_in(client, name, **more):
    return client.post("/sign-in", data={"coder": name, **more}, headers=OWN)


def who(client):
    return client.get("/api/study").json()["coder"]


@pytest.mark.parametrize("typed", ["Zo\u00eb B", "zoe b", "ZOE  B", " Zoe\u0308 b ", "Zo\u00ea B"])
def test_sign_in_takes_every_spelling_for_the_coder_who_is_known(client, typed):
    assert sign_in(client, typed).status_code == 303
    assert who(client) == "Zo\u00eb B"


def test_sign_in_asks_before_it_makes_a_new_coder_and_shows_those_who_are_known(client):
    answer = sign_in(client, "Ruth")
    assert (answer.status_code, "set-cookie" in answer.headers) == (200, False)
    assert "somebody new" in answer.text
    assert all(f'value="{name}"' in answer.text for name in ("Ada", "Zo\u00eb B"))
    assert sign_in(client, "Ruth", new="yes").status_code == 303
    assert who(client) == "Ruth"
    client.post("/sign-out", headers=OWN)
    assert 'value="Ada"' in client.get("/").text


@given(st.text(max_size=12))
def test_folded_is_stable_and_known_as_prefers_the_very_name(name):
    assert folded(folded(name)) == folded(name)
    assert known_as(name, [name.upper(), name, name.lower()]) == name
    assert known_as(name, []) is None


def test_rename_carries_everything_over_and_restore_brings_it_back(client):
    before = client.get("/api/log", headers={"Precode-Coder": "zoe"}).json()["decisions"]
    renamed = client.post("/api/coders/rename", json={"name": "zoe", "to": "Zora"}, headers=ADA)
    assert renamed.status_code == 200
    assert coders(client) == ["Ada", "Zora", "Zo\u00eb B"]
    after = client.get("/api/log", headers={"Precode-Coder": "Zora"}).json()["decisions"]
    assert [one["id"] for one in after] == [one["id"] for one in before]
    sign_in(client, "zora")
    client.cookies.set("precode_coder", "zoe")
    assert who(client) == "Zora", "a page that was signed in before goes on under the new name"
    restored = client.post("/api/coders/restore", json={"name": "zoe"}, headers=ADA | OWN).json()
    assert (restored["renamed"], "zoe" in coders(client)) == ([], True)


def test_two_coders_become_one_only_if_asked_and_can_decide_on(client, session):
    wanted = {"name": "zoe", "to": "Zo\u00eb B"}
    refused = client.post("/api/coders/rename", json=wanted, headers=ADA)
    assert (refused.status_code, "both to become one" in refused.json()["detail"]) == (400, True)
    client.post("/api/coders/rename", json=wanted | {"merge": True}, headers=ADA)
    zoe = {"Precode-Coder": "Zo%C3%AB B"}
    version = client.get("/api/study", headers=zoe).json()["transcripts"][0]["version"]
    mine = [one for one in client.get(f"/api/transcripts/{version}", headers=zoe).json()["codings"] if one["mine"]]
    assert len(mine) == 2
    for n, coding in enumerate(mine):  # the one that was zoe's, too
        sent = {"key": f"r{n}", "action": "reject", "version": version, "previous": coding["decision"]}
        assert client.post("/api/decisions", json={"decisions": [sent]}, headers=zoe).status_code == 200
    assert {current.decision.coder for current in session.store.decisions.current()} == {"Ada", "Zo\u00eb B"}
    assert len(session.store.decisions.current(coder="Zo\u00eb B")) == 2


@pytest.mark.parametrize(
    "body", [{"name": "Nobody", "to": "Ruth"}, {"name": "Ada", "to": "Ada"}, {"name": "Ada", "to": "consensus"}]
)
def test_rename_refuses_what_means_nothing(client, body):
    assert client.post("/api/coders/rename", json=body, headers=ADA).status_code == 400
    assert client.post("/api/coders/restore", json={"name": body["to"]}, headers=ADA).status_code == 400


@given(st.lists(st.tuples(NAMES, NAMES | st.just("")), max_size=8))
def test_names_now_end_at_names_that_are_called_nothing_else(renamings):
    names = names_now(renamings)
    assert all(name != today for name, today in names.items())
    last = dict(renamings)
    assert set(names) <= {name for name, became in last.items() if became}


def test_names_now_follow_one_after_the_other_and_can_be_taken_back():
    assert names_now([("A", "B"), ("B", "C")]) == {"A": "C", "B": "C"}
    assert names_now([("A", "B"), ("B", "A")]) == {"B": "A"}
    assert names_now([("A", "B"), ("B", "A"), ("C", "A"), ("B", "")]) == {"C": "A"}
    assert names_now([("A", "B"), ("A", "")]) == {}
    assert names_now([("A", "B"), ("B", "C"), ("B", "")]) == {"A": "B"}


@pytest.mark.parametrize("spelt", ["ADA", "ada", " Ada\u0301 ", "\u00c1da"])
def test_rename_to_another_spelling_of_a_coder_asks_first_and_then_makes_one(client, spelt):
    wanted = {"name": "zoe", "to": spelt}
    refused = client.post("/api/coders/rename", json=wanted, headers=ADA)
    assert (refused.status_code, "both to become one" in refused.json()["detail"]) == (400, True)
    assert client.post("/api/coders/rename", json=wanted | {"merge": True}, headers=ADA).status_code == 200
    assert coders(client) == ["Ada", "Zo\u00eb B"]


@pytest.mark.parametrize("spelt", ["Zoe", "ZO\u00cb", "\u05d6\u05d5\u05d0\u05d9", "<b>zoe</b>"])
def test_rename_takes_another_spelling_of_the_coder_and_any_script(client, spelt):
    assert client.post("/api/coders/rename", json={"name": "zoe", "to": spelt}, headers=ADA).status_code == 200
    assert sorted(coders(client)) == sorted(["Ada", "Zo\u00eb B", spelt])
    assert client.post("/api/coders/restore", json={"name": "zoe"}, headers=ADA).status_code == 200
    assert sorted(coders(client)) == sorted(["Ada", "Zo\u00eb B", "zoe"])


def test_rename_gives_nobody_a_name_under_which_another_has_written(client):
    """What is written as zoe is Zora's: whoever took the name now would sign in as Zora."""
    assert client.post("/api/coders/rename", json={"name": "zoe", "to": "Zora"}, headers=ADA).status_code == 200
    for merge in (False, True):
        answer = client.post("/api/coders/rename", json={"name": "Ada", "to": "zoe", "merge": merge}, headers=ADA)
        assert (answer.status_code, "called so before" in answer.json()["detail"]) == (400, True)
    assert client.post("/api/coders/rename", json={"name": "Zora", "to": "zoe"}, headers=ADA).status_code == 200, "back"
    assert coders(client) == ["Ada", "Zo\u00eb B", "zoe"]
    assert client.post("/api/coders/rename", json={"name": "Ada", "to": "Zora"}, headers=ADA).status_code == 400


STEPS = st.lists(st.tuples(st.sampled_from(["rename", "restore"]), NAMES, NAMES), max_size=10)


@given(STEPS)
def test_names_now_lead_to_the_end_however_coders_are_renamed_and_restored(steps):
    """The page allows a step only as its routes do; then the name of today is nobody's name of before."""
    log = []
    for action, name, to in steps:
        names = names_now(log)
        if action == "restore" and name in names:
            log.append((name, ""))
        elif action == "rename" and name != to and name not in names and names.get(to, name) == name:
            log.append((name, to))
        names = names_now(log)
        assert not set(names.values()) & set(names), log
