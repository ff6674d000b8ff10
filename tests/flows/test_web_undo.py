"""Undo and redo: within a transcript and a view, told with what was taken back and where."""

import pytest

from corpus.transcript import Span
from tests.flows.web_support import code, page, served_study

ADA = {"Precode-Coder": "Ada"}


@pytest.fixture
def client(tmp_path, words):
    with served_study(tmp_path / "lhc") as session, page(session) as client:
        client.headers.update(ADA)
        yield client


@pytest.fixture
def versions(client):
    return {one["name"]: one["version"] for one in client.get("/api/study").json()["transcripts"]}


def accept(client, version, key):
    first = client.get("/api/queue", params={"version": version}).json()["items"][0]
    sent = {"key": key, "action": "accept", "version": version, "suggestion": first["id"]}
    assert client.post("/api/decisions", json={"decisions": [sent]}).status_code == 200
    return first["code"]


def test_undo_takes_back_nothing_of_another_transcript(client, versions):
    accept(client, versions["P01"], "a")
    accept(client, versions["P02"], "b")
    answer = client.post("/api/undo", json={"key": "u1", "version": versions["P01"]}).json()
    assert (answer["transcript"], answer["undone"]["version"], answer["count"]) == ("P01", versions["P01"], 1)
    again = client.post("/api/undo", json={"key": "u2", "version": versions["P01"]}).json()
    assert (again["decision"], again["transcript"], again["count"]) == (None, "", 0)
    assert client.get("/api/queue", params={"version": versions["P02"]}).json()["remaining"] == 1


def test_undo_of_the_queue_leaves_codings_by_hand_alone(client, versions):
    given = accept(client, versions["P01"], "a")
    code(client, versions["P01"], Span(60, 65), given, "b", "Ada")
    answer = client.post("/api/undo", json={"key": "u", "suggestions": True}).json()
    assert (answer["undone"]["action"], answer["transcript"]) == ("accept", "P01")
    assert len(client.get(f"/api/transcripts/{versions['P01']}").json()["codings"]) == 1


def test_redo_brings_back_what_was_undone_in_the_transcript_whatever_was_decided_elsewhere(client, versions):
    accept(client, versions["P01"], "a")
    client.post("/api/undo", json={"key": "u", "version": versions["P01"]})
    accept(client, versions["P02"], "b")
    nothing = client.post("/api/redo", json={"key": "r0", "version": versions["P02"]}).json()
    assert nothing["decision"] is None
    answer = client.post("/api/redo", json={"key": "r", "version": versions["P01"]}).json()
    assert (answer["transcript"], answer["count"]) == ("P01", 1)
    assert client.get(f"/api/transcripts/{versions['P01']}").json()["codings"] != []


def test_undo_of_many_at_once_takes_back_those_of_the_transcript_only(client, versions):
    first = client.get("/api/queue").json()["items"][0]["code"]
    many = {"code": first, "at_least": 0.0, "count": 2, "key": "many"}
    assert client.post("/api/bulk", json=many).json()["count"] == 2
    answer = client.post("/api/undo", json={"key": "u", "version": versions["P01"]}).json()
    assert answer["count"] == 1
    left = {name: len(client.get(f"/api/transcripts/{at}").json()["codings"]) for name, at in versions.items()}
    assert left == {"P01": 0, "P02": 1}
