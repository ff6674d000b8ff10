"""Spans that share half, and the turn at an offset."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.transcript import Span
from evaluation.metrics.spans import share_half
from tests.corpus.support import transcript_of

SPANS = st.builds(lambda start, length: Span(start, start + length), st.integers(0, 60), st.integers(1, 60))


@pytest.mark.parametrize(
    ("first", "second", "either", "both"),
    [
        (Span(0, 300), Span(50, 80), True, False),  # nested
        (Span(0, 10), Span(5, 15), True, True),  # exactly half of each
        (Span(0, 10), Span(6, 16), False, False),
        (Span(0, 10), Span(10, 20), False, False),  # next to each other
        (Span(3, 9), Span(3, 9), True, True),
    ],
)
def test_shares_half_of_either_and_of_both(first, second, either, both):
    assert (first.shares_half(second, of="either"), first.shares_half(second, of="both")) == (either, both)


@given(SPANS, SPANS)
def test_shares_half_asks_one_span_the_other_or_both(first, second):
    one, other = first.shares_half(second, of="self"), second.shares_half(first, of="self")
    assert first.shares_half(second, of="either") == (one or other) == second.shares_half(first, of="either")
    assert first.shares_half(second, of="both") == (one and other) == second.shares_half(first, of="both")


@given(st.lists(st.tuples(SPANS, SPANS), max_size=20), st.sampled_from(["either", "both"]))
def test_share_half_is_the_same_rule_over_arrays(pairs, of):
    shared = np.array([first.overlap(second) for first, second in pairs])
    lengths = (np.array([len(pair[n]) for pair in pairs]) for n in (0, 1))
    found = share_half(shared, *lengths, of=of)
    assert found.tolist() == [first.shares_half(second, of=of) for first, second in pairs]


def test_turn_at_is_the_turn_that_began_last():
    transcript = transcript_of("One.", "Two two.")
    first, second = (turn.span for turn in transcript.turns)
    assert transcript.turn_at(first.start) == 0
    assert transcript.turn_at(second.start - 1) == 0
    assert transcript.turn_at(second.start) == transcript.turn_at(len(transcript.text)) == 1


def test_turn_at_before_the_first_turn_is_none():
    transcript = transcript_of("One.")
    start = transcript.turns[0].span.start
    assert start > 0
    assert transcript.turn_at(start - 1) is None
