"""The table of all benchmarks, one study with the other's quotations, and the shipped results."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from corpus.codebook import Codebook
from corpus.errors import UsageError
from corpus.quotes import QuoteItem
from corpus.seeds import SeedBank, SeedQuote, load_seeds
from corpus.shipped import selfie
from evaluation.benchmarks.cross_study import benchmark_other_study, with_quotes
from evaluation.benchmarks.leakage import find_leaks
from evaluation.benchmarks.public_sets import load_public_set
from evaluation.benchmarks.result import load_result
from evaluation.benchmarks.suite import WRITTEN, Bench, benchmarks, chosen
from models.lexical_encoder import LexicalEncoder

RESULTS = Path(__file__).parents[2] / "evaluation" / "results"
PAPERS = Path(__file__).parents[3] / "shared" / "papers"
PUBLIC = Path(__file__).parents[3] / "shared" / "data" / "public"


@dataclass(frozen=True)
class Uniform:
    codebook: Codebook
    recipe: str = "uniform"
    model: str = "uniform/v1"

    def rank(self, texts):
        return np.full((len(texts), len(self.codebook.ids)), 1 / len(self.codebook.ids), dtype=np.float32)


def session(**given):
    return Bench(lambda codebook, _: Uniform(codebook), LexicalEncoder(), **given)


def test_what_needs_other_peoples_data_is_left_out_without_them(tmp_path):
    assert set(benchmarks(session())) == {"study", "learning-curve-study"}
    assert {"published", "published-other-study"} <= set(benchmarks(session(papers=tmp_path)))
    assert {"few-shot-nhs", "learning-curve-nhs", "written-nhs"} <= set(benchmarks(session(public=tmp_path)))


def test_one_benchmark_can_be_chosen():
    assert list(chosen(session(), ["study"])) == ["study"]
    assert len(chosen(session(), [])) == 2


def test_a_benchmark_without_its_data_is_refused_by_name():
    with pytest.raises(UsageError, match="'published' is none of study"):
        chosen(session(), ["published"])


def test_quotations_of_another_study_join_the_seeds_as_published():
    item = QuoteItem("q", "Words", frozenset({"b", "a"}), "d", source="paper")
    (quote,) = with_quotes(SeedBank(()), [item]).quotes
    assert (quote.code, quote.provenance, quote.source) == ("a", "published", "paper")


@pytest.mark.skipif(not PUBLIC.is_dir(), reason="the public sets are not beside this checkout (../shared)")
@pytest.mark.parametrize("path", sorted(WRITTEN.glob("*.jsonl")), ids=lambda path: path.stem)
def test_every_code_of_a_set_is_written_for_and_no_quotation_is_a_text_of_the_set(path):
    public = load_public_set(path.stem, PUBLIC)
    bank = load_seeds([path], public.codebook)
    assert {quote.code for quote in bank.quotes} == set(public.codebook.ids)
    assert not find_leaks(bank, {item.id: item.text for item in public.items})


@pytest.mark.skipif(not PAPERS.is_dir(), reason="the papers are not beside this checkout (../shared)")
def test_each_study_is_left_out_once(monkeypatch):
    sizes = []
    few = SeedBank((SeedQuote("A budget line for it.", selfie().ids[0]), SeedQuote("Good morning.", None)))
    monkeypatch.setattr("evaluation.benchmarks.cross_study.selfie_seeds", lambda: few)

    def fit(codebook, seeds):
        sizes.append(len([quote for quote in seeds.quotes if quote.provenance == "published"]))
        return Uniform(codebook)

    result = benchmark_other_study(PAPERS, fit=fit)
    assert result.inputs.n_quotes == 36
    assert sum(sizes) == 36
    assert 0 < sizes[0] < 36


@pytest.mark.parametrize("path", sorted(RESULTS.glob("*.json")), ids=lambda path: path.stem)
def test_shipped_results_load_and_hold_scores_of_baselines(path):
    result = load_result(path)
    assert result.scores
    assert result.curves
    assert result.baselines or result.protocol == "learning-curve/v1"
    assert path.stat().st_size < 200_000
