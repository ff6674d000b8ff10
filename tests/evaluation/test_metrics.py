"""Metrics, agreement and intervals: equal to the libraries, and to numbers worked out by hand."""

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, cohen_kappa_score, roc_auc_score

from evaluation.metrics.agreement import (
    Counts,
    cohen_kappa,
    counts_by_document,
    gwet_ac1,
    krippendorff_alpha,
    pabak,
    prevalence,
)
from evaluation.metrics.intervals import FEWEST, Bootstrap, Score, ratio
from evaluation.metrics.ranking import (
    Hits,
    Ranking,
    brier,
    expected_calibration_error,
    in_top,
    indicator,
    top_label,
)

ONE_DOCUMENT = np.ones((1, 1))
unhurried = settings(deadline=None, max_examples=50)  # scikit-learn takes milliseconds a call, more on a busy machine


def table(both, first, second, neither):
    return Counts(*(np.array([float(n)]) for n in (both, first, second, neither)))


ranked = st.lists(st.tuples(st.booleans(), st.integers(0, 5), st.integers(0, 2)), min_size=2, max_size=40)


def ranking_and_weights(rows, drawn):
    labels, scores, documents = (np.array(column) for column in zip(*rows, strict=True))
    return Ranking(labels, scores / 5, documents), labels, scores / 5, np.array(drawn)[documents]


# Rankings


@unhurried
@given(ranked, st.tuples(*[st.integers(0, 3)] * 3))
def test_average_precision_equals_scikit_learn_for_any_weights(rows, drawn):
    ranking, labels, scores, weights = ranking_and_weights(rows, drawn)
    (ours,) = ranking.average_precision(np.array([drawn], dtype=float))
    if weights[labels].sum() == 0:
        assert np.isnan(ours)
    else:
        assert ours == pytest.approx(average_precision_score(labels, scores, sample_weight=weights))


@unhurried
@given(ranked, st.tuples(*[st.integers(0, 3)] * 3))
def test_auc_equals_scikit_learn_for_any_weights(rows, drawn):
    ranking, labels, scores, weights = ranking_and_weights(rows, drawn)
    (ours,) = ranking.auc(np.array([drawn], dtype=float))
    if weights[labels].sum() == 0 or weights[~labels].sum() == 0:
        assert np.isnan(ours)
    else:
        kept = weights > 0
        assert ours == pytest.approx(roc_auc_score(labels[kept], scores[kept], sample_weight=weights[kept]))


def test_work_saved_by_hand():
    """Twenty rows, two positives, at places 1 and 4: four rows read of twenty, less 5%."""
    labels = np.isin(np.arange(20), [0, 3])
    ranking = Ranking(labels, np.linspace(1, 0, 20), np.zeros(20, dtype=np.intp))
    assert ranking.work_saved(ONE_DOCUMENT) == pytest.approx([1 - 4 / 20 - 0.05])


def test_equal_scores_save_no_work():
    ranking = Ranking(np.arange(20) < 3, np.full(20, 0.5), np.zeros(20, dtype=np.intp))
    assert ranking.work_saved(ONE_DOCUMENT) == pytest.approx([-0.05])


def test_draws_in_parts_equal_draws_at_once(monkeypatch):
    generator = np.random.default_rng(1)
    ranking = Ranking(generator.random(30) < 0.3, generator.random(30), generator.integers(0, 3, 30))
    weights = generator.integers(0, 3, (11, 3)).astype(float)
    at_once = ranking.average_precision(weights)
    monkeypatch.setattr("evaluation.metrics.ranking.CELLS_AT_ONCE", 60)
    np.testing.assert_array_equal(ranking.average_precision(weights), at_once)


# Operating point, top k, calibration


def test_precision_recall_and_f1_by_hand():
    hits = Hits(*(np.array([row], dtype=float) for row in ([3, 0], [4, 0], [2, 0], [5, 2])))
    assert hits.precision(ONE_DOCUMENT)[0, 0] == pytest.approx(3 / 4)
    assert hits.recall(ONE_DOCUMENT)[0] == pytest.approx([2 / 5, 0])
    assert hits.f1(ONE_DOCUMENT)[0] == pytest.approx([2 * 0.75 * 0.4 / 1.15, 0])
    assert np.isnan(hits.precision(ONE_DOCUMENT)[0, 1])
    assert hits.micro().human.tolist() == [[7]]


def test_in_top_looks_at_the_k_best_of_each_row():
    truth = np.array([[True, False, False], [True, False, True]])
    scores = np.array([[0.1, 0.5, 0.2], [0.1, 0.5, 0.2]])
    assert in_top(truth, scores, 1).tolist() == [False, False]
    assert in_top(truth, scores, 2).tolist() == [False, True]
    assert in_top(truth, scores, 3).tolist() == [True, True]


def test_calibration_by_hand():
    """Four rows at .9, three of them right: ECE .15, Brier (3 * .01 + .81) / 4."""
    truth = np.array([[True, False]] * 3 + [[False, True]])
    right, confidence = top_label(truth, np.tile([0.9, 0.1], (4, 1)))
    sums = indicator(np.zeros(4, dtype=np.intp), 1)
    assert expected_calibration_error(right, confidence, sums, ONE_DOCUMENT) == pytest.approx([0.15])
    assert brier(right, confidence, sums, ONE_DOCUMENT) == pytest.approx([0.21])


# Agreement


def test_gwets_worked_example():
    """Two raters, 125 cases, 118 yes-yes, 5 and 2 apart, none no-no: kappa -.0234, AC1 .9408 (Gwet 2002)."""
    counts = table(118, 5, 2, 0)
    assert cohen_kappa(counts) == pytest.approx([-0.0234], abs=5e-5)
    assert gwet_ac1(counts) == pytest.approx([0.9408], abs=5e-5)
    assert pabak(counts) == pytest.approx([2 * 118 / 125 - 1])
    assert prevalence(counts) == pytest.approx([120 / 125])


@unhurried
@given(st.tuples(*[st.integers(0, 8)] * 4))
def test_agreement_equals_the_libraries(cells):
    decisions = [pair for pair, n in zip([(1, 1), (1, 0), (0, 1), (0, 0)], cells, strict=True) for _ in range(n)]
    machine, human = ([pair[side] for pair in decisions] for side in (0, 1))
    counts = table(*cells)
    if len(set(machine) | set(human)) == 2:
        assert cohen_kappa(counts) == pytest.approx([cohen_kappa_score(machine, human)])
        alpha = krippendorff.alpha(reliability_data=[machine, human], level_of_measurement="nominal")
        assert krippendorff_alpha(counts) == pytest.approx([alpha])
    else:
        assert np.isnan(krippendorff_alpha(counts)[0])


def test_counts_are_taken_document_by_document():
    machine = np.array([[True, False], [True, True], [False, False]])
    human = np.array([[True, True], [False, True], [False, False]])
    counts = counts_by_document(machine, human, indicator(np.array([0, 0, 1]), 2))
    assert [cell.tolist() for cell in (counts.both, counts.first, counts.second, counts.neither)] == [
        [2, 0],
        [1, 0],
        [1, 0],
        [0, 2],
    ]


# Intervals


def test_bootstrap_weights_are_the_data_then_whole_documents():
    weights = Bootstrap(4).weights
    assert weights[0].tolist() == [1, 1, 1, 1]
    assert (weights.sum(axis=1) == 4).all()
    assert len(weights) - 1 <= 35
    assert len(weights) == len({tuple(row) for row in weights[1:]}) + 1


def test_the_interval_equals_numpys_percentiles_over_all_draws():
    bootstrap = Bootstrap(3, draws=500, seed=7)
    means = np.array([0.0, 0.5, 1.0])
    score = bootstrap.score(bootstrap.weights @ means / 3, n=30)
    drawn = np.random.default_rng(7).multinomial(3, [1 / 3] * 3, size=500) @ means / 3
    assert (score.low, score.high) == pytest.approx(tuple(np.percentile(drawn, [2.5, 97.5])))
    assert score.value == pytest.approx(0.5)


def test_too_few_cases_give_no_number():
    bootstrap = Bootstrap(2)
    values = np.full(len(bootstrap.weights), 0.9)
    assert bootstrap.score(values, FEWEST - 1).to_json() == {"insufficient": FEWEST - 1}
    assert bootstrap.score(values, FEWEST).to_json() == {"value": 0.9, "low": 0.9, "high": 0.9, "n": FEWEST}


def test_one_document_gives_a_number_without_interval():
    assert Bootstrap(1).score(np.array([0.9, 0.9]), 10) == Score(0.9, None, None, 10)


def test_an_undefined_score_is_insufficient():
    assert Bootstrap(2).score(np.full(4, np.nan), 10).value is None


@pytest.mark.parametrize(("top", "bottom"), [(0.0, 0.0), (2.0, 0.0), (0.0, 4.0), (2.0, 4.0)])
def test_ratio_is_undefined_only_over_nothing(top, bottom):
    (result,) = ratio(np.array([top]), np.array([bottom]))
    assert np.isnan(result) if bottom == 0 else result == top / bottom
