"""Learning beside the server: one process at a time, told as it is, and gone when the server is."""

import json
import subprocess
import sys
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import UsageError
from evaluation.study_quality.types import Phase
from flows.web.jobs import PRECODE, Job, JobKind, JobRunningError, JobState, ReviewJobs
from pipeline.study import create_study
from tests.flows.process_support import shadowing_folder

SCORES = {
    metric: {"before": {"value": before}, "after": {"value": after}, "gain": {"value": 0.1}}
    for metric, before, after in (("micro_average_precision", 0.5, 0.6), ("log_loss", 0.3, 0.2))
}
BETTER = {"verdict": "better", "judgements": 60, "scores": SCORES}


def jobs_that(tmp_path, script):
    """Jobs whose precode is a few lines of Python."""
    return ReviewJobs(tmp_path, precode=(sys.executable, "-c", script))


def ended(jobs):
    """Where learning is once nothing runs any more."""
    for _ in range(1000):
        state = jobs.learning()
        if state.state not in {Phase.LEARNING, Phase.RANKING}:
            return state
        time.sleep(0.01)
    raise AssertionError("still at it")


def test_nothing_runs_until_it_is_asked_for(tmp_path):
    assert jobs_that(tmp_path, "").learning().state is Phase.IDLE


def test_learning_is_told_before_and_after(tmp_path):
    jobs = jobs_that(tmp_path, f"print({json.dumps(BETTER)!r})")
    assert jobs.learn().state is Phase.LEARNING
    state = ended(jobs)
    assert (state.state, state.verdict, state.judgements) == (Phase.LEARNED, "better", 60)
    assert (state.before.log_loss, state.after.log_loss) == (0.3, 0.2)


def test_ranking_anew_keeps_what_learning_came_to(tmp_path):
    jobs = jobs_that(tmp_path, f"print({json.dumps(BETTER)!r})")
    jobs.learn()
    ended(jobs)
    assert jobs.rank().state is Phase.RANKING
    assert (ended(jobs).state, ended(jobs).verdict) == (Phase.DONE, "better")


def test_commands_are_those_that_a_person_would_type(tmp_path):
    script = f"import sys, pathlib; pathlib.Path({str(tmp_path / 'words')!r}).write_text(' '.join(sys.argv[1:]))"
    jobs = jobs_that(tmp_path, script)
    jobs.rank()
    ended(jobs)
    assert (tmp_path / "words").read_text() == f"run --json --no-prefect --no-second --study {tmp_path}"


def test_only_one_thing_runs_at_a_time(tmp_path):
    jobs = jobs_that(tmp_path, f"open({str(tmp_path / 'starts')!r}, 'a').write('x'); import time; time.sleep(0.3)")
    jobs.learn()
    assert jobs.rank().state is Phase.LEARNING
    assert jobs.learn().state is Phase.LEARNING
    ended(jobs)
    assert (tmp_path / "starts").read_text() == "x"


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("import sys; print('busy\\nprecode: the disk is full', file=sys.stderr); sys.exit(2)", "the disk is full"),
        ("raise SystemExit(3)", "it was stopped; try again"),
        ("print('no JSON')", "precode learn answered in another form than expected; is it the same version?"),
        ("print('[]')", "precode learn answered in another form than expected; is it the same version?"),
    ],
)
def test_a_failure_is_told_in_its_last_line_and_can_be_tried_again(tmp_path, script, message):
    jobs = jobs_that(tmp_path, script)
    jobs.learn()
    assert (ended(jobs).state, ended(jobs).message) == (Phase.FAILED, message)
    assert jobs.learn().state is Phase.LEARNING
    ended(jobs)


def test_what_runs_ends_with_the_server(tmp_path):
    jobs = jobs_that(tmp_path, "input()")
    jobs.learn()
    jobs.close()
    assert ended(jobs).state is Phase.FAILED


def test_what_runs_ends_even_if_the_server_is_killed(tmp_path):
    """The review command stands for any that takes long; the pipe closes when whoever holds it dies."""
    create_study(tmp_path / "lhc")
    command = (*PRECODE, "review", "--study", str(tmp_path / "lhc"), "--no-open", "--port", "0")
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True) as child:
        assert child.stdout.readline().startswith("Review at http://127.0.0.1:")
        child.stdin.close()
        assert child.wait(20) == 130


def test_learning_really_runs(tmp_path):
    jobs = ReviewJobs(create_study(tmp_path / "lhc").folder)
    jobs.learn()
    state = ended(jobs)
    assert (state.state, state.verdict) in {(Phase.LEARNED, "too few"), (Phase.LEARNED, "known")}


def test_learning_minds_no_files_of_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECODE_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(shadowing_folder(tmp_path / "current"))
    jobs = ReviewJobs(create_study(tmp_path / "study").folder.resolve())
    jobs.learn()
    try:
        state = ended(jobs)
    finally:
        jobs.close()
    assert state.state is not Phase.FAILED, state.message


def job_ended(jobs):
    for _ in range(1000):
        job = jobs.job()
        if job.state is not JobState.WORKING:
            return job
        time.sleep(0.01)
    raise AssertionError("still at it")


def test_what_cannot_be_started_is_told_and_leaves_room_for_the_next(tmp_path):
    jobs = ReviewJobs(tmp_path, precode=(str(tmp_path / "no such program"),))
    for _ in range(2):  # not "something is at work already"
        with pytest.raises(UsageError, match="nothing can be started"):
            jobs.run()
    assert (jobs.job(), jobs.learning().state) == (None, Phase.IDLE)


def test_a_second_job_is_refused_and_a_stopped_one_makes_room(tmp_path):
    jobs = jobs_that(tmp_path, "input()")
    jobs.run()
    for begin in (jobs.run, lambda: jobs.begin(JobKind.BENCHMARK, "benchmark"), lambda: jobs.run(redo=True)):
        with pytest.raises(JobRunningError, match=r"at work already \(run\)"):
            begin()
    jobs.stop()
    jobs.stop()  # twice: pressed again
    assert job_ended(jobs).state is JobState.STOPPED
    jobs.stop()  # nothing runs
    jobs.run()
    assert jobs.job().state is JobState.WORKING
    jobs.close()
    assert job_ended(jobs).state is JobState.FAILED, "nobody asked this one to stop"


def test_of_many_who_begin_at_once_one_does(tmp_path):
    jobs = jobs_that(tmp_path, "input()")
    barrier, refused = threading.Barrier(6), []

    def begin():
        barrier.wait()
        try:
            jobs.run()
        except JobRunningError:
            refused.append(True)

    threads = [threading.Thread(target=begin) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    jobs.close()
    assert len(refused) == 5
    job_ended(jobs)


def test_stop_keeps_no_server_from_ending(tmp_path):
    jobs = jobs_that(tmp_path, "input()")
    jobs.run()
    jobs.stop()
    job_ended(jobs)
    assert not [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer) and not thread.daemon]


def test_progress_is_told_as_it_comes_and_odd_lines_end_nothing(tmp_path):
    lines = [
        '{"planned": ["P01", "P02"]}', '{"planned": null}', '{"planned": 3}', '{"outcome": "P01"}', "{broken", "{}", "",
        '{"outcome": {"transcript": "P01"}}', '{"outcome": []}', "{" * 20, '{"a":' * 5000, "a warning of some library",
    ]  # fmt: skip
    script = f"import sys; sys.stderr.write({chr(10).join(lines)!r}); print('{{}}')"
    jobs = jobs_that(tmp_path, script)
    jobs.run()
    job = job_ended(jobs)
    assert (job.state, job.planned, job.finished) == (JobState.DONE, ("P01", "P02"), ({"transcript": "P01"},))


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=20) | st.from_regex(
    r'\{"(planned|outcome)": (null|\[\]|\{\}|1|"x")\}', fullmatch=True), max_size=6))  # fmt: skip
def test_heard_takes_any_line_without_an_error(lines):
    job = Job(JobKind.RUN)
    for line in lines:
        job = job.heard(line) or job
    assert all(isinstance(outcome, dict) for outcome in job.finished)
