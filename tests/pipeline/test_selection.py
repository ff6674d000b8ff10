"""Which probabilities become suggestions: rules a study chooses, and the evidence that carries them."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from corpus.errors import UsageError
from models.thresholds import NEVER, TARGET_PRECISION
from pipeline.choices import ThresholdRule
from pipeline.passages import BEST, merge_sentences
from pipeline.selection import rule_in_force, select
from pipeline.settings import SuggestSettings, load_settings

CHANCES = arrays.arrays(np.float32, st.tuples(st.integers(1, 30), st.just(3)), elements=st.floats(0, 1, width=32))
SUPPORTED = (0.5, 0.8, NEVER)


def suggester(thresholds):
    """A suggester whose coded interviews support these thresholds, the stricter the more is asked."""
    row = np.array(thresholds, np.float32)
    return SimpleNamespace(thresholds_at=lambda precision: np.where(row == np.float32(NEVER), row, row * precision))


@given(CHANCES, st.sampled_from([SUPPORTED, (NEVER,) * 3]), st.sampled_from(ThresholdRule))
def test_select_marks_exactly_what_no_evidence_carries(probabilities, supported, rule):
    model, chosen = suggester(supported), SuggestSettings(threshold=rule, precision=0.8)
    selection = select(probabilities, model, chosen)
    carried = model.thresholds_at(0.8)
    for column in range(3):
        for probability in probabilities[:, column].tolist():
            certain = supported == SUPPORTED and np.float32(probability) >= carried[column]
            assert selection.is_uncertain(column, probability) == (not certain)


@given(CHANCES)
def test_select_sure_suggests_nothing_uncertain_where_there_is_evidence(probabilities):
    selection = select(probabilities, suggester(SUPPORTED), SuggestSettings(threshold=ThresholdRule.SURE))
    rows, columns = np.nonzero(probabilities >= selection.thresholds)
    chosen = zip(rows.tolist(), columns.tolist(), strict=True)
    assert not any(selection.is_uncertain(column, float(probabilities[row, column])) for row, column in chosen)


@given(CHANCES, st.floats(0.01, 0.99))
def test_select_thorough_takes_everything_from_the_floor_on(probabilities, floor):
    chosen = SuggestSettings(threshold=ThresholdRule.THOROUGH, floor=floor)
    for supported in (SUPPORTED, (NEVER,) * 3):
        selection = select(probabilities, suggester(supported), chosen)
        assert selection.thresholds.tolist() == [np.float32(floor)] * 3


@given(CHANCES, st.integers(1, 40))
def test_select_best_takes_so_many_of_a_transcript_or_fewer(probabilities, most):
    probabilities += np.arange(probabilities.size, dtype=np.float32).reshape(probabilities.shape) * 1e-3
    chosen = SuggestSettings(threshold=ThresholdRule.BEST, best=most)
    selection = select(probabilities, suggester(SUPPORTED), chosen)
    segments = [SimpleNamespace(turn=n) for n in range(len(probabilities))]
    found = merge_sentences(segments, probabilities, selection.thresholds)
    assert 1 <= len(found) <= max(most, -(-len(probabilities) // 3))
    assert len(found) <= most + 3, "equal probabilities apart"


@pytest.mark.parametrize(
    ("rule", "evidence", "holds"),
    [
        (ThresholdRule.AUTO, True, ThresholdRule.SURE),
        (ThresholdRule.AUTO, False, ThresholdRule.BEST),
        (ThresholdRule.SURE, False, ThresholdRule.SURE),
        (ThresholdRule.THOROUGH, True, ThresholdRule.THOROUGH),
        (ThresholdRule.BEST, True, ThresholdRule.BEST),
    ],
)
def test_rule_in_force_is_what_was_chosen_or_what_evidence_supports(rule, evidence, holds):
    assert rule_in_force(rule, has_evidence=evidence) is holds


def test_settings_begin_with_what_the_measured_thresholds_were_made_for():
    assert SuggestSettings().precision == TARGET_PRECISION
    assert SuggestSettings().best == BEST


@given(CHANCES, st.sampled_from([SUPPORTED, (NEVER,) * 3]), st.sampled_from(ThresholdRule))
def test_select_leaves_probabilities_and_what_is_supported_as_they_were(probabilities, supported, rule):
    table = np.array(supported, np.float32)
    before = probabilities.copy(), table.copy()
    select(probabilities, SimpleNamespace(thresholds_at=lambda _: table), SuggestSettings(threshold=rule))
    assert (probabilities == before[0]).all()
    assert (table == before[1]).all()


@given(CHANCES, st.sampled_from([SUPPORTED, (NEVER,) * 3]), st.floats(0.5, 0.99))
def test_select_auto_is_the_rule_in_force(probabilities, supported, precision):
    model, evidence = suggester(supported), supported == SUPPORTED
    automatic, named = (
        select(probabilities, model, SuggestSettings(threshold=rule, precision=precision))
        for rule in (ThresholdRule.AUTO, rule_in_force(ThresholdRule.AUTO, has_evidence=evidence))
    )
    assert (automatic.thresholds == named.thresholds).all()
    assert (automatic.certain == named.certain).all()
    assert np.isfinite(automatic.certain).all() == evidence


def test_an_empty_encoder_name_is_refused_by_the_settings(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text('[model]\nencoder = ""\n', encoding="utf-8")
    with pytest.raises(UsageError, match=r'\[model\] encoder: must be a text in quotes, like "openvino"'):
        load_settings(path)
