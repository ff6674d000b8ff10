"""Passages: adjacent sentences of one turn that reach a code's threshold, merged exactly."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from corpus.transcript import Role, Segment, Span
from pipeline.passages import ALTERNATIVES, Passage, alternatives, merge_sentences

CODES = 3
LEVELS = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]).map(np.float32)


def segments_in(turns):
    """One sentence of nine characters for each turn number."""
    return [Segment(f"s{n}", Span(n * 10, n * 10 + 9), turn, "P", Role.PARTICIPANT) for n, turn in enumerate(turns)]


@st.composite
def scored(draw):
    turns = sorted(draw(st.lists(st.integers(0, 3), max_size=8)))
    probabilities = draw(arrays(np.float32, (len(turns), CODES), elements=LEVELS))
    return segments_in(turns), probabilities, draw(arrays(np.float32, CODES, elements=LEVELS))


def merged(turns, rows, thresholds=(0.5, 0.5, 0.5)):
    return merge_sentences(segments_in(turns), np.array(rows, np.float32), np.array(thresholds, np.float32))


@given(scored())
def test_passages_cover_exactly_what_reaches_its_threshold(case):
    _, probabilities, thresholds = case
    covered = [(row, one.column) for one in merge_sentences(*case) for row in range(*one.rows)]
    assert len(covered) == len(set(covered))
    assert set(covered) == {(row, code) for row, code in np.argwhere(probabilities >= thresholds).tolist()}


@given(scored())
def test_passages_are_as_long_as_their_turn_allows_and_no_longer(case):
    segments, *_ = case
    found = merge_sentences(*case)
    assert all(len({one.turn for one in passage.segments(segments)}) == 1 for passage in found)
    ends = {(one.rows[1], one.column, segments[one.rows[0]].turn) for one in found}
    starts = {(one.rows[0], one.column, segments[one.rows[0]].turn) for one in found}
    assert not ends & starts  # two passages that touch within a turn would be one


@given(scored())
def test_a_passage_is_as_probable_as_its_most_certain_sentence(case):
    segments, probabilities, thresholds = case
    for one in merge_sentences(*case):
        block = probabilities[slice(*one.rows)]
        assert one.probability == block[:, one.column].max() >= thresholds[one.column]
        best = block[block[:, one.column].argmax()]
        assert (best > one.probability).sum() < one.rank <= (best >= one.probability).sum()
        assert one.span(segments) == Span(one.rows[0] * 10, one.rows[1] * 10 - 1)


def test_by_hand():
    rows = [[0.9, 0.1, 0.0], [0.6, 0.7, 0.0], [0.1, 0.8, 0.0], [0.5, 0.0, 0.4]]
    found = [(one.rows, one.column, round(one.probability, 2), one.rank) for one in merged([0, 0, 0, 0], rows)]
    assert found == [((0, 2), 0, 0.9, 1), ((1, 3), 1, 0.8, 1), ((3, 4), 0, 0.5, 1)]


def test_a_new_turn_begins_a_new_passage():
    assert [one.rows for one in merged([0, 0, 2], [[1, 0, 0]] * 3)] == [(0, 2), (2, 3)]


def test_passages_that_begin_together_come_most_probable_first():
    assert [one.column for one in merged([0], [[0.6, 0.9, 0.6]])] == [1, 0, 2]


def test_codes_may_share_a_sentence_and_keep_their_rank():
    assert [(one.column, one.rank) for one in merged([0], [[0.6, 0.9, 0.1]])] == [(1, 1), (0, 2)]


def test_nothing_comes_of_no_sentences_and_of_silence():
    assert merge_sentences([], np.zeros((0, CODES), np.float32), np.zeros(CODES, np.float32)) == []
    assert merged([0, 1], [[0.4, 0.4, 0.4]] * 2) == []


@given(scored())
def test_runner_up_codes_are_the_others_best_first(case):
    _, probabilities, _ = case
    for one in merge_sentences(*case):
        found = alternatives(one, probabilities)
        assert {one.column, *(column for column, _ in found)} == set(range(CODES))
        assert [p for _, p in found] == sorted((p for _, p in found), reverse=True)
        assert all(p == probabilities[slice(*one.rows), column].max() for column, p in found)


def test_there_are_at_most_as_many_runner_up_codes_as_have_keys():
    row = np.linspace(0, 1, 12, dtype=np.float32)[None]
    assert [column for column, _ in alternatives(Passage((0, 1), 11, 1.0, 1), row)] == [10, 9, 8, 7, 6]
    assert ALTERNATIVES == 5
