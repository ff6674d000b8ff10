"""Live agreement: equal to textbook implementations on the same sentences, and never more than the counts allow."""

import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from corpus.codings import Coding
from corpus.transcript import Role, Segment, Span
from evaluation.metrics.alignment import sentence_codes
from evaluation.study_quality.agreement import Pair, agreement_of
from evaluation.study_quality.sentences import CodedSpans, row_of
from tests.evaluation.support import BOOK

SENTENCE, SENTENCES = 10, 12
SPANS = np.array([[n * SENTENCE, n * SENTENCE + 9] for n in range(SENTENCES)])
CODES = len(BOOK.ids)
BITS = 2 * SENTENCES * CODES
FLAGS = st.binary(min_size=BITS // 8, max_size=BITS // 8).map(
    lambda bits: np.unpackbits(np.frombuffer(bits, dtype=np.uint8)).reshape(2 * SENTENCES, CODES).astype(bool)
)
"""Which of two documents' sentences bear which codes."""


def marks_of(flags):
    """Marks that cover exactly the sentences that ``flags`` says, of versions 7 and 9."""
    sentence, code = np.nonzero(flags)
    spans = SPANS[sentence % SENTENCES]
    return CodedSpans(np.where(sentence < SENTENCES, 7, 9), spans[:, 0], spans[:, 1], code)


def compared(first, second):
    row = row_of({9: SPANS, 7: SPANS})
    return agreement_of(Pair(("Ada", "Ben"), row, marks_of(first), marks_of(second)), BOOK)


def flags(*cells):
    """Flags of one document and a second without any code."""
    made = np.zeros((2 * SENTENCES, CODES), dtype=bool)
    made[tuple(zip(*cells, strict=True))] = True
    return made


def test_a_case_by_hand():
    both = [(n, 0) for n in range(4)]
    found = compared(flags(*both, (4, 0)), flags(*both, (5, 0), (6, 0)))
    money = found.codes[0]
    assert (found.units, found.transcripts, found.provisional) == (24, 2, False)
    assert (money.label, money.n) == ("money", 24)
    assert money.percent == pytest.approx(21 / 24)
    expected = (5 * 6 + 19 * 18) / 24**2
    assert money.kappa == pytest.approx((21 / 24 - expected) / (1 - expected))
    share = 11 / 48
    assert money.prevalence == pytest.approx(share)
    assert money.ac1 == pytest.approx((21 / 24 - 2 * share * (1 - share)) / (1 - 2 * share * (1 - share)))
    assert money.coded_only.n == 7
    assert money.coded_only.percent == pytest.approx(4 / 7)


def test_codes_of_one_domain_agree_as_the_domain():
    found = compared(flags((0, 0)), flags((0, 1)))
    means = next(one for one in found.domains if one.label == "Means")
    assert means.percent == 1
    assert means.kappa == 1
    assert found.codes[0].kappa == 0


def test_what_is_undefined_is_none():
    trust = compared(flags((0, 0)), flags((0, 0))).codes[2]
    assert (trust.label, trust.percent, trust.kappa, trust.alpha, trust.ac1) == ("trust", 1, None, None, 1)


def test_without_a_common_transcript_nothing_is_defined():
    nobody = marks_of(np.zeros((0, CODES), dtype=bool))
    found = agreement_of(Pair(("Ada", "Ben"), row_of({}), nobody, nobody), BOOK)
    assert (found.units, found.transcripts) == (0, 0)
    assert {found.overall.percent, found.overall.kappa, found.overall.prevalence, found.overall.low} == {None}


def test_kappa_over_all_codes_has_an_interval_where_transcripts_can_be_drawn():
    both = [(n, 0) for n in range(6)]
    first, second = flags(*both, (14, 1), (15, 1)), flags(*both, (14, 1), (16, 1))
    several = compared(first, second).overall
    assert several.low < several.kappa < several.high == 1
    alone = Pair(("Ada", "Ben"), row_of({7: SPANS}), marks_of(flags(*both)), marks_of(flags(*both)))
    assert (agreement_of(alone, BOOK).overall.low, agreement_of(alone, BOOK).overall.kappa) == (None, 1)


@given(FLAGS, FLAGS)
def test_equal_to_scikit_learn_and_krippendorff(first, second):
    found = compared(first, second)
    for column, one in enumerate(found.codes):
        pair = first[:, column].astype(int), second[:, column].astype(int)
        assert one.percent == pytest.approx((pair[0] == pair[1]).mean())
        if len({*pair[0], *pair[1]}) == 2:
            assert one.alpha == pytest.approx(krippendorff.alpha(pair, level_of_measurement="nominal"))
            assert one.kappa == pytest.approx(cohen_kappa_score(*pair))
    pooled = first.ravel().astype(int), second.ravel().astype(int)
    if len({*pooled[0], *pooled[1]}) == 2:
        assert found.overall.kappa == pytest.approx(cohen_kappa_score(*pooled))


@given(FLAGS, FLAGS)
def test_coded_only_is_agreement_on_the_sentences_that_either_coded(first, second):
    coded = first.any(axis=1) | second.any(axis=1)
    found = compared(first, second)
    assert found.overall.coded_only.n == CODES * coded.sum()
    if coded.any():
        assert found.overall.coded_only.percent == pytest.approx((first[coded] == second[coded]).mean())


@given(FLAGS, FLAGS)
def test_who_comes_first_does_not_matter(first, second):
    one, other = compared(first, second), compared(second, first)
    assert one.overall == other.overall
    assert (one.codes, one.domains) == (other.codes, other.domains)


@given(FLAGS)
def test_coders_who_do_the_same_agree_fully(given_codes):
    found = compared(given_codes, given_codes)
    for one in (found.overall, *found.codes, *found.domains):
        assert one.percent == 1
        assert {one.kappa, one.ac1, one.alpha} <= {1, None}


@given(FLAGS, FLAGS, st.permutations(range(CODES)))
def test_renaming_codes_only_reorders_them(first, second, order):
    usual, renamed = compared(first, second), compared(first[:, order], second[:, order])
    assert [one.kappa for one in renamed.codes] == [usual.codes[column].kappa for column in order]
    assert renamed.overall.kappa == usual.overall.kappa


@given(FLAGS, FLAGS)
def test_numbers_stay_where_they_belong(first, second):
    found = compared(first, second)
    for one in (found.overall, *found.domains, *found.codes):
        assert 0 <= one.percent <= 1
        assert 0 <= one.prevalence <= 1
        assert one.kappa is None or -1 <= one.kappa <= 1
    if found.overall.low is not None:
        assert found.overall.low <= found.overall.high


SPAN = st.tuples(st.integers(0, 118), st.integers(1, 40)).map(lambda at: Span(at[0], at[0] + at[1]))


@given(st.lists(st.tuples(SPAN, st.sampled_from(BOOK.ids)), max_size=8))
def test_sentences_bear_codes_by_the_rule_of_the_benchmarks(codings):
    segments = [Segment(f"s{n}", Span(*map(int, one)), 0, "P01", Role.PARTICIPANT) for n, one in enumerate(SPANS)]
    expected = sentence_codes(segments, [Coding("P01", span, code) for span, code in codings], BOOK)
    columns = [[7, span.start, span.end, BOOK.ids.index(code)] for span, code in codings]
    marks = CodedSpans(*np.array(columns, dtype=np.int64).reshape(-1, 4).T)
    sentence, mark = row_of({7: SPANS}).bearing(marks)
    found = np.zeros_like(expected)
    found[sentence, marks.codes[mark]] = True
    assert (found == expected).all()
