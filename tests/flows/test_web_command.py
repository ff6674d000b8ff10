"""``precode review`` as a process of its own: what it prints, how it ends, what it loads, whom it talks to."""

import json
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from pipeline.study import create_study
from tests.flows.process_support import Machine
from tests.pipeline.run_support import put

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="ends the server by a signal that Windows lacks")

HEAVY = (
    "openvino",
    "torch",
    "spacy",
    "prefect",
    "sklearn",
    "onnxruntime",
    "sentence_transformers",
    "scipy",
    "pandas",
    "docx",
)
WALK = """
import json, sys
from pathlib import Path
from fastapi.testclient import TestClient
from flows.cli.review import _app
from flows.web.guard import Access
from pipeline.study import open_study
from pipeline.session import StudySession

session = StudySession(open_study(Path(sys.argv[1])))
app = _app(session, Access("127.0.0.1", 8765), blind=False)
answers = {}
with TestClient(app, base_url="http://localhost:8765", headers={"Precode-Coder": "Ada"}) as client:
    version = client.get("/api/study").json()["transcripts"][0]["version"]
    pages = ["", "queue", "progress", "compare", "matrix", "audit", "learn", f"read/{version}"]
    asked = ["pulse", f"transcripts/{version}", "queue", "log", "marks", "progress", "matrix", "audit/next", "learn"]
    asked += ["agreement?first=Ada&second=precode", f"compare?version={version}&first=Ada&second=precode"]
    for path in [*(f"/{page}" for page in pages), *(f"/api/{path}" for path in asked)]:
        answers[path] = client.get(path).status_code
    item = client.get("/api/queue").json()["items"][0]
    decision = {"key": "k", "action": "accept", "version": version, "suggestion": item["id"]}
    place = {"version": version, "start": item["start"], "end": item["end"]}
    for path, body in {
        "decisions": {"decisions": [decision]},
        "undo": {"key": "u"},
        "redo": {"key": "r"},
        "bulk/preview": {"code": item["code"], "at_least": 0.5},
        "marks": {"kind": "done", "version": version},
        "consensus": {**place, "codes": [item["code"]], "key": "c"},
    }.items():
        answers[f"POST {path}"] = client.post(f"/api/{path}", json=body).status_code
print(json.dumps({"answers": answers, "loaded": sorted({name.partition(".")[0] for name in sys.modules})}))
"""


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    return Machine(tmp_path_factory.mktemp("machine"))


@pytest.fixture(scope="module")
def study(machine):
    made = create_study(machine.home / "lhc")
    put(made, "P01", "The nurse rings me. It takes money.")
    assert machine.precode("run", "--study", made.folder, "--no-prefect")[0] == 0
    return made


@contextmanager
def reviewing(machine, study, *words):
    """Start the command, yield it with the address and the line it prints, and kill it if the test does not end it."""
    with machine.start("review", "--study", study.folder, "--no-open", *words) as process:
        try:
            line = process.stdout.readline()
            yield process, re.search(r"http://[^\s\"]+", line)[0], line
        finally:
            process.kill()


def status_of(url, **headers):
    try:
        with urlopen(Request(url, headers=headers)) as answer:
            return answer.status
    except HTTPError as error:
        return error.code


def ended_by(process, sign):
    process.send_signal(sign)
    _, errors = process.communicate(timeout=20)
    return process.returncode, errors


def test_it_serves_until_ctrl_c_and_ends_cleanly(machine, study):
    with reviewing(machine, study, "--port", "0") as (process, url, _):
        assert status_of(url) == 200
        code, errors = ended_by(process, signal.SIGINT)
    assert code == 0
    assert errors.splitlines() == ["Stop with ctrl-c.", "Stopped. Everything you decided is kept."]


def test_no_request_is_logged(machine, study):
    with reviewing(machine, study, "--port", "0") as (process, url, _):
        status_of(f"{url}api/agreement?first=Margaret&second=Harold", **{"Precode-Coder": "Margaret"})
        status_of(f"{url}nowhere?name=Margaret")
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=20)
    assert "Margaret" not in out + errors


def test_whoever_it_was_started_for_is_signed_in(machine, study):
    with (
        reviewing(machine, study, "--port", "0", "--coder", "Zoë") as (_, url, _),
        urlopen(f"{url}api/study") as answer,
    ):
        assert json.load(answer)["coder"] == "Zoë"


def test_another_address_than_loopback_is_warned_about_and_needs_the_token(machine, study):
    with reviewing(machine, study, "--port", "0", "--host", "0.0.0.0") as (process, url, _):
        port, token = re.fullmatch(r"http://[^:]+:(\d+)/\?token=(\S{32})", url).groups()
        here = f"http://127.0.0.1:{port}/api/openapi.json"
        assert status_of(here) == 401
        assert status_of(here, Authorization=f"Bearer {token}") == 200
        _, errors = ended_by(process, signal.SIGINT)
    assert errors.startswith("WARNING: 0.0.0.0 can be reached from other machines.")


def test_a_program_reads_the_address_as_json(machine, study):
    with reviewing(machine, study, "--port", "0", "--json") as (_, url, line):
        told = json.loads(line)
    assert told == {"url": url, "port": int(url.rstrip("/").rpartition(":")[2]), "token": None}


def test_a_port_in_use_is_told_with_what_to_do(machine, study):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, errors = machine.precode("review", "--study", study.folder, "--no-open", "--port", port)
    assert code == 2
    assert errors == f"precode: port {port} is in use, perhaps by another review; stop that one, or add: --port 0\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--host", "192.0.2.1"), "--host 192.0.2.1 --port 8765: cannot be served"),
        (("--host", "no such host"), "--host no such host --port 8765: cannot be served"),
        (("--coder", "consensus"), "the names consensus and precode... are taken"),
    ],
)
def test_what_cannot_be_served_is_told_in_one_line(machine, study, words, told):
    code, _, errors = machine.precode("review", "--study", study.folder, "--no-open", *words)
    assert code == 2
    assert errors.startswith(f"precode: {told}")
    assert errors.count("\n") == 1


def test_a_walk_through_every_page_loads_no_model_and_leaves_the_machine_nowhere(machine, study):
    command = [sys.executable, "-c", WALK, str(study.folder)]
    environment = replace(machine, words=False).environment  # what is loaded is the real thing
    walked = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert walked.returncode == 0, walked.stderr
    told = json.loads(walked.stdout)
    assert set(told["answers"].values()) == {200}
    assert not set(HEAVY) & set(told["loaded"])
    assert machine.attempts == ""


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_however_it_is_ended_the_database_file_holds_all(machine, study, ending):
    with reviewing(machine, study, "--port", "0") as (process, url, _):
        assert status_of(f"{url}api/study", **{"Precode-Coder": "Ada"}) == 200
        ended_by(process, ending)
    assert sorted(path.name for path in study.folder.glob("study.db*")) == ["study.db"]
