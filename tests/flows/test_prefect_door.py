"""Prefect's server answers only us: without the secret of its start, by another name, from a page, it refuses."""

import base64
import json
import os
import shutil
import subprocess
import sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import connect

from corpus.errors import UsageError
from flows import prefect_server
from pipeline.study import create_study, open_study
from pipeline.trust import STUDIES

pytestmark = [pytest.mark.prefect, pytest.mark.slow]
SECRET = "precode:of-this-start"
OURS = {"Authorization": "Basic " + base64.b64encode(SECRET.encode()).decode()}


@pytest.fixture(scope="module")
def server(tmp_path_factory, prefect_database):
    home = tmp_path_factory.mktemp("prefect")
    shutil.copy(prefect_database, home)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PREFECT_HOME", str(home))
        patched.setenv("DO_NOT_TRACK", "1")
        with prefect_server._child(SECRET, scheduling=True) as url:
            prefect_server._await(url)
            yield url


def status(url, body=None, method=None, **headers):
    """Return the status of an answer; words of headers are written with _ here."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    data = None if body is None else json.dumps(body).encode()
    request = Request(url, data, {"Content-Type": "application/json", **named}, method=method)
    try:
        with urlopen(request, timeout=60) as answer:
            return answer.status
    except HTTPError as error:
        return error.code


def test_a_server_whose_parent_fails_before_it_is_loaded_ends_at_once_and_opens_no_database(tmp_path):
    environment = os.environ | prefect_server.CHILD | {"PREFECT_HOME": str(tmp_path)}
    child = subprocess.run(
        [sys.executable, "-P", "-m", "flows.prefect_server"],
        stdin=subprocess.DEVNULL,
        env=environment,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (child.returncode, list(tmp_path.rglob("*.db"))) == (0, [])


WRONG = {
    "nothing": {},
    "another secret": {"Authorization": "Basic " + base64.b64encode(b"precode:guess").decode()},
    "another scheme": {"Authorization": "Bearer of-this-start"},
    "no base64": {"Authorization": "Basic \x7f\x7f"},
}
ASKED = [
    ("flows/filter", {}),
    ("deployments/filter", {}),
    ("flow_runs/filter", {}),
    ("flow_runs/", {"flow_id": "00000000-0000-0000-0000-000000000000", "state": {"type": "SCHEDULED"}}),
    ("admin/database/clear", {"confirm": True}),
    ("admin/version", None),
]


@pytest.mark.parametrize(("path", "body"), ASKED, ids=[path for path, _ in ASKED])
@pytest.mark.parametrize("headers", WRONG.values(), ids=WRONG)
def test_without_the_secret_everything_is_refused(server, path, body, headers):
    assert status(f"{server}/{path}", body, **headers) == 401


def test_with_the_secret_it_answers(server):
    assert status(f"{server}/flows/filter", {}, **OURS) == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:4200", "192.0.2.1", "", "127.0.0.1.evil.example"])
def test_by_another_name_it_answers_nothing(server, host):
    for headers in ({}, OURS):
        assert status(f"{server}/flows/filter", {}, Host=host, **headers) in {400, 401, 403}
    assert status(f"{server}/health", Host=host) == 400


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:8765", "null"])
@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
def test_no_page_is_answered_even_if_it_knew_the_secret(server, origin, method):
    answered = status(f"{server}/flows/filter", {}, method=method, Origin=origin, **OURS)
    assert answered == 403
    assert status(f"{server}/flows/filter", {}, Sec_Fetch_Site="cross-site", **OURS) == 403


@pytest.mark.parametrize("path", ["events/in", "events/out", "logs/out"])
@pytest.mark.parametrize("protocols", [None, ["prefect"]])
def test_a_socket_without_the_secret_is_closed(server, path, protocols):
    url = f"{server.replace('http', 'ws', 1)}/{path}"
    with pytest.raises((ConnectionClosed, InvalidHandshake)), connect(url, subprotocols=protocols) as opened:
        opened.send(json.dumps({"type": "auth", "token": "guess"}))
        while json.loads(opened.recv(timeout=30))["type"] != "auth_success":
            pass


def test_no_page_opens_a_socket(server):
    url = f"{server.replace('http', 'ws', 1)}/events/in"
    with pytest.raises(InvalidHandshake), connect(url, subprotocols=["prefect"], origin="https://evil.example"):
        pass


def test_a_deployment_refuses_a_folder_that_is_not_its_own(tmp_path, monkeypatch):
    ours, foreign = create_study(tmp_path / "ours"), create_study(tmp_path / "foreign")
    monkeypatch.setenv(STUDIES, os.pathsep.join([str(ours.folder), str(tmp_path / "another")]))
    assert open_study(ours.folder)
    for folder in (foreign.folder, ours.folder / ".." / "foreign"):
        with pytest.raises(UsageError, match="is no study of this deployment"):
            open_study(folder)


def test_child_settings_are_understood_by_prefect(monkeypatch):
    from prefect.settings import Settings

    for name, value in prefect_server.CHILD.items():
        monkeypatch.setenv(name, value)
    of_server = Settings().server
    assert not of_server.register_blocks_on_start
    assert not of_server.memoize_block_auto_registration
    assert not of_server.ui.enabled
    assert not of_server.services.late_runs.enabled


def test_connected_imports_what_is_needed_soon_while_the_server_starts(tmp_path, monkeypatch):
    (tmp_path / "needed_soon.py").write_text("", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    imported = []
    monkeypatch.setattr(prefect_server, "_await", lambda _url: imported.append("needed_soon" in sys.modules))
    with prefect_server.connected(prefect_server.EmbeddedServer("http://127.0.0.1:9/api", "a:b"), ["needed_soon"]):
        pass
    assert imported == [True]
    assert prefect_server.API not in os.environ
