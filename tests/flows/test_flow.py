"""The real Prefect flow, as a process: the same results as without, its steps, nothing told to Prefect but counts.

Every command here is typed in a folder whose ``models.py``, ``flows.py`` and so on must never be imported.
"""

import json
import shutil
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from dataclasses import replace
from importlib.metadata import version

import pytest

from flows import prefect_server
from pipeline.learned import LearnedSeeds
from pipeline.study import create_study
from tests.flows.process_support import Machine, shadowing_folder
from tests.pipeline.coded_study_support import make_coded_study
from tests.pipeline.learn_support import NAMES, sentences, study_at
from tests.pipeline.run_support import put

pytestmark = [pytest.mark.prefect, pytest.mark.slow]

MARKER = "xyzzymarker"


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    home = tmp_path_factory.mktemp("machine")
    return Machine(home, cwd=shadowing_folder(home / "current"))


@pytest.fixture(scope="module")
def studies(tmp_path_factory):
    """Two equal studies: two interviews, a defect in each step, one empty file; the marker in every interview."""
    study = create_study(tmp_path_factory.mktemp("studies") / "one")
    put(study, "P01", f"The nurse {MARKER} rings about money.")
    put(study, "P02", f"The computer {MARKER} is slow.")
    put(study, "P03", f"A defect {MARKER}, please.")
    (study.transcripts / "P04.txt").write_bytes(b"")
    put(study, "P05", f"A defect in segment {MARKER}, please.")
    put(study, "P06", f"A defect in embed {MARKER}, please.")
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
    assert [one["status"] for one in told(with_prefect)] == ["coded", "coded", "failed", "refused", "failed", "failed"]
    assert with_prefect[0] == without_prefect[0] == 3


@pytest.mark.usefixtures("with_prefect", "without_prefect")
def test_after_a_run_the_database_file_alone_holds_everything(studies):
    for folder in studies:
        assert sorted(path.name for path in folder.glob("study.db*")) == ["study.db"]


def test_prefect_ends_without_a_word(with_prefect):
    assert with_prefect[2].startswith("Pre-coding 6 transcripts of ")
    assert with_prefect[2].count("\n") == 1, with_prefect[2]


@pytest.mark.usefixtures("with_prefect")
def test_prefect_keeps_a_record_of_counts(machine):
    ((data,),) = table(machine, "SELECT data FROM artifact WHERE key = 'precode-run'")
    assert "| P01 |" in data
    assert table(machine, "SELECT name, state_type FROM flow_run")[0][1] == "COMPLETED"


@pytest.mark.usefixtures("with_prefect")
def test_prefect_shows_the_steps_of_each_transcript(machine):
    shown = {name for (name,) in table(machine, "SELECT DISTINCT name FROM task_run WHERE name LIKE '%transcripts/%'")}
    steps = ("precode", "segment", "embed", "suggest")
    whole = {f"{step} transcripts/{name}.txt" for step in steps for name in ("P01", "P02", "P03")}
    stopped = {"precode transcripts/P04.txt", "precode transcripts/P05.txt", "segment transcripts/P05.txt"}
    assert shown == whole | stopped | {f"{step} transcripts/P06.txt" for step in steps[:3]}


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


# A benchmark at the end


@pytest.fixture(scope="module")
def measured(tmp_path_factory, prefect_database):
    """A run of a coded study with Prefect, on a machine of its own, and one of its copy without."""
    home = tmp_path_factory.mktemp("measured")
    machine = Machine(home, words=False, cwd=shadowing_folder(home / "current")).after_prefect(prefect_database)
    study = make_coded_study(home / "one", marker=MARKER)
    shutil.copytree(study.folder, home / "two")
    results = [machine.precode("run", "--study", home / "one", "--json")]
    results.append(machine.precode("run", "--study", home / "two", "--json", "--no-prefect"))
    return machine, home, results


def test_benchmarks_and_suggestions_are_identical_with_and_without_prefect(measured):
    _, home, results = measured
    assert [result[0] for result in results] == [0, 0], results
    with_prefect, without = (json.loads(result[1])["benchmark"] for result in results)
    assert with_prefect["domains"]
    assert with_prefect["domains"] == without["domains"]
    assert rows(home / "one")
    assert rows(home / "one") == rows(home / "two")


def test_prefect_shows_the_benchmark_by_domain_and_where_its_report_is(measured):
    machine, home, _ = measured
    assert ("benchmark one",) in table(machine, "SELECT name FROM task_run")
    ((data,),) = table(machine, "SELECT data FROM artifact WHERE key = 'precode-benchmark'")
    assert {"Domain", "Human", "Precision", "Recall"} == set(json.loads(json.loads(data))[0])
    ((link,),) = table(machine, "SELECT data FROM artifact WHERE key = 'precode-report'")
    assert (home / "one" / "reports" / "benchmark.html").as_uri() in link


def test_no_word_of_a_transcript_is_in_what_prefect_keeps_of_a_benchmark(measured):
    machine, home, results = measured
    assert MARKER in (home / "one" / "transcripts" / "P01.txt").read_text(encoding="utf-8")
    assert MARKER not in "".join(text for result in results for text in result[1:])
    files = [path for path in (machine.cache / "prefect").rglob("*") if path.is_file()]
    assert any(path.name == "prefect.db" for path in files)
    assert [path for path in files if MARKER.encode() in path.read_bytes()] == []


# Learning

LEARN = """
import json, sys
from flows.prefect_server import prefect_api
with prefect_api(1):
    from flows.learn_flow import learn_from_decisions
    learnings = [learn_from_decisions(sys.argv[1], human) for human in sys.argv[2:]]
print(json.dumps([[str(each.verdict), each.judgements] for each in learnings]))
"""


@pytest.fixture(scope="module")
def learnt(machine, tmp_path_factory):
    """A study that learns from a file of codings, and then again from nothing new."""
    study = study_at(tmp_path_factory.mktemp("learnt") / "learner")
    texts = {source.name: study.read(source).text for source in study.sources().accepted}
    rows = [
        {"transcript": name, "start": text.index(said), "end": text.index(said) + len(said), "code": code}
        for name, text in texts.items()
        for said, code in sentences()
        if code
    ]
    path = study.folder / "codings.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return study, replace(machine, words=False).python(LEARN, study.folder, path, ""), len(rows)


def test_the_learn_flow_puts_what_is_better_in_force_and_says_so_once(learnt):
    study, (code, out, errors), count = learnt
    assert (code, json.loads(out.splitlines()[-1])) == (0, [["better", count], ["known", 0]]), errors
    (lesson,) = LearnedSeeds(study.folder).lessons()
    assert lesson.facts["judgements"] == count
    assert {quote.document for quote in LearnedSeeds(study.folder).seeds(study.codebook()).quotes} == {*NAMES}


@pytest.mark.usefixtures("learnt")
def test_the_learn_flow_shows_its_step_and_its_scores_to_prefect(machine):
    assert ("learn learner",) in table(machine, "SELECT name FROM task_run")
    flows = "SELECT run.state_type FROM flow_run run JOIN flow ON flow.id = run.flow_id WHERE flow.name = 'learn-study'"
    assert table(machine, flows) == [("COMPLETED",), ("COMPLETED",)]
    shown = [data for (data,) in table(machine, "SELECT data FROM artifact WHERE key = 'precode-learn'")]
    tables = [{row[""]: row["value"] for row in json.loads(json.loads(data))} for data in shown]
    better, known = sorted(tables, key=lambda facts: facts["verdict"])
    assert (better["verdict"], known["verdict"]) == ("better", "known")
    assert better["micro_average_precision_gain"] > 0


def test_the_learn_flow_tells_prefect_no_word_that_anybody_said(machine, learnt):
    study, (code, *told_of), _ = learnt
    said = sentences()[0][0]
    assert code == 0
    assert said in (study.transcripts / "P01.txt").read_text(encoding="utf-8")
    assert said not in "".join(told_of)
    files = [path for path in (machine.cache / "prefect").rglob("*") if path.is_file()]
    assert any(path.name == "prefect.db" for path in files)
    assert [path for path in files if said.encode() in path.read_bytes()] == []


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


def wait_for(path, process, *, seconds=120):
    for _ in range(10 * seconds):
        if path.exists():
            return path
        assert process.poll() is None, process.communicate()
        time.sleep(0.1)
    pytest.fail(f"nothing was coded within {seconds} seconds")


def end(process):
    process.send_signal(signal.SIGINT)
    try:
        process.communicate(timeout=90)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
