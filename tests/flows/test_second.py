"""The second opinion from the terminal and on the page: connect, try, ask; never for blind coders, never in audits."""

import json
import logging
import shutil

import pytest

from corpus.coders import SECOND
from models.second.opinion import NONE
from pipeline.session import StudySession
from pipeline.settings_file import change_second
from pipeline.store import Action, EventKind, NewDecision, NewEvent
from pipeline.study import open_study
from tests.evaluation.second_support import CODED, make_young_study, precoded_session
from tests.flows.web_support import page
from tests.models.second_support import MODEL, answer, decisions, listed, passage_in, serving, sure_of

ADA = {"Precode-Coder": "Ada"}


@pytest.fixture(scope="module")
def precoded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("second") / "study"
    precoded_session(make_young_study(folder, settings='[benchmark]\nhuman = "human.jsonl"\n')).close()
    return folder


@pytest.fixture
def folder(precoded, tmp_path):
    return shutil.copytree(precoded, tmp_path / "study")


def right(state, asked):
    """What people coded, since every sentence of the interviews ends with its number and place."""
    place = passage_in(state).rstrip(".").rpartition(" ")[2]
    code = CODED[int(place)] if place.isdigit() else None  # what a model is tried out with has no number
    return sure_of(code or NONE, list(asked["criteria"])) if asked["type"] == "choice" else 0.2


def other(state, asked):
    return sure_of("trust", list(asked["criteria"])) if asked["type"] == "choice" else 0.5


@pytest.fixture
def server():
    with serving({"/v1/models": listed(), "/v1/systemone": decisions(right)}) as running:
        yield running


def connected(folder, server):
    change_second(folder / "study.toml", url=server.url, model=MODEL, adapter="systemone")


# From the terminal


def test_connect_lists_models_and_writes_what_answers(precode, folder, server):
    code, out, _ = precode("second", "connect", server.url, "--study", folder)
    assert (code, MODEL in out) == (0, True)
    code, out, err = precode("second", "connect", server.url, "--model", MODEL, "--study", folder)
    assert code == 0, err
    second = open_study(folder).settings.second
    assert (second.url, second.model, second.adapter) == (server.url, MODEL, "systemone")
    assert not [state for body in server.asked("/v1/systemone") if "Anna" in (state := body["state"])]


def test_try_ask_and_status_tell_the_same_and_no_words(precode, folder, server, caplog):
    caplog.set_level(logging.DEBUG)
    connected(folder, server)
    code, tried, err = precode("second", "try", "--json", "--study", folder)
    assert code == 0, err
    trial = json.loads(tried)
    assert trial["verdict"] == "used"
    assert trial["figures"]["scores"]["first_with"]["value"] > trial["figures"]["scores"]["first_without"]["value"]
    code, asked, err = precode("second", "ask", "--study", folder)
    assert code == 0, err
    assert "Suggestions changed in" in asked
    code, told, _ = precode("second", "status", "--study", folder)
    assert "For your methods section: A local language model (tiny:1b, weights" in told
    assert not [word for word in ("nurses", "honesty", "funding") if word in caplog.text + tried + asked + told + err]
    exported = json.loads((folder / "exports" / "latest" / "manifest.json").read_text(encoding="utf-8"))
    assert exported["digests"]["model"].endswith("/systemone/second/v1")


def test_a_run_asks_at_its_end_and_is_none_the_worse_for_a_dead_server(precode, folder, server):
    connected(folder, server)
    code, out, _ = precode("run", "--no-prefect", "--study", folder)
    assert (code, "opinions" in out) == (0, True)
    server.replies["/v1/systemone"] = lambda _: answer({}, 500)
    code, _, err = precode("run", "--no-prefect", "--redo", "--study", folder)
    assert (code, "no second opinion" in err) == (0, True)
    asked = len(server.seen)
    precode("run", "--no-prefect", "--no-second", "--study", folder)
    assert len(server.seen) == asked


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("connect", "http://192.0.2.1:11434"), "is not this machine"),
        (("connect", "--model", "big-cloud"), "cloud"),
        (("connect", "http://127.0.0.1:9"), "does not answer"),
        (("try",), "no language model is named"),
        (("ask",), "no language model is named"),
    ],
)
def test_what_cannot_work_is_said_in_one_line(precode, folder, words, said):
    code, _, err = precode("second", *words, "--study", folder)
    assert (code, err.count("\n")) == (2, 1)
    assert said in err


def test_a_model_elsewhere_needs_the_person_at_this_machine_to_allow_it(precode, folder):
    (folder / "study.toml").write_text(
        (folder / "study.toml").read_text(encoding="utf-8") + '[second]\nurl = "http://192.0.2.1:11434"\n', "utf-8"
    )
    code, _, err = precode("second", "status", "--study", folder)
    assert (code, "passages are sent to a language model at 192.0.2.1" in err) == (2, True)


def test_off_takes_the_model_out_and_its_opinions_off_the_page(precode, folder, server):
    connected(folder, server)
    precode("second", "try", "--study", folder)
    precode("second", "connect", "--off", "--study", folder)
    code, out, _ = precode("second", "status", "--study", folder)
    assert (code, "No language model is asked" in out) == (0, True)
    with StudySession(open_study(folder)) as session, page(session) as client:
        items = client.get("/api/queue", headers=ADA).json()["items"]
        assert {item["second"] for item in items} == {None}


def test_an_installation_can_be_made_without_it(precode, folder, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    code, _, err = precode("second", "status", "--study", folder)
    assert (code, "precode[second]" in err) == (2, True)


# On the page


def asked_about(folder, server, replies=right, *, show=True):
    """A session of a study whose passages a model has been asked about."""
    from flows.second import second_pass

    server.replies["/v1/systemone"] = decisions(replies)
    connected(folder, server)
    text = (folder / "study.toml").read_text(encoding="utf-8")
    (folder / "study.toml").write_text(f"{text}show_untested = {str(show).lower()}\n", encoding="utf-8")
    session = StudySession(open_study(folder))
    second_pass(session, lambda _done, _of: None)
    return session


def queue(client, **query):
    return client.get("/api/queue", params={"limit": 50, **query}, headers=ADA).json()["items"]


def test_the_card_says_what_the_model_thinks_and_disagreement_comes_first(folder, server):
    with asked_about(folder, server, other) as session, page(session) as client:
        items = queue(client, order="disagree")
        assert {item["second"]["says"] for item in items} == {"same", "other"}
        says = [item["second"]["says"] for item in items]
        assert says == sorted(says)  # other before same
        assert all((item["code"] == "trust") == (item["second"]["says"] == "same") for item in items)
        assert items[0]["second"]["model"].startswith(f"{MODEL}@")
        assert client.get("/api/study", headers=ADA).json()["second"] == items[0]["second"]["model"]


def test_untested_opinions_are_not_shown(folder, server):
    with asked_about(folder, server, show=False) as session, page(session) as client:
        assert {item["second"] for item in queue(client)} == {None}
        assert client.get("/api/study", headers=ADA).json()["second"] == ""


def test_a_blind_coder_and_an_audit_see_nothing_of_it(folder, server):
    with asked_about(folder, server) as session:
        fingerprint = next(iter(session.store.opinions.stream(queue_model(session)))).model
        with page(session, blind=True) as client:
            paths = ["queue", "study", "transcripts/1", "log", "marks", "progress", "matrix", "audit/next"]
            told = [client.get(f"/api/{path}", headers=ADA).text for path in paths]
            told += [client.get("/api/second", headers=ADA).text]
            agreed = client.get("/api/agreement", params={"first": "Ada", "second": SECOND}, headers=ADA).json()
            assert client.get("/api/second", headers=ADA).status_code == 403
        assert fingerprint not in "".join(told)
        assert agreed["units"] == 0
        session.store.events.add(NewEvent("Ben", EventKind.BLIND, 1))
        with page(session) as client:
            ben = {"Precode-Coder": "Ben"}
            assert client.get("/api/transcripts/1", headers=ben).json()["suggestions"] == []
            assert fingerprint not in client.get("/api/audit/next", headers=ben).text
            assert {
                item["version"] for item in client.get("/api/queue?limit=50", headers=ben).json()["items"]
            }.isdisjoint({1})


def queue_model(session):
    from pipeline.review.event_log import EventLog

    log = EventLog(session.store)
    log.refresh()
    return log.second


def test_the_model_is_a_coder_of_its_own_in_agreement(folder, server):
    with asked_about(folder, server) as session:
        for version in session.store.transcripts.versions():
            for opinion in session.store.opinions.stream(queue_model(session)):
                best = max(opinion.chances, key=opinion.chances.get)
                if opinion.version == version.id and not opinion.code and best != NONE:
                    draft = NewDecision("Ada", version.id, Action.CODE, span=opinion.span, code=best)
                    session.store.decisions.add(draft)
            session.store.events.add(NewEvent("Ada", EventKind.DONE, version.id))
        with page(session) as client:
            query = {"first": "Ada", "second": SECOND}
            agreed = client.get("/api/agreement", params=query, headers=ADA).json()
    assert agreed["units"] == 48
    assert agreed["overall"]["kappa"] == pytest.approx(1)


def test_the_model_says_why_only_after_the_decision(folder, server):
    wrote = {"choices": [{"message": {"content": "It speaks\nof colleagues."}}], "usage": {"prompt_tokens": 99_999}}
    server.replies["/v1/chat/completions"] = lambda _: answer(wrote)
    with asked_about(folder, server) as session, page(session) as client:
        change_second(folder / "study.toml", adapter="json")
        item = queue(client)[0]
        body = {"suggestion": item["id"]}
        assert client.post("/api/second/why", json=body, headers=ADA).status_code == 400
        session.store.decisions.add(NewDecision("Ada", item["version"], Action.ACCEPT, suggestion=item["id"]))
        server.replies["/v1/chat/completions"] = lambda sent: answer(
            wrote
            if "max_tokens" in sent and "response_format" not in sent
            else {"choices": [{"message": {"content": '{"letter": "A", "confidence": 9}'}}]}
        )
        told = client.post("/api/second/why", json=body, headers=ADA)
        assert told.json() == {"text": "It speaks of colleagues.", "model": MODEL}
        assert client.post("/api/second/why", json={"suggestion": 99_999}, headers=ADA).status_code == 404
        log = client.get("/api/log", headers=ADA).text
    assert "colleagues" not in log


def test_the_page_connects_and_lists_and_goes_without(folder, server):
    with StudySession(open_study(folder)) as session, page(session, coder="Ada") as client:
        assert client.get("/second").status_code == 200
        assert client.get("/api/second").json()["url"] == ""
        assert client.post("/api/second/try", json={}).status_code == 400
        assert client.post("/api/second/models", json={"url": "http://192.0.2.1"}).status_code == 400
        listed_ = client.post("/api/second/models", json={"url": server.url}).json()
        assert [model["name"] for model in listed_["models"]] == [MODEL]
        state = client.post("/api/second/connect", json={"url": server.url, "model": MODEL}).json()
        assert (state["adapter"], state["state"], state["verdict"]) == ("systemone", "idle", "")
        assert client.post("/api/second/off", json={}).json()["url"] == ""
