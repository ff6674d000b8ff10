"""A job of the page outlives the server that began it: the next one finds it, at work or done, and no word is kept."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.web.job_record import FOLDER, RECORD, JobFolder
from flows.web.jobs import Job, JobKind, JobRunningError, JobState, ReviewJobs
from flows.web.work_routes import _job_view

PLANNED, DONE = '{"planned": ["P01", "P02"]}', '{"outcome": {"transcript": "P01", "suggestions": 3, "text": "I said"}}'
SLOW = f"""
import pathlib, sys, time
print({PLANNED!r}, {DONE!r}, sep="\\n", file=sys.stderr, flush=True)
while not pathlib.Path("go").exists():
    time.sleep(0.02)
print('{{"expected": "much", "words": "I said", "transcripts": [{{"transcript": "P01"}}]}}')
"""
SERVER = """
import sys, time
from pathlib import Path
from flows.web.jobs import ReviewJobs
ReviewJobs(Path(sys.argv[1]), precode=(sys.executable, "-c", sys.argv[2])).run()
print("begun", flush=True)
time.sleep(60)
"""


def waited(jobs, fits):
    for _ in range(1000):
        job = jobs.job()
        if job is not None and fits(job):
            return job
        time.sleep(0.01)
    raise AssertionError(f"still {jobs.job()}")


@pytest.fixture
def killed(tmp_path, monkeypatch):
    """A study whose server was killed while a run of its went on; the run ends when a file named go is there."""
    monkeypatch.chdir(tmp_path)
    words = (sys.executable, "-c", SERVER, str(tmp_path), SLOW)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment, cwd=tmp_path) as server:
        assert server.stdout.readline() == "begun\n"
        server.kill()
    yield tmp_path
    (tmp_path / "go").touch()
    waited(ReviewJobs(tmp_path), lambda job: job.state is not JobState.WORKING)


def test_a_run_goes_on_when_its_server_is_killed_and_the_next_one_sees_it_through(killed):
    jobs = ReviewJobs(killed)
    job = waited(jobs, lambda job: job.finished)
    assert (job.state, job.planned, len(job.finished)) == (JobState.WORKING, ("P01", "P02"), 1)
    with pytest.raises(JobRunningError):
        jobs.run()
    (killed / "go").touch()
    job = waited(jobs, lambda job: job.state is not JobState.WORKING)
    assert (job.state, job.result["expected"], job.message) == (JobState.DONE, "much", "")
    assert ReviewJobs(killed).job() == job, "a server that comes later knows it, too"


def test_a_run_of_a_killed_server_can_be_stopped_by_the_next_one(killed):
    jobs = ReviewJobs(killed)
    waited(jobs, lambda job: job.finished)
    jobs.stop()
    assert waited(jobs, lambda job: job.state is not JobState.WORKING).state is JobState.STOPPED


def test_a_server_that_closes_leaves_what_it_did_not_begin(killed):
    jobs = ReviewJobs(killed)
    waited(jobs, lambda job: job.finished)
    jobs.close()
    assert jobs.job().state is JobState.WORKING


def test_what_is_kept_of_a_run_holds_no_word_of_what_was_said(killed):
    (killed / "go").touch()
    waited(ReviewJobs(killed), lambda job: job.state is JobState.DONE)
    kept = (killed / FOLDER / RECORD).read_text(encoding="utf-8")
    assert "P01" in kept
    assert "I said" not in kept
    assert [path.name for path in killed.rglob("*") if path.is_file() and "I said" in path.read_text()] == []


def test_of_complaints_only_precodes_own_line_is_kept(tmp_path):
    script = "import os, sys; os.write(2, b'precode: the disk is full\\nsome library: I said'); sys.exit(2)"
    jobs = ReviewJobs(tmp_path, precode=(sys.executable, "-c", script))
    jobs.run()
    assert waited(jobs, lambda job: job.state is not JobState.WORKING).message == "the disk is full"


@pytest.mark.skipif(sys.platform == "win32", reason="ends a process by a signal that Windows lacks")
def test_a_process_that_was_killed_is_told_as_stopped_and_makes_room(tmp_path):
    script = "import os, sys; print(os.getppid(), file=open('parent', 'w'), flush=True); input()"
    jobs = ReviewJobs(tmp_path, precode=(sys.executable, "-c", script.replace("'parent'", repr(str(tmp_path / "p")))))
    jobs.run()
    for _ in range(1000):
        if (tmp_path / "p").is_file() and (tmp_path / "p").read_text().strip():
            break
        time.sleep(0.01)
    os.kill(int((tmp_path / "p").read_text()), signal.SIGKILL)
    job = waited(jobs, lambda job: job.state is not JobState.WORKING)
    assert (job.state, job.message) == (JobState.FAILED, "it was stopped; try again")
    jobs.run()
    jobs.close()


VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ("kind", "state", "planned", "finished", "result", "message", "seconds", "id", "began")
SOUND = {"kind": "run", "state": "done", "planned": ["P01"], "finished": [{"transcript": "P01"}], "result": {}}
SOUND |= {"message": "", "seconds": 1.0, "id": "a", "began": 2.0}


@given(
    st.dictionaries(st.sampled_from(FIELDS), VALUE, max_size=4), st.dictionaries(st.text(max_size=9), VALUE, max_size=3)
)
def test_whatever_stands_in_the_record_is_read_as_a_job_or_as_none(tmp_path_factory, changed, outcome):
    place = JobFolder(tmp_path_factory.getbasetemp())
    place.make()
    for stored in (SOUND | changed, SOUND | {"finished": [outcome | {"transcript": "P01"}]}, changed):
        (place.folder / RECORD).write_text(json.dumps(stored), encoding="utf-8")
        job = place.read()
        assert job is None or isinstance(job, Job)
        assert _job_view(job, frozenset()).state in {"idle", *JobState}


def test_a_record_is_read_as_it_was_written(tmp_path):
    place = JobFolder(tmp_path)
    assert place.read() is None
    place.make()
    job = Job(JobKind.LEARN, JobState.DONE, ("P01",), ({"transcript": "P01"},), {"verdict": "known"}, "", 2.5, "i", 7.0)
    place.write(job)
    assert place.read() == job
    assert not place.is_held()
