"""Benchmarks end to end on a scripted suggester, whose every score is known."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from corpus.codebook import Codebook
from corpus.errors import UsageError
from corpus.quotes import QuoteItem
from corpus.seeds import SeedBank, SeedQuote
from corpus.shipped import selfie_seeds
from corpus.transcript import Role, Segment, Span
from evaluation.benchmarks import protocols
from evaluation.benchmarks.coded_study import coded_talk, runs_of
from evaluation.benchmarks.protocols import benchmark_published, benchmark_quotes, benchmark_study
from models.lexical_encoder import LexicalEncoder
from tests.evaluation.support import BOOK, CODINGS, SEEDS, TALK, WORDS, Scripted, interview

PAPERS = Path(__file__).parents[3] / "shared" / "papers"
SENTENCES = {"micro_average_precision", "macro_average_precision", "coded_auc"}
PASSAGES = {"precision", "recall", "f1", "span_f1", "span_iou"}
SHAPE = {
    "sentences": {"construct": SENTENCES, "domain": SENTENCES},
    "passages": {"construct": PASSAGES, "domain": PASSAGES},
    "quotes": {"construct": {"top1", "top3", "top5"}, "domain": {"top1", "top2"}},
}
LINE = {"precision", "recall", "f1", "average_precision", "wss95", "positives"}


@pytest.fixture(scope="module")
def study():
    return benchmark_study(Scripted(), TALK, CODINGS, seeds=SEEDS, embedder=LexicalEncoder(), fit_seconds=0.5)


def items(n=6):
    return [QuoteItem(f"{code}{i}", WORDS[code], frozenset({code}), f"d{i}") for i in range(n) for code in BOOK.ids]


# Study


def test_a_suggester_that_knows_all_scores_one_everywhere(study):
    scores = study.to_json()["scores"]
    assert set(scores) == {*SHAPE, "agreement", "calibration", "work_saved"}
    for block, shape in SHAPE.items():
        assert {name: set(part) for name, part in scores[block].items()} == shape
        assert all(score["value"] == pytest.approx(1) for part in scores[block].values() for score in part.values())
    assert set(scores["agreement"]["domain"]) == {"kappa", "ac1", "pabak", "alpha", "prevalence"}
    assert scores["agreement"]["construct"]["kappa"]["value"] == pytest.approx(1.0)
    assert scores["agreement"]["construct"]["prevalence"]["value"] == pytest.approx(18 / 90)
    assert scores["work_saved"]["wss95"]["value"] == pytest.approx(0.95 - 18 / 30)


def test_calibration_compares_confidence_with_being_right(study):
    """18 sentences at .9 and right, 12 at .01 and wrong."""
    calibration = study.to_json()["scores"]["calibration"]
    assert calibration["ece"]["value"] == pytest.approx((18 * 0.1 + 12 * 0.01) / 30, abs=1e-6)
    assert calibration["brier"]["value"] == pytest.approx((18 * 0.01 + 12 * 0.0001) / 30, abs=1e-6)


def test_a_blind_spot_costs_recall_there_and_nowhere_else():
    result = benchmark_study(Scripted(blind="money"), TALK, CODINGS, seeds=SEEDS).to_json()
    assert result["per_code"]["money"]["recall"]["value"] == 0
    assert result["per_code"]["money"]["precision"] == {"insufficient": 0}
    assert result["per_code"]["staff"]["recall"]["value"] == 1
    assert result["per_domain"]["Means"]["recall"]["value"] == pytest.approx(6 / 12)
    assert result["scores"]["passages"]["construct"]["recall"]["value"] == pytest.approx(12 / 18)
    assert result["scores"]["passages"]["construct"]["precision"]["value"] == 1


def test_tables_have_a_line_for_each_label(study):
    result = study.to_json()
    assert set(result["per_code"]) == set(BOOK.ids)
    assert set(result["per_domain"]) == {"Means", "Culture"}
    assert set(result["per_level"]) == {"macro", "micro"}
    lines = [*result["per_code"].values(), *result["per_domain"].values(), *result["per_level"].values()]
    assert all(set(line) == LINE for line in lines)
    assert result["per_domain"]["Means"]["positives"] == 12


def test_a_result_says_what_made_it(study):
    result = study.to_json()
    assert result["protocol"] == "study/v1"
    assert result["inputs"]["codebook"] == BOOK.digest
    assert result["inputs"]["seeds"] == SEEDS.digest
    assert (result["inputs"]["model"], result["inputs"]["recipe"]) == ("scripted/v1", "scripted")
    counts = [result["inputs"][key] for key in ("n_documents", "n_sentences", "n_passages", "n_quotes")]
    assert counts == [3, 30, 18, 18]
    assert "half/v1" in result["inputs"]["rules"]["alignment"]
    assert result["timings"]["fit_seconds"] == 0.5
    assert {"system", "processor", "python"} <= set(result["machine"])


def test_baselines_stand_beside_in_the_same_shape(study):
    baselines = study.to_json()["baselines"]
    from_seeds = {"random", "most_frequent", "keyword", "pattern", "tfidf"}
    assert set(baselines) == from_seeds | {"definition", "nearest_seed", "logistic"}
    for block in baselines.values():
        assert set(block) == {*SHAPE, "agreement", "work_saved"}
        for part, shape in SHAPE.items():
            assert {name: set(scores) for name, scores in block[part].items()} == shape


def test_baselines_bear_the_same_load_of_suggestions():
    talk = coded_talk(Scripted(blind="money"), TALK, CODINGS)
    rescored = talk.rescored(np.random.default_rng(0).random(talk.suggested.shape))
    assert rescored.suggested.sum() == talk.suggested.sum() == 12
    assert sum(len(marks) for marks in rescored.suggestions) <= 12
    assert talk.rescored(talk.rows.scores).suggested.tolist() == talk.suggested.tolist()


def test_flagged_neighbours_of_one_turn_are_one_passage():
    places = [(0, 0, 5), (0, 6, 9), (1, 10, 15), (1, 16, 19), (1, 20, 25)]
    segments = [Segment(f"s{n}", Span(a, b), turn, "P", Role.PARTICIPANT) for n, (turn, a, b) in enumerate(places)]
    flags = np.array([[1, 0, 0], [1, 1, 0], [1, 0, 0], [0, 0, 0], [1, 0, 0]], dtype=bool)
    passages = [(mark.code, mark.span) for mark in runs_of(segments, flags, BOOK)]
    assert passages == [
        ("money", Span(0, 9)),
        ("money", Span(10, 15)),
        ("money", Span(20, 25)),
        ("staff", Span(6, 9)),
    ]


def test_the_same_benchmark_twice_gives_the_same_scores(study):
    again = benchmark_study(Scripted(), TALK, CODINGS, seeds=SEEDS, embedder=LexicalEncoder())
    assert again.scores == study.scores
    assert again.baselines == study.baselines


def test_transcripts_that_nobody_coded_are_left_out(study):
    uncoded, _ = interview("four", "money", "money")
    result = benchmark_study(Scripted(), [*TALK, uncoded], CODINGS, seeds=SEEDS)
    assert result.scores == study.scores


def test_a_study_without_codings_is_refused():
    with pytest.raises(UsageError, match="no transcript has a human coding"):
        benchmark_study(Scripted(), TALK, [], seeds=SEEDS)


def test_two_coders_of_one_passage_count_once(study):
    twice = [*CODINGS, *(replace(coding, coder="B") for coding in CODINGS)]
    result = benchmark_study(Scripted(), TALK, twice, seeds=SEEDS)
    assert result.scores == study.scores
    assert result.inputs.n_passages == 18


# Quotes


def test_quotes_are_ranked_and_counted():
    result = benchmark_quotes(items(), codebook=BOOK, seeds=SEEDS, fit=lambda *_: Scripted(blind="trust")).to_json()
    assert result["protocol"] == "quotes/v1"
    assert result["scores"]["quotes"]["construct"]["top1"]["value"] == pytest.approx(2 / 3)
    assert result["scores"]["quotes"]["construct"]["top3"]["value"] == 1
    assert result["per_code"]["staff"]["f1"]["value"] == 1
    assert result["per_code"]["trust"]["recall"]["value"] == 0
    assert result["inputs"]["n_quotes"] == 18
    assert result["inputs"]["n_documents"] == 6
    assert "sentences" not in result["scores"]
    assert "n_sentences" not in result["inputs"]


def test_quotes_coded_as_nothing_are_left_out():
    silent = QuoteItem("none", "Nothing to code here.", frozenset(), "d9")
    result = benchmark_quotes([*items(), silent], codebook=BOOK, seeds=SEEDS, fit=lambda *_: Scripted())
    assert result.inputs.n_quotes == 18
    with pytest.raises(UsageError, match="no quote of the set bears a code"):
        benchmark_quotes([silent], codebook=BOOK, seeds=SEEDS, fit=lambda *_: Scripted())


def test_a_leaking_seed_stops_the_benchmark_before_it_fits():
    leak = SeedBank((SeedQuote("It was the budget that stopped us.", "money"),))
    item = QuoteItem("q1", "It was the budget that stopped us.", frozenset({"money"}), "d1")
    with pytest.raises(UsageError, match="q1"):
        benchmark_quotes([item], codebook=BOOK, seeds=leak, fit=lambda *_: pytest.fail("fitted"))


@pytest.mark.skipif(not PAPERS.is_dir(), reason="the papers are not beside this checkout (../shared)")
def test_published_quotations_are_scored(monkeypatch):
    """Beside baselines made from one quotation in forty: from all they take a minute."""
    some = SeedBank(selfie_seeds().quotes[::40])
    monkeypatch.setattr(protocols, "selfie_seeds", lambda: some)
    result = benchmark_published(PAPERS, fit=lambda codebook, _: Uniform(codebook))
    assert result.protocol == "published/v1"
    assert result.inputs.n_quotes == 36
    assert set(result.baselines) == {"random", "most_frequent", "keyword", "pattern", "tfidf"}


@dataclass(frozen=True)
class Uniform:
    codebook: Codebook
    recipe: str = "uniform"
    model: str = "uniform/v1"

    def rank(self, texts):
        return np.full((len(texts), len(self.codebook.ids)), 1 / len(self.codebook.ids), dtype=np.float32)
