"""The page of all studies: who may see it, what it makes and opens, and that a study leads nowhere unasked."""

import json
import urllib.parse

import pytest
from fastapi.testclient import TestClient

from flows.web.guard import HEADERS, LARGEST_FILE, Access
from flows.web.home import HomeServer, announce_server, running_server
from pipeline.backup import backup_study
from pipeline.study import create_study, open_study

ORIGIN = "http://127.0.0.1:8765"
TALK = b"Interviewer: How do the teams work?\nP01: The nurse rings me every day.\n"


@pytest.fixture
def server(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECODE_DATA", str(tmp_path / "data"))
    return HomeServer(Access.private("127.0.0.1", 8765))


@pytest.fixture
def browser(server):
    """A browser that knows the token."""
    token = server.studies._access.token
    headers = {"Authorization": f"Bearer {token}", "Precode-Coder": "Ada"}
    with TestClient(server, base_url=ORIGIN, follow_redirects=False, headers=headers) as client:
        yield client


@pytest.fixture
def study(tmp_path):
    return create_study(tmp_path / "lhc", name="LHC")


def made(browser, tmp_path, name="Ward", **more):
    return browser.post("/api/home/studies", json={"name": name, "parent": str(tmp_path), **more})


def from_file(browser, tmp_path, file, body, name="Ward", **headers):
    query = urllib.parse.urlencode({"name": name, "parent": str(tmp_path), "file": file})
    return browser.post(f"/api/home/studies/from-file?{query}", content=body, headers=headers)


def test_home_takes_the_token_on_loopback_too(server, monkeypatch):
    monkeypatch.setattr("flows.web.guard.GUESS_SECONDS", 0.0)
    with TestClient(server, base_url=ORIGIN, follow_redirects=False) as client:
        for path in ("/", "/home", "/api/home", "/api/home/folders", "/api/study", "/static/home/home.js"):
            assert client.get(path).status_code == 401
        token = server.studies._access.token
        assert client.get(f"/home?token={token}").headers["location"] == "/home"
        assert client.get("/home").status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:8766"])
def test_home_refuses_what_another_page_sends(browser, tmp_path, study, origin):
    for path, body in [("studies", {"name": "X", "parent": str(tmp_path)}), ("open", {"folder": str(study.folder)})]:
        assert browser.post(f"/api/home/{path}", json=body, headers={"Origin": origin}).status_code == 403
    assert from_file(browser, tmp_path, "c.csv", b"name\nTrust\n", Origin=origin).status_code == 403
    assert browser.post("/api/home/stop", headers={"Origin": origin}).status_code == 403
    assert browser.get("/api/home", headers={"Host": "evil.example:8765"}).status_code == 421
    assert not (tmp_path / "X").exists()


def test_home_leads_there_until_a_study_is_open(browser):
    for path in ("/", "/queue", "/anything/else"):
        answer = browser.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/home")
    assert HEADERS.items() <= dict(browser.get("/home").headers).items()


def test_make_opens_a_study_and_remembers_it(browser, tmp_path):
    assert made(browser, tmp_path).json() == {"folder": str(tmp_path / "Ward"), "lines": []}
    assert browser.get("/api/study").json()["name"] == "Ward"
    assert [known["name"] for known in browser.get("/api/home").json()["recent"]] == ["Ward"]
    assert (tmp_path / "Ward").stat().st_mode & 0o077 == 0
    assert "All studies" in browser.get("/").text


def test_make_takes_the_sample_interviews(browser, tmp_path):
    made(browser, tmp_path, sample=True)
    assert len(browser.get("/api/files").json()["transcripts"]) == 4


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "../out"}, 400),
        ({"name": "a/b"}, 400),
        ({"name": ".hidden"}, 400),
        ({"name": ""}, 422),
        ({"name": "x" * 81}, 422),
        ({"name": "X", "parent": "relative"}, 400),
        ({"name": "X", "parent": "/nowhere/\u0000"}, 422),
        ({"name": "X", "codebook": "/etc/passwd"}, 400),
        ({"name": "X", "unknown": 1}, 422),
        ({"name": "full"}, 400),
    ],
)
def test_make_refuses_in_one_line(browser, tmp_path, body, status):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.docx").write_text("mine")
    answer = browser.post("/api/home/studies", json={"parent": str(tmp_path)} | body)
    assert answer.status_code == status
    assert "\n" not in answer.json()["detail"]
    assert {path.name for path in tmp_path.iterdir()} <= {"full", "data"}


def test_make_from_file_takes_a_codebook(browser, tmp_path):
    book = b"name,definition\nTrust,People trust each other\nMoney,Who pays\n"
    assert from_file(browser, tmp_path, "codes.csv", book).status_code == 200
    assert len(browser.get("/api/study").json()["codebook"]["codes"]) == 2


def test_make_from_file_takes_a_backup(browser, tmp_path, study):
    archive = backup_study(study, tmp_path / "b.zip").path
    answer = from_file(browser, tmp_path, "b.zip", archive.read_bytes(), name="Again")
    assert answer.status_code == 200, answer.json()
    assert browser.get("/api/study").json()["name"] == "LHC"


@pytest.mark.parametrize(
    ("file", "body"),
    [
        ("codes.csv", b""),
        ("codes.toml", b"[broken"),
        ("project.qdpx", b"no zip"),
        ("b.zip", b"PK\x03\x04 no backup"),
        ("words.txt", b"only words"),
        ("../codes.csv", b"name\nTrust\n"),
    ],
)
def test_make_from_file_refuses_what_makes_no_study(browser, tmp_path, file, body):
    answer = from_file(browser, tmp_path, file, body)
    assert answer.status_code == 400, answer.json()
    assert "\n" not in answer.json()["detail"]
    assert browser.get("/").headers["location"] == "/home"
    assert not (tmp_path / "Ward" / "study.toml").exists()


def test_make_from_file_refuses_what_is_too_large(browser, tmp_path):
    answer = from_file(browser, tmp_path, "c.csv", b"x", **{"Content-Length": str(LARGEST_FILE + 1)})
    assert answer.status_code == 413


def test_open_asks_about_a_study_that_leads_outside_its_folder(browser, study, tmp_path):
    settings = study.folder / "study.toml"
    settings.write_text(settings.read_text().replace('url = ""\n', 'url = "sqlite:////tmp/elsewhere.db"\n'))
    sent = {"folder": str(study.folder)}
    asked = browser.post("/api/home/open", json=sent)
    assert asked.status_code == 409
    assert asked.json()["ways"][0].startswith("[store] url")
    other = browser.post("/api/home/trust", json=sent | {"ways": ["something else"]})
    assert (other.status_code, other.json()["ways"]) == (409, asked.json()["ways"])
    assert browser.get("/api/home").json()["recent"] == []


def test_trust_allows_what_was_shown_and_opens_the_study(browser, study):
    outside = study.folder.parent / "seeds.jsonl"
    outside.write_text("")
    settings = study.folder / "study.toml"
    settings.write_text(settings.read_text().replace("seeds = []", 'seeds = ["../seeds.jsonl"]'))
    sent = {"folder": str(study.folder)}
    ways = browser.post("/api/home/open", json=sent).json()["ways"]
    assert browser.post("/api/home/trust", json=sent | {"ways": ways}).status_code == 200
    assert browser.post("/api/home/open", json=sent).status_code == 200
    assert open_study(study.folder)


@pytest.mark.parametrize("folder", ["relative", "/nowhere/at/all", "~nobody-of-that-name/x"])
def test_open_refuses_what_is_no_study(browser, folder):
    for path in ("open", "trust"):
        body = {"folder": folder} | ({"ways": []} if path == "trust" else {})
        assert browser.post(f"/api/home/{path}", json=body).status_code == 400


def test_folders_lists_folders_only_and_says_which_are_studies(browser, tmp_path, study):
    (tmp_path / "thesis.docx").write_text("mine")
    (tmp_path / ".hidden").mkdir()
    found = browser.get("/api/home/folders", params={"path": str(tmp_path)}).json()
    assert {(folder["name"], folder["study"]) for folder in found["folders"]} == {("lhc", True)}
    assert found["parent"] == str(tmp_path.parent)
    assert browser.get("/api/home/folders", params={"path": str(tmp_path / "thesis.docx")}).status_code == 400
    assert browser.get("/api/home/folders").status_code == 200


def test_a_tab_of_one_study_stays_that_study(browser, tmp_path):
    made(browser, tmp_path, "One")
    first = browser.get("/api/study").json()["id"]
    made(browser, tmp_path, "Two")
    assert browser.get("/api/study").json()["name"] == "Two"
    assert browser.get("/api/study", headers={"Precode-Study": first}).json()["name"] == "One"
    assert browser.get("/api/study", headers={"Precode-Study": "another"}).status_code == 503


def test_forget_leaves_the_folder_alone(browser, tmp_path, study):
    browser.post("/api/home/open", json={"folder": str(study.folder)})
    assert browser.post("/api/home/forget", json={"folder": str(study.folder)}).json()["recent"] == []
    assert (study.folder / "study.toml").exists()


def test_stop_ends_the_server(server, browser):
    ended = []
    server.stopped_by(lambda: ended.append(True))
    assert browser.post("/api/home/stop").status_code == 202
    assert ended == [True]


def test_closing_leaves_every_database_whole(server, tmp_path):
    headers = {"Authorization": f"Bearer {server.studies._access.token}", "Precode-Coder": "Ada"}
    with TestClient(server, base_url=ORIGIN, headers=headers) as client:
        made(client, tmp_path)
        client.get("/api/study")
    assert sorted(path.name for path in (tmp_path / "Ward").glob("study.db*")) == ["study.db"]


def test_running_server_believes_no_record_of_another_machine(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECODE_DATA", str(tmp_path))
    for url in ("http://evil.example/home?token=x", "https://127.0.0.1/", "file:///etc/passwd", "", 3):
        (tmp_path / "server.json").write_text(json.dumps({"url": url}))
        assert running_server() is None


def test_announce_server_keeps_the_address_for_its_owner_and_takes_it_away(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECODE_DATA", str(tmp_path))
    with announce_server("http://127.0.0.1:1/home?token=x"):
        assert (tmp_path / "server.json").stat().st_mode & 0o077 == 0
        assert running_server() is None  # nobody answers there
    assert not (tmp_path / "server.json").exists()
