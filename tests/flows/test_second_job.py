"""Trying and asking beside the page: one process at a time, told as it is, gone with the server."""

import sys
import time

import pytest

from flows.web.second_job import SecondJob


def job_that(tmp_path, script):
    return SecondJob(tmp_path, precode=(sys.executable, "-c", script))


def ended(job):
    """The job once nothing runs any more."""
    for _ in range(1000):
        if job.state not in {"trying", "asking"}:
            return job
        time.sleep(0.01)
    raise AssertionError("still at it")


@pytest.mark.parametrize(("doing", "words"), [("trying", "second try --json"), ("asking", "second ask --json")])
def test_commands_are_those_that_a_person_would_type(tmp_path, doing, words):
    script = f"import sys, pathlib; pathlib.Path({str(tmp_path / 'words')!r}).write_text(' '.join(sys.argv[1:]))"
    job = job_that(tmp_path, script)
    job.begin(doing)
    assert ended(job).state == "idle"
    assert (tmp_path / "words").read_text() == f"{words} --study {tmp_path}"


def test_what_asking_came_to_is_told_in_a_line(tmp_path):
    job = job_that(tmp_path, """print('{"lines": ["3 opinions.", "It counts nothing."]}')""")
    job.begin("asking")
    assert ended(job).message == "3 opinions. It counts nothing."


@pytest.mark.parametrize("out", ["", "no JSON", "[]", '{"lines": 3}', '{"lines": [1]}'])
def test_an_answer_of_another_form_is_told_as_nothing(tmp_path, out):
    job = job_that(tmp_path, f"print({out!r})")
    job.begin("asking")
    assert (ended(job).state, job.message) == ("idle", "")


def test_what_went_wrong_is_told_in_one_line(tmp_path):
    job = job_that(tmp_path, "import sys; sys.exit('working ...\\nprecode: the server does not answer')")
    job.begin("trying")
    assert (ended(job).state, job.message) == ("failed", "the server does not answer")


def test_a_second_one_does_not_begin_while_something_runs_and_closing_ends_it(tmp_path):
    job = job_that(tmp_path, "import time; time.sleep(60)")
    job.begin("trying")
    child = job._child
    job.begin("asking")
    assert (job.state, job._child) == ("trying", child)
    job.close()
    assert child.poll() is not None
    assert ended(job).state == "failed"


def test_bytes_that_are_no_text_do_not_leave_it_running_for_ever(tmp_path):
    job = job_that(tmp_path, "import sys; sys.stderr.buffer.write(b'precode: \\xff\\xfe broke'); sys.exit(1)")
    job.begin("asking")
    assert ended(job).state == "failed"
    assert job.message.endswith("broke")
