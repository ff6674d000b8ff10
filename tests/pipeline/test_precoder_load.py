"""The precoder of a study: its encoder, and where what it fitted is kept."""

import json

import pytest

from corpus.errors import UsageError
from corpus.seeds import SeedBank, SeedQuote
from corpus.shipped import selfie
from models.weights import cache_home
from pipeline.learned import LearnedSeeds
from pipeline.precoder import load_precoder
from pipeline.settings import load_settings
from pipeline.study import create_study, open_study
from pipeline.trust import allow

CODE = selfie().ids[0]


@pytest.fixture
def study(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECODE_CACHE", str(tmp_path / "user-cache"))
    return create_study(tmp_path / "lhc")


def with_settings(study, text):
    (study.folder / "study.toml").write_text(text, encoding="utf-8")
    settings, _ = load_settings(study.folder / "study.toml")
    allow(study.folder, settings)
    return open_study(study.folder)


def test_what_ships_is_fitted_once_for_all_studies(study):
    assert load_precoder(with_settings(study, '[model]\nencoder = "lexical"\n')).kept == cache_home()


def test_a_fit_on_words_of_a_study_stays_in_the_study(study):
    LearnedSeeds(study.folder).install(SeedBank((SeedQuote("Words of hers.", CODE),)), {})
    assert load_precoder(with_settings(study, '[model]\nencoder = "lexical"\n')).kept == study.cache


def test_a_fit_on_seeds_of_a_study_stays_in_the_study(study):
    line = json.dumps({"text": "Words of hers.", "code": CODE})
    (study.folder / "own.jsonl").write_text(line, encoding="utf-8")
    opened = with_settings(study, '[study]\nseeds = ["own.jsonl"]\n[model]\nencoder = "lexical"\n')
    assert load_precoder(opened).kept == study.cache


def test_a_model_folder_may_be_relative_to_the_study(study):
    (study.folder / "model").mkdir()
    (study.folder / "model" / "config.json").write_text("{}", encoding="utf-8")
    model = load_precoder(with_settings(study, '[model]\nencoder = "model"\n')).model
    assert model.startswith("sentence-transformers/v1:")


def test_a_hub_model_needs_permission_which_the_settings_can_give(study):
    asks = '[model]\nencoder = "hub:someone/some-model"\n'
    with pytest.raises(UsageError, match="a study may allow that"):
        load_precoder(with_settings(study, asks))
    allowed = load_precoder(with_settings(study, f"{asks}allow_network = true\n"))
    assert allowed.model.startswith("sentence-transformers/v1:hub:someone/some-model")


@pytest.mark.parametrize("value", ['"yes"', "1", "[]"])
def test_permission_is_true_or_false(study, value):
    with pytest.raises(UsageError, match="allow_network: must be true or false"):
        with_settings(study, f"[model]\nallow_network = {value}\n")
