"""Few quotes a code as seeds: the draw, and the benchmark on a scripted suggester."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from corpus.codebook import Code, Codebook
from corpus.errors import UsageError
from corpus.quotes import QuoteItem
from corpus.seeds import SeedBank
from evaluation.benchmarks.few_shot import benchmark_few_shot, draw, seed_quotes
from evaluation.metrics.intervals import Bootstrap
from evaluation.metrics.measures import Rows, pair_block
from models.examples import labels_of, weights_of_rows
from tests.evaluation.support import BOOK, WORDS, Scripted

ITEMS = [QuoteItem(f"{code}{n}", WORDS[code], frozenset({code}), f"d{n}") for n in range(20) for code in BOOK.ids]


def test_seeds_and_test_share_no_document():
    for seed in range(5):
        cut = draw(ITEMS, BOOK, seed, 4)
        seeds = {item.document for items in cut.seeds.values() for item in items}
        assert seeds.isdisjoint(item.document for item in cut.test)
        assert [len(items) for items in cut.seeds.values()] == [4, 4, 4]
        assert len(cut.test) == 30


def test_a_draw_depends_on_its_seed_value_alone():
    assert draw(ITEMS, BOOK, 1, 4) == draw(ITEMS, BOOK, 1, 4)
    assert draw(ITEMS, BOOK, 1, 4) != draw(ITEMS, BOOK, 2, 4)


def test_fewer_seeds_are_the_first_of_more():
    cut = draw(ITEMS, BOOK, 0, 8)
    few, more = ([quote.text for quote in cut.bank(k).quotes if quote.code == "money"] for k in (2, 4))
    assert few == more[:2]


def test_a_quote_of_two_codes_is_one_seed_with_both():
    both = [QuoteItem(f"q{n}", f"Words {n}", frozenset({"money", "staff"}), f"d{n}") for n in range(8)]
    (first, *_) = bank = draw(both, BOOK, 0, 2).bank(2).quotes
    assert len(bank) == 2
    assert {first.code, first.also} == {"money", "staff"}


def test_a_quote_of_three_codes_is_one_passage_with_all_of_them():
    (item,) = [QuoteItem("q", "Words", frozenset(BOOK.ids[:3]), "d")]
    bank = SeedBank(tuple(seed_quotes(item)))
    assert len(bank.quotes) == 2
    assert labels_of(bank, BOOK)[:, :3].all()
    assert weights_of_rows(bank).tolist() == [0.5, 0.5]


def test_the_test_keeps_its_natural_prevalence_and_is_cut_to_its_size(monkeypatch):
    many = [QuoteItem(f"m{n}", f"Words {n}", frozenset({"money"}), f"x{n}") for n in range(200)]
    test = draw([*ITEMS, *many], BOOK, 0, 4).test
    assert sum("money" in item.codes for item in test) / len(test) > 0.8
    monkeypatch.setattr("evaluation.benchmarks.few_shot.TEST_MOST", 25)
    assert draw([*ITEMS, *many], BOOK, 0, 4).test == test[:25]


def test_no_seeds_leave_an_empty_bank_that_is_scored_like_any_other():
    banks = []
    result = benchmark_few_shot(
        ITEMS, codebook=BOOK, fit=lambda _, bank: banks.append(bank) or Scripted(), ks=(0, 1), draws=(0,)
    )
    assert set(result.scores) == {"k0", "k1"}
    assert banks[0].quotes == ()


def test_pairs_by_hand():
    """Three quotes, four codes, ten times over; of the two with two codes, one has both among its first three."""
    truth = np.tile(np.array([[1, 1, 0, 0], [1, 0, 0, 1], [0, 0, 1, 0]], dtype=bool), (10, 1))
    scores = np.tile([[0.4, 0.3, 0.2, 0.1], [0.4, 0.3, 0.2, 0.1], [0.1, 0.2, 0.6, 0.1]], (10, 1))
    codebook = Codebook("four", "1", tuple(Code(name, name, "all") for name in "abcd"))
    block = pair_block(Rows(codebook, truth, scores, np.arange(30), Bootstrap(30)))
    assert block["both_of_two"].value == pytest.approx(0.5)
    assert block["both_of_two"].n == 20
    assert block["average_precision"].value == pytest.approx(average_precision_score(truth.ravel(), scores.ravel()))


def test_every_k_is_scored_beside_the_baselines():
    result = benchmark_few_shot(ITEMS, codebook=BOOK, fit=lambda *_: Scripted(), ks=(2, 4, 64), draws=(0, 1))
    assert set(result.scores) == {"k2", "k4"}
    assert result.scores["k4"]["quotes"]["construct"]["top1"].value == pytest.approx(1.0)
    assert result.scores["k4"]["quotes"]["construct"]["top1"].n == 60
    assert set(result.baselines["keyword"]) == {"k2", "k4"}
    assert result.protocol == "few-shot/v2"
    assert result.inputs.n_quotes == 60


def test_a_slow_baseline_is_scored_and_timed():
    always = {"always": lambda task: np.ones((len(task.texts), len(task.codebook.ids)))}
    result = benchmark_few_shot(ITEMS, codebook=BOOK, fit=lambda *_: Scripted(), ks=(2,), draws=(0,), extra=always)
    assert result.baselines["always"]["k2"]["quotes"]["construct"]["top1"].value == pytest.approx(1 / 3)
    assert set(result.timings.baseline_seconds) == {"always"}


def test_a_set_that_is_too_small_is_refused():
    with pytest.raises(UsageError, match="use a larger set"):
        benchmark_few_shot(ITEMS[:6], codebook=BOOK, fit=lambda *_: Scripted(), ks=(4,), draws=(0,))
