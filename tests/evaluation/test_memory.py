"""The largest memory of a process is its own, whatever started it."""

import subprocess
import sys

import pytest

from evaluation.performance.memory import own_peak_mb

TELL = "from evaluation.performance.memory import own_peak_mb; print(own_peak_mb())"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system itself tells it so")
def test_own_peak_mb_does_not_begin_at_the_size_of_the_process_that_started_this_one():
    held = bytearray(b"\1" * 400_000_000)
    told = subprocess.run([sys.executable, "-P", "-c", TELL], capture_output=True, text=True, check=True)
    assert float(told.stdout) < 300
    assert own_peak_mb() > len(held) / 1e6
