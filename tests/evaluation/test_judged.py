"""What was judged, and the finish line over it: held equal to counting pair by pair."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.transcript import Span
from evaluation.benchmarks.coded_study import coded_talk
from evaluation.metrics.agreement import Counts, cohen_kappa
from evaluation.study_quality.columns import Suggested
from evaluation.study_quality.finish_line import STEP, finish_points
from evaluation.study_quality.judged import Judgements, cells_of, judged_study, judged_transcripts, rows_at
from evaluation.study_quality.missed_codes import FEWEST, FEWEST_SUGGESTED, missed_codes
from evaluation.study_quality.progress import ACCEPTED, REJECTED, UNDECIDED
from evaluation.study_quality.sentences import CodedSpans, row_of
from tests.evaluation.support import CODINGS, STUDY, TALK, Scripted

LONG, EACH, CODES = 10, 6, 3
VERSIONS = (2, 5, 7)
SPANS = [Span(n * LONG, n * LONG + LONG - 1) for n in range(EACH)]
ROW = row_of({version: np.array([(span.start, span.end) for span in SPANS]) for version in VERSIONS})
EVERY = np.ones(len(ROW), bool)


def marks_of(marks):
    """Spans with codes from (version, first, end, code), ends exclusive."""
    return CodedSpans(*np.array(marks, dtype=np.int64).reshape(-1, 4).T)


@st.composite
def marks(draw, most=8):
    """Passages of any length with a code; several may say the same of one sentence."""
    start = st.integers(0, EACH * LONG - 2)
    passage = start.flatmap(lambda first: st.tuples(st.just(first), st.integers(first + 1, EACH * LONG)))
    one_mark = st.tuples(st.sampled_from(VERSIONS), passage, st.integers(0, CODES - 1))
    drawn = draw(st.lists(one_mark, max_size=most))
    return [(version, *ends, code) for version, ends, code in drawn]


def pairs_of(given_marks):
    """Every (sentence, code) that marks say, once, by the rule of spans."""
    return {
        (VERSIONS.index(version) * EACH + n, code)
        for version, start, end, code in given_marks
        for n, span in enumerate(SPANS)
        if span.shares_half(Span(start, end), of="either")
    }


def cells(found):
    return [*zip(found.sentences.tolist(), found.codes.tolist(), strict=True)]


@given(marks(), st.lists(st.booleans(), min_size=len(ROW), max_size=len(ROW)))
def test_cells_of_gives_every_pair_once_however_many_codings_say_it(given_marks, within):
    found = cells(cells_of(ROW, marks_of(given_marks), np.array(within)))
    assert len(found) == len(set(found))
    assert set(found) == {(sentence, code) for sentence, code in pairs_of(given_marks) if within[sentence]}


SUBJECTS = st.tuples(st.sampled_from([1, *VERSIONS, 9]), st.sampled_from([*SPANS, Span(0, 5), Span(5, 9)]))


@given(st.frozensets(SUBJECTS, max_size=12))
def test_rows_at_are_the_sentences_that_are_still_cut_so(subjects):
    expected = sorted(
        VERSIONS.index(version) * EACH + SPANS.index(span)
        for version, span in subjects
        if version in VERSIONS and span in SPANS
    )
    assert rows_at(ROW, subjects).tolist() == expected


@st.composite
def studies(draw):
    """Suggestions, codings and what of the study was judged."""
    suggested, given_marks = draw(marks()), draw(marks())
    chances = [draw(st.integers(1, 20)) / 20 for _ in suggested]
    blind = draw(st.frozensets(st.sampled_from([*VERSIONS, 9])))
    audited = draw(st.frozensets(SUBJECTS, max_size=10))
    made = Suggested(np.arange(len(suggested)), marks_of(suggested), np.array(chances))
    return suggested, chances, given_marks, made, Judgements(blind, audited, marks_of(given_marks))


@given(studies())
def test_judged_study_holds_blind_transcripts_and_audited_sentences_elsewhere(drawn):
    suggested, _, given_marks, made, judgements = drawn
    study = judged_study(ROW, made, judgements, CODES)
    blind = [n for n, version in enumerate(VERSIONS) if version in judgements.blind]
    whole = {n * EACH + sentence for n in blind for sentence in range(EACH)}
    audited = {*rows_at(ROW, judgements.audited).tolist()} - whole
    assert {*np.flatnonzero(study.judged).tolist()} == whole | audited
    single = study.clusters[sorted(audited)]
    assert len({*single.tolist()}) == len(audited)
    assert (single >= study.documents).all()
    assert {*study.clusters[sorted(whole)].tolist()} == {*blind}
    assert set(cells(study.suggested)) == pairs_of(suggested)
    assert set(cells(study.human)) == {pair for pair in pairs_of(given_marks) if study.judged[pair[0]]}


def kappa_of(machine, human):
    """Cohen's kappa of two sets of pairs over all sentences and codes."""
    sizes = (len(machine & human), len(machine - human), len(human - machine), len(ROW) * CODES - len(machine | human))
    return float(cohen_kappa(Counts(*map(np.float64, sizes))))


@settings(max_examples=30, deadline=None)
@given(studies())
def test_finish_points_of_a_study_judged_as_a_whole_are_those_of_counting(drawn):
    suggested, chances, given_marks, made, judgements = drawn
    study = judged_study(ROW, made, Judgements(frozenset(VERSIONS), frozenset(), judgements.codings), CODES)
    human = pairs_of(given_marks)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("evaluation.study_quality.finish_line.FEWEST", 1)
        patch.setattr("evaluation.study_quality.finish_line.FEWEST_CLUSTERS", 1)
        points = finish_points(study)
    for point in points:
        reached = zip(suggested, chances, strict=True)
        machine = pairs_of([mark for mark, chance in reached if chance >= point.threshold])
        taken = {sentence for sentence, _ in machine}
        finished = machine | {pair for pair in human if pair[0] not in taken}
        assert point.taken == len(machine)
        assert point.judged == len(machine | {pair for pair in human if pair[0] in taken})
        assert point.by_hand == pytest.approx(1 - len(taken) / len(ROW))
        if point.kappa.value is not None:
            assert point.kappa.value == pytest.approx(kappa_of(finished, human), nan_ok=True)
            assert point.precision.value == pytest.approx(len(finished & human) / len(finished))
            assert point.recall.value == pytest.approx(len(finished & human) / len(human) if human else 1)


@given(studies())
def test_finish_points_begin_at_the_lowest_probability_and_end_below_one(drawn):
    *_, made, judgements = drawn
    study = judged_study(ROW, made, judgements, CODES)
    points = finish_points(study)
    assert bool(points) == bool(len(study.chances))
    if points:
        lowest = min(study.chances.min(), 1 - STEP)
        assert points[0].threshold == pytest.approx(lowest)
        assert points[-1].threshold == pytest.approx(1 - STEP)
        assert np.diff([point.threshold for point in points]) == pytest.approx(STEP)
        assert points[0].taken == len(set(cells(study.suggested)))


def test_judged_transcripts_is_the_study_that_a_benchmark_reads():
    talk = coded_talk(Scripted(blind="staff"), TALK, CODINGS)
    study = judged_transcripts(talk, {"one", "three"})
    assert (study.sentences, study.documents, study.codes) == (30, 3, 3)
    assert np.flatnonzero(study.judged).tolist() == [*range(10), *range(20, 30)]
    truth = {(n, code) for n, row in enumerate(talk.rows.truth) for code in np.flatnonzero(row).tolist()}
    assert set(cells(study.human)) == {pair for pair in truth if study.judged[pair[0]]}
    assert study.chances == pytest.approx(0.9)


def test_judged_transcripts_without_probabilities_still_has_points():
    """Spans without a probability count as certain."""

    class Certain(Scripted):
        def suggest(self, transcript):
            return [coding for name, codings in STUDY if name == transcript for coding in codings]

    (point,) = finish_points(judged_transcripts(coded_talk(Certain(), TALK, CODINGS), {"one", "two", "three"}))
    assert (point.threshold, point.taken, point.by_hand) == (1 - STEP, 18, pytest.approx(0.4))


# Codes that were missed


@settings(max_examples=30, deadline=None)
@given(marks(), marks(), st.randoms())
def test_missed_codes_of_a_study_audited_as_a_whole_are_those_of_counting(suggested, given_marks, random):
    made = Suggested(np.arange(len(suggested)), marks_of(suggested), np.array([0.6] * len(suggested)))
    found = np.array([random.choice([ACCEPTED, REJECTED]) for _ in suggested], dtype=np.int64)
    audited = [(version, span) for version in VERSIONS for span in SPANS]
    answer = missed_codes(ROW, made, found, audited, marks_of(given_marks))
    missed = pairs_of(given_marks) - pairs_of(suggested)
    touched = {*ROW.touching(made.marks)[0].tolist()}
    assert (answer.audited, answer.with_suggestion, answer.found) == (18, len(touched), len(missed))
    assert answer.missed == pytest.approx(len(missed))
    right = sum(
        len(pairs_of([mark])) for mark, verdict in zip(suggested, found.tolist(), strict=True) if verdict == ACCEPTED
    )
    assert answer.right == pytest.approx(right)
    if right or missed:
        assert answer.recall == pytest.approx(right / (right + len(missed)))
        assert 0 <= answer.low <= answer.recall <= answer.high <= 1
    else:
        assert (answer.recall, answer.low, answer.high) == (None, None, None)


@given(st.integers(0, 40), st.integers(0, 15))
def test_missed_codes_needs_enough_of_both_kinds(free, marked):
    many = row_of({1: np.array([[n * LONG, n * LONG + 9] for n in range(60)])})
    made = [(1, n * LONG, n * LONG + 9, 0) for n in range(15)]
    audited = [(1, Span(n * LONG, n * LONG + 9)) for n in [*range(marked), *range(15, 15 + free)]]
    suggested = Suggested(np.arange(15), marks_of(made), np.full(15, 0.5))
    answer = missed_codes(many, suggested, np.full(15, UNDECIDED), audited, marks_of([]))
    enough = free >= FEWEST and marked >= FEWEST_SUGGESTED
    assert (answer.insufficient is None) == enough
    assert answer.insufficient in (None, free + marked)


def test_missed_codes_of_a_study_without_sentences_are_unknown():
    empty = row_of({1: np.zeros((0, 2), np.int64)})
    none = Suggested(np.zeros(0, np.int64), marks_of([]), np.zeros(0))
    answer = missed_codes(empty, none, np.zeros(0, np.int64), [(1, SPANS[0])], marks_of([]))
    assert (answer.insufficient, answer.recall) == (0, None)


def test_judged_study_of_nothing_judged_says_nothing():
    none = SimpleNamespace(blind=frozenset(), audited=frozenset(), codings=marks_of([(2, 0, 9, 1)]))
    study = judged_study(ROW, Suggested(np.arange(1), marks_of([(2, 0, 9, 0)]), np.array([0.4])), none, CODES)
    assert not study.judged.any()
    assert len(study.human.sentences) == 0
    assert {point.kappa.value for point in finish_points(study)} == {None}
