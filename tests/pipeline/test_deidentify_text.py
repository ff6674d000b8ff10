"""Replacing in one text: what stays, what moves, what comes back."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.span_map import Piece, SpanMap
from corpus.transcript import Span
from pipeline.deidentify.candidates import Substitutions
from pipeline.deidentify.detect import detect
from pipeline.deidentify.kinds import IdentifierKind
from pipeline.deidentify.rewrite import restored, rewrite
from tests.pipeline.deidentify_support import candidate

NAMES = ("Anna", "Anna Lee", "O'Hara", "Zoë Straße", "Łucja 🙂", "12 High Street")
SUBSTITUTIONS = Substitutions(candidate(name, f"[Person {n}]") for n, name in enumerate(NAMES))
PIECES = st.sampled_from(
    [*NAMES, "anna lee", "ANNA LEE", "O\u2019Hara", "Annas", " ", "\n", "\r\n", ", ", "🙂", "é", "x"]
)
TEXTS = st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=20).map("".join))


@given(TEXTS)
def test_a_rewritten_text_can_be_restored(text):
    new = rewrite(text, SUBSTITUTIONS)
    assert restored(new.text, new.originals()) == text
    assert new.text == SUBSTITUTIONS.applied(text)


@given(TEXTS)
def test_pieces_cover_both_texts_and_what_is_kept_is_the_same(text):
    new = rewrite(text, SUBSTITUTIONS)
    old_end = new_end = 0
    for piece in new.pieces:
        assert (piece.old.start, piece.new.start) == (old_end, new_end)
        assert not piece.kept or piece.old.of(text) == piece.new.of(new.text)
        old_end, new_end = piece.old.end, piece.new.end
    assert (old_end, new_end) == (len(text), len(new.text))


@given(TEXTS.filter(bool), st.data())
def test_spans_move_to_the_same_words(text, data):
    new = rewrite(text, SUBSTITUTIONS)
    start = data.draw(st.integers(0, len(text) - 1))
    span = Span(start, data.draw(st.integers(start + 1, len(text))))
    moved = SpanMap(new.pieces).move_near(span)
    assert moved.end <= len(new.text)
    before = [piece.new.of(new.text) for piece in new.pieces if piece.old.end <= whole(new, span).start]
    assert "".join(before) == new.text[: moved.start] or span.start in kept(new)
    touched = [piece for piece in new.pieces if piece.old.overlap(span)]
    if all(piece.kept for piece in touched):
        assert moved.of(new.text) == span.of(text)
    for piece in touched:
        assert piece.kept or moved.overlap(piece.new) == len(piece.new)


def whole(new, span):
    """A span widened to all of what it touches of replaced stretches."""
    touched = [piece.old for piece in new.pieces if not piece.kept and piece.old.overlap(span)]
    for one in touched:
        span = span.join(one)
    return span


def kept(new):
    return {n for piece in new.pieces if piece.kept for n in range(piece.old.start, piece.old.end)}


@given(TEXTS.filter(bool), st.data())
def test_moving_keeps_the_order_of_spans(text, data):
    offsets = SpanMap(rewrite(text, SUBSTITUTIONS).pieces)
    places = sorted(data.draw(st.sets(st.integers(0, len(text) - 1), min_size=1)))
    moved = [offsets.move_near(Span(place, place + 1)) for place in places]
    assert moved == sorted(moved)


def test_between_pieces_spans_shrink_to_the_talk():
    offsets = SpanMap([Piece(Span(5, 10), Span(8, 13), kept=True), Piece(Span(20, 25), Span(30, 41), kept=False)])
    assert offsets.move_near(Span(0, 12)) == Span(8, 13)
    assert offsets.move_near(Span(7, 18)) == Span(10, 13)
    assert offsets.move_near(Span(9, 21)) == Span(12, 41)
    assert offsets.move_near(Span(12, 18)) == Span(30, 41)
    assert offsets.move_near(Span(50, 60)) == Span(30, 41)


def test_only_whole_words_in_their_own_case_are_replaced():
    one = Substitutions([candidate("Mark", "[Person 1]")])
    assert one.applied("Mark, MARK's and Marks mark, Mark_2") == "[Person 1], [Person 1]'s and Marks mark, [Person 1]_2"


def test_names_of_several_words_are_found_across_a_line_break_and_in_small_letters():
    one = Substitutions([candidate("Ann O'Hara", "[Person 1]")])
    assert one.applied("Ann\r\nO\u2019Hara, ann o'hara") == "[Person 1], [Person 1]"


def test_ages_are_replaced_only_where_they_are_ages():
    one = Substitutions([candidate("97", "[Age]", IdentifierKind.AGE)])
    assert one.applied("She is 97. We had 97 patients.") == "She is [Age]. We had 97 patients."


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("You can ring me on «+44 161 496 0123».", IdentifierKind.PHONE),
        ("It is «030 5550 1234».", IdentifierKind.PHONE),
        ("Write to «kit.marsh@ward.example.org» please.", IdentifierKind.EMAIL),
        ("See «https://ward.example.org/a?b=1», it helps.", IdentifierKind.WEB),
        ("She lives at «14 Pinfold Lane», I think.", IdentifierKind.ADDRESS),
        ("Er wohnt in der «Tulpenstraße 7».", IdentifierKind.ADDRESS),
        ("It is «M1 3HU».", IdentifierKind.PLACE),
        ("It is «1012 AB».", IdentifierKind.PLACE),
        ("Her «NHS number is 943 476 5870» now.", IdentifierKind.ID),
        ("He was born on «3 February 1931».", IdentifierKind.DATE),
        ("That was «12/11/2020».", IdentifierKind.DATE),
        ("He turned «94» and drove.", IdentifierKind.AGE),
        ("I asked «Mrs O'Dowd» twice.", IdentifierKind.PERSON),
        ("We met «Frau Hölzl» there.", IdentifierKind.PERSON),
        ("I work at «Thornwick Infirmary» now.", IdentifierKind.ORGANISATION),
        ("Ring «07700 900461», please.", IdentifierKind.PHONE),
        ("Ring «0161 4960123», please.", IdentifierKind.PHONE),
        ("Ring «06-12345678», please.", IdentifierKind.PHONE),
    ],
)
def test_identifiers_are_found_whole(text, kind):
    plain = text.replace("«", "").replace("»", "")
    assert (kind, text[text.index("«") + 1 : text.index("»")]) in [
        (one.kind, one.span.of(plain)) for one in detect(plain)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "We had 95 patients and 2,000 calls, so 93% came, for £96.",
        "The GP and I went to A&E with COPD in Year 4, Band 6.",
        "You may go. I will mark it, and we hope so.",
        "P01 said it, and B-21 too. Don't. We've been.",
    ],
)
def test_what_names_nobody_is_left_alone(text):
    assert detect(text) == []


@given(st.text(max_size=200))
def test_whatever_is_said_is_searched_in_order(text):
    found = [one.span for one in detect(text)]
    assert all(left.end <= right.start for left, right in pairwise(found))
    assert all(span.end <= len(text) for span in found)
