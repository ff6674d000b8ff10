"""A simulated reviewer who starts from nothing: orders, decisions, and budgets that every rotation reaches."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from corpus.errors import UsageError
from evaluation.benchmarks.cold_start import ORDERS, _Pool, benchmark_cold_start, codes_in_turn
from evaluation.benchmarks.hand_coded import CodedProject, benchmark_hand_coded, inputs_of, recurring
from evaluation.benchmarks.protocols import RULES
from pipeline.learn import DECISIONS
from tests.evaluation.support import BOOK, STUDY, Scripted, interview

CHANCES = st.integers(0, 12).flatmap(lambda rows: arrays(np.float64, (rows, 3), elements=st.floats(0, 1)))
LONG, SHORT = ["money", "", "staff", "", "trust"] * 2, ["money", "staff", "trust", ""]


def project(*codes_of):
    made = [interview(f"P{n:02}", *codes) for n, codes in enumerate(codes_of)]
    return CodedProject(
        BOOK, [talk for talk, _ in made], [coding for _, given_codings in made for coding in given_codings]
    )


class Knowing(Scripted):
    """Knows the codes of its codebook only: the first ones of the whole book."""

    def _row(self, text):
        return super()._row(text)[: len(self.codebook.ids)]


def fits():
    """A way to fit that knows the truth of every sentence, and the banks it was given."""
    banks = []

    def fit(codebook, bank):
        banks.append(bank)
        return Knowing(codebook=codebook)

    return fit, banks


# Orders


@pytest.mark.parametrize("order", ORDERS)
@given(chances=CHANCES)
def test_orders_hold_every_sentence_once(order, chances):
    assert sorted(ORDERS[order](chances).tolist()) == [*range(len(chances))]


@given(CHANCES)
def test_codes_in_turn_begins_with_the_surest_sentence_of_each_code(chances):
    first = {int(row) for row in chances.argmax(axis=0)} if len(chances) else set()
    assert {*codes_in_turn(chances).tolist()[: len(first)]} == first


@given(CHANCES)
def test_order_certain_falls_with_the_highest_probability(chances):
    highest = chances.max(axis=1, initial=0)[ORDERS["certain"](chances)]
    assert (np.diff(highest) <= 0).all()


# Decisions


@given(st.lists(st.integers(0, 9), unique=True))
def test_decisions_give_all_codes_of_a_sentence_or_reject_it(rows):
    (talk, _), other = STUDY[0], STUDY[1][0]
    segments = Scripted().score(talk).segments
    truth = np.random.default_rng(3).random((10, 3)) < 0.4
    talks = [talk] * 5 + [other] * 5
    readings = _Pool(truth, segments, talks).decisions(rows, BOOK.ids)
    assert [reading.transcript for reading in readings] == [*dict.fromkeys(talks[row] for row in rows)]
    given_codes = [(coding.transcript, coding.span, coding.code) for reading in readings for coding in reading.codings]
    assert sorted(given_codes) == sorted(
        (talks[row].name, segments[row].span, code)
        for row in rows
        for code, flag in zip(BOOK.ids, truth[row], strict=True)
        if flag
    )
    rejected = [(reading.transcript.name, span) for reading in readings for span in reading.rejected]
    assert sorted(rejected) == sorted((talks[row].name, segments[row].span) for row in rows if not truth[row].any())
    assert {reading.source for reading in readings} <= {DECISIONS}


# Budgets and rotations


def test_benchmark_cold_start_leaves_out_budgets_beyond_the_smallest_pool():
    fit, _ = fits()
    result = benchmark_cold_start(
        project(LONG, SHORT, LONG), fit=fit, budgets=(0, 14, 15, 21), orders={"certain": ORDERS["certain"]}
    )
    assert [*result.scores["certain"]] == ["decided0", "decided14"]
    assert [*result.baselines["seeds32"]["certain"]] == ["decided0", "decided14"]
    counts = {
        block["sentences"]["construct"]["micro_average_precision"].n for block in result.scores["certain"].values()
    }
    assert len(counts) == 1, "every budget is measured on all interviews"


def test_benchmark_cold_start_teaches_what_was_decided_and_no_more():
    fit, banks = fits()
    orders = {"transcript": ORDERS["transcript"]}
    benchmark_cold_start(project(LONG, LONG, LONG), fit=fit, budgets=(0, 2, 5), orders=orders, rotations=3)
    own = [sum(quote.document is not None for quote in bank.quotes) for bank in banks]
    empty = own[1]
    assert len(banks) == 3 * 4
    assert [count - empty for count in own[2::4]] == [2] * 3
    assert [count - empty for count in own[3::4]] == [5] * 3


@pytest.mark.parametrize("rotations", [0, 1, 4])
def test_benchmark_cold_start_refuses_rotations_that_leave_nothing(rotations):
    fit, _ = fits()
    with pytest.raises(UsageError, match=r"too few for|no rotation was asked for"):
        benchmark_cold_start(project(LONG, LONG, LONG), fit=fit, rotations=rotations)


@pytest.mark.parametrize(
    ("options", "problem"), [({"rotations": 0}, "no rotation"), ({"by_hand": (3, 9)}, "leave none")]
)
def test_benchmark_hand_coded_refuses_what_leaves_nothing_to_test(options, problem):
    fit, banks = fits()
    with pytest.raises(UsageError, match=problem):
        benchmark_hand_coded(project(LONG, LONG, LONG), fit=fit, **options)
    assert banks == []


def test_benchmark_hand_coded_learns_interviews_in_turn_and_tests_the_others():
    fit, banks = fits()
    benchmark_hand_coded(project(LONG, SHORT, LONG), fit=fit, by_hand=(2,), rotations=9)
    own = {f"P{n:02}" for n in range(3)}
    learned = [sorted({quote.document for quote in bank.quotes} & own) for bank in banks]
    assert learned == [["P00", "P01"], ["P01", "P02"], ["P00", "P02"]]


def test_benchmarks_take_a_project_with_an_interview_that_bears_none_of_the_codes_that_recur():
    """Its only code stands in no other interview."""
    fit, _ = fits()
    whole = project(["money", ""], ["staff", ""], ["money", ""], ["money", ""], ["", "money"])
    by_hand = benchmark_hand_coded(whole, fit=fit, by_hand=(1, 2))
    assert by_hand.inputs.n_documents == 4
    assert by_hand.scores["by_hand1"]["sentences"]["construct"]["micro_average_precision"].value == 1
    decided = benchmark_cold_start(whole, fit=fit, budgets=(0, 1), orders={"certain": ORDERS["certain"]}, rotations=2)
    assert decided.inputs.n_documents == 4


CODES_OF = st.lists(st.lists(st.sampled_from(["", *BOOK.ids]), min_size=1, max_size=5), min_size=1, max_size=6)


@given(CODES_OF)
def test_recurring_keeps_codes_of_enough_interviews_and_only_interviews_with_them(codes_of):
    whole = project(*codes_of)
    coded = [set(codes) - {""} for codes in codes_of]
    enough = max(2, min(3, sum(map(bool, coded))))
    expected = [code for code in BOOK.ids if sum(code in codes for codes in coded) >= enough]
    if not expected:
        with pytest.raises(UsageError, match="no code was given in several interviews"):
            recurring(whole)
        return
    kept = recurring(whole)
    assert [*kept.codebook.ids] == expected
    assert [talk.name for talk in kept.transcripts] == [
        f"P{n:02}" for n, found in enumerate(coded) if found & {*expected}
    ]
    assert {coding.code for coding in kept.codings} == {*expected}
    assert recurring(kept) == kept


def test_inputs_of_know_every_coding_whatever_their_order():
    whole = project(LONG, SHORT)
    backwards = CodedProject(BOOK, whole.transcripts, whole.codings[::-1])
    fewer = CodedProject(BOOK, whole.transcripts, whole.codings[1:])
    first, same, other = (inputs_of(made, Scripted(), RULES) for made in (whole, backwards, fewer))
    assert first == same
    assert first.data["codings"] != other.data["codings"]
    assert (first.n_documents, first.n_passages, other.n_passages) == (2, 9, 8)
