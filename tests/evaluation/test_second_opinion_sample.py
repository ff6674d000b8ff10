"""The sample study with the real encoder: recorded answers of a strong model are used, those of a bad one are not."""

import random

import pytest

from evaluation.second_opinion.cases import cases_of
from evaluation.second_opinion.trial import TrialVerdict, try_model
from models.second.opinion import NONE
from models.second.stage import UNCHANGED
from pipeline.second.kept import stage_for
from pipeline.second.second_pass import ask_study
from pipeline.study import CODINGS, create_study
from tests.evaluation.second_support import precoded_session
from tests.models.second_support import TableModel, sure_of

pytestmark = [pytest.mark.model, pytest.mark.slow]


def test_the_right_code_comes_first_more_often_with_a_good_model_and_no_less_often_with_a_bad_one(tmp_path):
    with precoded_session(create_study(tmp_path / "sample", sample=True)) as session:
        human = session.study.folder / CODINGS
        cases, rng = cases_of(session, human), random.Random(7)
        ids = session.precoder.codebook.ids
        answers = {case.passage.text.passage: next(iter(sorted(case.codes)), NONE) for case in cases}
        noisy = {words: rng.choice(ids) if rng.random() < 0.2 else code for words, code in answers.items()}
        bad = TableModel(lambda _, keys: {key: rng.random() for key in keys}, "random")
        good = TableModel(lambda words, keys: sure_of(noisy.get(words, NONE), keys), "strong")
        worse, better = (try_model(session, model, human, questions=400) for model in (bad, good))
        before = [stored.suggestion for stored in session.store.suggestions.stream()]
        ask_study(session, bad, UNCHANGED)
        unchanged = [stored.suggestion for stored in session.store.suggestions.stream()]
        passed = ask_study(session, good, stage_for(session.study.folder, good.facts.fingerprint))
    scores = [trial.figures["scores"] for trial in (worse, better)]
    assert worse.verdict is TrialVerdict.NO_GAIN
    assert worse.weighing.stage.weight < 0.15
    assert scores[0]["first_gain"]["value"] > -0.02
    assert before == unchanged
    assert better.verdict is TrialVerdict.USED
    assert better.weighing.stage.weight > 0.15
    assert scores[1]["first_gain"]["value"] > 0.02
    assert scores[1]["log_loss_gain"]["low"] > 0
    assert passed.run is not None
