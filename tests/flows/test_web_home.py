"""The page of all studies: who may see it, what it makes and opens, and that a study leads nowhere unasked."""

import json
import shutil
import threading
import urllib.parse
import zipfile
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socketserver import StreamRequestHandler, TCPServer

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


# A study that goes away, comes back, lies in another, or cannot be looked into


def study_now(browser, **headers):
    return browser.get("/api/study", headers=headers)


def test_a_study_that_was_removed_is_shown_no_more_and_takes_nothing_more(browser, tmp_path):
    made(browser, tmp_path)
    shown = {"Precode-Study": study_now(browser).json()["id"]}
    shutil.rmtree(tmp_path / "Ward")
    assert browser.get("/").headers["location"] == "/home"
    for path, body in [("/api/decisions", b"{}"), ("/api/files?name=P01.txt", TALK), ("/api/job/run", b"{}")]:
        assert browser.post(path, content=body, headers=shown).status_code == 503, "the page keeps what it has to send"
    assert browser.get("/api/home").json()["recent"][0]["is_there"] is False
    assert browser.post("/api/home/open", json={"folder": str(tmp_path / "Ward")}).status_code == 400
    assert not (tmp_path / "Ward").exists()


def test_a_study_that_is_made_where_another_was_is_not_taken_for_it(browser, tmp_path):
    made(browser, tmp_path)
    browser.post("/api/files?name=P01.txt", content=TALK)
    shutil.rmtree(tmp_path / "Ward")
    other = next(book for book in browser.get("/api/home").json()["codebooks"] if book["id"] != "selfie")
    assert made(browser, tmp_path, codebook=other["id"]).status_code == 200
    assert len(study_now(browser).json()["codebook"]["codes"]) == other["codes"]
    assert browser.get("/api/files").json()["transcripts"] == []
    assert browser.post("/api/files?name=P02.txt", content=TALK).json()["outcome"] == "added"
    assert (tmp_path / "Ward" / "study.db").is_file()


def test_a_study_that_was_moved_away_keeps_its_database_whole(browser, tmp_path):
    made(browser, tmp_path)
    first = study_now(browser).json()
    (tmp_path / "Ward").rename(tmp_path / "Old")
    made(browser, tmp_path)
    assert study_now(browser).json()["id"] == first["id"], "an id is a place"
    assert browser.post("/api/home/open", json={"folder": str(tmp_path / "Old")}).status_code == 200
    assert study_now(browser).json()["id"] != first["id"]


def test_opening_a_study_again_keeps_what_is_at_work_in_it(server, browser, study):
    sent = {"folder": str(study.folder)}
    browser.post("/api/home/open", json=sent)
    opened = dict(server.studies._opened)
    browser.post("/api/home/open", json={"folder": str(study.folder / ".." / "lhc")})
    assert dict(server.studies._opened) == opened


def test_many_who_open_a_study_at_once_open_it_once(server, browser, study):
    threads = [threading.Thread(target=server.studies.open, args=(study.folder,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.studies._opened) == 1
    assert len(browser.get("/api/home").json()["recent"]) == 1


@pytest.mark.parametrize("inner", ["", "transcripts", "transcripts/deeper"])
def test_make_puts_no_study_within_another(browser, study, inner):
    parent = study.folder / inner
    parent.mkdir(exist_ok=True)
    for answer in (made(browser, parent), from_file(browser, parent, "c.csv", b"name\nTrust\n")):
        assert (answer.status_code, "within another" in answer.json()["detail"]) == (400, True)
    assert not (parent / "Ward").exists()


@pytest.mark.parametrize("toml", [b"[study", b"\xff\xfe", b"[study]\nname = 3\n", b"\x00" * 9])
def test_open_refuses_broken_settings_in_one_line(browser, study, toml):
    (study.folder / "study.toml").write_bytes(toml)
    for path, more in [("open", {}), ("trust", {"ways": []})]:
        answer = browser.post(f"/api/home/{path}", json={"folder": str(study.folder)} | more)
        assert (answer.status_code, "\n" in answer.json()["detail"]) == (400, False)


def test_settings_that_break_while_a_study_is_open_are_told_when_it_is_opened_again(browser, study):
    sent = {"folder": str(study.folder)}
    assert browser.post("/api/home/open", json=sent).status_code == 200
    (study.folder / "study.toml").write_text("[study")
    assert browser.post("/api/home/open", json=sent).status_code == 400
    assert browser.get("/api/home").status_code == 200


@pytest.mark.parametrize("folder", ["x" * 300, "/".join(["x" * 250] * 7), "full/x", "full"])
def test_home_answers_in_one_line_whatever_folder_is_named(browser, tmp_path, folder):
    (tmp_path / "full").write_text("a file")
    folder = str(tmp_path / folder)
    answers = [
        browser.post("/api/home/open", json={"folder": folder}),
        browser.post("/api/home/trust", json={"folder": folder, "ways": []}),
        browser.get("/api/home/folders", params={"path": folder}),
        made(browser, folder),
    ]
    assert {answer.status_code for answer in answers} <= {400, 503}  # 503: made, but too deep for a database
    assert not any("\n" in answer.json()["detail"] for answer in answers)
    assert browser.post("/api/home/forget", json={"folder": folder}).status_code == 200


@pytest.mark.parametrize("broken", ["iterdir", "is_file"])
def test_home_refuses_a_folder_that_cannot_be_looked_into(browser, study, tmp_path, monkeypatch, broken):
    (tmp_path / "shut").mkdir()
    real = getattr(Path, broken)

    def unreadable(path, *rest, **more):
        if path.is_relative_to(study.folder) or path.is_relative_to(tmp_path / "shut"):
            raise PermissionError(13, "Permission denied")
        return real(path, *rest, **more)

    monkeypatch.setattr(f"pathlib.Path.{broken}", unreadable)
    assert browser.post("/api/home/open", json={"folder": str(study.folder)}).status_code == 400
    assert made(browser, tmp_path, "shut").status_code == 400
    assert browser.get("/api/home/folders", params={"path": str(tmp_path)}).status_code == 200
    assert browser.get("/api/home").status_code == 200


def test_make_from_file_can_be_tried_again_under_the_same_name(browser, tmp_path):
    for file, body in [("p.qdpx", b"no zip"), ("c.toml", b"[broken"), ("b.zip", b"PK\x03\x04"), ("c.csv", b"")]:
        assert from_file(browser, tmp_path, file, body).status_code == 400
        assert not (tmp_path / "Ward").exists(), file
    book = b"name,definition\nTrust,People trust each other\n"
    assert from_file(browser, tmp_path, "c.csv", book).status_code == 200


@pytest.mark.parametrize(
    "member", ["../evil.txt", "/tmp/evil-of-precode.txt", "transcripts/../../evil.txt", "C:\\evil.txt"]
)
def test_make_from_file_unpacks_nothing_beside_the_new_study(browser, tmp_path, study, member):
    path = backup_study(study, tmp_path / "b.zip").path
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(member, "evil")
    assert from_file(browser, tmp_path, "b.zip", path.read_bytes()).status_code == 400
    assert {found.name for found in tmp_path.iterdir()} <= {"b.zip", "lhc", "data", "Ward"}
    assert not list((tmp_path / "Ward").rglob("*evil*")) if (tmp_path / "Ward").exists() else True


def test_home_answers_an_address_of_any_number_of_fields(browser, study):
    browser.post("/api/home/open", json={"folder": str(study.folder)})
    assert browser.get("/?" + "a&" * 500).status_code == 200
    assert browser.get("/api/study?" + "study=x&" * 200).status_code == 503
    assert browser.get("/?%ff=%00&study=").status_code == 200


# The record of the page that is served


class Elsewhere(BaseHTTPRequestHandler):
    """What has our port now, and leads away from this machine."""

    def do_GET(self):
        self.send_response(302)
        self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/other")
        self.end_headers()
        self.server.asked.append(self.path)

    def log_message(self, *_):
        pass


class NoHttp(StreamRequestHandler):
    """A program of another kind."""

    def handle(self):
        self.wfile.write(b"220 mail here\r\n")


@contextmanager
def serving(server):
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/home?token=x"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_running_server_follows_nobody_who_leads_elsewhere(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECODE_DATA", str(tmp_path))
    server = HTTPServer(("127.0.0.1", 0), Elsewhere)
    server.asked = []
    with serving(server) as url, announce_server(url):
        assert running_server() is None
    assert server.asked == ["/api/home"]


def test_running_server_takes_another_program_at_its_port_for_none(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECODE_DATA", str(tmp_path))
    with serving(TCPServer(("127.0.0.1", 0), NoHttp)) as url, announce_server(url):
        assert running_server() is None


@pytest.mark.parametrize(
    "kept",
    ["", "[]", "{}", "\x00", '{"url": "http://127.0.0.1:99999999/"}',
    '{"url": "http://127.0.0.1:port/"}', '{"url": "http://127.0.0.1:0/"}', '{"url": "http://[127.0.0.1/"}'],
)  # fmt: skip
def test_the_record_may_hold_anything_and_stops_nobody(tmp_path, monkeypatch, kept):
    monkeypatch.setenv("PRECODE_DATA", str(tmp_path))
    with announce_server("http://127.0.0.1:1/home"):
        (tmp_path / "server.json").write_text(kept)
        assert running_server() is None
    assert (tmp_path / "server.json").read_text() == kept, "it is another's now"


def test_announce_server_minds_no_record_that_is_gone(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECODE_DATA", str(tmp_path))
    with announce_server("http://127.0.0.1:1/home"):
        (tmp_path / "server.json").unlink()
