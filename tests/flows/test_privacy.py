"""No network: the sample study, end to end with the real model, while every way off the machine is blocked."""

import json
import subprocess
import sys

import pytest

from corpus.shipped import selfie
from pipeline.study import create_study
from tests.flows.process_support import Machine

pytestmark = [pytest.mark.model, pytest.mark.slow]


def test_the_sample_runs_end_to_end_without_a_network(tmp_path):
    machine, study = Machine(tmp_path, words=False), create_study(tmp_path / "sample", sample=True)
    code, out, errors = machine.precode("run", "--study", study.folder, "--json", "--no-prefect")
    told = json.loads(out)["transcripts"]
    assert (code, [one["status"] for one in told]) == (0, ["coded"] * 4), errors
    assert all(one["suggestions"] for one in told)
    assert {domain for one in told for domain in one["passages"]} <= set(selfie().domains)
    assert machine.attempts == ""


def test_the_guard_would_catch_an_attempt(tmp_path):
    machine = Machine(tmp_path)
    assert machine.precode("--version")[0] == 0
    assert machine.attempts == ""
    script = "import socket\ntry: socket.create_connection(('192.0.2.1', 9), timeout=1)\nexcept OSError: pass"
    subprocess.run([sys.executable, "-c", script], env=machine.environment, check=True)
    assert "192.0.2.1" in machine.attempts
