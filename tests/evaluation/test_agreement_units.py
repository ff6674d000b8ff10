"""Agreement by sentence, turn, transcript and passage, and intervals that are those of irrCAC."""

from dataclasses import asdict

import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.metrics.agreement import (
    Counts,
    ac1_error,
    alpha_error,
    cohen_kappa,
    gwet_ac1,
    interval_over_units,
    kappa_error,
    krippendorff_alpha,
)
from evaluation.metrics.intervals import FEWEST
from evaluation.study_quality.agreement import Pair, agreement_of
from evaluation.study_quality.sentences import CodedSpans, row_of
from evaluation.study_quality.types import DrawnOver, Unit
from tests.evaluation.support import BOOK

IRRCAC = [
    (
        (40, 5, 7, 148),
        (0.830628088, 0.047297947, 0.737358591, 0.923897584),
        (0.907091979, 0.027173513, 0.853506992, 0.960676966),
        (0.831027668, 0.047317616, 0.737719385, 0.924335951),
    ),
    (
        (10, 3, 0, 87),
        (0.852941176, 0.083128724, 0.687995753, 1.000000000),
        (0.962332852, 0.022130806, 0.918420531, 1.000000000),
        (0.853352985, 0.083667222, 0.687339065, 1.000000000),
    ),
    (
        (5, 5, 5, 5),
        (0.000000000, 0.229415734, -0.480172649, 0.480172649),
        (0.000000000, 0.229415734, -0.480172649, 0.480172649),
        (0.025000000, 0.229415734, -0.455172649, 0.505172649),
    ),
    (
        (1, 0, 2, 57),
        (0.487179487, 0.308657320, -0.130442384, 1.000000000),
        (0.964370546, 0.025808629, 0.912727598, 1.000000000),
        (0.487068966, 0.315908081, -0.145061644, 1.000000000),
    ),
    (
        (60, 2, 9, 4),
        (0.349881797, 0.148889917, 0.053212161, 0.646551433),
        (0.811665335, 0.060045294, 0.692022476, 0.931308194),
        (0.341502611, 0.156944886, 0.028783100, 0.654222123),
    ),
    (
        (0, 4, 6, 90),
        (-0.050420168, 0.017384576, -0.084914939, -0.015925398),
        (0.889502762, 0.036629381, 0.816822124, 0.962183401),
        (-0.047368421, 0.016704230, -0.080513237, -0.014223605),
    ),
    (
        (118, 5, 10, 0),
        (-0.052770449, 0.016958603, -0.086316241, -0.019224657),
        (0.873786101, 0.034261966, 0.806012546, 0.941559655),
        (-0.055776892, 0.015460868, -0.086360017, -0.025193768),
    ),
    (
        (3, 11, 2, 924),
        (0.310383747, 0.138484666, 0.038608480, 0.582159014),
        (0.985887850, 0.003942682, 0.978150362, 0.993625338),
        (0.309171639, 0.139311486, 0.035773744, 0.582569535),
    ),
]
"""What irrCAC 0.4.4 (``CAC.conger``, ``gwet``, ``krippendorff``; Conger's kappa of two raters is Cohen's) gives for
both, only the first, only the second, neither: coefficient, standard error and the ends of the 95% interval."""
MEASURES = ((cohen_kappa, kappa_error), (gwet_ac1, ac1_error), (krippendorff_alpha, alpha_error))
SENTENCES, LENGTH, A_TURN = 12, 10, 3
SPANS = np.array([[n * LENGTH, n * LENGTH + LENGTH - 1] for n in range(SENTENCES)])
TURNS = np.arange(SENTENCES) // A_TURN
CODES = len(BOOK.ids)
FLAGS = st.lists(st.booleans(), min_size=2 * SENTENCES * CODES, max_size=2 * SENTENCES * CODES).map(
    lambda bits: np.array(bits).reshape(2 * SENTENCES, CODES)
)


def table(cells):
    return Counts(*(np.array(float(cell)) for cell in cells))


@pytest.mark.parametrize(("cells", "kappa", "ac1", "alpha"), IRRCAC)
def test_coefficients_errors_and_intervals_are_those_of_irrcac(cells, kappa, ac1, alpha):
    counts = table(cells)
    for (measure, error), known in zip(MEASURES, (kappa, ac1, alpha), strict=True):
        value, spread = float(measure(counts)), float(error(counts))
        ends = interval_over_units(value, spread, int(counts.n))
        assert (value, spread, *ends) == pytest.approx(known, abs=1e-8)


@given(st.tuples(*[st.integers(0, 60)] * 4))
def test_errors_do_not_depend_on_who_comes_first_and_shrink_with_more_of_the_same(cells):
    both, first, second, neither = cells
    for measure, error in MEASURES:
        spread, swapped = (float(error(table(each))) for each in (cells, (both, second, first, neither)))
        assert spread == pytest.approx(swapped, nan_ok=True)
        more = table(tuple(4 * cell for cell in cells))
        if interval_over_units(float(measure(table(cells))), spread, sum(cells)) and measure is not krippendorff_alpha:
            assert float(error(more)) <= spread + 1e-12


def marks_of(flags, texts=2):
    sentence, code = np.nonzero(flags[: texts * SENTENCES])
    spans = SPANS[sentence % SENTENCES]
    return CodedSpans(sentence // SENTENCES, spans[:, 0], spans[:, 1], code)


def compared(first, second, unit, texts=2):
    row = row_of(dict.fromkeys(range(texts), SPANS), dict.fromkeys(range(texts), TURNS))
    pair = Pair(("Ada", "Ben"), row, marks_of(first, texts), marks_of(second, texts), unit=unit)
    return agreement_of(pair, BOOK)


@given(FLAGS, FLAGS, st.sampled_from([(Unit.SENTENCE, 1), (Unit.TURN, A_TURN), (Unit.TRANSCRIPT, SENTENCES)]))
def test_a_larger_unit_bears_what_any_sentence_in_it_bears(first, second, sized):
    unit, size = sized
    found = compared(first, second, unit)
    assert (found.unit, found.units) == (unit, 2 * SENTENCES // size)
    ours, theirs = (flags.reshape(-1, size, CODES).any(axis=1).astype(int) for flags in (first, second))
    for n, one in enumerate(found.codes):
        assert one.percent == pytest.approx((ours[:, n] == theirs[:, n]).mean())
        if len({*ours[:, n], *theirs[:, n]}) == 2:
            pair = [ours[:, n], theirs[:, n]]
            assert one.alpha == pytest.approx(krippendorff.alpha(pair, level_of_measurement="nominal"))


@given(FLAGS, FLAGS)
def test_passages_are_those_that_somebody_coded(first, second):
    found = compared(first, second, Unit.PASSAGE)
    assert (found.units > 0) == bool(first.any() or second.any())
    assert found.overall.n == found.units * CODES
    assert all(value == getattr(found.overall, name) for name, value in asdict(found.overall.coded_only).items())
    assert compared(first, first, Unit.PASSAGE).overall.percent in {1, None}


def test_one_passage_under_two_codes_is_one_unit_on_which_coders_differ():
    first, second = (np.zeros((2 * SENTENCES, CODES), dtype=bool) for _ in range(2))
    first[0, 0] = second[0, 2] = first[5, 0] = second[5, 0] = True
    found = compared(first, second, Unit.PASSAGE)
    money, _, trust = found.codes
    assert (found.units, money.percent, trust.percent) == (2, 0.5, 0.5)
    assert compared(first, second, Unit.SENTENCE).codes[0].percent == 23 / 24


def test_intervals_of_domains_rest_on_transcripts_where_there_are_enough_to_draw():
    rng = np.random.default_rng(3)
    texts = FEWEST
    first = rng.random((texts * SENTENCES, CODES)) < 0.4
    second = first ^ (rng.random(first.shape) < 0.1)
    for many, drawn_over in ((texts, DrawnOver.TRANSCRIPTS), (2, DrawnOver.UNITS)):
        found = compared(first, second, Unit.SENTENCE, many)
        assert found.drawn_over is drawn_over
        for one in (*found.domains, *found.codes):
            assert one.low <= one.kappa <= one.high
            assert one.ac1_low <= one.ac1 <= one.ac1_high
            assert one.alpha_low <= one.alpha <= one.alpha_high
    money, pair = found.codes[0], (first[: 2 * SENTENCES, 0], second[: 2 * SENTENCES, 0])
    cells = [
        (a & b).sum() for a, b in ((pair[0], pair[1]), (pair[0], ~pair[1]), (~pair[0], pair[1]), (~pair[0], ~pair[1]))
    ]
    ends = interval_over_units(money.kappa, float(kappa_error(table(cells))), 2 * SENTENCES)
    assert (money.low, money.high) == pytest.approx(ends)


def test_a_code_given_less_than_five_times_has_no_interval():
    first = np.zeros((2 * SENTENCES, CODES), dtype=bool)
    first[:4, 0] = True
    assert compared(first, first, Unit.SENTENCE).codes[0].low is None


@pytest.mark.parametrize("unit", Unit)
def test_what_a_paper_says_names_the_unit_and_what_is_undefined_says_nothing(unit):
    first, second = (np.zeros((2 * SENTENCES, CODES), dtype=bool) for _ in range(2))
    assert compared(first, second, unit).methods == ""
    first[0, 0] = second[0, 0] = second[1, 2] = True
    told = compared(first, second, unit).methods
    assert f"with the {unit} as the unit" in told
    assert "Krippendorff's alpha (nominal)" in told
