"""Curves, confusion, human agreement, the learning curve: hand-checked numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_curve

from corpus.errors import UsageError
from corpus.quotes import QuoteItem
from evaluation.benchmarks.human_agreement import human_block
from evaluation.benchmarks.learning_curve import accepted, benchmark_learning_curve, halved, queue
from evaluation.benchmarks.protocols import quote_rows
from evaluation.metrics.curves import precision_coverage, precision_recall, reliability
from evaluation.metrics.measures import confusion_block
from tests.evaluation.support import BOOK, SEEDS, WORDS, Scripted


def item(name, *codes, text="Words", document="d"):
    return QuoteItem(name, text, frozenset(codes), document)


# Curves


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 9)), min_size=1, max_size=40))
def test_every_point_of_precision_recall_is_one_of_scikit_learns(rows):
    labels, scores = np.array([one for one, _ in rows]), np.array([score / 10 for _, score in rows])
    curve = precision_recall(labels, scores)
    if not labels.any():
        assert curve == ()
        return
    precision, recall, _ = precision_recall_curve(labels, scores)
    known = {(round(r, 4), round(p, 4)) for r, p in zip(recall.tolist(), precision.tolist(), strict=True)}
    assert curve
    assert set(curve) <= known
    assert [recall for recall, _ in curve] == sorted(recall for recall, _ in curve)


def test_coverage_answers_the_surest_first():
    curve = precision_coverage(np.array([True, False, True, False]), np.array([0.9, 0.2, 0.8, 0.3]))
    assert curve == ((0.25, 1.0), (0.5, 1.0), (0.75, 0.6667), (1.0, 0.5))


def test_reliability_has_a_point_for_each_bin_in_use():
    curve = reliability(np.array([True, True, False]), np.array([0.92, 0.98, 0.31]))
    assert curve == ((0.31, 0.0, 1.0), (0.95, 1.0, 2.0))


# Confusion


def test_confusion_counts_passages_by_domain():
    items = [item("a", "money"), item("b", "trust"), item("c", "money", "trust"), item("d", "staff", "trust")]
    scores = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 1, 0]])
    assert confusion_block(quote_rows(BOOK, items, scores)) == {
        "Means": {"Means": 2},
        "Culture": {"Means": 1, "Culture": 1},
    }


# People


def test_people_are_compared_in_every_pair():
    said = [("money", "money", "trust"), ("money", "money", "staff"), ("money", "trust", "trust")] * 4
    coders = [[item(f"q{n}", *[code], document=f"d{n}") for n, code in enumerate(codes)] for codes in zip(*said)]  # noqa: B905
    block = human_block(coders, BOOK)
    assert block["same"]["construct"]["top1"].value == pytest.approx(12 / 36)
    assert block["same"]["construct"]["top1"].n == 36
    assert 0 < block["agreement"]["domain"]["kappa"].value < 1


def test_two_coders_who_agree_have_kappa_one():
    coders = [[item(f"q{n}", BOOK.ids[n % 3], document=f"d{n}") for n in range(9)]] * 2
    block = human_block(coders, BOOK)
    assert block["agreement"]["construct"]["kappa"].value == pytest.approx(1.0)
    assert block["same"]["domain"]["top1"].value == 1.0


@pytest.mark.parametrize("coders", [[], [[item("a", "money")]], [[item("a", "money")], [item("b", "money")]]])
def test_coders_of_different_passages_are_refused(coders):
    with pytest.raises(UsageError, match="same passages"):
        human_block(coders, BOOK)


# Learning curve

ITEMS = [item(f"{code}{n}", code, text=WORDS[code].strip(), document=f"d{n}") for n in range(12) for code in BOOK.ids]


def test_halves_share_no_document():
    first, second = halved(ITEMS)
    assert {one.document for one in first}.isdisjoint(one.document for one in second)
    assert len(first) == len(second) == 18


def test_the_queue_begins_with_the_surest():
    unsure = item("x", "money", text="Well, anyway.")
    assert queue(Scripted(), [unsure, *ITEMS[:2]])[-1] is unsure
    assert queue(Scripted(), []) == []


def test_accepted_passages_are_seeds_with_two_codes_a_line():
    first, second = accepted([item("x", "money", "staff", "trust")]).quotes
    assert (first.code, first.also, first.provenance) == ("money", "staff", "accepted")
    assert (second.text, second.code, second.also) == (first.text, "trust", None)


def test_each_budget_is_fitted_on_what_was_accepted_by_then():
    sizes = []

    def fit(_, bank):
        sizes.append(len(bank.quotes) - len(SEEDS.quotes))
        return Scripted()

    result = benchmark_learning_curve(ITEMS, codebook=BOOK, seeds=SEEDS, fit=fit, budgets=(0, 2, 5, 99))
    assert sizes[:6] == [0, 2, 5, 0, 2, 5]
    assert list(result.scores) == ["accepted0", "accepted2", "accepted5"]
    assert result.scores["accepted5"]["quotes"]["construct"]["top1"].n == 36


def test_a_learning_curve_needs_two_documents():
    with pytest.raises(UsageError, match="two documents"):
        benchmark_learning_curve([item("x", "money")], codebook=BOOK, seeds=SEEDS, fit=lambda *_: Scripted())
