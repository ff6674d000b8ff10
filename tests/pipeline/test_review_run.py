"""What a run keeps for the review page."""

from functools import partial

import pytest

from pipeline.run import Status, in_threads, plan, run_study
from pipeline.session import Workbench
from tests.pipeline.run_support import put

pytestmark = pytest.mark.usefixtures("words")


def run(study):
    with Workbench(study) as bench:
        (outcome,) = run_study(bench, partial(in_threads, bench), plan(bench)).outcomes
        return outcome.status


def test_runs_that_kept_less_are_done_again(study, monkeypatch):
    put(study, "P01")
    with monkeypatch.context() as then:
        then.setattr("pipeline.session.STORED", "outcome/v1")
        run(study)
    assert [run(study), run(study)] == [Status.CODED, Status.KEPT]


def test_a_run_stores_the_sentences_it_scored(study):
    put(study, "P01")
    run(study)
    with Workbench(study) as bench:
        (version,) = bench.store.transcripts()
        text = bench.store.transcript(version.id).text
        assert [one.span.of(text) for one in bench.store.sentences(version.id)] == ["The nurse rings me."]
