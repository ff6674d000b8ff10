"""Multinomial logistic regression in a few steps, against scikit-learn run to the end."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from models.softmax_regression import Labelled, SoftmaxRegression, fit_softmax


@st.composite
def problems(draw, fewest=2):
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    rows, features = draw(st.integers(4, 60)), draw(st.integers(1, 6))
    kinds = draw(st.lists(st.integers(0, 9), min_size=fewest, max_size=4, unique=True))
    classes = np.array([*kinds, *rng.choice(kinds, rows)], dtype=np.intp)
    vectors = (rng.normal(size=(len(classes), features)) + 0.3 * classes[:, None]).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return Labelled(vectors, classes, rng.uniform(0.1, 1, len(classes)).astype(np.float32))


def objective(model, labelled, strength):
    chosen = model.predict(labelled.features)[
        np.arange(len(labelled.classes)), np.searchsorted(model.classes, labelled.classes)
    ]
    return -(labelled.weights @ np.log(chosen)) * strength + (model.weights**2).sum() / 2


@settings(max_examples=25)
@given(problems(fewest=3), st.sampled_from([0.5, 5.0, 20.0]))
def test_fit_softmax_reaches_the_optimum_that_scikit_learn_finds(labelled, strength):
    mine = fit_softmax(labelled, strength=strength, steps=200)
    best = LogisticRegression(C=strength, tol=1e-8, max_iter=2_000).fit(
        labelled.features, labelled.classes, sample_weight=labelled.weights
    )
    reference = SoftmaxRegression(best.coef_.T, best.intercept_, best.classes_)
    assert mine.classes.tolist() == best.classes_.tolist()
    assert objective(mine, labelled, strength) == pytest.approx(
        objective(reference, labelled, strength), rel=1e-3, abs=1e-3
    )


@settings(max_examples=25)
@given(problems(), st.integers(1, 12))
def test_fit_softmax_never_climbs_and_is_alike_dense_and_sparse(labelled, steps):
    sparse = replace(labelled, features=csr_matrix(labelled.features))
    for given_as in (labelled, sparse):
        heights = [
            objective(fit_softmax(given_as, strength=5.0, steps=n), given_as, 5.0) for n in (0, steps, 2 * steps)
        ]
        assert heights[1] <= heights[0] * (1 + 1e-4)
        assert heights[2] <= heights[1] * (1 + 1e-4)
    ends = [
        fit_softmax(given_as, strength=5.0, steps=200).predict(labelled.features) for given_as in (labelled, sparse)
    ]
    assert ends[0] == pytest.approx(ends[1], abs=0.02)


@settings(max_examples=15)
@given(problems())
def test_fit_softmax_from_a_start_stays_where_it_is_best_and_leaves_the_start_alone(labelled):
    best = fit_softmax(labelled, strength=5.0, steps=200)
    before = best.weights.copy(), best.intercepts.copy()
    again = fit_softmax(labelled, strength=5.0, steps=4, start=best)
    assert again.predict(labelled.features) == pytest.approx(best.predict(labelled.features), abs=0.01)
    assert (best.weights == before[0]).all()
    assert (best.intercepts == before[1]).all()


@given(problems())
def test_fit_softmax_begins_anew_where_the_start_knows_other_classes(labelled):
    other = SoftmaxRegression(
        np.zeros((labelled.features.shape[1], 2), np.float32), np.zeros(2, np.float32), np.array([70, 80])
    )
    anew, begun = (fit_softmax(labelled, strength=5.0, steps=6, start=start) for start in (None, other))
    assert (anew.weights == begun.weights).all()


@given(problems(), st.integers(0, 20))
def test_predict_gives_distributions_and_a_model_comes_back_bit_by_bit(labelled, steps):
    model = fit_softmax(labelled, strength=5.0, steps=steps)
    said = model.predict(1e4 * labelled.features)
    assert said.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert (SoftmaxRegression.from_arrays(model.to_arrays()).predict(1e4 * labelled.features) == said).all()


def test_fit_softmax_by_hand():
    """Two classes of one feature, +1 and -1: by symmetry no intercept, and weights that are each other's opposite."""
    model = fit_softmax(
        Labelled(np.array([[1.0], [-1.0]], np.float32), np.array([0, 1]), np.ones(2, np.float32)),
        strength=1.0,
        steps=50,
    )
    weight = model.weights[0, 0]
    assert model.weights[0].tolist() == pytest.approx([weight, -weight], abs=1e-4)
    assert model.intercepts[0] == pytest.approx(model.intercepts[1], abs=1e-4)
    assert 2 * (1 - model.predict(np.array([[1.0]], np.float32))[0, 0]) == pytest.approx(weight, abs=1e-3)
