"""Curves, groupings and the blocks of a result: what must hold whatever the data, and cases worked out by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import (
    precision_recall_curve,
)

from corpus.codebook import Code, Codebook
from corpus.transcript import Span
from evaluation.metrics.agreement import (
    cohen_kappa,
    gwet_ac1,
    krippendorff_alpha,
    pabak,
)
from evaluation.metrics.alignment import compare
from evaluation.metrics.curves import POINTS, precision_coverage, precision_recall, reliability
from evaluation.metrics.grouping import by_construct, by_domain, by_level
from evaluation.metrics.intervals import Bootstrap, Score
from evaluation.metrics.measures import (
    Rows,
    agreement_block,
    calibration_block,
    confusion_block,
    first_choice,
    first_choice_hits,
    label_table,
    operating_point,
    passage_block,
    quote_block,
    work_saved_block,
)
from evaluation.metrics.ranking import (
    Hits,
)
from tests.evaluation.support import BOOK

COEFFICIENTS = {
    "kappa": cohen_kappa,
    "ac1": gwet_ac1,
    "pabak": pabak,
    "alpha": krippendorff_alpha,
}
few = settings(max_examples=25)


def rows(truth, scores, documents=None, book=BOOK, draws=200):
    places = np.zeros(len(truth), dtype=np.intp) if documents is None else np.asarray(documents, dtype=np.intp)
    return Rows(
        book,
        np.asarray(truth, dtype=bool).reshape(-1, len(book.codes)),
        np.asarray(scores, dtype=float).reshape(-1, len(book.codes)),
        places,
        Bootstrap(int(places.max(initial=0)) + 1, draws),
    )


# Curves


@few
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 9)), min_size=1, max_size=40))
def test_precision_recall_ends_where_all_is_found(cells):
    labels, scores = (np.array(column) for column in zip(*cells, strict=True))
    curve = precision_recall(labels, scores / 9)
    if not labels.any():
        assert curve == ()
        return
    assert curve[-1] == (1.0, round(float(labels.mean()), 4))
    recalls = [point[0] for point in curve]
    assert recalls == sorted(recalls)
    precision, recall, _ = precision_recall_curve(labels, scores / 9)
    known = {(round(r, 4), round(p, 4)) for r, p in zip(recall.tolist(), precision.tolist(), strict=True)}
    assert set(curve) <= known


def test_curves_are_thinned_to_so_many_points_with_both_ends():
    right = np.arange(1000) % 3 == 0
    curve = precision_coverage(right, np.linspace(1, 0, 1000))
    assert len(curve) <= POINTS + 2
    assert curve[0] == (0.001, 1.0)
    assert curve[-1] == (1.0, 0.334)


def test_precision_coverage_of_nothing_is_empty():
    assert precision_coverage(np.zeros(0, dtype=bool), np.zeros(0)) == ()


@few
@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), max_size=40))
def test_reliability_has_every_row_in_one_bin(cells):
    right = np.array([cell[0] for cell in cells], dtype=bool)
    confidence = np.array([cell[1] for cell in cells])
    curve = reliability(right, confidence)
    assert sum(n for _, _, n in curve) == len(cells)
    assert all(0 <= stated <= 1 and 0 <= share <= 1 for stated, share, _ in curve)
    assert [stated for stated, _, _ in curve] == sorted(stated for stated, _, _ in curve)


def test_reliability_puts_certainty_into_the_last_bin():
    assert reliability(np.array([True, False]), np.array([1.0, 0.95])) == ((0.975, 0.5, 2.0),)


# Groupings

PROBABILITIES = st.lists(st.tuples(*[st.floats(0, 1)] * 3), min_size=1, max_size=10)


@few
@given(PROBABILITIES)
def test_chance_of_any_lies_between_the_best_code_and_the_sum(given_rows):
    scores, grouping = np.array(given_rows), by_domain(BOOK)
    chances, sums = grouping.chance_of_any(scores), grouping.total(scores)
    best = np.stack([scores[:, :2].max(axis=1), scores[:, 2]], axis=1)
    assert (chances >= best - 1e-9).all()
    assert (chances <= np.minimum(sums, 1) + 1e-9).all()


def test_chance_of_any_by_hand():
    np.testing.assert_allclose(by_domain(BOOK).chance_of_any(np.array([[0.5, 0.5, 0.2]])), [[0.75, 0.2]])
    np.testing.assert_allclose(by_domain(BOOK).chance_of_any(np.array([[1.0, 0.0, 0.0]])), [[1.0, 0.0]])


@pytest.mark.parametrize(
    ("group", "labels", "columns"),
    [
        (by_construct, ("money", "staff", "trust"), {"money": 0, "staff": 1, "trust": 2}),
        (by_domain, ("Means", "Culture"), {"money": 0, "staff": 0, "trust": 1}),
        (by_level, ("macro", "micro"), {"money": 0, "staff": 1, "trust": 1}),
    ],
    ids=["construct", "domain", "level"],
)
def test_groupings_of_a_codebook(group, labels, columns):
    grouping = group(BOOK)
    assert grouping.labels == labels
    assert grouping.of_code(BOOK) == columns
    assert grouping.truth(np.eye(3, dtype=bool)).argmax(axis=1).tolist() == [*columns.values()]


def test_a_codebook_without_levels_has_no_labels_of_levels():
    book = Codebook("plain", "1", (Code("a", "A", "D"), Code("b", "B", "D")))
    grouping = by_level(book)
    assert grouping.labels == ()
    assert grouping.members.shape == (2, 0)
    assert grouping.of_code(book) == {}


# Blocks of a result

TRUTH = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1], [1, 1, 0], [0, 0, 0]]
SCORES = [[0.9, 0.1, 0.0], [0.6, 0.3, 0.1], [0.2, 0.1, 0.7], [0.5, 0.2, 0.3], [0.1, 0.8, 0.2], [0.4, 0.3, 0.2]]


def test_first_choice_takes_one_code_a_row():
    chosen = first_choice(rows(TRUTH, SCORES))
    assert chosen.sum(axis=1).tolist() == [1] * 6
    assert chosen.argmax(axis=1).tolist() == [0, 0, 2, 0, 1, 0]


def test_first_choice_hits_by_hand():
    given_rows = rows(TRUTH, SCORES, [0, 0, 0, 1, 1, 1])
    hits = first_choice_hits(given_rows, by_construct(BOOK))
    assert hits.correct.tolist() == [[1, 0, 1], [0, 1, 0]]
    assert hits.suggested.tolist() == [[2, 0, 1], [2, 1, 0]]
    assert hits.human.tolist() == [[1, 1, 1], [1, 1, 1]]


def test_quote_block_by_hand():
    block = quote_block(rows(TRUTH[:5], SCORES[:5]))
    assert block["construct"]["top1"].value == pytest.approx(3 / 5)
    assert block["construct"]["top3"].value == 1
    assert block["domain"]["top1"].value == pytest.approx(4 / 5)
    assert block["domain"]["top2"].value == 1


@few
@given(st.lists(st.tuples(st.permutations([0.1, 0.3, 0.6]), st.integers(0, 2)), min_size=5, max_size=15))
def test_quote_block_grows_with_the_codes_looked_at(cells):
    truth = [[code == n for n in range(3)] for _, code in cells]
    block = quote_block(rows(truth, [scores for scores, _ in cells], draws=20))["construct"]
    assert block["top1"].value <= block["top3"].value <= block["top5"].value == 1


def test_confusion_counts_a_passage_of_two_domains_once_if_one_is_right():
    truth = [[1, 0, 1], [1, 0, 0], [0, 0, 1], [1, 0, 1]]
    scores = [[0.9, 0.0, 0.1], [0.1, 0.0, 0.9], [0.0, 0.0, 0.8], [0.0, 0.2, 0.9]]
    assert confusion_block(rows(truth, scores)) == {"Means": {"Means": 1, "Culture": 1}, "Culture": {"Culture": 2}}


@few
@given(st.lists(st.tuples(st.integers(0, 2), st.permutations([0.1, 0.3, 0.6])), min_size=1, max_size=20))
def test_confusion_has_every_passage_of_one_domain_once(cells):
    truth = [[code == n for n in range(3)] for code, _ in cells]
    block = confusion_block(rows(truth, [scores for _, scores in cells]))
    assert sum(n for line in block.values() for n in line.values()) == len(cells)


def test_agreement_block_of_a_machine_that_does_the_same():
    given_rows = rows(TRUTH * 2, SCORES * 2, [0] * 6 + [1] * 6)
    block = agreement_block(given_rows, given_rows.truth)
    for name in ("construct", "domain"):
        assert {block[name][coefficient].value for coefficient in COEFFICIENTS} == {1.0}
    assert block["construct"]["prevalence"].value == pytest.approx(6 / 18)
    assert block["domain"]["prevalence"].value == pytest.approx(5 / 12)


def test_calibration_block_of_the_first_codes():
    block = calibration_block(rows([[1, 0, 0]] * 5, [[0.8, 0.1, 0.1]] * 5))
    assert block["ece"].value == pytest.approx(0.2)
    assert block["brier"].value == pytest.approx(0.04)
    assert block["ece"].low is None, "one document allows no interval"


def test_work_saved_block_by_hand():
    """Forty rows of two documents; the six coded ones come first: read six of forty, less 5%."""
    truth = [[n < 6, False, False] for n in range(40)]
    coded = np.linspace(1, 0, 40)
    block = work_saved_block(rows(truth, np.zeros((40, 3)), [n % 2 for n in range(40)]), coded)
    assert block["wss95"].value == pytest.approx(0.95 - 6 / 40)
    assert block["wss95"].n == 6


def test_passage_block_by_hand():
    comparison = compare([{0: [Span(0, 10)] + [Span(20 * n, 20 * n + 10) for n in range(1, 5)]}],
                         [{0: [Span(0, 10)] + [Span(20 * n + 5, 20 * n + 15) for n in range(1, 5)]}], 1)  # fmt: skip
    block = passage_block({"domain": comparison}, Bootstrap(1, 10))["domain"]
    assert block["precision"].value == block["recall"].value == block["f1"].value == 1
    assert block["span_f1"].value == pytest.approx(2 * 30 / 100)
    assert block["span_iou"].value == pytest.approx(30 / 70)


def test_operating_point_says_how_many_cases_stand_behind_each_score():
    hits = Hits(*(np.array([[float(n)]]) for n in (4, 8, 3, 6)))
    (point,) = operating_point(hits, Bootstrap(1, 10))
    assert (point["precision"].value, point["precision"].n) == (0.5, 8)
    assert (point["recall"].value, point["recall"].n) == (0.5, 6)
    assert point["f1"].value == pytest.approx(0.5)


def test_label_table_has_a_line_for_each_label():
    given_rows, grouping = rows(TRUTH, SCORES), by_domain(BOOK)
    table = label_table(given_rows, grouping, first_choice_hits(given_rows, grouping))
    assert {label: line["positives"] for label, line in table.items()} == {"Means": 3, "Culture": 2}
    assert set(table["Means"]) == {"precision", "recall", "f1", "average_precision", "wss95", "positives"}
    assert table["Culture"]["recall"].value is None, "two passages are too few"


@few
@given(st.permutations(range(6)), st.integers(0, 1))
def test_blocks_do_not_know_the_order_of_rows(order, side):
    documents = [n % 2 for n in range(6)]
    plain = rows(TRUTH, SCORES, documents, draws=30)
    moved = rows([TRUTH[n] for n in order], [SCORES[n] for n in order], [documents[n] for n in order], draws=30)
    measure = (calibration_block, quote_block)[side]
    flat = [list(values_of(measure(given_rows))) for given_rows in (plain, moved)]
    np.testing.assert_allclose(*flat)


def values_of(block):
    for value in block.values():
        if isinstance(value, Score):
            yield from (value.value, value.low, value.high)
        else:
            yield from values_of(value)
