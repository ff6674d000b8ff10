"""The rows that classifiers are fitted on, the words that tell something, and classifiers of a few rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.classifiers import EmbeddingClassifier, TfidfClassifier, classes_of, full_width, training_rows
from models.examples import Definitions, EncodedTexts, TrainingSet
from models.terms import CONTRACTED, is_content_term, stop_words, terms_of, words_of
from pipeline.languages import LANGUAGES

TEXTS = ("money ran out", "nurses came by", "nice weather today", "money for nurses", "trust was there", "lunch again")


@st.composite
def training_sets(draw, most=6):
    """Up to six texts with any codes out of one to three, and the definitions of these."""
    rows, codes = draw(st.integers(0, most)), draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    labels = rng.random((rows, codes)) < draw(st.sampled_from([0.0, 0.4, 1.0]))
    vectors = rng.normal(size=(rows + codes, 4)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    texts = list(TEXTS[:rows])
    weights = rng.uniform(0.1, 1, rows).astype(np.float32)
    encoded = EncodedTexts(texts, texts, vectors[:rows])
    examples = TrainingSet(encoded, labels, [None] * rows, np.zeros(rows, bool), weights)
    return examples, Definitions([f"code {n} of many" for n in range(codes)], vectors[rows:])


@given(training_sets(), st.floats(0.5, 5))
def test_training_rows_share_the_weight_of_an_example_among_its_codes(drawn, weight):
    examples, definitions = drawn
    codes = len(definitions.texts)
    found = training_rows(examples, definitions, definition_weight=weight)
    for row, labels in enumerate(examples.labels):
        mine = found.rows == row
        assert found.classes[mine].tolist() == (np.flatnonzero(labels).tolist() or [codes])
        assert found.weights[mine].sum() == pytest.approx(examples.weights[row], rel=1e-5)
    own = (found.rows >= len(examples)) & (found.rows < len(examples) + codes)
    assert found.classes[own].tolist() == [*range(codes)]
    assert found.weights[own] == pytest.approx(weight)


@given(training_sets())
def test_training_rows_always_hold_two_classes_and_a_text_of_nothing_only_for_one_code_alone(drawn):
    examples, definitions = drawn
    found = training_rows(examples, definitions, definition_weight=2.0)
    assert len({*found.classes.tolist()}) > 1
    alone = len(definitions.texts) == 1 and bool(examples.labels.all())
    assert bool((found.rows == len(examples) + len(definitions.texts)).any()) == alone
    assert found.rows.shape == found.classes.shape == found.weights.shape


@given(training_sets())
def test_classes_of_is_the_first_code_or_the_number_of_codes(drawn):
    examples, definitions = drawn
    expected = [next((n for n, given in enumerate(row) if given), len(definitions.texts)) for row in examples.labels]
    assert classes_of(examples).tolist() == expected


@given(st.lists(st.integers(0, 6), min_size=1, max_size=7, unique=True), st.integers(0, 5), st.integers(0, 9_999))
def test_full_width_keeps_what_was_seen_in_proportion(classes, rows, seed):
    seen = np.random.default_rng(seed).dirichlet(np.ones(len(classes)), rows)
    full = full_width(seen, np.array(classes), 7)
    assert (full.shape, full.dtype) == ((rows, 7), np.float32)
    assert full.sum(axis=1) == pytest.approx(np.ones(rows), abs=1e-5)
    assert full[:, classes] == pytest.approx(seen, abs=1e-5)
    assert (np.delete(full, classes, axis=1) < 1e-5).all()


# Words that tell something


@pytest.mark.parametrize("language", LANGUAGES)
def test_stop_words_of_every_language_are_written_as_terms_are(language):
    for word in stop_words(language):
        assert all(not is_content_term(term, language) for term in words_of(word)), word
    assert stop_words("en") <= stop_words(language)


@pytest.mark.parametrize("apostrophe", ["'", "\N{RIGHT SINGLE QUOTATION MARK}"])
@pytest.mark.parametrize(
    ("language", "talk"),
    [
        ("en", "I don{0}t, we didn{0}t, they{0}ve and she{0}ll; it isn{0}t, won{0}t and couldn{0}t be"),
        ("fr", "Qu{0}il, quelqu{0}un, c{0}est"),
        ("it", "dell{0} un{0} all{0}"),
    ],
    ids=["en", "fr", "it"],
)
def test_is_content_term_takes_no_rest_of_a_contraction_for_a_word(language, talk, apostrophe):
    terms = terms_of(talk.format(apostrophe))
    assert terms
    assert [term for term in terms if is_content_term(term, language)] == []


def test_contracted_words_are_cut_as_terms_are():
    assert all(terms_of(word) == [word] for word in CONTRACTED)


def test_words_never_explains_a_code_by_the_rest_of_a_contraction():
    texts = ["We don't and didn't have money", "They won't come, the nurses"]
    encoded = EncodedTexts(texts, texts, np.eye(2, 4, dtype=np.float32))
    examples = TrainingSet(encoded, np.eye(2, dtype=bool), [None] * 2, np.zeros(2, bool), np.ones(2, np.float32))
    fitted = TfidfClassifier().fit(examples, Definitions(["money", "staff"], np.eye(2, 4, dtype=np.float32)))
    assert fitted.words(texts[0], 0, most=1) == ("money",)
    assert not {"don", "didn"} & {*fitted.words(texts[0], 0, most=99)}


# Classifiers of a few rows


@settings(max_examples=12, deadline=None)
@given(training_sets())
def test_classifiers_give_a_distribution_and_come_back_bit_by_bit(drawn):
    examples, definitions = drawn
    vectors = EncodedTexts(TEXTS[:2], TEXTS[:2], np.eye(2, 4, dtype=np.float32))
    meaning = EmbeddingClassifier().fit(examples, definitions)
    words = TfidfClassifier().fit(examples, definitions)
    asked = [*TEXTS, "", "quite unheard of"]
    for said in (meaning.predict(vectors), words.predict(asked)):
        assert said.shape[1] == len(definitions.texts) + 1
        assert (said > 0).all()
        assert said.sum(axis=1) == pytest.approx(np.ones(len(said)), abs=1e-5)
    restored = EmbeddingClassifier.from_arrays(meaning.to_arrays()), TfidfClassifier.from_arrays(words.to_arrays())
    assert (restored[0].predict(vectors) == meaning.predict(vectors)).all()
    assert (restored[1].predict(asked) == words.predict(asked)).all()
    assert restored[1].words(TEXTS[0], 0) == words.words(TEXTS[0], 0)


@settings(max_examples=10, deadline=None)
@given(training_sets(), training_sets())
def test_embedding_classifier_begins_from_another_without_changing_it(drawn, other):
    start = EmbeddingClassifier().fit(*other)
    before = {name: array.copy() for name, array in start.to_arrays().items()}
    warm, cold = (EmbeddingClassifier().fit(*drawn, start=begun) for begun in (start, None))
    probes = EncodedTexts("abcd", "abcd", np.eye(4, dtype=np.float32))
    assert warm.predict(probes) == pytest.approx(cold.predict(probes), abs=0.03)
    assert all((array == before[name]).all() for name, array in start.to_arrays().items())
