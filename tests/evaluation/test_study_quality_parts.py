"""Sentences in one row, answers that are kept, and shares of a coder's decisions: each by itself."""

import threading
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, norm

from corpus.transcript import Span
from evaluation.study_quality.columns import Suggested
from evaluation.study_quality.progress import AWAY, FEWEST, RECENT, TOGETHER, band_acceptance, pace, total
from evaluation.study_quality.quality import AnswerCache
from evaluation.study_quality.sentences import LENGTH, CodedSpans, row_of
from evaluation.study_quality.shares import clopper_pearson, wilson

COUNTS = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
SENTENCES = st.dictionaries(
    st.integers(1, 9),
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 9)), max_size=6),
    min_size=1,
    max_size=3,
)


def laid(gaps):
    """Sentences from gaps and lengths, one after another."""
    spans, at = [], 0
    for gap, length in gaps:
        spans.append((at + gap, at + gap + length))
        at += gap + length
    return np.array(spans, dtype=np.int64).reshape(-1, 2)


def coded(*marks):
    """Coded spans from (version, start, end, code)."""
    return CodedSpans(*np.array(marks, dtype=np.int64).reshape(-1, 4).T)


# Sentences in a row


@given(SENTENCES)
def test_row_of_keeps_every_sentence_in_its_version(given_sentences):
    spans = {version: laid(gaps) for version, gaps in given_sentences.items()}
    row = row_of(spans)
    assert row.versions.tolist() == sorted(spans)
    assert len(row) == sum(map(len, spans.values()))
    assert row.sizes.tolist() == [len(spans[version]) for version in sorted(spans)]
    for document, version in enumerate(sorted(spans)):
        inside = row.documents == document
        np.testing.assert_array_equal(
            np.column_stack([row.starts, row.ends])[inside] - document * LENGTH, spans[version]
        )


@given(SENTENCES, st.data())
def test_touching_and_bearing_are_those_of_spans(given_sentences, data):
    spans = {version: laid(gaps) for version, gaps in given_sentences.items()}
    drawn = st.tuples(st.sampled_from(sorted(spans)), st.integers(0, 50), st.integers(1, 20), st.integers(0, 3))
    marks = [(version, start, start + length, code) for version, start, length, code in data.draw(st.lists(drawn))]
    row = row_of(spans)
    sentences = [(version, Span(*map(int, pair))) for version in sorted(spans) for pair in spans[version]]
    shared = {
        (s, m): span.overlap(Span(mark[1], mark[2]))
        for s, (version, span) in enumerate(sentences)
        for m, mark in enumerate(marks)
        if version == mark[0] and span.overlap(Span(mark[1], mark[2]))
    }
    sentence, mark, characters = (part.tolist() for part in row.touching(coded(*marks)))
    assert dict(zip(zip(sentence, mark, strict=True), characters, strict=True)) == shared
    bearing = set(zip(*(part.tolist() for part in row.bearing(coded(*marks))), strict=True))
    assert bearing == {
        (s, m) for s, m in shared if sentences[s][1].shares_half(Span(marks[m][1], marks[m][2]), of="either")
    }


def test_a_row_of_nothing_is_touched_by_nothing():
    row = row_of({})
    assert len(row) == len(row.sizes) == 0
    assert len(row_of({3: laid([])})) == 0
    assert [len(part) for part in row.touching(coded())] == [0, 0, 0]


def test_only_keeps_columns_together():
    marks = coded((1, 0, 4, 2), (2, 5, 9, 0), (3, 1, 2, 1))
    kept = marks.only(np.array([True, False, True]))
    assert (kept.versions.tolist(), kept.ends.tolist(), kept.codes.tolist()) == ([1, 3], [4, 2], [2, 1])
    suggested = Suggested(np.array([7, 8, 9]), marks, np.array([0.1, 0.2, 0.3]))
    assert suggested.only(np.array([False, True, False])).ids.tolist() == [8]
    assert len(suggested.only(np.zeros(3, dtype=bool)).marks) == 0


# Shares


@settings(max_examples=40)
@given(COUNTS)
def test_intervals_equal_their_formulas(counted):
    successes, n = counted
    share, z = successes / n, norm.ppf(0.975)
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * (share * (1 - share) / n + z**2 / (4 * n**2)) ** 0.5
    assert wilson(successes, n) == pytest.approx((max(0, middle - half), min(1, middle + half)), abs=1e-9)
    low = beta.ppf(0.025, successes, n - successes + 1) if successes else 0.0
    high = beta.ppf(0.975, successes + 1, n - successes) if successes < n else 1.0
    assert clopper_pearson(successes, n) == pytest.approx((low, high), abs=1e-7)


@settings(max_examples=40)
@given(COUNTS)
def test_intervals_hold_the_share_mirror_and_exact_is_wider_at_the_ends(counted):
    successes, n = counted
    for interval in (wilson, clopper_pearson):
        low, high = interval(successes, n)
        assert -1e-12 <= low <= successes / n + 1e-12
        assert successes / n - 1e-12 <= high <= 1 + 1e-12
        assert interval(n - successes, n) == pytest.approx((1 - high, 1 - low), abs=1e-9)


@settings(max_examples=30)
@given(COUNTS)
def test_intervals_narrow_with_more_cases_of_the_same_share(counted):
    successes, n = counted
    for interval in (wilson, clopper_pearson):
        (low, high), (lower, higher) = interval(4 * successes, 4 * n), interval(successes, n)
        assert high - low < higher - lower


# Progress


def moments(*pauses):
    times = [datetime(2026, 3, 1, 9, tzinfo=UTC)]
    for pause in pauses:
        times.append(times[-1] + timedelta(seconds=pause))
    return times


def test_pace_by_hand():
    found = pace(moments(10, 20, 30, 10, 20), 12)
    assert (found.a_minute, found.remaining, found.minutes) == (3.0, 12, 4.0)


@pytest.mark.parametrize(
    "pauses",
    [(), (10,) * (FEWEST - 1), (TOGETHER / 2,) * 50, (AWAY,) * 50],
    ids=["nothing", "too few", "in one go", "breaks"],
)
def test_pace_of_too_little_is_unknown(pauses):
    found = pace(moments(*pauses), 3)
    assert (found.a_minute, found.remaining, found.minutes) == (None, 3, None)


@given(st.lists(st.floats(TOGETHER, AWAY - 1), min_size=FEWEST, max_size=30))
def test_pace_lies_between_the_fastest_and_the_slowest_pause(pauses):
    found = pace(moments(*pauses), 10)
    assert 60 / max(pauses) - 1e-3 <= found.a_minute <= 60 / min(pauses) + 1e-3


def test_pace_is_that_of_the_latest_decisions():
    assert pace(moments(*[100.0] * 50, *[10.0] * (RECENT - 1)), 1).a_minute == 6


@given(st.lists(st.integers(0, 4), max_size=40))
def test_total_counts_every_suggestion_once(found):
    tally = total(np.array(found, dtype=np.int64))
    assert tally.suggested == len(found)
    assert tally.decided == tally.accepted + tally.rejected + tally.unsure == sum(kind != 0 for kind in found)


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 4)), max_size=30))
def test_bands_hold_every_suggestion_once(cells):
    chances = np.array([chance for chance, _ in cells], dtype=float)
    marks = coded(*((1, n, n + 1, 0) for n in range(len(cells))))
    found = np.array([kind for _, kind in cells], dtype=np.int64)
    bands = band_acceptance(Suggested(np.arange(len(cells)), marks, chances), found)
    assert sum(band.suggested for band in bands) == len(cells)
    for band in bands:
        if band.observed is not None:
            assert band.low <= band.observed <= band.high


# Answers that are kept


def test_answer_cache_asks_once_for_a_revision():
    cache, asked = AnswerCache(3), []

    def answer():
        asked.append(1)
        return len(asked)

    assert [cache.get("a", 1, answer) for _ in range(3)] == [1, 1, 1]
    assert cache.get("a", 2, answer) == 2
    assert cache.get("a", 1, answer) == 3, "an older revision is another one"


def test_answer_cache_keeps_an_answer_that_is_none():
    cache, asked = AnswerCache(1), []
    for _ in range(3):
        assert cache.get("a", 1, lambda: asked.append(1)) is None
    assert len(asked) == 1


def test_answer_cache_forgets_what_was_asked_for_longest_ago():
    cache, asked = AnswerCache(2), []
    for question in ("a", "b", "a", "c", "a", "b"):
        cache.get(question, 1, lambda question=question: asked.append(question))
    assert asked == ["a", "b", "c", "b"]


def test_answer_cache_passes_errors_on_and_keeps_nothing_of_them():
    cache = AnswerCache(2)

    def fail():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cache.get("a", 1, fail)
    assert cache.get("a", 1, lambda: 7) == 7


def test_answer_cache_answers_threads_with_one_computation():
    cache, asked, found = AnswerCache(2), [], []
    begin = threading.Barrier(4)

    def ask():
        begin.wait()
        found.append(cache.get("a", 1, lambda: asked.append(1) or 5))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (found, len(asked)) == ([5] * 4, 1)
