"""Worker processes: what travels together, what is refused, and what a lost worker costs."""

import json
import os
import shutil
import signal
import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import UsageError
from flows.engines import CHARGE_BYTES, MOST_TOGETHER, SHARES, batches, workers_of
from flows.prefect_server import API
from pipeline.settings import Engine, RunSettings, StoreSettings
from pipeline.store import StudyStore
from pipeline.study import Source, create_study
from pipeline.trust import ways_out
from tests.flows.process_support import Machine
from tests.pipeline.run_support import PAUSE, put

TRANSCRIPTS = 24


class Sized:
    """Stands for a path of a file of some size."""

    def __init__(self, size):
        self.size = size

    def stat(self):
        return os.stat_result((0,) * 6 + (self.size,) + (0,) * 3)


def sources(sizes):
    return [Source(f"P{n}", Sized(size), f"transcripts/P{n}.txt") for n, size in enumerate(sizes)]


@given(st.lists(st.integers(0, 2 * CHARGE_BYTES), max_size=100), st.integers(1, 9))
def test_batches_hold_every_file_once_in_order_and_no_more_than_is_quick(sizes, workers):
    todo = sources(sizes)
    made = list(batches(todo, workers))
    assert [source for batch in made for source in batch] == todo
    for batch in made:
        assert 1 <= len(batch) <= MOST_TOGETHER
        assert sum(source.path.size for source in batch[:-1]) <= CHARGE_BYTES
    assert len(made) >= min(len(todo), SHARES * workers)


def test_batches_of_files_that_are_gone_are_made_all_the_same(tmp_path):
    gone = Source("P1", tmp_path / "P1.txt", "transcripts/P1.txt")
    assert list(batches([gone], 2)) == [[gone]]


def asking_for(study, url="", **run):
    settings = study.settings.model_copy(update={"run": RunSettings(**run), "store": StoreSettings(url=url)})
    return replace(study, settings=settings)


@pytest.mark.parametrize(
    ("url", "server", "lacks"),
    [("", "http://prefect:4200/api", r"PostgreSQL \[store\] url"), ("postgresql://x", "http://127.0.0.1:1/api", API)],
    ids=["a store", "a Prefect server"],
)
def test_workers_elsewhere_are_refused_where_they_would_not_reach(study, monkeypatch, url, server, lacks):
    monkeypatch.setenv(API, server)
    asked = asking_for(study, url, engine=Engine.DASK, address="tcp://cluster:8786")
    with pytest.raises(UsageError, match=lacks), workers_of(asked):
        pass


def test_an_engine_that_is_not_installed_is_named_with_what_to_type(study, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "prefect_dask.task_runners", None)
    with pytest.raises(UsageError, match=r"precode\[dask\]"), workers_of(asking_for(study, engine=Engine.DASK)):
        pass


def test_an_address_of_workers_is_asked_about(study):
    asked = asking_for(study, engine=Engine.DASK, address="tcp://ann:geheim@cluster:8786")
    (way,) = ways_out(study.folder, asked.settings)
    assert "workers of dask at cluster" in way
    assert "geheim" not in way


def test_an_engine_that_nobody_knows_is_refused(study, precode):
    (study.folder / "study.toml").write_text('[run]\nengine = "spark"\n', encoding="utf-8")
    assert 'must be one of "threads", "dask"' in precode("run", "--study", study.folder)[2]


# The real ones


def outcomes(folder):
    query = "SELECT o.transcript, o.suggestions, s.code, s.start, s.probability FROM outcomes o"
    with closing(sqlite3.connect(folder / "study.db")) as database:
        return database.execute(f"{query} LEFT JOIN suggestions s ON s.outcome = o.id ORDER BY 1, 3").fetchall()


def descendants(pid):
    psutil = pytest.importorskip("psutil", reason="needs the dask extra")
    return psutil.Process(pid).children(recursive=True)


def workers(process):
    """Return the worker processes of a run: they have imported what a worker needs, and wait for nobody's pipe."""
    return [child for child in descendants(process.pid) if "--multiprocessing-fork" in child.cmdline()]


@pytest.fixture(scope="module")
def studies(tmp_path_factory):
    """A study that threads and one that workers pre-code; of the workers one is killed in the middle."""
    pytest.importorskip("prefect_dask", reason="needs the dask extra")
    home = tmp_path_factory.mktemp("engines")
    study = create_study(home / "threads")
    for n in range(TRANSCRIPTS):
        put(study, f"P{n:02d}", f"The nurse rings me about money.\nINT: {n}?\nAnna: The computer.")
    put(study, "P99", "A defect, please.")
    StudyStore(study.database).close()
    workers_study = Path(shutil.copytree(study.folder, home / "workers"))
    (workers_study / "study.toml").write_text('[run]\nengine = "dask"\n', encoding="utf-8")
    return study.folder, workers_study


@pytest.fixture(scope="module")
def killed(studies, tmp_path_factory, prefect_database):
    """Pre-code both, kill one worker, and return all that listened and what the run told."""
    machine, heard = Machine(tmp_path_factory.mktemp("machine")).after_prefect(prefect_database), set()
    assert machine.precode("run", "--study", studies[0], "--no-prefect")[0] == 3
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(PAUSE, "0.3")
        with machine.start("run", "--study", studies[1], "--json") as process:
            try:
                while len(outcomes(studies[1])) < 6:
                    assert process.poll() is None, process.stderr.read()
                    time.sleep(0.1)
                for child in descendants(process.pid):
                    heard |= {each.laddr.ip for each in child.net_connections() if each.status == "LISTEN"}
                victim = next(child for child in workers(process) if child.net_connections())
                victim.send_signal(signal.SIGKILL)
                out, errors = process.communicate(timeout=300)
            finally:
                process.kill()
    return heard, process.returncode, json.loads(out), errors, machine.attempts


@pytest.mark.prefect
@pytest.mark.slow
def test_a_worker_that_is_killed_costs_nothing_and_results_are_those_of_threads(studies, killed):
    heard, code, told, errors, attempts = killed
    assert code == 3, errors
    assert outcomes(studies[1]) == outcomes(studies[0])
    assert len(outcomes(studies[1])) == 3 * TRANSCRIPTS  # each once, each with its three suggestions
    assert [each["status"] for each in told["transcripts"]] == ["coded"] * TRANSCRIPTS + ["failed"]
    assert heard <= {"127.0.0.1"}
    assert heard
    assert attempts == ""
    assert "nurse" not in errors
    assert not (studies[1] / "study.db-wal").exists()  # one file is all of it
