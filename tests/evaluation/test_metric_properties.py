"""What must hold of metrics whatever the data: symmetry, bounds, invariance; and cases worked out by hand."""

from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata
from sklearn.metrics import (
    brier_score_loss,
    f1_score,
    precision_score,
    recall_score,
    top_k_accuracy_score,
)

from corpus.suggestion import Suggestion
from corpus.transcript import Role, Segment, Span
from evaluation.metrics.agreement import (
    Counts,
    cohen_kappa,
    counts_by_document,
    gwet_ac1,
    krippendorff_alpha,
    pabak,
    prevalence,
)
from evaluation.metrics.alignment import compare, merged, passages_of, sentence_codes
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
from evaluation.metrics.spans import share_half
from tests.evaluation.support import BOOK

COEFFICIENTS = {
    "kappa": cohen_kappa,
    "ac1": gwet_ac1,
    "pabak": pabak,
    "alpha": krippendorff_alpha,
}
CELLS = st.tuples(*[st.integers(0, 12)] * 4)
SPANS = st.tuples(st.integers(0, 40), st.integers(1, 15)).map(lambda pair: Span(pair[0], sum(pair)))
DATA = np.ones((1, 1))
"""Weights of one document as it is."""
few = settings(max_examples=25)


def counts(both, first, second, neither):
    return Counts(*(np.array([float(n)]) for n in (both, first, second, neither)))


def mark(span, code="money"):
    return Suggestion(span, (), code, 0.5, 1)


def single(values):
    """The only value of an array of one."""
    (value,) = np.asarray(values).reshape(-1)
    return float(value)


# Agreement


@pytest.mark.parametrize("name", COEFFICIENTS)
@given(cells=CELLS)
def test_agreement_is_the_same_whoever_comes_first(name, cells):
    both, first, second, neither = cells
    ours, theirs = (COEFFICIENTS[name](counts(both, *sides, neither)) for sides in ((first, second), (second, first)))
    np.testing.assert_allclose(ours, theirs, equal_nan=True)


@pytest.mark.parametrize("name", COEFFICIENTS)
@given(cells=CELLS)
def test_agreement_is_the_same_if_given_and_not_given_change_names(name, cells):
    both, first, second, neither = cells
    np.testing.assert_allclose(
        COEFFICIENTS[name](counts(both, first, second, neither)),
        COEFFICIENTS[name](counts(neither, second, first, both)),
        equal_nan=True,
    )


@pytest.mark.parametrize("name", COEFFICIENTS)
@given(cells=CELLS)
def test_agreement_is_at_most_one_and_one_only_without_disagreement(name, cells):
    value = single(COEFFICIENTS[name](counts(*cells)))
    if not np.isnan(value):
        assert value <= 1 + 1e-12
        assert (value == pytest.approx(1)) == (cells[1] == cells[2] == 0)


@pytest.mark.parametrize("name", ["kappa", "ac1", "pabak"])
@given(cells=CELLS, times=st.integers(2, 9))
def test_agreement_does_not_depend_on_how_often_all_was_counted(name, cells, times):
    once, often = (COEFFICIENTS[name](counts(*(n * factor for n in cells))) for factor in (1, times))
    np.testing.assert_allclose(once, often, equal_nan=True)


@pytest.mark.parametrize(
    ("cells", "kappa", "ac1", "pabak_", "alpha"),
    [
        ((0, 5, 5, 0), -1.0, -1.0, -1.0, -0.9),
        ((25, 25, 25, 25), 0.0, 0.0, 0.0, 1 - 0.5 / (2 * 100 * 100 / (200 * 199))),
        ((0, 1, 1, 98), -0.0101010, 0.9795960, 0.96, -0.0050505),
        ((20, 5, 10, 15), 0.4, 0.4059406, 0.4, 0.4),
    ],
    ids=["never agree", "as chance has it", "rare code missed once by each", "textbook of Cohen's kappa"],
)
def test_agreement_of_a_table_by_hand(cells, kappa, ac1, pabak_, alpha):
    table = counts(*cells)
    assert single(cohen_kappa(table)) == pytest.approx(kappa, abs=1e-6)
    assert single(gwet_ac1(table)) == pytest.approx(ac1, abs=1e-6)
    assert single(pabak(table)) == pytest.approx(pabak_)
    assert single(krippendorff_alpha(table)) == pytest.approx(alpha, abs=1e-6)


@pytest.mark.parametrize("name", COEFFICIENTS)
def test_agreement_on_nothing_is_undefined(name):
    assert np.isnan(single(COEFFICIENTS[name](counts(0, 0, 0, 0))))


@pytest.mark.parametrize("cells", [(7, 0, 0, 0), (0, 0, 0, 7)], ids=["all given", "none given"])
def test_kappa_is_undefined_and_ac1_one_where_everything_is_equal(cells):
    assert np.isnan(single(cohen_kappa(counts(*cells))))
    assert single(gwet_ac1(counts(*cells))) == single(pabak(counts(*cells))) == 1


def test_prevalence_is_the_second_coders_share():
    assert single(prevalence(counts(2, 3, 1, 4))) == pytest.approx(0.3)
    assert np.isnan(single(prevalence(counts(0, 0, 0, 0))))


@few
@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 3)), min_size=1, max_size=30), st.randoms())
def test_counts_by_document_add_up_and_do_not_know_the_order_of_rows(decisions, random):
    def count(given_rows):
        machine, human, documents = (np.array(column) for column in zip(*given_rows, strict=True))
        return counts_by_document(machine[:, None], human[:, None], indicator(documents, 4))

    shuffled = list(decisions)
    random.shuffle(shuffled)
    ours, theirs = count(decisions), count(shuffled)
    assert ours.n.sum() == len(decisions)
    for name in ("both", "first", "second", "neither"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))


def test_weighted_counts_are_those_of_the_documents_drawn():
    table = Counts(*(np.array([n, 10.0 * n]) for n in (1.0, 2.0, 3.0, 4.0)))
    drawn = table.weighted(np.array([[1.0, 1.0], [2.0, 0.0]]))
    assert drawn.both.tolist() == [11, 2]
    assert drawn.n.tolist() == [110, 20]


# Intervals


@few
@given(st.lists(st.floats(0, 1), min_size=2, max_size=8), st.integers(0, 3))
def test_an_interval_of_a_mean_lies_between_the_least_and_the_largest_document(means, seed):
    bootstrap = Bootstrap(len(means), 100, seed)
    values = bootstrap.weights @ np.array(means) / len(means)
    score = bootstrap.score(values, FEWEST)
    assert min(means) - 1e-9 <= score.low <= score.high <= max(means) + 1e-9


@few
@given(st.integers(2, 9), st.integers(0, 5))
def test_every_draw_has_as_many_documents_as_there_are(documents, seed):
    weights = Bootstrap(documents, 50, seed).weights
    assert (weights.sum(axis=1) == documents).all()
    assert (weights[0] == 1).all()
    assert len(np.unique(weights[1:], axis=0)) == len(weights) - 1


def test_a_bootstrap_is_the_same_for_a_seed_and_another_for_another():
    assert np.array_equal(Bootstrap(5, 30, 1).weights, Bootstrap(5, 30, 1).weights)
    assert not np.array_equal(Bootstrap(5, 30, 1).weights, Bootstrap(5, 30, 2).weights)


def test_draws_that_leave_a_score_undefined_do_not_enter_its_interval():
    bootstrap = Bootstrap(2, 100)
    values = np.array([0.5 if row.all() else np.nan for row in bootstrap.weights])
    assert bootstrap.score(values, FEWEST) == Score(0.5, 0.5, 0.5, FEWEST)


def test_an_interval_with_no_defined_draw_is_absent():
    bootstrap = Bootstrap(3, 10)
    values = np.full(len(bootstrap.weights), np.nan)
    values[0] = 0.25
    assert bootstrap.score(values, FEWEST) == Score(0.25, None, None, FEWEST)


@pytest.mark.parametrize(("n", "value"), [(FEWEST - 1, None), (FEWEST, 0.5)], ids=["too few", "just enough"])
def test_a_score_needs_the_fewest_cases(n, value):
    bootstrap = Bootstrap(2, 10)
    assert bootstrap.score(np.full(len(bootstrap.weights), 0.5), n).value == value


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (Score(0.5, 0.25, 0.75, 9), {"value": 0.5, "low": 0.25, "high": 0.75, "n": 9}),
        (Score(0.5, None, None, 9), {"value": 0.5, "low": None, "high": None, "n": 9}),
        (Score(None, None, None, 2), {"insufficient": 2}),
        (Score(0.0, 0.0, 0.0, 5), {"value": 0.0, "low": 0.0, "high": 0.0, "n": 5}),
    ],
    ids=["whole", "one document", "insufficient", "zero is a value"],
)
def test_a_score_as_json(score, expected):
    assert score.to_json() == expected


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-3, 3)), max_size=12))
def test_ratio_divides_where_it_can(pairs):
    top, bottom = (np.array([pair[side] for pair in pairs], dtype=float) for side in (0, 1))
    expected = [t / b if b else np.nan for t, b in pairs]
    np.testing.assert_allclose(ratio(top, bottom), expected, equal_nan=True)


def test_ratio_broadcasts_a_row_over_draws():
    np.testing.assert_array_equal(ratio(np.array([[2.0], [4.0]]), np.array([2.0, 0.0])), [[1, np.nan], [2, np.nan]])


# Spans and passages


@given(SPANS, SPANS, st.sampled_from(["either", "both"]))
def test_share_half_does_not_know_which_span_comes_first(first, second, of):
    shared, lengths = np.array([first.overlap(second)]), [np.array([len(span)]) for span in (first, second)]
    assert share_half(shared, *lengths, of=of) == share_half(shared, *reversed(lengths), of=of)


def test_share_half_counts_exactly_half_and_never_nothing():
    shared, short, long = np.array([0, 4, 5, 5]), np.array([1, 10, 10, 10]), np.array([1, 10, 10, 11])
    assert share_half(shared, short, long, of="either").tolist() == [False, False, True, True]
    assert share_half(shared, short, long, of="both").tolist() == [False, False, True, False]


@few
@given(st.lists(SPANS, max_size=8), st.randoms())
def test_merging_does_not_know_order_and_changes_nothing_twice(spans, random):
    shuffled = list(spans)
    random.shuffle(shuffled)
    assert merged(spans) == merged(shuffled) == merged(merged(spans))


def test_merging_leaves_spans_apart_that_only_touch():
    assert merged([Span(5, 9), Span(0, 5)]) == [Span(0, 5), Span(5, 9)]
    assert merged([]) == []


@few
@given(st.lists(SPANS, max_size=7), st.lists(SPANS, max_size=7))
def test_comparison_never_counts_a_passage_or_character_twice(suggested, human):
    ours, theirs = ({0: merged(spans)} if spans else {} for spans in (suggested, human))
    found = compare([ours], [theirs], 1)
    assert found.hits.correct[0, 0] <= found.hits.suggested[0, 0] == len(merged(suggested))
    assert found.hits.found[0, 0] <= found.hits.human[0, 0] == len(merged(human))
    characters = [{n for span in spans for n in range(span.start, span.end)} for spans in (suggested, human)]
    assert found.shared[0, 0] == len(characters[0] & characters[1])
    assert (found.suggested[0, 0], found.human[0, 0]) == tuple(map(len, characters))


@few
@given(st.lists(SPANS, max_size=6), st.lists(SPANS, max_size=6))
def test_comparison_the_other_way_round_changes_sides(suggested, human):
    ours, theirs = ({0: merged(spans)} if spans else {} for spans in (suggested, human))
    one_way, other_way = compare([ours], [theirs], 1), compare([theirs], [ours], 1)
    np.testing.assert_array_equal(one_way.hits.correct, other_way.hits.found)
    np.testing.assert_array_equal(one_way.hits.suggested, other_way.hits.human)
    np.testing.assert_array_equal(one_way.shared, other_way.shared)


def test_comparison_refuses_documents_that_do_not_match():
    with pytest.raises(ValueError, match="zip"):
        compare([{}], [{}, {}], 1)


def test_comparison_keeps_documents_and_labels_apart():
    found = compare([{0: [Span(0, 4)]}, {1: [Span(0, 4)]}], [{0: [Span(2, 6)]}, {0: [Span(0, 4)]}], 2)
    assert found.hits.correct.tolist() == [[1, 0], [0, 0]]
    assert found.hits.suggested.tolist() == [[1, 0], [0, 1]]
    assert found.hits.human.tolist() == [[1, 0], [1, 0]]
    assert found.shared.tolist() == [[2, 0], [0, 0]]


@few
@given(st.lists(st.tuples(SPANS, st.sampled_from(BOOK.ids)), max_size=8), st.randoms())
def test_sentences_bear_codes_whatever_the_order_of_marks(given_marks, random):
    segments = [Segment(f"s{n}", Span(8 * n, 8 * n + 7), 0, "P", Role.PARTICIPANT) for n in range(7)]
    marks = [mark(span, code) for span, code in given_marks]
    shuffled = list(marks)
    random.shuffle(shuffled)
    flags = sentence_codes(segments, marks, BOOK)
    np.testing.assert_array_equal(flags, sentence_codes(segments, shuffled, BOOK))
    for row, (segment, column) in zip(flags.reshape(-1), product(segments, BOOK.ids), strict=True):
        assert row == any(m.span.shares_half(segment.span, of="either") for m in marks if m.code == column)


def test_sentence_codes_of_nothing_are_an_empty_matrix():
    assert sentence_codes([], [], BOOK).shape == (0, 3)
    assert sentence_codes([], [mark(Span(0, 3))], BOOK).shape == (0, 3)


def test_passages_of_codes_without_a_column_are_left_out():
    marks = [mark(Span(0, 5)), mark(Span(3, 8), "staff"), mark(Span(20, 22), "trust")]
    assert passages_of(marks, {"money": 0, "staff": 0}) == {0: [Span(0, 8)]}


# Rankings


@few
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 6), st.integers(0, 2)), min_size=1, max_size=30), st.randoms())
def test_rankings_do_not_know_the_order_of_rows(cells, random):
    weights = np.array([[1.0, 2.0, 0.0], [1.0, 1.0, 1.0]])
    shuffled = list(cells)
    random.shuffle(shuffled)
    one, other = (Ranking(*(np.array(column) for column in zip(*each, strict=True))) for each in (cells, shuffled))
    for measure in ("average_precision", "auc", "work_saved"):
        np.testing.assert_allclose(getattr(one, measure)(weights), getattr(other, measure)(weights), equal_nan=True)


@few
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=1, max_size=30))
def test_rankings_look_at_the_order_of_scores_only(cells):
    labels, scores = (np.array(column) for column in zip(*cells, strict=True))
    places = np.zeros(len(labels), dtype=np.intp)
    plain, bent = Ranking(labels, scores / 6, places), Ranking(labels, np.exp(scores.astype(float)), places)
    for measure in ("average_precision", "auc", "work_saved"):
        np.testing.assert_allclose(getattr(plain, measure)(DATA), getattr(bent, measure)(DATA), equal_nan=True)


@few
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=1, max_size=30))
def test_auc_equals_mann_whitney(cells):
    labels, scores = (np.array(column) for column in zip(*cells, strict=True))
    assume(labels.any() and not labels.all())
    ranks, positives = rankdata(scores), labels.sum()
    expected = (ranks[labels].sum() - positives * (positives + 1) / 2) / (positives * (~labels).sum())
    ranking = Ranking(labels, scores.astype(float), np.zeros(len(labels), dtype=np.intp))
    assert single(ranking.auc(DATA)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("labels", "precision", "area"),
    [([True, True, False], 1.0, 1.0), ([False, False, True], 1 / 3, 0.0), ([True, False, True], (1 + 2 / 3) / 2, 0.5)],
    ids=["best", "worst", "one between"],
)
def test_ranking_by_hand(labels, precision, area):
    ranking = Ranking(np.array(labels), np.array([0.9, 0.5, 0.1]), np.zeros(3, dtype=np.intp))
    assert single(ranking.average_precision(DATA)) == pytest.approx(precision)
    assert single(ranking.auc(DATA)) == pytest.approx(area)


def test_work_saved_without_positives_is_undefined():
    ranking = Ranking(np.zeros(4, dtype=bool), np.arange(4.0), np.zeros(4, dtype=np.intp))
    assert np.isnan(single(ranking.work_saved(DATA)))
    assert ranking.positives == 0


@few
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=25))
def test_hits_equal_scikit_learn_where_each_row_is_a_suggestion(cells):
    machine, human = (np.array(column) for column in zip(*cells, strict=True))
    right, sums = (machine & human).sum(), [np.array([[float(column.sum())]]) for column in (machine, human)]
    hits = Hits(np.array([[float(right)]]), sums[0], np.array([[float(right)]]), sums[1])
    for name, reference in {"precision": precision_score, "recall": recall_score, "f1": f1_score}.items():
        ours = single(getattr(hits, name)(DATA))
        expected = reference(human, machine, zero_division=np.nan if name != "f1" else 0.0)
        if name == "f1" and not human.any():
            assert ours == 0 or np.isnan(ours)
        else:
            np.testing.assert_allclose(ours, expected, equal_nan=True)


def test_micro_hits_sum_over_labels():
    hits = Hits(*(np.array([[1.0, 2.0], [3.0, 4.0]]) * n for n in (1, 2, 3, 4)))
    assert hits.micro().correct.tolist() == [[3], [7]]
    assert hits.micro().human.tolist() == [[12], [28]]


@few
@given(st.integers(1, 4), st.lists(st.permutations(range(4)), min_size=2, max_size=20), st.data())
def test_in_top_equals_scikit_learn(k, orders, data):
    scores = np.array(orders, dtype=float)
    true = np.array(data.draw(st.lists(st.integers(0, 3), min_size=len(orders), max_size=len(orders))))
    truth = np.eye(4, dtype=bool)[true]
    assert in_top(truth, scores, k).mean() == pytest.approx(
        top_k_accuracy_score(true, scores, k=k, labels=range(4)) if k < 4 else 1.0
    )


def test_in_top_of_equal_scores_takes_the_first_labels():
    truth = np.eye(3, dtype=bool)
    assert in_top(truth, np.full((3, 3), 0.5), 1).tolist() == [True, False, False]
    assert in_top(truth, np.full((3, 3), 0.5), 2).tolist() == [True, True, False]
    assert not in_top(np.zeros((2, 3), dtype=bool), np.zeros((2, 3)), 3).any()


def test_top_label_is_the_first_of_the_most_probable():
    right, confidence = top_label(np.array([[False, True], [True, False]]), np.array([[0.4, 0.4], [0.2, 0.9]]))
    assert right.tolist() == [False, False]
    assert confidence.tolist() == [0.4, 0.9]


@few
@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=2, max_size=25))
def test_brier_equals_scikit_learn_and_calibration_error_is_a_share(cells):
    right, confidence = (np.array(column) for column in zip(*cells, strict=True))
    sums = np.ones((1, len(cells)))
    assert single(brier(right, confidence, sums, DATA)) == pytest.approx(
        brier_score_loss(right, confidence, pos_label=True)
    )
    error = single(expected_calibration_error(right, confidence, sums, DATA))
    assert abs(right.mean() - confidence.mean()) - 1e-9 <= error <= 1


@pytest.mark.parametrize(
    ("right", "confidence", "error"),
    [
        ([True, True], [1.0, 1.0], 0.0),
        ([False, False], [1.0, 1.0], 1.0),
        ([True, False], [0.5, 0.5], 0.0),
        ([True, False], [0.25, 0.75], 0.75),
    ],
    ids=["sure and right", "sure and wrong", "one bin evens out", "two bins do not"],
)
def test_calibration_error_by_hand(right, confidence, error):
    found = expected_calibration_error(np.array(right), np.array(confidence), np.ones((1, 2)), DATA)
    assert single(found) == pytest.approx(error)


def test_indicator_sums_by_document_and_keeps_empty_documents():
    assert (indicator(np.array([2, 0, 2]), 4) @ np.array([1.0, 2.0, 4.0])).tolist() == [2, 0, 5, 0]
