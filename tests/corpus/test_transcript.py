"""Spans, digests and transcripts: what every claim about a text rests on."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.transcript import Role, Span, Transcript, Turn, digest_of
from tests.corpus.support import TRANSCRIPTS, transcript_of

SPANS = st.tuples(st.integers(0, 20), st.integers(1, 10)).map(lambda drawn: Span(drawn[0], sum(drawn)))
TEXT = "abcdefghijklmnopqrstuvwxyzabcdef"


def places(span):
    return set(range(span.start, span.end))


@given(SPANS)
def test_a_span_points_at_as_many_characters_as_it_is_long(span):
    assert span.of(TEXT) == TEXT[span.start : span.end]
    assert len(span.of(TEXT)) == len(span)


@given(SPANS, SPANS)
def test_overlap_and_join_are_those_of_sets_of_characters(one, other):
    assert one.overlap(other) == other.overlap(one) == len(places(one) & places(other))
    joined = one.join(other)
    assert joined == other.join(one)
    assert places(joined) >= places(one) | places(other)
    assert {joined.start, joined.end} <= {one.start, one.end, other.start, other.end}


@pytest.mark.parametrize(("start", "end"), [(3, 3), (4, 3), (-1, 3)])
def test_a_span_is_never_empty_or_backwards(start, end):
    with pytest.raises(ValueError, match="empty or backwards"):
        Span(start, end)


def test_spans_count_code_points():
    assert Span(2, 4).of("é🙂zu") == "zu"


def turns(*bounds):
    return tuple(Turn(Span(*bound), "P", Role.PARTICIPANT) for bound in bounds)


@pytest.mark.parametrize("bounds", [[(0, 3), (2, 4)], [(2, 4), (0, 2)], [(0, 9)]], ids=["overlap", "order", "beyond"])
def test_turns_lie_in_the_text_one_after_another(bounds):
    with pytest.raises(ValueError, match="P01: turn at") as caught:
        Transcript("P01", "SECRET", turns(*bounds))
    assert "SECRET" not in str(caught.value)


@given(TRANSCRIPTS)
def test_talk_is_every_turn_with_its_words(transcript):
    assert [turn for turn, _ in transcript.talk()] == list(transcript.turns)
    assert all(words == transcript.text[turn.span.start : turn.span.end] for turn, words in transcript.talk())
    assert all(one.span.end <= other.span.start for one, other in pairwise(transcript.turns))


@given(st.text(), st.text())
def test_equal_digests_mean_equal_texts(one, other):
    assert (digest_of(one) == digest_of(other)) == (one == other)


def test_a_digest_is_sha256_and_takes_any_text():
    assert digest_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert len(digest_of("lone \ud800 surrogate")) == 64
    assert transcript_of("Yes.").digest == digest_of("participant: Yes.\n")
