"""Words that are searched for: folding keeps its way back, a query finds what it says and nothing else."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import UsageError
from corpus.transcript import Span
from pipeline.search.folding import fold
from pipeline.search.words import LONGEST_QUERY, occurrences, parse_query

TALK = st.text(alphabet="abcßéÉe\u0301\u0308İ\u0131\u017f\u2019' \n.-\u2013„“”…漢👩\u200d🔬ﬁǅ\u00ad", max_size=80)


def found(query, text, turns=None):
    """The words that a query finds in a text of one turn, turn by turn."""
    spans = turns or [Span(0, len(text))]
    return [[place.of(text) for place in places] for _, places in occurrences(parse_query(query), fold(text), spans)]


# Folding


@given(TALK)
def test_folding_each_character_leads_back_to_where_it_came_from(text):
    folded = fold(text)
    for at in range(len(folded.text)):
        span = folded.original(at, at + 1)
        assert 0 <= span.start < span.end <= len(text)
        assert folded.text[at] in fold(span.of(text)).text
    assert fold(folded.text).text == folded.text


@given(TALK, st.data())
def test_folding_knows_where_offsets_of_the_original_are(text, data):
    offset = data.draw(st.integers(0, len(text)))
    assert fold(text).folded(offset) == len(fold(text[:offset]).text)


@given(TALK)
def test_folding_does_not_depend_on_case_or_the_form_of_accents(text):
    assert fold(unicodedata.normalize("NFD", text)).text == fold(unicodedata.normalize("NFC", text)).text


# Queries


@pytest.mark.parametrize(
    ("query", "text", "places"),
    [
        ("nurse", "The Nurse, the NURSE and nurses.", [["Nurse", "NURSE"]]),
        ("nurs*", "Nursing is what nurses do.", [["Nursing", "nurses"]]),
        ("cafe", "A café, a cafe\u0301, a cafeteria.", [["café", "cafe\u0301"]]),
        ("straße", "Die STRASSE und die Straße.", [["STRASSE", "Straße"]]),
        ("don't", "I don\u2019t. I don't.", [["don\u2019t", "don't"]]),
        ('"waiting room"', "Waiting for room. The waiting\n room.", [["waiting\n room"]]),
        ('"wait* room"', "The waiting room.", [["waiting room"]]),
        ("room waiting", "Waiting for the room.", [["Waiting", "room"]]),
        ('"waiting room', "A waiting room", [["waiting room"]]),
        ("well-being", "Well-being and well being.", [["Well-being", "well being"]]),
        ("room garden", "Only a room.", []),
        ("ice", "Rice, a slice, ice_cream.", []),
        ("漢", "漢 字", [["漢"]]),
        ("a a", "a b a", [["a", "a", "a", "a"]]),
    ],
)
def test_query_finds(query, text, places):
    assert found(query, text) == places


@given(st.lists(st.text(alphabet="abßéx", min_size=1, max_size=4), min_size=1, max_size=8), st.data())
def test_query_for_a_phrase_of_a_text_finds_it(words, data):
    text = " ".join(words)
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, len(words) - 1))
    phrase = " ".join(words[first : last + 1])
    assert phrase in [word for turn in found(f'"{phrase}"', text) for word in turn]


def test_query_of_two_words_asks_for_both_in_one_turn():
    text = "A room.\nThe garden.\nA garden room."
    turns = [Span(0, 7), Span(8, 19), Span(20, len(text))]
    assert list(occurrences(parse_query("garden room"), fold(text), turns)) == [(2, [Span(22, 28), Span(29, 33)])]


def test_query_passes_over_labels_between_turns():
    text = "Anna: Anna it is.\nBert: Anna?"
    assert found("anna", text, [Span(6, 17), Span(24, 29)]) == [["Anna"], ["Anna"]]


@pytest.mark.parametrize("query", ["", "  ", '""', "*", "...", "x" * (LONGEST_QUERY + 1)])
def test_query_without_a_word_or_too_long_is_refused(query):
    with pytest.raises(UsageError):
        parse_query(query)
