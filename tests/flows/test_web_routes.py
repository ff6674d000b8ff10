"""The coding routes over HTTP: what they take and refuse, whose words they give away, and offsets in hard text."""

import json
import shutil
from dataclasses import replace
from types import SimpleNamespace

import pytest
from fastapi.testclient import TestClient

from corpus.suggestion import Evidence
from evaluation.study_quality.types import LearnState, Phase
from flows.web.app import make_app
from flows.web.guard import Access
from pipeline.session import StudySession
from pipeline.store import Sentence
from pipeline.study import create_study, open_study
from tests.pipeline.review_support import BOOK, FACTS, SAID, fill, suggested

HERE = "http://127.0.0.1:8765"
CODE = '[[code]]\nid = "{0.id}"\nname = "{0.name}"\ndomain = "{0.domain}"\n'
TOML = '[codebook]\nname = "tiny"\nversion = "1"\n' + "".join(CODE.format(code) for code in BOOK.codes)
GOOD = {"key": "a", "action": "code", "version": 1, "start": 30, "end": 40, "code": "team"}
IDLE = LearnState(Phase.IDLE)
IDLY = dict.fromkeys(("learning", "learn", "rank"), lambda: IDLE)
JOBS = SimpleNamespace(**IDLY, job=lambda: None, close=lambda: None)


def study_in(folder, migrated):
    study = create_study(folder)
    (folder / "codebook.toml").write_text(TOML, encoding="utf-8")
    (folder / "study.toml").write_text('[study]\ncodebook = "codebook.toml"\nseeds = ["x.jsonl"]\n', encoding="utf-8")
    shutil.copy(migrated, study.database)
    return open_study(folder)


def filled(session):
    return fill(session.store, replace(FACTS, codebook=session.study.codebook().digest))


def app_of(session):
    return make_app(session, jobs=JOBS, access=Access())


@pytest.fixture
def session(tmp_path, migrated):
    with StudySession(study_in(tmp_path / "lhc", migrated)) as session:
        yield session


@pytest.fixture
def versions(session):
    return filled(session)


@pytest.fixture
def app(session, versions):
    return app_of(session)


@pytest.fixture
def ann(app):
    return browser(app, "Ann")


@pytest.fixture(scope="module")
def shared(tmp_path_factory, migrated):
    """Ann's browser before a study that all tests of refusals share; it holds one decision, of key a."""
    with StudySession(study_in(tmp_path_factory.mktemp("shared") / "lhc", migrated)) as session:
        filled(session)
        ann = browser(app_of(session), "Ann")
        assert decide(ann, **GOOD).status_code == 200
        yield ann


def browser(app, coder):
    return TestClient(app, HERE, headers={"precode-coder": coder})


def post(client, path, **body):
    return client.post(f"/api/{path}", json=body)


def decide(client, key, action, version, **about):
    return post(client, "decisions", decisions=[{"key": key, "action": action, "version": version, **about}])


# What is refused, and how


def test_nobody_reads_without_a_name(app):
    answer = TestClient(app, HERE).get("/api/queue")
    assert (answer.status_code, list(answer.json())) == (401, ["detail"])


def test_a_decision_on_another_standing_is_a_conflict_that_tells_the_standing(ann, versions):
    written = decide(ann, "a", "accept", versions["anna"], suggestion=1).json()["decisions"][0]
    answer = decide(ann, "b", "reject", versions["anna"], suggestion=1)
    assert answer.status_code == 409
    assert answer.json()["current"] == [written]
    assert decide(ann, "b", "reject", versions["anna"], suggestion=1, previous=written["id"]).status_code == 200


def test_a_key_sent_again_is_answered_with_what_it_wrote(ann, versions):
    first, second = (decide(ann, "a", "accept", versions["anna"], suggestion=1) for _ in range(2))
    assert first.json() == second.json()
    assert len(ann.get("/api/log").json()["decisions"]) == 1


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("decisions", {"decisions": [{"key": "x", "action": "accept", "version": 1, "suggestion": 99}]}, 404),
        ("decisions", {"decisions": [{"key": "x", "action": "memo", "version": 1}]}, 400),
        ("decisions", {"decisions": [{"key": "x", "action": "code", "version": 1, "code": "team"}]}, 400),
        ("undo", {"key": "x", "decision": 99}, 404),
        ("marks", {"kind": "memo", "text": "about nothing"}, 400),
        ("marks", {"kind": "memo", "code": "moon", "text": "x"}, 400),
        ("marks", {"kind": "done", "version": 99}, 404),
        ("bulk/preview", {"code": "moon", "at_least": 0.5}, 400),
        ("bulk", {"code": "team", "at_least": 0.1, "count": 77, "key": "x"}, 409),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(shared, path, body, status):
    answer = post(shared, path, **body)
    assert answer.status_code == status
    assert "\n" not in answer.json()["detail"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": ""},
        {"key": "k" * 49},
        {"key": "a b"},
        {"action": "undo"},
        {"version": "1"},
        {"version": 2**31},
        {"version": True},
        {"start": 40},
        {"start": -1},
        {"end": None},
        {"start": 1.5},
        {"code": ""},
        {"code": "c" * 201},
        {"memo": "m" * 20_001},
        {"memo": "\x00"},
        {"memo": "\ud800"},
        {"coder": "Ben"},
    ],
)
def test_fields_are_strict_and_bounded(shared, wrong):
    body = json.dumps({"decisions": [GOOD | {"key": "b"} | wrong]})  # escapes what is no character
    answer = shared.post("/api/decisions", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422


@pytest.mark.parametrize("decisions", [[], [GOOD] * 501])
def test_decisions_come_in_bounded_numbers(shared, decisions):
    assert post(shared, "decisions", decisions=decisions).status_code == 422


def test_numbers_that_are_none_are_refused(shared):
    body = '{"code": "team", "at_least": NaN}'
    answer = shared.post("/api/bulk/preview", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    for query in ("at_least=nan", "at_most=2", "limit=51", "limit=0", "order=best", "after=0", "version=x"):
        assert shared.get(f"/api/queue?{query}").status_code == 422


def test_refusals_repeat_nothing_of_what_was_sent(shared):
    assert "SECRET" not in decide(shared, **(GOOD | {"key": "x", "memo": "SECRET" * 5_000})).text
    assert "SECRET" not in decide(shared, **(GOOD | {"key": "x", "code": "SECRET talk"})).text


# A round trip


def test_review_over_http(ann, versions):
    first, second = ann.get("/api/queue?order=certain&limit=2").json()["items"]
    assert [one["id"] for one in (first, second)] == [8, 7]
    decide(ann, "a", "accept", first["version"], suggestion=first["id"])
    assert ann.get(f"/api/queue?after={first['id']}&limit=1").json()["items"] == [second]
    assert post(ann, "undo", key="u").json()["undone"]["suggestion"] == first["id"]
    assert post(ann, "redo", key="r").json()["decision"]["suggestion"] == first["id"]
    told = post(ann, "bulk/preview", code="team", at_least=0.1).json()
    assert post(ann, "bulk", code="team", at_least=0.1, count=told["count"], key="b").json()["count"] == 2
    assert post(ann, "marks", kind="memo", version=versions["anna"], text="rich").json()["kind"] == "memo"
    assert [one["text"] for one in ann.get("/api/marks").json()["marks"]] == ["rich"]
    assert ann.get("/api/pulse").json() == {"decisions": 5, "marks": 1, "outcomes": 3}


def test_times_are_utc_and_say_so(ann, versions):
    (written,) = decide(ann, "a", "accept", versions["anna"], suggestion=1).json()["decisions"]
    assert written["time"].endswith("Z")


# Offsets


def test_text_that_offsets_stumble_over_keeps_them(ann, session, versions):
    version = versions["bert"]
    shown = ann.get(f"/api/transcripts/{version}").json()
    turn = shown["turns"][1]
    assert turn["text"] == SAID["bert"]
    text = session.store.transcripts.get(version).text
    for words in ("👩\u200d⚕️", "Cafe\u0301", "\u202b\u05e9\u05dc\u05d5\u05dd\u202c", "<b>Trust</b>"):
        start = turn["start"] + turn["text"].index(words)
        about = {"start": start, "end": start + len(words), "code": "trust"}
        (written,) = decide(ann, f"k{start}", "code", version, **about).json()["decisions"]
        assert text[written["start"] : written["end"]] == words
    codings = ann.get(f"/api/transcripts/{version}").json()["codings"]
    assert [text[one["start"] : one["end"]] for one in codings] == [
        "👩\u200d⚕️",
        "Cafe\u0301",
        "\u202b\u05e9\u05dc\u05d5\u05dd\u202c",
        "<b>Trust</b>",
    ]
    sentences = [text[start:end] for start, end in shown["sentences"]]
    assert " ".join(sentences) == SAID["bert"]


# What stays hidden


def secretly(session, app, versions):
    """Let Ben and a run leave words everywhere that a blind coder may not see."""
    ben = browser(app, "Ben")
    run = session.store.runs.start(replace(FACTS, codebook=session.study.codebook().digest, model="SECRET-model"))
    for version in versions.values():
        sentences = session.store.runs.sentences(version)
        evidence = (Evidence("SECRET seed", 0.5, "authored"),)
        made = [suggested(one.span, "team", 0.5, evidence=evidence, words=("SECRET",)) for one in sentences]
        session.store.runs.save(run, version, made, [Sentence(one.span, one.turn) for one in sentences])
        item = ben.get(f"/api/queue?version={version}").json()["items"][0]
        assert item["words"] == ["SECRET"]
        decide(ben, f"s{version}", "accept", version, suggestion=item["id"], memo="SECRET memo")
        decide(ben, f"o{version}", "code", version, start=30, end=36, code="trust", memo="SECRET own")
        post(ben, "marks", kind="memo", version=version, text="SECRET memo on the transcript")
        post(ben, "marks", kind="audited_found", version=version, start=30, end=36)
        assert post(ben, "summaries", version=version, code="team", text="SECRET summary").status_code == 200
    post(ben, "marks", kind="memo", code="team", text="SECRET memo on a code")


def questions(client, version):
    """Every way to ask for something, its parameters filled in."""
    for path, methods in client.get("/api/openapi.json").json()["paths"].items():
        if "get" in methods and path.startswith("/api"):
            names = [one["name"] for one in methods["get"].get("parameters", []) if one["in"] == "query"]
            filled = {"version": version, "first": "Ann", "second": "Ben", "rows": "transcript", "coder": "Ben"}
            filled |= {"q": "nurse", "start": 30, "end": 36, "format": "csv"}
            needed = {one["name"] for one in methods["get"].get("parameters", []) if one["required"]}
            filled |= {name: value for name, value in {"code": "team", "by": "role"}.items() if name in needed}
            query = {name: filled[name] for name in names if name in filled}
            yield path.replace("{version}", str(version)), query
            yield (
                path.replace("{version}", str(version)),
                {**query, "second": "precode"} if "second" in query else query,
            )


def test_a_blind_coder_is_told_nothing_anywhere(session, app, ann, versions):
    for version in versions.values():
        assert post(ann, "marks", kind="blind", version=version).status_code == 200
        decide(ann, f"a{version}", "code", version, start=30, end=36, code="budget", memo="my own")
    secretly(session, app, versions)
    asked = [pair for version in versions.values() for pair in questions(ann, version)]
    assert len({path for path, _ in asked}) >= 10
    for path, query in asked:
        answer = ann.get(path, params=query)
        assert answer.status_code in {200, 400, 403, 404}, path
        if path != "/api/study":
            assert "SECRET" not in answer.text, path
        if path.startswith(("/api/transcripts", "/api/queue", "/api/marks", "/api/log", "/api/matrix")):
            assert "Ben" not in answer.text, path
    for body in ({"code": "team", "at_least": 0.0}, {"code": "trust", "at_least": 0.0}):
        assert post(ann, "bulk/preview", **body).json()["count"] == 0


def test_when_done_everything_is_told(session, app, ann, versions):
    version = versions["anna"]
    post(ann, "marks", kind="blind", version=version)
    secretly(session, app, versions)
    assert "SECRET" not in ann.get(f"/api/transcripts/{version}").text
    post(ann, "marks", kind="done", version=version)
    shown = ann.get(f"/api/transcripts/{version}").json()
    assert {one["memo"] for one in shown["codings"]} == {"SECRET memo", "SECRET own"}
    assert shown["suggestions"][0]["others"] == [{"coder": "Ben", "action": "accept", "code": "team"}]
