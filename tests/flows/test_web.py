"""The review page's server: who is who, what the pages are, what errors say, and what the study looks like."""

import re
import shutil

import pytest

from corpus.coders import coder_name
from corpus.errors import InputError, IntegrityError, UsageError
from corpus.transcript import Span
from flows.web.guard import HEADERS
from flows.web.pages import VIEWS
from pipeline.session import StudySession
from pipeline.store.database import UnreadyError
from pipeline.study import open_study
from tests.flows.web_support import HOST, StillJobs, code, page, served_study
from tests.pipeline.run_support import WordPrecoder

ADA, BEN = {"Precode-Coder": "Ada"}, {"Precode-Coder": "Ben"}
OWN = {"origin": f"http://{HOST}"}


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


def sign_in(client, name):
    return client.post("/sign-in", data={"coder": name}, headers=OWN)


def versions_in(client, headers=ADA):
    return [one["version"] for one in client.get("/api/study", headers=headers).json()["transcripts"]]


# Who is who


@pytest.mark.parametrize("name", ["Ada", "Zoë Kravitz", "李雷", "a" * 80, "O'Brien; DROP", 'a "b" %41'])
def test_a_coder_signs_in_by_name(client, name):
    answer = sign_in(client, f"  {name} ")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert {"HttpOnly", "SameSite=strict"} <= {part.strip() for part in answer.headers["set-cookie"].split(";")}
    assert client.get("/api/study").json()["coder"] == name


@pytest.mark.parametrize(
    "name",
    ["", "  ", "a" * 81, "a\nb", "a\x00", "a\u202eb", "consensus", "Consensus", "precode", "PRECODE-2", "\ud800"],
)
def test_a_name_that_is_none_is_refused_on_the_start_page(client, name):
    answer = client.post("/sign-in", content=f"coder={name}".encode("utf-8", "surrogatepass"), headers=OWN)
    assert answer.status_code == 400
    assert "text/html" in answer.headers["content-type"]
    assert "set-cookie" not in answer.headers


def test_names_are_composed():
    assert coder_name("Zoe\u0308") == "Zoë"


def test_signing_out_forgets_the_name(client):
    sign_in(client, "Ada")
    client.post("/sign-out", headers=OWN)
    assert client.get("/api/study").status_code == 401


def test_the_page_may_be_started_for_somebody_who_can_sign_out(session):
    with page(session, coder="Ada") as client:
        assert client.get("/api/study").json()["coder"] == "Ada"
        client.post("/sign-out", headers=OWN)
        assert client.get("/api/study").status_code == 401
        sign_in(client, "Ben")
        assert client.get("/api/study").json()["coder"] == "Ben"


def test_a_page_stays_whose_it_was_when_another_tab_signs_in(client):
    sign_in(client, "Ben")
    assert client.get("/api/study", headers={"Precode-Coder": "Zo%C3%AB"}).json()["coder"] == "Zoë"


def test_a_header_that_is_no_name_is_refused_and_a_cookie_that_is_none_is_nobody(client):
    assert client.get("/api/study", headers={"Precode-Coder": "consensus"}).status_code == 400
    client.cookies.set("precode_coder", "precode")
    assert client.get("/api/study").status_code == 401


def test_nothing_of_the_study_is_told_to_nobody(client):
    for path, methods in client.get("/api/openapi.json").json()["paths"].items():
        if path.startswith("/api/"):
            for method in methods:
                answer = client.request(method, path.replace("{version}", "1"), json={})
                assert (path, answer.status_code) == (path, 401)


# Pages


def test_pages_lead_to_the_start_until_somebody_signs_in(client):
    assert client.get("/").status_code == 200
    for view in (*VIEWS, f"read/{versions_in(client)[0]}"):
        assert client.get(f"/{view}").headers["location"] == "/"


def test_every_page_is_a_shell_without_a_word_of_a_transcript(client):
    sign_in(client, "Ada")
    for view in ("", *VIEWS, f"read/{versions_in(client)[0]}"):
        answer = client.get(f"/{view}")
        assert (view, answer.status_code) == (view, 200)
        assert "nurse" not in answer.text


def test_pages_hold_no_inline_script_or_style(client):
    sign_in(client, "Ada")
    for view in ("", *VIEWS, f"read/{versions_in(client)[0]}"):
        text = client.get(f"/{view}").text
        assert "<style" not in text
        assert " style=" not in text
        assert " on" + "click=" not in text
        assert text.count("<script") == len(re.findall(r"<script (type=\"module\" )?src=\"/static/", text))


@pytest.mark.parametrize(
    "path",
    ["/nowhere", "/docs", "/redoc", *(f"/read/{part}" for part in ("999", "x", "-1", "²", "9" * 400, "9" * 5000))],
)
def test_a_page_that_is_not_there_is_told_as_such(client, path):
    sign_in(client, "Ada")
    assert client.get(path).status_code == 404


def test_a_name_with_markup_shows_as_text(client):
    sign_in(client, "<img src=x>")
    assert "<img" not in client.get("/queue").text
    assert "&lt;img src=x&gt;" in client.get("/queue").text


def test_static_files_are_kept_until_they_change(client):
    first = client.get("/static/shared/style.css")
    again = client.get("/static/shared/style.css", headers={"if-none-match": first.headers["etag"]})
    assert (first.status_code, again.status_code) == (200, 304)


@pytest.mark.parametrize("path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static/"])
def test_static_files_end_at_their_folder(client, path):
    assert client.get(path).status_code == 404


# Every answer


def test_every_answer_has_the_headers_of_the_guard(client):
    sign_in(client, "Ada")
    paths = client.get("/api/openapi.json").json()["paths"]
    asked = [(method, path.replace("{version}", "1")) for path, methods in paths.items() for method in methods]
    asked += [
        ("get", path) for path in ("/", "/queue", "/nowhere", "/static/shared/style.css", "/static/none", "/api/none")
    ]
    asked += [("delete", "/api/study"), ("options", "/api/study"), ("head", "/")]
    for method, path in asked:
        answer = client.request(method, path, headers=OWN)
        assert HEADERS.items() <= dict(answer.headers).items(), (method, path)
        assert answer.status_code < 500


@pytest.fixture
def failing(monkeypatch):
    """Make the figures of quality fail with an error."""

    def fail_with(error):
        def progress(*_, **__):
            raise error

        monkeypatch.setattr("evaluation.study_quality.quality.StudyQuality.progress", progress)

    return fail_with


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (UsageError("say which"), 400, "say which"),
        (InputError("P01.txt", "is gone"), 400, "P01.txt: is gone"),
        (IntegrityError("study.db: is damaged"), 500, "study.db: is damaged"),
        (UnreadyError("study.db: the disk is full"), 503, "study.db: the disk is full"),
    ],
)
def test_what_is_refused_is_told_in_one_line(session, failing, error, status, line):
    failing(error)
    with page(session) as client:
        answer = client.get("/api/progress", headers=ADA)
    assert (answer.status_code, answer.json()) == (status, {"detail": line})


def test_a_defect_is_told_by_kind_and_place_only(session, failing, caplog, capsys):
    failing(ValueError("The nurse rings me."))
    with page(session) as client:
        answer = client.get("/api/progress", headers=ADA)
    said = answer.text + caplog.text + "".join(capsys.readouterr())
    assert answer.status_code == 500
    assert HEADERS.items() <= dict(answer.headers).items()
    assert "ValueError at test_web.py" in answer.json()["detail"]
    assert len(caplog.messages) == 1
    assert "nurse" not in said
    assert "Traceback" not in said


def test_what_does_not_fit_is_told_by_its_place_without_its_content(client):
    body = {"decisions": [{"key": "k", "action": "code", "version": 1, "memo": ["Margaret"], "start": 1}]}
    answer = client.post("/api/decisions", json=body, headers=ADA)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("body.decisions.0.memo: ")
    assert "Margaret" not in answer.text


# The study


def test_a_study_is_described_as_its_coder_sees_it(client):
    study = client.get("/api/study", headers=ADA).json()
    assert (study["name"], study["coder"], study["coders"]) == ("lhc", "Ada", [])
    assert (study["model"], study["run"]) == ("words/v1", 1)
    assert [(one["name"], one["suggestions"], one["decided"]) for one in study["transcripts"]] == [
        ("P01", 2, 0),
        ("P02", 2, 0),
    ]
    assert {code["domain"] for code in study["codebook"]["codes"]} == {
        one["name"] for one in study["codebook"]["domains"]
    }
    assert study["pulse"] == {"decisions": 0, "marks": 3, "outcomes": 2}  # marks: speakers of both, the codebook


def test_participants_are_told_with_their_transcripts(session):
    (session.study.folder / "participants.csv").write_text("id,role\nP01,nurse\n", encoding="utf-8")
    with page(session) as client:
        told = client.get("/api/study", headers=ADA).json()["transcripts"]
        matrix = client.get("/api/matrix?rows=Role", headers=ADA).json()
        wrong = client.get("/api/matrix?rows=shoe", headers=ADA)
    assert [one["attributes"] for one in told] == [{"id": "P01", "role": "nurse"}, {}]
    assert matrix["rows"] == ["nurse", "not stated"]
    assert (wrong.status_code, wrong.json()["detail"].endswith("choose one of transcript, id, role")) == (400, True)


def test_learning_is_asked_for(session):
    jobs = StillJobs()
    with page(session, jobs=jobs) as client:
        assert client.get("/api/learn", headers=ADA).json()["state"] == "idle"
        assert client.post("/api/learn", headers=ADA).status_code == 202
        assert client.post("/api/learn/rank", headers=ADA).json()["state"] == "ranking"
    assert jobs.asked == ["learn", "rank", "close"]


# Comparison, consensus, matrix, audit


@pytest.fixture
def book(session):
    return session.study.codebook().ids


def agree(client, version, codes, key, **more):
    body = {"version": version, "start": 20, "end": 40, "codes": codes, "key": key, **more}
    return client.post("/api/consensus", json=body, headers=ADA)


def compared(client, version):
    path = f"/api/compare?version={version}&first=Ada&second=Ben"
    return client.get(path, headers=ADA).json()["differences"]


def test_differences_become_a_consensus_that_can_be_changed(client, book):
    (version, _) = versions_in(client)
    code(client, version, Span(20, 40), book[0], "a1", "Ada")
    code(client, version, Span(20, 40), book[1], "b1", "Ben")
    (before,) = compared(client, version)
    assert (before["first"], before["second"], before["agreed"]) == ([book[0]], [book[1]], None)
    (written,) = agree(client, version, [book[1]], "c1", memo="Ben is right").json()["decisions"]
    assert (written["coder"], written["recorder"], written["memo"]) == ("consensus", "Ada", "Ben is right")
    assert compared(client, version)[0]["agreed"] == [book[1]]
    agree(client, version, [book[0], book[2]], "c2")
    assert compared(client, version)[0]["agreed"] == sorted([book[0], book[2]])
    agree(client, version, [], "c3")
    assert compared(client, version)[0]["agreed"] == []
    assert compared(client, version)[0]["consensus"]["memo"] == "agreed: no code fits here"


def test_a_consensus_that_is_sent_again_is_written_once(client, book):
    (version, _) = versions_in(client)
    first, again = (agree(client, version, book[:2], "c1").json() for _ in range(2))
    assert first == again
    assert client.get("/api/pulse", headers=ADA).json()["decisions"] == 2


def test_a_consensus_is_refused_where_there_is_nothing_to_agree_on(client, book):
    (version, _) = versions_in(client)
    assert agree(client, 999, [book[0]], "c1").status_code == 404
    assert agree(client, version, ["no-such-code"], "c2").status_code == 400
    assert agree(client, version, [book[0]], "c3", end=10**6).status_code == 400
    assert agree(client, version, [book[0]], "c4", end=20).status_code == 422


def test_a_matrix_shows_who_coded_what(client, book):
    first, second = versions_in(client)
    code(client, first, Span(20, 27), book[0], "a1", "Ada")
    code(client, second, Span(20, 27), book[0], "b1", "Ben")
    own, other = (client.get(f"/api/matrix?coder={coder}", headers=ADA).json() for coder in ("Ada", "Ben"))
    assert (own["rows"], own["codes"]) == (["P01", "P02"], list(book))
    assert [(cell["row"], cell["code"], len(cell["passages"])) for cell in own["cells"]] == [("P01", book[0], 1)]
    assert [(cell["row"], cell["passages"][0]["coder"]) for cell in other["cells"]] == [("P02", "Ben")]


def test_what_others_do_stays_hidden_from_whoever_codes_blind(session, book):
    with page(session, blind=True) as client:
        version = versions_in(client)[0]
        code(client, version, Span(20, 27), book[0], "b1", "Ben")
        study = client.get("/api/study", headers=ADA).json()
        assert (study["coders"], {one["blind"] for one in study["transcripts"]}) == ([], {True})
        assert client.get("/api/matrix?coder=Ben", headers=ADA).json()["cells"] == []
        path = f"/api/compare?version={version}&first=Ada&second=Ben"
        assert client.get(path, headers=ADA).status_code == 403
        assert agree(client, version, [book[0]], "c1").status_code == 404
        assert client.get("/api/audit/next", headers=ADA).json()["version"] is None
        client.post("/api/marks", json={"kind": "done", "version": version}, headers=ADA)
        assert client.get("/api/matrix?coder=Ben", headers=ADA).json()["cells"] != []
        assert client.get(path, headers=ADA).status_code == 200


def test_an_audit_goes_from_sentence_to_sentence_until_all_are_looked_at(tmp_path, words):
    talk = {"P01": "We had tea.", "P02": "The nurse came.", "P03": "No more."}
    with served_study(tmp_path / "lhc", talk) as session, page(session) as client:
        seen = [audited(client) for _ in range(3)]
        last, other = (client.get("/api/audit/next", headers=who).json() for who in (ADA, BEN))
    assert [(asked["done"], asked["of"]) for asked in seen] == [(0, 3), (1, 3), (2, 3)]
    assert {asked["context"][-1]["text"] for asked in seen} == {*talk.values()}  # one with a suggestion among them
    assert (last["version"], last["done"], other["done"]) == (None, 3, 0)


def audited(client):
    """Find nothing in the sentence that comes next, and return it."""
    asked = client.get("/api/audit/next", headers=ADA).json()
    mark = {"kind": "audited_empty"} | {name: asked[name] for name in ("version", "start", "end")}
    assert client.post("/api/marks", json=mark, headers=ADA).status_code == 200
    return asked
