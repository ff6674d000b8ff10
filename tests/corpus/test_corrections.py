"""Corrections of a text: right words at the right place, whatever the file becomes, passages at their words."""

import unicodedata
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from corpus.corrections import Correction, Fit, apply_corrections
from corpus.errors import UsageError
from corpus.transcript import Role, Span, Transcript, Turn

THEN = datetime(2026, 1, 5, tzinfo=UTC)
WORDS = st.sampled_from(
    [
        "teh",
        "nurse",
        "rang",
        "me",
        "Jos\u00e9",
        "Jose\u0301",
        "a\u030ak",
        "\u05e9\u05dc\u05d5\u05dd",
        "\U0001f469\u200d\u2695\ufe0f",
        "<b>",
        "x\u200by",
        "I,",
    ]
)
SAID = st.lists(st.lists(WORDS, min_size=1, max_size=7), min_size=1, max_size=5)
RIGHT = st.lists(st.sampled_from(["the", "nurse", "Zo\u00eb", "&amp;", "don't", "me"]), max_size=4).map(" ".join)


def transcript_of(said, name="P01", label="Ann: "):
    """Turns of one speaker each, with labels that are no talk."""
    text, turns = "", []
    for words in said:
        text += label
        turns.append(Turn(Span(len(text), len(text) + len(" ".join(words))), "Ann", Role.PARTICIPANT))
        text += " ".join(words) + "\n\n"
    return Transcript(name, text, tuple(turns))


def made(corrected, span, right, number=0):
    quote, words = corrected.propose(span, right)
    return Correction(
        f"c{number}", "P01", "0" * 64, quote.before, quote.words, quote.after, words, "Ada", THEN, quote.place
    )


def applied(transcript, *corrections):
    return apply_corrections(transcript, corrections)


def words_in(transcript, turn, first, last):
    """The span of some words of a turn."""
    within = transcript.turns[turn].span
    words = within.of(transcript.text).split(" ")
    start = within.start + len(" ".join(words[:first])) + bool(first)
    return Span(start, start + len(" ".join(words[first:last])))


@st.composite
def selections(draw):
    """A transcript, words of one of its turns, and what they should be."""
    transcript = transcript_of(draw(SAID))
    turn = draw(st.integers(0, len(transcript.turns) - 1))
    count = len(transcript.turns[turn].span.of(transcript.text).split(" "))
    first = draw(st.integers(0, count - 1))
    return transcript, words_in(transcript, turn, first, draw(st.integers(first + 1, count))), draw(RIGHT)


def normal(text):
    return " ".join(unicodedata.normalize("NFC", text).split())


@settings(max_examples=300)
@given(selections())
def test_the_right_words_stand_where_the_wrong_ones_did_and_nothing_else_changes(selected):
    transcript, span, right = selected
    before = applied(transcript)
    try:
        correction = made(before, span, right)
    except UsageError:
        assume(False)
    after = applied(transcript, correction)
    text = transcript.text
    assert after.fits == {"c0": Fit.APPLIED}
    assert normal(after.transcript.text) == normal(text[: span.start] + right + text[span.end :])
    assert len(after.transcript.turns) == len(transcript.turns)
    for was, now in zip(transcript.turns, after.transcript.turns, strict=True):
        if not was.span.overlap(span):
            assert was.span.of(text) == now.span.of(after.transcript.text)
        said = now.span.of(after.transcript.text)
        assert said.strip() == said != ""
        assert after.transcript.text[now.span.start - 5 : now.span.start] == "Ann: "


def test_a_passage_whose_first_words_were_removed_begins_with_a_word():
    transcript = transcript_of([["teh", "teh", "teh"]])
    before = applied(transcript)
    after = applied(transcript, made(before, words_in(transcript, 0, 0, 1), ""))
    moved = before.revision(after).move(words_in(transcript, 0, 1, 3))
    assert moved is not None
    assert moved.span.of(after.transcript.text) == "teh"


@settings(max_examples=200)
@given(selections(), st.data())
def test_passages_stay_at_their_words(selected, data):
    transcript, span, right = selected
    before = applied(transcript)
    try:
        after = applied(transcript, made(before, span, right))
    except UsageError:
        assume(False)
    turn = data.draw(st.integers(0, len(transcript.turns) - 1))
    count = len(transcript.turns[turn].span.of(transcript.text).split(" "))
    first = data.draw(st.integers(0, count - 1))
    passage = words_in(transcript, turn, first, data.draw(st.integers(first + 1, count)))
    moved, words = before.revision(after).move(passage), passage.of(transcript.text)
    doubled = not right and {*words.split(" ")} & {*span.of(transcript.text).split(" ")}  # either of two may be gone
    if not passage.overlap(span) and not doubled:
        assert moved is not None
        assert not moved.changed
        assert moved.span.of(after.transcript.text) == words
    elif moved is not None:
        there = moved.span.of(after.transcript.text)
        assert there.strip() == there
        assert moved.changed == (normal(there) != normal(words))


@settings(max_examples=150)
@given(selections(), st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), RIGHT), max_size=4))
def test_corrections_of_corrections_read_as_typed_and_are_taken_back_to_the_file(selected, more):
    transcript, span, right = selected
    corrections = []
    for number, (where, how_much, words) in enumerate([(None, None, right), *more]):
        state = applied(transcript, *corrections)
        if where is not None:
            turn = min(int(where * len(state.transcript.turns)), len(state.transcript.turns) - 1)
            said = state.transcript.turns[turn].span.of(state.transcript.text).split(" ")
            first = min(int(how_much * len(said)), len(said) - 1)
            span = words_in(state.transcript, turn, first, min(first + 2, len(said)))
        try:
            correction = made(state, span, words, number)
        except UsageError:
            continue
        text = state.transcript.text
        corrections.append(correction)
        after = applied(transcript, *corrections)
        assert normal(after.transcript.text) == normal(text[: span.start] + words + text[span.end :])
        assert Fit.LOST not in after.fits.values()
        here = after.places()[correction.id]
        back = after.revision(state).move(Span(0, len(after.transcript.text)))
        assert back is not None
        assert back.span.of(text).strip() == text.strip()
        assert here.of(after.transcript.text) == correction.right
    assert applied(transcript).transcript == transcript


@settings(max_examples=150)
@given(selections(), st.booleans(), st.booleans())
def test_a_correction_finds_its_place_again_in_a_file_that_changed_elsewhere(selected, composed, lines):
    transcript, span, right = selected
    try:
        correction = made(applied(transcript), span, right)
    except UsageError:
        assume(False)
    form = "NFC" if composed else "NFD"
    said = [unicodedata.normalize(form, turn.span.of(transcript.text)).split(" ") for turn in transcript.turns]
    changed = transcript_of([["Before", "everything,", "good", "morning."], *said])
    if lines:
        changed = replace(changed, text=changed.text.replace(" ", "\n"))
    after = applied(changed, correction)
    assert after.fits["c0"] is Fit.APPLIED
    assert plain(after.transcript.text).endswith(plain(applied(transcript, correction).transcript.text))


def plain(text):
    return "".join(unicodedata.normalize("NFC", text).split())


def test_a_correction_whose_words_are_gone_is_lost_and_one_that_the_file_has_by_now_is_not():
    transcript = transcript_of([["She", "rang", "teh", "nurse", "twice."]])
    correction = made(applied(transcript), words_in(transcript, 0, 2, 3), "the")
    gone = transcript_of([["She", "said", "nothing."]])
    mended = transcript_of([["She", "rang", "the", "nurse", "twice."]])
    assert applied(gone, correction).fits == {"c0": Fit.LOST}
    assert applied(gone, correction).transcript == gone
    assert applied(mended, correction).fits == {"c0": Fit.IN_FILE}
    assert applied(mended, correction).transcript == mended


def test_of_places_that_read_alike_only_the_one_that_was_meant_changes():
    transcript = transcript_of([["teh", "nurse"]] * 9)
    correction = made(applied(transcript), words_in(transcript, 4, 0, 1), "the")
    after = applied(transcript, correction).transcript
    assert [turn.span.of(after.text) for turn in after.turns] == [
        "teh nurse" if n != 4 else "the nurse" for n in range(9)
    ]
    fewer = transcript_of([["teh", "nurse"]] * 3)
    assert applied(fewer, correction).fits == {"c0": Fit.LOST}  # nobody can tell which of them was meant


@pytest.mark.parametrize("right", ["", " ", "\u200b", "\n"])
def test_a_turn_is_never_emptied(right):
    transcript = transcript_of([["teh"], ["nurse", "rang"]])
    with pytest.raises(UsageError, match="cannot be emptied"):
        applied(transcript).propose(words_in(transcript, 0, 0, 1), right)
    after = applied(transcript, made(applied(transcript), words_in(transcript, 1, 1, 2), right)).transcript
    assert after.turns[1].span.of(after.text) == "nurse"


@pytest.mark.parametrize(("start", "end"), [(0, 4), (3, 8), (5, 15), (8, 9)])
def test_labels_and_words_of_two_turns_are_refused(start, end):
    transcript = transcript_of([["teh"], ["nurse"]])
    with pytest.raises(UsageError, match="select"):
        applied(transcript).propose(Span(start, end), "the")


@pytest.mark.parametrize("right", ["a\x00b", "a\x1bb", "a\ud800b"])
def test_what_cannot_be_stored_is_refused(right):
    transcript = transcript_of([["teh", "nurse"]])
    with pytest.raises(UsageError, match="cannot be stored"):
        applied(transcript).propose(words_in(transcript, 0, 0, 1), right)


def test_words_are_composed_and_in_lines_only_where_lines_were():
    transcript = transcript_of([["Jose", "rang", "me"]])
    correction = made(applied(transcript), words_in(transcript, 0, 0, 1), " Jose\u0301\r\n\tMaria ")
    assert correction.right == "Jos\u00e9 Maria"


def test_unchanged_words_are_refused():
    transcript = transcript_of([["Jos\u00e9", "rang", "me"]])
    with pytest.raises(UsageError, match="nothing was changed"):
        applied(transcript).propose(words_in(transcript, 0, 0, 2), "Jose\u0301 rang")


def test_breaks_and_pauses_stay_before_their_words():
    text = "so I said teh thing and then we left"
    at = [text.index("teh"), text.index("and"), text.index("we")]
    transcript = Transcript(
        "P01", text, (Turn(Span(0, len(text)), None, Role.PARTICIPANT, breaks=tuple(at), pauses=tuple(at[1:])),)
    )
    (turn,) = applied(transcript, made(applied(transcript), Span(at[0], at[0] + 3), "the whole")).transcript.turns
    after = "so I said the whole thing and then we left"
    assert turn.breaks == tuple(after.index(word) for word in ("the", "and", "we"))
    assert turn.pauses == turn.breaks[1:]
