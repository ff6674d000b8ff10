"""Terms of texts: counted and weighed as scikit-learn does it, whatever the texts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from models.terms import NO_TERM, CountedTexts, TermWeights, terms_of

TEXTS = st.lists(st.text("ab \n'é.", max_size=24) | st.text(max_size=12), max_size=8)


def learnt(texts, few=99):
    counted = CountedTexts.of(texts)
    return TermWeights.learnt_from(texts, counted, few=few), counted


@given(TEXTS, st.integers(0, 8))
def test_terms_are_sorted_told_once_never_none_and_of_the_texts(texts, few):
    terms = learnt(texts, few)[0].terms
    assert terms
    assert terms == sorted(set(terms))
    assert {*terms} <= {term for text in texts for term in terms_of(text)} or terms == [NO_TERM]


@given(st.lists(st.text("ab ", max_size=16), min_size=3, max_size=8))
def test_terms_of_many_texts_are_what_two_of_them_share(texts):
    many, every = learnt(texts, few=2)[0].terms, learnt(texts)[0].terms
    shared = {term for term in every if sum(term in terms_of(text) for text in texts) > 1}
    assert set(many) == (shared or set(every))


@settings(max_examples=30)
@given(st.lists(st.text("abé A'", max_size=24), min_size=1, max_size=8), TEXTS)
def test_weights_are_those_of_scikit_learn(texts, others):
    weights, _ = learnt(texts)
    vectorizer = TfidfVectorizer(sublinear_tf=True, vocabulary=weights.terms, analyzer=terms_of)
    vectorizer.fit(texts)
    for asked in (texts, [*others, ""]):
        assert weights.of(asked).toarray() == pytest.approx(vectorizer.transform(asked).toarray(), abs=1e-5)


@given(st.text("abé .,'\n", max_size=40))
def test_terms_of_are_those_of_scikit_learn(text):
    analyse = TfidfVectorizer(ngram_range=(1, 2), strip_accents="unicode").build_analyzer()
    assert terms_of(text) == analyse(text)


@given(st.lists(st.text("ab c", max_size=16), min_size=1, max_size=8), st.data())
def test_weights_of_counted_texts_need_no_second_count(texts, data):
    counted = CountedTexts.of(texts)
    part = data.draw(st.lists(st.sampled_from(texts), min_size=1))
    weights = TermWeights.learnt_from(part, counted)
    asked = data.draw(st.lists(st.sampled_from(texts)))
    assert np.array_equal(weights.of(asked, counted).toarray(), weights.of(asked).toarray())


@given(TEXTS)
def test_weights_come_back_as_they_were(texts):
    weights, _ = learnt(texts)
    restored = TermWeights.from_arrays(weights.to_arrays())
    assert (restored.of([*texts, "ab ab"]) != weights.of([*texts, "ab ab"])).nnz == 0
