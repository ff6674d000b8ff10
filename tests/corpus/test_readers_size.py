"""Large files are read in time that grows with their size; ``evaluation.performance.reading`` prints the figures."""

import sys

import pytest

if sys.platform == "win32":
    pytest.skip("peak memory is asked of Unix", allow_module_level=True)

from corpus.readers import read_transcript
from evaluation.performance.reading import FILES, reading_costs
from tests.forms import form

MEGABYTES = form(short=3, long=10)
SECONDS = {"labelled.vtt": 1.2, "unlabelled.srt": 1.2, "labelled.txt": 2.5, "labelled.docx": 3.5}
"""For each megabyte."""
PEAK = 100 * MEGABYTES
"""Megabytes of memory, Python and its libraries (40) included."""


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("name", sorted(FILES))
def test_megabytes_are_read_in_bounded_time_and_memory(tmp_path, name):
    (cost,) = reading_costs(tmp_path, MEGABYTES, [name])
    assert cost.seconds < SECONDS[name] * MEGABYTES
    assert cost.peak < PEAK


@pytest.mark.parametrize("name", sorted(FILES))
def test_files_that_are_timed_are_read_as_what_they_are(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(FILES[name](20_000))
    transcript = read_transcript(path)
    assert {turn.speaker for turn in transcript.turns} == ({None} if "un" in name else {"Interviewer", "Anna"})
    assert sum(len(turn.span) for turn in transcript.turns) > 8_000
