import pytest

from evaluation.second_opinion.cases import cases_of
from evaluation.second_opinion.trial import try_model
from models.second.opinion import NONE
from pipeline.second.kept import stage_for
from pipeline.second.second_pass import ask_study
from tests.evaluation.second_support import make_young_study, precoded_session
from tests.models.second_support import TableModel, sure_of


@pytest.fixture
def session(tmp_path):
    opened = precoded_session(make_young_study(tmp_path / "study"))
    yield opened
    opened.close()


def test_smoke(session):
    human = session.study.folder / "human.jsonl"
    cases = cases_of(session, human)
    coded = {case.passage.text.passage: case.codes for case in cases}
    model = TableModel(lambda words, keys: sure_of(next(iter(coded.get(words, ())), NONE), keys))
    trial = try_model(session, model, human)
    print(trial.figures, trial.verdict, trial.stage)
    print(ask_study(session, model, stage_for(session.study.folder, model.facts.fingerprint)))
    import random

    for seed in range(6):
        rng = random.Random(seed)
        bad = TableModel(lambda words, keys: {k: rng.random() for k in keys}, name=f"bad{seed}")
        t = try_model(session, bad, human)
        print(t.verdict, t.weighing.stage.weights, t.weighing.gain, t.weighing.error, t.figures["scores"]["first_gain"])
    assert 0
