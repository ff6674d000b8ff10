"""Thresholds of single codes: held equal to testing one threshold after the other with scipy's binomial test."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from evaluation.study_quality.risk_control import RISK, fewest_judged, lowest_safe_threshold

JUDGED = st.lists(st.tuples(st.sampled_from([0.2, 0.4, 0.6, 0.8, 0.9]), st.booleans()), max_size=50)
PRECISION = st.sampled_from([0.5, 0.6, 0.75, 0.9])


def columns(judged):
    chances, right = zip(*judged, strict=True) if judged else ((), ())
    return np.array(chances, np.float64), np.array(right, bool)


@given(JUDGED, PRECISION)
def test_lowest_safe_threshold_tests_from_high_to_low_until_the_first_failure(judged, precision):
    chances, right = columns(judged)
    expected = None
    for threshold in sorted({*chances.tolist()}, reverse=True):
        taken = right[chances >= threshold]
        if len(taken) < fewest_judged(precision):
            continue
        wrong = int((~taken).sum())
        if binomtest(wrong, len(taken), 1 - precision, alternative="less").pvalue > RISK:
            break
        expected = threshold
    assert lowest_safe_threshold(chances, right, precision) == expected


@given(JUDGED, PRECISION, st.randoms())
def test_lowest_safe_threshold_does_not_know_the_order_of_suggestions(judged, precision, random):
    shuffled = [*judged]
    random.shuffle(shuffled)
    assert lowest_safe_threshold(*columns(shuffled), precision) == lowest_safe_threshold(*columns(judged), precision)


@given(JUDGED)
def test_lowest_safe_threshold_never_falls_with_the_precision_asked_for(judged):
    found = [lowest_safe_threshold(*columns(judged), precision) for precision in (0.5, 0.6, 0.75, 0.9)]
    safe = [2.0 if threshold is None else threshold for threshold in found]
    assert all(threshold is not None for threshold in found) or safe.count(2.0)
    for precision, threshold in zip((0.5, 0.6, 0.75, 0.9), found, strict=True):
        if threshold is not None:
            chances, right = columns(judged)
            assert right[chances >= threshold].mean() > precision


@pytest.mark.parametrize(("precision", "fewest"), [(0.5, 5), (0.75, 11), (0.9, 29), (0.95, 59), (0.99, 299)])
def test_fewest_judged_by_hand(precision, fewest):
    assert fewest_judged(precision) == fewest
