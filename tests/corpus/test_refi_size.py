"""A project of 50 transcripts and 1,000 codings goes in and out whole; ``evaluation.performance.exchange`` times it."""

import pytest

from corpus.refi import read_project
from evaluation.performance.exchange import exchange


@pytest.mark.slow
def test_a_large_project_goes_in_and_out_whole(tmp_path):
    told = exchange(tmp_path)
    assert (told.transcripts, told.codings, told.exported) == (50, 1_000, 1_000)
    reading = read_project(tmp_path / "out.qdpx")
    assert sum(len(one.selections) for one in reading.project.sources) == 1_000
    assert all(one.agree == one.selections for one in reading.placements)


def test_a_small_one_does_too(tmp_path):
    told = exchange(tmp_path, transcripts=3, codings=20)
    assert (told.transcripts, told.codings, told.exported) == (3, 20, 20)
