"""Passages follow their words into a corrected text, or are not moved at all."""

import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpus.revision import Revision
from corpus.transcript import Span
from evaluation.revisions import EDIT_KINDS, fates_of

OLD = (
    "INT: How do you work?\nAnna: The nurse rings me each week. Money is short.\n"
    "INT: And at home?\nAnna: My husband helps.\n"
)


def span_of(words, text=OLD):
    return Span(text.index(words), text.index(words) + len(words))


def moved(new, words, old=OLD):
    found = Revision(old, new).move(span_of(words, old))
    return None if found is None else (found.span.of(new), found.changed)


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (OLD, ("Money is short.", False)),
        (OLD + "\n", ("Money is short.", False)),
        ("Interview 3\n\n" + OLD, ("Money is short.", False)),
        (OLD.replace(" Money", "\nMoney"), ("Money is short.", False)),
        (OLD.replace("Anna", "P01"), ("Money is short.", False)),
        (OLD.replace("Money is", "Monney is"), ("Monney is short.", True)),
        (OLD.replace("is short", "is very short"), ("Money is very short.", True)),
        (OLD.replace(" Money is short.", ""), None),
    ],
    ids=["same", "line at the end", "title", "line break", "label", "typing error", "word put in", "taken out"],
)
def test_a_passage_follows_its_words(new, expected):
    assert moved(new, "Money is short.") == expected


def test_a_paragraph_that_moved_takes_its_passage_along():
    first, second, third, fourth, _ = OLD.split("\n")
    assert moved("\n".join([third, fourth, first, second, ""]), "The nurse rings me each week.") == (
        "The nurse rings me each week.",
        False,
    )


def test_a_passage_inside_a_word_stays_inside_it():
    assert moved("Title\n" + OLD, "usband hel") == ("usband hel", False)


def test_equal_sentences_stay_apart():
    old = "Anna: It is hard. We manage.\nBob: It is hard. They left.\n"
    second = Span(old.rindex("It is hard."), old.rindex("It is hard.") + 11)
    new = "Preface here.\n" + old
    assert Revision(old, new).move(second).span.start == new.rindex("It is hard.")


def test_a_passage_whose_words_went_to_two_places_is_not_moved():
    old = "One two three four five six. Seven eight nine ten eleven twelve.\nOther words stand here in between.\n"
    new = "Seven eight nine ten eleven twelve.\nOther words stand here in between.\nOne two three four five six.\n"
    assert Revision(old, new).move(Span(0, old.index("\n"))) is None


def test_a_question_mark_does_not_stretch_a_passage_over_a_sentence_moved_behind_it():
    old = "INT: Who decides what happens next?\nAnna: It is hard to say.\nINT: What would you change?\nAnna: A lot.\n"
    new = "INT: Who decides what happens npxt?\nINT: What would you change?\nAnna: It is hard to say.\nAnna: A lot.\n"
    assert moved(new, "Who decides what happens next?", old) == ("Who decides what happens npxt?", True)


@given(st.sampled_from([*EDIT_KINDS]), st.integers(0, 10**6))
@example("several of these", 626)  # a moved sentence stood between a sentence and the mark taken for its own
@example("several of these", 2875)  # the moved sentence had a typing error as well
def test_no_edit_moves_a_passage_to_other_words(edit, seed):
    text = "\n".join(f"{'INT' if n % 2 else 'Anna'}: {sentence}" for n, sentence in enumerate(SENTENCES)) + "\n"
    spans = [span_of(sentence, text) for sentence in SENTENCES]
    fates = fates_of(text, spans, edit, random.Random(seed))
    assert not [fate for fate in fates if fate.outcome == "wrong words"]


@given(st.text(max_size=200), st.text(max_size=200), st.integers(0, 199), st.integers(1, 200))
def test_a_moved_span_lies_in_the_new_text(old, new, start, length):
    if start < len(old):
        found = Revision(old, new).move(Span(start, min(len(old), start + length)))
        assert found is None or 0 <= found.span.start < found.span.end <= len(new)


SENTENCES = [
    "We meet on Thursdays, all of us, and it is hard.",
    "Who decides what happens next?",
    "It is hard to say who decides; the ward sister, mostly, and it is hard for her.",
    "And the money?",
    "There was some for a year, then there was none, then there was some again.",
    "What would you change?",
    "One record. One. That everybody can read, and that everybody does read.",
]
