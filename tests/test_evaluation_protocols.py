"""Benchmarks end to end on a scripted suggester, whose every score is known, and result files."""

import json
import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from corpus.codebook import Code, Codebook
from corpus.codings import Coding
from corpus.errors import InputError, UsageError
from corpus.quotes import QuoteItem
from corpus.seeds import SeedBank, SeedQuote
from corpus.suggestion import Suggestion
from corpus.transcript import Role, Segment, Span, Transcript, Turn
from evaluation.intervals import Score
from evaluation.protocols import benchmark_published, benchmark_quotes, benchmark_study
from evaluation.results import Result, load_result, save_result
from evaluation.tables import cell, tables
from evaluation.talk import coded_talk, runs_of
from models.lexical_encoder import LexicalEncoder

RESULTS = Path(__file__).parent / "data" / "results"
PAPERS = Path(__file__).parents[2] / "shared" / "papers"
BOOK = Codebook(
    "tiny",
    "1",
    (
        Code("money", "Money", "Means", level="macro", definition="Budgets and funding."),
        Code("staff", "Staff", "Means", level="micro", definition="Nurses and doctors."),
        Code("trust", "Trust", "Culture", level="micro", definition="Relying on each other."),
    ),
)
SEEDS = SeedBank((SeedQuote("A budget line for it.", "money"), SeedQuote("Good morning to you all.", None)))
WORDS = {"money": "Funds ran short. ", "staff": "Nurses went off. ", "trust": "One can rely. ", "": "Well, anyway. "}
SENTENCES = {"micro_average_precision", "macro_average_precision", "coded_auc"}
PASSAGES = {"precision", "recall", "f1", "span_f1", "span_iou"}
SHAPE = {
    "sentences": {"construct": SENTENCES, "domain": SENTENCES},
    "passages": {"construct": PASSAGES, "domain": PASSAGES},
    "quotes": {"construct": {"top1", "top3", "top5"}, "domain": {"top1", "top2"}},
}
LINE = {"precision", "recall", "f1", "average_precision", "wss95", "positives"}


@dataclass(frozen=True)
class Scored:
    segments: tuple[Segment, ...]
    probabilities: np.ndarray
    coded: np.ndarray


@dataclass(frozen=True)
class Scripted:
    """Knows the truth of every sentence by its words, except that it takes ``blind`` for nothing."""

    blind: str | None = None
    codebook: Codebook = BOOK
    recipe: str = "scripted"
    model: str = "scripted/v1"

    def rank(self, texts):
        return np.array([self._row(text) for text in texts], dtype=np.float32)

    def score(self, transcript):
        spans = [Span(start, start + len(words) - 1) for start, words in sentences(transcript.text)]
        segments = tuple(Segment(f"s{n}", span, 0, "P", Role.PARTICIPANT) for n, span in enumerate(spans))
        probabilities = self.rank([span.of(transcript.text) for span in spans])
        return Scored(segments, probabilities, probabilities.max(axis=1))

    def suggest(self, transcript):
        scored = self.score(transcript)
        return [
            Suggestion(segment.span, (segment.id,), BOOK.ids[row.argmax()], float(row.max()), 1)
            for segment, row in zip(scored.segments, scored.probabilities, strict=True)
            if row.max() > 0.5
        ]

    def _row(self, text):
        said = next(code for code, words in WORDS.items() if words.strip() == text.strip())
        return [0.9 if said == code != self.blind else 0.01 for code in BOOK.ids]


def sentences(text):
    start = 0
    while start < len(text):
        words = next(words for words in WORDS.values() if text.startswith(words, start))
        yield start, words
        start += len(words)


def interview(name, *codes):
    """Build a transcript with one sentence for each code, and the codings that are true of it."""
    text = "".join(WORDS[code] for code in codes)
    transcript = Transcript(name, text, (Turn(Span(0, len(text)), "P", Role.PARTICIPANT),))
    spans = [Span(start, start + len(words) - 1) for start, words in sentences(text)]
    return transcript, [Coding(name, span, code) for span, code in zip(spans, codes, strict=True) if code]


STUDY = [interview(name, *["money", "", "staff", "", "trust"] * 2) for name in ("one", "two", "three")]
TALK = [transcript for transcript, _ in STUDY]
CODINGS = [coding for _, codings in STUDY for coding in codings]


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
    assert set(baselines) == {"random", "most_frequent", "keyword", "pattern", "tfidf", "definition", "nearest_seed"}
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
def test_published_quotations_are_scored():
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


# Result files


def test_a_result_survives_its_file(study, tmp_path):
    path = tmp_path / "result.json"
    save_result(study, path)
    assert load_result(path) == study
    assert load_result(path).to_json() == json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", sorted(RESULTS.glob("*.json")), ids=lambda path: path.stem)
def test_old_results_keep_loading(path):
    result = load_result(path)
    written = json.loads(path.read_text(encoding="utf-8"))
    assert result.to_json() == written
    assert tables(result)[0].rows


def test_there_are_old_results():
    assert RESULTS.joinpath("v1.json").is_file()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("not json", "is not JSON"),
        ("[1]", "is not a benchmark result"),
        ("{}", "is not a benchmark result"),
        ('{"schema_version": 99, "protocol": "study/v9"}', "schema version 99"),
    ],
)
def test_a_file_that_is_no_result_is_refused(tmp_path, content, problem):
    path = tmp_path / "r.json"
    path.write_text(content)
    with pytest.raises(InputError, match=problem):
        load_result(path)


def test_unknown_keys_are_ignored(tmp_path):
    path = tmp_path / "r.json"
    path.write_text('{"schema_version": 1, "protocol": "study/v1", "mood": "good", "machine": {"colour": "red"}}')
    assert load_result(path) == Result(protocol="study/v1")


# Tables


def test_the_first_table_puts_baselines_beside_every_score(study):
    overall, by_domain, by_code = tables(study)
    assert overall.header[:3] == ("score", "precode [95% interval]", "n")
    rows = {row[0]: row for row in overall.rows}
    assert rows["quotes.construct.top1"][1] == "1.00 [1.00, 1.00]"
    assert len({len(row) for row in overall.rows} | {len(overall.header)}) == 1
    assert by_domain.rows[0][:2] == ("Means", "12")
    assert [row[0] for row in by_code.rows] == list(BOOK.ids)


@pytest.mark.parametrize(
    ("score", "text"),
    [
        (Score(0.618, 0.41, 0.7749, 36), ".62 [.41, .77]"),
        (Score(-0.0234, -0.5, 1.0, 36), "-.02 [-.50, 1.00]"),
        (Score(0.5, None, None, 36), ".50"),
        (Score(None, None, None, 3), "-"),
        (None, "-"),
        (7, "7"),
    ],
)
def test_cells_read_as_papers_print_scores(score, text):
    assert cell(score) == text


def test_no_score_of_a_result_is_nan(study):
    def numbers(value):
        if isinstance(value, dict):
            return [n for part in value.values() for n in numbers(part)]
        return [value] if isinstance(value, float) else []

    assert not any(math.isnan(number) for number in numbers(study.to_json()))
