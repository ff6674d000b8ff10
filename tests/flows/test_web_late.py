"""Pages are served before the API is made; whoever asks the API waits for it; the guard holds from the first byte."""

import json
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from corpus.errors import InputError
from corpus.transcript import Span
from flows.web import api
from flows.web.late import Late
from pipeline.store.database import UnreadyError
from tests.flows.web_support import code, page, served_study
from tests.pipeline.run_support import WordPrecoder

ADA = {"Precode-Coder": "Ada"}


@pytest.fixture
def session(tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.precoder.load_precoder", lambda _study: WordPrecoder())
    with served_study(tmp_path / "lhc") as session:
        yield session


@pytest.fixture
def held(monkeypatch):
    """The API is not made until this is set."""
    held, make = threading.Event(), api.make_study_api

    def made_later(*words, **more):
        assert held.wait(20)
        return make(*words, **more)

    monkeypatch.setattr(api, "make_study_api", made_later)
    yield held
    held.set()


@pytest.mark.parametrize("path", ["/", "/queue", "/read/1", "/static/shared/style.css"])
def test_make_app_serves_pages_and_files_before_there_is_an_api(session, held, path):
    with page(session, **ADA) as client:
        assert client.get(path).status_code == 200
        assert not held.is_set()
        held.set()


def test_make_app_lists_who_codes_before_there_is_an_api(session, held):
    held.set()
    with page(session) as client:
        code(client, 1, Span(20, 27), session.study.codebook().ids[0], "k", "Ben")
    held.clear()
    with page(session) as client:
        assert "Ben" in client.get("/").text
        held.set()


@pytest.mark.parametrize(("headers", "status"), [({"Host": "evil.example:8765"}, 421), ({"Origin": "http://e"}, 403)])
def test_guard_refuses_strangers_before_there_is_an_api(session, held, headers, status):
    with page(session, **ADA, **headers) as client:
        assert client.post("/api/undo", json={"key": "a"}).status_code == status
        held.set()


def test_late_app_lets_requests_wait_for_the_api(session, held):
    with page(session, **ADA) as client, ThreadPoolExecutor(3) as browsers:
        asked = [browsers.submit(client.get, "/api/study") for _ in range(3)]
        time.sleep(0.1)
        assert not any(answer.done() for answer in asked)
        held.set()
        assert [answer.result().status_code for answer in asked] == [200, 200, 200]


def test_late_app_tells_a_defect_in_making_the_api_without_its_words(session, monkeypatch):
    def fail(*_words, **_more):
        raise RuntimeError("the nurse rings me")

    monkeypatch.setattr(api, "make_study_api", fail)
    with page(session, **ADA) as client:
        answer = client.get("/api/study")
        assert answer.status_code == 500
        assert "nurse" not in answer.text
        assert client.get("/queue").status_code == 200


@pytest.mark.parametrize(
    ("error", "status"),
    [(UnreadyError("study.db: is locked"), 503), (InputError("book.csv", "breaks off"), 503), (ImportError("x"), 500)],
)
def test_late_app_makes_the_api_again_after_it_failed(session, monkeypatch, error, status):
    make, fails = api.make_study_api, [error, error]

    def make_in_the_end(*words, **more):
        if fails:
            raise fails.pop()
        return make(*words, **more)

    monkeypatch.setattr(api, "make_study_api", make_in_the_end)
    with page(session, **ADA) as client:
        assert client.get("/queue").status_code == 200
        told = [client.get("/api/study").status_code for _ in range(3)]
    assert told in ([status, status, 200], [status, 200, 200])  # the first may have failed before anybody asked


def test_make_app_leaves_nothing_half_made_behind(session, monkeypatch):
    made, make = [], api.make_study_api

    def slowly(*words, **more):
        time.sleep(0.3)
        made.append(make(*words, **more))
        return made[-1]

    monkeypatch.setattr(api, "make_study_api", slowly)
    with page(session, **ADA) as client:
        assert client.get("/").status_code == 200
    assert len(made) == 1  # before the study is closed, whose database it reads


def test_late_makes_one_thing_whoever_asks():
    made = []

    def make():
        time.sleep(0.05)
        made.append(object())
        return made[-1]

    late = Late(make)
    with ThreadPoolExecutor(8) as many:
        got = list(many.map(lambda _: late.get(), range(8)))
    assert made == [got[0]]
    assert len(set(map(id, got))) == 1


def test_pages_need_neither_fastapi_nor_numpy():
    code = "import sys, json, flows.web.app, flows.web.jobs; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"fastapi", "numpy", "evaluation.study_quality.quality"} & set(json.loads(done.stdout))
