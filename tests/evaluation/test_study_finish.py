"""The finish line and the audit of codes: cases by hand, and what intervals promise held by simulation."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from corpus.transcript import Span
from evaluation.metrics.agreement import Counts, cohen_kappa
from evaluation.study_quality.columns import Suggested
from evaluation.study_quality.finish import COLUMNS, code_thresholds, finish_csv, finish_line
from evaluation.study_quality.finish_line import Cells, Estimate, JudgedStudy, finish_points
from evaluation.study_quality.judged import Judgements, judged_study
from evaluation.study_quality.missed_codes import missed_codes
from evaluation.study_quality.progress import ACCEPTED, REJECTED, UNDECIDED
from evaluation.study_quality.risk_control import RISK, fewest_judged, lowest_safe_threshold
from evaluation.study_quality.sentences import CodedSpans, row_of
from evaluation.study_quality.shares import clopper_pearson, korn_graubard, mean_of_counts, ratio_interval, sum_interval

CODES = 8
LONG = 10
"""Characters of a sentence; it ends one before the next begins."""


@dataclass(frozen=True)
class Simulated:
    """A study of which everything is known: who said what is drawn, suggestions are as good as they say."""

    transcripts: int
    each: int
    truth: np.ndarray
    suggested: Suggested
    right: np.ndarray

    @property
    def row(self):
        spans = np.array([[n * LONG, n * LONG + LONG - 1] for n in range(self.each)])
        return row_of(dict.fromkeys(range(1, self.transcripts + 1), spans))

    def spans(self, cells):
        """Sentences with their codes, shape (n, 2), as codings."""
        sentence, code = cells.T
        starts = sentence % self.each * LONG
        return CodedSpans(1 + sentence // self.each, starts, starts + LONG - 1, code)

    def subject(self, sentence):
        version, n = divmod(int(sentence), self.each)
        return version + 1, Span(n * LONG, n * LONG + LONG - 1)


def simulated(rng, transcripts=8, each=150, *, shift=0.0):
    """Draw a study; talk of a transcript may be coded and suggested more or less well (``shift``)."""
    sentences = transcripts * each
    level = np.repeat(rng.normal(0, 0.6, transcripts), each)
    coded = rng.random(sentences) < 1 / (1 + np.exp(1.3 - level))
    truth = np.zeros((sentences, CODES), dtype=bool)
    truth[np.flatnonzero(coded), rng.integers(0, CODES, coded.sum())] = True
    second = coded & (rng.random(sentences) < 0.35)  # talk bears several codes at once
    truth[np.flatnonzero(second), rng.integers(0, CODES, second.sum())] = True
    skill = np.repeat(np.clip(0.55 + rng.normal(0, shift, transcripts), 0.2, 0.9), each)
    chance = np.where(truth, rng.beta(5, 3, truth.shape), rng.beta(1.2, 9, truth.shape))
    shown = (rng.random(truth.shape) < np.where(truth, skill[:, np.newaxis], 0.04)) & (chance > 0.05)
    cells = np.argwhere(shown)
    # Calibrated: the probability is the share that is right among suggestions of like score.
    right = truth[shown]
    order = np.argsort(chance[shown])
    chances = np.empty(len(cells))
    chances[order] = np.convolve(np.pad(right[order], 30, mode="edge"), np.ones(61) / 61, mode="valid")
    chances = np.clip(np.maximum.accumulate(chances[order])[np.argsort(order)], 0.02, 0.98)
    starts = cells[:, 0] % each * LONG
    marks = CodedSpans(1 + cells[:, 0] // each, starts, starts + LONG - 1, cells[:, 1])
    return Simulated(transcripts, each, truth, Suggested(np.arange(1, len(cells) + 1), marks, chances), right)


def audited_in(rng, study, count):
    """Sentences as the audit draws them: two without a suggestion for each with one."""
    touched = np.zeros(len(study.truth), dtype=bool)
    touched[study.row.touching(study.suggested.marks)[0]] = True
    kinds = [rng.permutation(np.flatnonzero(kind)) for kind in (~touched, touched)]
    return [*kinds[0][: count - count // 3], *kinds[1][: count // 3]]


def coverage(hits):
    return sum(hits) / len(hits)


# The audit, code by code


@pytest.mark.parametrize("decided", [0.0, 0.5, 1.0])
def test_missed_codes_interval_covers_the_recall_of_sentence_and_code(decided):
    rng, hits = np.random.default_rng(7), []
    for _ in range(60):
        study = simulated(rng, 6, 150)
        verdicts = np.where(study.right, ACCEPTED, REJECTED)
        found = np.where(rng.random(len(verdicts)) < decided, verdicts, UNDECIDED)
        audited = [study.subject(n) for n in audited_in(rng, study, 100)]
        codings = study.spans(np.argwhere(study.truth))
        estimate = missed_codes(study.row, study.suggested, found, audited, codings)
        recall = study.right.sum() / study.truth.sum()
        hits.append(estimate.low <= recall <= estimate.high)
    assert coverage(hits) >= 0.92


def test_missed_codes_counts_second_codes_where_another_was_found():
    row = row_of({1: np.array([[n * LONG, n * LONG + 9] for n in range(40)])})
    marks = CodedSpans(*np.array([[1, n * LONG, n * LONG + 9, 0] for n in range(10)]).T)
    suggested = Suggested(np.arange(10), marks, np.full(10, 0.9))
    codings = CodedSpans(*np.array([[1, n * LONG, n * LONG + 9, code] for n in range(10) for code in (0, 1)]).T)
    audited = [(1, Span(n * LONG, n * LONG + 9)) for n in range(40)]
    found = missed_codes(row, suggested, np.full(10, ACCEPTED), audited, codings)
    assert (found.audited, found.with_suggestion, found.found, found.recall) == (40, 10, 10, 0.5)
    assert (found.right, found.missed) == (10, 10)


def test_missed_codes_says_nothing_from_too_few_or_from_one_kind():
    rng = np.random.default_rng(1)
    study = simulated(rng, 3, 60)
    codings = study.spans(np.argwhere(study.truth))
    drawn, verdicts = audited_in(rng, study, 90), np.full(len(study.right), UNDECIDED)
    for few in ([], drawn[:10], drawn[:60]):
        found = missed_codes(study.row, study.suggested, verdicts, [study.subject(n) for n in few], codings)
        assert (found.insufficient, found.recall) == (len(few), None)


# The finish line


def judged(rng, study, *, blind=3, audited=0):
    """What a person judged of a simulated study."""
    versions = frozenset((1 + rng.permutation(study.transcripts)[:blind]).tolist())
    sentences = frozenset(study.subject(n) for n in audited_in(rng, study, audited))
    codings = study.spans(np.argwhere(study.truth))
    return judged_study(study.row, study.suggested, Judgements(versions, sentences, codings), CODES)


def finished_kappa(study, threshold):
    """Kappa if suggestions from a threshold on were taken, from the whole truth."""
    machine = np.zeros_like(study.truth)
    kept = study.suggested.only(study.suggested.chances >= threshold)
    machine[(kept.marks.versions - 1) * study.each + kept.marks.starts // LONG, kept.marks.codes] = True
    taken = machine.any(axis=1)
    finished = np.where(taken[:, np.newaxis], machine, study.truth)
    cells = (finished & study.truth, finished & ~study.truth, ~finished & study.truth, ~finished & ~study.truth)
    return float(cohen_kappa(Counts(*(np.float64(cell.sum()) for cell in cells)))), 1 - taken.mean()


@pytest.mark.parametrize(("blind", "audited", "shift"), [(4, 0, 0.1), (0, 150, 0.1), (3, 90, 0.0)])
def test_finish_points_intervals_cover_the_kappa_of_the_finished_coding(blind, audited, shift):
    rng, hits, widths = np.random.default_rng(11), [], []
    for _ in range(25):
        study = simulated(rng, shift=shift)
        for point in finish_points(judged(rng, study, blind=blind, audited=audited))[::4]:
            kappa, by_hand = finished_kappa(study, point.threshold)
            assert point.by_hand == pytest.approx(by_hand)
            if point.kappa.low is not None:
                hits.append(point.kappa.low <= kappa <= point.kappa.high)
                widths.append(point.kappa.high - point.kappa.low)
    assert coverage(hits) >= 0.92
    assert len(hits) > 60
    assert np.median(widths) < 0.25, "wide enough says nothing"


def test_finish_points_of_a_study_that_was_judged_as_a_whole_are_the_truth():
    rng = np.random.default_rng(3)
    study = simulated(rng)
    for point in finish_points(judged(rng, study, blind=study.transcripts)):
        kappa, by_hand = finished_kappa(study, point.threshold)
        if point.kappa.value is not None:
            assert point.kappa.value == pytest.approx(kappa)
            assert point.kappa.low <= kappa <= point.kappa.high
        assert point.by_hand == pytest.approx(by_hand)


def test_finish_points_say_nothing_where_little_was_judged():
    rng = np.random.default_rng(3)
    study = simulated(rng)
    for little in (judged(rng, study, blind=0), judged(rng, study, blind=1), judged(rng, study, blind=0, audited=12)):
        assert {point.kappa for point in finish_points(little)} == {Estimate()}
    marked_only = [n for n in range(len(study.truth)) if (study.row.touching(study.suggested.marks)[0] == n).any()]
    one_kind = Judgements(
        frozenset(), frozenset(map(study.subject, marked_only)), study.spans(np.argwhere(study.truth))
    )
    half = judged_study(study.row, study.suggested, one_kind, CODES)
    assert {point.kappa for point in finish_points(half)} == {Estimate()}, "nothing is known of the other sentences"
    nothing = replace(judged(rng, study), suggested=Cells(*np.zeros((2, 0), np.int64)), chances=np.zeros(0))
    assert finish_points(nothing) == ()


def test_more_is_left_to_a_person_the_higher_the_threshold():
    rng = np.random.default_rng(5)
    points = finish_points(judged(rng, simulated(rng)))
    assert [point.by_hand for point in points] == sorted(point.by_hand for point in points)
    assert [point.taken for point in points] == sorted((point.taken for point in points), reverse=True)


def test_judged_study_leaves_out_sentences_that_are_cut_otherwise_by_now():
    study = simulated(np.random.default_rng(2), 2, 20)
    codings = study.spans(np.argwhere(study.truth))
    moved = frozenset({(1, Span(0, 9)), (1, Span(11, 19)), (2, Span(20, 28)), (9, Span(0, 9))})
    found = judged_study(study.row, study.suggested, Judgements(frozenset(), moved, codings), CODES)
    assert np.flatnonzero(found.judged).tolist() == [0]
    assert isinstance(found, JudgedStudy)


# Thresholds of single codes


def test_lowest_safe_threshold_keeps_the_precision_but_for_the_risk():
    rng, broken = np.random.default_rng(13), []
    for _ in range(1500):
        chances = np.sort(rng.random(80))
        truth = np.clip(chances * rng.choice([0.8, 0.95, 1.1]), 0, 1)  # stated and true need not agree
        threshold = lowest_safe_threshold(chances, rng.random(80) < truth, 0.75)
        broken.append(threshold is not None and truth[chances >= threshold].mean() < 0.75)
    assert coverage(broken) <= RISK + 0.01


@given(st.floats(0.5, 0.99))
def test_fewest_judged_is_the_fewest_that_can_pass(precision):
    n = fewest_judged(precision)
    for count, passes in ((n, True), (n - 1, False)):
        found = lowest_safe_threshold(np.full(count, 0.9), np.ones(count, dtype=bool), precision)
        assert (found is not None) == (passes and precision**count <= RISK)


def test_code_thresholds_say_not_enough_code_by_code():
    rng = np.random.default_rng(17)
    study = simulated(rng, 10, 200)
    whole = judged(rng, study, blind=10)
    names = [f"code{n}" for n in range(CODES)]
    for column, found in enumerate(code_thresholds(whole, names, 0.5)):
        mine = study.suggested.marks.codes == column
        assert (found.code, found.judged, found.right) == (names[column], mine.sum(), study.right[mine].sum())
        if found.threshold is not None:
            assert found.taken == (study.suggested.chances[mine] >= found.threshold).sum()
    few = code_thresholds(judged(rng, study, blind=0, audited=30), names, 0.9)
    assert all(found.insufficient == found.judged and found.threshold is None for found in few)


# The sentence and the table


def test_finish_line_has_a_sentence_for_the_paper_and_says_what_it_rests_on():
    rng = np.random.default_rng(19)
    study = simulated(rng)
    names = [f"code{n}" for n in range(CODES)]
    line = finish_line(judged(rng, study, blind=4, audited=90), names, 0.75)
    assert line.transcripts == 4
    assert 0 < line.audited <= 90
    assert f"{line.judged} sentences that a person coded without sight of suggestions" in line.summary
    assert "4 transcripts coded blind and" in line.summary
    assert "95% interval" in line.summary
    if line.recommended is not None:
        assert f"at least {line.recommended:.2f}" in line.summary
    empty = finish_line(judged(rng, study, blind=0), names, 0.75)
    assert (empty.recommended, "Not enough" in empty.summary) == (None, True)


def test_finish_csv_has_a_line_a_threshold_and_empty_cells_where_too_little_was_judged():
    rng = np.random.default_rng(19)
    points = finish_points(judged(rng, simulated(rng), blind=0))
    head, *lines = finish_csv(points).splitlines()
    assert head == ",".join(COLUMNS)
    assert len(lines) == len(points)
    assert all(line.endswith("," * 9) for line in lines)


# Intervals


@given(st.integers(0, 30), st.integers(2, 30))
def test_korn_graubard_of_clusters_of_one_that_agree_is_nearly_exact(hits, more):
    n = hits + more
    found = np.array([1.0] * hits + [0.0] * more)
    low, high = korn_graubard(found, np.ones(n))
    exact = clopper_pearson(hits, n)
    assert low <= exact[0] + 0.02
    assert high >= exact[1] - 0.02


def test_korn_graubard_is_wider_where_clusters_differ_and_needs_two():
    same = korn_graubard(np.array([5.0] * 6), np.array([10.0] * 6))
    apart = korn_graubard(np.array([0.0, 10.0] * 3), np.array([10.0] * 6))
    assert apart[1] - apart[0] > same[1] - same[0]
    assert korn_graubard(np.array([5.0, 0.0]), np.array([10.0, 0.0])) is None


@given(st.lists(st.integers(0, 4), min_size=1, max_size=60))
def test_mean_of_counts_holds_the_mean(counts):
    middle, low, high = mean_of_counts(np.array(counts))
    assert middle == pytest.approx(np.mean(counts))
    assert low <= middle <= high


def test_ratio_and_sum_intervals_cover_what_they_are_about():
    rng, sums, ratios = np.random.default_rng(23), [], []
    for _ in range(800):
        first, second = rng.binomial(60, 0.2), rng.binomial(80, 0.5)
        parts = []
        for hits, n in ((first, 60), (second, 80)):
            parts.append((hits / n, beta.ppf(0.025, hits, n - hits + 1), beta.ppf(0.975, hits + 1, n - hits)))
        _, low, high = sum_interval(parts)
        sums.append(low <= 0.7 <= high)
        least, most = ratio_interval(*parts)
        ratios.append(least <= 0.4 <= most)
    assert 0.94 <= coverage(sums) <= 0.99
    assert 0.94 <= coverage(ratios) <= 0.99
