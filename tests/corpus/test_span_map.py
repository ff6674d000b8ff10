"""Spans follow their characters into a text that was made from the old one, and white space never decides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.solid_text import SolidText, without_space
from corpus.span_map import Piece, SpanMap
from corpus.transcript import Span

SPACES = st.text(" \n\t\r\u00a0\u2003\x1c", max_size=3)
WORDS = st.lists(st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1, max_size=6), min_size=1, max_size=8)
TEXTS = st.text(st.sampled_from("ab \n\u00a0\N{PILE OF POO}"), max_size=30)


@st.composite
def respaced(draw):
    """Two texts of the same words with other white space."""
    words = draw(WORDS)
    return tuple("".join(draw(SPACES) + word for word in words) + draw(SPACES) for _ in range(2))


def drawn_span(data, text):
    start = data.draw(st.integers(0, len(text) - 1))
    return Span(start, data.draw(st.integers(start + 1, len(text))))


# SolidText


@given(TEXTS)
def test_without_space_leaves_out_what_is_space_and_nothing_else(text):
    assert without_space(text) == "".join(character for character in text if not character.isspace())


@given(TEXTS)
def test_solid_text_knows_where_each_character_was(text):
    solid = SolidText(text)
    assert "".join(text[offset] for offset in solid.offsets) == solid.characters
    assert list(solid.offsets) == sorted(solid.offsets)


@given(TEXTS, st.data())
def test_solid_text_finds_every_place_and_gives_its_span(text, data):
    solid = SolidText(text)
    words = data.draw(st.text("ab\N{PILE OF POO}", min_size=1, max_size=3))
    places = list(solid.find(words))
    assert places == [n for n in range(len(solid.characters)) if solid.characters[n : n + len(words)] == words]
    spans = [solid.span(place, len(words)) for place in places]
    assert all(without_space(span.of(text)) == words and span.of(text) == span.of(text).strip() for span in spans)


# SpanMap


@given(respaced(), st.data())
def test_across_white_space_a_span_keeps_its_characters(texts, data):
    old, new = texts
    span = drawn_span(data, old)
    moved = SpanMap.across_white_space(old, new).move(span)
    if without_space(span.of(old)):
        assert without_space(moved.of(new)) == without_space(span.of(old))
        assert moved.of(new) == moved.of(new).strip()
    else:
        assert moved is None


@given(respaced(), st.data())
def test_across_white_space_and_back_is_the_span_without_the_space_at_its_ends(texts, data):
    old, new = texts
    span = drawn_span(data, old)
    moved = SpanMap.across_white_space(old, new).move(span)
    if moved is not None:
        back = SpanMap.across_white_space(new, old).move(moved)
        assert back.of(old) == span.of(old).strip()
        assert span.start <= back.start < back.end <= span.end


def test_across_white_space_of_texts_that_differ_ends_with_the_shorter_one():
    assert SpanMap.across_white_space("a b c", "ab").move(Span(0, 5)) == Span(0, 2)
    assert SpanMap.across_white_space("a b c", "ab").move(Span(4, 5)) is None
    assert SpanMap.across_white_space("a", " ").move(Span(0, 1)) is None


@pytest.mark.parametrize(("span", "moved"), [(Span(0, 5), None), (Span(0, 6), Span(8, 9)), (Span(10, 20), None)])
def test_move_is_none_where_a_span_touches_nothing(span, moved):
    pieces = [Piece(Span(5, 10), Span(8, 13), kept=True), Piece(Span(20, 25), Span(30, 41), kept=False)]
    assert SpanMap(pieces).move(span) == moved
