"""What a run keeps for the review page."""

from functools import partial

import pytest

from pipeline.run import OutcomeStatus, in_threads, plan, run_study
from pipeline.session import StudySession
from tests.pipeline.run_support import put

pytestmark = pytest.mark.usefixtures("words")


def run(study):
    with StudySession(study) as session:
        (outcome,) = run_study(session, partial(in_threads, session), plan(session)).outcomes
        return outcome.status


def test_runs_that_kept_less_are_done_again(study, monkeypatch):
    put(study, "P01")
    with monkeypatch.context() as then:
        then.setattr("pipeline.session.STORED", "outcome/v1")
        run(study)
    assert [run(study), run(study)] == [OutcomeStatus.CODED, OutcomeStatus.KEPT]


def test_a_run_stores_the_sentences_it_scored(study):
    put(study, "P01")
    run(study)
    with StudySession(study) as session:
        (version,) = session.store.transcripts.versions()
        text = session.store.transcripts.get(version.id).text
        assert [one.span.of(text) for one in session.store.runs.sentences(version.id)] == ["The nurse rings me."]
