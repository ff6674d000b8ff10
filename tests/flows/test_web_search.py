"""Searching over HTTP and on the command line: who may see what, what is refused, codes of hits."""

import json

import pytest

from corpus.transcript import Span
from pipeline.session import StudySession
from pipeline.settings import template
from pipeline.study import open_study
from tests.flows.web_support import code, page, served_study

TALK = {"P01": "The nurse rings me. It takes money.", "P02": "The nurse left. We have tea."}
ADA = {"Precode-Coder": "Ada"}


@pytest.fixture
def session(tmp_path, words):
    with served_study(tmp_path / "lhc", TALK) as session:
        yield session


@pytest.fixture
def lexical(tmp_path, words):
    """The same study with an encoder that needs no model."""
    folder = tmp_path / "lexical"
    served_study(folder, TALK).close()
    (folder / "study.toml").write_text(
        template("lhc").replace('encoder = "openvino"', 'encoder = "lexical"'), encoding="utf-8"
    )
    with StudySession(open_study(folder)) as session:
        yield session


def found(client, path="search", coder="Ada", **query):
    answer = client.get(f"/api/{path}", params=query, headers={"Precode-Coder": coder})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_words_are_found_with_the_codes_that_the_coder_gave(session):
    book = session.study.codebook().ids
    with page(session) as client:
        hit = found(client, q="tea")["hits"][0]["hit"]
        code(client, hit["version"], Span(hit["start"], hit["end"]), book[3], "k", "Ada")
        told = found(client, q="tea")
        assert (told["total"], told["searched"], told["hidden"]) == (1, 2, 0)
        assert told["hits"][0]["codes"] == [book[3]]
        assert found(client, q="tea", coder="Ben")["hits"][0]["codes"] == []


def test_hidden_transcripts_are_not_searched(session):
    with page(session) as client:
        client.post("/api/marks", json={"kind": "blind", "version": 2}, headers=ADA)
        told = found(client, q="nurse")
        assert [each["hit"]["transcript"] for each in told["hits"]] == ["P01"]
        assert (told["searched"], told["hidden"]) == (1, 1)
        assert len(found(client, q="nurse", coder="Ben")["hits"]) == 2
        for path, query in (
            ("search", {"q": "nurse", "version": 2}),
            ("search/like", {"version": 2, "start": 20, "end": 25}),
        ):
            assert client.get(f"/api/{path}", params=query, headers=ADA).status_code == 403


def test_hidden_transcripts_are_found_in_no_way_until_their_coder_is_done(lexical):
    with page(lexical) as client:
        hit = found(client, q="rings", how="meaning")["hits"][0]["hit"]
        client.post("/api/marks", json={"kind": "blind", "version": 2}, headers=ADA)
        ways = (
            {"q": "nurse"},
            {"q": "a nurse who left", "how": "meaning"},
            {"path": "search/like", "version": hit["version"], "start": hit["start"], "end": hit["end"]},
        )
        for way in ways:
            assert all(each["hit"]["version"] != 2 for each in found(client, **way)["hits"])
            assert any(each["hit"]["version"] == 2 for each in found(client, **way, coder="Ben")["hits"])
        client.post("/api/marks", json={"kind": "done", "version": 2}, headers=ADA)
        for way in ways:
            assert any(each["hit"]["version"] == 2 for each in found(client, **way)["hits"])


def test_the_text_before_a_correction_is_hidden_like_the_one_after_it(session):
    with page(session) as client:
        client.post("/api/marks", json={"kind": "blind", "version": 2}, headers=ADA)
        start = session.store.transcripts.get(2).text.index("tea")
        body = {"key": "c", "version": 2, "start": start, "end": start + 3, "words": "tea", "right": "coffee"}
        new = client.post("/api/corrections", json=body, headers={"Precode-Coder": "Ben"}).json()["version"]
        assert new != 2
        for version in (2, new):
            for path, query in (("search", {"q": "nurse"}), ("search/like", {"start": start, "end": start + 3})):
                answer = client.get(f"/api/{path}", params=query | {"version": version}, headers=ADA)
                assert (answer.status_code, "nurse" in answer.text) == (403, False)
        assert [each["hit"]["transcript"] for each in found(client, q="nurse")["hits"]] == ["P01"]
        assert found(client, q="coffee", coder="Ben")["total"] == 1
        assert found(client, q="tea", coder="Ben")["total"] == 0


def test_nothing_is_found_where_everybody_codes_blind(session):
    with page(session, blind=True) as client:
        told = found(client, q="nurse")
        assert (told["hits"], told["total"], told["searched"], told["hidden"]) == ([], 0, 0, 2)
        client.post("/api/marks", json={"kind": "done", "version": 1}, headers=ADA)
        assert [each["hit"]["version"] for each in found(client, q="nurse")["hits"]] == [1]
        assert found(client, q="nurse", coder="Ben")["hits"] == []


def test_meaning_and_passages_alike_are_ready_at_the_first_search(lexical):
    with page(lexical) as client:
        told = found(client, q="a nurse who rings", how="meaning")
        assert told["unready"] == 0
        hit = told["hits"][0]["hit"]
        assert hit["transcript"] == "P01"
        like = found(client, "search/like", version=hit["version"], start=hit["start"], end=hit["end"])
        assert like["query"] == TALK["P01"]
        assert [each["hit"]["transcript"] for each in like["hits"]] == ["P02"]


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("search", {}, 422),
        ("search", {"q": "!"}, 400),
        ("search", {"q": "x", "how": "guess"}, 422),
        ("search", {"q": "x", "version": 99}, 404),
        ("search/like", {"version": 1, "start": 9, "end": 9}, 422),
        ("search/like", {"version": 1, "start": 9, "end": 99999}, 400),
        ("search/like", {"version": 99, "start": 1, "end": 2}, 404),
    ],
)
def test_what_cannot_be_searched_for_is_refused_in_a_line(session, path, query, status):
    with page(session) as client:
        answer = client.get(f"/api/{path}", params=query, headers=ADA)
    assert answer.status_code == status
    assert "\n" not in answer.json()["detail"]


def test_words_are_found_in_any_form_near_a_code_and_of_whom_a_filter_means(session):
    (session.study.folder / "participants.csv").write_text("id,role\nP01,nurse\nP02,GP\n", encoding="utf-8")
    with page(session) as client:
        assert {hit["hit"]["transcript"] for hit in found(client, q="nurses", how="forms")["hits"]} == {"P01", "P02"}
        assert found(client, q="nurses")["hits"] == []
        tea = found(client, q="tea")["hits"][0]["hit"]
        book = session.study.codebook()
        code(client, tea["version"], Span(tea["start"], tea["end"]), book.ids[3], "k", "Ada")
        near = found(client, q="nurse", code=book.ids[3])
        assert [hit["hit"]["transcript"] for hit in near["hits"]] == ["P02"]
        assert found(client, q="nurse", code=book.ids[4])["hits"] == []
        assert found(client, q="nurse", domain=book[book.ids[3]].domain, coder="Ben")["total"] == 1
        told = found(client, q="nurse", where="role=nurse")
        assert ([hit["hit"]["transcript"] for hit in told["hits"]], told["searched"]) == (["P01"], 1)
        assert client.get("/api/search", params={"q": "x", "where": "age=7"}, headers=ADA).status_code == 400


def test_meaning_and_likeness_are_looked_for_where_a_filter_says(lexical):
    (lexical.study.folder / "participants.csv").write_text("id,role\nP01,nurse\nP02,GP\n", encoding="utf-8")
    with page(lexical) as client:
        gps = found(client, q="a nurse who rings", how="meaning", where="role=GP")
        assert {hit["hit"]["transcript"] for hit in gps["hits"]} == {"P02"}
        hit = gps["hits"][0]["hit"]
        place = {"version": hit["version"], "start": hit["start"], "end": hit["end"]}
        assert found(client, "search/like", **place, where="role=GP")["hits"] == []
        assert found(client, "search/like", **place, where="role=nurse")["hits"]


# On the command line


def test_find_by_meaning_words_and_likeness(lexical, precode):
    folder = lexical.study.folder
    code, out, _ = precode("find", folder, "nurse rings", "--json")
    hits = json.loads(out)["hits"]
    assert (code, hits[0]["transcript"]) == (0, "P01")
    place = f"P01:{hits[0]['start']}-{hits[0]['end']}"
    assert place in precode("find", folder, "--words", "ring*")[1]
    assert json.loads(precode("find", folder, "--like", place, "--json")[1])["hits"][0]["transcript"] == "P02"
    assert "Nothing was found." in precode("find", folder, "--words", "absent")[1]
    assert json.loads(precode("find", folder, "nurse", "--transcript", "P02", "--json")[1])["total"] == 1


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ((), "say what to find"),
        (("tea", "--like", "P01:1-2"), "not both"),
        (("--like", "P01"), "must be TRANSCRIPT:START-END"),
        (("--like", "P09:1-2"), "no transcript 'P09'"),
        (("tea", "--transcript", "P09"), "no transcript 'P09'"),
        (("tea", "--forms"), "--forms is for --words"),
    ],
)
def test_find_refuses_what_it_cannot_find(lexical, precode, options, says):
    code, _, errors = precode("find", lexical.study.folder, *options)
    assert code == 2
    assert says in errors


def test_find_in_a_study_that_was_never_run_says_what_to_type(study, precode):
    code, _, errors = precode("find", study.folder, "tea")
    assert code == 2
    assert "precode run" in errors
