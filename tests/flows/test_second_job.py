"""Trying and asking beside the page: one process at a time, told as it is, gone with the server."""

import sys
import time

import pytest

from flows.web.jobs import JobKind, JobRunningError, ReviewJobs
from flows.web.second_routes import doing


def jobs_that(tmp_path, script):
    return ReviewJobs(tmp_path, precode=(sys.executable, "-c", script))


def ended(jobs):
    """What the page tells once nothing runs any more: the state, and what it came to."""
    for _ in range(1000):
        state, message = doing(jobs.job())
        if state not in {"trying", "asking"}:
            return state, message
        time.sleep(0.01)
    raise AssertionError("still at it")


@pytest.mark.parametrize(
    ("kind", "words"), [(JobKind.TRY_SECOND, "second try --json"), (JobKind.ASK_SECOND, "second ask --json")]
)
def test_commands_are_those_that_a_person_would_type(tmp_path, kind, words):
    script = f"import sys, pathlib; pathlib.Path({str(tmp_path / 'words')!r}).write_text(' '.join(sys.argv[1:]))"
    jobs = jobs_that(tmp_path, script)
    jobs.begin(kind)
    assert ended(jobs)[0] == "idle"
    assert (tmp_path / "words").read_text() == f"{words} --study {tmp_path}"


def test_what_asking_came_to_is_told_in_a_line(tmp_path):
    jobs = jobs_that(tmp_path, """print('{"lines": ["3 opinions.", "It counts nothing."]}')""")
    jobs.begin(JobKind.ASK_SECOND)
    assert ended(jobs)[1] == "3 opinions. It counts nothing."


@pytest.mark.parametrize("out", ["", "no JSON", "[]", '{"lines": 3}', '{"lines": [1]}'])
def test_an_answer_of_another_form_is_told_as_nothing(tmp_path, out):
    jobs = jobs_that(tmp_path, f"print({out!r})")
    jobs.begin(JobKind.ASK_SECOND)
    assert ended(jobs) == ("idle", "")


def test_what_went_wrong_is_told_in_one_line(tmp_path):
    jobs = jobs_that(tmp_path, "import sys; sys.exit('working ...\\nprecode: the server does not answer')")
    jobs.begin(JobKind.TRY_SECOND)
    assert ended(jobs) == ("failed", "the server does not answer")


def test_a_second_one_does_not_begin_while_something_runs_and_closing_ends_it(tmp_path):
    jobs = jobs_that(tmp_path, "import time; time.sleep(60)")
    jobs.begin(JobKind.TRY_SECOND)
    with pytest.raises(JobRunningError, match=r"at work already \(second try\)"):
        jobs.begin(JobKind.ASK_SECOND)
    assert doing(jobs.job()) == ("trying", "")
    jobs.close()
    assert ended(jobs)[0] == "failed"


def test_bytes_that_are_no_text_do_not_leave_it_running_for_ever(tmp_path):
    jobs = jobs_that(tmp_path, "import sys; sys.stderr.buffer.write(b'precode: \\xff\\xfe broke'); sys.exit(1)")
    jobs.begin(JobKind.ASK_SECOND)
    state, message = ended(jobs)
    assert state == "failed"
    assert message.endswith("broke")


def test_another_kind_of_job_is_nothing_of_the_models(tmp_path):
    jobs = jobs_that(tmp_path, "input()")
    jobs.run()
    assert doing(jobs.job()) == ("idle", "")
    jobs.close()
