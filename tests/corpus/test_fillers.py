"""Words that fill talk are known in every language that precode cuts into sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.fillers import FILLERS, SOUNDS, is_filler
from models.terms import is_content_term
from pipeline.languages import LANGUAGES


def test_every_language_has_fillers_in_the_form_that_terms_have():
    assert FILLERS.keys() == LANGUAGES.keys()
    for words in (*FILLERS.values(), SOUNDS):
        assert all(word.isascii() and word == word.lower() for word in words)


@pytest.mark.parametrize(
    ("term", "language"),
    [
        *[("you know", "en"), ("sort of", "en"), ("kind of", "en"), ("um", "pl"), ("halt", "de"), ("zeg maar", "nl")],
        *[("liksom", "nb"), ("bueno pues", "es"), ("enfin", "fr"), ("cioe", "it"), ("ovaj", "hr"), ("szoval", "hu")],
        *[("znaczy", "pl"), ("entao", "pt")],
    ],
)
def test_fillers_are_no_content_of_their_language(term, language):
    assert not is_content_term(term, language)


@pytest.mark.parametrize(
    ("term", "language"), [("kind", "nl"), ("kind", "de"), ("you know nurses", "en"), ("wijk", "nl")]
)
def test_a_filler_of_one_language_may_say_something_in_another(term, language):
    assert is_content_term(term, language)


@given(st.sampled_from(sorted(FILLERS)), st.text("abcdefgh", min_size=4))
def test_is_filler_knows_listed_words_only(language, word):
    assert is_filler(word, language) == (word in FILLERS[language] | SOUNDS)
