"""Forms of words, and where hits must lie, each against a plain reading."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import UsageError
from corpus.transcript import Span
from pipeline.languages import LANGUAGES
from pipeline.search.folding import fold
from pipeline.search.stems import STEMMERS, Vocabulary, any_of, stemmer
from pipeline.search.within import ANYWHERE, Within
from pipeline.search.words import occurrences, parse_query

ENGLISH = "treat treated treating treatment treatments treaty tree nurse nurses nursing cafes cafe"
WORDS = st.text("abcde", min_size=1, max_size=5)


@given(st.lists(WORDS, min_size=1, max_size=8), st.lists(WORDS, max_size=8))
def test_any_of_finds_those_words_and_no_others(words, others):
    begin, end = any_of(words)
    pattern = re.compile(re.escape(begin) + end + r"(?!\w)")
    assert all(pattern.fullmatch(word) for word in words)
    assert not any(pattern.fullmatch(word) for word in others if word not in words)


@given(st.lists(st.sampled_from(ENGLISH.split())), st.sampled_from(ENGLISH.split()))
def test_forms_are_the_words_with_the_same_stem(known, word):
    vocabulary, stem = Vocabulary(), stemmer("en")
    vocabulary.add(" ".join(known))
    assert vocabulary.forms(word, "en") == sorted({word, *(each for each in known if stem(each) == stem(word))})


@pytest.mark.parametrize(
    ("language", "word", "forms"),
    [("de", "haus", "hauses hause"), ("nl", "ziekte", "ziekten"), ("sv", "vard", "varden"), ("fr", "soin", "soins")],
)
def test_forms_of_other_languages(language, word, forms):
    vocabulary = Vocabulary()
    vocabulary.add(f"{forms} xyz")
    assert set(forms.split()) < set(vocabulary.forms(word, language))


def test_a_language_without_stems_says_so():
    assert set(STEMMERS) < set(LANGUAGES)
    with pytest.raises(UsageError, match="no word forms are known of Polish; end a word with"):
        Vocabulary().forms("dom", "pl")


def test_a_phrase_is_found_in_all_its_forms():
    text = "Nurses treated me. The nursing staff treats people; a nurse's treatment."
    vocabulary = Vocabulary()
    vocabulary.add(fold(text).text)
    terms = parse_query('"nurse treat"', lambda word: vocabulary.forms(word, "en"))
    ((_, places),) = occurrences(terms, fold(text), [Span(0, len(text))])
    assert [place.of(text) for place in places] == ["Nurses treated"]


TURNS = [Span(10 * n, 10 * n + 9) for n in range(6)]
PLACES = st.tuples(st.integers(0, 58), st.integers(1, 25))
SPANS = st.lists(PLACES.map(lambda at: Span(at[0], at[0] + at[1])), max_size=4)


@given(st.none() | SPANS, st.none() | SPANS)
def test_turns_within_are_those_of_who_is_meant_and_near_what_is_coded(spoken, coded):
    within = Within(None if spoken is None else {1: spoken}, None if coded is None else {1: coded})

    def near(turn):
        beside = TURNS[max(turn - 1, 0) : turn + 2]
        return any(span.overlap(each) for span in coded for each in beside)

    expected = [
        (spoken is None or any(span.start <= turn.start < span.end for span in spoken)) and (coded is None or near(n))
        for n, turn in enumerate(TURNS)
    ]
    assert within.turns(1, TURNS).tolist() == expected
    nowhere = [spoken is None and coded is None] * len(TURNS)
    assert within.turns(2, TURNS).tolist() == nowhere
    assert ANYWHERE.turns(1, TURNS).all()
