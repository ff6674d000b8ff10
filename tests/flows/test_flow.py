"""The real Prefect flow, as a process: the same results as without, nothing told to Prefect but counts, the inbox."""

import json
import shutil
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from importlib.metadata import version

import pytest

from flows import prefect_server
from pipeline.study import create_study
from tests.flows.process_support import Machine
from tests.pipeline.run_support import put

pytestmark = [pytest.mark.prefect, pytest.mark.slow]

MARKER = "xyzzymarker"


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    return Machine(tmp_path_factory.mktemp("machine"))


@pytest.fixture(scope="module")
def studies(tmp_path_factory):
    """Two equal studies: two interviews, one that strikes a defect, one empty file; the marker in every talk."""
    study = create_study(tmp_path_factory.mktemp("studies") / "one")
    put(study, "P01", f"The nurse {MARKER} rings about money.")
    put(study, "P02", f"The computer {MARKER} is slow.")
    put(study, "P03", f"A defect {MARKER}, please.")
    (study.transcripts / "P04.txt").write_bytes(b"")
    (study.folder / "study.toml").write_text("[run]\nretries = 1\n", encoding="utf-8")
    return study.folder, shutil.copytree(study.folder, study.folder.parent / "two")


@pytest.fixture(scope="module")
def with_prefect(machine, studies):
    return machine.precode("run", "--study", studies[0], "--json")


@pytest.fixture(scope="module")
def without_prefect(machine, studies):
    return machine.precode("run", "--study", studies[1], "--json", "--no-prefect")


def told(result):
    """Return what a run told of each transcript, the folder's name left out."""
    return [{**one, "error": one["error"].partition("transcripts/")[2]} for one in json.loads(result[1])["transcripts"]]


def rows(folder):
    lines = (folder / "exports" / "latest" / "suggestions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def table(machine, query):
    with closing(sqlite3.connect(machine.cache / "prefect" / "prefect.db")) as database:
        return database.execute(query).fetchall()


@pytest.mark.usefixtures("with_prefect", "without_prefect")
def test_suggestions_are_identical_with_and_without_prefect(studies):
    assert rows(studies[0])
    assert rows(studies[0]) == rows(studies[1])


def test_outcomes_and_exit_codes_are_identical_with_and_without_prefect(with_prefect, without_prefect):
    assert told(with_prefect) == told(without_prefect)
    assert [one["status"] for one in told(with_prefect)] == ["coded", "coded", "failed", "refused"]
    assert with_prefect[0] == without_prefect[0] == 3


def test_prefect_ends_without_a_word(with_prefect):
    assert with_prefect[2].startswith("Pre-coding 4 transcripts of ")
    assert with_prefect[2].count("\n") == 1, with_prefect[2]


@pytest.mark.usefixtures("with_prefect")
def test_prefect_keeps_a_record_of_counts(machine):
    ((data,),) = table(machine, "SELECT data FROM artifact WHERE key = 'precode-run'")
    assert "| P01 |" in data
    assert table(machine, "SELECT name, state_type FROM flow_run")[0][1] == "COMPLETED"
    assert len(table(machine, "SELECT id FROM task_run")) == 4


def test_no_word_of_a_transcript_is_told_to_prefect_or_printed(machine, with_prefect, without_prefect):
    assert MARKER not in "".join(with_prefect[1:] + without_prefect[1:])
    files = [path for path in machine.cache.rglob("*") if path.is_file()]
    assert any(path.name == "prefect.db" for path in files)
    assert [path for path in files if MARKER.encode() in path.read_bytes()] == []


@pytest.mark.usefixtures("with_prefect")
def test_prefect_reaches_for_no_network(machine):
    assert machine.attempts == ""


def test_a_server_that_runs_already_is_used_and_told_no_more(tmp_path, monkeypatch):
    home, study = tmp_path / "server", create_study(tmp_path / "study")
    home.mkdir()
    put(study, "P01", f"The nurse {MARKER} rings about money.")
    put(study, "P02", f"A defect {MARKER}, please.")
    with monkeypatch.context() as patched:
        for name, value in {"PREFECT_HOME": str(home), "DO_NOT_TRACK": "1"}.items():
            patched.setenv(name, value)
        with prefect_server._child("ann:secret", scheduling=True) as url:
            prefect_server._await(url)
            code, out, _ = Machine(tmp_path / "machine", server=url, secret="ann:secret").precode(
                "run", "--study", study.folder, "--json"
            )
    assert (code, [one["status"] for one in json.loads(out)["transcripts"]]) == (3, ["coded", "failed"])
    with closing(sqlite3.connect(home / "prefect.db")) as database:
        assert database.execute("SELECT state_type FROM flow_run").fetchall() == [("COMPLETED",)]
    assert [path for path in home.rglob("*") if path.is_file() and MARKER.encode() in path.read_bytes()] == []


@pytest.mark.skipif(version("sqlalchemy") >= "2.1", reason="the scheduler of Prefect 3.8.8 needs SQLAlchemy below 2.1")
def test_a_served_study_codes_what_is_dropped_into_its_inbox(machine, tmp_path):
    study = create_study(tmp_path / "served")
    with machine.start("serve", "--study", study.folder, "--every", "0.05") as process:
        try:
            drop(study, "P09.txt")
            latest = wait_for(study.exports / "latest" / "suggestions.jsonl", process)
        finally:
            end(process)
    assert "nurse" in latest.read_text(encoding="utf-8")
    assert (study.transcripts / "P09.txt").exists()


def drop(study, name):
    (study.folder / "inbox").mkdir(exist_ok=True)
    (study.folder / "inbox" / name).write_text("INT: Tell me.\nAnna: The nurse rings.\n", encoding="utf-8")


def wait_for(path, process):
    for _ in range(1200):
        if path.exists():
            return path
        assert process.poll() is None, process.communicate()
        time.sleep(0.1)
    pytest.fail("nothing was coded within two minutes")


def end(process):
    process.send_signal(signal.SIGINT)
    try:
        process.communicate(timeout=90)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
