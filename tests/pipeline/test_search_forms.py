"""Forms of words in every language with a stemmer: all that share a stem are found, whichever of them is typed."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.transcript import Span
from pipeline.search.folding import fold
from pipeline.search.stems import STEMMERS, Vocabulary, any_of, stemmer
from pipeline.search.words import occurrences, parse_query

ALIKE = {
    "nl": ["uur uren", "jaar jaren", "been benen", "werk gewerkt werken", "lopen gelopen loopt", "huis huizen"],
    "en": ["die dies dying", "lie lying", "sky skies", "care cared caring", "worry worries worried"],
    "de": ["Haus Häuser", "Straße Straßen", "Übung Übungen", "Gespräch Gespräche", "müde müden"],
    "fr": ["infirmière infirmières", "santé", "malade malades", "soignée soignées"],
    "es": ["médico médicos", "enfermera enfermeras", "niño niños"],
    "it": ["ospedale ospedali", "malato malati"],
    "pt": ["paciente pacientes"],
    "sv": ["sjuk sjuka", "vård vården"],
    "da": ["syg syge", "hus huset"],
    "nb": ["pasient pasienter", "hus huset"],
    "hu": ["ház házak", "orvos orvosok"],
}
GROUPS = [(language, group.split()) for language, groups in ALIKE.items() for group in groups]
LETTERS = st.text("aeioubdgknrstäöüßéøåŐ", min_size=1, max_size=7)
ENDINGS = st.sampled_from(["", "s", "en", "e", "er", "ing", "ed", "heid", "ungen", "aren", "eren"])
WORDS = st.builds("{}{}{}".format, st.sampled_from(["", "ge", "be", "ver"]), LETTERS, ENDINGS)


@cache
def folded(word):
    return fold(word).text


def found(query, text, language):
    """The words that a query finds in all their forms."""
    vocabulary, said = Vocabulary(), fold(text)
    vocabulary.add(said.text)
    terms = parse_query(query, lambda word: vocabulary.forms(word, language))
    return [place.of(text) for _, places in occurrences(terms, said, [Span(0, len(text))]) for place in places]


def test_every_language_with_stems_is_tried():
    assert ALIKE.keys() == STEMMERS.keys()


@pytest.mark.parametrize(("language", "group"), GROUPS, ids=[f"{language} {group[0]}" for language, group in GROUPS])
def test_forms_of_a_word_find_one_another(language, group):
    text = f"xx {' yy '.join(group)} zz."
    for typed in (*group, group[0].upper()):
        assert found(typed, text, language) == group


@given(st.sampled_from(sorted(STEMMERS)), st.lists(WORDS, max_size=12), WORDS)
def test_forms_are_all_words_of_the_stem_and_no_others(language, known, word):
    vocabulary, stem = Vocabulary(), stemmer(language)
    words = {folded(each) for each in known}
    vocabulary.add(" ".join(words))
    typed = folded(word)
    assert vocabulary.forms(typed, language) == sorted({typed, *(each for each in words if stem(each) == stem(typed))})


@given(st.sampled_from(sorted(STEMMERS)), st.lists(WORDS, min_size=1, max_size=8))
def test_a_word_of_a_text_is_found_by_itself_whatever_its_forms_are(language, words):
    text = ", ".join(words)
    for word in words:
        assert word in found(word, text, language)


@given(st.sampled_from(sorted(STEMMERS)), st.lists(WORDS, max_size=6), st.lists(WORDS, max_size=6), WORDS)
def test_forms_do_not_depend_on_the_order_in_which_texts_come_in(language, first, second, word):
    one, other = Vocabulary(), Vocabulary()
    for vocabulary, order in ((one, (first, second)), (other, (second, first))):
        for each in order:
            vocabulary.add(folded(" ".join(each)))
            vocabulary.forms(folded(word), language)
    assert one.forms(folded(word), language) == other.forms(folded(word), language)


@pytest.mark.parametrize("text", ["שלום עליכם", "日本 語", "أهلا وسهلا", "Здравствуйте вам", "1970 1971"])
@pytest.mark.parametrize("language", ["en", "nl", "hu"])
def test_a_word_in_another_script_is_found_as_it_is(text, language):
    for word in text.split():
        assert found(word, text, language) == [word]


@given(st.lists(LETTERS, min_size=1, max_size=6))
def test_any_of_gives_a_beginning_that_all_words_have(words):
    begin, _ = any_of(words)
    assert all(word.startswith(begin) for word in words)
    assert begin or len({word[0] for word in words}) > 1
