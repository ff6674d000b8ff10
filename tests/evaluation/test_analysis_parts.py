"""Counting words and codes: pure functions, each against a plain reading."""

import math
from collections import Counter, defaultdict
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.analysis.crossing import crossed, distinct, parts_of, together
from evaluation.analysis.keyness import log_likelihood, log_ratio
from evaluation.analysis.words import stop_words, words_of
from pipeline.languages import LANGUAGES

SHAPE = (3, 4)
ITEMS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 4)), max_size=25)


def columns(rows, width=3):
    return np.array(rows, dtype=np.int64).reshape(-1, width).T


@given(ITEMS)
def test_crossed_counts_items_in_cells(items):
    rows, cells, _ = columns(items)
    expected = Counter((row, column) for row, column, _ in items)
    assert crossed(rows, cells, SHAPE).tolist() == [[expected[row, n] for n in range(4)] for row in range(3)]


@given(ITEMS)
def test_distinct_counts_units_in_cells_once(items):
    expected = Counter((row, column) for row, column, _ in set(items))
    assert distinct(*columns(items), SHAPE).tolist() == [[expected[row, n] for n in range(4)] for row in range(3)]


@given(st.lists(st.tuples(st.integers(-5, 5), st.integers(0, 3)), max_size=30))
def test_together_is_what_sets_of_units_share(codings):
    bearing = defaultdict(set)
    for unit, code in codings:
        bearing[code].add(unit)
    found = together(*columns(codings, 2), 4)
    assert found.units.tolist() == [len(bearing[code]) for code in range(4)]
    for first, second in combinations(range(4), 2):
        both, either = bearing[first] & bearing[second], bearing[first] | bearing[second]
        assert found.shared[first, second] == found.shared[second, first] == len(both)
        assert found.jaccard[first, second] == pytest.approx(len(both) / len(either) if either else 0)


@given(st.floats(0, 1), st.integers(1, 20))
def test_parts_of_a_text_are_equal_and_the_end_is_in_the_last(position, count):
    (part,) = parts_of(np.array([position]), count).tolist()
    assert 0 <= part < count
    assert part / count <= position + 1e-12
    assert position <= (part + 1) / count + 1e-12


COUNTS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=6)


@given(COUNTS, st.integers(0, 500), st.integers(0, 500))
def test_log_likelihood_is_the_formula_of_rayson_and_garside(counts, more_here, more_elsewhere):
    here, elsewhere = columns(counts, 2)
    sizes = int(here.sum()) + more_here, int(elsewhere.sum()) + more_elsewhere
    for found, (a, b) in zip(log_likelihood(here, elsewhere, *sizes), counts, strict=True):
        if not all(sizes):
            assert found == 0
            continue
        c, d = sizes
        expected = c * (a + b) / (c + d), d * (a + b) / (c + d)
        sums = [seen * math.log(seen / due) for seen, due in zip((a, b), expected, strict=True) if seen]
        assert found == pytest.approx(max(0, 2 * sum(sums)), abs=1e-9)


def test_log_likelihood_and_log_ratio_of_a_worked_example():
    here, elsewhere = np.array([30, 5, 0]), np.array([10, 10, 8])
    assert log_likelihood(here, elsewhere, 1000, 2000).round(2).tolist() == [29.04, 0.0, 6.49]
    assert log_ratio(here, elsewhere, 1000, 2000).round(2).tolist() == [2.58, 0.0, -3.0]


@given(COUNTS)
def test_log_ratio_turns_its_sign_when_the_groups_change_places(counts):
    here, elsewhere = columns(counts, 2)
    sizes = int(here.sum()) + 1, int(elsewhere.sum()) + 1
    assert log_ratio(here, elsewhere, *sizes) == pytest.approx(-log_ratio(elsewhere, here, *reversed(sizes)))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I don\u2019t know, DON'T ask", ["i", "don't", "know", "don't", "ask"]),
        ("Stra\u00dfe \u00c4rzte 2024 GP2 self-care", ["stra\u00dfe", "\u00e4rzte", "gp2", "self", "care"]),
        ("'quoted' a_b \u2026", ["quoted", "a", "b"]),
        ("", []),
    ],
)
def test_words_of_a_text(text, words):
    assert words_of(text) == words


@pytest.mark.parametrize("language", LANGUAGES)
def test_stop_words_are_there_for_every_language_as_words_are_counted(language):
    found = stop_words(language)
    assert len(found) > 150
    assert all(word == word.lower() and "\u2019" not in word for word in found)


def test_stop_words_of_no_language_are_none():
    assert stop_words("") == frozenset()
    assert {"the", "and", "mhm"} <= stop_words("en")
    assert {"und", "nicht"} <= stop_words("de")
