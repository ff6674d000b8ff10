"""Tables of thresholds: what they promise holds on what they were made from."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.thresholds import (
    FEWEST,
    NEVER,
    PRECISIONS,
    TARGET_PRECISION,
    no_evidence,
    row_of_precision,
    threshold_at_precision,
    threshold_table,
    thresholds,
)

DOMAINS = ("People", "Means", "People")
LEVELS = np.array([0.1, 0.3, 0.5, 0.7, 0.9], np.float32)


@st.composite
def scored(draw):
    """Probabilities and labels of some sentences and three codes, at a few levels so that many are equal."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    rows, skill = draw(st.integers(0, 60)), draw(st.sampled_from([0.2, 0.6, 0.9, 1.0]))
    chances = LEVELS[rng.integers(0, len(LEVELS), (rows, len(DOMAINS)))]
    return chances, rng.random(chances.shape) < skill * (0.4 + 0.6 * chances)


def reached(chances, labels, threshold):
    taken = chances >= threshold
    return int(taken.sum()), int((taken & labels).sum())


@settings(max_examples=25, deadline=None)
@given(scored())
def test_threshold_table_has_each_domains_own_threshold_or_that_of_all_codes(drawn):
    chances, labels = drawn
    table = threshold_table(chances, labels, DOMAINS)
    assert (table.shape, table.dtype) == ((len(PRECISIONS), len(DOMAINS)), np.float32)
    groups = np.array(DOMAINS)
    for row, precision in enumerate(PRECISIONS):
        every = threshold_at_precision(chances.ravel(), labels.ravel(), precision=precision)
        for name in set(DOMAINS):
            columns = groups == name
            own = threshold_at_precision(chances[:, columns].ravel(), labels[:, columns].ravel(), precision=precision)
            expected = own if own is not None else every if every is not None else NEVER
            assert table[row, columns].tolist() == [np.float32(expected)] * columns.sum()


@settings(max_examples=25, deadline=None)
@given(scored())
def test_threshold_table_asks_for_more_the_higher_the_precision_of_one_domain(drawn):
    chances, labels = drawn
    column = threshold_table(chances, labels, ["People"] * 3)[:, 0]
    assert (np.diff(column) >= 0).all()
    for precision, threshold in zip(PRECISIONS, column, strict=True):
        taken, right = reached(chances, labels, threshold)
        if threshold != np.float32(NEVER):
            assert taken >= FEWEST
            assert Fraction(right, taken) >= Fraction(str(precision))


@settings(max_examples=25, deadline=None)
@given(scored(), st.randoms())
def test_threshold_table_does_not_know_the_order_of_sentences(drawn, random):
    chances, labels = drawn
    order = [*range(len(chances))]
    random.shuffle(order)
    again = threshold_table(chances[order], labels[order], DOMAINS)
    assert (again == threshold_table(chances, labels, DOMAINS)).all()


@settings(max_examples=25, deadline=None)
@given(scored())
def test_thresholds_are_the_row_of_the_target_precision(drawn):
    chances, labels = drawn
    row = threshold_table(chances, labels, DOMAINS)[row_of_precision(TARGET_PRECISION)]
    assert (thresholds(chances, labels, DOMAINS) == row).all()


@pytest.mark.parametrize("percent", range(50, 100))
def test_row_of_precision_finds_every_whole_percentage_however_it_was_computed(percent):
    for precision in (percent / 100, float(f"0.{percent}"), 1 - (100 - percent) / 100, 0.01 * percent):
        assert PRECISIONS[row_of_precision(precision)] == pytest.approx(percent / 100)


@given(st.floats(0.5, 0.99))
def test_row_of_precision_promises_no_less_than_was_asked_for(precision):
    assert 0 <= PRECISIONS[row_of_precision(precision)] - precision + 1e-7 < 0.01 + 1e-6


@pytest.mark.parametrize(("precision", "row"), [(0.0, 0), (0.49, 0), (0.995, len(PRECISIONS) - 1), (1.0, 49)])
def test_row_of_precision_outside_of_the_table_is_its_nearest_end(precision, row):
    assert row_of_precision(precision) == row


def test_no_evidence_is_the_table_of_no_sentences():
    empty = threshold_table(np.zeros((0, 3), np.float32), np.zeros((0, 3), bool), DOMAINS)
    assert (no_evidence(3) == empty).all()
    assert no_evidence(3).dtype == empty.dtype
