"""Progress, acceptance, pace and the audit: cases by hand, and intervals held equal to scipy."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, binomtest, norm

from corpus.transcript import Span
from evaluation.metrics.grouping import by_domain
from evaluation.study_quality.columns import Suggested
from evaluation.study_quality.missed import missed
from evaluation.study_quality.progress import (
    ACCEPTED,
    RECODED,
    REJECTED,
    UNDECIDED,
    UNSURE,
    band_acceptance,
    by_transcript,
    domain_acceptance,
    pace,
    total,
    verdicts,
)
from evaluation.study_quality.sentences import CodedSpans, row_of
from evaluation.study_quality.shares import clopper_pearson, wilson
from pipeline.store import Action, CurrentDecision, Decision
from tests.evaluation.support import BOOK

MORNING = datetime(2026, 1, 5, 9, tzinfo=UTC)
COUNTS = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
SPANS = np.array([[n * 10, n * 10 + 9] for n in range(40)])


def suggested(*rows):
    """Suggestions with the ids 1, 2, ... from (version, sentence, code column, probability)."""
    columns = np.array([(version, sentence * 10, sentence * 10 + 9, code) for version, sentence, code, _ in rows])
    chances = np.array([chance for *_, chance in rows])
    return Suggested(np.arange(1, len(rows) + 1), CodedSpans(*columns.reshape(-1, 4).T), chances)


def decided(suggestion, action, code="money"):
    decision = Decision("Ada", 1, action, suggestion, Span(0, 9), code, id=suggestion, time=MORNING)
    return CurrentDecision(decision)


def test_what_a_coder_made_of_each_suggestion():
    made = suggested(*[(1, n, 0, 0.7) for n in range(6)])
    standings = [
        decided(1, Action.ACCEPT),
        decided(2, Action.REJECT),
        decided(3, Action.UNSURE),
        decided(4, Action.CODE),
        decided(5, Action.CODE, "trust"),
    ]
    found = verdicts(made, standings, BOOK.ids)
    assert found.tolist() == [ACCEPTED, REJECTED, UNSURE, ACCEPTED, RECODED, UNDECIDED]
    tally = total(found)
    assert (tally.suggested, tally.decided, tally.accepted, tally.rejected, tally.unsure) == (6, 5, 2, 2, 1)


def test_a_memo_alone_decides_nothing():
    assert verdicts(suggested((1, 0, 0, 0.7)), [decided(1, Action.MEMO)], BOOK.ids).tolist() == [UNDECIDED]


def test_transcripts_and_their_domains():
    made = suggested((4, 0, 0, 0.9), (4, 1, 2, 0.9), (2, 0, 1, 0.9))
    found = np.array([ACCEPTED, UNDECIDED, REJECTED])
    one, other, empty = by_transcript(made, found, {4: "A", 2: "B", 8: "C"}, by_domain(BOOK))
    assert (one.name, one.version, one.suggested, one.accepted) == ("A", 4, 2, 1)
    assert [(each.domain, each.suggested, each.decided) for each in one.domains] == [("Means", 1, 1), ("Culture", 1, 0)]
    assert (other.name, other.rejected, other.accepted) == ("B", 1, 0)
    assert (empty.suggested, empty.domains[0].suggested) == (0, 0)


def test_acceptance_by_domain_and_band():
    made = suggested((1, 0, 0, 0.8), (1, 1, 0, 0.6), (1, 2, 2, 0.3), (1, 3, 2, 1.0), (1, 4, 0, 0.81))
    found = np.array([ACCEPTED, REJECTED, UNDECIDED, UNSURE, ACCEPTED])
    means, culture = domain_acceptance(made, found, by_domain(BOOK))
    assert (means.observed, means.expected) == (pytest.approx(2 / 3), pytest.approx((0.8 + 0.6 + 0.81) / 3))
    assert (means.low, means.high) == pytest.approx(wilson(2, 3))
    assert (culture.suggested, culture.decided, culture.observed, culture.low) == (2, 1, None, None)
    bands = {one.label: (one.suggested, one.accepted) for one in band_acceptance(made, found)}
    assert bands == {
        "under .5": (1, 0),
        ".5-.6": (0, 0),
        ".6-.7": (1, 0),
        ".7-.8": (0, 0),
        ".8-.9": (2, 2),
        ".9-1": (1, 0),
    }


def times(*gaps):
    return [MORNING + timedelta(seconds=sum(gaps[:n])) for n in range(len(gaps) + 1)]


def test_pace_leaves_breaks_and_bulk_decisions_out():
    found = pace(times(4, 0.01, 6, 3600, 5, 0.02, 7, 3), remaining=120)
    assert (found.a_minute, found.minutes) == (12, 10)


def test_no_pace_from_a_handful():
    found = pace(times(4, 5, 6, 4), remaining=120)
    assert (found.a_minute, found.remaining, found.minutes) == (None, 120, None)


@settings(deadline=None)
@given(COUNTS)
def test_intervals_equal_scipy(counted):
    successes, n = counted
    exact = binomtest(successes, n).proportion_ci(method="exact")
    score = binomtest(successes, n).proportion_ci(method="wilson")
    assert clopper_pearson(successes, n) == pytest.approx((exact.low, exact.high))
    assert wilson(successes, n) == pytest.approx((score.low, score.high))


@settings(deadline=None)
@given(COUNTS)
def test_wilson_ends_where_the_share_is_just_as_far_as_chance_allows(counted):
    successes, n = counted
    for end in wilson(successes, n):
        assert abs(successes / n - end) == pytest.approx(norm.ppf(0.975) * (end * (1 - end) / n) ** 0.5, abs=1e-9)


@settings(deadline=None)
@given(COUNTS)
def test_clopper_pearson_ends_where_the_count_has_a_chance_of_one_in_forty(counted):
    successes, n = counted
    low, high = clopper_pearson(successes, n)
    assert (binom.sf(successes - 1, n, low) if successes else low) == pytest.approx(0.025 if successes else 0)
    assert (binom.cdf(successes, n, high) if successes < n else high) == pytest.approx(0.025 if successes < n else 1)


def test_no_interval_without_cases():
    assert wilson(0, 0) is None
    assert clopper_pearson(0, 0) is None


def audits(count, found=0, first=10):
    """Audits of ``count`` sentences of version 1, the first ``found`` of which lack a code."""
    return {(1, Span(*map(int, SPANS[first + n]))): n < found for n in range(count)}


def test_what_was_missed_by_hand():
    made = suggested((1, 0, 0, 0.9), (1, 1, 0, 0.8), (1, 2, 0, 0.6), (1, 3, 1, 0.7), (1, 3, 2, 0.4))
    found = np.array([ACCEPTED, REJECTED, UNDECIDED, RECODED, UNDECIDED])
    answer = missed(row_of({1: SPANS}), made, found, audits(20, found=2))
    low, high = clopper_pearson(2, 20)
    assert (answer.audited, answer.found, answer.insufficient, answer.unsuggested) == (20, 2, None, 36)
    assert (answer.share_low, answer.share_high) == (low, high)
    assert (answer.right, answer.undecided) == (pytest.approx(1 + 0.6 + 1), 2)
    assert answer.recall == pytest.approx(2.6 / (2.6 + 3.6))
    assert (answer.low, answer.high) == pytest.approx((2.6 / (2.6 + 36 * high), 2.6 / (2.6 + 36 * low)))


def test_nineteen_audited_sentences_are_insufficient():
    answer = missed(row_of({1: SPANS}), suggested((1, 0, 0, 0.9)), np.array([ACCEPTED]), audits(19, found=3))
    assert (answer.insufficient, answer.audited, answer.found, answer.recall, answer.low) == (19, 19, 3, None, None)


def test_audited_sentences_that_are_suggested_by_now_do_not_count():
    made = suggested((1, 0, 0, 0.9), (1, 10, 0, 0.9))
    answer = missed(row_of({1: SPANS}), made, np.array([ACCEPTED, UNDECIDED]), audits(25, found=1))
    assert (answer.audited, answer.found) == (24, 0)


def test_audits_of_versions_that_are_not_looked_at_do_not_count():
    answer = missed(row_of({3: SPANS}), suggested((3, 0, 0, 0.9)), np.array([ACCEPTED]), audits(25))
    assert answer.insufficient == 0


@given(st.integers(20, 30), st.integers(0, 20))
def test_recall_lies_in_its_interval(count, found):
    answer = missed(
        row_of({1: SPANS}), suggested((1, 0, 0, 0.9)), np.array([ACCEPTED]), audits(count, min(found, count))
    )
    assert 0 <= answer.low <= answer.recall <= answer.high <= 1


def test_a_suggestion_that_was_merged_into_a_passage_of_its_code_was_right():
    made = suggested((1, 0, 0, 0.9), (1, 1, 0, 0.8), (1, 1, 1, 0.7))
    joined = Decision("Ada", 1, Action.CODE, 1, Span(0, 19), "money", id=1, time=MORNING)
    standings = [CurrentDecision(joined), decided(2, Action.REJECT), decided(3, Action.REJECT)]
    assert verdicts(made, standings, BOOK.ids).tolist() == [ACCEPTED, ACCEPTED, REJECTED]
