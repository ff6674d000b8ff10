"""Assignments and presence on the page: told to all, written only where they must be, silent about what is hidden."""

import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.web.presence import GONE_SECONDS, Presence
from pipeline.session import StudySession
from pipeline.study import open_study
from tests.flows.web_support import page, served_study
from tests.pipeline.run_support import WordPrecoder


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A pre-coded study to make copies of."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.precoder.load_precoder", lambda _study: WordPrecoder())
        with served_study(tmp_path_factory.mktemp("made") / "lhc") as session:
            return session.study.folder


@pytest.fixture
def session(made, tmp_path):
    shutil.copytree(made, tmp_path / "lhc")
    with StudySession(open_study(tmp_path / "lhc")) as session:
        yield session


@pytest.fixture
def client(session):
    with page(session) as client:
        yield client


def call(client, path, coder="Ada", body=None):
    headers = {"Precode-Coder": coder}
    return client.get(path, headers=headers) if body is None else client.post(path, json=body, headers=headers)


def assign(client, named, versions=(1,), *, assigned=True, coder="Ada"):
    body = {"coder": named, "versions": list(versions), "assigned": assigned}
    return call(client, "/api/team/assign", coder, body)


def whose(client):
    return {one["name"]: one["assigned"] for one in call(client, "/api/study").json()["transcripts"]}


def here(client, coder, version=None):
    people = call(client, "/api/presence", coder, {"version": version}).json()["people"]
    return [(one["coder"], one["transcript"]) for one in people]


# Assignment


def test_assignments_are_on_the_study_and_the_team_page_and_can_be_taken_back(client):
    found = assign(client, "Ruth", (1, 2)).json()
    assert found["coders"] == ["Ada", "Ruth"]
    assign(client, "Ada", (2,))
    assert whose(client) == {"P01": ["Ruth"], "P02": ["Ada", "Ruth"]}
    assign(client, "Ruth", (2,), assigned=False)
    assert whose(client) == {"P01": ["Ruth"], "P02": ["Ada"]}


def test_an_assignment_takes_every_spelling_of_a_known_name_and_lists_it_for_signing_in(client):
    assign(client, "Ruth")
    assign(client, "  rúth ", (2,))
    assert whose(client) == {"P01": ["Ruth"], "P02": ["Ruth"]}
    assert "Ruth" in client.get("/").text


@pytest.mark.parametrize("name", ["consensus", "precode", " ", "a\x00b", "x" * 81])
def test_an_assignment_to_nobody_is_refused(client, session, name):
    before = session.store.change_counters()
    assert assign(client, name).status_code in {400, 422}
    assert assign(client, "Ruth", (99,)).status_code == 404
    assert session.store.change_counters() == before


# Presence


def test_presence_tells_others_where_somebody_is_and_writes_nothing(client, session):
    before = session.store.change_counters()
    files = {path: path.stat().st_mtime_ns for path in session.study.folder.rglob("*") if path.is_file()}
    assert here(client, "Ruth", 1) == []
    assert here(client, "Ada", 2) == [("Ruth", "P01")]
    assert here(client, "Ruth") == [("Ada", "P02")]
    assert here(client, "Ada") == [("Ruth", "")]
    assert session.store.change_counters() == before
    assert {path: path.stat().st_mtime_ns for path in session.study.folder.rglob("*") if path.is_file()} == files


def test_presence_says_nothing_of_a_transcript_to_whoever_codes_it_blind(client):
    call(client, "/api/marks", "Ada", {"kind": "blind", "version": 1})
    here(client, "Ruth", 1)
    here(client, "Ben", 2)
    assert here(client, "Ada", 1) == [("Ben", "P02")]
    call(client, "/api/marks", "Ada", {"kind": "done", "version": 1})
    assert here(client, "Ada", 1) == [("Ben", "P02"), ("Ruth", "P01")]


def test_presence_in_no_transcript_of_the_study_is_refused(client):
    assert call(client, "/api/presence", "Ada", {"version": 99}).status_code == 404
    assert here(client, "Ruth") == []


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.floats(0, 40), st.integers(1, 3)), max_size=12))
def test_whoever_sent_no_heartbeat_for_half_a_minute_is_gone(beats):
    now = 0.0
    presence, last = Presence(lambda: now), {}
    for coder, pause, version in beats:
        now += pause
        presence.note(coder, version)
        last[coder] = (now, version)
        expected = {(name, at) for name, (when, at) in last.items() if now - when <= GONE_SECONDS and name != coder}
        assert {(seen.coder, seen.version) for seen in presence.others(coder)} == expected
