"""Interviews coded by hand teach a suggester that is tested on the others; decisions do from nothing."""

import json
from itertools import product

import numpy as np
import pytest

from corpus.codebook import Code, Codebook
from corpus.codings import Coding
from corpus.errors import UsageError
from corpus.transcript import Role, Span, Transcript, Turn
from evaluation.benchmarks.coded_projects import coded_project
from evaluation.benchmarks.cold_start import ORDERS, benchmark_cold_start
from evaluation.benchmarks.hand_coded import (
    FLOOR,
    CodedProject,
    ScoredSentences,
    bank_by_hand,
    benchmark_hand_coded,
    floor_block,
    recurring,
    rotation_block,
)
from evaluation.benchmarks.seeded import benchmark_seeded, best_block
from evaluation.metrics.intervals import Bootstrap
from evaluation.metrics.measures import Rows
from evaluation.report.tables import tables
from models.lexical_encoder import LexicalEncoder
from pipeline.precoder import make_precoder
from tests.evaluation.support import BOOK

TALK = {"money": "kitty", "staff": "carers", "trust": "reliance", "": "biscuits"}
PLACES = ("at the mill", "in the loft", "by the pond", "near the quay", "on the hill")
NAMES = ("P01", "P02", "P03", "P04")


def interview(name, place):
    """Eight answers to a question each, and the codings of what they are about."""
    text, turns, codings = "", [], []
    for (code, word), when in product(TALK.items(), ("in May", "again")):
        for role, words in (
            (Role.INTERVIEWER, f"What of it {when} {place}?"),
            (Role.PARTICIPANT, f"The {word} came up {when} {place} with {name}. It was long ago and {name} went."),
        ):
            span = Span(len(text), len(text) + len(words))
            turns.append(Turn(span, role.value, role))
            text += f"{words}\n"
        if code:
            codings.append(Coding(name, Span(span.start, span.start + words.index(".") + 1), code))
    return Transcript(name, text, tuple(turns)), codings


def project():
    made = [interview(name, place) for name, place in zip(NAMES, PLACES, strict=False)]
    return CodedProject(BOOK, [talk for talk, _ in made], [coding for _, given in made for coding in given])


def fit(codebook, bank):
    return make_precoder(codebook, bank, LexicalEncoder())


@pytest.fixture(scope="module")
def result():
    return benchmark_hand_coded(project(), fit=fit, by_hand=(1, 2, 4), rotations=2)


def test_benchmark_hand_coded_tests_the_interviews_that_were_not_coded(result):
    assert list(result.scores) == ["by_hand1", "by_hand2"]
    sentences = [result.scores[n]["sentences"]["construct"]["micro_average_precision"] for n in result.scores]
    assert [score.n for score in sentences] == [2 * 3 * 6, 2 * 2 * 6]
    assert (
        sentences[1].value
        > result.baselines["random"]["by_hand2"]["sentences"]["construct"]["micro_average_precision"].value
    )


def test_benchmark_hand_coded_prints_stated_beside_right(result):
    shown = {row[0] for row in tables(result)[0].rows}
    assert {"by_hand1.floor.stated", "by_hand1.floor.right", "by_hand2.suggestions_a_transcript"} <= shown


def test_benchmark_hand_coded_needs_two_interviews():
    whole = project()
    alone = CodedProject(BOOK, whole.transcripts[:1], [c for c in whole.codings if c.transcript == "P01"])
    with pytest.raises(UsageError, match="no code was given in several interviews"):
        benchmark_hand_coded(alone, fit=fit)


def test_recurring_leaves_out_codes_of_one_interview_and_interviews_without_codings():
    whole = project()
    kept = [c for c in whole.codings if c.transcript != "P04" and (c.code != "trust" or c.transcript == "P01")]
    cut = recurring(CodedProject(BOOK, whole.transcripts, kept))
    assert cut.codebook.ids == ("money", "staff")
    assert [transcript.name for transcript in cut.transcripts] == ["P01", "P02", "P03"]
    assert {coding.code for coding in cut.codings} == {"money", "staff"}


def test_bank_by_hand_holds_every_sentence_with_its_question():
    whole = project()
    bank = bank_by_hand(whole, whole.transcripts[:1])
    own = [quote for quote in bank.quotes if quote.document]
    assert len(own) == 16
    assert sum(quote.code is not None for quote in own) == 6
    assert {quote.question for quote in own} == {"What of it in May at the mill?", "What of it again at the mill?"}


def test_rotation_block_does_not_compare_what_suggesters_of_two_rotations_state():
    right, documents = np.array([[True], [False], [False], [False]] * 3), np.arange(12) % 3
    sure = np.array([[0.9], [0.8], [0.7], [0.6]] * 3)
    tested = [ScoredSentences(right, sure / scale, documents) for scale in (1, 2)]
    pooled = Rows(
        BOOK,
        *(np.concatenate([getattr(each, name) for each in tested]) for name in ("truth", "scores", "documents")),
        Bootstrap(3),
    )
    assert rotation_block(pooled, tested)["average_precision"].value == pytest.approx(1)
    assert pooled.ranking(pooled.truth, pooled.scores).average_precision(pooled.bootstrap.weights)[0] < 1


def test_floor_block_counts_what_is_stated_and_what_is_right():
    scores = np.array([[0.9, 0.1, 0.0], [FLOOR, 0.29, 0.5]] * 3)
    truth = np.array([[True, True, False], [False, True, True]] * 3)
    block = floor_block(Rows(BOOK, truth, scores, np.arange(6), Bootstrap(6)))
    assert (block["stated"].value, block["stated"].n) == (pytest.approx((0.9 + FLOOR + 0.5) / 3), 9)
    assert block["right"].value == pytest.approx(2 / 3)


def test_benchmark_cold_start_learns_what_is_decided():
    orders = {name: ORDERS[name] for name in ("in_turn", "transcript")}
    result = benchmark_cold_start(project(), fit=fit, budgets=(0, 24, 999), orders=orders, rotations=2)
    for name in orders:
        before, after = (block["sentences"]["construct"] for block in result.scores[name].values())
        assert after["micro_average_precision"].value > before["micro_average_precision"].value
    assert result.baselines["seeds32"]["in_turn"]["decided0"] == result.baselines["seeds32"]["transcript"]["decided24"]


SURE = np.array([[0.1, 0.2], [0.9, 0.1], [0.8, 0.0], [0.1, 0.3], [0.5, 0.4]])


def test_benchmark_seeded_learns_from_quotations_of_other_interviews():
    result = benchmark_seeded(project(), fit=fit, seeds=(0, 4), rotations=2)
    none, few = (result.scores[name] for name in ("seeds0", "seeds4"))
    ranked = [block["sentences"]["construct"]["micro_average_precision"].value for block in (none, few)]
    assert ranked[1] > ranked[0]
    assert few["best"]["precision"].n == len(NAMES) * 20
    assert few["suggestions_a_transcript"].n == len(NAMES)
    assert all(set(numbers) == {"seeds0", "seeds4"} for numbers in result.baselines.values())
    assert {"keyword", "tfidf"} <= set(result.baselines)
    assert "seeds4" in "".join(str(table.rows) for table in tables(result))


def test_benchmark_seeded_needs_an_interview_to_test_and_one_to_quote():
    with pytest.raises(UsageError, match="too few"):
        benchmark_seeded(project(), fit=fit, rotations=5)
    with pytest.raises(UsageError, match="too few"):
        benchmark_seeded(project(), fit=fit, rotations=1)


@pytest.mark.parametrize(("best", "expected"), [(1, (None, 2)), (3, (2 / 5, 5)), (50, (2 / 6, 6))])
def test_best_block_counts_the_surest_pairs_of_each_interview(best, expected):
    truth = np.array([[1, 0], [0, 1], [0, 0]], dtype=np.bool_)
    scores = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]])
    book = Codebook("two", "1", (Code("a", "A", "d"), Code("b", "B", "d")))
    counted = best_block(Rows(book, truth, scores, np.array([0, 0, 1]), Bootstrap(2)), best)["precision"]
    assert (counted.value, counted.n) == expected


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("in_turn", [1, 4, 2, 3, 0]),
        ("certain", [1, 2, 4, 3, 0]),
        ("uncertain", [0, 4, 3, 2, 1]),
        ("transcript", [0, 1, 2, 3, 4]),
    ],
)
def test_orders_decide_sentences_in_turn(order, expected):
    assert ORDERS[order](SURE).tolist() == expected


@pytest.mark.parametrize("order", ORDERS)
def test_orders_are_permutations(order):
    assert sorted(ORDERS[order](SURE).tolist()) == [0, 1, 2, 3, 4]


def test_coded_project_reads_a_table_beside_its_transcripts(tmp_path):
    folder = tmp_path / "talks"
    folder.mkdir()
    rows = []
    for name in ("P01", "P02"):
        (folder / f"{name}.txt").write_text(
            "Anna: What is it?\nP: The kitty ran dry.\nAnna: And then?\nP: Nothing else.\n", encoding="utf-8"
        )
        rows.append({"transcript": name, "exact": "The kitty ran dry.", "code": "money", "coder": "mo"})
    table = tmp_path / "codings.jsonl"
    table.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    read = coded_project(table, transcripts=folder, interviewers=["Anna"])
    assert [coding.span.of(read.transcripts[0].text) for coding in read.codings] == ["The kitty ran dry."] * 2
    assert [turn.role for turn in read.transcripts[0].turns][:2] == [Role.INTERVIEWER, Role.PARTICIPANT]


def test_coded_project_without_transcripts_is_refused(tmp_path):
    with pytest.raises(UsageError, match="holds no transcripts"):
        coded_project(tmp_path / "x.csv", transcripts=tmp_path / "nowhere")


def test_codebooks_of_one_code_recur_too():
    book = Codebook("one", "1", (Code("money", "Money", "Means"),))
    whole = project()
    assert recurring(CodedProject(book, whole.transcripts, [c for c in whole.codings if c.code == "money"])).codings
